"""A reliability diagram shows the bins of its table, and the error that it is given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from amplify_viz.errors import InputError
from amplify_viz.figures import reliability
from tests.figures.boxes import texts
from tests.figures.lines import LONG, METHODS, WIDTHS, check, lines, points, words

NAN = float("nan")
TABLE = pd.DataFrame(
    {
        "low": [0.0, 0.25, 0.5, 0.75],
        "high": [0.25, 0.5, 0.75, 1.0],
        "rows": [0, 5, 40, 300],
        "confidence": [NAN, 0.4, 0.6, 0.95],
        "accuracy": [NAN, 0.2, 0.7, 0.9],
    }
)
FULL = TABLE.assign(rows=[20, 30, 40, 1000], confidence=[0.1, 0.4, 0.6, 0.9], accuracy=[0.2, 0.3, 0.6, 1.0])


def bars(figure: Figure, panel: int) -> list[Rectangle]:
    plot = [axes for axes in figure.axes if axes.get_gid() == f"panel {panel} plot"][1]
    return [patch for patch in plot.patches if isinstance(patch, Rectangle)]


def test_a_marker_stands_at_confidence_and_accuracy_of_each_bin_with_rows() -> None:
    drawn = lines(reliability({"amplify": TABLE}, ece={"amplify": 0.05}), "bin")
    at = sorted(map(tuple, np.concatenate([points(line) for line in drawn]).tolist()))
    np.testing.assert_allclose(at, [(40, 20), (60, 70), (95, 90)])


def test_bins_of_few_rows_are_faint_and_the_figure_says_so() -> None:
    figure = reliability({"amplify": TABLE}, ece={"amplify": 0.05})
    faint = [line for line in lines(figure, "bin") if (line.get_alpha() or 1) < 0.5]
    np.testing.assert_allclose(np.concatenate([points(line) for line in faint]), [[40, 20]])
    assert "bins of under 20 rows" in words(figure)
    assert "under 20" not in words(reliability({"amplify": FULL}, ece={"amplify": 0.05}))


def test_the_diagonal_runs_from_corner_to_corner() -> None:
    (diagonal,) = lines(reliability({"amplify": TABLE}, ece={"amplify": 0.05}), "diagonal")
    assert points(diagonal).tolist() == [[0, 0], [100, 100]]
    assert diagonal.axes is not None
    assert diagonal.axes.get_xlim() == diagonal.axes.get_ylim() == (0, 100)


def test_the_bars_are_the_rows_on_one_scale_for_all_panels() -> None:
    figure = reliability({"amplify": TABLE, "none": FULL}, ece={"amplify": 0.05, "none": 0.1})
    for panel, table in enumerate((TABLE, FULL), start=1):
        drawn = bars(figure, panel)
        assert [bar.get_height() for bar in drawn] == table["rows"].tolist()
        np.testing.assert_allclose([bar.get_x() for bar in drawn], 100 * table["low"])
        assert drawn[0].axes is not None
        assert drawn[0].axes.get_ylim() == (0, 1050)


def test_the_error_is_the_one_that_is_passed() -> None:
    figure = reliability({"none": TABLE, "amplify": TABLE}, ece={"amplify": 0.0512, "none": 0.4})
    assert [text.get_text() for text in texts(figure, "ece")] == ["ECE 40.0", "ECE 5.1"]
    assert [text.get_text() for text in texts(figure, "name")] == ["none", "amplify"]
    assert "in percentage points" in words(figure)


def test_the_title_names_the_split() -> None:
    assert "Reliability · dev split" in words(reliability({"none": TABLE}, ece={"none": 0.1}, split="dev"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("names", [METHODS[:1], METHODS, [LONG, f"{LONG} 2"]])
@pytest.mark.parametrize("times", [1, 1000])
def test_labels_lie_on_nothing_else(times: int, names: list[str], width: float) -> None:
    tables = {name: TABLE.assign(rows=TABLE["rows"] * times) for name in names}
    check(reliability(tables, ece=dict.fromkeys(names, 0.123), width=width), width)


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "a table at least, got none"),
        ({"none": TABLE.drop(columns=["rows", "low"])}, "that of none lacks low, rows"),
        ({"none": TABLE.assign(rows=0)}, "the bins of none have none"),
        ({"amplify": TABLE}, "amplify has none: pass it in ece"),
    ],
)
def test_tables_that_are_none_are_refused(tables: dict[str, pd.DataFrame], message: str) -> None:
    with pytest.raises(InputError, match=message):
        reliability(tables, ece={"none": 0.1})
