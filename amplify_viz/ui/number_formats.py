"""How the numbers of a table's column are written."""

from math import floor, log10
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

_MOST_DECIMALS = 7  # of a number without a power of ten


def one_format(values: "pd.Series[float]", *, small: bool) -> str:
    """How all numbers of a column are written, so that they compare at a glance: to the fourth digit of the largest.

    small: as in p-values, where small numbers are what is read: with powers of ten where one is below 0.001.
    """
    sizes = values.abs().loc[lambda size: (size > 0) & np.isfinite(size)]
    if sizes.empty:
        return "%.3f"
    if small:
        return "%.2e" if sizes.min() < 0.001 else "%.3f"
    decimals = 3 - floor(log10(sizes.max()))
    return f"%.{max(decimals, 0)}f" if decimals <= _MOST_DECIMALS else "%.3e"
