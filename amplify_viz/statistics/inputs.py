"""Do two checkpoints differ in a measure, over many texts?  The input is the unit: one value of each for every text.

Public names: `paired_tests`, `adjusted`, `TESTS`, `CORRECTIONS`.

What these tests say, and what not: the texts are a sample, the two checkpoints are not.  A small p-value says that *these
two checkpoints* differ in this measure on texts like these.  Two seeds of one method often do, so it says nothing of
methods: for these see `statistics.groups`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import nan, prod
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import stdtrit

from amplify_viz.errors import InputError

Test = Literal["t", "wilcoxon", "sign-flip"]
Correction = Literal["holm", "bh", "none"]
TESTS: tuple[Test, ...] = get_args(Test)
CORRECTIONS: tuple[Correction, ...] = get_args(Correction)
N_FLIPS = 9999
_TIE = 1e-12  # relative to the values: more than rounding leaves between differences that are one number
_AT_ONCE = 256  # sign flips that are held in memory for all places

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class _Found:
    """A statistic and its p-value at each place, [place]."""

    statistic: Numbers
    p_value: Numbers


def paired_tests(
    a: ArrayLike,
    b: ArrayLike,
    *,
    test: Test = "t",
    correction: Correction = "holm",
    confidence: float = 0.95,
    n_flips: int = N_FLIPS,
    seed: int = 0,
) -> pd.DataFrame:
    """One row for each place (a layer, or a layer and a head): whether b's mean differs from a's over inputs.

    a, b: [input, place, …], the same inputs in the same order.  Columns: one for each axis of places (axis_0, …), n,
    mean_a, mean_b, mean_difference (b − a) with its t interval (low, high), effect_size (mean difference over the standard
    deviation of the differences, Cohen's d_z), statistic, p_value (two-sided), p_corrected, status.

    test: "t" (paired t), "wilcoxon" (signed ranks; the ranks of zeros are split between both sides, scipy's zsplit),
    "sign-flip" (permutation of the differences' signs: all of them where there are at most n_flips, else n_flips at
    random, and the observed one).
    correction: "holm" (Holm 1979), "bh" (Benjamini and Hochberg 1995) over all tested places, or "none".
    status: "tested"; "identical" where a and b agree everywhere; "constant" where every difference is the same number;
    "too few" for fewer than two inputs; "not finite" where a value is infinite or NaN.  Only "tested" rows have a
    statistic, an interval and p-values, elsewhere they are NaN.

    Raises InputError for arrays of other shapes, without inputs, and for a test or correction that there is not.
    Equals scipy's ttest_rel, wilcoxon and permutation_test, and statsmodels' multipletests.
    """
    x, y = _checked(a, b, test, correction, confidence)
    places = x.shape[1:]
    x, y = x.reshape(len(x), -1), y.reshape(len(y), -1)
    differences = y - x
    status = _status(x, y, differences)
    tested = status == "tested"
    flip = partial(_sign_flip, n_flips=n_flips, seed=seed)
    runs: dict[Test, Callable[[Numbers], _Found]] = {"t": _t, "wilcoxon": _wilcoxon, "sign-flip": flip}
    found = runs[test](differences[:, tested])
    table = places_table(places)
    table["n"] = len(x)
    table["mean_a"], table["mean_b"] = _mean(x), _mean(y)
    table["mean_difference"] = _mean(differences)
    for name, values in _sizes(differences[:, tested], confidence).items():
        table[name] = spread(values, tested)
    table["statistic"] = spread(found.statistic, tested)
    table["p_value"] = spread(found.p_value, tested)
    table["p_corrected"] = spread(adjusted(found.p_value, correction), tested)
    table["status"] = status
    return table


def adjusted(p_values: ArrayLike, correction: Correction) -> Numbers:
    """The p-values corrected for their number, in the same order: [test].

    "holm" (Holm 1979) keeps the chance of any false rejection below the level, "bh" (Benjamini and Hochberg 1995) the
    expected share of false ones among the rejected; "none" leaves them.  Raises InputError for another correction.
    Never below the p-values, and at most 1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if correction not in CORRECTIONS:
        raise InputError(f"A correction is one of {', '.join(CORRECTIONS)}, got {correction!r}: choose one of these.")
    if correction == "none" or p.size == 0:
        return p
    if correction == "bh":
        found: Numbers = stats.false_discovery_control(p, method="bh")
        return found
    order = np.argsort(p)
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    holm = np.empty_like(p)
    holm[order] = np.minimum(steps, 1)
    return holm


def _checked(a: ArrayLike, b: ArrayLike, test: str, correction: str, confidence: float) -> tuple[Numbers, Numbers]:
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if x.shape != y.shape or x.ndim < 1 or x.size == 0:
        raise InputError(
            f"Paired tests need the same inputs and places of both, got {x.shape} and {y.shape}: measure the same texts, at "
            f"least one, with models of one shape."
        )
    for what, value, known in (("test", test, TESTS), ("correction", correction, CORRECTIONS)):
        if value not in known:
            raise InputError(f"A {what} is one of {', '.join(known)}, got {value!r}: choose one of these.")
    if not 0 < confidence < 1:
        raise InputError(f"A confidence lies between 0 and 1, got {confidence}: 0.95 is usual.")
    return x, y


def _status(x: Numbers, y: Numbers, differences: Numbers) -> NDArray[np.str_]:
    """What can be said at each place; the first that holds."""
    finite = np.isfinite(x).all(axis=0) & np.isfinite(y).all(axis=0)
    with np.errstate(invalid="ignore"):
        same = np.ptp(differences, axis=0) <= _TIE * np.maximum(np.abs(x), np.abs(y)).max(axis=0)
    return np.select(
        [~finite, (x == y).all(axis=0), np.full(x.shape[1], len(x) < 2), same],
        ["not finite", "identical", "too few", "constant"],
        default="tested",
    )


def places_table(shape: tuple[int, ...]) -> pd.DataFrame:
    """A row for each place of an array, in order, with its index on each axis (axis_0, axis_1, …)."""
    n_places = prod(shape)
    found = np.indices(shape).reshape(len(shape), n_places)
    return pd.DataFrame({f"axis_{axis}": found[axis] for axis in range(len(shape))}, index=range(n_places))


def _mean(values: Numbers) -> Numbers:
    with np.errstate(invalid="ignore"):
        mean: Numbers = values.mean(axis=0)
    return mean


def spread(values: Numbers, where: NDArray[np.bool_]) -> Numbers:
    """The values at the places where they are, NaN at the others."""
    full = np.full(len(where), nan)
    full[where] = values
    return full


def _sizes(differences: Numbers, confidence: float) -> dict[str, Numbers]:
    n, mean = len(differences), _mean(differences)
    sd = differences.std(axis=0, ddof=1) if n > 1 else np.full(len(mean), nan)
    half = stdtrit(max(n - 1, 1), (1 + confidence) / 2) * sd / np.sqrt(n)
    return {"low": mean - half, "high": mean + half, "effect_size": mean / sd}


def _t(differences: Numbers) -> _Found:
    if differences.size == 0:
        return _nothing(differences)
    result = stats.ttest_1samp(differences, 0.0, axis=0)
    return _Found(np.asarray(result.statistic), np.asarray(result.pvalue))


def _wilcoxon(differences: Numbers) -> _Found:
    if differences.size == 0:
        return _nothing(differences)
    # One place at a time: of several, scipy takes the exact p-values only where no place has zeros or ties.
    results: list[Any] = [stats.wilcoxon(column, zero_method="zsplit") for column in differences.T]
    return _Found(np.array([one.statistic for one in results]), np.array([one.pvalue for one in results]))


def _sign_flip(differences: Numbers, *, n_flips: int, seed: int) -> _Found:
    """The mean difference, and the share of sign patterns whose mean is as far from 0."""
    if differences.size == 0:
        return _nothing(differences)
    n = len(differences)
    observed = differences.mean(axis=0)
    every = n < 63 and 2**n <= n_flips
    count = np.zeros(differences.shape[1])
    total = 2**n if every else n_flips
    least = np.abs(observed) * (1 - 1e-9)  # sums in another order differ in the last bits
    for signs in _sign_patterns(n, total, every=every, seed=seed):
        count += (np.abs(signs @ differences / n) >= least).sum(axis=0)
    return _Found(observed, count / total if every else (count + 1) / (total + 1))


def _sign_patterns(n: int, total: int, *, every: bool, seed: int) -> Iterator[Numbers]:
    """All patterns of n signs, or random ones, a few at a time: [pattern, n] of ±1."""
    generator = np.random.default_rng(seed)
    for first in range(0, total, _AT_ONCE):
        size = min(_AT_ONCE, total - first)
        if every:
            bits = (np.arange(first, first + size)[:, None] >> np.arange(n)) & 1
        else:
            bits = generator.integers(0, 2, (size, n), dtype=np.int8)
        yield np.where(bits == 1, 1.0, -1.0)


def _nothing(differences: Numbers) -> _Found:
    return _Found(np.empty(differences.shape[1]), np.empty(differences.shape[1]))
