"""A panel with two numbered axes: what curves, densities and points are drawn on, in their own units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import floor, log10

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from amplify_viz.figures.chosen import chosen
from amplify_viz.figures.fonts import extent, widest
from amplify_viz.figures.style import INK, QUIET, RULE, SMALL, write

HEAD, FOOT = 12.0, 22.0  # points: above a plot for the name of what runs up, below it for numbers and their name
_APART = 18.0  # points from one number of an axis to the next, at least
_AIR = 7.0  # points between two numbers that stand side by side
_END = 8.0  # points at the right of a plot for half of its last number
_TICK, _GAP = 2.5, 2.0  # points: a tick, and between it and its number


@dataclass(frozen=True)
class Axis:
    """One axis: what runs along it, from where to where, and the numbers written at it."""

    name: str
    low: float
    high: float
    ticks: Mapping[float, str]


def line_width(own: float) -> float:
    """Points of a curve's line: the chosen style's, else its own."""
    return chosen().points(chosen().line_width, own)


def along(name: str, low: float, high: float, *, room: float, whole: bool = False) -> Axis:
    """An axis that runs right over so many points, with as many round numbers (integers if whole) as stand apart."""
    counts = range(max(int(room // _APART), 1), 0, -1)
    axes = [_axis(name, low, high, count, whole=whole) for count in counts]
    return next((each for each in axes if len(_apart(each, room)) == len(each.ticks)), axes[-1])


def at(name: str, low: float, high: float, *, values: Iterable[float], room: float) -> Axis:
    """An axis that runs right over so many points, with numbers at these values, as many as stand apart."""
    whole = Axis(name, low, high, {value: f"{value:.3g}" for value in sorted(values)})
    return replace(whole, ticks={value: whole.ticks[value] for value in _apart(whole, room)})


def upward(name: str, low: float, high: float, *, room: float, whole: bool = False) -> Axis:
    """An axis that runs up over so many points, with as many round numbers (integers if whole) as stand apart."""
    return _axis(name, low, high, max(int(room // _APART), 1), whole=whole)


def percent(name: str, values: Iterable[float], *, room: float) -> Axis:
    """An upward axis in per cent around shares in [0, 1], with air above and below them, never beyond 0 and 100."""
    finite = [100 * value for value in values if np.isfinite(value)] or [0.0, 100.0]
    low, high = min(finite), max(finite)
    air = max(0.08 * (high - low), 0.5)
    return upward(name, max(low - air, 0.0), min(high + air, 100.0), room=room)


def across(room: float, side: float) -> float:
    """Points that a plot itself is wide in so much room across."""
    return room - side - _END


def side_of(axes: Iterable[Axis]) -> float:
    """Points that the numbers of some upward axes take beside a plot."""
    return max(widest(each.ticks.values(), size=SMALL) for each in axes) + _TICK + _GAP


def plot(panel: Axes, x: Axis, y: Axis, *, box: tuple[float, float, float], side: float) -> Axes:
    """Axes for data in a panel, with the numbers and names written beside it; a faint line at each number of y.

    box: top, height of the plot itself (HEAD comes above it, FOOT below it) and the room across, in points of the panel;
    side: the room for the numbers of y.  Nothing is drawn beyond the axes.
    """
    top, height, right = box[0], box[1], box[2] - _END
    upper, lower = top + HEAD, top + HEAD + height
    axes = _inside(panel, (side, upper, right, lower))
    axes.set(xlim=(x.low, x.high), ylim=(y.low, y.high), gid=f"{panel.get_gid()} plot", facecolor="none")
    axes.set_xticks(list(x.ticks), labels=[])
    axes.set_yticks(list(y.ticks), labels=[])
    style = chosen()
    frame, thick = style.frame or QUIET, style.points(style.frame_width, 0.5)
    axes.tick_params(length=_TICK, width=thick, color=frame)
    axes.grid(visible=True, axis="y", color=style.grid or RULE, linewidth=style.points(style.grid_width, 0.4))
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set(color=frame, linewidth=thick)
    write(panel, 0, top + 4, y.name, colour=QUIET, gid="y")
    write(panel, (side + right) / 2, lower + FOOT - 6, x.name, colour=QUIET, align="center", gid="x")
    _number(panel, x, y, (side, upper, right, lower))
    return axes


def _number(panel: Axes, x: Axis, y: Axis, box: tuple[float, float, float, float]) -> None:
    """Writes the numbers; the first and the last of x stay in the panel."""
    left, upper, right, lower = box
    for at, text in x.ticks.items():
        half = extent(text, size=SMALL)[0] / 2
        middle = left + (at - x.low) / (x.high - x.low) * (right - left)
        place = min(max(middle, half), panel.get_xlim()[1] - half)
        write(panel, place, lower + _TICK + 5, text, colour=INK, align="center", gid="number of x")
    for at, text in y.ticks.items():
        height = lower - (at - y.low) / (y.high - y.low) * (lower - upper)
        write(panel, left - _TICK - _GAP, height, text, colour=INK, align="right", gid="number of y")


def _inside(panel: Axes, box: tuple[float, float, float, float]) -> Axes:
    """Axes over a box (left, upper, right, lower) in points of a panel."""
    figure = panel.get_figure()
    if not isinstance(figure, Figure):
        raise TypeError("A panel stands in a figure of its own.")
    place, wide, high = panel.get_position(), panel.get_xlim()[1], panel.get_ylim()[0]
    left, upper, right, lower = box
    return figure.add_axes(
        (
            place.x0 + left / wide * place.width,
            place.y0 + (1 - lower / high) * place.height,
            (right - left) / wide * place.width,
            (lower - upper) / high * place.height,
        )
    )


def _axis(name: str, low: float, high: float, count: int, *, whole: bool) -> Axis:
    locator = MaxNLocator(nbins=count, steps=[1, 2, 2.5, 5, 10], integer=whole)
    ticks = [float(tick) for tick in locator.tick_values(low, high) if low <= tick <= high]
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    return Axis(name, low, high, {tick: _text(tick, step) for tick in ticks})


def _apart(axis: Axis, room: float) -> list[float]:
    """The ticks whose numbers stand apart along an axis, from its low end on."""
    kept: list[float] = []
    end = -_AIR
    for tick, text in axis.ticks.items():
        half = extent(text, size=SMALL)[0] / 2
        middle = (tick - axis.low) / (axis.high - axis.low) * room
        if middle - half >= end + _AIR or not kept:
            kept.append(tick)
            end = middle + half
    return kept


def _text(tick: float, step: float) -> str:
    """As many decimals as a step needs, with commas and a real minus sign: 12,000, 0.25, −1."""
    decimals = max(0, -floor(log10(step) + 1e-9))
    while decimals < 9 and abs(round(step, decimals) - step) > 1e-6 * step:
        decimals += 1
    return f"{tick:,.{decimals}f}".replace("-", "−")
