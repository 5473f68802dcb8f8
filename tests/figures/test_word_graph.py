"""The word graph draws the weights of graph.word_graph, all panels on one scale and in one place."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PatchCollection, PathCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from networkx import get_edge_attributes, get_node_attributes
from numpy.typing import NDArray

from amplify_viz.colours import FOCUS
from amplify_viz.errors import InputError
from amplify_viz.figures import word_graph
from amplify_viz.figures.edges import KIND_COLOURS
from amplify_viz.graph import LAYOUTS, compare
from amplify_viz.graph import word_graph as graph_of
from tests.figures.boxes import artists, texts, vertices
from tests.tiny import random_record

FILM = ("the cartoonish film avoids the clichés", "it provides a view of it")
RECORDS = [random_record(FILM, seed=0), random_record(FILM, seed=1, checkpoint="none · seed 0")]


def edges_of(record: int, **choice: float) -> list[tuple[int, int, float]]:
    graph = graph_of(RECORDS[record], **choice)  # type: ignore[arg-type]
    weights = get_edge_attributes(graph, "weight")
    return [(source, target, weight) for (source, target), weight in weights.items() if source != target]


def opacities(figure: Figure) -> list[NDArray[np.float64]]:
    return [np.sort(np.asarray(edges.get_edgecolor())[:, 3]) for edges in artists(figure, "edges", PathCollection)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_words_colour_is_the_weight_from_the_focus_on_one_scale(layout: str) -> None:
    figure = word_graph(RECORDS, layer=1, focus=2, layout=layout)
    nodes = artists(figure, "nodes", PatchCollection)
    graphs = (graph_of(record, layer=1, focus=2) for record in RECORDS)
    expected = [list(get_node_attributes(graph, "weight").values()) for graph in graphs]
    for drawn, weights in zip(nodes, expected, strict=True):
        assert np.asarray(drawn.get_array()).tolist() == pytest.approx(weights)
        assert list(drawn.get_clim()) == pytest.approx([0, max(map(max, expected))])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_lines_opacity_is_its_weight_on_one_scale(layout: str) -> None:
    figure = word_graph(RECORDS, layer=0, head=1, focus=2, threshold=0.08, layout=layout)
    weights = [[w for _, _, w in edges_of(i, layer=0, head=1, focus=2, threshold=0.08)] for i in (0, 1)]
    scale = max(map(max, weights))
    for drawn, expected in zip(opacities(figure), weights, strict=True):
        assert (drawn * scale).tolist() == pytest.approx(sorted(expected), abs=1e-6)
    stated = [text.get_text() for text in texts(figure)]
    assert f"{scale:.2f}" in stated and "line: weight ≥ 0.08" in stated


def test_lines_from_the_focus_have_its_colour_and_lie_on_top() -> None:
    figure = word_graph(RECORDS[:1], layer=0, focus=2, threshold=0)
    (edges,) = artists(figure, "edges", PathCollection)
    colours = [to_hex(tuple(colour)) for colour in np.asarray(edges.get_edgecolor())]
    n_words = len(RECORDS[0].word_texts)
    assert colours[-(n_words - 1) :] == [FOCUS] * (n_words - 1)
    assert FOCUS not in colours[: -(n_words - 1)]


def test_the_focus_is_outlined_by_position() -> None:
    places = [word for word, text in enumerate(RECORDS[0].word_texts) if text == "it"]
    assert len(places) == 2
    for place in places:
        figure = word_graph(RECORDS[:1], layer=0, focus=place)
        (outline,) = artists(figure, "focus", Rectangle)
        middle = outline.get_y() + outline.get_height() / 2
        word = texts(figure, "word")[place]
        assert word.get_position()[1] == pytest.approx(middle)
        assert to_hex(outline.get_edgecolor()) == FOCUS


def test_arcs_lead_to_later_words_on_the_right_and_to_earlier_ones_on_the_left() -> None:
    figure = word_graph(RECORDS[:1], layer=0, focus=2, threshold=0)
    (edges,) = artists(figure, "edges", PathCollection)
    middle = figure.axes[1].get_xlim()[1] / 2
    for (x, start), (control, _), _, (_, end) in vertices(edges):
        assert (x > middle) == (end > start)
        furthest = x + 0.75 * (control - x)
        assert 0 <= furthest <= 2 * middle


@pytest.mark.parametrize("layout", ["circle", "radial"])
def test_arrows_end_at_the_word_looked_at(layout: str) -> None:
    figure = word_graph(RECORDS[:1], layer=0, focus=2, threshold=0.15, layout=layout)
    graph = graph_of(RECORDS[0], layer=0, focus=2, threshold=0.15)
    dots = [corners.mean(axis=0) for corners in vertices(artists(figure, "nodes", PatchCollection)[0])]
    places = dict(zip(graph, dots, strict=True))
    tips = [corners[0] for corners in vertices(artists(figure, "arrowheads", PolyCollection)[0])]
    expected = sorted(edges_of(0, layer=0, focus=2, threshold=0.15), key=lambda e: (e[0] == graph.graph["focus"], e[2]))
    for tip, (_, target, _) in zip(tips, expected, strict=True):
        assert np.hypot(*(tip - places[target])) < 5


@pytest.mark.parametrize("layout", LAYOUTS)
def test_words_stand_in_the_same_places_in_all_panels(layout: str) -> None:
    figure = word_graph(RECORDS, layer=0, focus=2, layout=layout)
    first, second = (
        [text.get_position() for text in axes.texts if text.get_gid() == "word"] for axes in figure.axes[1:]
    )
    assert first == second


def test_special_tokens_are_shown_if_wanted() -> None:
    without, with_them = (word_graph(RECORDS[:1], layer=0, focus=2, special=special) for special in (False, True))
    assert [text.get_text() for text in texts(without, "word")] == list(RECORDS[0].word_texts)
    assert [text.get_text() for text in texts(with_them, "word")] == list(RECORDS[0].group_labels)


def test_above_sixty_words_those_that_the_focus_looks_at_most_are_shown_and_it_is_said() -> None:
    record = random_record(("a b c d e f g h i j k l m n o p q r s t u v w x y z " * 3,))
    figure = word_graph([record], layer=0, focus=70, threshold=0.02)
    graph = graph_of(record, layer=0, focus=70)
    others = sorted((weight, node) for node, weight in get_node_attributes(graph, "weight").items() if node != 71)
    kept = sorted([71, *(node for _, node in others[-59:])])
    assert [text.get_text() for text in texts(figure, "word")] == [record.shown[node] for node in kept]
    assert any(text.get_text().startswith("60 of 78 words are shown") for text in texts(figure))


def test_without_any_line_the_words_are_still_drawn() -> None:
    figure = word_graph(RECORDS, layer=0, focus=2, threshold=1.0)
    assert [len(drawn) for drawn in opacities(figure)] == [0, 0]
    assert len(texts(figure, "word")) == 2 * len(RECORDS[0].word_texts)


def test_a_text_of_one_word_is_drawn() -> None:
    for layout in LAYOUTS:
        figure = word_graph([random_record(("hello",))], layer=0, focus=0, layout=layout)
        assert [text.get_text() for text in texts(figure, "word")] == ["hello"]


def test_the_title_counts_from_one() -> None:
    assert word_graph(RECORDS, layer=0, focus=2).get_label() == "Words in layer 1, mean of all 4 heads, from “film”"
    assert word_graph(RECORDS, layer=2, head=1, focus=2).get_label() == "Words in layer 3, head 2 of 4, from “film”"


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"layer": 3, "focus": 0}, "no layer 4 of 3"),
        ({"layer": 0, "focus": 0, "head": 4}, "no head 5 of 4"),
        ({"layer": 0, "focus": 99}, "no word 100 of 12"),
        ({"layer": 0, "focus": 0, "threshold": -1}, "weight from 0 to 1, got -1"),
        ({"layer": 0, "focus": 0, "layout": "spring"}, "one of arc, circle, radial, got 'spring'"),
    ],
)
def test_what_there_is_not_is_refused(choice: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        word_graph(RECORDS, **choice)  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_difference_says_who_has_a_relation_and_how_the_focus_changed(layout: str) -> None:
    figure = word_graph(RECORDS, layer=1, head=0, focus=2, threshold=0.12, layout=layout, difference=(0, 1))
    graph = compare(RECORDS[0], RECORDS[1], layer=1, head=0, focus=2, threshold=0.12)
    nodes = artists(figure, "nodes", PatchCollection)[2]
    change = [node["weight_b"] - node["weight_a"] for _, node in graph.nodes(data=True)]
    assert np.asarray(nodes.get_array()).tolist() == pytest.approx(change)
    most = max(map(abs, change))
    assert list(nodes.get_clim()) == pytest.approx([-most, most])
    edges = artists(figure, "edges", PathCollection)[2]
    kinds = Counter(edge["kind"] for one, other, edge in graph.edges(data=True) if one != other)
    drawn = Counter(to_hex(tuple(colour[:3])) for colour in np.asarray(edges.get_edgecolor()))
    assert drawn == {KIND_COLOURS[kind]: n for kind, n in kinds.items()}
    assert len(kinds) == 3
    assert len({str(style) for style in edges.get_linestyle()}) == 3


def test_the_mean_may_be_over_some_heads() -> None:
    figure = word_graph(RECORDS[:1], layer=1, heads=[0, 3], focus=2)
    expected = get_node_attributes(graph_of(RECORDS[0], layer=1, head=(0, 3), focus=2), "weight")
    (nodes,) = artists(figure, "nodes", PatchCollection)
    assert np.asarray(nodes.get_array()).tolist() == pytest.approx(list(expected.values()))
    assert figure.get_label() == "Words in layer 2, mean of heads 1 and 4 of 4, from “film”"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("small", [1.0, 1e-4])
def test_words_below_zero_have_a_minus_sign_however_small_differences_are(layout: str, small: float) -> None:
    a, b = RECORDS
    other = replace(a, weights=a.weights + small * (b.weights - a.weights), checkpoint="like it")
    figure = word_graph([a, other], layer=1, head=0, focus=2, layout=layout, difference=(0, 1))
    change = np.asarray(artists(figure, "nodes", PatchCollection)[2].get_array())
    (signs,) = artists(figure, "below 0", LineCollection)
    assert len(signs.get_segments()) == (change <= -0.02 * np.abs(change).max()).sum() > 2


def test_a_difference_says_that_it_leaves_special_tokens_out_where_the_others_show_them() -> None:
    said, without = "The difference leaves special tokens out.", "Special tokens are left out"
    figure = word_graph(RECORDS, layer=0, focus=2, special=True, difference=(0, 1))
    shown = [[text.get_text() for text in axes.texts if text.get_gid() == "word"] for axes in figure.axes[1:]]
    assert ["[CLS]" in words for words in shown] == [True, True, False]
    notes = " ".join(text.get_text() for text in texts(figure))
    assert said in notes and without not in notes
    assert said not in " ".join(text.get_text() for text in texts(word_graph(RECORDS, layer=0, focus=2, special=True)))
    plain = " ".join(text.get_text() for text in texts(word_graph(RECORDS, layer=0, focus=2, difference=(0, 1))))
    assert said not in plain and without in plain
