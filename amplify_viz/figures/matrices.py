"""Panels of one matrix each: rows look, columns are looked at, a cell is the darker the greater its weight."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from amplify_viz.figures.fonts import extent, fit, widest
from amplify_viz.figures.legend import Item, scale
from amplify_viz.figures.rows import Numbers, Rows, strongest
from amplify_viz.figures.sheet import columns_for, headline, panel_width, sheet
from amplify_viz.figures.strengths import ROOT, SIGNED_TICKS, TICKS, root, signed_root
from amplify_viz.figures.style import ATTENTION, INK, QUIET, RULE, SIGNED, SMALL, number, on, write
from amplify_viz.figures.subjects import ALL_THERE, Lacking

_NAME, _GAP, _LONGEST = 15.0, 3.0, 58.0  # points: a panel's name, beside a label, a label
_NARROWEST, _WIDEST = 3.0, 16.0  # points: a column at least and at most
_TURNED = 8.6  # points: a column whose label, turned, touches no other
_MARKED = 0.02  # of the scale: a cell that is less below 0 has no minus sign


@dataclass(frozen=True, eq=False)
class MatrixPanel:
    """One panel: its rows, the weights between them [from, to], whether they may be below 0, and what has the full colour."""

    name: str
    rows: Rows
    weights: Numbers
    signed: bool
    most: float


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


def draw_matrices(
    whole: Sequence[MatrixPanel],
    *,
    title: str,
    what: str,
    notes: Iterable[str],
    width: float,
    lacking: Lacking = ALL_THERE,
) -> Figure:
    """A figure of one to four matrices.  what: the weights' name in the legend; notes: sentences below; lacking: see `sheet`.

    One scale holds for all panels that are not signed, and one for those that are; the colours follow the root of a weight.
    A cell below 0 has a minus sign.  Above 60 rows the 60 with the largest weights are shown.  The cells are pixels.
    """
    panels = _reduced(whole)
    columns = _columns(panels, width, count=len(panels) + len(lacking))
    room = panel_width(columns, width=width)
    places = [_place(panel.rows, room) for panel in panels]
    scales = {
        signed: max((one.most for one in panels if one.signed == signed), default=0.0) or 1.0
        for signed in (False, True)
    }
    figure, axes = sheet(
        len(panels) + len(lacking),
        columns=columns,
        height=max(place.start + len(panel.rows) * place.row for panel, place in zip(panels, places, strict=True)) + 4,
        width=width,
        title=title,
        legend=_legend(panels, scales, what),
        notes=[*_notes(whole, panels, places), *notes],
        lacking=lacking,
    )
    for ax, panel, place in zip(axes, panels, places, strict=True):
        headline(ax, panel.name)
        _draw(ax, panel, place, scales[panel.signed])
    return figure


def _reduced(panels: Sequence[MatrixPanel]) -> list[MatrixPanel]:
    strengths = [np.abs(panel.weights).max(axis=0) + np.abs(panel.weights).max(axis=1) for panel in panels]
    kept = strongest(strengths, [()] * len(panels))
    return [
        MatrixPanel(panel.name, panel.rows.only(some), panel.weights[np.ix_(some, some)], panel.signed, panel.most)
        for panel, some in zip(panels, kept, strict=True)
    ]


def _side(rows: Rows) -> float:
    return min(widest(rows.labels, size=SMALL), _LONGEST) + _GAP


def _columns(panels: Sequence[MatrixPanel], width: float, *, count: int) -> int:
    """How many panels stand side by side: as many as have readable labels above their columns, or all below one another."""
    wide, slim = (
        max(_side(panel.rows) + len(panel.rows) * least for panel in panels) for least in (_TURNED, _NARROWEST)
    )
    height = max(_NAME + _LONGEST + panel.rows.heights()[-1] for panel in panels)
    return columns_for(count, width=width, needed=(wide, slim), height=height)


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


def _legend(panels: Sequence[MatrixPanel], scales: Mapping[bool, float], what: str) -> Iterator[Item]:
    yield scale(what, ATTENTION, "0", number(scales[False]), ticks=TICKS)
    if any(panel.signed for panel in panels):
        end = number(scales[True])
        yield scale("difference", SIGNED, f"−{end}", end, ticks=SIGNED_TICKS)


def _notes(whole: Sequence[MatrixPanel], panels: Sequence[MatrixPanel], places: Sequence[_Place]) -> Iterator[str]:
    full, part = (max(len(panel.rows) for panel in some) for some in (whole, panels))
    if part < full:
        yield f"{part} of {full} rows are shown: those with the largest weights."
    yield "Rows look, columns are looked at" + (
        "." if all(place.labelled for place in places) else "; a column's number is that of the row with its name."
    )
    yield ROOT


def _draw(axes: Axes, panel: MatrixPanel, place: _Place, top: float) -> None:
    n = len(panel.rows)
    _write_labels(axes, panel.rows, place)
    right, bottom = place.side + n * place.column, place.start + n * place.row
    limits = axes.get_xlim(), axes.get_ylim()
    axes.imshow(
        panel.weights,
        extent=(place.side, right, bottom, place.start),
        cmap=SIGNED if panel.signed else ATTENTION,
        norm=signed_root(top) if panel.signed else root(top),
        interpolation="nearest",
        aspect="auto",
        gid="matrix",
    )
    axes.set(xlim=limits[0], ylim=limits[1])
    frame = Rectangle((place.side, place.start), right - place.side, bottom - place.start, facecolor="none")
    frame.set(edgecolor=RULE, linewidth=0.4)
    axes.add_patch(frame)
    if panel.signed:
        axes.add_collection(_minuses(panel.weights, place, top))


def _minuses(weights: Numbers, place: _Place, top: float) -> LineCollection:
    """A minus sign in each cell below 0: in grey print both signs look alike."""
    rows, columns = np.nonzero(weights <= -_MARKED * top)
    half = 0.22 * min(place.column, 8.0)
    x, y = place.side + (columns + 0.5) * place.column, place.start + (rows + 0.5) * place.row
    signs = np.stack([np.stack([x - half, y], axis=-1), np.stack([x + half, y], axis=-1)], axis=1).round(2)
    shades = SIGNED(signed_root(top)(weights[rows, columns]))
    return LineCollection(list(signs), colors=[on(shade) for shade in shades], linewidths=0.5, gid="below 0")


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
