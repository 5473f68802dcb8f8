"""Tests over inputs, against scipy and statsmodels."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.multitest import multipletests

from amplify_viz.errors import InputError
from amplify_viz.statistics.inputs import CORRECTIONS, TESTS, adjusted, paired_tests

Numbers = NDArray[np.float64]


def two(n: int = 30, places: tuple[int, ...] = (3, 4), *, shift: float = 0.3, seed: int = 0) -> tuple[Numbers, Numbers]:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(n, *places))
    return a, a + rng.normal(shift, 1, size=(n, *places))


def with_ties() -> tuple[Numbers, Numbers]:
    a, b = two(n=40)
    return a.round(1), np.where(np.random.default_rng(1).random(b.shape) < 0.2, a, b).round(1)


@pytest.mark.parametrize(("a", "b"), [two(), two(n=2), two(n=400, shift=0), with_ties()])
def test_the_t_test_is_scipys(a: Numbers, b: Numbers) -> None:
    table = paired_tests(a, b)
    theirs = stats.ttest_rel(b, a, axis=0)
    interval = theirs.confidence_interval(0.95)
    for name, expected in {
        "statistic": theirs.statistic, "p_value": theirs.pvalue, "low": interval.low, "high": interval.high,
        "mean_difference": (b - a).mean(axis=0), "effect_size": (b - a).mean(axis=0) / (b - a).std(axis=0, ddof=1),
    }.items():  # fmt: skip
        np.testing.assert_allclose(table[name], np.ravel(expected), rtol=1e-10)
    assert set(table["status"]) == {"tested"}


@pytest.mark.parametrize(("a", "b"), [two(), two(n=8), with_ties()])
def test_wilcoxons_test_is_scipys(a: Numbers, b: Numbers) -> None:
    table = paired_tests(a, b, test="wilcoxon")
    for place, (x, y) in enumerate(zip(a.reshape(len(a), -1).T, b.reshape(len(b), -1).T, strict=True)):
        theirs: Any = stats.wilcoxon(y - x, zero_method="zsplit")
        assert table["statistic"][place] == pytest.approx(theirs.statistic, rel=1e-10)
        assert table["p_value"][place] == pytest.approx(theirs.pvalue, rel=1e-10)


@pytest.mark.parametrize(("a", "b"), [two(n=9), (with_ties()[0][:10], with_ties()[1][:10])])
def test_all_sign_flips_are_scipys_exact_permutation_test(a: Numbers, b: Numbers) -> None:
    table = paired_tests(a, b, test="sign-flip")
    theirs = stats.permutation_test(
        (b - a,), lambda x, axis: x.mean(axis=axis), permutation_type="samples", n_resamples=10**6, axis=0
    )
    np.testing.assert_allclose(table["p_value"], theirs.pvalue.ravel(), rtol=1e-10)
    np.testing.assert_allclose(table["statistic"], theirs.statistic.ravel(), rtol=1e-10)


def test_random_sign_flips_come_near_the_exact_test_and_are_never_zero() -> None:
    a, b = two(n=12)
    exact = paired_tests(a, b, test="sign-flip")["p_value"]
    drawn = paired_tests(a, b, test="sign-flip", n_flips=4000)["p_value"]
    np.testing.assert_allclose(drawn, exact, atol=4 * np.sqrt(0.25 / 4000))
    far = paired_tests(a, a + 5 + 0.01 * (b - a), test="sign-flip", n_flips=500)["p_value"]
    assert (far == 1 / 501).all()


def test_flips_are_those_of_their_seed() -> None:
    a, b = two(n=40)
    once, again, other = (paired_tests(a, b, test="sign-flip", seed=seed)["p_value"] for seed in (3, 3, 4))
    assert once.equals(again)
    assert not once.equals(other)


@pytest.mark.parametrize("correction", ["holm", "bh"])
def test_corrections_are_statsmodels_over_all_tested_places(correction: Any) -> None:
    a, b = two()
    b[:, 0, 0] = a[:, 0, 0]
    table = paired_tests(a, b, correction=correction)
    tested = table[table["status"] == "tested"]
    assert len(tested) == 11
    theirs = multipletests(tested["p_value"], method={"holm": "holm", "bh": "fdr_bh"}[correction])[1]
    np.testing.assert_allclose(tested["p_corrected"], theirs, rtol=1e-10)
    assert (tested["p_corrected"] >= tested["p_value"]).all()


def test_holm_by_hand() -> None:
    np.testing.assert_allclose(adjusted([0.01, 0.04, 0.03], "holm"), [0.03, 0.06, 0.06])
    np.testing.assert_allclose(adjusted([0.01, 0.04, 0.03], "none"), [0.01, 0.04, 0.03])
    assert adjusted([], "bh").size == 0


@pytest.mark.parametrize("test", TESTS)
def test_what_cannot_be_tested_has_a_status_and_never_a_silent_nan(test: Any) -> None:
    a, b = two(n=6, places=(5,))
    b[:, 0] = a[:, 0]
    a[:, 1], b[:, 1] = 1.0, 1.5
    a[2, 2] = np.nan
    b[3, 3] = np.inf
    table = paired_tests(a, b, test=test)
    assert list(table["status"]) == ["identical", "constant", "not finite", "not finite", "tested"]
    untested = table[table["status"] != "tested"]
    assert untested[["statistic", "p_value", "p_corrected", "low", "high"]].isna().all(axis=None)
    assert np.isfinite(table.loc[4, ["statistic", "p_value", "p_corrected", "low", "high"]].astype(float)).all()


@pytest.mark.parametrize("test", TESTS)
def test_differences_that_rounding_alone_sets_apart_are_constant(test: Any) -> None:
    a, _ = two(n=20, places=(3,))
    assert len(np.unique(a + 0.1 - a)) > 3
    assert list(paired_tests(a, a + 0.1, test=test)["status"]) == ["constant"] * 3
    assert list(paired_tests(a, a + 1e-6 * np.arange(20)[:, None], test=test)["status"]) == ["tested"] * 3


@pytest.mark.parametrize("test", TESTS)
def test_one_input_is_too_few(test: Any) -> None:
    a, b = two(n=1)
    assert set(paired_tests(a, b, test=test)["status"]) == {"too few"}


def test_places_are_named_by_their_axes() -> None:
    table = paired_tests(*two())
    assert list(zip(table["axis_0"], table["axis_1"], strict=True))[:5] == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0)]
    assert (table["n"] == 30).all()
    alone = paired_tests(*two(places=()))
    assert len(alone) == 1


def test_a_known_difference_is_found_as_often_as_its_power_says() -> None:
    from statsmodels.stats.power import TTestPower

    a, b = two(n=25, places=(4000,), shift=0.5)
    rejected = float((paired_tests(a, b)["p_value"] < 0.05).mean())
    power = TTestPower().power(0.5, 25, 0.05)
    assert rejected == pytest.approx(power, abs=4 * np.sqrt(power * (1 - power) / 4000))


@pytest.mark.parametrize("test", TESTS)
def test_without_a_difference_one_in_twenty_is_rejected(test: Any) -> None:
    a, b = two(n=25, places=(2000,), shift=0, seed=7)
    rejected = float((paired_tests(a, b, test=test, n_flips=999)["p_value"] < 0.05).mean())
    assert rejected == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 2000))


def test_bad_input_is_refused() -> None:
    a, b = two()
    with pytest.raises(InputError, match=r"same inputs and places of both, got \(30, 3, 4\) and \(29, 3, 4\)"):
        paired_tests(a, b[1:])
    with pytest.raises(InputError, match="at least one"):
        paired_tests(np.empty((0, 3)), np.empty((0, 3)))
    unknown: Any = "z"
    with pytest.raises(InputError, match="test is one of t, wilcoxon, sign-flip, got 'z'"):
        paired_tests(a, b, test=unknown)
    with pytest.raises(InputError, match="correction is one of holm, bh, none, got 'z'"):
        paired_tests(a, b, correction=unknown)
    with pytest.raises(InputError, match="confidence lies between 0 and 1"):
        paired_tests(a, b, confidence=1.5)


def test_every_correction_is_known() -> None:
    assert [adjusted([0.5], name)[0] for name in CORRECTIONS] == [0.5] * 3


def test_wilcoxons_p_values_of_a_place_do_not_depend_on_the_others() -> None:
    a, b = two(n=20, places=(5,))
    alone = [paired_tests(a[:, [i]], b[:, [i]], test="wilcoxon", correction="none")["p_value"][0] for i in range(5)]
    b[3, 0] = a[3, 0]  # a zero difference in the first place: no exact p-value there
    together = paired_tests(a, b, test="wilcoxon", correction="none")["p_value"]
    assert together[1:].tolist() == alone[1:]
    assert together[0] != alone[0]
