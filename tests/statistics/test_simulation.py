"""Calibration and power by simulation: made-up data have the effects they are said to have, and tests behave as promised.

The rates are compared with an allowance for 400 trials: four standard errors, so that chance fails a test once in 16,000 runs
of another seed; this seed is fixed.
"""

from collections.abc import Hashable
from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import ttest_ind

from amplify_viz.errors import InputError
from amplify_viz.statistics import layer_tests
from amplify_viz.statistics.simulation import Effects, Elements, element_data, power_rates, rejection_rates, run_data
from tests.tiny import random_record

N = 400
LEVEL = 0.05
Null = dict[str, dict[Hashable, Any]]


@pytest.fixture(scope="module")
def null() -> Null:
    return {str(row["unit"]): row for row in rejection_rates(n_trials=N, seed=1).to_dict("records")}


@pytest.fixture(scope="module")
def power() -> pd.DataFrame:
    return power_rates(n_trials=N, seed=1)


def error(rate: float) -> float:
    return 4 * sqrt(rate * (1 - rate) / N)


@pytest.mark.parametrize("k", [3, 5, 10])
def test_tests_between_groups_reject_no_more_than_they_may(null: Null, k: int) -> None:
    row = null[f"run, {k} + {k}"]
    assert row["rate"] <= LEVEL + error(LEVEL)
    assert row["low"] <= LEVEL
    assert (row["runs"], row["n_trials"], row["effect_size"]) == (k, N, 0)
    assert row["rate"] == 0 if k == 3 else row["rate"] > LEVEL - error(LEVEL)


def test_the_input_as_the_unit_takes_seeds_for_methods(null: Null) -> None:
    assert null["input"]["low"] > 10 * LEVEL


def test_elements_as_the_unit_reject_never_or_mostly(null: Null) -> None:
    assert null["element, seeds alike"]["high"] < LEVEL
    assert null["element, seeds apart"]["low"] > 5 * LEVEL


def test_intervals_of_few_runs_are_too_narrow_and_come_closer_with_more(null: Null) -> None:
    rates = [null[f"interval, {k} + {k}"]["rate"] for k in (3, 5, 10)]
    assert rates == sorted(rates, reverse=True)
    assert null["interval, 3 + 3"]["low"] > LEVEL


@pytest.mark.parametrize("k", [5, 10])
def test_a_known_difference_is_found_with_the_power_that_statsmodels_says(power: pd.DataFrame, k: int) -> None:
    rows = power[power["runs"] == k]
    allowed = 0.03 + rows["expected"].map(error)  # the t-test's power is the relabelling test's within 3 points
    assert ((rows["rate"] - rows["expected"]).abs() <= allowed).all()
    assert rows["rate"].is_monotonic_increasing


def test_three_against_three_find_nothing_whatever_the_difference(power: pd.DataFrame) -> None:
    rows = power[power["runs"] == 3]
    assert (rows["rejected"] == 0).all()
    assert rows["expected"].max() > 0.7, "a t-test, which trusts the normal distribution, would"


def test_expected_power_is_that_of_many_t_tests() -> None:
    """Statsmodels' formula against scipy's test on drawn means."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(5, 20_000)), rng.normal(size=(5, 20_000)) + 2
    (row,) = power_rates((5,), (2.0,), n_trials=1).to_dict("records")
    assert float((ttest_ind(a, b).pvalue <= LEVEL).mean()) == pytest.approx(row["expected"], abs=0.012)


def test_runs_differ_as_much_as_their_effects_say() -> None:
    effects = Effects(inputs=2.0, runs=0.3, residual=0.6, n_inputs=20)
    a, b = run_data(4, np.random.default_rng(0), effects=effects, n_trials=3000, shift=1.5)
    assert a.shape == b.shape == (4, 20, 3000)
    between = a.mean(axis=1).var(axis=0, ddof=1).mean()
    assert sqrt(between) == pytest.approx(effects.sd_of_means, rel=0.03)
    assert float((b - a).mean()) == pytest.approx(1.5, abs=0.02)
    shared = np.mean(a[0] * b[1]) - np.mean(a[0]) * np.mean(b[1])
    assert float(shared) == pytest.approx(4.0, rel=0.05), "all runs have the same inputs"


def test_elements_of_one_dimension_move_together() -> None:
    elements = Elements(runs=1.0, noise=0.5, n_tokens=6, n_dims=5)
    a, b = (x.reshape(6, 5, -1) for x in element_data(elements, np.random.default_rng(0), n_trials=20_000))
    change = b - a
    assert change.var() == pytest.approx(2 * (1 + 0.25), rel=0.05)
    assert np.mean(change[0] * change[1]) == pytest.approx(2.0, rel=0.1), "of two tokens, one dimension"
    assert np.mean(change[0, 0] * change[0, 1]) == pytest.approx(0.0, abs=0.08), "of two dimensions"


def test_the_elements_get_the_test_of_layer_tests() -> None:
    a, b = element_data(Elements(runs=0.1, n_tokens=5, n_dims=8), np.random.default_rng(0), n_trials=1)
    record = random_record(("a", "b"), n_layers=1, n_heads=1)
    first, second = (
        replace(record, outputs=torch.from_numpy(x[:, 0]).reshape(1, 1, 5, 8), checkpoint=name)
        for name, x in (("a", a), ("b", b))
    )
    p_value = float(ttest_ind(a[:, 0], b[:, 0], equal_var=False).pvalue)
    assert layer_tests(first, second)["p_value"][0] == pytest.approx(p_value, rel=1e-10)


def test_the_same_seed_gives_the_same_table() -> None:
    assert rejection_rates((2,), n_trials=20, seed=3).equals(rejection_rates((2,), n_trials=20, seed=3))
    assert not rejection_rates((2,), n_trials=20, seed=3).equals(rejection_rates((2,), n_trials=20, seed=4))


@pytest.mark.parametrize(
    ("runs", "settings"), [((1, 3), {}), ((), {}), ((3,), {"n_trials": 0}), ((3,), {"level": 1.0})]
)
def test_a_simulation_of_nothing_is_refused(runs: tuple[int, ...], settings: dict[str, Any]) -> None:
    for function in (rejection_rates, power_rates):
        with pytest.raises(InputError, match="needs two runs on each side"):
            function(runs, **settings)
