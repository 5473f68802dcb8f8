"""Methods less a baseline, paired by seed: a row for each difference, with its interval and the seeds behind it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from amplify_viz.errors import InputError
from amplify_viz.figures.chart import FOOT, HEAD, Axis, across, along, line_width, plot, side_of
from amplify_viz.figures.fonts import clean, extent, fit_name, wrap
from amplify_viz.figures.legend import Item
from amplify_viz.figures.needs import lack_of
from amplify_viz.figures.sheet import columns_for, panel_width, sheet
from amplify_viz.figures.style import INK, LARGE, QUIET, SMALL, write

_COLUMNS = ("panel", "name", "mean_difference", "low", "high", "differences")
_NAME, _LINE, _BETWEEN, _APART = (
    17.0,
    8.4,
    4.8,
    7.0,
)  # points: a panel's name, a line of a row's name, between rows, panels
_NEEDED = (210.0, 160.0)  # points: a panel that is comfortable, and the narrowest
_SHARE = 0.46  # of a panel that its rows' names may take
_GAP = 4.5  # points: between a row's name and its plot
_AIR = 0.05  # of what an axis spans, at each of its ends
_DOT: Mapping[str, Any] = {"color": INK, "marker": "o", "linestyle": "none", "markersize": 4.2, "markeredgewidth": 0.9}
_TICK: Mapping[str, Any] = {
    "color": QUIET,
    "marker": "|",
    "linestyle": "none",
    "markersize": 5.5,
    "markeredgewidth": 0.8,
}
_ZERO: Mapping[str, Any] = {"color": QUIET, "linewidth": 0.7, "linestyle": (0, (3, 2))}


@dataclass(frozen=True, eq=False)
class _Row:
    """A difference as it is drawn: its name in lines, and its middle in points from the top of the plot."""

    lines: tuple[str, ...]
    middle: float
    found: Mapping[Any, Any]


@dataclass(frozen=True, eq=False)
class _Panel:
    """The differences of a data set: its name, its rows, and the points that they take; whole: with name and axis."""

    name: str
    rows: tuple[_Row, ...]
    height: float

    @property
    def whole(self) -> float:
        return _NAME + self.height + FOOT + _APART


def differences(
    table: pd.DataFrame,
    *,
    quantity: str,
    unit: str = "",
    baseline: str = "none",
    interval: str = "95 % t interval",
    higher_is_better: bool = True,
    width: float = 3.3,
) -> Figure:
    """A panel for each data set: each method's mean difference to the baseline, its interval, and the single seeds.

    table: the columns panel (its heading), name (of the row), mean_difference, low and high (the interval; NaN for none) and
    differences (one a seed), in reading order; quantity: what is compared, such as "test accuracy", in its unit; interval: what
    low and high are; width: in inches.  A row's name is broken into lines and not cut.  Each panel has its own axis.

    Raises InputError for a table that lacks a column or rows, and for a difference that is not finite.
    Dots, ticks and the ends of lines are the table's; a dot is full where its interval excludes 0.
    """
    _check(table)
    groups = list(table.groupby("panel", sort=False))
    columns = columns_for(len(groups), width=width, needed=_NEEDED, height=_NAME + FOOT)
    room = panel_width(columns, width=width)
    panels = [_panel(str(name), part, _SHARE * room) for name, part in groups]
    stacks = _stacks(panels, columns)
    figure, axes = sheet(
        len(stacks),
        columns=columns,
        height=max(map(_height, stacks)),
        width=width,
        title=f"{quantity[:1].upper()}{quantity[1:]} minus that of {baseline}, by seed",
        legend=[_dots(interval), _ticks()],
        notes=_notes(table, higher_is_better=higher_is_better, several=len(panels) > 1),
    )
    names = [line for panel in panels for row in panel.rows for line in row.lines]
    side = side_of([Axis("", 0, 1, dict(enumerate(names)))])
    what = f"minus {baseline}{f', {unit}' if unit else ''}"
    for ax, stack in zip(axes, stacks, strict=True):
        top = 0.0
        for panel in stack:
            _draw(ax, panel, what, (top, side, room))
            top += panel.whole
    return figure


def _check(table: pd.DataFrame) -> None:
    if lack := lack_of(table, _COLUMNS):
        raise InputError(f"A figure of differences needs the columns {', '.join(_COLUMNS)}, this table {lack}.")
    wrong = [name for name, mean in zip(table["name"], table["mean_difference"], strict=True) if not np.isfinite(mean)]
    if wrong:
        raise InputError(f"A difference is a finite number, that of {wrong[0]} is not: leave it out.")


def _panel(name: str, part: pd.DataFrame, room: float) -> _Panel:
    """A panel whose rows are each as high as the lines of their names, which have so many points."""
    rows, top = [], 0.0
    for found in part.to_dict("records"):
        lines = tuple(wrap(clean(str(found["name"])), room, size=SMALL)) or (" ",)
        height = _LINE * len(lines) + _BETWEEN
        rows.append(_Row(lines, top + height / 2, found))
        top += height
    return _Panel(name, tuple(rows), top)


def _height(stack: Sequence[_Panel]) -> float:
    """Points that panels take, one below the other."""
    return sum(panel.whole for panel in stack)


def _stacks(panels: Sequence[_Panel], columns: int) -> list[list[_Panel]]:
    """The panels in so many columns, at most, in their order: the highest column is as low as can be."""
    ends = combinations(range(len(panels) + 1), 2)
    limits = sorted(_height(panels[first:end]) for first, end in ends)
    return next(found for limit in limits if len(found := _stacked(panels, limit)) <= columns)


def _stacked(panels: Sequence[_Panel], limit: float) -> list[list[_Panel]]:
    """The panels in columns that are no higher than the limit, where no single one is."""
    stacks: list[list[_Panel]] = [[]]
    for panel in panels:
        if stacks[-1] and _height([*stacks[-1], panel]) > limit + 1e-6:
            stacks.append([])
        stacks[-1].append(panel)
    return stacks


def _draw(axes: Axes, panel: _Panel, what: str, place: tuple[float, float, float]) -> None:
    """place: the points above it, those of its rows' names, and those across."""
    top, side, room = place
    write(axes, 0, top + 4, fit_name(clean(panel.name), room, size=LARGE, bold=True), size=LARGE, bold=True, gid="name")
    x, y = _axis(what, panel.rows, across(room, side)), Axis("", 0.0, panel.height, {})
    inner = plot(axes, x, y, box=(top + _NAME - HEAD, panel.height, room), side=side)
    inner.axvline(0, gid="zero", zorder=1, **_ZERO)
    for row in panel.rows:
        first = top + _NAME + row.middle - (len(row.lines) - 1) / 2 * _LINE
        for number, line in enumerate(row.lines):
            write(axes, side - _GAP, first + number * _LINE, line, align="right", gid="row")
        _draw_row(inner, row.found, panel.height - row.middle)


