"""The dots, lines and ticks are the table's, a name is never cut, and labels lie on nothing else."""

from math import nan
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from amplify_viz.errors import InputError
from amplify_viz.figures.differences import differences
from tests.figures.boxes import texts
from tests.figures.lines import METHODS, WIDTHS, check, lines, points, words

SETTINGS = "amplify, epochs 4, learning rate 5e-05, batch size 8, layers 4-12"
ROWS: list[dict[str, Any]] = [
    {"panel": "MRPC", "name": "tmix", "mean_difference": 1.0, "low": 0.5, "high": 1.5, "differences": (0.9, 1.1)},
    {"panel": "MRPC", "name": "amplify", "mean_difference": -1.0, "low": -3.0, "high": 1.0, "differences": (-2.0, 0.0)},
    {"panel": "SST-2", "name": SETTINGS, "mean_difference": 0.25, "low": nan, "high": nan, "differences": (0.25,)},
]


def drawn(rows: list[dict[str, Any]] | None = None, **options: Any) -> Figure:
    return differences(pd.DataFrame(rows or ROWS), quantity="test accuracy", unit="points", **options)


def test_means_intervals_and_seeds_are_the_tables() -> None:
    figure = drawn()
    assert [points(line)[:, 0].tolist() for line in lines(figure, "mean")] == [[1.0], [-1.0], [0.25]]
    assert [points(line)[:, 0].tolist() for line in lines(figure, "interval")] == [[0.5, 1.5], [-3.0, 1.0]]
    assert [points(line)[:, 0].tolist() for line in lines(figure, "seed")] == [[0.9, 1.1], [-2.0, 0.0], [0.25]]


def test_everything_lies_within_its_axis_and_0_is_marked() -> None:
    figure = drawn()
    for line in (one for name in ("mean", "interval", "seed", "zero") for one in lines(figure, name)):
        assert line.axes is not None
        low, high = line.axes.get_xlim()
        assert all(low < x < high for x in points(line)[:, 0])
    assert len(lines(figure, "zero")) == 2


def test_rows_stand_from_top_to_bottom_beside_their_names() -> None:
    figure = drawn()
    upper, lower = (
        line.axes.transData.transform(points(line)[0])[1] for line in lines(figure, "mean")[:2] if line.axes
    )
    names = {text.get_text(): text for text in texts(figure, "row")}
    assert upper > lower
    for name, height in (("tmix", upper), ("amplify", lower)):
        assert names[name].get_transform().transform(names[name].get_position())[1] == pytest.approx(height, abs=0.5)


def test_a_dot_is_full_where_its_interval_excludes_0() -> None:
    assert [line.get_markerfacecolor() != "white" for line in lines(drawn(), "mean")] == [True, False, False]
    assert "Full: the interval excludes 0" in words(drawn())
    assert "Full" not in words(drawn(ROWS[1:]))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_name_is_broken_into_lines_and_never_cut(width: float) -> None:
    told = " ".join(text.get_text() for text in texts(drawn(width=width), "row"))
    assert SETTINGS in told and "…" not in told


def test_it_says_what_is_better_and_of_how_many_seeds() -> None:
    assert "Right of 0 is better. Each row: 1 to 2 seeds. Each panel has its own axis." in words(drawn(width=6.9))
    assert "Left of 0 is better. Each row: 1 seed." in words(drawn(ROWS[2:], higher_is_better=False))
    assert "minus none, points" in words(drawn()) and "Test accuracy minus that of none" in words(drawn())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("n_panels", [1, 2, 5])
@pytest.mark.parametrize("names", [METHODS[-1:], [*METHODS[1:], SETTINGS]])
@pytest.mark.parametrize("times", [1e-4, 1.0, 1e4])
def test_labels_lie_on_nothing_else(times: float, names: list[str], n_panels: int, width: float) -> None:
    numbers = {"mean_difference": -0.5 * times, "low": -3.25 * times, "high": 1.5 * times, "differences": (0.0,)}
    rows = [{"panel": f"data set {n}", "name": name, **numbers} for n in range(n_panels) for name in names]
    check(drawn(rows, width=width), width)


def test_panels_fill_columns_evenly() -> None:
    rows = [
        {**ROWS[0], "panel": panel, "name": f"{n}"}
        for panel, count in (("a", 6), ("b", 2), ("c", 3))
        for n in range(count)
    ]
    left = {
        text.get_text(): text.get_transform().transform(text.get_position())[0]
        for text in texts(drawn(rows, width=6.9), "name")
    }
    assert left["a"] < left["b"] == left["c"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame(ROWS).drop(columns=["low"]), "this table lacks low"),
        (pd.DataFrame(ROWS).iloc[:0], "this table has no rows"),
        (pd.DataFrame([{**ROWS[0], "mean_difference": nan}]), "that of tmix is not: leave it out"),
    ],
)
def test_what_cannot_be_drawn_is_said(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        differences(table, quantity="test accuracy")
