"""The head view: lines from each token that looks to each token looked at, a colour for each head."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from amplify_viz.colours import FOCUS, HEADS, NEGATIVE, POSITIVE, head_colour
from amplify_viz.figures.fonts import fit, widest
from amplify_viz.figures.legend import Item, chip, label, scale
from amplify_viz.figures.rows import Numbers, Rows, as_drawn, strongest
from amplify_viz.figures.sheet import columns_for, headline, sheet
from amplify_viz.figures.style import INK, OPACITY, QUIET, SIGNED, number, write
from amplify_viz.figures.subjects import check_records, said
from amplify_viz.filters import Between, Combine, drawn
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference, Level, Shown, Special, Subject, shown, subjects_of
from amplify_viz.selection import check_heads

_TOP, _LINES, _GAP = 24.0, 34.0, 3.0  # points: above the rows, between the columns, beside a label
_LONGEST, _SHORTEST = 58.0, 35.0  # points: a label where there is room, and where there is not
_NUMBER = 19.0  # points for a number and its gap
_FAINTEST = 0.01  # of the scale: a fainter line would not show
_MOST_LINES = 3000  # in a figure: more would hide each other, and make a file of megabytes


@dataclass(frozen=True)
class _Panel:
    """One record or difference: its rows, the weights that may be drawn [head, from, to], and the rows whose lines are drawn.

    heads: whose the weights are, () where they are combined; n_combined: of how many.
    """

    name: str
    rows: Rows
    heads: tuple[int, ...]
    weights: Numbers
    sources: tuple[int, ...]
    focus: tuple[int, ...]
    signed: bool
    n_combined: int

    @property
    def drawn(self) -> Numbers:
        """The weights that are drawn, [head, source, to]."""
        return self.weights[:, list(self.sources)]

    @property
    def most(self) -> float:
        """The largest weight that is drawn, by its distance from 0."""
        return float(np.abs(self.drawn).max(initial=0.0))

    @property
    def colours(self) -> Numbers:
        """The colour of each weight that is drawn, [head, source, to, 3]: its head's, or in a difference its sign's."""
        if self.signed:
            return np.where((self.drawn < 0)[..., None], to_rgb(NEGATIVE), to_rgb(POSITIVE))
        colours = np.array([to_rgb(head_colour(head)) for head in self.heads] or [to_rgb(INK)])
        return np.broadcast_to(colours[:, None, None], (*self.drawn.shape, 3))

    @property
    def cells(self) -> float:
        """Points for the targets' weights beside the right column: a cell for each head, then their mean."""
        return len(self.weights) * _cell(len(self.weights)) + self.number + _GAP if self.focus else 0.0

    @property
    def number(self) -> float:
        """Points for a number: more where some have a minus sign."""
        return _NUMBER + 6 if self.signed else _NUMBER


def head_view(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    heads: Sequence[int] | None = None,
    focus: int | Sequence[int] | None = None,
    level: Level = "tokens",
    special: Special = "shown",
    between: Between = "all",
    least: float = 0.0,
    top: int | None = None,
    combine: Combine = "each",
    difference: tuple[int, int] | None = None,
    width: float = 6.9,
) -> Figure:
    """A panel for each record: lines from the tokens that look (left) to the tokens looked at (right) in one layer.

    heads: zero-based, None for all; focus: words, as indices into word_texts, then only their lines are drawn, and beside
    each target are its weight in each head (a cell) and the mean over these heads (a number), both averaged over the
    words' tokens; level, special: see `rows.shown`; between, least, top, combine: see `filters.drawn`; difference: two
    positions in records (a, b), whose difference b − a becomes one more panel; width: in inches.

    A line's colour is its head (in a difference: its sign), its opacity its weight on one scale for all panels, from 0 to
    the largest weight drawn, and on another for the difference; lines under 1 % of the scale are left out.  Of more than 3,000
    lines the strongest are drawn, of more than 60 rows those with the strongest lines, and the figure says so.

    Raises InputError for a layer, head, word or choice that there is not, for anything but one to four records, and for
    records that have no difference.  A line's opacity times its scale equals the record's weight.
    """
    words = (focus,) if isinstance(focus, int) else tuple(focus or ())
    for word in words or (None,):
        check_records(records, layer=layer, focus=word)
    filters: Any = {"between": between, "least": least, "top": top, "combine": combine}
    whole = [
        _panel(subject, shown(subject, layer=layer, level=level, special=special), heads, words, filters)
        for subject in subjects_of(records, difference)
    ]
    panels = _reduced(whole)
    scales = {signed: max((one.most for one in panels if one.signed == signed), default=0) for signed in (False, True)}
    floor = _floor([np.abs(panel.drawn) / (scales[panel.signed] or 1.0) for panel in panels])
    height = _TOP + max(panel.rows.heights()[-1] for panel in panels) + 6
    needed = (max(_needed(panel, _LONGEST) for panel in panels), max(_needed(panel, _SHORTEST) for panel in panels))
    figure, axes = sheet(
        len(panels),
        columns=columns_for(len(panels), width=width, needed=needed, height=height),
        height=height,
        width=width,
        title=_title(records[0], layer, words),
        legend=_legend(panels, scales),
        notes=_notes(whole, panels, filters, floor),
    )
    for ax, panel in zip(axes, panels, strict=True):
        _draw(ax, panel, scales[panel.signed] or 1.0, floor)
    return figure


