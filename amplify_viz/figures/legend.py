"""What stands below a figure: names of colours, scales and sentences, set line by line."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import Colormap
from matplotlib.patches import Rectangle

from amplify_viz.figures.fonts import extent
from amplify_viz.figures.style import QUIET, RULE, SMALL, write

_SPACE, _BETWEEN, _RAMP, _STEPS = 4.0, 8.0, 48.0, 32  # points: in an item, between items, a scale's length; its shades


@dataclass(frozen=True)
class Item:
    """Something in the legend: its width in points, and how to draw it at (x, y), y being its middle."""

    width: float
    draw: Callable[[Axes, float, float], object]


def label(text: str) -> Item:
    """Text in the legend."""
    return Item(extent(text, size=SMALL)[0], lambda axes, x, y: write(axes, x, y, text, colour=QUIET))


def chip(colour: str, text: str) -> Item:
    """A coloured square and what it stands for."""

    def draw(axes: Axes, x: float, y: float) -> None:
        axes.add_patch(Rectangle((x, y - 3), 6, 6, facecolor=colour, edgecolor="none"))
        write(axes, x + 8, y, text)

    return Item(8 + extent(text, size=SMALL)[0], draw)


def scale(name: str, colours: Colormap, low: str, high: str, *, ticks: Sequence[float] = ()) -> Item:
    """What the colours of a scale stand for: its name, its lower end, the colours and its upper end.

    ticks: places on the colours, 0 to 1, marked below them.
    """
    start, between, end = (extent(text, size=SMALL)[0] + _SPACE for text in (name, low, high))
    start += _SPACE / 2  # a number at the name's end must not run into the next

    def draw(axes: Axes, x: float, y: float) -> None:
        write(axes, x, y, name, colour=QUIET)
        write(axes, x + start, y, low)
        _draw_ramp(axes, x + start + between, y, colours)
        places = [x + start + between + place * _RAMP for place in ticks]
        axes.vlines(places, y + 3, y + 4.6, colors=QUIET, linewidths=0.5)
        write(axes, x + start + between + _RAMP + _SPACE, y, high)

    return Item(start + between + _RAMP + end, draw)


def flow(items: Iterable[Item], width: float) -> list[list[tuple[float, Item]]]:
    """Items and their x, broken into lines of at most width points."""
    lines: list[list[tuple[float, Item]]] = []
    x = 0.0
    for item in items:
        if not lines or x + item.width > width:
            lines.append([])
            x = 0.0
        lines[-1].append((x, item))
        x += item.width + _BETWEEN
    return lines


def _draw_ramp(axes: Axes, x: float, y: float, colours: Colormap) -> None:
    shades = colours([i / (_STEPS - 1) for i in range(_STEPS)])
    steps = [Rectangle((x + i * _RAMP / _STEPS, y - 3), _RAMP / _STEPS, 6) for i in range(_STEPS)]
    axes.add_collection(PatchCollection(steps, facecolors=shades, edgecolors=shades, linewidths=0.2))
    axes.add_patch(Rectangle((x, y - 3), _RAMP, 6, facecolor="none", edgecolor=RULE, linewidth=0.4))
