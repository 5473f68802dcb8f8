"""The word graph's numbers: what the browser draws from is the library's graph, and its comparison too."""

import numpy as np
import pytest
from networkx import get_edge_attributes
from numpy.typing import NDArray

from amplify_viz.graph import KINDS, compare, word_graph
from amplify_viz.records import AttentionRecord, capture
from amplify_viz.rows import Difference, Subject
from amplify_viz.views.chunks import chunk
from amplify_viz.views.packing import unpack
from tests.tiny import random_record, tiny_checkpoint

HALF = 2.0**-11  # relative error of float16
ROUNDING = 1e-4  # of a weight near 0.05 in float16
TEXTS = ("the rabbit quickly hopped", "the wholehearted turtle slowly crawled")


def sent(subject: Subject, layer: int) -> tuple[list[int | None], NDArray[np.float32]]:
    """The words and the weights [head, from, to] of the chunk that the word graph asks for."""
    meta, arrays = unpack(chunk(subject, f"heads/{layer}/words/hidden"))
    return meta["words"], arrays["weights"].astype(np.float32)


@pytest.mark.parametrize("heads", [(0, 1, 2, 3), (2,), (1, 3)])
def test_the_mean_over_the_chosen_heads_is_the_graphs_weight(heads: tuple[int, ...]) -> None:
    record = random_record(TEXTS)
    graph = word_graph(record, layer=1, head=heads, focus=2)
    words, weights = sent(record, 1)
    assert words == [graph.nodes[node]["word"] for node in graph]
    expected = [[graph.edges[source, target]["weight"] for target in graph] for source in graph]
    np.testing.assert_allclose(weights[list(heads)].mean(axis=0), expected, rtol=HALF, atol=1e-7)
    row = weights[list(heads)].mean(axis=0)[words.index(2)]
    np.testing.assert_allclose(row, [graph.nodes[node]["weight"] for node in graph], rtol=HALF, atol=1e-7)


@pytest.mark.parametrize("families", [("bert", "bert"), ("bert", "gpt2"), ("roberta", "bert")])
def test_lines_of_two_chunks_joined_by_their_words_are_the_librarys_comparison(families: tuple[str, str]) -> None:
    records = [capture(tiny_checkpoint(family, seed=seed), *TEXTS) for seed, family in enumerate(families)]
    a, b = records
    threshold, found = 0.0501, {}
    close = set()  # what float16 may put on the other side of the threshold, on one machine or another
    graph = compare(a, b, layer=2, focus=1, threshold=threshold)
    (words_a, weights_a), (words_b, weights_b) = (sent(record, 2) for record in records)
    shared = {word for word in words_a if word in words_b} - {None}
    for source in shared:
        for target in shared:
            one = weights_a[:, words_a.index(source), words_a.index(target)].mean()
            other = weights_b[:, words_b.index(source), words_b.index(target)].mean()
            found[source, target] = KINDS[bool(one >= threshold), bool(other >= threshold)]
            if min(abs(one - threshold), abs(other - threshold)) < ROUNDING:
                close.add((source, target))
    kinds = {
        (graph.nodes[source]["word"], graph.nodes[target]["word"]): kind
        for (source, target), kind in get_edge_attributes(graph, "kind").items()
    }
    assert len(close) < len(found) / 4
    expected = {pair: kind for pair, kind in found.items() if kind and pair not in close}
    assert {pair: kind for pair, kind in kinds.items() if pair not in close} == expected
    assert set(kinds.values()) == {"shared", "only a", "only b"}


def test_the_difference_of_the_focus_words_attention_is_sent_for_words_of_any_tokenizers() -> None:
    a, b = (capture(tiny_checkpoint(family), *TEXTS) for family in ("bert", "gpt2"))
    graph = compare(a, b, layer=0, head=1, focus=1)
    words, weights = sent(Difference(a, b), 0)
    expected = [graph.nodes[node]["weight_b"] - graph.nodes[node]["weight_a"] for node in graph]
    np.testing.assert_allclose(weights[1, words.index(1)], expected, rtol=HALF, atol=1e-6)


def test_words_stand_in_the_order_of_the_text_in_every_record() -> None:
    records: list[AttentionRecord] = [
        capture(tiny_checkpoint(family), *TEXTS) for family in ("bert", "gpt2", "roberta")
    ]
    for record in records:
        words = [word for word in sent(record, 0)[0] if word is not None]  # a token of white space has none
        assert words == list(range(len(record.word_texts)))
