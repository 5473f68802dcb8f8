"""Running means and means over runs are those that a loop computes."""

from math import inf, isnan, nan

import numpy as np
import pytest

from amplify_viz.errors import InputError
from amplify_viz.statistics.curves import mean_of, running_mean, series_of

RNG = np.random.default_rng(0)
LOSSES = RNG.gamma(2.0, size=60).tolist()
STEPS = list(range(1, 61))


@pytest.mark.parametrize("window", [1, 2, 25, 60, 100])
def test_a_running_mean_is_over_the_last_values(window: int) -> None:
    expected = [np.mean(LOSSES[max(0, end - window) : end]) for end in STEPS]
    np.testing.assert_allclose(running_mean(series_of((STEPS, LOSSES)), window), expected, rtol=1e-12)


def test_what_is_not_finite_stays_out_of_every_mean() -> None:
    smooth = running_mean(series_of(([1, 2, 3, 4], [1.0, nan, inf, 3.0])), 4)
    assert smooth[1] == 1
    assert isnan(smooth[2])
    assert isnan(smooth[3])
    assert smooth[4] == 2


def test_the_mean_of_runs_is_at_the_steps_that_all_have() -> None:
    mean = mean_of([series_of(([1, 2, 4], [1.0, 2.0, 3.0])), series_of(([2, 4, 5], [4.0, nan, 9.0]))])
    assert list(mean.index) == [2, 4]
    assert mean[2] == 3
    assert isnan(mean[4])


def test_runs_without_a_common_step_have_an_empty_mean() -> None:
    assert mean_of([series_of(([1], [1.0])), series_of(([2], [1.0]))]).empty


@pytest.mark.parametrize(
    ("curve", "message"),
    [
        (([], []), "got 0 steps and 0 values"),
        (([1, 2], [1.0]), "got 2 steps and 1 values"),
        (([2, 1], [1.0, 1.0]), "ascend, these do not"),
        (([1, 1], [1.0, 1.0]), "each step once"),
    ],
)
def test_a_curve_that_is_none_is_refused(curve: tuple[list[int], list[float]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        series_of(curve)


def test_means_over_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="1 step or more, got 0"):
        running_mean(series_of(([1], [1.0])), 0)
    with pytest.raises(InputError, match="1 run or more"):
        mean_of([])
