"""The word graph keeps the attention it is made of."""

import json
from dataclasses import replace
from itertools import pairwise
from math import hypot
from pathlib import Path

import pytest
import torch
from networkx import get_edge_attributes, get_node_attributes

from amplify_viz.errors import InputError
from amplify_viz.graph import LAYOUTS, LEFT_OUT, WordGraph, compare, layout, word_graph, word_weights
from amplify_viz.records import AttentionRecord, capture
from amplify_viz.text import to_words
from tests.tiny import random_record, tiny_checkpoint

TEXTS = ("the cartoonish film avoids the clichés", "the view of an oldfashioned type")
RECORD = random_record(TEXTS)


def test_the_weights_out_of_each_word_sum_to_one() -> None:
    graph = word_graph(RECORD, layer=1, focus=2, special=True)
    weights = get_edge_attributes(graph, "weight")
    for node in graph:
        assert sum(weights[edge] for edge in graph.out_edges(node)) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("head", [None, 2])
def test_edges_are_the_word_weights(head: int | None) -> None:
    graph = word_graph(RECORD, layer=1, head=head, focus=2, special=True)
    weights = RECORD.weights[1].mean(dim=0) if head is None else RECORD.weights[1, head]
    expected = to_words(weights, RECORD.groups)
    assert torch.equal(expected, word_weights(RECORD, layer=1, head=head))
    for edge, weight in get_edge_attributes(graph, "weight").items():
        assert weight == pytest.approx(expected[edge].item(), abs=1e-7)
    assert graph.number_of_edges() == len(RECORD.groups) ** 2


def test_attention_to_a_word_is_summed_and_from_it_averaged_by_hand() -> None:
    first, second = RECORD.groups[2]
    assert (RECORD.shown[first], RECORD.shown[second]) == ("carto", "##onish")
    weights = word_weights(RECORD, layer=0, head=1)
    raw = RECORD.weights[0, 1]
    assert weights[1, 2] == pytest.approx((raw[1, first] + raw[1, second]).item())
    assert weights[2, 1] == pytest.approx(((raw[first, 1] + raw[second, 1]) / 2).item())


def test_several_heads_are_averaged() -> None:
    expected = (word_weights(RECORD, layer=1, head=0) + word_weights(RECORD, layer=1, head=3)) / 2
    torch.testing.assert_close(word_weights(RECORD, layer=1, head=[0, 3]), expected, rtol=0, atol=1e-7)
    assert torch.equal(word_weights(RECORD, layer=1, head=[0, 1, 2, 3]), word_weights(RECORD, layer=1))
    with pytest.raises(InputError, match="needs at least one head"):
        word_weights(RECORD, layer=1, head=[])


def test_nodes_say_what_they_are() -> None:
    graph = word_graph(RECORD, layer=0, focus=1, special=True)
    assert list(get_node_attributes(graph, "label").values()) == list(RECORD.group_labels)
    focus = graph.graph["focus"]
    assert graph.nodes[focus] == {
        "label": "cartoonish",
        "word": 1,
        "segment": 0,
        "weight": graph.edges[focus, focus]["weight"],
        "focus": True,
    }
    assert [node for node, focused in get_node_attributes(graph, "focus").items() if focused] == [focus]
    assert graph.nodes[0]["word"] is None and graph.nodes[0]["segment"] is None
    for node, weight in get_node_attributes(graph, "weight").items():
        assert weight == graph.edges[focus, node]["weight"]


def test_special_tokens_are_left_out_unless_wanted() -> None:
    labels = get_node_attributes(word_graph(RECORD, layer=0, focus=0), "label")
    assert list(labels.values()) == list(RECORD.word_texts)
    assert "[SEP]" in RECORD.group_labels


def test_equal_words_are_told_apart_by_position() -> None:
    record = random_record(("the film is the film", "the film"))
    places = [word for word, text in enumerate(record.word_texts) if text == "film"]
    graphs = [word_graph(record, layer=0, focus=place) for place in places]
    assert [graph.nodes[graph.graph["focus"]]["word"] for graph in graphs] == places
    assert len({graph.graph["focus"] for graph in graphs}) == 3
    assert len(graphs[0]) == 7


def test_edges_under_the_threshold_fall_away_and_words_stay() -> None:
    everything = word_graph(RECORD, layer=0, focus=0)
    strong = word_graph(RECORD, layer=0, focus=0, threshold=0.1)
    expected = {edge for edge, weight in get_edge_attributes(everything, "weight").items() if weight >= 0.1}
    assert set(strong.edges) == expected
    assert 0 < len(expected) < everything.number_of_edges()
    assert list(strong) == list(everything)


