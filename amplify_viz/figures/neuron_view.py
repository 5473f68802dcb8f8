"""The neuron view (the paper's Figure 7): how a query and the keys make the attention of one word in one head."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from amplify_viz.colours import FOCUS, POSITIVE
from amplify_viz.figures import sentences
from amplify_viz.figures.fonts import fit, widest
from amplify_viz.figures.legend import Item, scale
from amplify_viz.figures.rows import Numbers, Rows, rows_of, strongest
from amplify_viz.figures.sheet import columns_for, headline, sheet
from amplify_viz.figures.style import INK, QUIET, RULE, SIGNED, number, write
from amplify_viz.figures.subjects import check_records, parted
from amplify_viz.records import AttentionRecord

_TOP, _GAP, _LONGEST = 42.0, 6.0, 58.0  # points: above the keys, between columns, a label
_STRIP, _NARROW, _NAMED = (
    40.0,
    26.0,
    50.0,
)  # points: a strip where there is room, where there is not, under its full name
_SCORE, _WEIGHT, _BAR = 32.0, 20.0, 24.0  # points: a score with its swatch, a weight, the longest bar
_FINE, _SINGLE = 8, 9.0  # pixels to a row of a strip, and the height in points of a row that is alone
_ROOT = 1e-3  # how near a scaling is to 1/√d that is called so
_NEVER = -1e4  # what a mask adds to a score to forbid a key, or less


@dataclass(frozen=True)
class _Panel:
    """One record's focus token and the keys: query [dim], keys and products [key, dim], scores and weights [key].

    scored: what its scores are called.
    """

    name: str
    query_label: str
    focus: int
    rows: Rows
    query: Numbers
    keys: Numbers
    scores: Numbers
    weights: Numbers
    scored: str

    @property
    def products(self) -> Numbers:
        """The query times each key, dimension by dimension."""
        return self.query * self.keys


@dataclass(frozen=True)
class _Scales:
    """The largest absolute value of each column over all panels."""

    vector: float
    product: float
    score: float
    weight: float


def neuron_view(records: Sequence[AttentionRecord], *, layer: int, head: int, focus: int, width: float = 6.9) -> Figure:
    """A panel for each record: the focus token's query above the keys of all tokens, and what becomes of them.

    From left to right: each token looked at, its key vector k, the elementwise product q × k, the score (the sum of
    q × k times the layer's scaling, plus what the mask adds; "masked" for a key that may not be looked at) and the
    attention weight (softmax of the scores, a bar and a number).  focus: an index into word_texts; of a word of several
    tokens the first one asks, and the figure says so.  Blue is positive and orange negative, on one scale for each
    column over all panels.  Above 60 tokens the 60 with the largest weights are shown, and the figure says so.
    width: in inches.

    A record that lacks the layer or head has a sentence in its panel.

    Raises InputError for a layer or head that no record has, for a word that there is not, and for anything but one to four
    records.
    With all tokens shown the weights are the softmax of the scores.
    """
    check_records(records, focus=focus)
    having, lacking = parted(records, layer=layer, heads=[head])
    whole = [_panel(record, layer, head, focus) for record in having]
    kept = strongest([panel.weights for panel in whole], [panel.rows.of_word(focus)[:1] for panel in whole])
    panels = [_only(panel, some) for panel, some in zip(whole, kept, strict=True)]
    scales = _scales(panels)
    height = _TOP + max(panel.rows.heights()[-1] for panel in panels) + 6
    needed = (max(_needed(panel, _STRIP) for panel in panels), max(_needed(panel, _NARROW) for panel in panels))
    figure, axes = sheet(
        len(records),
        columns=columns_for(len(records), width=width, needed=needed, height=height),
        height=height,
        width=width,
        title=f"Query, keys and attention of “{records[0].word_texts[focus]}” in layer {layer + 1}, head {head + 1}",
        legend=_legend(scales, {panel.scored for panel in panels}),
        notes=[*_notes(whole, panels), *sentences.of_records(records)],
        lacking=lacking,
    )
    for ax, panel in zip(axes, panels, strict=True):
        _draw(ax, panel, scales)
    return figure


def _panel(record: AttentionRecord, layer: int, head: int, focus: int) -> _Panel:
    rows = rows_of(record)
    token = rows.of_word(focus)[0]
    query, keys = record.queries[layer, head, token].double(), record.keys[layer, head].double()
    scores = record.scaling[layer].double() * (keys @ query) + record.mask[layer, token].double()
    weights = record.weights[layer, head, token].double()
    return _Panel(
        record.checkpoint, rows.labels[token], focus, rows, query.numpy(), keys.numpy(), scores.numpy(), weights.numpy(),
        _scored(record, layer, token),
    )  # fmt: skip


def _scored(record: AttentionRecord, layer: int, token: int) -> str:
    """What the scores are called, as on screen: by their formula, or plainly where the mask adds more than a ban."""
    mask = record.mask[layer, token]
    if ((mask > _NEVER) & (mask != 0)).any():
        return "score"
    return "q·k/√d" if abs(float(record.scaling[layer]) * record.keys.shape[-1] ** 0.5 - 1) < _ROOT else "scaled q·k"


def _only(panel: _Panel, kept: list[int]) -> _Panel:
    keys, scores, weights = panel.keys[kept], panel.scores[kept], panel.weights[kept]
    return replace(panel, rows=panel.rows.only(kept), keys=keys, scores=scores, weights=weights)


def _scales(panels: Sequence[_Panel]) -> _Scales:
    def largest(*parts: Numbers) -> float:
        return max(float(np.abs(part[part > _NEVER]).max(initial=0)) for part in parts) or 1.0

    return _Scales(
        vector=largest(*(panel.query for panel in panels), *(panel.keys for panel in panels)),
        product=largest(*(panel.products for panel in panels)),
        score=largest(*(panel.scores for panel in panels)),
        weight=largest(*(panel.weights for panel in panels)),
    )


def _needed(panel: _Panel, strip: float) -> float:
    return _label_room(panel) + 2 * strip + _SCORE + _WEIGHT + _BAR + 4 * _GAP


def _label_room(panel: _Panel) -> float:
    return min(widest(panel.rows.labels, size=panel.rows.size, bold=True), _LONGEST)


def _legend(scales: _Scales, scored: set[str]) -> list[Item]:
    score = next(iter(scored)) if len(scored) == 1 else "score"
    named = {"q, k": scales.vector, "q × k": scales.product, score: scales.score}
    return [scale(name, SIGNED, number(-top), number(top)) for name, top in named.items()]


def _notes(whole: Sequence[_Panel], panels: Sequence[_Panel]) -> Iterator[str]:
    full, part = (max(len(panel.rows) for panel in some) for some in (whole, panels))
    if part < full:
        yield f"{part} of {full} tokens are shown: those with the largest weights."
    if any(len(panel.rows.of_word(panel.focus)) > 1 for panel in whole):
        yield "The word has several tokens: the query is that of the first."


def _draw(axes: Axes, panel: _Panel, scales: _Scales) -> None:
    """One panel: the query over the key strip, then a row for each key."""
    width = float(axes.get_xlim()[1])
    room = width - _SCORE - _WEIGHT - _BAR - 4 * _GAP
    column = min(_label_room(panel), room - 2 * _NARROW)
    strip = (room - column) / 2
    keys, products = column + _GAP, column + strip + 2 * _GAP
    scores = products + strip + _GAP
    heights = [_TOP + height for height in panel.rows.heights()]
    headline(axes, panel.name)
    _write_tokens(axes, panel, heights, column)
    _paint_strip(axes, panel.query[None], [_TOP - 8], (keys, strip), top=scales.vector, gid="query")
    _paint_strip(axes, panel.keys, heights, (keys, strip), top=scales.vector, gid="keys")
    _paint_strip(axes, panel.products, heights, (products, strip), top=scales.product, gid="products")
    vectors = "query q, keys k" if strip > _NAMED else "q, k"
    for x, text in ((keys, vectors), (products, "q × k"), (scores, panel.scored), (width - _WEIGHT - _BAR, "softmax")):
        write(axes, x, _TOP - 21, text, colour=QUIET)
    _paint_scores(axes, panel.scores, heights, scores, scales.score)
    _paint_weights(axes, panel.weights, heights, width, scales.weight)


def _write_tokens(axes: Axes, panel: _Panel, heights: Sequence[float], column: float) -> None:
    query = fit(panel.query_label, column, size=panel.rows.size, bold=True)
    write(axes, column, _TOP - 8, query, size=panel.rows.size, colour=FOCUS, bold=True, align="right", gid="from")
    for y, text, word in zip(heights, panel.rows.labels, panel.rows.words, strict=True):
        colour = FOCUS if word == panel.focus else QUIET if word is None else INK
        shown = fit(text, column, size=panel.rows.size)
        write(axes, column, y, shown, size=panel.rows.size, colour=colour, align="right", gid="to")


def _paint_strip(
    axes: Axes, numbers: Numbers, heights: Sequence[float], place: tuple[float, float], *, top: float, gid: str
) -> None:
    """Numbers [row, dim] as coloured cells between x and x + width, each row around its height, white between rows."""
    pitch = min(np.diff(heights), default=_SINGLE)
    lines = np.round((np.array(heights) - heights[0]) / pitch * _FINE).astype(int)
    pixels = np.ma.array(np.zeros((lines[-1] + _FINE, numbers.shape[1])), mask=True)
    for line, row in zip(lines, numbers, strict=True):
        pixels[line : line + _FINE - 1] = row
    left, width = place
    first = heights[0] - pitch / 2 + pitch / _FINE / 2
    extent = (left, left + width, first + len(pixels) / _FINE * pitch, first)
    image = AxesImage(axes, cmap=SIGNED, norm=Normalize(-top, top), interpolation="nearest", extent=extent)
    image.set(data=pixels, gid=gid)
    axes.add_image(image)


def _paint_scores(axes: Axes, scores: Numbers, heights: Sequence[float], x: float, top: float) -> None:
    allowed = scores > _NEVER
    swatches = [Rectangle((x, y - 3), 6, 6) for y in np.array(heights)[allowed]]
    colours = SIGNED(Normalize(-top, top)(scores[allowed]))
    axes.add_collection(PatchCollection(swatches, facecolors=colours, edgecolors=RULE, linewidths=0.3))
    for y, score, seen in zip(heights, scores, allowed, strict=True):
        shown = f"{score:z.1f}".replace("-", "−") if seen else "masked"
        write(axes, x + _SCORE, y, shown, colour=INK if seen else QUIET, align="right", gid="score")


def _paint_weights(axes: Axes, weights: Numbers, heights: Sequence[float], width: float, top: float) -> None:
    left = width - _WEIGHT - _BAR
    bars = [Rectangle((left, y - 3), weight / top * _BAR, 6) for y, weight in zip(heights, weights, strict=True)]
    axes.add_collection(PatchCollection(bars, facecolors=POSITIVE, edgecolors="none", gid="weights"))
    for y, weight in zip(heights, weights, strict=True):
        write(axes, width, y, f"{weight:.2f}", colour=INK if weight >= 0.005 else QUIET, align="right", gid="weight")
