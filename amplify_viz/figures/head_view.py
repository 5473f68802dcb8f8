"""The head view: lines from each token that looks to each token looked at, a colour for each head."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from amplify_viz.colours import FOCUS, HEADS, head_colour
from amplify_viz.figures.fonts import fit, widest
from amplify_viz.figures.legend import Item, chip, label, scale
from amplify_viz.figures.rows import Numbers, Rows, rows_of, strongest
from amplify_viz.figures.sheet import check_records, columns_for, headline, sheet
from amplify_viz.figures.style import INK, OPACITY, QUIET, number, write
from amplify_viz.records import AttentionRecord
from amplify_viz.selection import check_heads
from amplify_viz.text import to_words

_TOP, _LINES, _GAP = 24.0, 34.0, 3.0  # points: above the rows, between the columns, beside a label
_LONGEST, _SHORTEST = 58.0, 35.0  # points: a label where there is room, and where there is not
_NUMBER = 19.0  # points for a number and its gap
_FAINTEST = 0.01  # of the scale: a fainter line would not show


@dataclass(frozen=True)
class _Panel:
    """One record: its rows, the weights between them [head, query, key], and the rows whose lines are drawn."""

    name: str
    rows: Rows
    heads: tuple[int, ...]
    weights: Numbers
    sources: tuple[int, ...]
    focus: int | None

    @property
    def drawn(self) -> Numbers:
        """The weights that are drawn, [head, source, key]."""
        return self.weights[:, list(self.sources)]

    @property
    def cells(self) -> float:
        """Points for the targets' weights beside the right column: a cell for each head, then their mean."""
        return 0.0 if self.focus is None else len(self.heads) * _cell(self.heads) + _NUMBER + _GAP


def head_view(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    heads: Sequence[int] | None = None,
    focus: int | None = None,
    level: str = "tokens",
    special: bool = True,
    width: float = 6.9,
) -> Figure:
    """A panel for each record: lines from the tokens that look (left) to the tokens looked at (right) in one layer.

    heads: zero-based, None for all; focus: an index into word_texts, then only this word's lines are drawn, and beside
    each target are its weight in each head (a cell) and the mean over these heads (a number), both averaged over the
    word's tokens; level: "tokens" or "words"; special: show special tokens; width: in inches.  A line's colour is its
    head, its opacity its weight on one scale for all panels, from 0 to the largest weight drawn; lines under 1 % of the
    scale are left out.  Above 60 rows the 60 with the strongest lines are shown, and the figure says so.

    Raises InputError for a layer, head, word or level that there is not, and for anything but one to four records.
    A line's opacity times the scale equals the record's weight.
    """
    check_records(records, layer=layer, focus=focus)
    listed = [rows_of(record, level=level, special=special) for record in records]
    chosen = [check_heads(record, heads) for record in records]
    whole = [
        _panel(record, layer, some, focus, rows) for record, some, rows in zip(records, chosen, listed, strict=True)
    ]
    panels = _reduced(whole)
    top = max(float(panel.drawn.max()) for panel in panels) or 1.0
    height = _TOP + max(panel.rows.heights()[-1] for panel in panels) + 6
    needed = (max(_needed(panel, _LONGEST) for panel in panels), max(_needed(panel, _SHORTEST) for panel in panels))
    figure, axes = sheet(
        len(panels),
        columns=columns_for(len(panels), width=width, needed=needed, height=height),
        height=height,
        width=width,
        title=_title(records[0], layer, focus),
        legend=_legend(panels, top),
        notes=_notes(whole, panels),
    )
    for ax, panel in zip(axes, panels, strict=True):
        _draw(ax, panel, top)
    return figure


def _panel(record: AttentionRecord, layer: int, heads: tuple[int, ...], focus: int | None, rows: Rows) -> _Panel:
    weights = to_words(record.weights[layer, list(heads)], rows.groups).double().numpy()
    sources = range(len(rows)) if focus is None else rows.of_word(focus)
    return _Panel(record.checkpoint, rows, heads, weights, tuple(sources), focus)


def _reduced(panels: Sequence[_Panel]) -> list[_Panel]:
    strengths = [panel.drawn.max(axis=(0, 1)) for panel in panels]
    if panels[0].focus is None:
        strengths = [
            np.maximum(panel.weights.max(axis=(0, 2)), as_key) for panel, as_key in zip(panels, strengths, strict=True)
        ]
    kept = strongest(strengths, [() if panel.focus is None else panel.sources for panel in panels])
    return [_only(panel, some) for panel, some in zip(panels, kept, strict=True)]


def _only(panel: _Panel, kept: list[int]) -> _Panel:
    sources = tuple(kept.index(source) for source in panel.sources if source in kept)
    return replace(panel, rows=panel.rows.only(kept), weights=panel.weights[:, kept][:, :, kept], sources=sources)


def _needed(panel: _Panel, longest: float) -> float:
    labels = min(_column(panel), longest)
    return 2 * (labels + _GAP) + _LINES + panel.cells


