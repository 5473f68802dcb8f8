"""Rollout and flow against brute force and linear programming."""

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import linprog
from torch import Tensor

from amplify_viz.errors import InputError
from amplify_viz.statistics.rollouts import MAX_FLOW_TOKENS, Cancelled, flow, rollout


def some_weights(n_layers: int = 3, n_heads: int = 2, n_tokens: int = 4, seed: int = 0) -> Tensor:
    scores = 2 * torch.randn(n_layers, n_heads, n_tokens, n_tokens, generator=torch.Generator().manual_seed(seed))
    return scores.softmax(dim=-1)


def test_rollout_is_the_sum_over_all_paths() -> None:
    weights = some_weights()
    mixed = (weights.double().mean(dim=1) + torch.eye(4)) / 2
    for start, end in product(range(4), repeat=2):
        paths = product(range(4), repeat=2)
        total = sum(float(mixed[2, start, i] * mixed[1, i, j] * mixed[0, j, end]) for i, j in paths)
        assert float(rollout(weights)[2, start, end]) == pytest.approx(total, rel=1e-12)


def test_rows_of_a_rollout_sum_to_one_in_every_layer() -> None:
    sums = rollout(some_weights(n_tokens=9)).sum(dim=-1)
    torch.testing.assert_close(sums, torch.ones_like(sums))


def test_one_layer_is_attention_with_the_residual() -> None:
    weights = some_weights(n_layers=1)
    expected = (weights[0].double().mean(dim=0) + torch.eye(4)) / 2
    torch.testing.assert_close(rollout(weights)[0], expected)


def test_a_head_that_is_off_passes_nothing_on() -> None:
    weights = some_weights(n_heads=3)
    off = [(0, 1), (1, 0), (1, 1), (1, 2), (7, 0)]
    mixed = [weights[0, [0, 2]].double().mean(dim=0), torch.eye(4).double(), weights[2].double().mean(dim=0)]
    expected = [(mean + torch.eye(4)) / 2 for mean in mixed]
    torch.testing.assert_close(rollout(weights, off=off)[2], expected[2] @ expected[1] @ expected[0])
    same = torch.stack([mean.expand(3, -1, -1) for mean in mixed])
    torch.testing.assert_close(flow(weights, 1, off=off), flow(same, 1))


def _flow_by_linear_programming(weights: Tensor, token: int, *targets: int) -> float:
    """The same maximum as a linear programme over the edges' flows."""
    mixed = ((weights.double().mean(dim=1) + torch.eye(weights.shape[-1])) / 2).numpy()
    n_layers, n, _ = mixed.shape
    edges = [(layer, query, key) for layer in range(n_layers) for query in range(n) for key in range(n)]
    inner = [(layer, place) for layer in range(1, n_layers) for place in range(n)]
    balance = np.zeros((len(inner) + n - 1, len(edges)))
    for column, (layer, query, key) in enumerate(edges):
        if layer < n_layers - 1:
            balance[inner.index((layer + 1, query)), column] -= 1
        elif query != token:
            balance[len(inner) + [p for p in range(n) if p != token].index(query), column] = 1
        if layer > 0:
            balance[inner.index((layer, key)), column] += 1
    gain = np.array([-1.0 if layer == 0 and key in targets else 0.0 for layer, _, key in edges])
    bounds = [(0, mixed[edge]) for edge in edges]
    result: Any = linprog(gain, A_eq=balance, b_eq=np.zeros(len(balance)), bounds=bounds)
    return -float(result.fun)


@pytest.mark.parametrize("token", [0, 2])
def test_flow_is_the_maximum_of_a_linear_programme(token: int) -> None:
    weights = some_weights()
    expected = [_flow_by_linear_programming(weights, token, target) for target in range(4)]
    np.testing.assert_allclose(flow(weights, token), expected, rtol=1e-7, atol=1e-9)


def test_flow_to_a_group_is_less_than_the_sum_of_its_tokens_and_at_most_what_leaves() -> None:
    weights = some_weights()
    alone = flow(weights, 1).tolist()
    together = flow(weights, 1, groups=[(0,), (1, 2), (0, 1, 2, 3)]).tolist()
    assert together[0] == pytest.approx(alone[0])
    assert max(alone[1:3]) <= together[1] <= min(1, alone[1] + alone[2]) + 1e-6
    assert together[2] == pytest.approx(1)


def test_flow_to_a_group_is_the_maximum_of_a_linear_programme() -> None:
    weights = some_weights()
    expected = _flow_by_linear_programming(weights, 2, 0, 3)
    assert flow(weights, 2, groups=[(0, 3)]).item() == pytest.approx(expected, rel=1e-7)
    assert expected < flow(weights, 2)[[0, 3]].sum()


def test_flow_through_one_layer_is_the_edge_itself() -> None:
    weights = some_weights(n_layers=1)
    torch.testing.assert_close(flow(weights, 1), rollout(weights)[0, 1])


def test_flow_says_how_far_it_is_and_can_be_ended() -> None:
    shares: list[float] = []

    def note(share: float) -> bool:
        shares.append(share)
        return False

    flow(some_weights(), 0, progress=note)
    assert shares == [0.25, 0.5, 0.75, 1.0]
    with pytest.raises(Cancelled):
        flow(some_weights(), 0, progress=lambda share: share >= 0.5)


def test_too_many_tokens_or_a_token_that_there_is_not_is_refused_with_the_reason() -> None:
    with pytest.raises(InputError, match=r"up to 32 tokens, this text has 33: .* minutes"):
        flow(some_weights(n_tokens=MAX_FLOW_TOKENS + 1), 0)
    with pytest.raises(InputError, match="no token 5 of 4"):
        flow(some_weights(), 4)
    with pytest.raises(InputError, match=r"\[layer, head, query, key\]"):
        rollout(torch.ones(2, 3, 3))
