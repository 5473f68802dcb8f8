"""How often each kind of test rejects: where there is no difference between methods, and where there is one of known size.

Public names: `rejection_rates`, `power_rates`, `run_data`, `element_data`, `Effects`, `Elements`, `RUNS`.

The data are made up, with what real runs have: texts that differ, seeds that differ, and in `rejection_rates` no method that
differs.  A test that answers "do the methods differ?" should then reject in at most `level` of the trials.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot, sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binomtest, ttest_ind

from amplify_viz.errors import InputError
from amplify_viz.statistics.groups import group_tests
from amplify_viz.statistics.inputs import Numbers, paired_tests

RUNS = (3, 5, 10)
_Row = dict[str, object]


@dataclass(frozen=True)
class Effects:
    """What a measure of one run on one input is the sum of, as standard deviations, and how many inputs there are.

    inputs: how much inputs differ, for all runs alike; runs: how much runs do (their seeds); residual: of both together.
    """

    inputs: float = 1.0
    runs: float = 0.5
    residual: float = 0.5
    n_inputs: int = 50

    @property
    def sd_of_means(self) -> float:
        """Standard deviation of a run's mean over inputs, among runs that were measured on the same inputs."""
        return hypot(self.runs, self.residual / sqrt(self.n_inputs))


@dataclass(frozen=True)
class Elements:
    """What an element of a run's attention outputs of a text is the sum of, as standard deviations, and how many there are.

    runs: an effect of the run on each dimension, the same for all tokens; text: what all runs have in common; noise: the rest.
    """

    runs: float
    text: float = 1.0
    noise: float = 0.1
    n_tokens: int = 24
    n_dims: int = 64


_KINDS = {"seeds alike": Elements(runs=0.05), "seeds apart": Elements(runs=1.0)}


def run_data(
    k: int, generator: np.random.Generator, *, effects: Effects, n_trials: int, shift: float = 0.0
) -> tuple[Numbers, Numbers]:
    """Two groups of k runs, each [run, input, trial], the second shifted by so much; all runs share the inputs."""
    shape = (effects.n_inputs, n_trials)
    inputs = effects.inputs * generator.standard_normal(shape)
    runs = effects.runs * generator.standard_normal((2, k, 1, n_trials))
    residual = effects.residual * generator.standard_normal((2, k, *shape))
    a, b = inputs + runs + residual
    return a, b + shift


def element_data(elements: Elements, generator: np.random.Generator, *, n_trials: int) -> tuple[Numbers, Numbers]:
    """The attention outputs of two runs of one method on one text: each [element, trial], tokens by dimensions."""
    shape = (elements.n_tokens, elements.n_dims, n_trials)
    text = elements.text * generator.standard_normal(shape)
    runs = elements.runs * generator.standard_normal((2, 1, *shape[1:]))
    a, b = text + runs + elements.noise * generator.standard_normal((2, *shape))
    return a.reshape(-1, n_trials), b.reshape(-1, n_trials)


