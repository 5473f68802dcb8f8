"""Heads switched off are marked in figures, and these say what it means."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure

from amplify_viz import figures
from tests.figures.boxes import artists, texts
from tests.tiny import random_record

WHOLE = random_record(n_layers=2, n_heads=3, checkpoint="whole")
LESS = replace(WHOLE, off=((1, 2),), checkpoint="less")
SENTENCE = "The output of a head switched off is zero; its weights show where it would have looked."


def said(figure: Figure) -> list[str]:
    return [text.get_text() for text in texts(figure)]


def dashed(figure: Figure) -> list[float]:
    """For each panel the share of its kinds of lines that are dashed."""
    found: list[Any] = [lines.get_linestyle() for lines in artists(figure, "lines", PathCollection)]
    return [float(np.mean([dashes is not None for _, dashes in styles])) for styles in found]


def test_lines_of_a_head_switched_off_are_dashed_in_its_layer_and_panel() -> None:
    whole, less = dashed(figures.head_view([WHOLE, LESS], layer=1))
    assert whole == 0 and 0 < less < 1
    assert dashed(figures.head_view([WHOLE, LESS], layer=1, heads=[2])) == [0, 1]
    assert dashed(figures.head_view([WHOLE, LESS], layer=0)) == [0, 0]
    assert "switched off: dashed" in said(figures.head_view([LESS], layer=1))
    assert "switched off: dashed" not in said(figures.head_view([LESS], layer=1, heads=[0]))


def test_the_model_view_strikes_out_the_head() -> None:
    whole, less = artists(figures.model_view([WHOLE, LESS]), "off", LineCollection)
    assert (len(whole.get_segments()), len(less.get_segments())) == (0, 1)
    figure = figures.model_view([LESS])
    (matrix,) = [image for axes in figure.axes for image in axes.get_images() if image.get_gid() == "matrix 2.3"]
    (stroke,) = artists(figure, "off", LineCollection)[0].get_segments()
    left, right, bottom, top = matrix.get_extent()
    np.testing.assert_allclose(stroke, [(left, bottom), (right, top)])


@pytest.mark.parametrize(
    "figure",
    [
        lambda: figures.head_view([WHOLE, LESS], layer=1),
        lambda: figures.head_matrix([WHOLE, LESS], layer=1),
        lambda: figures.model_view([WHOLE, LESS]),
        lambda: figures.neuron_view([WHOLE, LESS], layer=1, head=2, focus=1),
        lambda: figures.word_graph([WHOLE, LESS], layer=1, focus=1),
    ],
)
def test_every_figure_says_what_switched_off_means(figure: Callable[[], Figure]) -> None:
    words = said(figure())
    assert "Switched off in less: head 2.3 (layer.head)." in words and SENTENCE in words