def _axis(what: str, rows: Sequence[_Row], room: float) -> Axis:
    """From the least to the greatest that is drawn, 0 among them, with air."""
    values = [0.0]
    for row in rows:
        values += [row.found["mean_difference"], row.found["low"], row.found["high"], *row.found["differences"]]
    low, high = np.nanmin(values), np.nanmax(values)
    air = _AIR * (high - low) or 1.0
    return along(what, float(low - air), float(high + air), room=room)


def _draw_row(axes: Axes, found: Mapping[Any, Any], y: float) -> None:
    axes.plot(found["differences"], [y] * len(found["differences"]), gid="seed", zorder=2, **_TICK)
    if np.isfinite(found["low"]):
        axes.plot([found["low"], found["high"]], [y, y], color=INK, linewidth=line_width(0.9), gid="interval", zorder=3)
    axes.plot([found["mean_difference"]], [y], gid="mean", zorder=4, markerfacecolor=_fill(found), **_DOT)


def _fill(found: Mapping[Any, Any]) -> str:
    return INK if _excludes_zero(found) else "white"


def _excludes_zero(found: Mapping[Any, Any]) -> bool:
    return bool(found["low"] > 0 or found["high"] < 0)


def _notes(table: pd.DataFrame, *, higher_is_better: bool, several: bool) -> Iterator[str]:
    n = sorted({len(each) for each in table["differences"]})
    seeds = f"{n[0]} to {n[-1]} seeds" if n[0] < n[-1] else f"{n[0]} seed{'' if n == [1] else 's'}"
    better = "Right" if higher_is_better else "Left"
    own = " Each panel has its own axis." if several else ""
    yield f"{better} of 0 is better. Each row: {seeds}.{own}"
    if any(map(_excludes_zero, table.to_dict("records"))):
        yield "Full: the interval excludes 0; of many, some do by chance."


def _dots(interval: str) -> Item:
    text = f"mean, {interval}"

    def draw(axes: Axes, x: float, y: float) -> None:
        axes.add_line(Line2D([x, x + 16], [y, y], color=INK, linewidth=line_width(0.9)))
        axes.add_line(Line2D([x + 8], [y], markerfacecolor="white", **_DOT))
        write(axes, x + 19, y, text, gid="key")

    return Item(19 + extent(text, size=SMALL)[0], draw)


def _ticks() -> Item:
    def draw(axes: Axes, x: float, y: float) -> None:
        axes.add_line(Line2D([x + 3], [y], **_TICK))
        write(axes, x + 8, y, "a seed", gid="key")

    return Item(8 + extent("a seed", size=SMALL)[0], draw)
