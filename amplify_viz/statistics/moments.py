"""Mean and variance of more values than are held at once: in parts, which are then merged.

Public names: `Moments`.

Welford's idea with Chan's formula for merging (Chan, Golub and LeVeque 1983, Eq. 1.5).  All deviations are taken from a
value that was seen (the origin) and not from 0: a mean of 1e6 has no digits left for a spread of 1e-3, a deviation has.
"""

from dataclasses import dataclass
from math import nan
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from amplify_viz.errors import InputError
from amplify_viz.statistics.inputs import Numbers


@dataclass(frozen=True, eq=False)
class Moments:
    """How many values there are, and their mean and spread, each place by itself, in float64.

    n: how many; origin: the first of them; offset: their mean less the origin; squares: the sum of their squared distances
    from the mean; the latter three are [place, …], for instance [layer, head].
    In whatever parts the values come, mean and variance are those of all at once, within rounding.
    """

    n: int
    origin: Numbers
    offset: Numbers
    squares: Numbers

    @classmethod
    def of(cls, values: ArrayLike) -> Self:
        """The Moments of values [input, place, …]; NaN where one is infinite or NaN.  Raises InputError for no input."""
        x = np.asarray(values, dtype=np.float64)
        if x.ndim < 1 or len(x) == 0:
            raise InputError(
                f"Moments need at least one input, got an array of shape {x.shape}: leave an empty part out."
            )
        with np.errstate(invalid="ignore"):  # infinity less infinity is NaN, as is said above
            deviations = x - x[0]
            offset = deviations.mean(axis=0)
            return cls(len(x), x[0], offset, np.square(deviations - offset).sum(axis=0))

    def merged(self, other: Self) -> Self:
        """The Moments of the values of both.  Raises InputError for other places.

        In one order of merging the result is the same to the last bit.
        """
        if self.origin.shape != other.origin.shape:
            raise InputError(
                f"Moments of the same places can be merged, got {self.origin.shape} and {other.origin.shape}: measure with "
                f"models of one shape."
            )
        n = self.n + other.n
        with np.errstate(invalid="ignore"):
            apart = other.offset - self.offset + (other.origin - self.origin)
            offset = self.offset + apart * (other.n / n)
            squares = self.squares + other.squares + np.square(apart) * (self.n * other.n / n)
        return type(self)(n, self.origin, offset, squares)

    @property
    def mean(self) -> Numbers:
        """Mean at each place."""
        mean: Numbers = self.origin + self.offset
        return mean

    @property
    def variance(self) -> Numbers:
        """Unbiased variance at each place (over n − 1); NaN for one value."""
        return self.squares / (self.n - 1) if self.n > 1 else np.full_like(self.squares, nan)

    @property
    def sd(self) -> Numbers:
        """Standard deviation at each place, the variance's root."""
        return np.sqrt(self.variance)
