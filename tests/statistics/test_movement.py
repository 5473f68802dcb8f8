"""How far attention outputs have moved: by hand, against scipy and numpy, and the laws."""

from math import inf, isnan, sqrt

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cosine

from amplify_viz.statistics import cosine_similarity, head_movement, layer_movement, relative_distance

GENERATOR = torch.Generator().manual_seed(0)
REFERENCE, BEFORE, AFTER = (torch.randn(3, 4, 5, 8, generator=GENERATOR) for _ in range(3))


def test_a_case_by_hand() -> None:
    reference, moved = torch.tensor([3.0, 4.0]), torch.tensor([4.0, 3.0])
    assert float(relative_distance(moved, reference)) == pytest.approx(sqrt(2) / 5)
    assert float(cosine_similarity(moved, reference)) == pytest.approx(24 / 25)


def test_the_distance_is_numpys_frobenius_norm_and_the_cosine_is_scipys() -> None:
    table = layer_movement(BEFORE, AFTER, REFERENCE)
    for column, moved in (("before", BEFORE), ("after", AFTER)):
        for layer in range(3):
            x, reference = moved[layer].double().numpy().ravel(), REFERENCE[layer].double().numpy().ravel()
            expected = np.linalg.norm(x - reference) / np.linalg.norm(reference)
            assert table[f"distance_{column}"][layer] == pytest.approx(expected, rel=1e-12)
            assert table[f"cosine_{column}"][layer] == pytest.approx(1 - cosine(x, reference), rel=1e-12)


def test_what_has_not_moved_has_distance_exactly_zero() -> None:
    assert torch.equal(relative_distance(REFERENCE, REFERENCE), torch.zeros(3, 4, 5, dtype=torch.float64))
    torch.testing.assert_close(cosine_similarity(REFERENCE, REFERENCE), torch.ones(3, 4, 5, dtype=torch.float64))
    assert cosine_similarity(REFERENCE, REFERENCE).max() <= 1


def test_scaling_moves_by_the_factor_and_keeps_the_direction() -> None:
    torch.testing.assert_close(relative_distance(3 * REFERENCE, REFERENCE).max(), torch.tensor(2.0).double())
    torch.testing.assert_close(cosine_similarity(-2 * REFERENCE, REFERENCE).max(), torch.tensor(-1.0).double())


def test_zeros_have_no_direction_and_no_size_to_compare_with() -> None:
    zero, other = torch.zeros(4), torch.ones(4)
    assert float(relative_distance(zero, zero)) == 0
    assert float(relative_distance(other, zero)) == inf
    assert float(relative_distance(zero, other)) == 1
    assert isnan(float(cosine_similarity(zero, other))) and isnan(float(cosine_similarity(other, zero)))


def test_a_layers_squared_distance_is_the_weighted_mean_of_its_heads() -> None:
    layers, heads = layer_movement(BEFORE, AFTER, REFERENCE), head_movement(BEFORE, AFTER, REFERENCE)
    assert list(heads.columns) == ["layer", "head", *layers.columns[1:]]
    assert heads[["layer", "head"]].to_numpy().tolist() == [[layer, head] for layer in range(3) for head in range(4)]
    sizes = REFERENCE.double().square().sum(dim=(2, 3)).numpy()
    for column in ("distance_before", "distance_after"):
        squared = heads[column].to_numpy().reshape(3, 4) ** 2
        expected = np.average(squared, axis=1, weights=sizes)
        np.testing.assert_allclose(layers[column] ** 2, expected, rtol=1e-12)
