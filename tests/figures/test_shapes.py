"""Checkpoints of different shape in one figure: each with all of its own, and a sentence where it lacks what is drawn."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from amplify_viz import figures
from amplify_viz.errors import InputError
from tests.figures.boxes import artists, texts
from tests.tiny import random_record

WIDE, DEEP = (
    random_record(n_layers=2, n_heads=4, checkpoint="wide"),
    random_record(n_layers=5, n_heads=1, seed=1, checkpoint="deep"),
)
OF_LAYER: dict[str, Callable[..., Figure]] = {
    "head_view": figures.head_view,
    "head_matrix": figures.head_matrix,
    "neuron_view": lambda records, **choices: figures.neuron_view(records, head=0, focus=1, **choices),
    "word_graph": lambda records, **choices: figures.word_graph(records, focus=1, **choices),
}


def said(figure: Figure, gid: str | None = None) -> list[str]:
    return [text.get_text() for text in texts(figure, gid)]


@pytest.mark.parametrize("draw", OF_LAYER.values(), ids=OF_LAYER)
def test_a_checkpoint_without_the_layer_says_so_in_its_panel(draw: Callable[..., Figure]) -> None:
    figure = draw([WIDE, DEEP], layer=4)
    assert said(figure, "name") == ["wide", "deep"]
    assert said(figure, "lacking") == ["No layer 5: this checkpoint has 2."]
    assert said(draw([WIDE, DEEP], layer=1), "lacking") == []


@pytest.mark.parametrize("draw", OF_LAYER.values(), ids=OF_LAYER)
def test_a_layer_that_no_checkpoint_has_is_refused(draw: Callable[..., Figure]) -> None:
    with pytest.raises(InputError, match="no layer 6 of 5 in deep"):
        draw([WIDE, DEEP], layer=5)


@pytest.mark.parametrize(
    "draw",
    [
        lambda head: figures.head_view([WIDE, DEEP], layer=0, heads=[head]),
        lambda head: figures.head_matrix([WIDE, DEEP], layer=0, heads=[head]),
        lambda head: figures.neuron_view([WIDE, DEEP], layer=0, head=head, focus=1),
        lambda head: figures.word_graph([WIDE, DEEP], layer=0, head=head, focus=1),
    ],
)
def test_a_checkpoint_without_the_head_says_so_in_its_panel(draw: Callable[[int], Figure]) -> None:
    assert said(draw(2), "lacking") == ["No head 3: this checkpoint has 1."]
    with pytest.raises(InputError, match="no head 5 of 4 in wide"):
        draw(4)


def test_all_heads_are_all_of_each_checkpoint() -> None:
    figure = figures.head_view([WIDE, DEEP], layer=1, focus=1)
    alone = figures.head_view([WIDE], layer=1, focus=1)
    n_rows = WIDE.n_tokens
    assert said(figure, "mean")[:n_rows] == said(alone, "mean")
    assert said(figure, "mean")[n_rows:] == [f"{weight:.2f}" for weight in DEEP.weights[1, 0, 2].tolist()]
    drawn = [lines.get_paths() for lines in artists(figure, "lines", PathCollection)]
    assert len(drawn) == 2 and all(drawn)


def test_some_heads_are_those_that_a_checkpoint_has_and_the_figure_names_the_others() -> None:
    figure = figures.head_view([WIDE, DEEP], layer=1, heads=[0, 2, 3])
    assert "deep has 1 head, and no head 3 or 4." in said(figure)
    title = figures.head_matrix([WIDE, DEEP], layer=1).get_label()
    assert title == "Attention in layer 2, all heads (4 and 1)"


def test_a_mean_over_heads_is_each_checkpoints_own() -> None:
    figure = figures.head_matrix([WIDE, DEEP], layer=1)
    images = [axes.get_images()[0].get_array() for axes in figure.axes if axes.get_images()]
    expected: list[Any] = [WIDE.weights[1].mean(dim=0).numpy(), DEEP.weights[1, 0].numpy()]
    for image, weights in zip(images, expected, strict=True):
        np.testing.assert_allclose(np.asarray(image), weights, rtol=1e-6)