def _panel(
    subject: Subject, found: Shown, heads: Sequence[int] | None, focus: tuple[int, ...], filters: Mapping[str, Any]
) -> _Panel:
    signed = isinstance(subject, Difference)
    chosen = check_heads(subject, heads)
    left = drawn(found, chosen, signed=signed, **filters)
    rows = as_drawn(found.rows)
    sources = sorted({row for word in focus for row in rows.of_word(word)}) if focus else range(len(rows))
    weights = left.weights.double().numpy()
    return _Panel(subject.checkpoint, rows, left.heads, weights, tuple(sources), focus, signed, len(chosen))


def _reduced(panels: Sequence[_Panel]) -> list[_Panel]:
    strengths = [np.abs(panel.drawn).max(axis=(0, 1), initial=0) for panel in panels]
    if not panels[0].focus:
        strengths = [
            np.maximum(np.abs(panel.weights).max(axis=(0, 2)), as_key)
            for panel, as_key in zip(panels, strengths, strict=True)
        ]
    kept = strongest(strengths, [panel.sources if panel.focus else () for panel in panels])
    return [_only(panel, some) for panel, some in zip(panels, kept, strict=True)]


def _only(panel: _Panel, kept: list[int]) -> _Panel:
    sources = tuple(kept.index(source) for source in panel.sources if source in kept)
    return replace(panel, rows=panel.rows.only(kept), weights=panel.weights[:, kept][:, :, kept], sources=sources)


def _floor(strengths: Sequence[Numbers]) -> float:
    """The faintest line that is drawn, as a share of its scale: the same in all panels."""
    found = np.concatenate([each[each >= _FAINTEST] for each in strengths])
    return _FAINTEST if len(found) <= _MOST_LINES else float(np.partition(found, -_MOST_LINES)[-_MOST_LINES])


def _needed(panel: _Panel, longest: float) -> float:
    labels = min(_column(panel), longest)
    return 2 * (labels + _GAP) + _LINES + panel.cells


def _column(panel: _Panel) -> float:
    return widest(("from", *panel.rows.labels), size=panel.rows.size, bold=bool(panel.focus))


def _cell(n_heads: int) -> float:
    return min(3.5, 48 / n_heads)


def _title(record: AttentionRecord, layer: int, focus: Sequence[int]) -> str:
    words = " ".join(f"“{record.word_texts[word]}”" for word in focus)
    return f"Attention in layer {layer + 1}" + (f" from {words}" if words else "")


def _legend(panels: Sequence[_Panel], scales: Mapping[bool, float]) -> list[Item]:
    kinds = {panel.signed for panel in panels}
    heads = sorted({head for panel in panels if not panel.signed for head in panel.heads})
    items = [label("head"), *(chip(head_colour(head), str(head + 1)) for head in heads)] if heads else []
    if False in kinds:
        items.append(scale("weight", OPACITY, "0", number(scales[False])))
    if True in kinds:
        end = number(scales[True])
        items.append(scale("difference", SIGNED, f"−{end}", end))
    return items


def _notes(
    whole: Sequence[_Panel], panels: Sequence[_Panel], filters: Mapping[str, Any], floor: float
) -> Iterator[str]:
    full, part = (max(len(panel.rows) for panel in some) for some in (whole, panels))
    if part < full:
        yield f"{part} of {full} rows are shown: those with the strongest lines."
    if floor > _FAINTEST:
        yield f"The {_MOST_LINES:,} strongest lines are drawn: those from {100 * floor:.2g} % of the scale."
    if len({head for panel in panels for head in panel.heads}) > len(HEADS):
        yield f"Colours repeat after head {len(HEADS)}."
    yield from said(filters, n_heads=panels[0].n_combined, combined=not panels[0].heads)


