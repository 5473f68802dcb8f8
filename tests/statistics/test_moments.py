"""Moments in parts against two passes over all values, on data that defeat the naive formula."""

from functools import reduce

import numpy as np
import pytest
from numpy.typing import NDArray

from amplify_viz.errors import InputError
from amplify_viz.statistics.moments import Moments

Numbers = NDArray[np.float64]


def hostile(n: int = 2000, *, seed: int = 0) -> Numbers:
    """Mean 1e6, sd 1e-3: [input, layer, head]."""
    return 1e6 + 1e-3 * np.random.default_rng(seed).normal(size=(n, 3, 4))


def merged(parts: list[Numbers]) -> Moments:
    return reduce(Moments.merged, map(Moments.of, parts))


def check(found: Moments, values: Numbers, *, within: float) -> None:
    assert found.n == len(values)
    np.testing.assert_allclose(found.mean, values.mean(axis=0), rtol=within)
    np.testing.assert_allclose(found.variance, values.var(axis=0, ddof=1), rtol=within)
    np.testing.assert_allclose(found.sd, values.std(axis=0, ddof=1), rtol=within)


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1999, 2000])
def test_parts_of_any_size_equal_two_passes_on_hostile_data(size: int) -> None:
    values = hostile()
    check(merged([values[first : first + size] for first in range(0, len(values), size)]), values, within=1e-8)


def test_the_formula_with_sums_of_squares_fails_there() -> None:
    values = hostile()
    naive = (np.square(values).mean(axis=0) - values.mean(axis=0) ** 2) * len(values) / (len(values) - 1)
    assert (np.abs(naive / values.var(axis=0, ddof=1) - 1) > 1).all()


def test_parts_far_from_each_other_are_merged_exactly_enough() -> None:
    parts = [scale * hostile(50, seed=seed) for seed, scale in enumerate((1, -3, 1e-6, 0, 1e3))]
    check(merged(parts), np.concatenate(parts), within=1e-12)


def test_merging_in_a_tree_or_in_a_row_is_the_same_within_rounding() -> None:
    values = hostile(64)
    level = [Moments.of(values[i : i + 1]) for i in range(64)]
    while len(level) > 1:
        level = [left.merged(right) for left, right in zip(level[::2], level[1::2], strict=True)]
    check(level[0], values, within=1e-8)
    again = merged([values[:10], values[10:]])
    same = merged([values[:10], values[10:]])
    assert all(np.array_equal(vars(again)[name], vars(same)[name]) for name in ("origin", "offset", "squares"))


def test_three_values_by_hand() -> None:
    found = merged([np.array([1.0]), np.array([2.0, 6.0])])
    assert (found.n, float(found.mean), float(found.variance)) == (3, 3.0, 7.0)


def test_equal_values_have_variance_zero_and_one_value_has_none() -> None:
    assert (merged([np.full((3, 2), 0.1), np.full((4, 2), 0.1)]).variance == 0).all()
    assert np.isnan(Moments.of(hostile(1)).variance).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_spoils_its_own_place_alone(value: float) -> None:
    values = hostile(20)
    values[3, 1, 2] = value
    found = merged([values[:10], values[10:]])
    bad = np.zeros((3, 4), dtype=bool)
    bad[1, 2] = True
    np.testing.assert_array_equal(np.isnan(found.variance), bad)
    np.testing.assert_array_equal(np.isfinite(found.mean), ~bad)


def test_float32_is_summed_in_float64() -> None:
    values = np.random.default_rng(0).normal(size=(500, 2)).astype(np.float32)
    check(Moments.of(values[:499]).merged(Moments.of(values[499:])), values.astype(np.float64), within=1e-12)


def test_no_input_and_other_places_are_refused() -> None:
    with pytest.raises(InputError, match="at least one input"):
        Moments.of(np.empty((0, 2)))
    with pytest.raises(InputError, match="same places"):
        Moments.of(np.ones((2, 3))).merged(Moments.of(np.ones((2, 4))))
