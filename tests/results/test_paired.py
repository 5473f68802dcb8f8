"""Intervals and tests against scipy's and statsmodels' own."""

from math import isnan

import numpy as np
import pytest
from scipy.stats import bootstrap, ttest_rel
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar

from amplify_viz import InputError
from amplify_viz.results.paired import mcnemar, paired_bootstrap, paired_interval


@pytest.mark.parametrize("n", [2, 3, 10])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_interval_is_scipys(n: int, confidence: float) -> None:
    a, b = np.random.default_rng(n).normal(90, 2, size=(2, n))
    theirs = ttest_rel(a, b).confidence_interval(confidence)
    ours = paired_interval(a - b, confidence=confidence)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-9)
    assert ours.excludes_zero == (theirs.low > 0 or theirs.high < 0)
    assert ours.sd == pytest.approx(np.std(a - b, ddof=1))


def test_one_difference_has_no_interval_and_no_sd() -> None:
    found = paired_interval([1.5])
    assert (found.mean, found.n, found.kind) == (1.5, 1, "none: one seed")
    assert isnan(found.sd) and isnan(found.low) and isnan(found.high)
    assert not found.excludes_zero


def test_equal_differences_have_no_interval() -> None:
    found = paired_interval([0.7 - 0.5, 0.6 - 0.4])  # equal but for rounding
    assert found.kind == "none: all differences are equal"
    assert not found.excludes_zero


@pytest.mark.parametrize("differences", [[], [1.0, float("nan")], [[1.0]]])
def test_differences_that_are_none_are_refused(differences: list[float]) -> None:
    with pytest.raises(InputError, match="at least one finite difference"):
        paired_interval(differences)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_a_confidence_outside_0_to_1_is_refused(confidence: float) -> None:
    with pytest.raises(InputError, match="confidence lies between 0 and 1"):
        paired_interval([1.0, 2.0], confidence=confidence)


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 0), (3, 0), (5, 5), (10, 3), (7, 8), (61, 5)])
def test_the_exact_p_is_statsmodels(only_a: int, only_b: int) -> None:
    a = [True] * 20 + [True] * only_a + [False] * only_b + [False] * 4
    b = [True] * 20 + [False] * only_a + [True] * only_b + [False] * 4
    found = mcnemar(a, b)
    assert (found.both, found.only_a, found.only_b, found.neither) == (20, only_a, only_b, 4)
    theirs = reference_mcnemar([[20, only_a], [only_b, 4]], exact=True).pvalue if only_a + only_b else 1.0
    assert found.p_exact == pytest.approx(theirs)


def test_the_mid_p_counts_half_of_what_was_seen() -> None:
    # 3 and 0: the tails are 2/8, of which what was seen, here and mirrored, is all; half of it is left.
    assert mcnemar([1, 1, 1], [0, 0, 0]).p_mid == pytest.approx(0.125)
    # 2 and 1: each tail is (1 + 3)/8, with half of the three 2.5/8, twice is 5/8.
    assert mcnemar([1, 1, 0], [0, 0, 1]).p_mid == pytest.approx(0.625)
    # 1 and 1: all but half of the middle's 2/4.
    assert mcnemar([1, 0], [0, 1]).p_mid == pytest.approx(0.75)
    assert mcnemar([1, 0], [1, 0]).p_mid == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_the_mid_p_is_never_above_the_exact_one_and_sides_do_not_matter(seed: int) -> None:
    a, b = np.random.default_rng(seed).integers(2, size=(2, 30))
    one, other = mcnemar(a, b), mcnemar(b, a)
    assert 0 < one.p_mid <= one.p_exact <= 1
    assert (one.p_exact, one.p_mid) == (other.p_exact, other.p_mid)


def test_rows_of_two_splits_are_refused() -> None:
    with pytest.raises(InputError, match="same rows of both, got \\(3,\\) and \\(2,\\)"):
        mcnemar([1, 1, 0], [1, 1])


def _differences() -> np.ndarray:
    right = np.random.default_rng(1).random((2, 3, 200)) < np.array([0.8, 0.7])[:, None, None]
    return right[0].astype(int) - right[1].astype(int)


def test_the_bootstrap_is_scipys_within_its_chance() -> None:
    x = _differences()
    rng = np.random.default_rng(0)
    theirs = bootstrap((x.mean(axis=0),), np.mean, n_resamples=20_000, method="percentile", rng=rng).confidence_interval
    mean, low, high = paired_bootstrap(x, np.random.default_rng(2), n_resamples=20_000)
    assert mean == pytest.approx(x.mean())
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.003)  # the interval is 0.11 wide


def test_the_bootstrap_is_exactly_that_of_two_rows() -> None:
    # Two rows, 1 and 0: the mean is 0, 1/2 or 1 with the shares 1/4, 1/2, 1/4.
    mean, low, high = paired_bootstrap([[1, 0]], np.random.default_rng(0), confidence=0.4)
    assert (mean, low, high) == (0.5, 0.5, 0.5)
    assert paired_bootstrap([[1, 0]], np.random.default_rng(0), confidence=0.6)[1:] == (0.0, 1.0)


def test_one_generator_state_gives_one_interval() -> None:
    first, second = (paired_bootstrap(_differences(), np.random.default_rng(5)) for _ in range(2))
    assert first == second


def test_a_row_is_drawn_with_all_its_seeds() -> None:
    """Three equal seeds are one seed's information: the interval must not shrink."""
    one = _differences()[:1]
    alone, thrice = (paired_bootstrap(x, np.random.default_rng(0)) for x in (one, np.repeat(one, 3, axis=0)))
    assert alone == pytest.approx(thrice)


@pytest.mark.parametrize("differences", [[1, 0], [[]], [[float("nan")]]])
def test_differences_without_both_axes_are_refused(differences: list[float]) -> None:
    with pytest.raises(InputError, match="finite differences \\[seed, row\\]"):
        paired_bootstrap(differences, np.random.default_rng(0))


def test_few_resamples_are_refused() -> None:
    with pytest.raises(InputError, match="at least 100 resamples, got 10"):
        paired_bootstrap([[1, 0]], np.random.default_rng(0), n_resamples=10)
