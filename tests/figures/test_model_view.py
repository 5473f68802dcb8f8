"""The model view's matrices hold the record's weights, one scale for all."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from amplify_viz.errors import InputError
from amplify_viz.figures import model_view, to_bytes
from amplify_viz.records import AttentionRecord
from amplify_viz.text import to_words
from tests.figures.boxes import misplaced
from tests.tiny import random_record

RECORDS = [random_record(seed=seed, checkpoint=f"amplify · seed {seed}") for seed in range(2)]


def matrices(figure: Figure) -> list[AxesImage]:
    return [image for axes in figure.axes for image in axes.images]


def test_every_head_is_a_matrix_of_its_weights_on_one_scale() -> None:
    figure = model_view(RECORDS)
    expected = np.concatenate([record.weights.flatten(0, 1).numpy() for record in RECORDS])
    shown = np.stack([np.asarray(image.get_array()) for image in matrices(figure)])
    np.testing.assert_allclose(shown, expected, rtol=1e-6)
    limits = [image.get_clim() for image in matrices(figure)]
    np.testing.assert_allclose(limits, [(0.0, 1.0)] * len(limits))
    assert all(float(np.asarray(image.norm(np.array(0.25)))) == pytest.approx(0.5) for image in matrices(figure))


def test_words_and_hidden_special_tokens_are_those_of_the_other_figures() -> None:
    record = RECORDS[0]
    words = [group for group in record.groups if record.words[group[0]] is not None]
    shown = np.stack(
        [np.asarray(image.get_array()) for image in matrices(model_view([record], level="words", special="hidden"))]
    )
    np.testing.assert_allclose(shown, to_words(record.weights, words).flatten(0, 1).double(), rtol=1e-6)


@pytest.mark.parametrize("width", [2.5, 3.3, 6.9])
@pytest.mark.parametrize(("n_layers", "n_heads", "n_records"), [(6, 12, 1), (12, 12, 2), (3, 4, 4)])
def test_labels_lie_on_nothing_else(n_layers: int, n_heads: int, n_records: int, width: float) -> None:
    name = "models/experiments/2024/bert-base-uncased-finetuned-on-roles-with-amplify-seed-0"
    record = random_record(n_layers=n_layers, n_heads=n_heads, checkpoint=name)
    figure = model_view([record] * n_records, width=width)
    assert misplaced(figure) == []
    assert figure.get_size_inches()[0] == pytest.approx(width)


@pytest.mark.parametrize(("kind", "most"), [("svg", 500_000), ("pdf", 200_000), ("png", 700_000)])
def test_it_is_a_small_file(kind: str, most: int) -> None:
    words = "the quick rabbit hopped over a slow turtle because it was so very tired of running today"
    record: AttentionRecord = random_record((words, words[:40]), n_layers=12, n_heads=12)
    assert len(to_bytes(model_view([record]), kind)) < most


def test_other_levels_and_numbers_of_records_are_refused() -> None:
    with pytest.raises(InputError, match="one of tokens, words, got 'letters'"):
        model_view(RECORDS, level="letters")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="1 to 4 records"):
        model_view([])


def test_a_difference_is_one_more_panel_around_zero() -> None:
    figure = model_view(RECORDS, difference=(1, 0))
    pictures = [axes.get_images() for axes in figure.axes if axes.get_images()]
    change = (RECORDS[0].weights - RECORDS[1].weights).double().numpy()
    drawn = np.stack([np.asarray(image.get_array()) for image in pictures[2]]).reshape(change.shape)
    np.testing.assert_allclose(drawn, change, atol=1e-7)
    assert pictures[2][0].get_clim() == pytest.approx((-np.abs(change).max(), np.abs(change).max()))
    assert float(np.asarray(pictures[2][0].norm(np.array(-np.abs(change).max() / 4)))) == pytest.approx(0.25)
    assert pictures[0][0].get_clim()[0] == 0