def _draw(axes: Axes, panel: _Panel, top: float, floor: float) -> None:
    """One panel, from left to right: labels, lines, labels, and with a focus the targets' weights."""
    width = float(axes.get_xlim()[1])
    column = min(_column(panel), (width - panel.cells - _LINES) / 2 - _GAP)
    left, right = column + _GAP, width - panel.cells - column - _GAP
    heights = [_TOP + height for height in panel.rows.heights()]
    headline(axes, panel.name, width)
    _write_labels(axes, panel, heights, (left - _GAP, right + _GAP), column)
    axes.add_collection(_lines(panel, np.array(heights), (left, right), top, floor))
    if panel.focus:
        _write_weights(axes, panel, heights, width, top)


def _write_labels(
    axes: Axes, panel: _Panel, heights: Sequence[float], places: tuple[float, float], column: float
) -> None:
    size = panel.rows.size
    for x, align, heading in zip(places, ("right", "left"), ("from", "to"), strict=True):
        write(axes, x, _TOP - 9, heading, colour=QUIET, align=align)
        for row, (text, word) in enumerate(zip(panel.rows.labels, panel.rows.words, strict=True)):
            focused = word is not None and word in panel.focus
            idle = word is None or (heading == "from" and row not in panel.sources)
            colour = FOCUS if focused else QUIET if idle else INK
            shown = fit(text, column, size=size, bold=focused)
            write(axes, x, heights[row], shown, size=size, colour=colour, bold=focused, align=align, gid=heading)


def _lines(panel: _Panel, heights: Numbers, ends: tuple[float, float], top: float, floor: float) -> LineCollection:
    """The weights as lines, the strongest on top; each head keeps its own height within a row."""
    pitch = float(np.diff(heights).min()) if len(heights) > 1 else 10.0
    n_heads = len(panel.weights)
    offsets = (np.arange(n_heads) - (n_heads - 1) / 2) / n_heads * 0.6 * pitch
    strengths = np.abs(panel.drawn) / top
    head, source, key = np.nonzero(strengths >= floor)
    order = np.argsort(strengths[head, source, key], kind="stable")
    head, source, key = head[order], source[order], key[order]
    starts = np.stack([np.full(len(head), ends[0]), heights[np.array(panel.sources)[source]] + offsets[head]], axis=-1)
    stops = np.stack([np.full(len(head), ends[1]), heights[key] + offsets[head]], axis=-1)
    shades = np.concatenate([panel.colours[head, source, key], strengths[head, source, key][:, None]], axis=1)
    thickness = 1.4 if n_heads == 1 else 0.8
    return LineCollection(
        list(np.stack([starts, stops], axis=1)),
        colors=shades,
        linewidths=thickness,
        capstyle="butt",
        gid="lines",
        clip_on=False,
    )


def _write_weights(axes: Axes, panel: _Panel, heights: Sequence[float], width: float, top: float) -> None:
    """For each target a cell a head and the mean over the heads shown, both over the focus words' tokens."""
    weights = panel.drawn.mean(axis=1)
    cell = _cell(len(weights))
    start = width - panel.number - len(weights) * cell
    cells = [Rectangle((start + i * cell, y - 3.4), cell, 6.8) for y in heights for i in range(len(weights))]
    colours = np.concatenate([_mean_colours(panel, weights), np.minimum(np.abs(weights) / top, 1)[..., None]], axis=-1)
    axes.add_collection(
        PatchCollection(cells, facecolors=colours.swapaxes(0, 1).reshape(-1, 4), edgecolors="none", gid="weights")
    )
    write(axes, width, _TOP - 9, _heading(panel), colour=QUIET, align="right")
    for y, mean in zip(heights, weights.mean(axis=0), strict=True):
        shown_mean = f"{mean:.2f}".replace("-0.00", "0.00").replace("-", "−")
        colour = INK if abs(mean) >= 0.005 else QUIET
        write(axes, width, y, shown_mean, colour=colour, align="right", gid="mean")


def _mean_colours(panel: _Panel, weights: Numbers) -> Numbers:
    """The colour of each cell, [head, to, 3]."""
    if panel.signed:
        return np.where((weights < 0)[..., None], to_rgb(NEGATIVE), to_rgb(POSITIVE))
    return panel.colours[:, 0]


def _heading(panel: _Panel) -> str:
    """What the numbers are: weights of one head, or the mean over the heads shown."""
    return "mean" if len(panel.heads) > 1 else "weight" if panel.heads else "of all"