def _column(panel: _Panel) -> float:
    return widest(("from", *panel.rows.labels), size=panel.rows.size, bold=panel.focus is not None)


def _cell(heads: Sequence[int]) -> float:
    return min(3.5, 48 / len(heads))


def _title(record: AttentionRecord, layer: int, focus: int | None) -> str:
    return f"Attention in layer {layer + 1}" + ("" if focus is None else f" from “{record.word_texts[focus]}”")


def _legend(panels: Sequence[_Panel], top: float) -> list[Item]:
    heads = sorted({head for panel in panels for head in panel.heads})
    chips = [chip(head_colour(head), str(head + 1)) for head in heads]
    return [label("head"), *chips, scale("weight", OPACITY, "0", number(top))]


def _notes(whole: Sequence[_Panel], panels: Sequence[_Panel]) -> Iterator[str]:
    full, part = (max(len(panel.rows) for panel in some) for some in (whole, panels))
    if part < full:
        yield f"{part} of {full} rows are shown: those with the strongest lines."
    if len({head for panel in panels for head in panel.heads}) > len(HEADS):
        yield f"Colours repeat after head {len(HEADS)}."


def _draw(axes: Axes, panel: _Panel, top: float) -> None:
    """One panel, from left to right: labels, lines, labels, and with a focus the targets' weights."""
    width = float(axes.get_xlim()[1])
    column = min(_column(panel), (width - panel.cells - _LINES) / 2 - _GAP)
    left, right = column + _GAP, width - panel.cells - column - _GAP
    heights = [_TOP + height for height in panel.rows.heights()]
    headline(axes, panel.name, width)
    _write_labels(axes, panel, heights, (left - _GAP, right + _GAP), column)
    axes.add_collection(_lines(panel, np.array(heights), (left, right), top))
    if panel.focus is not None:
        _write_weights(axes, panel, heights, width, top)


def _write_labels(
    axes: Axes, panel: _Panel, heights: Sequence[float], places: tuple[float, float], column: float
) -> None:
    size = panel.rows.size
    for x, align, heading in zip(places, ("right", "left"), ("from", "to"), strict=True):
        write(axes, x, _TOP - 9, heading, colour=QUIET, align=align)
        for row, (text, word) in enumerate(zip(panel.rows.labels, panel.rows.words, strict=True)):
            focused = panel.focus is not None and word == panel.focus
            idle = word is None or (heading == "from" and row not in panel.sources)
            colour = FOCUS if focused else QUIET if idle else INK
            shown = fit(text, column, size=size, bold=focused)
            write(axes, x, heights[row], shown, size=size, colour=colour, bold=focused, align=align, gid=heading)


def _lines(panel: _Panel, heights: Numbers, ends: tuple[float, float], top: float) -> LineCollection:
    """The weights as lines, the strongest on top; each head keeps its own height within a row."""
    pitch = float(np.diff(heights).min()) if len(heights) > 1 else 10.0
    n_heads = len(panel.heads)
    offsets = (np.arange(n_heads) - (n_heads - 1) / 2) / n_heads * 0.6 * pitch
    head, source, key = np.nonzero(panel.drawn >= _FAINTEST * top)
    order = np.argsort(panel.drawn[head, source, key], kind="stable")
    head, source, key = head[order], source[order], key[order]
    strength = panel.drawn[head, source, key] / top
    starts = np.stack([np.full(len(head), ends[0]), heights[np.array(panel.sources)[source]] + offsets[head]], axis=-1)
    stops = np.stack([np.full(len(head), ends[1]), heights[key] + offsets[head]], axis=-1)
    colours = np.array([to_rgb(head_colour(number)) for number in panel.heads])[head]
    shades = np.concatenate([colours, strength[:, None]], axis=1)
    thickness = 1.4 if n_heads == 1 else 0.8
    return LineCollection(
        list(np.stack([starts, stops], axis=1)), colors=shades, linewidths=thickness, capstyle="butt", gid="lines"
    )


def _write_weights(axes: Axes, panel: _Panel, heights: Sequence[float], width: float, top: float) -> None:
    """For each target a cell a head and the mean over the heads shown, both over the focus word's tokens."""
    weights = panel.drawn.mean(axis=1)
    cell = _cell(panel.heads)
    start = width - _NUMBER - len(panel.heads) * cell
    cells = [Rectangle((start + i * cell, y - 3.4), cell, 6.8) for y in heights for i in range(len(panel.heads))]
    colours = [
        (*to_rgb(head_colour(head)), float(weight) / top)
        for key in weights.T
        for head, weight in zip(panel.heads, key, strict=True)
    ]
    axes.add_collection(PatchCollection(cells, facecolors=colours, edgecolors="none", gid="weights"))
    write(axes, width, _TOP - 9, "mean" if len(panel.heads) > 1 else "weight", colour=QUIET, align="right")
    for y, mean in zip(heights, weights.mean(axis=0), strict=True):
        write(axes, width, y, f"{mean:.2f}", colour=INK if mean >= 0.005 else QUIET, align="right", gid="mean")
