"""The word-relation graph (the paper's Figure 8): words coloured by the attention that the focus word pays them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amplify_viz.colours import FOCUS
from amplify_viz.figures import arcs, rings, sentences
from amplify_viz.figures.edges import KIND_COLOURS, Scales, edges_of, is_comparison, weights_of
from amplify_viz.figures.fonts import clean, fit
from amplify_viz.figures.legend import Item, chip, label, scale
from amplify_viz.figures.rows import strongest
from amplify_viz.figures.sheet import columns_for, headline, panel_width, sheet
from amplify_viz.figures.style import ATTENTION, EDGES, SIGNED, SMALL, number
from amplify_viz.figures.subjects import check_records, parted
from amplify_viz.graph import Point, WordGraph, graphs_of
from amplify_viz.graph import layout as places_of
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import subjects_of


class _Drawing(Protocol):
    """How a layout is drawn; sizes in points."""

    NOTE: str

    def needed(self, graph: WordGraph) -> tuple[float, float]: ...

    def height(self, graph: WordGraph, places: Mapping[int, Point], width: float) -> float: ...

    def draw(self, axes: Axes, graph: WordGraph, places: Mapping[int, Point], scales: Scales) -> None: ...


_DRAWINGS: Mapping[str, _Drawing] = {"arc": arcs, "circle": rings, "radial": rings}


def word_graph(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    head: int | None = None,
    heads: Sequence[int] | None = None,
    focus: int,
    threshold: float = 0.05,
    layout: str = "arc",
    special: bool = False,
    difference: tuple[int, int] | None = None,
    width: float = 6.9,
) -> Figure:
    """A panel for each record: its words, and who looks at whom in one layer with a weight of at least threshold.

    head: zero-based, None for the mean over heads (those given, or all); focus: an index into word_texts; layout: "arc",
    "circle" or "radial", the same places in all panels; special: show special tokens; width: in inches.  A word is the
    darker the more the focus word looks at it, a line the more opaque the greater its weight (from the focus word in its
    colour), each on one scale for all panels; a word's attention to itself is no line.  Above 60 words the 60 that the focus
    word looks at most are shown, and the figure says so.

    difference: two positions in records (a, b), for one more panel: its words have the colour of b − a, from orange over
    white (0) to blue, and a minus sign below 0; its lines say whether both have a relation, or a or b alone; a line is as
    opaque as the larger of the two weights, but never fainter than a quarter.

    A mean is over each record's own heads; a record that lacks the layer, or all heads chosen, has a sentence in its panel.

    Raises InputError for a layer or head that no record has, for a word or layout that there is not, for a threshold outside
    0 to 1, for anything but one to four records, and for records that cannot be compared.
    A word's colour is the weight from the focus word to it, and a line's opacity times its scale is its weight.
    """
    check_records(records, focus=focus)
    chosen = heads if head is None else [head]
    _, lacking = parted(subjects_of(records, difference), layer=layer, heads=chosen)
    names, whole = zip(
        *graphs_of(
            records, layer=layer, head=head, heads=heads, focus=focus, threshold=threshold, special=special,
            difference=difference,
        ),
        strict=True,
    )  # fmt: skip
    graphs = _reduced(whole)
    places = [places_of(graph, layout) for graph in graphs]
    drawing = _DRAWINGS[layout]
    columns = _columns(graphs, places, drawing, width, count=len(graphs) + len(lacking))
    room = panel_width(columns, width=width)
    scales = _scales(graphs)
    figure, axes = sheet(
        len(graphs) + len(lacking),
        columns=columns,
        height=max(drawing.height(*pair, room) for pair in zip(graphs, places, strict=True)),
        width=width,
        title=_title(records, focus, layer, chosen),
        legend=_legend(records[0].word_texts[focus], scales, threshold, compared=difference is not None),
        notes=[
            *_notes(whole, graphs, drawing.NOTE),
            *sentences.of_words(special=special, compared=difference is not None),
            *sentences.of_shapes(records, layer=layer, heads=chosen),
            *sentences.of_records(records),
        ],
        lacking=lacking,
    )
    for ax, name, graph, at in zip(axes, names, graphs, places, strict=True):
        headline(ax, name)
        drawing.draw(ax, graph, at, scales)
    return figure


def _columns(
    graphs: Sequence[WordGraph], places: Sequence[Mapping[int, Point]], drawing: _Drawing, width: float, *, count: int
) -> int:
    needs = [drawing.needed(graph) for graph in graphs]
    height = max(drawing.height(*pair, min(needs)[0]) for pair in zip(graphs, places, strict=True))
    return columns_for(
        count, width=width, needed=(max(wide for wide, _ in needs), max(slim for _, slim in needs)), height=height
    )


def _reduced(graphs: Sequence[WordGraph]) -> list[WordGraph]:
    """The graphs with at most as many words as stay legible."""
    centres = [[list(graph).index(graph.graph["focus"])] for graph in graphs]
    kept = strongest([np.abs(weights_of(graph)) for graph in graphs], centres)
    return [_only(graph, some) for graph, some in zip(graphs, kept, strict=True)]


def _only(graph: WordGraph, kept: Sequence[int]) -> WordGraph:
    part = graph.copy()
    nodes = list(graph)
    part.remove_nodes_from(set(nodes) - {nodes[row] for row in kept})
    return part


def _scales(graphs: Sequence[WordGraph]) -> Scales:
    edges = [weight for graph in graphs for _, _, weight in edges_of(graph)]
    nodes = [weight for graph in graphs if not is_comparison(graph) for weight in weights_of(graph)]
    differences = [abs(weight) for graph in graphs if is_comparison(graph) for weight in weights_of(graph)]
    return Scales(max(nodes) or 1.0, max(edges, default=0.0) or 1.0, max(differences, default=0.0) or 1.0)


def _title(records: Sequence[AttentionRecord], focus: int, layer: int, heads: Sequence[int] | None) -> str:
    of = sentences.heads_in(records, heads)
    several = heads is None or len(set(heads)) > 1
    return f"Words in layer {layer + 1}, {'mean of ' * several}{of}, from “{records[0].word_texts[focus]}”"


def _legend(word: str, scales: Scales, threshold: float, *, compared: bool) -> list[Item]:
    name = fit(clean(word), 60, size=SMALL)
    items = [
        scale(f"word: weight from “{name}”", ATTENTION, "0", number(scales.node)),
        scale(f"line: weight ≥ {threshold:g}", EDGES, "0", number(scales.edge)),
        chip(FOCUS, f"from “{name}”"),
    ]
    if compared:
        end = number(scales.difference)
        items += [scale("word: difference", SIGNED, f"−{end}", end), label("below 0: “−”")]
        names = {"shared": "in both", "only a": "first alone, dashed", "only b": "second alone, dotted"}
        items += [label("difference, lines:"), *(chip(KIND_COLOURS[kind], name) for kind, name in names.items())]
    return items


def _notes(whole: Sequence[WordGraph], graphs: Sequence[WordGraph], direction: str) -> Iterator[str]:
    yield direction
    full, part = (max(map(len, some)) for some in (whole, graphs))
    if part < full:
        yield f"{part} of {full} words are shown: those that the focus word looks at most."
