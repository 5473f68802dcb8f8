"""Distances between checkpoints: intervals, and groups of runs against the runs inside them."""

from itertools import combinations, permutations

import numpy as np
import pytest
from scipy import stats

from amplify_viz.errors import InputError
from amplify_viz.statistics.distances import distance_tests, estimates


def test_a_mean_has_scipys_t_interval() -> None:
    values = np.random.default_rng(0).normal(3, 2, (20, 2, 3))
    table = estimates(values, confidence=0.9)
    expected = stats.t.interval(0.9, 19, loc=values.mean(axis=0), scale=stats.sem(values, axis=0))
    np.testing.assert_allclose(table["low"], expected[0].ravel(), rtol=1e-10)
    np.testing.assert_allclose(table["high"], expected[1].ravel(), rtol=1e-10)
    assert table["axis_0"].tolist() == [0, 0, 0, 1, 1, 1] and set(table["n"]) == {20}
    assert set(table["status"]) == {"estimated"}


def test_what_has_no_interval_is_named() -> None:
    table = estimates([[1.0, np.nan]])
    assert table["status"].tolist() == ["too few", "not finite"]
    assert table["mean"].tolist()[0] == 1 and table[["sd", "low", "high"]].isna().all(axis=None)
    with pytest.raises(InputError, match="at least one input"):
        estimates(np.empty((0, 2)))


def random_distances(n: int, *, places: int = 4, seed: int = 0) -> np.ndarray:
    points = np.random.default_rng(seed).normal(size=(n, places, 3))
    return np.linalg.norm(points[:, None] - points[None], axis=-1)


def excess(d: np.ndarray, chosen: tuple[int, ...]) -> np.ndarray:
    pairs = list(combinations(range(len(d)), 2))
    across = [d[i, j] for i, j in pairs if (i in chosen) != (j in chosen)]
    within = [d[i, j] for i, j in pairs if (i in chosen) == (j in chosen)]
    return np.mean(across, axis=0) - np.mean(within, axis=0)


@pytest.mark.parametrize(("runs_a", "runs_b"), [(3, 3), (2, 4), (2, 2)])
def test_p_values_are_those_of_every_labelling(runs_a: int, runs_b: int) -> None:
    n = runs_a + runs_b
    d = random_distances(n)
    table = distance_tests(d, runs_a, correction="none")
    observed = excess(d, tuple(range(runs_a)))
    others = np.array([excess(d, order[:runs_a]) for order in permutations(range(n))])
    np.testing.assert_allclose(table["excess"], observed, rtol=1e-10)
    np.testing.assert_allclose(table["p_value"], (others >= observed - 1e-12).mean(axis=0), rtol=1e-10)
    assert (table["p_value"] >= table["p_smallest"] - 1e-12).all()


def test_groups_that_lie_apart_have_the_smallest_p() -> None:
    d = random_distances(6)
    d[:3, 3:] += 10
    d[3:, :3] += 10
    table = distance_tests(d, 3)
    assert table["p_value"].tolist() == pytest.approx([0.1] * 4) and set(table["p_smallest"]) == {0.1}
    assert (table["between"] > table[["within_a", "within_b"]].max(axis=1)).all()


def test_random_labellings_are_near_all_of_them() -> None:
    d = random_distances(8)
    every, some = distance_tests(d, 4, correction="none"), distance_tests(d, 4, correction="none", n_relabellings=60)
    assert set(every["relabellings"]) == {70} and set(some["relabellings"]) == {60}
    np.testing.assert_allclose(some["p_value"], every["p_value"], atol=0.25)


def test_seeds_alone_are_rejected_at_most_at_the_level() -> None:
    p = np.concatenate(
        [distance_tests(random_distances(8, seed=seed), 4, correction="none")["p_value"] for seed in range(300)]
    )
    assert np.mean(p <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_what_cannot_be_tested_is_named() -> None:
    d = random_distances(4)
    d[..., 0] = 1.0
    d[0, 1, 1] = d[1, 0, 1] = np.nan
    assert distance_tests(d, 2)["status"].tolist() == ["identical", "not finite", "tested", "tested"]
    assert set(distance_tests(random_distances(3), 1)["status"]) == {"too few"}
    with pytest.raises(InputError, match=r"\[run, run, place, …\]"):
        distance_tests(np.zeros((2, 3)), 1)
