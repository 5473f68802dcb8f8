"""Measures of a padded batch equal those of each row alone, by our own functions and by scipy."""

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.spatial.distance import jensenshannon
from torch import Tensor

from amplify_viz.corpus.masked import Layer, Means, compare_layers, measure_layer
from amplify_viz.statistics import (
    attention_distance,
    jensen_shannon,
    mean_absolute_difference,
    mean_entropy,
    share_across,
    share_on,
)
from amplify_viz.statistics.similarity import linear_cka, mean_cosine

LENGTHS = (9, 5, 1, 12, 3)
N_HEADS, DIM = 3, 4


def padded_layer(seed: int) -> Layer:
    """Weights with some sharp rows; nothing of it looks at padding, and what padding looks at and gives is noise."""
    generator = torch.Generator().manual_seed(seed)
    longest = max(LENGTHS)
    scores = 6 * torch.randn(len(LENGTHS), N_HEADS, longest, longest, generator=generator)
    real = torch.arange(longest) < torch.tensor(LENGTHS)[:, None]
    weights = scores.masked_fill(~real[:, None, None, :], -torch.inf).softmax(dim=-1)
    return Layer(weights, torch.randn(len(LENGTHS), longest, N_HEADS, DIM, generator=generator))


def some_segments() -> Tensor:
    """[CLS] first, then two sentences, a separator between and behind them where there is room."""
    table = torch.full((len(LENGTHS), max(LENGTHS)), -2)
    for row, n in enumerate(LENGTHS):
        table[row, :n] = torch.tensor([-1, *[0] * (n // 2 - 1), *[1] * (n - n // 2)][:n])
        if n > 2:
            table[row, [n // 2, n - 1]] = -1
    return table


@pytest.fixture
def means() -> Means:
    return Means.of(torch.tensor(LENGTHS), some_segments())


def close(found: Tensor, expected: list[Tensor]) -> None:
    torch.testing.assert_close(found.double(), torch.stack(expected).double(), rtol=1e-6, atol=1e-6, equal_nan=True)


def test_measures_of_one_checkpoint_are_those_of_each_row_alone(means: Means) -> None:
    layer, segments = padded_layer(0), some_segments()
    found, _ = measure_layer(layer, means)
    rows = [(layer.weights[row, :, :n, :n], segments[row, :n], n, row) for row, n in enumerate(LENGTHS)]
    close(found["entropy"], [mean_entropy(weights) for weights, *_ in rows])
    close(found["distance"], [attention_distance(weights) for weights, *_ in rows])
    special = [(segment == -1).nonzero()[:, 0].tolist() for _, segment, *_ in rows]
    close(found["share_special"], [share_on(row[0], keys) for row, keys in zip(rows, special, strict=True)])
    sentences = [[None if one < 0 else one for one in segment.tolist()] for _, segment, *_ in rows]
    close(found["share_across"], [share_across(row[0], each) for row, each in zip(rows, sentences, strict=True)])
    close(found["output_norm"], [layer.outputs[row, :n].norm(dim=-1).mean(dim=0) for *_, n, row in rows])


def test_measures_of_two_checkpoints_are_those_of_each_row_alone(means: Means) -> None:
    a, b = padded_layer(0), padded_layer(1)
    found = compare_layers(a, b, (measure_layer(a, means)[1], measure_layer(b, means)[1]), means)
    weights = [tuple(one.weights[row, :, :n, :n] for one in (a, b)) for row, n in enumerate(LENGTHS)]
    outputs = [tuple(one.outputs[row, :n].flatten(1) for one in (a, b)) for row, n in enumerate(LENGTHS)]
    close(found["mean_absolute_difference"], [mean_absolute_difference(x, y) for x, y in weights])
    close(found["jensen_shannon"], [jensen_shannon(x, y) for x, y in weights])
    close(found["cosine"], [mean_cosine(x, y) for x, y in outputs])
    close(found["linear_cka"], [linear_cka(x, y) for x, y in outputs])


def test_entropy_and_divergence_are_scipys(means: Means) -> None:
    a, b = padded_layer(2), padded_layer(3)
    measured, entropies = measure_layer(a, means)
    divergence = compare_layers(a, b, (entropies, measure_layer(b, means)[1]), means)["jensen_shannon"]
    for row, n in enumerate(LENGTHS):
        for head in range(N_HEADS):
            x, y = (one.weights[row, head, :n, :n].double().numpy() for one in (a, b))
            assert measured["entropy"][row, head].item() == pytest.approx(np.mean(stats.entropy(x, axis=1)), abs=1e-6)
            expected = np.mean(np.nan_to_num(jensenshannon(x, y, base=2, axis=1)) ** 2)
            assert divergence[row, head].item() == pytest.approx(expected, abs=1e-6)


def test_a_checkpoint_beside_itself_differs_in_nothing(means: Means) -> None:
    layer = padded_layer(0)
    entropies = measure_layer(layer, means)[1]
    found = compare_layers(layer, layer, (entropies, entropies), means)
    for name, value in (("mean_absolute_difference", 0), ("jensen_shannon", 0), ("cosine", 1)):
        torch.testing.assert_close(found[name], torch.full_like(found[name], value))
