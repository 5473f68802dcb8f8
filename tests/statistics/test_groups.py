"""Tests between groups of runs: against scipy, by hand, and by simulation."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from amplify_viz.errors import InputError
from amplify_viz.statistics.groups import group_tests, smallest_p, what_it_can_say
from amplify_viz.statistics.inputs import paired_tests

Numbers = NDArray[np.float64]


def runs(k: int, n: int = 20, places: int = 6, *, shift: float = 0.0, seed: int = 0) -> tuple[Numbers, Numbers]:
    """Two groups of k runs with effects of runs and of inputs, b shifted against a by so much of a run's sd."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(n, places))
    return tuple(  # type: ignore[return-value]
        rng.normal(move, 1, size=(k, 1, places)) + inputs + rng.normal(0, 0.5, size=(k, n, places))
        for move in (0.0, shift)
    )


@pytest.mark.parametrize(("k", "other"), [(3, 3), (4, 4), (2, 5)])
def test_relabelling_is_scipys_exact_permutation_test(k: int, other: int) -> None:
    a, b = runs(k)[0], runs(other, seed=3, shift=1)[1]
    table = group_tests(a, b)

    def difference(x: Numbers, y: Numbers, axis: int) -> Numbers:
        return np.abs(y.mean(axis=axis) - x.mean(axis=axis))

    for place in range(a.shape[2]):
        means = [values[:, :, place].mean(axis=1) for values in (a, b)]
        theirs = stats.permutation_test(means, difference, n_resamples=10**6, alternative="greater", axis=0)
        assert table["p_value"][place] == pytest.approx(theirs.pvalue, rel=1e-10)
    assert (table["p_value"] >= table["p_smallest"]).all()


def test_three_against_three_by_hand() -> None:
    a, b = np.array([0.0, 1, 2]), np.array([10.0, 11, 12])
    (row,) = group_tests(a[:, None], b[:, None]).to_dict("records")
    assert (row["p_value"], row["relabellings"], row["mean_difference"]) == (0.1, 20, 10)
    assert row["sd_between_runs"] == pytest.approx(1.0)
    assert row["effect_size"] == pytest.approx(10.0)


def test_many_runs_are_relabelled_at_random_and_never_reach_zero() -> None:
    a, b = runs(10, shift=9)
    table = group_tests(a, b, n_relabellings=500, seed=1)
    assert (table["p_value"] == 1 / 501).all()
    assert (table["relabellings"] == 500).all()
    again = group_tests(a, b, n_relabellings=500, seed=1)
    assert table.equals(again)


@pytest.mark.parametrize("k", [3, 5])
def test_seed_effects_alone_are_not_found_to_be_a_method(k: int) -> None:
    places = 3000
    a, b = runs(k, places=places)
    rate = float((group_tests(a, b, n_resamples=200)["p_value"] <= 0.05).mean())
    assert rate <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / places)
    naive = float((paired_tests(a[0], b[0])["p_value"] <= 0.05).mean())
    assert naive > 0.5, "the test over inputs takes seeds for methods"


def test_a_method_effect_is_found_with_enough_seeds() -> None:
    a, b = runs(5, places=500, shift=3)
    assert float((group_tests(a, b, n_resamples=200)["p_value"] <= 0.05).mean()) > 0.9


def test_the_interval_of_the_hierarchical_bootstrap_covers_about_as_often_as_it_says_with_many_runs() -> None:
    a, b = runs(30, n=40, places=400, shift=0.5, seed=5)
    table = group_tests(a, b, n_resamples=400, n_relabellings=99)
    covered = float(((table["low"] <= 0.5) & (table["high"] >= 0.5)).mean())
    assert 0.90 <= covered <= 0.98


def test_what_cannot_be_tested_has_a_status() -> None:
    a, b = runs(3, places=4)
    b[0, 0, 0] = np.nan
    a[:, :, 1] = b[:, :, 1] = 2.0
    a[:, 0, 2], a[:, 1:, 2], b[:, :, 2] = 0.0, 20 / 19, 1.0
    table = group_tests(a, b)
    assert list(table["status"]) == ["not finite", "identical", "constant", "tested"]
    names = ["p_value", "p_corrected", "low", "high", "effect_size"]
    assert table.loc[:2, names].isna().all(axis=None)
    assert np.isfinite(table.loc[3, names].astype(float)).all()
    alone = group_tests(a[:1, :, 3:], b[:, :, 3:])
    assert list(alone["status"]) == ["too few"]


@pytest.mark.parametrize(
    ("a", "b", "n_tests", "said"),
    [
        (1, 3, 1, "nothing can be said of methods"),
        (3, 3, 1, "the smallest possible p-value is 0.1: whatever the runs show"),
        (4, 4, 72, "one test alone can be significant at 0.05, but none of 72"),
        (10, 10, 72, "a difference between the methods can be found"),
    ],
)
def test_a_plain_sentence_says_what_the_runs_can_support(a: int, b: int, n_tests: int, said: str) -> None:
    assert said in what_it_can_say(a, b, n_tests=n_tests)


@pytest.mark.parametrize(("a", "b", "least"), [(3, 3, 0.1), (2, 2, 1 / 3), (2, 3, 0.1), (1, 1, 1.0), (5, 5, 2 / 252)])
def test_the_smallest_p_value(a: int, b: int, least: float) -> None:
    assert smallest_p(a, b) == pytest.approx(least)


def test_groups_that_do_not_fit_are_refused() -> None:
    a, b = runs(3)
    with pytest.raises(InputError, match="the same inputs and places"):
        group_tests(a, b[:, 1:])
    with pytest.raises(InputError, match="the same inputs and places"):
        group_tests(a[:0], b)