@pytest.mark.parametrize("kind", LAYOUTS)
def test_places_depend_on_the_words_alone(kind: str) -> None:
    other = random_record(TEXTS, seed=9, checkpoint="none")
    here = layout(word_graph(RECORD, layer=0, focus=3), kind)
    there = layout(word_graph(other, layer=2, head=1, focus=3, threshold=0.2), kind)
    assert here == there
    assert len(set(here.values())) == len(RECORD.word_texts)


def test_words_stand_below_each_other_in_reading_order_with_a_gap_where_something_is_left_out() -> None:
    heights = [y for _, y in layout(word_graph(RECORD, layer=0, focus=0), "arc").values()]
    steps = [before - after for before, after in pairwise(heights)]
    assert heights[0] == 0
    assert steps[:5] == [1.0] * 5 and steps[6:] == pytest.approx([1.0] * 5)
    assert steps[5] > 1  # the [SEP] between the sentences


def test_a_ring_has_radius_one_and_starts_at_the_top() -> None:
    places = layout(word_graph(RECORD, layer=0, focus=0), "circle")
    assert [hypot(*place) for place in places.values()] == pytest.approx([1.0] * len(places))
    assert next(iter(places.values())) == pytest.approx((0, 1))
    assert list(places.values())[1][0] > 0  # clockwise


def test_the_focus_stands_in_the_middle_of_a_radial_layout() -> None:
    graph = word_graph(RECORD, layer=0, focus=4)
    places = layout(graph, "radial")
    assert places[graph.graph["focus"]] == (0, 0)
    assert sum(hypot(*place) > 0.99 for place in places.values()) == len(places) - 1


def test_a_text_of_one_word_has_a_graph() -> None:
    graph = word_graph(random_record(("hello",)), layer=0, focus=0)
    assert [layout(graph, kind) for kind in LAYOUTS] == [{1: (0.0, 0.0)}, {1: (0.0, 1.0)}, {1: (0.0, 0.0)}]


def three_words(weights: list[list[float]], **changes: object) -> AttentionRecord:
    """A record of three words between [CLS] and [SEP] that look at each other in one head like this."""
    record = random_record(("rabbit hopped away",), n_layers=1, n_heads=1)
    attention = torch.full((1, 1, 5, 5), 0.1)
    attention[0, 0, 1:4, 1:4] = torch.tensor(weights)
    return replace(record, weights=attention, **changes)  # type: ignore[arg-type]


A = three_words([[0.5, 0.3, 0.0], [0.1, 0.1, 0.6], [0.2, 0.05, 0.4]])
B = three_words([[0.2, 0.4, 0.2], [0.1, 0.1, 0.7], [0.05, 0.3, 0.1]], checkpoint="b")


def kinds(graph: WordGraph) -> dict[tuple[str, str], str]:
    labels, found = get_node_attributes(graph, "label"), get_edge_attributes(graph, "kind")
    return {(labels[source], labels[target]): kind for (source, target), kind in found.items()}


def test_relations_of_two_records_are_shared_or_of_one_alone_by_hand() -> None:
    graph = compare(A, B, layer=0, focus=0, threshold=0.2)
    assert kinds(graph) == {
        ("rabbit", "rabbit"): "shared",
        ("rabbit", "hopped"): "shared",
        ("rabbit", "away"): "only b",
        ("hopped", "away"): "shared",
        ("away", "rabbit"): "only a",
        ("away", "hopped"): "only b",
        ("away", "away"): "only a",
    }
    assert graph.edges[1, 3] == {"weight_a": 0.0, "weight_b": pytest.approx(0.2), "kind": "only b"}
    assert graph.nodes[3] == {
        "label": "away", "word": 2, "segment": 0, "weight_a": 0.0, "weight_b": pytest.approx(0.2), "focus": False,
    }  # fmt: skip
    assert graph.graph["focus"] == 1 and graph.nodes[1]["focus"]


def test_changing_places_changes_the_names_alone() -> None:
    there = kinds(compare(A, B, layer=0, focus=0, threshold=0.2))
    other = {"shared": "shared", "only a": "only b", "only b": "only a"}
    assert kinds(compare(B, A, layer=0, focus=0, threshold=0.2)) == {edge: other[kind] for edge, kind in there.items()}


