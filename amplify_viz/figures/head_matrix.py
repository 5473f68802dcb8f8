"""The head view as a matrix: a row for each token that looks, a column for each token looked at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from amplify_viz.figures.fonts import extent, fit, widest
from amplify_viz.figures.legend import Item, scale
from amplify_viz.figures.rows import Numbers, Rows, as_drawn, strongest
from amplify_viz.figures.sheet import columns_for, headline, panel_width, sheet
from amplify_viz.figures.style import ATTENTION, INK, QUIET, RULE, SIGNED, SMALL, number, write
from amplify_viz.figures.subjects import check_records, said
from amplify_viz.filters import Between, Combine, drawn
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference, Level, Special, shown, subjects_of
from amplify_viz.selection import check_heads

_NAME, _GAP, _LONGEST = 15.0, 3.0, 58.0  # points: a panel's name, beside a label, a label
_NARROWEST, _WIDEST = 3.0, 16.0  # points: a column at least and at most
_TURNED = 8.6  # points: a column whose label, turned, touches no other


@dataclass(frozen=True, eq=False)
class _Panel:
    """One record or difference: its rows, and the weights between them [from, to]."""

    name: str
    rows: Rows
    weights: Numbers
    signed: bool

    @property
    def most(self) -> float:
        """The largest weight, by its distance from 0."""
        return float(np.abs(self.weights).max(initial=0.0))


@dataclass(frozen=True)
class _Place:
    """Points: the labels' column, the labels above, a column and a row; whether columns have labels, or numbers."""

    side: float
    above: float
    column: float
    row: float
    labelled: bool

    @property
    def start(self) -> float:
        """Where the rows begin, from the top."""
        return _NAME + self.above + _GAP


def head_matrix(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    heads: Sequence[int] | None = None,
    level: Level = "tokens",
    special: Special = "shown",
    between: Between = "all",
    least: float = 0.0,
    top: int | None = None,
    combine: Combine = "mean",
    difference: tuple[int, int] | None = None,
    width: float = 6.9,
) -> Figure:
    """A matrix for each record: its rows look, its columns are looked at, in one layer; several heads are combined.

    heads: zero-based, None for all; combine: "mean" over these heads ("each" is taken for it), or "max"; the other choices
    as in `head_view`.  A cell is the darker the greater its weight, on one scale for all records; a difference goes from
    orange over white (0) to blue.  Where columns are too narrow for their labels they have numbers, and so have the rows.
    Above 60 rows the 60 with the largest weights are shown, and the figure says so.  The cells are pixels, one a weight,
    also in a vector file.

    Raises InputError as `head_view` does.  A cell's colour is the weight on the scale.
    """
    check_records(records, layer=layer)
    how: Combine = "mean" if combine == "each" else combine
    filters: Any = {"between": between, "least": least, "top": top, "combine": how}
    whole, n_heads = [], 0
    for subject in subjects_of(records, difference):
        found = shown(subject, layer=layer, level=level, special=special)
        chosen = check_heads(subject, heads)
        n_heads = max(n_heads, len(chosen))
        signed = isinstance(subject, Difference)
        weights = drawn(found, chosen, signed=signed, **filters).weights[0].double().numpy()
        whole.append(_Panel(subject.checkpoint, as_drawn(found.rows), weights, signed))
    panels = _reduced(whole)
    columns = _columns(panels, width)
    room = panel_width(columns, width=width)
    places = [_place(panel.rows, room) for panel in panels]
    scales = {
        signed: max((one.most for one in panels if one.signed == signed), default=0.0) for signed in (False, True)
    }
    figure, axes = sheet(
        len(panels),
        columns=columns,
        height=max(place.start + len(panel.rows) * place.row for panel, place in zip(panels, places, strict=True)) + 4,
        width=width,
        title=_title(layer, sorted(check_heads(records[0], heads)), records[0].n_heads),
        legend=_legend(panels, scales),
        notes=_notes(whole, panels, places, said(filters, n_heads=n_heads, combined=n_heads > 1)),
    )
    for ax, panel, place in zip(axes, panels, places, strict=True):
        headline(ax, panel.name, room)
        _draw(ax, panel, place, scales[panel.signed] or 1.0)
    return figure


