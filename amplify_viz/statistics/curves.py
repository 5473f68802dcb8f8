"""What smooths the curve of a run, and what joins the curves of several runs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from amplify_viz.errors import InputError

Curve = tuple[Sequence[float], Sequence[float]]
"""Steps (or epochs), ascending, and a value at each."""


def series_of(curve: Curve) -> "pd.Series[float]":
    """The curve's values by step; what is not finite becomes NaN.

    Raises InputError for a curve without steps, whose steps do not ascend, or that has not one value for each step.
    """
    steps, values = curve
    if len(steps) == 0 or len(steps) != len(values):
        raise InputError(f"A curve has a value for each step, got {len(steps)} steps and {len(values)} values.")
    if (np.diff(np.asarray(steps, dtype=float)) <= 0).any():
        raise InputError("The steps of a curve ascend, these do not: sort them, and keep each step once.")
    whole = pd.Series(list(values), index=pd.Index(list(steps)), dtype=float)
    return whole.where(np.isfinite(whole))


def running_mean(series: "pd.Series[float]", window: int) -> "pd.Series[float]":
    """The mean of each value and the window − 1 before it, of all so far where there are fewer.

    A NaN stays one and counts in no other's mean.  Raises InputError for a window below 1.  With window 1, the series.
    """
    if window < 1:
        raise InputError(f"A running mean is over 1 step or more, got {window}: pass 1 for none.")
    return series.rolling(window, min_periods=1).mean().where(series.notna())


def mean_of(runs: Sequence["pd.Series[float]"]) -> "pd.Series[float]":
    """The mean of several runs at the steps that all of them have, so that it never jumps where one of them ends.

    Raises InputError for no runs.  NaN where any run is; empty where they share no step.  Of one run, the run.
    """
    if not runs:
        raise InputError("A mean is over 1 run or more, got none.")
    mean: pd.Series[float] = pd.concat(runs, axis=1, join="inner").mean(axis=1, skipna=False)
    return mean.sort_index()
