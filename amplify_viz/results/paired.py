"""Two methods on the same seeds and the same test rows: arrays in, intervals and p-values out.

Public names: `Interval`, `paired_interval`, `McNemar`, `mcnemar`, `paired_bootstrap`.

The t interval is over seeds: it says what another seed would give, as far as so few tell.  McNemar's test and the
bootstrap are over test rows: they say what other rows would give to these trained models, and know nothing of seeds.
"""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit
from scipy.stats import binom

from amplify_viz.errors import InputError


@dataclass(frozen=True)
class Interval:
    """A mean difference with its interval.

    kind says how it was got, or why there is none (then low and high are NaN); sd is with n − 1, NaN for one value.
    """

    mean: float
    sd: float
    n: int
    low: float
    high: float
    confidence: float
    kind: str

    @property
    def excludes_zero(self) -> bool:
        """Whether 0 lies outside; False where there is no interval."""
        return self.low > 0 or self.high < 0


def paired_interval(differences: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """The mean of paired differences with its two-sided t interval, mean ± t(n − 1)·sd/√n.

    differences: [n], one a seed.  One difference has no interval, nor have differences that are all equal: accuracies
    are counts, few seeds can agree by chance, and an interval without width would claim certainty.
    Raises InputError for none, for some that are not finite, and for a confidence outside (0, 1).
    Equals scipy's `ttest_rel(a, b).confidence_interval(confidence)` for differences a − b.
    """
    x = np.asarray(differences, dtype=np.float64)
    if x.ndim != 1 or x.size == 0 or not np.isfinite(x).all():
        raise InputError(
            f"An interval needs at least one finite difference, got {x.tolist()}: leave out what is missing."
        )
    _check_confidence(confidence)
    n, mean = x.size, float(x.mean())
    if n == 1:
        return Interval(mean, nan, 1, nan, nan, confidence, "none: one seed")
    if np.ptp(x) <= 1e-12 * max(1.0, float(np.abs(x).max())):
        return Interval(mean, 0.0, n, nan, nan, confidence, "none: all differences are equal")
    sd = float(x.std(ddof=1))
    half = float(stdtrit(n - 1, (1 + confidence) / 2)) * sd / sqrt(n)
    return Interval(mean, sd, n, mean - half, mean + half, confidence, "t, paired by seed")


@dataclass(frozen=True)
class McNemar:
    """Rows of two classifiers on the same data, and whether they err on equally many.

    only_a and only_b: rows that one alone has right.  p_exact: two-sided, from the binomial with share 1/2;
    p_mid: the same with half the probability of what was seen, less conservative.  Both are 1 without such rows.
    """

    both: int
    only_a: int
    only_b: int
    neither: int
    p_exact: float
    p_mid: float


def mcnemar(a: ArrayLike, b: ArrayLike) -> McNemar:
    """McNemar's test; a and b: [row], whether each row is right.  p_exact ≥ p_mid, and exchanging a and b changes neither.

    Raises InputError for arrays that are not of one length, or are empty.
    Source: Fagerland, Lydersen and Laake (2013), The McNemar test for binary matched-pairs data.
    """
    x, y = np.asarray(a, dtype=bool), np.asarray(b, dtype=bool)
    if x.shape != y.shape or x.ndim != 1 or x.size == 0:
        raise InputError(
            f"McNemar's test needs the same rows of both, got {x.shape} and {y.shape}: use one test split."
        )
    both, only_a, only_b = int((x & y).sum()), int((x & ~y).sum()), int((~x & y).sum())
    fewer, n = min(only_a, only_b), only_a + only_b
    tails, seen = 2 * float(binom.cdf(fewer, n, 0.5)), float(binom.pmf(fewer, n, 0.5))
    # With equal counts the two tails share what was seen.
    mid = 1 - seen / 2 if only_a == only_b else tails - seen
    exact, mid = (min(1.0, tails), mid) if n else (1.0, 1.0)
    return McNemar(both, only_a, only_b, int((~x & ~y).sum()), exact, mid)


def paired_bootstrap(
    differences: ArrayLike, generator: np.random.Generator, *, n_resamples: int = 10_000, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Mean, low and high of the differences' mean over rows, by the percentile bootstrap: rows are drawn with replacement.

    differences: [seed, row], for each seed whether method a has the row right (1 or 0) minus whether b has; a row is
    drawn with all its seeds.  The interval is for these trained models.  Raises InputError for differences that are not
    finite or lack rows, n_resamples below 100, and a confidence outside (0, 1).
    The same distribution as drawing row by row, in a time that does not grow with the rows.
    """
    x = np.asarray(differences, dtype=np.float64)
    if x.ndim != 2 or x.size == 0 or not np.isfinite(x).all():
        raise InputError(
            f"The bootstrap needs finite differences [seed, row], got the shape {x.shape}: pass both axes."
        )
    if n_resamples < 100:
        raise InputError(f"The bootstrap needs at least 100 resamples, got {n_resamples}: 10000 is usual.")
    _check_confidence(confidence)
    # Rows with the same mean over seeds are alike: how often each value is drawn is multinomial.
    values, counts = np.unique(x.mean(axis=0).round(12), return_counts=True)
    n_rows = x.shape[1]
    drawn: NDArray[np.int64] = generator.multinomial(n_rows, counts / n_rows, size=n_resamples)
    means = drawn @ values / n_rows
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(x.mean()), float(low), float(high)


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise InputError(f"A confidence lies between 0 and 1, got {confidence}: 0.95 is usual.")
