"""Words as a graph: who looks at whom in one layer, and where to draw the words."""

from collections.abc import Callable, Mapping
from itertools import accumulate, pairwise
from math import cos, pi, sin
from typing import TYPE_CHECKING

import networkx as nx
from torch import Tensor

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.selection import check_focus, check_head, check_layer
from amplify_viz.text import to_words

if TYPE_CHECKING:
    WordGraph = nx.DiGraph[int]
else:
    WordGraph = nx.DiGraph

Point = tuple[float, float]
LEFT_OUT = 0.35  # of a row: the space for words or tokens that are not shown


def word_weights(record: AttentionRecord, *, layer: int, head: int | None = None) -> Tensor:
    """Attention between the groups of a record in one layer: of one head, or for None the mean over heads.

    Returns [group, group]; a group is a word, or a special token by itself.  Raises InputError for a layer or head that
    the record lacks.  Rows sum to 1.
    """
    weights = record.weights[check_layer(record, layer)]
    chosen = weights.mean(dim=0) if head is None else weights[check_head(record, head)]
    return to_words(chosen, record.groups)


def word_graph(
    record: AttentionRecord,
    *,
    layer: int,
    head: int | None = None,
    focus: int,
    threshold: float = 0.0,
    special: bool = False,
) -> WordGraph:
    """A directed graph of the words: an edge from the word that looks to the word looked at, where weight ≥ threshold.

    focus: an index into record.word_texts; special: keep special tokens, each a node of its own.  A node is a position
    in record.groups and has: label (its text), word (index into record.word_texts, None for a special token), segment,
    weight (attention from the focus word to it) and focus (whether it is the focus word).  An edge has weight; a word
    that looks at itself has an edge to itself.  graph.graph["focus"] is the focus word's node.

    Raises InputError for a layer, head or word that the record lacks and for a threshold outside 0 to 1.
    With special tokens and threshold 0 the weights of the edges out of each node sum to 1.
    """
    if not 0 <= threshold <= 1:
        raise InputError(f"A threshold is an attention weight from 0 to 1, got {threshold}: choose one between.")
    weights = word_weights(record, layer=layer, head=head).tolist()
    words = [record.words[group[0]] for group in record.groups]
    centre = words.index(check_focus(record, focus))
    graph: WordGraph = nx.DiGraph(focus=centre)
    for node, word in enumerate(words):
        if special or word is not None:
            graph.add_node(
                node,
                label=record.group_labels[node],
                word=word,
                segment=record.segments[record.groups[node][0]],
                weight=weights[centre][node],
                focus=node == centre,
            )
    edges = ((source, target, weights[source][target]) for source in graph for target in graph)
    graph.add_weighted_edges_from(edge for edge in edges if edge[2] >= threshold)
    return graph


def layout(graph: WordGraph, kind: str = "arc") -> dict[int, Point]:
    """Where each node stands: "arc" (one below the other), "circle" or "radial" (the focus word in the middle).

    x grows to the right and y upwards; neighbours in "arc" are 1 apart, or a little more where something between them
    is left out; "circle" and "radial" have radius 1 and run clockwise from the top.  Raises InputError for another kind.
    The places depend on the words alone, never on the weights, so they are the same for all models.
    """
    if kind not in LAYOUTS:
        raise InputError(f"A layout is one of {', '.join(LAYOUTS)}, got {kind!r}: choose one of these.")
    return LAYOUTS[kind](graph)


def _arc(graph: WordGraph) -> dict[int, Point]:
    nodes = list(graph)
    steps = (1.0 if after - before == 1 else 1 + LEFT_OUT for before, after in pairwise(nodes))
    return {node: (0.0, -down) for node, down in zip(nodes, accumulate(steps, initial=0.0), strict=True)}


def _circle(graph: WordGraph) -> dict[int, Point]:
    return _ring(list(graph))


def _radial(graph: WordGraph) -> dict[int, Point]:
    centre = graph.graph["focus"]
    return _ring([node for node in graph if node != centre]) | {centre: (0.0, 0.0)}


def _ring(nodes: list[int]) -> dict[int, Point]:
    angles = (2 * pi * place / len(nodes) for place in range(len(nodes)))
    return {node: (sin(angle), cos(angle)) for node, angle in zip(nodes, angles, strict=True)}


LAYOUTS: Mapping[str, Callable[[WordGraph], dict[int, Point]]] = {"arc": _arc, "circle": _circle, "radial": _radial}
