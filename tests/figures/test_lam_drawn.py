"""The bars are the shares that were drawn, the dots those of the closed form, and labels lie on nothing else."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy import stats

from amplify_viz.errors import InputError
from amplify_viz.figures.densities import Setting
from amplify_viz.figures.lam_drawn import Histogram, lam_drawn
from tests.figures.boxes import texts
from tests.figures.lines import LONG, METHODS, WIDTHS, check, lines, points, words

EDGES = [0.0, 0.25, 0.5, 0.75, 1.0]
COUNTS = [1.0, 0.0, 2.0, 5.0]
AMPLIFY: Setting = (0.1, 5, False)
FOLDED: Setting = (0.2, 1, True)


def bars(figure: Figure) -> list[Rectangle]:
    return [part for part in figure.findobj(Rectangle) if part.get_gid() == "bars"]


def test_the_bars_are_the_shares_of_steps_in_percent() -> None:
    figure = lam_drawn({"amplify": (EDGES, COUNTS)}, {"amplify": AMPLIFY})
    assert [bar.get_height() for bar in bars(figure)] == pytest.approx([12.5, 0, 25, 62.5])
    assert [bar.get_x() for bar in bars(figure)] == EDGES[:-1]
    assert "8 steps" in words(figure)


@pytest.mark.parametrize(("setting", "name"), [(AMPLIFY, "amplify"), (FOLDED, "embedmix")])
def test_the_dots_are_what_scipy_expects_and_sum_to_one(setting: Setting, name: str) -> None:
    (dots,) = lines(lam_drawn({name: (EDGES, COUNTS)}, {name: setting}), "expected")
    alpha, n_draws, fold = setting
    cdf = stats.beta(alpha, alpha).cdf
    whole = np.array([max(0.0, cdf(x) - cdf(1 - x)) if fold else cdf(x) ** n_draws for x in EDGES])
    np.testing.assert_allclose(points(dots)[:, 1], 100 * np.diff(whole), atol=1e-9)
    assert points(dots)[:, 1].sum() == pytest.approx(100)


def test_every_method_has_its_own_panel_with_one_scale() -> None:
    histograms: dict[str, Histogram] = {"amplify": (EDGES, COUNTS), "tmix": (EDGES, [0, 0, 1, 0])}
    figure = lam_drawn(histograms, {"amplify": AMPLIFY, "tmix": FOLDED})
    assert [text.get_text() for text in texts(figure, "name")] == ["amplify", "tmix"]
    plots = [dots.axes for dots in lines(figure, "expected")]
    assert {axes.get_ylim() for axes in plots if axes} == {(0, 100)}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("names", [METHODS[-1:], METHODS[1:], [LONG, f"{LONG} 2"]])
@pytest.mark.parametrize("times", [1, 100_000])
def test_labels_lie_on_nothing_else(times: int, names: list[str], width: float) -> None:
    histogram = (EDGES, [times * count for count in COUNTS])
    check(lam_drawn(dict.fromkeys(names, histogram), dict.fromkeys(names, AMPLIFY), width=width), width)


@pytest.mark.parametrize(
    ("histograms", "message"),
    [
        ({}, "a histogram at least, got none"),
        ({"amplify": ([0, 1], [0])}, "that of amplify has not"),
        ({"amplify": ([0, 0.5, 1], [1])}, "that of amplify has not"),
        ({"amplify": ([0, 0.5, 0.5], [1, 1])}, "that of amplify has not"),
        ({"tmix": (EDGES, COUNTS)}, "tmix has none: pass them"),
    ],
)
def test_histograms_that_are_none_are_refused(histograms: dict[str, Histogram], message: str) -> None:
    with pytest.raises(InputError, match=message):
        lam_drawn(histograms, {"amplify": AMPLIFY})
