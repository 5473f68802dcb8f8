"""Words as a graph: who looks at whom in one layer of one record or of two, and where to draw the words."""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, pairwise, product
from math import cos, pi, sin
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import networkx as nx
from torch import Tensor

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference, Subject, subjects_of
from amplify_viz.selection import check_focus, check_head, check_heads, check_layer, having, own_heads
from amplify_viz.text import to_words

if TYPE_CHECKING:
    WordGraph = nx.DiGraph[int]
else:
    WordGraph = nx.DiGraph

Point = tuple[float, float]
Heads = int | Sequence[int] | None
"""One head, several for their mean, None for the mean of all; zero-based."""
LEFT_OUT = 0.35  # of a row: the space for words or tokens that are not shown, and between sentences
KINDS: Mapping[tuple[bool, bool], str | None] = MappingProxyType(
    {(True, True): "shared", (True, False): "only a", (False, True): "only b", (False, False): None}
)
"""What a relation is called by whether it is strong enough in a, and in b."""


def word_weights(record: AttentionRecord, *, layer: int, head: Heads = None) -> Tensor:
    """Attention between the groups of a record in one layer: of one head, or the mean of several or all.

    Returns [group, group]; a group is a word, or a special token by itself.  Raises InputError for a layer or head that
    the record lacks, and for no head.  Rows sum to 1.
    """
    weights = record.weights[check_layer(record, layer)]
    heads = [check_head(record, head)] if isinstance(head, int) else list(check_heads(record, head))
    return to_words(weights[heads].mean(dim=0), record.groups)