def _reduced(panels: Sequence[_Panel]) -> list[_Panel]:
    strengths = [np.abs(panel.weights).max(axis=0) + np.abs(panel.weights).max(axis=1) for panel in panels]
    kept = strongest(strengths, [()] * len(panels))
    return [
        _Panel(panel.name, panel.rows.only(some), panel.weights[np.ix_(some, some)], panel.signed)
        for panel, some in zip(panels, kept, strict=True)
    ]


def _side(rows: Rows) -> float:
    return min(widest(rows.labels, size=SMALL), _LONGEST) + _GAP


def _columns(panels: Sequence[_Panel], width: float) -> int:
    """How many panels stand side by side: as many as have readable labels above their columns, or all below one another."""
    wide, slim = (
        max(_side(panel.rows) + len(panel.rows) * least for panel in panels) for least in (_TURNED, _NARROWEST)
    )
    height = max(_NAME + _LONGEST + panel.rows.heights()[-1] for panel in panels)
    return columns_for(len(panels), width=width, needed=(wide, slim), height=height)


def _place(rows: Rows, room: float) -> _Place:
    side = _side(rows)
    column = min((room - side) / len(rows), _WIDEST)
    labelled = column >= _TURNED
    if not labelled:
        side += extent(str(len(rows)), size=SMALL)[0] + 2 * _GAP
        column = min((room - side) / len(rows), _WIDEST)
    high = max(extent(text, size=SMALL)[1] for text in rows.labels) + 0.8
    above = min(widest(rows.labels, size=SMALL), _LONGEST) if labelled else 8.0
    return _Place(side, above, column, max(high, 1.28 * SMALL, min(column, _WIDEST)), labelled)


def _title(layer: int, heads: Sequence[int], n_heads: int) -> str:
    if len(heads) == n_heads:
        return f"Attention in layer {layer + 1}, all heads"
    return f"Attention in layer {layer + 1}, head{'s' * (len(heads) > 1)} {', '.join(str(head + 1) for head in heads)}"


def _legend(panels: Sequence[_Panel], scales: Mapping[bool, float]) -> Iterator[Item]:
    yield scale("attention weight", ATTENTION, "0", number(scales[False]))
    if any(panel.signed for panel in panels):
        end = number(scales[True])
        yield scale("difference", SIGNED, f"−{end}", end)


def _notes(
    whole: Sequence[_Panel], panels: Sequence[_Panel], places: Sequence[_Place], filtered: Iterator[str]
) -> Iterator[str]:
    full, part = (max(len(panel.rows) for panel in some) for some in (whole, panels))
    if part < full:
        yield f"{part} of {full} rows are shown: those with the largest weights."
    yield "Rows look, columns are looked at" + (
        "." if all(place.labelled for place in places) else "; a column's number is that of the row with its name."
    )
    yield from filtered


def _draw(axes: Axes, panel: _Panel, place: _Place, top: float) -> None:
    n = len(panel.rows)
    _write_labels(axes, panel.rows, place)
    right, bottom = place.side + n * place.column, place.start + n * place.row
    limits = axes.get_xlim(), axes.get_ylim()
    axes.imshow(
        panel.weights,
        extent=(place.side, right, bottom, place.start),
        cmap=SIGNED if panel.signed else ATTENTION,
        norm=Normalize(-top if panel.signed else 0, top),
        interpolation="nearest",
        aspect="auto",
        gid="matrix",
    )
    axes.set(xlim=limits[0], ylim=limits[1])
    frame = Rectangle((place.side, place.start), right - place.side, bottom - place.start, facecolor="none")
    frame.set(edgecolor=RULE, linewidth=0.4)
    axes.add_patch(frame)


def _write_labels(axes: Axes, rows: Rows, place: _Place) -> None:
    step = 1 if place.labelled else max(1, int(np.ceil((extent(str(len(rows)), size=SMALL)[0] + 3) / place.column)))
    for i, (text, word) in enumerate(zip(rows.labels, rows.words, strict=True)):
        colour = QUIET if word is None else INK
        y = place.start + (i + 0.5) * place.row
        fitted = fit(text, _LONGEST, size=SMALL)
        write(axes, place.side - _GAP, y, fitted, colour=colour, align="right", gid="from")
        x = place.side + (i + 0.5) * place.column
        if place.labelled:
            write(axes, x, place.start - _GAP, fitted, colour=colour, angle=90, gid="to")
            continue
        write(axes, 0, y, str(i + 1), colour=QUIET, gid="number")
        if i % step == 0:
            write(axes, x, place.start - 5, str(i + 1), colour=QUIET, align="center", gid="to")
