"""Accuracy against noise in the training text (the paper's Tables 4 and 5), a line for each method."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amplify_viz.colours import HEADS
from amplify_viz.errors import InputError
from amplify_viz.figures.chart import FOOT, HEAD, Axis, across, at, line_width, percent, plot, side_of
from amplify_viz.figures.needs import lack_of
from amplify_viz.figures.series import Look, looks, mark, stroke
from amplify_viz.figures.sheet import columns_for, headline, panel_width, sheet

_COLUMNS = ("panel", "method", "share", "accuracy", "low", "high", "n")
_NAME, _HEIGHT, _BETWEEN = 14.0, 112.0, 3.6  # points: a panel's name, a plot, two methods at one share
_NEEDED = (170.0, 140.0)  # points: a panel that is comfortable, and the narrowest


def accuracy_by_noise(table: pd.DataFrame, *, bars: str, split: str = "test", width: float = 3.3) -> Figure:
    """A panel for each kind of noise (or data set): each method's accuracy at each share of noise, with a bar.

    table: the columns panel (its heading), method, share (of noise, in [0, 1]), accuracy (a mean over runs, in [0, 1]),
    low and high (the bar's ends; NaN for no bar) and n (runs); bars: what a bar is, such as "sd over runs"; split: that
    of the accuracies; width: in inches.  Methods stand side by side at a share, so that no bar hides another.

    Raises InputError for a table that lacks a column or rows, or has a method twice at a share of a panel.
    The points and the ends of the bars are the table's, in per cent.
    """
    _check(table)
    seen = looks(table["method"].astype(str))
    groups = {str(name): part for name, part in table.groupby("panel", sort=False)}
    height = _NAME + HEAD + _HEIGHT + FOOT
    columns = columns_for(len(groups), width=width, needed=_NEEDED, height=height)
    room = panel_width(columns, width=width)
    figure, axes = sheet(
        len(groups),
        columns=columns,
        height=height,
        width=width,
        title=f"Accuracy by noise in training · {split} split",
        legend=[stroke(look, name) for name, look in seen.items()],
        notes=_notes(table, bars),
    )
    rising = [
        percent("accuracy, %", part[["accuracy", "low", "high"]].to_numpy().ravel(), room=_HEIGHT)
        for part in groups.values()
    ]
    for ax, (name, part), y in zip(axes, groups.items(), rising, strict=True):
        headline(ax, name)
        _draw(ax, part, y, seen, (side_of(rising), room))
    return figure


def _check(table: pd.DataFrame) -> None:
    if lack := lack_of(table, _COLUMNS):
        raise InputError(f"Accuracy by noise needs the columns {', '.join(_COLUMNS)}, this table {lack}.")
    twice = table[table.duplicated(["panel", "method", "share"])]
    if not twice.empty:
        first = twice.iloc[0]
        raise InputError(
            f"A method has one accuracy at a share of noise, {first['method']} is there twice at {first['share']:g} in "
            f"{first['panel']}: pass the mean over its runs."
        )


def _notes(table: pd.DataFrame, bars: str) -> Iterator[str]:
    runs = " to ".join(f"{n:g}" for n in sorted({table["n"].min(), table["n"].max()}))
    barred = table["low"].notna() & table["high"].notna()
    kind = f"Bars: {bars}; n" if barred.any() else "n"
    yield f"{kind} = {runs} {'run' if runs == '1' else 'runs'} a point." + (
        " Points without a bar have none to show." if barred.any() and not barred.all() else ""
    )
    if table["method"].nunique() > len(HEADS):
        yield f"Colours repeat after {len(HEADS)} methods."


def _draw(panel: Axes, part: pd.DataFrame, y: Axis, seen: Mapping[str, Look], ends: tuple[float, float]) -> None:
    side, room = ends
    shares = sorted(100 * part["share"].unique())
    gap = min(np.diff(shares), default=5.0)
    x = at("share of noise, %", shares[0] - gap / 2, shares[-1] + gap / 2, values=shares, room=across(room, side))
    inner = plot(panel, x, y, box=(_NAME, _HEIGHT, room), side=side)
    runs = {name: part[part["method"].astype(str) == name].sort_values("share") for name in seen}
    methods = [name for name, own in runs.items() if len(own)]
    point = min(_BETWEEN * (x.high - x.low) / across(room, side), 0.8 * gap / len(methods))  # in per cent of noise
    for place, name in enumerate(methods):
        shift = (place - (len(methods) - 1) / 2) * point
        _draw_method(inner, runs[name], seen[name], shift)


def _draw_method(axes: Axes, own: pd.DataFrame, look: Look, shift: float) -> None:
    places, means = 100 * own["share"] + shift, 100 * own["accuracy"]
    axes.plot(places, means, color=look.colour, linestyle=look.dashes, linewidth=line_width(0.9), gid="line")
    axes.vlines(places, 100 * own["low"], 100 * own["high"], color=look.colour, linewidth=0.9, gid="bar", zorder=4)
    axes.plot(places, means, **mark(look), gid="mean", label=own["method"].iloc[0], zorder=3)
