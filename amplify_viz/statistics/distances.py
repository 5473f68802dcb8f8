"""How far checkpoints are from each other over texts, and whether methods are further apart than seeds of one method.

Public names: `estimates`, `distance_tests`.

A distance between two checkpoints is never 0, so that there is nothing to test against 0.  It is judged by the distances
between runs that differ in their seed alone.
"""

from collections.abc import Iterator
from itertools import combinations, islice
from math import comb, nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from amplify_viz.errors import InputError
from amplify_viz.statistics.groups import N_RELABELLINGS, smallest_p
from amplify_viz.statistics.inputs import Correction, Numbers, adjusted, places_table, spread

_TIE = 1e-9  # relative: sums in another order differ in the last bits
_AT_ONCE = 512  # labellings that are held in memory


def estimates(values: ArrayLike, *, confidence: float = 0.95) -> pd.DataFrame:
    """One row for each place: the mean over inputs with its t interval.

    values: [input, place, …].  Columns: one for each axis of places (axis_0, …), n, mean, sd, low, high, status:
    "estimated"; "too few" for fewer than two inputs, which give no interval; "not finite" where a value is infinite or NaN,
    which gives no mean either.  Raises InputError for no inputs and a confidence outside 0 to 1.
    """
    x = np.asarray(values, dtype=np.float64)
    if x.size == 0 or not 0 < confidence < 1:
        raise InputError(
            f"A mean needs at least one input and a confidence between 0 and 1, got {x.shape} and {confidence}: measure texts, "
            f"and take 0.95."
        )
    table, n = places_table(x.shape[1:]), len(x)
    x = x.reshape(n, -1)
    finite: NDArray[np.bool_] = np.asarray(np.isfinite(x).all(axis=0))
    good = x[:, finite]
    sd = good.std(axis=0, ddof=1) if n > 1 else np.full(good.shape[1], nan)
    half = stdtrit(max(n - 1, 1), (1 + confidence) / 2) * sd / np.sqrt(n)
    mean = good.mean(axis=0)
    table["n"] = n
    for name, found in (("mean", mean), ("sd", sd), ("low", mean - half), ("high", mean + half)):
        table[name] = spread(found, finite)
    table["status"] = np.where(finite, "estimated" if n > 1 else "too few", "not finite")
    return table


def distance_tests(
    distances: ArrayLike,
    runs_a: int,
    *,
    correction: Correction = "holm",
    n_relabellings: int = N_RELABELLINGS,
    seed: int = 0,
) -> pd.DataFrame:
    """One row for each place: whether runs of two groups are further apart than runs of one group.

    distances: [run, run, place, …], symmetric, group a's runs_a runs first.  Columns: one for each axis of places (axis_0,
    …), runs_a, runs_b, within_a, within_b, between (mean distances), excess (between less the mean over all pairs within),
    p_value, p_smallest, p_corrected, relabellings, status.

    p_value: one-sided, the share of labellings of the runs whose excess is as large; all of them where there are at most
    n_relabellings, else that many at random and the observed one.  status: "tested"; "identical" where all distances are
    one number; "too few" for a group of one run, "not finite".  Raises InputError for another shape.
    Under the null hypothesis p_value ≤ α in at most a share α of cases, whatever the distribution.
    """
    d = np.asarray(distances, dtype=np.float64)
    n = len(d) if d.ndim else 0
    if d.ndim < 2 or d.shape[1] != n or not 0 < runs_a < n:
        raise InputError(
            f"Distances are [run, run, place, …] of two groups, got {d.shape} with {runs_a} runs in the first: give every pair's."
        )
    table = places_table(d.shape[2:])
    d = d.reshape(n, n, -1)
    table["runs_a"], table["runs_b"] = runs_a, n - runs_a
    in_a = np.arange(n) < runs_a
    table["within_a"], table["within_b"] = _mean_within(d[in_a][:, in_a]), _mean_within(d[~in_a][:, ~in_a])
    table["between"] = d[in_a][:, ~in_a].mean(axis=(0, 1))
    status = _status(d, min(runs_a, n - runs_a))
    tested = status == "tested"
    excess, p_values, tried = _relabelled(d[..., tested], in_a, n_relabellings=n_relabellings, seed=seed)
    table["excess"], table["p_value"] = spread(excess, tested), spread(p_values, tested)
    table["p_smallest"] = smallest_p(runs_a, n - runs_a, n_relabellings=n_relabellings)
    table["p_corrected"] = spread(adjusted(p_values, correction), tested)
    table["relabellings"] = tried
    table["status"] = status
    return table


def _mean_within(d: Numbers) -> Numbers:
    n = len(d)
    found: Numbers = d[np.triu_indices(n, 1)].mean(axis=0) if n > 1 else np.full(d.shape[2], nan)
    return found


def _status(d: Numbers, smallest: int) -> NDArray[np.str_]:
    pairs = d[np.triu_indices(len(d), 1)]
    return np.select(
        [
            ~np.isfinite(pairs).all(axis=0),
            (pairs == pairs[0]).all(axis=0),
            np.full(pairs.shape[1], smallest < 2),
        ],
        ["not finite", "identical", "too few"],
        default="tested",
    )


def _relabelled(d: Numbers, in_a: NDArray[np.bool_], *, n_relabellings: int, seed: int) -> tuple[Numbers, Numbers, int]:
    """The observed excess, its p-value at each place, and how many labellings were tried."""
    n, size = len(in_a), int(in_a.sum())
    total = comb(n, size)
    every = total <= n_relabellings
    if d.shape[2] == 0:
        return np.empty(0), np.empty(0), total if every else n_relabellings
    pairs = np.triu_indices(n, 1)
    flat = d[pairs]
    observed = (_factors(in_a[None], pairs) @ flat)[0]
    least = observed - _TIE * np.abs(flat).max(axis=0)
    count = np.zeros(len(observed))
    labellings = _labellings(n, size, n_random=None if every else n_relabellings, seed=seed)
    while some := list(islice(labellings, _AT_ONCE)):
        count += (_factors(np.array(some), pairs) @ flat >= least).sum(axis=0)
    return observed, count / total if every else (count + 1) / (n_relabellings + 1), total if every else n_relabellings


def _factors(labels: NDArray[np.bool_], pairs: tuple[NDArray[np.intp], ...]) -> Numbers:
    """What each pair of runs counts for the excess: [labelling, pair]."""
    across = labels[:, pairs[0]] != labels[:, pairs[1]]
    n_across = across.sum(axis=1, keepdims=True)
    n_within = (~across).sum(axis=1, keepdims=True)
    factors: Numbers = np.where(across, 1 / n_across, -1 / np.maximum(n_within, 1))
    return factors


def _labellings(n: int, size: int, *, n_random: int | None, seed: int) -> Iterator[NDArray[np.bool_]]:
    """Which runs are called a: every choice, or n_random random ones."""
    if n_random is None:
        for chosen in combinations(range(n), size):
            yield np.isin(np.arange(n), chosen)
        return
    generator = np.random.default_rng(seed)
    for _ in range(n_random):
        yield generator.permutation(n) < size
