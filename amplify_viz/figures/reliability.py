"""Reliability diagrams: how often a classifier is right, by how sure it is, and how many rows say so."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from amplify_viz.errors import InputError
from amplify_viz.figures.chart import FOOT, HEAD, across, along, line_width, plot, side_of, upward
from amplify_viz.figures.fonts import clean, extent, fit_name
from amplify_viz.figures.legend import Item
from amplify_viz.figures.series import Look, looks, mark
from amplify_viz.figures.sheet import columns_for, panel_width, sheet
from amplify_viz.figures.style import LARGE, QUIET, SMALL, write

_COLUMNS = ("low", "high", "rows", "confidence", "accuracy")
_NAME, _BARS, _BETWEEN = 14.0, 30.0, 12.0  # points: a panel's name, the plot of rows, and above it
_LOW, _HIGH, _LONG = 84.0, 150.0, 1.5  # points: the plot of accuracy, about a square; its width at most, in heights
_NEEDED = (150.0, 100.0)  # points: a panel that is comfortable, and the narrowest
_FEW = 20  # rows: below it a bin's marker is faint
_FAINT = 0.35
_DIAGONAL: Mapping[str, Any] = {"color": QUIET, "linewidth": 0.7, "linestyle": (0, (3, 2))}


def reliability(
    tables: Mapping[str, pd.DataFrame], *, ece: Mapping[str, float], split: str = "test", width: float = 3.3
) -> Figure:
    """A panel for each table: accuracy against confidence, bin by bin, with the diagonal; below, the rows of each bin.

    tables: by method, with the columns low, high (the bin's edges), rows, confidence and accuracy (its means, shares in
    [0, 1]; NaN in an empty bin); ece: for each the expected calibration error, a share, written beside its name; split:
    named in the title; width: in inches.  Markers of bins with under 20 rows are faint.  The bars of all panels have one
    scale.

    Raises InputError for no tables, a table that lacks a column or has no rows in its bins, and a table without its error.
    A marker stands at (confidence, accuracy) of its bin; an empty bin has none.
    """
    for name, table in tables.items():
        _check(name, table, ece)
    if not tables:
        raise InputError("A reliability diagram needs a table at least, got none.")
    columns = columns_for(len(tables), width=width, needed=_NEEDED, height=_panel(_NEEDED[0]))
    room = panel_width(columns, width=width)
    figure, axes = sheet(
        len(tables),
        columns=columns,
        height=_panel(room),
        width=width,
        title=f"Reliability · {split} split",
        legend=[_diagonal()],
        notes=["ECE: expected calibration error, in percentage points.", *_faint(tables)],
    )
    most = max(float(table["rows"].max()) for table in tables.values())
    seen = looks(tables)
    for ax, (name, table) in zip(axes, tables.items(), strict=True):
        _name(ax, name, ece[name], _wide(room))
        _draw(ax, table, seen[name], room, most)
    return figure


def _check(name: str, table: pd.DataFrame, ece: Mapping[str, float]) -> None:
    missing = [column for column in _COLUMNS if column not in table]
    if missing:
        raise InputError(f"A reliability table has {', '.join(_COLUMNS)}, that of {name} lacks {', '.join(missing)}.")
    if not table["rows"].sum() > 0:
        raise InputError(f"A reliability diagram shows rows, the bins of {name} have none: leave it out.")
    if name not in ece:
        raise InputError(f"Each table needs its calibration error, {name} has none: pass it in ece.")


def _faint(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    some = any(table["rows"].between(1, _FEW - 1).any() for table in tables.values())
    return [f"Faint markers: bins of under {_FEW} rows."] if some else []


def _diagonal() -> Item:
    text = "accuracy = confidence"

    def draw(axes: Axes, x: float, y: float) -> None:
        axes.add_line(Line2D([x, x + 16], [y, y], **_DIAGONAL))
        write(axes, x + 19, y, text, gid="key")

    return Item(19 + extent(text, size=SMALL)[0], draw)


def _height(room: float) -> float:
    return min(max(room - 28, _LOW), _HIGH)


def _wide(room: float) -> float:
    return min(room, _LONG * _height(room))


def _panel(room: float) -> float:
    return _NAME + HEAD + _height(room) + _BETWEEN + HEAD + _BARS + FOOT


def _name(axes: Axes, name: str, ece: float, room: float) -> None:
    error = f"ECE {100 * ece:.1f}"
    left = room - extent(error, size=SMALL)[0]
    shown = fit_name(clean(name), left - 6, size=LARGE, bold=True)
    write(axes, 0, 4, shown, size=LARGE, bold=True, gid="name")
    write(axes, room, 4, error, align="right", gid="ece")


def _draw(panel: Axes, table: pd.DataFrame, look: Look, room: float, most: float) -> None:
    height, wide = _height(room), _wide(room)
    accuracy = upward("accuracy, %", 0.0, 100.0, room=height)
    rows = upward("rows", 0.0, 1.05 * most, room=_BARS, whole=True)
    side = side_of((accuracy, rows))
    confidence = along("confidence, %", 0.0, 100.0, room=across(wide, side))
    unmarked = replace(confidence, name="", ticks={})
    _draw_bins(plot(panel, unmarked, accuracy, box=(_NAME, height, wide), side=side), table, look)
    below = _NAME + HEAD + height + _BETWEEN
    _draw_rows(plot(panel, confidence, rows, box=(below, _BARS, wide), side=side), table, look)


def _draw_bins(axes: Axes, table: pd.DataFrame, look: Look) -> None:
    axes.plot([0, 100], [0, 100], gid="diagonal", **_DIAGONAL)
    filled = table[table["rows"] > 0]
    axes.plot(
        100 * filled["confidence"], 100 * filled["accuracy"], color=look.colour, linewidth=line_width(0.7), gid="line"
    )
    for few, part in filled.groupby(filled["rows"] < _FEW):
        style = {**mark(look), "alpha": _FAINT if few else 1.0}
        axes.plot(100 * part["confidence"], 100 * part["accuracy"], **style, clip_on=False, gid="bin", zorder=3)


def _draw_rows(axes: Axes, table: pd.DataFrame, look: Look) -> None:
    wide = 100 * (table["high"] - table["low"])
    axes.bar(100 * table["low"], table["rows"], width=0.9 * wide, align="edge", color=look.colour, gid="rows")
