"""Measures of a head against scipy, against sums in a loop, and where a row looks at nothing."""

from collections.abc import Callable
from math import log

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy as scipy_entropy
from torch import Tensor

from amplify_viz.statistics import (
    attention_distance,
    confidence,
    entropy,
    jensen_shannon,
    mean_absolute_difference,
    mean_entropy,
    relative_entropy,
    share_across,
    share_at,
    share_on,
)
from tests.tiny import random_record

SEGMENTS = (None, 0, 0, None, 1, 1, None)
ONE: dict[str, Callable[[Tensor], Tensor]] = {
    "entropy": mean_entropy,
    "distance": attention_distance,
    "share": lambda weights: share_on(weights, [0, 3]),
    "across": lambda weights: share_across(weights, SEGMENTS),
    "confidence": confidence,
    "relative": lambda weights: relative_entropy(weights, torch.ones(7, 7, dtype=torch.bool)),
    "itself": lambda weights: share_at(weights, 0),
    "divergence": lambda weights: jensen_shannon(weights, weights.roll(1, dims=-1)),
}
every_measure = pytest.mark.parametrize("measure", ONE.values(), ids=ONE)


def random_weights(*shape: int, seed: int = 0) -> Tensor:
    """Attention weights in float64, whose rows sum to 1."""
    generator = torch.Generator().manual_seed(seed)
    return (3 * torch.randn(*shape, generator=generator, dtype=torch.float64)).softmax(dim=-1)


def test_one_hot_attention_has_entropy_zero() -> None:
    assert torch.equal(entropy(torch.eye(5)), torch.zeros(5))


def test_uniform_attention_has_the_entropy_of_its_keys() -> None:
    assert entropy(torch.full((2, 8), 1 / 8)).tolist() == pytest.approx([log(8), log(8)])


def test_entropy_equals_scipys() -> None:
    weights = random_record().weights.double()
    weights /= weights.sum(dim=-1, keepdim=True)  # scipy does this, and float32 rows miss 1 by 1e-7
    assert torch.allclose(entropy(weights), torch.from_numpy(scipy_entropy(weights.numpy(), axis=-1)), atol=1e-12)


def test_mean_entropy_is_the_mean_of_scipys() -> None:
    weights = random_weights(2, 3, 7, 7)
    np.testing.assert_allclose(mean_entropy(weights), scipy_entropy(weights.numpy(), axis=-1).mean(axis=-1), atol=1e-12)


def test_distance_is_the_mean_number_of_tokens_between_query_and_key() -> None:
    weights = random_weights(2, 3, 7, 7)
    steps = torch.tensor([[float(abs(query - key)) for key in range(7)] for query in range(7)])
    expected = (weights * steps).sum(dim=(-1, -2)) / 7
    assert torch.allclose(attention_distance(weights), expected)
    assert torch.allclose(attention_distance(weights.flip(dims=(-1, -2))), expected)


def test_attention_to_itself_has_no_distance_and_to_the_next_token_one() -> None:
    assert attention_distance(torch.eye(5)) == 0
    assert attention_distance(torch.eye(5)[[1, 2, 3, 4, 3]]) == 1


def test_shares_of_keys_add_up_to_one() -> None:
    weights = random_weights(2, 3, 7, 7)
    parts = [share_on(weights, keys) for keys in ([0], [1, 2, 5], [3, 4, 6])]
    assert torch.allclose(torch.stack(parts).sum(dim=0), torch.ones(2, 3, dtype=torch.float64))
    assert torch.allclose(parts[1], (weights[..., 1] + weights[..., 2] + weights[..., 5]).mean(dim=-1))
    assert torch.equal(share_on(weights, []), torch.zeros(2, 3, dtype=torch.float64))


def test_attention_across_is_from_either_sentence_to_the_other() -> None:
    weights = random_weights(2, 3, 7, 7)
    to_b = weights[..., [1, 2], :][..., [4, 5]].sum(dim=-1)
    to_a = weights[..., [4, 5], :][..., [1, 2]].sum(dim=-1)
    assert torch.allclose(share_across(weights, SEGMENTS), torch.cat([to_b, to_a], dim=-1).mean(dim=-1))


@pytest.mark.parametrize("segments", [(0,) * 7, (None,) * 7])
def test_no_attention_crosses_where_there_is_one_sentence_or_none(segments: tuple[int | None, ...]) -> None:
    assert share_across(random_weights(7, 7), segments) == 0


@pytest.mark.parametrize("offset", [-6, -2, -1, 0, 1, 3])
def test_a_share_at_an_offset_is_the_mean_over_queries_that_have_such_a_token(offset: int) -> None:
    weights = random_weights(2, 7, 7)
    there = [weights[:, query, query + offset] for query in range(7) if 0 <= query + offset < 7]
    assert torch.allclose(share_at(weights, offset), torch.stack(there).mean(dim=0))
    assert torch.allclose(share_at(weights.flip(dims=(-1, -2)), -offset), share_at(weights, offset))


