"""Panels of lines: from each row that looks (left) to each row looked at (right), as opaque as the weight is strong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path

from amplify_viz.colours import FOCUS, HEADS, NEGATIVE, POSITIVE, head_colour
from amplify_viz.figures.fonts import fit, widest
from amplify_viz.figures.legend import Item, chip, label, scale
from amplify_viz.figures.rows import Numbers, Rows, strongest
from amplify_viz.figures.sheet import columns_for, headline, sheet
from amplify_viz.figures.strengths import FAINTEST, MOST_LINES, floor_for, opacity_of, steps_of
from amplify_viz.figures.style import DASHED, INK, OPACITY, QUIET, SIGNED, number, write
from amplify_viz.figures.subjects import ALL_THERE, Lacking

_TOP, _LINES, _GAP = 24.0, 34.0, 3.0  # points: above the rows, between the columns, beside a label
_LONGEST, _SHORTEST = 58.0, 32.0  # points: a label where there is room, and where there is not
_NUMBER = 19.0  # points for a number and its gap
_EXACT = 1  # decimals of a point: finer than can be seen, and each makes a vector file larger


@dataclass(frozen=True, eq=False)
class LinePanel:
    """One panel: its rows, the weights that may be drawn [head, from, to], and the rows whose lines are drawn.

    heads: whose the weights are, () for one matrix of no head; focus: words, () for lines from all rows; signed: whether
    weights may be below 0; most: the weight of full opacity, if no other panel has more; number: what the numbers beside
    the rows are; off: the layer's heads that are switched off.
    """

    name: str
    rows: Rows
    heads: tuple[int, ...]
    weights: Numbers
    sources: tuple[int, ...]
    focus: tuple[int, ...]
    signed: bool
    most: float
    number: str
    off: tuple[int, ...] = ()

    @property
    def drawn(self) -> Numbers:
        """The weights that are drawn, [head, source, to]."""
        return self.weights[:, list(self.sources)]

    @property
    def colours(self) -> list[str]:
        """Each head's colour."""
        return [head_colour(head) for head in self.heads] or [INK]

    @property
    def cells(self) -> float:
        """Points for the targets' weights beside the right column: a cell for each head, then their mean."""
        return len(self.weights) * _cell(len(self.weights)) + self.digits + _GAP if self.focus else 0.0

    @property
    def digits(self) -> float:
        """Points for a number: more where some have a minus sign."""
        return _NUMBER + 6 if self.signed else _NUMBER


@dataclass(frozen=True)
class _Range:
    """What of some panels' weights is drawn: from floor on, in full opacity at top."""

    top: float
    floor: float

    @classmethod
    def of(cls, panels: Sequence[LinePanel]) -> "_Range":
        """The same for all these panels."""
        top = max((panel.most for panel in panels), default=0.0) or 1.0
        return cls(top, floor_for([panel.drawn for panel in panels], top))

    @property
    def crowded(self) -> bool:
        """Whether lines are left out that could be seen."""
        return self.floor > 1.001 * FAINTEST * self.top


def draw_lines(
    panels: Sequence[LinePanel], *, title: str, notes: Iterable[str], width: float, lacking: Lacking = ALL_THERE
) -> Figure:
    """A figure of one to four panels.  notes: sentences below it; those on what is not drawn are added; lacking: see `sheet`.

    A line's opacity is its weight, in steps, on one scale for all panels that are not signed and one for those that are; no
    panel draws more than 3,000 lines; of more than 60 rows those with the strongest lines are shown.  Lines below 0 are dashed,
    and so are those of heads switched off.
    """
    shown = _reduced(panels)
    ranges = {signed: _Range.of([one for one in shown if one.signed == signed]) for signed in (False, True)}
    height = round(_TOP + max(panel.rows.heights()[-1] for panel in shown) + 6, _EXACT)
    needed = (max(_needed(panel, _LONGEST) for panel in shown), max(_needed(panel, _SHORTEST) for panel in shown))
    figure, axes = sheet(
        len(shown) + len(lacking),
        columns=columns_for(len(shown) + len(lacking), width=width, needed=needed, height=height),
        height=height,
        width=width,
        title=title,
        legend=_legend(shown, ranges),
        notes=[*_notes(panels, shown, ranges), *notes],
        lacking=lacking,
    )
    for ax, panel in zip(axes, shown, strict=True):
        _draw(ax, panel, ranges[panel.signed])
    return figure


