"""The word-relation graph (the paper's Figure 8): words coloured by the attention that the focus word pays them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amplify_viz.colours import FOCUS
from amplify_viz.figures import arcs, rings
from amplify_viz.figures.edges import Scales, edges_of, weights_of
from amplify_viz.figures.fonts import clean, fit
from amplify_viz.figures.legend import Item, chip, scale
from amplify_viz.figures.rows import strongest
from amplify_viz.figures.sheet import check_records, columns_for, headline, panel_width, sheet
from amplify_viz.figures.style import ATTENTION, EDGES, SMALL, number
from amplify_viz.graph import Point, WordGraph
from amplify_viz.graph import layout as places_of
from amplify_viz.graph import word_graph as graph_of
from amplify_viz.records import AttentionRecord


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
    focus: int,
    threshold: float = 0.05,
    layout: str = "arc",
    special: bool = False,
    width: float = 6.9,
) -> Figure:
    """A panel for each record: its words, and who looks at whom in one layer with a weight of at least threshold.

    head: zero-based, None for the mean over heads; focus: an index into word_texts; layout: "arc", "circle" or "radial",
    the same places in all panels; special: show special tokens; width: in inches.  A word is the darker the more the
    focus word looks at it, a line the more opaque the greater its weight (from the focus word in its colour), each on
    one scale for all panels; a word's attention to itself is no line.  Above 60 words the 60 that the focus word looks
    at most are shown, and the figure says so.

    Raises InputError for a layer, head, word or layout that there is not, for a threshold outside 0 to 1, and for
    anything but one to four records.
    A word's colour is the weight from the focus word to it, and a line's opacity times its scale is its weight.
    """
    check_records(records, layer=layer, focus=focus)
    whole = [
        graph_of(record, layer=layer, head=head, focus=focus, threshold=threshold, special=special)
        for record in records
    ]
    graphs = _reduced(whole)
    places = [places_of(graph, layout) for graph in graphs]
    drawing = _DRAWINGS[layout]
    columns = _columns(graphs, places, drawing, width)
    room = panel_width(columns, width=width)
    scales = _scales(graphs)
    figure, axes = sheet(
        len(graphs),
        columns=columns,
        height=max(drawing.height(*pair, room) for pair in zip(graphs, places, strict=True)),
        width=width,
        title=_title(records[0].word_texts[focus], layer, head),
        legend=_legend(records[0].word_texts[focus], scales, threshold),
        notes=_notes(whole, graphs, drawing.NOTE),
    )
    for ax, record, graph, at in zip(axes, records, graphs, places, strict=True):
        headline(ax, record.checkpoint, room)
        drawing.draw(ax, graph, at, scales)
    return figure


def _columns(
    graphs: Sequence[WordGraph], places: Sequence[Mapping[int, Point]], drawing: _Drawing, width: float
) -> int:
    needs = [drawing.needed(graph) for graph in graphs]
    height = max(drawing.height(*pair, min(needs)[0]) for pair in zip(graphs, places, strict=True))
    return columns_for(
        len(graphs), width=width, needed=(max(wide for wide, _ in needs), max(slim for _, slim in needs)), height=height
    )


def _reduced(graphs: Sequence[WordGraph]) -> list[WordGraph]:
    """The graphs with at most as many words as stay legible."""
    centres = [[list(graph).index(graph.graph["focus"])] for graph in graphs]
    kept = strongest([np.array(weights_of(graph)) for graph in graphs], centres)
    return [_only(graph, some) for graph, some in zip(graphs, kept, strict=True)]


def _only(graph: WordGraph, kept: Sequence[int]) -> WordGraph:
    part = graph.copy()
    nodes = list(graph)
    part.remove_nodes_from(set(nodes) - {nodes[row] for row in kept})
    return part


def _scales(graphs: Sequence[WordGraph]) -> Scales:
    edges = [weight for graph in graphs for _, _, weight in edges_of(graph)]
    nodes = [weight for graph in graphs for weight in weights_of(graph)]
    return Scales(node=max(nodes) or 1.0, edge=max(edges, default=0.0) or 1.0)


def _title(word: str, layer: int, head: int | None) -> str:
    return f"Words in layer {layer + 1}, {'mean over heads' if head is None else f'head {head + 1}'}, from “{word}”"


def _legend(word: str, scales: Scales, threshold: float) -> list[Item]:
    name = fit(clean(word), 60, size=SMALL)
    return [
        scale(f"word: weight from “{name}”", ATTENTION, "0", number(scales.node)),
        scale(f"line: weight ≥ {threshold:g}", EDGES, "0", number(scales.edge)),
        chip(FOCUS, f"from “{name}”"),
    ]


def _notes(whole: Sequence[WordGraph], graphs: Sequence[WordGraph], direction: str) -> Iterator[str]:
    yield direction
    full, part = (max(map(len, some)) for some in (whole, graphs))
    if part < full:
        yield f"{part} of {full} words are shown: those that the focus word looks at most."