def test_a_head_that_looks_at_its_neighbour_wherever_there_is_one_has_share_one() -> None:
    nearest = torch.eye(5)[[1, 2, 3, 4, 0]]
    assert share_at(nearest, 1) == 1
    assert share_at(nearest, -4) == 1
    assert share_at(nearest, 9) == 0, "nobody has such a token"


def test_shares_at_an_offset_leave_empty_rows_out() -> None:
    weights = random_weights(7, 7)
    weights[2] = 0
    expected = torch.stack([weights[query, query + 1] for query in (0, 1, 3, 4, 5)]).mean()
    assert torch.allclose(share_at(weights, 1), expected)


def test_confidence_is_the_mean_of_the_largest_weights() -> None:
    weights = random_weights(2, 7, 7)
    expected = [sum(max(row) for row in head) / 7 for head in weights.tolist()]
    assert confidence(weights).tolist() == pytest.approx(expected)
    assert confidence(torch.eye(4)) == 1
    assert confidence(torch.full((4, 4), 0.25)) == 0.25


@pytest.mark.parametrize("n", [2, 5, 40])
def test_uniform_attention_has_relative_entropy_one_whatever_the_length(n: int) -> None:
    assert float(relative_entropy(torch.full((n, n), 1 / n), torch.ones(n, n, dtype=torch.bool))) == pytest.approx(1)
    causal = torch.ones(n, n).tril()
    weights = causal / causal.sum(dim=-1, keepdim=True)
    assert float(relative_entropy(weights, causal.bool())) == pytest.approx(1)
    assert relative_entropy(torch.eye(n), causal.bool()) == 0


def test_relative_entropy_is_scipys_in_base_k() -> None:
    weights, visible = random_weights(2, 7, 7).tril(), torch.ones(7, 7, dtype=torch.bool).tril()
    expected = [np.mean([scipy_entropy(head[k - 1, :k], base=k) for k in range(2, 8)]) for head in weights.numpy()]
    assert relative_entropy(weights, visible).tolist() == pytest.approx(expected)


def test_absolute_difference_is_the_mean_over_cells() -> None:
    a, b = random_weights(2, 7, 7), random_weights(2, 7, 7, seed=1)
    np.testing.assert_allclose(mean_absolute_difference(a, b), np.abs(b.numpy() - a.numpy()).mean(axis=(1, 2)))
    assert torch.equal(mean_absolute_difference(a, b), mean_absolute_difference(b, a))
    assert mean_absolute_difference(a, a).tolist() == [0, 0]
    assert mean_absolute_difference(torch.eye(4), torch.eye(4).roll(1, 0)) == 2 / 4


def test_divergence_is_the_square_of_scipys_distance() -> None:
    a, b = random_weights(2, 7, 7), random_weights(2, 7, 7, seed=1)
    expected = (jensenshannon(a.numpy(), b.numpy(), base=2, axis=-1) ** 2).mean(axis=-1)
    np.testing.assert_allclose(jensen_shannon(a, b), expected, atol=1e-12)
    assert torch.allclose(jensen_shannon(a, b), jensen_shannon(b, a))


def test_divergence_is_zero_for_equal_attention_and_one_where_no_key_is_shared() -> None:
    assert jensen_shannon(torch.eye(4), torch.eye(4)) == 0
    assert jensen_shannon(torch.eye(4), torch.eye(4).roll(1, 0)) == pytest.approx(1)


@every_measure
@pytest.mark.parametrize("nothing", [0.0, float("nan")])
def test_a_row_that_looks_at_nothing_is_left_out(measure: Callable[[Tensor], Tensor], nothing: float) -> None:
    weights = random_weights(3, 7, 7)
    weights[1, 2] = nothing
    kept = [0, 1, 3, 4, 5, 6]
    rows = torch.stack(
        [measure(_only(weights[1], row)) for row in kept if measure is not ONE["across"] or SEGMENTS[row] is not None]
    )
    assert torch.allclose(measure(weights)[1], rows.mean())
    weights[1] = nothing
    assert measure(weights)[1] == 0
    assert measure(weights).isfinite().all()


def _only(weights: Tensor, row: int) -> Tensor:
    """The same with every other row empty."""
    kept = torch.zeros_like(weights)
    kept[row] = weights[row]
    return kept


@every_measure
def test_hidden_keys_change_no_unit(measure: Callable[[Tensor], Tensor]) -> None:
    weights = random_weights(3, 7, 7)
    assert torch.allclose(measure(0.25 * weights), measure(weights))
