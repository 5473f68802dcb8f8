"""The closed forms agree with scipy, with themselves, and with what `Mixup.draw` draws."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.integrate import quad

from amplify_viz.errors import InputError
from amplify_viz.mixup import METHODS, Mixup
from amplify_viz.statistics.densities import lam_density, lam_distribution

INNER = np.linspace(0.001, 0.999, 401)
SETTINGS = [
    *((0.1, n_draws, False) for n_draws in (1, 5, 20)),
    *((0.2, 1, True), (0.2, 3, True), (1.0, 4, False), (3.0, 2, True)),
]


@pytest.mark.parametrize("alpha", [0.1, 0.2, 1.0, 2.0, 8.0])
def test_one_draw_has_the_density_and_distribution_of_scipy(alpha: float) -> None:
    beta = stats.beta(alpha, alpha)
    np.testing.assert_allclose(lam_density(INNER, alpha=alpha), beta.pdf(INNER), rtol=1e-10)
    np.testing.assert_allclose(lam_distribution(INNER, alpha=alpha), beta.cdf(INNER), rtol=1e-10)


@pytest.mark.parametrize("n_draws", [1, 3, 5, 20])
def test_the_largest_of_n_uniform_draws_is_beta_n_1(n_draws: int) -> None:
    beta = stats.beta(n_draws, 1)
    np.testing.assert_allclose(lam_density(INNER, alpha=1.0, n_draws=n_draws), beta.pdf(INNER), rtol=1e-10)
    np.testing.assert_allclose(lam_distribution(INNER, alpha=1.0, n_draws=n_draws), beta.cdf(INNER), rtol=1e-10)


def test_a_folded_uniform_draw_is_uniform_from_one_half() -> None:
    x = np.array([0.2, 0.49, 0.5, 0.75, 1.0])
    np.testing.assert_allclose(lam_density(x, alpha=1.0, fold=True), [0, 0, 2, 2, 2])
    np.testing.assert_allclose(lam_distribution(x, alpha=1.0, fold=True), [0, 0, 0, 0.5, 1])


@pytest.mark.parametrize(("alpha", "n_draws", "fold"), SETTINGS)
def test_the_density_integrates_to_the_distribution(alpha: float, n_draws: int, fold: bool) -> None:
    def density(x: float) -> float:
        return float(lam_density(x, alpha=alpha, n_draws=n_draws, fold=fold))

    ends = [0.01, 0.3, 0.5, 0.8, 0.99]
    below = lam_distribution(ends, alpha=alpha, n_draws=n_draws, fold=fold)
    pieces = [quad(density, low, high)[0] for low, high in pairwise(ends)]
    np.testing.assert_allclose(np.diff(below), pieces, atol=1e-8)


@pytest.mark.parametrize(("alpha", "n_draws", "fold"), SETTINGS)
def test_all_of_the_weight_lies_between_0_and_1_and_never_falls(alpha: float, n_draws: int, fold: bool) -> None:
    x = np.concatenate([[-1.0, 0.0], INNER, [1.0, 2.0]])
    below = lam_distribution(x, alpha=alpha, n_draws=n_draws, fold=fold)
    assert (np.diff(below) >= 0).all()
    assert below[[0, 1, -2, -1]].tolist() == [0, 0, 1, 1]
    density = lam_density(x, alpha=alpha, n_draws=n_draws, fold=fold)
    assert density[[0, -1]].tolist() == [0, 0]
    assert (density >= 0).all()


@pytest.mark.parametrize("name", ["amplify", "embedmix"])
def test_a_methods_draws_have_this_distribution(name: str) -> None:
    check_draws(METHODS[name])


def test_draws_that_are_the_largest_and_folded_have_it_too() -> None:
    check_draws(Mixup("attention", alpha=0.5, n_draws=3, fold=True))


def check_draws(mixup: Mixup) -> None:
    """Compares 4,000 draws with the distribution, at 4 standard errors, and with the density, bin by bin."""
    generator = torch.Generator().manual_seed(0)
    drawn = np.array([mixup.draw(1, generator).lam for _ in range(4000)])
    at = np.array([0.1, 0.3, 0.5, 0.6, 0.8, 0.95, 0.999])
    setting = {"alpha": mixup.alpha, "n_draws": mixup.n_draws, "fold": mixup.fold}
    expected = lam_distribution(at, **setting)  # type: ignore[arg-type]
    error = 4 * np.sqrt(expected * (1 - expected) / len(drawn)) + 1e-12
    assert (np.abs((drawn[:, None] <= at).mean(axis=0) - expected) <= error).all()
    middle = np.linspace(0.52, 0.88, 10)
    counts = np.histogram(drawn, bins=np.linspace(0.5, 0.9, 11))[0]
    wanted = lam_density(middle, **setting) * 0.04 * len(drawn)  # type: ignore[arg-type]
    assert (np.abs(counts - wanted) <= 4.5 * np.sqrt(wanted) + 1).all()


def test_the_mean_of_amplifys_lam_is_the_notes() -> None:
    means = {1: 0.500, 3: 0.867, 5: 0.961, 7: 0.988, 9: 0.996, 20: 1.000}
    for n_draws, mean in means.items():
        above, _ = quad(lambda x, n: 1 - float(lam_distribution(x, alpha=0.1, n_draws=n)), 0, 1, args=(n_draws,))
        assert above == pytest.approx(mean, abs=6e-4)


def test_at_the_ends_the_density_is_its_limit() -> None:
    assert lam_density([0.0, 1.0], alpha=0.1).tolist() == [np.inf, np.inf]
    assert lam_density([0.0, 1.0], alpha=0.1, n_draws=20).tolist() == [0, np.inf]
    assert lam_density([0.0, 1.0], alpha=2.0).tolist() == [0, 0]
    assert lam_density([0.5, 1.0], alpha=0.2, fold=True)[1] == np.inf
    near = lam_density([0.0, 1e-12], alpha=0.5, n_draws=2)  # x^0 at 0: a number
    assert near[0] == pytest.approx(near[1], rel=1e-4)
    assert 0 < near[0] < np.inf


def test_an_alpha_or_a_number_of_draws_that_no_draw_has_is_refused() -> None:
    with pytest.raises(InputError, match="got alpha=0 and n_draws=1"):
        lam_density([0.5], alpha=0.0)
    with pytest.raises(InputError, match="a finite alpha above 0, got alpha=inf"):
        lam_density([0.5], alpha=float("inf"))
    with pytest.raises(InputError, match="n_draws=0"):
        lam_distribution([0.5], alpha=0.1, n_draws=0)