def _reduced(panels: Sequence[LinePanel]) -> list[LinePanel]:
    strengths = [np.abs(panel.drawn).max(axis=(0, 1), initial=0) for panel in panels]
    if not panels[0].focus:
        strengths = [
            np.maximum(np.abs(panel.weights).max(axis=(0, 2)), as_key)
            for panel, as_key in zip(panels, strengths, strict=True)
        ]
    kept = strongest(strengths, [panel.sources if panel.focus else () for panel in panels])
    return [_only(panel, some) for panel, some in zip(panels, kept, strict=True)]


def _only(panel: LinePanel, kept: list[int]) -> LinePanel:
    sources = tuple(kept.index(source) for source in panel.sources if source in kept)
    return replace(panel, rows=panel.rows.only(kept), weights=panel.weights[:, kept][:, :, kept], sources=sources)


def _needed(panel: LinePanel, longest: float) -> float:
    labels = min(_column(panel), longest)
    return 2 * (labels + _GAP) + _LINES + panel.cells


def _column(panel: LinePanel) -> float:
    return widest(("from", *panel.rows.labels), size=panel.rows.size, bold=bool(panel.focus))


def _cell(n_heads: int) -> float:
    return min(3.5, 48 / n_heads)


def _legend(panels: Sequence[LinePanel], ranges: Mapping[bool, _Range]) -> Iterator[Item]:
    kinds = {panel.signed for panel in panels}
    heads = sorted({head for panel in panels if not panel.signed for head in panel.heads})
    if heads:
        yield label("head")
        yield from (chip(head_colour(head), str(head + 1)) for head in heads)
    if False in kinds:
        yield scale("weight", OPACITY, "0", number(ranges[False].top))
    if any(set(panel.off) & set(panel.heads) for panel in panels):
        yield label("switched off: dashed")
    if True in kinds:
        end = number(ranges[True].top)
        yield scale("difference", SIGNED, f"−{end}", end)
        yield label("below 0: dashed")


def _notes(whole: Sequence[LinePanel], panels: Sequence[LinePanel], ranges: Mapping[bool, _Range]) -> Iterator[str]:
    full, part = (max(len(panel.rows) for panel in some) for some in (whole, panels))
    if part < full:
        yield f"{part} of {full} rows are shown: those with the strongest lines."
    for signed, name in ((False, "weights"), (True, "differences")):
        one = ranges[signed]
        if one.crowded:
            yield f"Lines of {name} below {number(one.floor)} are left out: a panel draws at most {MOST_LINES:,} lines."
    if len({head for panel in panels for head in panel.heads}) > len(HEADS):
        yield f"Colours repeat after head {len(HEADS)}."


def _draw(axes: Axes, panel: LinePanel, span: _Range) -> None:
    """One panel, from left to right: labels, lines, labels, and with a focus the targets' weights."""
    width = float(axes.get_xlim()[1])
    column = min(_column(panel), (width - panel.cells - _LINES) / 2 - _GAP)
    left, right = column + _GAP, width - panel.cells - column - _GAP
    heights = [_TOP + height for height in panel.rows.heights()]
    headline(axes, panel.name)
    _write_labels(axes, panel, heights, (left - _GAP, right + _GAP), column)
    axes.add_collection(_lines(panel, np.array(heights), (left, right), span))
    if panel.focus:
        _write_weights(axes, panel, heights, width, span.top)


