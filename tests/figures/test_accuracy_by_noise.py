"""Accuracy by noise shows the table's points and bars, and says what the bars are."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from amplify_viz.errors import InputError
from amplify_viz.figures import accuracy_by_noise
from tests.figures.boxes import texts
from tests.figures.lines import LONG, METHODS, WIDTHS, check, lines, points, words

SHARES = (0.0, 0.05, 0.1, 0.2)


def table(methods: list[str], panels: tuple[str, ...] = ("words deleted", "words swapped")) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = [(panel, method, share) for panel in panels for method in methods for share in SHARES]
    mean = 0.9 - 0.3 * np.array([share for *_, share in rows]) + rng.normal(0, 0.01, len(rows))
    sd = rng.gamma(2, 0.004, len(rows))
    frame = pd.DataFrame(rows, columns=["panel", "method", "share"])
    return frame.assign(accuracy=mean, low=mean - sd, high=mean + sd, n=3)


TABLE = table(["none", "amplify"])


def segments(figure: Figure) -> list[np.ndarray]:
    """The bars of each method in each panel, [bar, end, 2]."""
    found = [each for axes in figure.axes for each in axes.collections if each.get_gid() == "bar"]
    return [np.array(each.get_segments()) for each in found if isinstance(each, LineCollection)]


def test_points_and_bars_are_those_of_the_table() -> None:
    figure = accuracy_by_noise(TABLE, bars="sd over runs")
    parts = [part for _, part in TABLE.groupby(["panel", "method"], sort=False)]
    drawn = zip(lines(figure, "mean"), segments(figure), parts, strict=True)
    for mean, bars, part in drawn:
        assert mean.get_label() == part["method"].iloc[0]
        np.testing.assert_allclose(points(mean)[:, 1], 100 * part["accuracy"])
        np.testing.assert_allclose(bars[:, :, 1], 100 * part[["low", "high"]])
        np.testing.assert_allclose(bars[:, 0, 0], points(mean)[:, 0])


def test_methods_stand_side_by_side_near_their_share() -> None:
    figure = accuracy_by_noise(table(METHODS, ("words deleted",)), bars="sd over runs")
    places = np.array([points(mean)[:, 0] for mean in lines(figure, "mean")])
    assert (np.abs(places - 100 * np.array(SHARES)) < 2.5).all()
    assert all((np.abs(a - b) > 0.2).all() for a, b in combinations(places, 2))
    np.testing.assert_allclose(places.mean(axis=0), 100 * np.array(SHARES), atol=1e-9)


def test_rows_in_any_order_give_the_same_lines() -> None:
    shuffled = pd.concat([part.iloc[::-1] for _, part in TABLE.groupby(["panel", "method"], sort=False)])
    one, other = (lines(accuracy_by_noise(each, bars="sd"), "mean") for each in (TABLE, shuffled))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(points(a), points(b))


def test_the_note_says_what_the_bars_are_and_of_how_many_runs() -> None:
    assert "Bars: 95 % interval; n = 3 runs a point." in words(accuracy_by_noise(TABLE, bars="95 % interval"))
    mixed = TABLE.assign(n=[1, 3] * 8)
    assert "n = 1 to 3 runs" in words(accuracy_by_noise(mixed, bars="sd"))


def test_a_point_without_a_bar_is_drawn_and_explained() -> None:
    single = TABLE.assign(low=np.nan, high=np.nan, n=1)
    figure = accuracy_by_noise(single, bars="sd over runs")
    assert "Bars" not in words(figure)
    assert "n = 1 run a point" in words(figure)
    assert len(lines(figure, "mean")) == 4
    some = TABLE.assign(low=TABLE["low"].where(TABLE["share"] > 0))
    assert "without a bar" in words(accuracy_by_noise(some, bars="sd over runs"))
    assert "without a bar" not in words(accuracy_by_noise(TABLE, bars="sd over runs"))


def test_everything_drawn_lies_inside_the_axes() -> None:
    figure = accuracy_by_noise(TABLE, bars="sd over runs")
    for line in lines(figure, "mean"):
        assert line.axes is not None
        (left, right), (low, high) = line.axes.get_xlim(), line.axes.get_ylim()
        assert ((points(line) >= [left, low]) & (points(line) <= [right, high])).all()
    ends = np.concatenate(segments(figure))[..., 1]
    assert ends.min() >= min(axes.get_ylim()[0] for axes in figure.axes if "plot" in str(axes.get_gid()))


def test_the_numbers_of_x_are_the_shares() -> None:
    figure = accuracy_by_noise(TABLE[TABLE["panel"] == "words deleted"], bars="sd")
    assert [text.get_text() for text in texts(figure, "number of x")] == ["0", "5", "10", "20"]
    assert [text.get_text() for text in texts(figure, "name")] == ["words deleted"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("methods", [METHODS, [f"{LONG}{place}" for place in range(4)]])
@pytest.mark.parametrize("panels", [("words deleted",), tuple(f"{LONG}{place}" for place in range(3))])
def test_labels_lie_on_nothing_else(panels: tuple[str, ...], methods: list[str], width: float) -> None:
    check(accuracy_by_noise(table(methods, panels), bars="95 % interval of the mean", width=width), width)


def test_shares_too_near_for_two_numbers_have_one() -> None:
    close = TABLE.assign(share=TABLE["share"].replace({0.05: 0.002, 0.1: 0.004}))
    figure = accuracy_by_noise(close, bars="sd", width=3.3)
    check(figure, 3.3)
    assert [text.get_text() for text in texts(figure, "number of x")] == ["0", "20"] * 2


def test_one_share_alone_can_be_drawn() -> None:
    check(accuracy_by_noise(TABLE[TABLE["share"] == 0.1], bars="sd"), 3.3)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (TABLE.drop(columns=["n"]), "this table lacks n"),
        (TABLE[:0], "has no rows"),
        (pd.concat([TABLE, TABLE]), "none is there twice at 0 in words deleted"),
    ],
)
def test_a_table_of_something_else_is_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        accuracy_by_noise(frame, bars="sd")
