"""The densities drawn are the closed forms, and what an axis cuts off is said and shown below."""

import numpy as np
import pytest
from scipy import stats

from amplify_viz.errors import InputError
from amplify_viz.figures import densities
from tests.figures.boxes import texts
from tests.figures.lines import LONG, WIDTHS, check, lines, points, words

DENSITY, SHARE = "density", "share of draws ≤ λ"


def test_the_left_panel_shows_scipys_beta_densities() -> None:
    drawn = lines(densities(alphas=(0.2, 2)), DENSITY)
    for alpha, line in zip((0.2, 2), drawn, strict=False):
        x, y = points(line).T
        assert line.get_label() == f"α = {alpha:g}"
        inner = (x > 0) & (x < 1)
        np.testing.assert_allclose(y[inner], stats.beta(alpha, alpha).pdf(x[inner]), rtol=1e-6)


def test_the_right_panel_shows_the_papers_numbers_of_draws() -> None:
    figure = densities()
    right = [line for line in lines(figure, SHARE) if str(line.get_label()).startswith("n")]
    assert [line.get_label() for line in right] == [f"n = {n}" for n in (1, 3, 5, 7, 9, 20)]
    for n, line in zip((1, 3, 5, 7, 9, 20), right, strict=True):
        x, y = points(line).T
        np.testing.assert_allclose(y, stats.beta(0.1, 0.1).cdf(x) ** n, atol=1e-9)
    assert "Largest of n, α = 0.1" in words(figure)


def test_the_distribution_holds_all_of_the_weight() -> None:
    for line in lines(densities(), SHARE):
        assert line.axes is not None
        assert points(line)[0].tolist() == [0, 0]
        assert points(line)[-1].tolist() == [1, 1]
        assert line.axes.get_ylim() == (0, 1)
        assert line.axes.get_xlim() == (0, 1)


def test_an_axis_that_cuts_a_density_off_is_said_so_and_no_other() -> None:
    assert "rises without bound at 1, and at 0 where n·α < 1: its axis ends at 4." in words(densities(width=40))
    assert "ends at 4" not in words(densities({"flat": (1, 1, False)}, alphas=(1, 2)))


def test_every_density_reaches_the_end_of_its_axis_where_it_has_no_bound() -> None:
    drawn = {str(line.get_label()): points(line)[:, 1] for line in lines(densities(), DENSITY)}
    assert all(drawn[f"n = {n}"][-1] > 4 for n in (1, 3, 5, 7, 9, 20))
    assert drawn["n = 1"][0] > 4
    assert drawn["n = 20"][0] < 4
    assert all(np.isfinite(values).all() for values in drawn.values())


def test_methods_that_fold_are_drawn_folded_under_their_names() -> None:
    figure = densities({"amplify": (0.1, 5, False), "embedmix": (0.2, 1, True)})
    x, y = points(next(line for line in lines(figure, DENSITY) if line.get_label() == "embedmix")).T
    assert (y[x < 0.5] == 0).all()
    inner = (x >= 0.5) & (x < 1)
    np.testing.assert_allclose(y[inner], 2 * stats.beta(0.2, 0.2).pdf(x[inner]), rtol=1e-6)
    assert [text.get_text() for text in texts(figure, "key")][-2:] == ["amplify", "embedmix"]


@pytest.mark.parametrize("width", WIDTHS)
def test_labels_lie_on_nothing_else(width: float) -> None:
    check(densities(width=width), width)
    check(densities({f"{LONG}{n}": (0.123, n, True) for n in range(1, 8)}, width=width), width)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(InputError, match="a setting and an alpha at least"):
        densities({})
    with pytest.raises(InputError, match="a setting and an alpha at least"):
        densities(alphas=())
    with pytest.raises(InputError, match="alpha above 0, got alpha=-1"):
        densities(alphas=(-1,))