@pytest.mark.parametrize("threshold", [0.0, 0.05, 0.1])
@pytest.mark.parametrize("head", [None, 1, [0, 2]])
def test_a_comparison_holds_the_edges_of_both_graphs(head: int | list[int] | None, threshold: float) -> None:
    other = random_record(TEXTS, seed=3, checkpoint="none")
    graph = compare(RECORD, other, layer=2, head=head, focus=1, threshold=threshold)
    found = get_edge_attributes(graph, "kind")
    for record, name in ((RECORD, "a"), (other, "b")):
        alone = word_graph(record, layer=2, head=head, focus=1, threshold=threshold)
        assert list(alone) == list(graph)
        assert {edge for edge, kind in found.items() if kind in ("shared", f"only {name}")} == set(alone.edges)
        for (source, target), weight in get_edge_attributes(alone, "weight").items():
            assert graph.edges[source, target][f"weight_{name}"] == weight
        assert get_node_attributes(graph, f"weight_{name}") == get_node_attributes(alone, "weight")


def test_records_of_other_tokenizers_are_compared_by_their_words() -> None:
    texts = ("the rabbit hopped wholeheartedly", "the turtle crawled")
    bert, gpt = (capture(tiny_checkpoint(family), *texts) for family in ("bert", "gpt2"))
    assert bert.n_tokens != gpt.n_tokens
    graph = compare(bert, gpt, layer=1, head=2, focus=1)
    assert tuple(get_node_attributes(graph, "label").values()) == bert.word_texts
    for record, name in ((bert, "a"), (gpt, "b")):
        nodes = [record.words[group[0]] for group in record.groups]
        weights = word_weights(record, layer=1, head=2)
        for (source, target), weight in get_edge_attributes(graph, f"weight_{name}").items():
            words = (graph.nodes[source]["word"], graph.nodes[target]["word"])
            assert weight == weights[nodes.index(words[0]), nodes.index(words[1])].item()


def test_a_comparison_has_the_places_of_its_two_graphs() -> None:
    other = random_record(TEXTS, seed=3, checkpoint="none")
    for kind in LAYOUTS:
        expected = layout(word_graph(other, layer=0, focus=2), kind)
        assert layout(compare(RECORD, other, layer=0, focus=2), kind) == expected


@pytest.mark.parametrize(
    ("b", "choice", "message"),
    [
        (random_record(("another text",)), {}, "two records of one text"),
        (random_record(TEXTS, n_layers=2), {}, "models of one shape"),
        (RECORD, {"layer": 3}, "no layer 4 of 3"),
        (RECORD, {"head": 4}, "no head 5 of 4"),
        (RECORD, {"focus": 12}, "no word 13 of 12"),
        (RECORD, {"threshold": -0.1}, "weight from 0 to 1, got -0.1"),
    ],
)
def test_what_cannot_be_compared_is_refused(b: AttentionRecord, choice: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        compare(RECORD, b, **{"layer": 0, "focus": 0, **choice})


def test_words_of_two_sentences_stand_apart_with_or_without_a_special_token_between() -> None:
    texts = ("the rabbit hopped", "the turtle")
    bert, gpt = (capture(tiny_checkpoint(family), *texts) for family in ("bert", "gpt2"))
    here, there = (list(layout(word_graph(record, layer=0, focus=0)).values()) for record in (bert, gpt))
    assert (
        here
        == there
        == [(0, 0), (0, -1), (0, -2), (0, pytest.approx(-3 - LEFT_OUT)), (0, pytest.approx(-4 - LEFT_OUT))]
    )


def test_python_still_makes_the_places_that_the_browser_tests_read() -> None:
    cases = json.loads(Path(__file__).parent.joinpath("web", "layouts.json").read_text())
    assert {case["kind"] for case in cases} == LAYOUTS.keys()
    for case in cases:
        record = random_record(tuple(case["texts"]))
        graph = word_graph(record, layer=0, focus=case["focus"])
        places = layout(graph, case["kind"])
        assert [graph.nodes[node]["word"] for node in places] == case["words"]
        assert [graph.nodes[node]["segment"] for node in places] == case["segments"]
        for place, expected in zip(places.values(), case["places"], strict=True):
            assert place == pytest.approx(tuple(expected), abs=1e-9)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"layer": 3, "focus": 0}, "no layer 4 of 3"),
        ({"layer": 0, "focus": 12}, "no word 13 of 12"),
        ({"layer": 0, "focus": 0, "head": 4}, "no head 5 of 4"),
        ({"layer": 0, "focus": 0, "threshold": 1.5}, "weight from 0 to 1, got 1.5"),
    ],
)
def test_what_there_is_not_is_refused(choice: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        word_graph(RECORD, **choice)  # type: ignore[arg-type]


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(InputError, match="one of arc, circle, radial, got 'spring'"):
        layout(word_graph(RECORD, layer=0, focus=0), "spring")
