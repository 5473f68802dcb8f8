"""An axis has round numbers that stand apart, and a plot's data lie where its numbers say."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from amplify_viz.figures.chart import HEAD, along, at, percent, plot, side_of, upward
from amplify_viz.figures.sheet import sheet
from tests.figures.boxes import box, texts


@pytest.mark.parametrize(
    ("low", "high", "numbers"),
    [
        (0, 1, ["0.0", "0.5", "1.0"]),
        (0, 30_000, ["0", "10,000", "20,000", "30,000"]),
        (-2, 2, ["−2", "0", "2"]),
        (0, 0.0004, ["0.0000", "0.0002", "0.0004"]),
    ],
)
def test_numbers_are_round_and_have_the_decimals_that_they_need(low: float, high: float, numbers: list[str]) -> None:
    assert list(upward("y", low, high, room=60).ticks.values()) == numbers


def test_an_axis_of_whole_numbers_has_no_fractions() -> None:
    assert list(along("epoch", 0.75, 3.25, room=300, whole=True).ticks.values()) == ["1", "2", "3"]


@pytest.mark.parametrize("room", [30.0, 60.0, 120.0, 500.0])
def test_more_room_has_more_numbers_and_none_lies_outside(room: float) -> None:
    few, many = (along("x", 0, 12_000, room=points).ticks for points in (room, 2 * room))
    assert 0 < len(few) <= len(many)
    assert all(0 <= tick <= 12_000 for tick in many)


def test_numbers_at_values_are_left_out_where_they_are_too_near() -> None:
    assert list(at("x", 0, 10, values=[10, 0, 0.1, 5], room=100).ticks.values()) == ["0", "5", "10"]


def test_an_axis_of_shares_is_in_per_cent_and_never_beyond() -> None:
    whole = percent("y", [0.0, 1.0, float("nan")], room=100)
    assert (whole.low, whole.high) == (0, 100)
    part = percent("y", [0.90, 0.95], room=100)
    assert 89 < part.low < 90
    assert 95 < part.high < 96


def test_a_number_stands_at_its_value() -> None:
    figure = drawn()
    inner = figure.axes[-1]
    for name, direction in (("number of x", 0), ("number of y", 1)):
        for text in texts(figure, name)[1:-1]:
            value = float(text.get_text())
            pixels = inner.transData.transform((value, value))[direction]
            assert box(text)[:, direction].mean() == pytest.approx(pixels * 72 / figure.dpi, abs=1.5)


def test_a_plot_has_the_height_and_the_place_that_it_was_given() -> None:
    figure = drawn()
    inner = figure.axes[-1].get_window_extent()
    panel = figure.axes[1].get_window_extent()
    points = 72 / figure.dpi
    assert inner.height * points == pytest.approx(80)
    assert (panel.y1 - inner.y1) * points == pytest.approx(5 + HEAD)
    assert inner.x1 < panel.x1
    np.testing.assert_allclose(figure.axes[-1].get_xlim(), (0, 1))


def drawn() -> Figure:
    """A figure of one panel with one plot, 5 points below its upper edge and 80 points high."""
    figure, (panel,) = sheet(1, columns=1, height=130, width=3.3, title="t", legend=[], notes=[])
    y = upward("y", 0, 1, room=80)
    plot(panel, along("x", 0, 1, room=180), y, box=(5, 80, 229), side=side_of([y]))
    return figure
