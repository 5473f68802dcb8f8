"""The mixing weight's distribution in closed form: density and distribution function of what `Mixup.draw` draws."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaln, xlog1py, xlogy

from amplify_viz.errors import InputError

Numbers = NDArray[np.float64]


def lam_density(x: ArrayLike, *, alpha: float, n_draws: int = 1, fold: bool = False) -> Numbers:
    """Density of lam at x: of the largest of n_draws draws of Beta(alpha, alpha) (AMPLIFY, Eq. 5).

    With F and f of Beta(alpha, alpha) it is g = n·Fⁿ⁻¹·f; with fold, of max(lam, 1 − lam) (Eq. 9), g(x) + g(1 − x) from
    0.5 to 1.  Elsewhere it is 0.  x: any shape.  Returns x's shape; inf where the density has no bound (at 1 for
    alpha < 1, at 0 for alpha·n_draws < 1).  Raises InputError for an alpha that is not above 0 or not finite, and n_draws below 1.
    Its integral over [0, 1] is 1.
    """
    at = np.asarray(x, dtype=float)
    inside = _inside(at, alpha, n_draws, fold=fold)
    density = _density(inside, alpha, n_draws)
    if fold:
        density = density + _density(1 - inside, alpha, n_draws)
    return np.where(at == inside, density, 0.0)


def lam_distribution(x: ArrayLike, *, alpha: float, n_draws: int = 1, fold: bool = False) -> Numbers:
    """Probability of a lam of at most x, for the same lam as `lam_density`: Fⁿ, or with fold Fⁿ(x) − Fⁿ(1 − x).

    x: any shape.  Returns x's shape, 0 at and below 0 (with fold 0.5) and 1 from 1 on.  Raises InputError as
    `lam_density`.  It never falls, and its derivative is `lam_density`.
    """
    inside = _inside(np.asarray(x, dtype=float), alpha, n_draws, fold=fold)
    below: Numbers = betainc(alpha, alpha, inside) ** n_draws
    return below - betainc(alpha, alpha, 1 - inside) ** n_draws if fold else below


def _inside(x: Numbers, alpha: float, n_draws: int, *, fold: bool) -> Numbers:
    """The nearest lam that there is."""
    if not (0 < alpha < np.inf and n_draws >= 1):
        raise InputError(
            f"A mixing weight is the largest of 1 or more draws with a finite alpha above 0, got alpha={alpha:g} and "
            f"n_draws={n_draws}: AMPLIFY's are 0.1 and 5."
        )
    return np.clip(x, 0.5 if fold else 0.0, 1.0)


def _density(x: Numbers, alpha: float, n_draws: int) -> Numbers:
    scale = float(betaln(alpha, alpha))
    at = np.where(x > 0, x, 0.5)
    inside = xlogy(alpha - 1, at) + xlog1py(alpha - 1, -at) - scale + xlogy(n_draws - 1, betainc(alpha, alpha, at))
    # F(x) is about x^alpha / (alpha·B) near 0, and Fⁿ⁻¹·f a multiple of x^(alpha·n − 1): at 0 it is 0, a number or inf
    edge = xlogy(alpha * n_draws - 1, x) - scale - (n_draws - 1) * (scale + np.log(alpha))
    density: Numbers = n_draws * np.exp(np.where(x > 0, inside, edge))
    return density
