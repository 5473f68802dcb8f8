"""Similarity of representations, against the definition written out."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from amplify_viz.errors import InputError
from amplify_viz.statistics.similarity import linear_cka, mean_cosine


def _hsic_cka(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """CKA by the unreduced definition: HSIC of centred linear kernels."""
    n = len(x)
    centre = np.eye(n) - np.full((n, n), 1 / n)
    k, other = (centre @ (values @ values.T) @ centre for values in (x, y))
    return float(np.trace(k @ other) / np.sqrt(np.trace(k @ k) * np.trace(other @ other)))


@pytest.mark.parametrize(("n_tokens", "dims"), [(5, (8, 3)), (40, (8, 8)), (12, (12, 30))])
def test_cka_is_the_definition_with_kernels(n_tokens: int, dims: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(0)
    x, y = (torch.randn(3, n_tokens, dim, generator=generator) for dim in dims)
    y[..., : min(dims)] += x[..., : min(dims)]
    expected = [_hsic_cka(a.double().numpy(), b.double().numpy()) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(linear_cka(x, y), expected, rtol=1e-10)


def test_cka_does_not_see_rotations_shifts_and_scales() -> None:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(20, 6, generator=generator, dtype=torch.float64)
    rotation = torch.linalg.qr(torch.randn(6, 6, generator=generator, dtype=torch.float64)).Q
    assert float(linear_cka(x, 3 * x @ rotation + 5)) == pytest.approx(1)


def test_a_representation_that_is_the_same_for_all_tokens_has_no_cka() -> None:
    x = torch.randn(4, 3)
    assert torch.isnan(linear_cka(x, torch.ones(4, 2)))


def test_cosine_by_hand() -> None:
    x, y = torch.tensor([[1.0, 0], [0, 2]]), torch.tensor([[1.0, 0], [3, 0]])
    assert float(mean_cosine(x, y)) == pytest.approx(0.5)
    assert float(mean_cosine(x, -x)) == pytest.approx(-1)
    assert torch.isnan(mean_cosine(x, torch.tensor([[1.0, 0], [0, 0]])))


@pytest.mark.parametrize("measure", [linear_cka, mean_cosine])
def test_other_tokens_are_refused(measure: object) -> None:
    with pytest.raises(InputError, match="of the same tokens"):
        measure(torch.ones(3, 2), torch.ones(4, 2))  # type: ignore[operator]
