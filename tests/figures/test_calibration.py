"""The figure of the simulation shows its tables' points, intervals and lines, and the committed one is of enough trials."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection

from amplify_viz.errors import InputError
from amplify_viz.figures import calibration
from benchmarks import simulate_calibration
from tests.figures.boxes import artists, texts
from tests.figures.lines import LONG, WIDTHS, check, lines, points, words

SHIPPED = Path(__file__).parents[2] / "assets" / "statistics"
TABLE = pd.read_csv(SHIPPED / "calibration.csv")
RATES, POWER = TABLE[TABLE["effect_size"] == 0], TABLE[TABLE["effect_size"] > 0]


def test_points_lines_and_intervals_are_those_of_the_tables() -> None:
    figure = calibration(RATES, POWER)
    (rates,) = lines(figure, "rate")
    np.testing.assert_allclose(points(rates)[:, 0], 100 * RATES["rate"])
    assert (np.diff(points(rates)[:, 1]) < 0).all(), "the first row stands above"
    bars, *others = (bar.get_segments() for bar in artists(figure, "bar", LineCollection))
    np.testing.assert_allclose(np.array(bars)[:, :, 0], 100 * RATES[["low", "high"]])
    parts = [part for _, part in POWER.groupby("runs")]
    drawn = zip(lines(figure, "found"), lines(figure, "formula"), others, parts, strict=True)
    for found, formula, bar, part in drawn:
        np.testing.assert_allclose(points(found), np.column_stack([part["effect_size"], 100 * part["rate"]]))
        np.testing.assert_allclose(points(formula)[:, 1], 100 * part["expected"])
        np.testing.assert_allclose(np.array(bar)[:, :, 1], 100 * part[["low", "high"]])


def test_every_row_is_named_and_the_level_is_drawn() -> None:
    figure = calibration(RATES, POWER)
    names = {text.get_text() for text in texts(figure, "number of y")}
    assert set(RATES["unit"]) <= names
    (level,) = lines(figure, "level")
    assert set(points(level)[:, 0]) == {5.0}
    assert "4,000 trials each" in words(figure)
    assert "however much the methods differ: run, 3 + 3." in words(figure)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("unit", [None, "input", "兔子 $x_1$", LONG])
def test_labels_lie_on_nothing_else(unit: str | None, width: float) -> None:
    check(calibration(RATES if unit is None else RATES.head(1).assign(unit=unit), POWER, width=width), width)


@pytest.mark.parametrize("width", WIDTHS)
def test_long_names_of_runs_lie_on_nothing_else(width: float) -> None:
    check(calibration(RATES, POWER.assign(unit=POWER["unit"] + LONG), width=width), width)


def test_tables_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="this table lacks low"):
        calibration(RATES.drop(columns="low"), POWER)
    with pytest.raises(InputError, match="this table has no rows"):
        calibration(RATES, POWER.head(0))


def test_the_command_writes_table_and_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["simulate_calibration", "5", str(tmp_path)])
    simulate_calibration.main()
    table = pd.read_csv(tmp_path / "calibration.csv")
    assert table[["unit", "effect_size"]].equals(TABLE[["unit", "effect_size"]])
    assert b"</svg>" in (tmp_path / "calibration.svg").read_bytes()


def test_what_is_shipped_holds_what_its_text_says() -> None:
    rate = RATES.set_index("unit")["rate"]
    assert (TABLE["n_trials"] >= 2000).all()
    allowed = 0.05 + 4 * np.sqrt(0.05 * 0.95 / TABLE["n_trials"].min())
    assert (rate[rate.index.str.startswith("run")] <= allowed).all()
    text = (SHIPPED / "README.md").read_text(encoding="utf-8")
    said = {
        "input": "77 %",
        "interval, 3 + 3": "(18 % for 3",
        "interval, 5 + 5": "11 % for 5",
        "interval, 10 + 10": "7 % for 10",
    }
    for unit, words_ in said.items():
        assert words_ in " ".join(text.split())
        assert f"{100 * rate[unit]:.0f} %" in words_
    assert "run, 10 + 10" in (SHIPPED / "calibration.svg").read_text(encoding="utf-8")
