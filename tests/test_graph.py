"""The word graph keeps the attention it is made of."""

from itertools import pairwise
from math import hypot

import pytest
import torch
from networkx import get_edge_attributes, get_node_attributes

from amplify_viz.errors import InputError
from amplify_viz.graph import LAYOUTS, layout, word_graph, word_weights
from amplify_viz.text import to_words
from tests.tiny import random_record

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
