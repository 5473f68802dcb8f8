"""Which tests hold their level and which do not, and how much of a difference between methods they find, by simulation."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from amplify_viz.errors import InputError
from amplify_viz.figures.chart import FOOT, HEAD, Axis, across, along, line_width, plot, side_of, upward
from amplify_viz.figures.fonts import clean, extent, fit_name
from amplify_viz.figures.legend import Item
from amplify_viz.figures.needs import lack_of
from amplify_viz.figures.series import Look, looks, mark, stroke
from amplify_viz.figures.sheet import columns_for, headline, panel_width, sheet
from amplify_viz.figures.style import INK, QUIET, SMALL, write

_COLUMNS = ("unit", "effect_size", "rate", "low", "high", "expected", "n_trials")
_NAME, _EACH = 14.0, 13.0  # points: a panel's name, a row of the first panel
_NEEDED = (170.0, 140.0)  # points: a panel that is comfortable, and the narrowest
_LEVEL: Mapping[str, Any] = {"color": QUIET, "linewidth": 0.7, "linestyle": (0, (3, 2))}


def calibration(rates: pd.DataFrame, power: pd.DataFrame, *, width: float = 3.3) -> Figure:
    """Two panels: the share of trials in which each test rejects although methods do not differ, and where they do.

    rates, power: as `statistics.rejection_rates` and `statistics.power_rates` give them, with the columns unit (of the test,
    written beside its point), effect_size, rate, low and high (the interval drawn through the point), expected (in rates the
    level, a dashed line; in power the formula's value, a line) and n_trials; width: in inches.

    Raises InputError for a table that lacks a column or rows.
    Points and intervals are the tables', in per cent.
    """
    for table in (rates, power):
        _check(table)
    height = _NAME + HEAD + _EACH * len(rates) + FOOT
    columns = columns_for(2, width=width, needed=_NEEDED, height=height)
    seen = looks(power["unit"])
    figure, (first, second) = sheet(
        2,
        columns=columns,
        height=height,
        width=width,
        title="Tests on simulated runs",
        legend=[_level(rates), *(stroke(look, name) for name, look in seen.items())],
        notes=_notes(rates, power),
    )
    room = panel_width(columns, width=width)
    headline(first, "No difference between methods")
    _draw_rates(first, rates, room)
    headline(second, "A difference between methods")
    _draw_power(second, power, seen, (_EACH * len(rates), room))
    return figure


def _check(table: pd.DataFrame) -> None:
    if lack := lack_of(table, _COLUMNS):
        raise InputError(f"A figure of calibration needs the columns {', '.join(_COLUMNS)}, this table {lack}.")


def _level(rates: pd.DataFrame) -> Item:
    text = f"{100 * rates['expected'].iloc[0]:g} %, the level"

    def draw(axes: Axes, x: float, y: float) -> None:
        axes.add_line(Line2D([x, x + 16], [y, y], **_LEVEL))
        write(axes, x + 19, y, text, gid="key")

    return Item(19 + extent(text, size=SMALL)[0], draw)


def _notes(rates: pd.DataFrame, power: pd.DataFrame) -> Iterator[str]:
    trials = " to ".join(f"{n:,}" for n in sorted({*rates["n_trials"], *power["n_trials"]}))
    yield f"Points: {trials} trials each, with 95 % Monte-Carlo intervals. Lines: the power of a t-test on the means of runs."
    yield "3 + 3: three runs on each side. d: in standard deviations of the mean of a run."
    blind = [str(unit) for unit, part in power.groupby("unit", sort=False) if not part["rate"].any()]
    if blind:
        yield f"Too few runs to reject, however much the methods differ: {'; '.join(blind)}."


def _draw_rates(panel: Axes, rates: pd.DataFrame, room: float) -> None:
    n = len(rates)
    places = [n - 0.5 - row for row in range(n)]
    names = [fit_name(clean(str(unit)), room / 2, size=SMALL) for unit in rates["unit"]]
    units = Axis("unit of the test, or interval", 0.0, n, dict(zip(places, names, strict=True)))
    side = side_of((units,))
    rejected = along("rejected, % of trials", 0.0, 100.0, room=across(room, side))
    inner = plot(panel, rejected, units, box=(_NAME, _EACH * n, room), side=side)
    inner.axvline(100 * rates["expected"].iloc[0], gid="level", zorder=1, **_LEVEL)
    inner.hlines(places, 100 * rates["low"], 100 * rates["high"], color=INK, linewidth=0.9, gid="bar", clip_on=False)
    inner.plot(
        100 * rates["rate"], places, color=INK, marker="o", linestyle="none", markersize=3.4, markerfacecolor="white",
        markeredgewidth=0.9, clip_on=False, gid="rate", zorder=3,
    )  # fmt: skip


def _draw_power(panel: Axes, power: pd.DataFrame, seen: Mapping[str, Look], ends: tuple[float, float]) -> None:
    height, room = ends
    found = upward("found, % of trials", 0.0, 100.0, room=height)
    side = side_of((found,))
    most = float(power["effect_size"].max())
    size = along("difference of the methods, d", 0.0, 1.04 * most, room=across(room, side))
    inner = plot(panel, size, found, box=(_NAME, height, room), side=side)
    for name, look in seen.items():
        own = power[power["unit"] == name].sort_values("effect_size")
        inner.plot(
            own["effect_size"],
            100 * own["expected"],
            color=look.colour,
            linestyle=look.dashes,
            linewidth=line_width(0.9),
            gid="formula",
        )
        inner.vlines(
            own["effect_size"], 100 * own["low"], 100 * own["high"], color=look.colour, linewidth=0.9, gid="bar"
        )
        inner.plot(own["effect_size"], 100 * own["rate"], **mark(look), clip_on=False, gid="found", zorder=3)