def _write_labels(
    axes: Axes, panel: LinePanel, heights: Sequence[float], places: tuple[float, float], column: float
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


def _lines(panel: LinePanel, heights: Numbers, ends: tuple[float, float], span: _Range) -> PathCollection:
    """The weights as lines, those that look alike in one path, the strongest on top.

    Each head keeps its own height within a row.
    """
    pitch = float(np.diff(heights).min()) if len(heights) > 1 else 10.0
    n_heads = len(panel.weights)
    offsets = (np.arange(n_heads) - (n_heads - 1) / 2) / n_heads * 0.6 * pitch
    weights = panel.drawn
    head, source, key = np.nonzero((np.abs(weights) >= span.floor) & (weights != 0))
    drawn = weights[head, source, key]
    looks = (steps_of(drawn, span.top) * 2 + (drawn > 0)) * n_heads + head
    order = np.argsort(looks, kind="stable")
    starts = heights[np.array(panel.sources)[source]] + offsets[head]
    corners = np.stack([starts, heights[key] + offsets[head]], axis=1)[order]
    kinds, firsts = np.unique(looks[order], return_index=True)
    paths = [_path(ends, some) for some in np.split(corners, firsts[1:])] if len(kinds) else []
    return PathCollection(
        paths,
        facecolors="none",
        edgecolors=[_colour(panel, int(kind)) for kind in kinds],
        linestyles=[DASHED if _is_dashed(panel, int(kind)) else "solid" for kind in kinds] or "solid",
        linewidths=1.4 if n_heads == 1 else 0.8,
        capstyle="butt",
        gid="lines",
        clip_on=False,
    )


def _is_dashed(panel: LinePanel, kind: int) -> bool:
    """Whether lines of a kind are below 0, or of a head that is switched off."""
    rest, head = divmod(kind, len(panel.weights))
    return rest % 2 == 0 if panel.signed else bool(panel.heads) and panel.heads[head] in panel.off


def _colour(panel: LinePanel, kind: int) -> tuple[float, float, float, float]:
    """The colour and opacity of lines of a kind, (step × 2 + whether above 0) × heads + head."""
    rest, head = divmod(kind, len(panel.weights))
    step, above = divmod(rest, 2)
    colour = (NEGATIVE, POSITIVE)[above] if panel.signed else panel.colours[head]
    return (*to_rgb(colour), float(opacity_of(np.array(step))))


def _path(ends: tuple[float, float], heights: Numbers) -> Path:
    """Lines between two x, each from one height to another, [line, 2]; in tenths of points."""
    corners = np.stack([np.broadcast_to(np.array(ends), heights.shape), heights], axis=-1)
    codes = np.tile([Path.MOVETO, Path.LINETO], len(heights))
    return Path(corners.reshape(-1, 2).round(_EXACT), codes)


def _write_weights(axes: Axes, panel: LinePanel, heights: Sequence[float], width: float, top: float) -> None:
    """For each target a cell a head and the mean over the heads shown, both over the focus words' tokens."""
    weights = panel.drawn.mean(axis=1)
    cell = _cell(len(weights))
    start = width - panel.digits - len(weights) * cell
    cells = [Rectangle((start + i * cell, y - 3.4), cell, 6.8) for y in heights for i in range(len(weights))]
    colours = np.concatenate([_mean_colours(panel, weights), np.minimum(np.abs(weights) / top, 1)[..., None]], axis=-1)
    axes.add_collection(
        PatchCollection(cells, facecolors=colours.swapaxes(0, 1).reshape(-1, 4), edgecolors="none", gid="weights")
    )
    write(axes, width, _TOP - 9, panel.number, colour=QUIET, align="right")
    for y, mean in zip(heights, weights.mean(axis=0), strict=True):
        shown_mean = f"{mean:.2f}".replace("-0.00", "0.00").replace("-", "−")
        colour = INK if abs(mean) >= 0.005 else QUIET
        write(axes, width, y, shown_mean, colour=colour, align="right", gid="mean")


def _mean_colours(panel: LinePanel, weights: Numbers) -> Any:
    """The colour of each cell, [head, to, 3]."""
    if panel.signed:
        return np.where((weights < 0)[..., None], to_rgb(NEGATIVE), to_rgb(POSITIVE))
    return np.broadcast_to(np.array([to_rgb(one) for one in panel.colours])[:, None], (*weights.shape, 3))