def word_graph(
    record: AttentionRecord,
    *,
    layer: int,
    head: Heads = None,
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
    _check_threshold(threshold)
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


def compare(
    a: AttentionRecord,
    b: AttentionRecord,
    *,
    layer: int,
    head: Heads = None,
    focus: int,
    threshold: float = 0.0,
) -> WordGraph:
    """A directed graph of the words that both records have: which relations they share, and which only one of them has.

    The records are of one text and of models of one shape; their tokenizers may differ, for words are compared, without
    special tokens.  An edge is there where its weight is at least threshold in one record or both, and has weight_a,
    weight_b and kind ("shared", "only a" or "only b").  A node has label, word, segment, weight_a and weight_b (attention
    from the focus word to it) and focus, as in `word_graph(a, …)`, whose numbers the nodes have too.

    Raises InputError for records that cannot be compared, and as `word_graph` does.
    The edges that are not "only b" are those of `word_graph(a, …)` between these words, those not "only a" are b's.
    """
    _check_threshold(threshold)
    both = Difference(a, b)  # raises for records that cannot be compared
    check_focus(b, focus)
    nodes, others, centre = _nodes_by_word(a), _nodes_by_word(b), check_focus(a, focus)
    words = [word for word in nodes if word in others]
    first, second = (_between(record, words, layer=layer, head=head) for record in (a, b))
    graph: WordGraph = nx.DiGraph(focus=nodes[centre])
    row = words.index(centre)
    for word, weight_a, weight_b in zip(words, first[row], second[row], strict=True):
        graph.add_node(
            nodes[word],
            label=a.group_labels[nodes[word]] if both.same_tokens else a.word_texts[word],
            word=word,
            segment=a.segments[a.groups[nodes[word]][0]],
            weight_a=weight_a,
            weight_b=weight_b,
            focus=word == centre,
        )
    for (i, source), (j, target) in product(enumerate(words), repeat=2):
        kind = KINDS[first[i][j] >= threshold, second[i][j] >= threshold]
        if kind:
            graph.add_edge(nodes[source], nodes[target], weight_a=first[i][j], weight_b=second[i][j], kind=kind)
    return graph


def graphs_of(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    head: int | None = None,
    heads: Sequence[int] | None = None,
    focus: int,
    threshold: float = 0.05,
    special: bool = False,
    difference: tuple[int, int] | None = None,
) -> list[tuple[str, WordGraph]]:
    """The graph of each record, with its checkpoint's name, and behind them the comparison of two of them (a, b).

    The other arguments as in `word_graph`; head: zero-based, None for the mean over heads (those given that a record has, or
    all of its own).  Records that lack the layer, or all the heads, are left out (see `selection.having`).  In the
    comparison, which is without special tokens, a node's weight is b − a, an edge's the larger of the two, and
    graph.graph["comparison"] is True.  Raises InputError as `word_graph` and `compare` do.
    """
    chosen: dict[str, Any] = {"layer": layer, "focus": focus, "threshold": threshold}
    asked = heads if head is None else [head]
    return [
        (subject.checkpoint, _graph(subject, chosen | {"head": own_heads(subject, asked)}, special=special))
        for subject in having(subjects_of(records, difference), layer=layer, heads=asked)
    ]


def _graph(subject: Subject, chosen: Mapping[str, Any], *, special: bool) -> WordGraph:
    """The graph of a record; of a difference its nodes' weights are b − a, its edges' the larger of the two."""
    if not isinstance(subject, Difference):
        return word_graph(subject, **chosen, special=special)
    graph = compare(subject.a, subject.b, **chosen)
    graph.graph["comparison"] = True
    for _, node in graph.nodes(data=True):
        node["weight"] = node["weight_b"] - node["weight_a"]
    for _, _, edge in graph.edges(data=True):
        edge["weight"] = max(edge["weight_a"], edge["weight_b"])
    return graph


def _nodes_by_word(record: AttentionRecord) -> dict[int, int]:
    """Each word's position in record.groups, in the order of the text."""
    words = [record.words[group[0]] for group in record.groups]
    return {word: node for node, word in enumerate(words) if word is not None}


def _between(record: AttentionRecord, words: Sequence[int], *, layer: int, head: Heads) -> list[list[float]]:
    """Attention between some words, [from][to]."""
    kept = [_nodes_by_word(record)[word] for word in words]
    found: list[list[float]] = word_weights(record, layer=layer, head=head)[kept][:, kept].tolist()
    return found


def _check_threshold(threshold: float) -> None:
    if not 0 <= threshold <= 1:
        raise InputError(f"A threshold is an attention weight from 0 to 1, got {threshold}: choose one between.")


def layout(graph: WordGraph, kind: str = "arc") -> dict[int, Point]:
    """Where each node stands: "arc" (one below the other), "circle" or "radial" (the focus word in the middle).

    x grows to the right and y upwards; neighbours in "arc" are 1 apart, or a little more where something between them
    is left out or a sentence ends; "circle" and "radial" have radius 1 and run clockwise from the top.  Raises InputError
    for another kind.
    The places depend on the words alone, never on the weights, so they are the same for all models.
    """
    if kind not in LAYOUTS:
        raise InputError(f"A layout is one of {', '.join(LAYOUTS)}, got {kind!r}: choose one of these.")
    return LAYOUTS[kind](graph)


def _arc(graph: WordGraph) -> dict[int, Point]:
    nodes = list(graph)
    steps = (1 + LEFT_OUT * _is_apart(graph, *pair) for pair in pairwise(nodes))
    return {node: (0.0, -down) for node, down in zip(nodes, accumulate(steps, initial=0.0), strict=True)}


def _is_apart(graph: WordGraph, before: int, after: int) -> bool:
    """Whether neighbours stand apart: words that are not next to each other in one sentence, or what is left out between."""
    one, other = graph.nodes[before], graph.nodes[after]
    if one["word"] is None or other["word"] is None:
        return after - before != 1
    return bool(other["word"] - one["word"] != 1 or other["segment"] != one["segment"])


def _circle(graph: WordGraph) -> dict[int, Point]:
    return _ring(list(graph))


def _radial(graph: WordGraph) -> dict[int, Point]:
    centre = graph.graph["focus"]
    return _ring([node for node in graph if node != centre]) | {centre: (0.0, 0.0)}


def _ring(nodes: list[int]) -> dict[int, Point]:
    angles = (2 * pi * place / len(nodes) for place in range(len(nodes)))
    return {node: (sin(angle), cos(angle)) for node, angle in zip(nodes, angles, strict=True)}


LAYOUTS: Mapping[str, Callable[[WordGraph], dict[int, Point]]] = {"arc": _arc, "circle": _circle, "radial": _radial}