def rejection_rates(
    runs: Sequence[int] = RUNS,
    *,
    n_trials: int = 2000,
    level: float = 0.05,
    effects: Effects | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """One row for each test: in what share of trials it rejects at the level, where methods do not differ.

    runs: how many on each side of `group_tests`; effects: of the measures that it and `paired_tests` get.  Columns: unit
    (of the test, as a figure names it), test, runs (on each side), effect_size (0), n_trials, rejected, rate, with an exact
    95 % interval for the Monte-Carlo error (low, high), and expected (the level).  In this order: Welch's t-test over
    the elements of attention outputs (as `layer_tests`, one run against one) where seeds hardly change them and where they
    change them much; `paired_tests` of one run against one; `group_tests`; and for each of these whether the interval of its
    hierarchical bootstrap leaves out 0, which is no test, but is read as one.

    Raises InputError for fewer than two runs, no trials and a level outside 0 to 1.  The same seed gives the same table.
    """
    _check(runs, n_trials, level)
    chosen, generator = effects or Effects(), np.random.default_rng(seed)
    rows: list[_Row] = []
    for name, elements in _KINDS.items():
        p_values = ttest_ind(*element_data(elements, generator, n_trials=n_trials), equal_var=False).pvalue
        rows.append({"unit": f"element, {name}", "test": "Welch", "runs": 1} | _rate(p_values <= level))
    a, b = run_data(1, generator, effects=chosen, n_trials=n_trials)
    paired = paired_tests(a[0], b[0], correction="none")
    rows.append({"unit": "input", "test": "paired t", "runs": 1} | _rate(paired["p_value"] <= level))
    tables = {
        k: group_tests(*run_data(k, generator, effects=chosen, n_trials=n_trials), confidence=1 - level) for k in runs
    }
    for k, table in tables.items():
        rows.append({"unit": f"run, {k} + {k}", "test": "relabelling", "runs": k} | _rate(table["p_value"] <= level))
    for k, table in tables.items():
        outside = (table["low"] > 0) | (table["high"] < 0)
        rows.append({"unit": f"interval, {k} + {k}", "test": "bootstrap interval", "runs": k} | _rate(outside))
    return _tidy(pd.DataFrame(rows).assign(effect_size=0.0, expected=level))


def power_rates(
    runs: Sequence[int] = RUNS,
    effect_sizes: Sequence[float] = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0),
    *,
    n_trials: int = 2000,
    level: float = 0.05,
    effects: Effects | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """One row for each number of runs and effect size: in what share of trials `group_tests` finds a difference of methods.

    effect_sizes: the difference in standard deviations of a run's mean (Cohen's d).  Columns as in `rejection_rates`;
    expected is the power of a two-sided t-test of the runs' means (statsmodels), which the test by relabelling comes near
    where it has p-values enough: from 5 against 5 on.  With 3 against 3 it cannot reject at 0.05, and its power is 0.

    Raises InputError as `rejection_rates` does.  Power grows with the effect and with the number of runs.
    """
    _check(runs, n_trials, level)
    chosen, generator = effects or Effects(), np.random.default_rng(seed)
    rows = _power_rows(runs, effect_sizes, chosen, generator, n_trials=n_trials, level=level)
    return _tidy(pd.DataFrame(rows))


def _power_rows(
    runs: Sequence[int],
    effect_sizes: Sequence[float],
    effects: Effects,
    generator: np.random.Generator,
    *,
    n_trials: int,
    level: float,
) -> Iterator[_Row]:
    from statsmodels.stats.power import TTestIndPower  # a second of start-up for what is seldom needed

    for k in runs:
        for size in effect_sizes:
            shift = size * effects.sd_of_means
            data = run_data(k, generator, effects=effects, n_trials=n_trials, shift=shift)
            found = _rate(group_tests(*data, correction="none", n_resamples=1)["p_value"] <= level)
            expected = float(TTestIndPower().power(size, k, level))
            yield {
                "unit": f"run, {k} + {k}",
                "test": "relabelling",
                "runs": k,
                "effect_size": size,
                "expected": expected,
            } | found


def _check(runs: Sequence[int], n_trials: int, level: float) -> None:
    if not runs or min(runs) < 2 or n_trials < 1 or not 0 < level < 1:
        raise InputError(
            f"A simulation needs two runs on each side, a trial and a level between 0 and 1 at least, got runs {list(runs)}, "
            f"{n_trials} trials and level {level}: 3, 5 and 10 runs, 2000 trials and 0.05 are usual."
        )


def _rate(rejected: ArrayLike) -> _Row:
    found = np.asarray(rejected, dtype=bool)
    n, count = len(found), int(found.sum())
    interval = binomtest(count, n).proportion_ci(0.95, method="exact")
    return {
        "n_trials": n,
        "rejected": count,
        "rate": count / n,
        "low": float(interval.low),
        "high": float(interval.high),
    }


def _tidy(table: pd.DataFrame) -> pd.DataFrame:
    return table[["unit", "test", "runs", "effect_size", "n_trials", "rejected", "rate", "low", "high", "expected"]]
