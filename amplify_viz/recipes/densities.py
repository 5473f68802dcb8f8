"""The figure of the densities of the mixing weight λ, which no run is needed for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import pandas as pd

import amplify_viz as av
from amplify_viz.recipes.recipe import Made, Recipe
from amplify_viz.statistics.densities import lam_density, lam_distribution

_PLACES = [step / 100 for step in range(101)]  # of λ, in the table


@dataclass(frozen=True, kw_only=True)
class Densities(Recipe):
    """Densities of Beta(α, α) and of the largest of n draws, and their distributions (the paper's Figure 2)."""

    KIND: ClassVar[str] = "densities"

    alpha: tuple[float, ...] = (0.1, 0.2, 0.5, 1.0, 2.0)  # of the left panels
    draws: tuple[int, ...] = (1, 3, 5, 7, 9, 20)  # of the right panels, as in the paper's Table 1
    draws_alpha: float = 0.1  # of the right panels

    def draw(self) -> Made:
        """Draws them; nothing is read."""
        return Made(
            figure=av.figures.densities(self._settings, alphas=self.alpha, width=self.width),
            table=self._table,
            caption=(
                f"Densities of the mixing weight λ and their distributions: Beta(α, α), and the largest of n draws with "
                f"α = {self.draws_alpha:g}."
            ),
            sources=(),
        )

    @cached_property
    def _settings(self) -> Mapping[str, tuple[float, int, bool]]:
        return {f"n = {n}": (self.draws_alpha, n, False) for n in self.draws}

    @property
    def _table(self) -> pd.DataFrame:
        """Density and distribution at each hundredth; the density is infinite where it rises without bound."""
        settings = [*((alpha, 1, False) for alpha in self.alpha), *self._settings.values()]
        parts = [
            pd.DataFrame(
                {
                    "alpha": alpha,
                    "draws": n,
                    "lam": _PLACES,
                    "density": lam_density(_PLACES, alpha=alpha, n_draws=n, fold=fold),
                    "share_below": lam_distribution(_PLACES, alpha=alpha, n_draws=n, fold=fold),
                }
            )
            for alpha, n, fold in settings
        ]
        return pd.concat(parts, ignore_index=True)
