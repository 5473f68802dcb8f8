"""Attention from a word to the input through all layers: a bar for each word of the text, and its number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from amplify_viz.colours import FOCUS, POSITIVE
from amplify_viz.errors import InputError
from amplify_viz.figures.fonts import clean, extent, fit, widest
from amplify_viz.figures.needs import lack_of
from amplify_viz.figures.sheet import columns_for, headline, panel_width, sheet
from amplify_viz.figures.style import INK, QUIET, SMALL, write

_NEEDED = ("checkpoint", "to_text", "is_focus")
_QUANTITIES = ("rollout", "flow")
_TOP = 26.0  # points above the rows: a name, and what the bars are
_MOST = 54  # rows in a panel: more would be higher than a page
_LONGEST, _GAP = 84.0, 5.0  # points: a word, and beside it
_NARROW, _ROOMY, _WIDE = 40.0, 70.0, 150.0  # points: a bar with its number, at least, comfortable, at most
_BAR = 6.0  # points: its height


@dataclass(frozen=True)
class _Panel:
    """Some rows of one checkpoint: its words, which of them is the focus, and the values [quantity][row]."""

    name: str
    labels: Sequence[str]
    focus: Sequence[bool]
    values: Mapping[str, Sequence[float]]


def rollout(table: pd.DataFrame, *, title: str, note: str = "", width: float = 6.9) -> Figure:
    """A panel for each checkpoint, with a row for each word: a bar as long as the number at its end.

    table: checkpoint, to_text, is_focus (whether attention starts from this word), rollout, flow or both, in reading order;
    the focus is in bold and in colour.  The bars of one quantity have one scale in the whole figure.  More rows than a page
    has go on in a further panel.  note: a sentence below; width: in inches.

    Raises InputError for a table that lacks a column or rows, for more than four checkpoints, and for what is no number ≥ 0.
    Each bar's length is its value's share of the largest one of its quantity.
    """
    quantities = _check(table)
    panels = [
        panel for name, rows in table.groupby("checkpoint", sort=False) for panel in _split(str(name), rows, quantities)
    ]
    pitch = max(
        [1.28 * SMALL, *(extent(text, size=SMALL, bold=True)[1] + 0.8 for one in panels for text in one.labels)]
    )
    height = _TOP + pitch * max(len(one.labels) for one in panels)
    side = min(widest((text for one in panels for text in one.labels), size=SMALL, bold=True), _LONGEST) + _GAP
    needed = (side + len(quantities) * _ROOMY, side + len(quantities) * _NARROW)
    columns = columns_for(len(panels), width=width, needed=needed, height=height)
    figure, axes = sheet(
        len(panels),
        columns=columns,
        height=height,
        width=width,
        title=title,
        legend=[],
        notes=[note] if note else [],
    )
    room = panel_width(columns, width=width)
    each = min((room - side) / len(quantities), _WIDE)
    full = {name: float(table[name].max()) or 1.0 for name in quantities}
    for ax, panel in zip(axes, panels, strict=True):
        headline(ax, panel.name)
        _draw(ax, panel, full, pitch=pitch, side=side, each=each)
    return figure


def _check(table: pd.DataFrame) -> list[str]:
    """The quantities that the table has."""
    found = [name for name in _QUANTITIES if name in table]
    if lack := lack_of(table, [*_NEEDED, *([] if found else [" or ".join(_QUANTITIES)])]):
        raise InputError(f"Rollout is drawn of {', '.join(_NEEDED)} and a number, this table {lack}: add them.")
    if table["checkpoint"].nunique() > 4:
        raise InputError(
            f"A figure shows 1 to 4 checkpoints side by side, got {table['checkpoint'].nunique()}: choose up to four."
        )
    values = table[found].to_numpy(dtype=np.float64)
    bad = values[~(np.isfinite(values) & (values >= 0))]
    if bad.size:
        raise InputError(f"Rollout and flow are numbers from 0 up, got {bad[0]:g}: pass what the statistics return.")
    return found


def _split(name: str, rows: pd.DataFrame, quantities: Sequence[str]) -> Iterator[_Panel]:
    """The panels of a checkpoint, evenly filled."""
    count = ceil(len(rows) / _MOST)
    each = ceil(len(rows) / count)
    for number in range(count):
        part = rows.iloc[number * each : (number + 1) * each]
        yield _Panel(
            name=name if count == 1 else f"{name} ({number + 1} of {count})",
            labels=[clean(str(text)) or " " for text in part["to_text"]],
            focus=part["is_focus"].tolist(),
            values={quantity: part[quantity].tolist() for quantity in quantities},
        )


def _draw(axes: Axes, panel: _Panel, full: Mapping[str, float], *, pitch: float, side: float, each: float) -> None:
    middles = [_TOP + (row + 0.5) * pitch for row in range(len(panel.labels))]
    for y, text, is_focus in zip(middles, panel.labels, panel.focus, strict=True):
        look: dict[str, Any] = {"colour": FOCUS, "bold": True} if is_focus else {"colour": INK}
        shown = fit(text, side - _GAP, size=SMALL, bold=is_focus)
        write(axes, side - _GAP, y, shown, align="right", gid="focus" if is_focus else "to", **look)
    for number, (quantity, values) in enumerate(panel.values.items()):
        left = side + number * each
        write(axes, left, _TOP - 6, quantity, colour=QUIET, gid="quantity")
        _draw_bars(axes, quantity, [value / full[quantity] for value in values], middles, left=left, room=_room(each))
        for y, value in zip(middles, values, strict=True):
            end = left + value / full[quantity] * _room(each)
            write(axes, end + 2, y, f"{value:.3f}", gid=f"number of {quantity}")


def _room(each: float) -> float:
    """Points that the longest bar has: the number at its end needs the rest."""
    return each - widest(("0.000",), size=SMALL) - 10


def _draw_bars(
    axes: Axes, quantity: str, shares: Sequence[float], middles: Sequence[float], *, left: float, room: float
) -> None:
    bars = [Rectangle((left, y - _BAR / 2), share * room, _BAR) for share, y in zip(shares, middles, strict=True)]
    axes.add_collection(PatchCollection(bars, facecolors=POSITIVE, linewidths=0, gid=f"bars of {quantity}"))
