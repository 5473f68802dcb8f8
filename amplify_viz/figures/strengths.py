"""How strongly a weight is drawn, as in the browser: opacity of lines (`ui/web/opacity.js`), shade of cells (`matrix_paint.js`)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import FuncNorm, Normalize, PowerNorm
from numpy.typing import NDArray

from amplify_viz.figures.rows import Numbers

STEPS = 32
"""Opacities are drawn in so many steps."""
MOST_LINES = 3000
"""No panel draws more lines: they would hide each other, and make a file of megabytes."""
FAINTEST = 1 / 255
"""A line fainter than this cannot be seen."""
ROOT = (
    "Colours follow the square root of a value; the ticks are at a quarter, a half and three quarters of the largest."
)
"""What is said of a scale by `root` or `signed_root`."""
TICKS = tuple(share**0.5 for share in (0.25, 0.5, 0.75))
"""Where a quarter, a half and three quarters of the largest value stand on the colours of `root`, 0 to 1."""
SIGNED_TICKS = tuple((1 + sign * tick) / 2 for sign in (-1, 1) for tick in TICKS)
"""The same of `signed_root`, on either side of 0."""
_GRAINS = 2048  # weights are counted this finely to find a floor


def steps_of(weights: Numbers, scale: float) -> NDArray[np.int64]:
    """The opacity step of each weight, 0 to STEPS − 1, by its distance from 0; full at the scale's end."""
    return np.minimum(STEPS - 1, np.floor(np.abs(weights) / scale * STEPS)).astype(np.int64)


def opacity_of(steps: NDArray[np.int64]) -> Numbers:
    """The opacity of each step: the middle of what it holds, 1 for the last."""
    return np.where(steps == STEPS - 1, 1.0, (steps + 0.5) / STEPS)


def floor_for(panels: Sequence[Numbers], scale: float, most: int = MOST_LINES) -> float:
    """The least weight, by its distance from 0, whose line is drawn, so that no panel draws more than `most`; one for all.

    Never below FAINTEST of the scale; 0 for a scale of 0.
    """
    if not scale > 0:
        return 0.0
    crowded = (_crowded(np.abs(weights).ravel() / scale, most) for weights in panels)
    return max([FAINTEST * _GRAINS, *(grain + 1 for grain in crowded)]) / _GRAINS * scale


def _crowded(shares: Numbers, most: int) -> int:
    """The highest grain from which on there are more than most, −1 for none."""
    grains = np.minimum(_GRAINS, np.floor(shares * _GRAINS)).astype(np.int64)
    at_least = np.bincount(grains, minlength=_GRAINS + 1)[::-1].cumsum()[::-1]
    return int((at_least > most).sum()) - 1


def root(top: float) -> Normalize:
    """Weights from 0 to top as shades: the root of their share of it, because most weights are small."""
    return PowerNorm(0.5, 0, top)


def signed_root(top: float) -> Normalize:
    """Differences from −top over 0 to top as places on two-sided colours, by the root of their distance from 0."""
    return FuncNorm((_signed_root, _signed_square), -top, top)


def _signed_root(values: Numbers) -> Numbers:
    return np.sign(values) * np.sqrt(np.abs(values))


def _signed_square(values: Numbers) -> Numbers:
    return np.sign(values) * np.square(values)
