"""Do two *methods* differ?  The run is the unit: groups of runs, one a seed, each measured on the same inputs.

Public names: `group_tests`, `smallest_p`, `what_it_can_say`.

Two seeds of one method differ, often on most heads, so that a test over inputs finds "significant" differences between
them.  Here the difference between groups is judged by the differences between the runs inside them: under the null
hypothesis it does not matter which method a run was trained with, and the labels of the runs can be exchanged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb, nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from amplify_viz.errors import InputError
from amplify_viz.statistics.inputs import Correction, Numbers, adjusted, places_table, spread

N_RELABELLINGS = 9999
N_RESAMPLES = 2000
_TIE = 1e-9  # relative: sums in another order differ in the last bits


@dataclass(frozen=True)
class _Sizes:
    """How many runs each group has, and how many inputs all were measured on."""

    a: int
    b: int
    inputs: int


def group_tests(
    a: ArrayLike,
    b: ArrayLike,
    *,
    correction: Correction = "holm",
    confidence: float = 0.95,
    n_relabellings: int = N_RELABELLINGS,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """One row for each place: whether the mean over group b's runs differs from that over group a's.

    a, b: [run, input, place, …], the same inputs in the same order for all runs.  Columns: one for each axis of places
    (axis_0, …), runs_a, runs_b, inputs, mean_a, mean_b, mean_difference (b − a), low and high (percentiles of a
    hierarchical bootstrap that draws runs inside each group, and then the inputs, which all runs share), sd_between_runs
    (pooled over both groups, of the runs' means), effect_size (mean_difference over it), p_value, p_smallest,
    p_corrected, relabellings (how many ways to label the runs were tried), status.

    p_value: two-sided, by exchanging the labels of runs: the share of labellings whose difference of means is as far
    from 0; all of them where there are at most n_relabellings, else that many at random and the observed one.  No
    p-value can be below p_smallest.  status: "tested"; "identical" where all runs of both groups agree on all inputs;
    "too few" where a group has one run (then there is no between-run variation to judge by, and no interval);
    "constant" where the runs' means are one number; "not finite".

    Raises InputError for arrays that do not fit, and for a correction that there is not.
    Under the null hypothesis p_value ≤ α in at most a share α of cases, whatever the distribution.
    """
    x, y = _checked(a, b)
    places = x.shape[2:]
    x, y = (values.reshape(*values.shape[:2], -1) for values in (x, y))
    sizes = _Sizes(len(x), len(y), x.shape[1])
    means = np.concatenate([x.mean(axis=1), y.mean(axis=1)])
    status = _status(np.concatenate([x, y]), means, sizes)
    tested = status == "tested"
    p_values, tried = _relabelled(means[:, tested], sizes, n_relabellings=n_relabellings, seed=seed)
    low, high = _bootstrap(x[..., tested], y[..., tested], confidence=confidence, n_resamples=n_resamples, seed=seed)
    between = _sd_between(means, sizes)
    table = places_table(places)
    table["runs_a"], table["runs_b"], table["inputs"] = sizes.a, sizes.b, sizes.inputs
    table["mean_a"], table["mean_b"] = means[: sizes.a].mean(axis=0), means[sizes.a :].mean(axis=0)
    table["mean_difference"] = table["mean_b"] - table["mean_a"]
    table["low"], table["high"] = spread(low, tested), spread(high, tested)
    table["sd_between_runs"] = np.where(tested, between, nan)
    table["effect_size"] = np.where(tested, table["mean_difference"] / np.where(between > 0, between, nan), nan)
    table["p_value"] = spread(p_values, tested)
    table["p_smallest"] = smallest_p(sizes.a, sizes.b, n_relabellings=n_relabellings)
    table["p_corrected"] = spread(adjusted(p_values, correction), tested)
    table["relabellings"] = tried
    table["status"] = status
    return table


def smallest_p(runs_a: int, runs_b: int, *, n_relabellings: int = N_RELABELLINGS) -> float:
    """The smallest two-sided p-value that so many runs against so many can give, at most 1.

    Equal groups have each labelling's mirror image, which is as far from 0: 3 against 3 can reach 2 of 20.
    """
    total = comb(runs_a + runs_b, runs_a)
    if total > n_relabellings:
        return 1 / (n_relabellings + 1)
    return min(1.0, (2 if runs_a == runs_b else 1) / total)


def what_it_can_say(runs_a: int, runs_b: int, *, level: float = 0.05, n_tests: int = 1) -> str:
    """A plain sentence: what so many runs can and cannot support, for one test or for n_tests under Holm's correction."""
    groups = f"{runs_a} against {runs_b} runs"
    if min(runs_a, runs_b) < 2:
        return (
            f"With {groups} nothing can be said of methods: one run alone does not show how much runs of one method differ. "
            f"Train at least two seeds of each, better five."
        )
    least = smallest_p(runs_a, runs_b)
    if least > level:
        return (
            f"With {groups} the smallest possible p-value is {least:.2g}: whatever the runs show, no difference between the "
            f"methods can be significant at {level:g}. Read the effect size, with the interval as a rough guide that is too narrow "
            f"for so few runs, or train more seeds."
        )
    if least * n_tests > level:
        return (
            f"With {groups} the smallest possible p-value is {least:.2g}: one test alone can be significant at {level:g}, but "
            f"none of {n_tests} after Holm's correction. Read the effect sizes, or train more seeds."
        )
    return (
        f"With {groups} the smallest possible p-value is {least:.2g}, so that a difference between the methods can be found. "
        f"It speaks of these data, this backbone and these settings."
    )


def _checked(a: ArrayLike, b: ArrayLike) -> tuple[Numbers, Numbers]:
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if x.ndim < 2 or x.shape[1:] != y.shape[1:] or x.size == 0 or y.size == 0:
        raise InputError(
            f"Groups are [run, input, place, …] with the same inputs and places, got {x.shape} and {y.shape}: measure the same "
            f"texts with every run, and compare models of one shape."
        )
    return x, y


def _status(values: Numbers, means: Numbers, sizes: _Sizes) -> NDArray[np.str_]:
    few = np.full(means.shape[1], min(sizes.a, sizes.b) < 2)
    return np.select(
        [
            ~np.isfinite(values).all(axis=(0, 1)),
            (values == values[0]).all(axis=(0, 1)),
            few,
            np.ptp(means, axis=0) <= _TIE * np.abs(means).max(axis=0),
        ],
        ["not finite", "identical", "too few", "constant"],
        default="tested",
    )


def _relabelled(means: Numbers, sizes: _Sizes, *, n_relabellings: int, seed: int) -> tuple[Numbers, int]:
    """The p-value at each place, and how many labellings were tried."""
    n_runs = sizes.a + sizes.b
    total = comb(n_runs, sizes.a)
    every = total <= n_relabellings
    observed = np.abs(means[sizes.a :].mean(axis=0) - means[: sizes.a].mean(axis=0)) * (1 - _TIE)
    whole = means.sum(axis=0)
    count = np.zeros(means.shape[1])
    for chosen in _labellings(n_runs, sizes.a, n=n_relabellings, every=every, seed=seed):
        part = means[chosen].sum(axis=0)
        count += np.abs((whole - part) / sizes.b - part / sizes.a) >= observed
    if every:
        return count / total, total
    return (count + 1) / (n_relabellings + 1), n_relabellings


def _labellings(n_runs: int, size: int, *, n: int, every: bool, seed: int) -> Iterator[list[int]]:
    """Which runs are called a: every choice, or n random ones."""
    if every:
        yield from (list(chosen) for chosen in combinations(range(n_runs), size))
        return
    generator = np.random.default_rng(seed)
    for _ in range(n):
        yield generator.permutation(n_runs)[:size].tolist()


def _bootstrap(x: Numbers, y: Numbers, *, confidence: float, n_resamples: int, seed: int) -> tuple[Numbers, Numbers]:
    """Percentiles of the difference of means: runs drawn inside each group, inputs drawn once for all runs."""
    if x.shape[2] == 0:
        return np.empty(0), np.empty(0)
    generator = np.random.default_rng(seed)
    n = x.shape[1]
    weights = generator.multinomial(n, np.full(n, 1 / n), size=n_resamples) / n
    drawn = _resampled(y, weights, generator) - _resampled(x, weights, generator)
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return low, high


def _resampled(values: Numbers, weights: Numbers, generator: np.random.Generator) -> Numbers:
    """Means of resampled runs over resampled inputs: [resample, place]."""
    k = len(values)
    runs = generator.multinomial(k, np.full(k, 1 / k), size=len(weights)) / k
    total = np.zeros((len(weights), values.shape[2]))
    for run, of_run in enumerate(values):
        total += runs[:, run, None] * (weights @ of_run)
    return total


def _sd_between(means: Numbers, sizes: _Sizes) -> Numbers:
    """Standard deviation of the runs' means inside the groups, pooled."""
    groups = (means[: sizes.a], means[sizes.a :])
    squares = sum(np.square(group - group.mean(axis=0)).sum(axis=0) for group in groups)
    sd: Numbers = np.sqrt(squares / max(sizes.a + sizes.b - 2, 1))
    return sd
