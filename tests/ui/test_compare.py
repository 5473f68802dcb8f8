"""The Compare page without a browser: what it compares at first, what it shows, what it says of bad input."""

import json
import shlex
import shutil
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from amplify_viz import find_runs
from amplify_viz.__main__ import main
from amplify_viz.checkpoints import load
from amplify_viz.comparison import compare
from amplify_viz.config import RunConfig, demo_configs
from amplify_viz.reading import pasted_texts
from amplify_viz.recipes import remake
from amplify_viz.runs import Run, partial_folder, write_status
from amplify_viz.ui.compare_form import default_sides
from amplify_viz.ui.comparing import board
from amplify_viz.ui.number_formats import one_format
from amplify_viz.ui.state import choices
from amplify_viz.views.packing import unpack
from tests.ui.table_files import about_of, catch_files
from training.loop import train

PAGE = "app_pages/compare.py"
MAIN = str(Path(__file__).parents[2] / "amplify_viz" / "ui" / "main.py")
LINES = "the rabbit hopped\tthe turtle crawled\nthe animal was tired\tit hopped\nthe old street\tthe film"


@pytest.fixture(autouse=True)
def app_looks_there(app_at_root: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """At the runs; what it measures is kept nowhere else."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    board.clear()
    yield
    board.clear()


def _opened(**query: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60).switch_page(PAGE)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def _pasted(lines: str = LINES, **query: str) -> AppTest:
    app = _opened(texts="List", **query)
    app.text_area(key="list").set_value(lines).run()
    return app


def _compared(app: AppTest) -> AppTest:
    app.button(key="compare").click().run()
    for _ in range(600):
        if not [button for button in app.button if button.key == "cancel_compare"]:
            break
        time.sleep(0.1)
        app.run()
    assert not app.exception
    return app


def _cells(app: AppTest) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = unpack(app.get("bidi_component")[0].proto.bytes)[0]["cells"]
    return cells


def test_without_runs_it_says_how_to_get_them_and_offers_the_demo(no_runs: Path) -> None:
    app = _opened()
    (said,) = (element.value for element in app.info)
    assert "no finished run yet" in said and "page Train" in said and "checkpoint folder" in said
    assert app.button(key="start_demo").label == "Train them"


def test_with_one_run_it_says_that_another_is_missing(root: Path, no_runs: Path) -> None:
    shutil.copytree(root, no_runs)
    shutil.rmtree(next(no_runs.glob("animals/tiny/amplify*")))
    assert "but one finished run" in _opened().info[0].value


def test_while_the_demo_is_trained_it_says_so_and_shows_how_far_it_is(no_runs: Path) -> None:
    first = demo_configs()[0]
    write_status(partial_folder(no_runs, first), first, "running", progress=0.4, message="epoch 2 of 3")
    app = _opened()
    assert "are being trained" in app.info[0].value
    assert app.button(key="cancel_demo").label == "Cancel"


def test_with_two_runs_an_empty_side_is_all_that_is_missing() -> None:
    app = _opened()
    app.multiselect(key="cb").set_value([]).run()
    assert app.info[0].value.startswith("Choose at least one run on each side")
    assert not [button for button in app.button if button.key == "start_demo"]


def test_the_map_holds_what_the_library_finds(root: Path, tmp_path: Path) -> None:
    app = _compared(_pasted())
    assert not app.error
    sides = [load(str(next(root.glob(f"animals/tiny/{method}*[0-9a-f]")))) for method in ("none", "amplify")]
    found = compare(sides[:1], sides[1:], pasted_texts(LINES), cache=tmp_path / "another")
    expected = found.tests[found.tests["measure"] == "entropy"]
    cells = {(cell["row"], cell["column"]): dict(cell["facts"]) for cell in _cells(app)}
    shown = [cells[row["layer"], row["head"]]["effect size"].replace("−", "-") for row in expected.to_dict("records")]
    effects = np.array([float("nan") if text == "–" else float(text) for text in shown])
    np.testing.assert_allclose(effects, expected["effect_size"], rtol=2e-3)
    assert np.isfinite(effects).any()


def test_each_part_and_each_measure_opens_from_its_link() -> None:
    app = _compared(_pasted())
    for part in ("Map", "Table", "Where they differ", "Predictions"):
        app.session_state["part"] = part
        for measure in ("entropy", "jensen_shannon", "linear_cka"):
            app.session_state["measured"] = measure
            app.run()
            assert not app.exception
            assert not app.error


@pytest.mark.parametrize(
    ("part", "measure", "names"),
    [
        ("Table", "entropy", {"compare-table"}),
        ("Where they differ", "jensen_shannon", {"compare-texts", "compare-words"}),
        ("Predictions", "entropy", {"compare-predictions"}),
    ],
)
def test_each_table_is_there_as_a_file_that_says_how_it_came_about(
    part: str, measure: str, names: set[str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _compared(_pasted())
    app.session_state["part"], app.session_state["measured"] = part, measure
    files = catch_files(monkeypatch)
    app.run()
    assert not app.exception
    assert set(files) == {f"{name}.{end}" for name in names for end in ("csv", "md", "tex")}
    hashes = {
        json.loads((run / "run.json").read_text())["weights_sha256"] for run in root.glob("animals/tiny/*[0-9a-f]")
    }
    for name, make in files.items():
        about = about_of(make())
        assert {run["weights_sha256"] for run in about["runs"]} == hashes, name
        assert about["texts"] and "command" not in about, name  # pasted texts are in no file
        assert about.get("test", "").startswith("Paired t") == (part == "Table"), name


def test_agreement_with_oneself_is_not_called_none() -> None:
    app = _compared(_pasted())
    app.session_state["part"] = "Predictions"
    app.run()
    (table,) = (found for found in app.dataframe if "agrees with A" in found.value)
    assert table.value["agrees with A"].isna().sum() == 1 and table.proto.placeholder == "–"


def test_the_command_of_a_table_makes_its_numbers_again(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = root / "texts.txt"
    texts.write_text(LINES)
    app = _opened(texts="File or folder", path=str(texts))
    app = _compared(app)
    app.session_state["part"] = "Table"
    files = catch_files(monkeypatch)
    app.run()
    shown = files["compare-table.csv"]()
    command = shlex.split(about_of(shown)["command"])
    assert command[:4] == ["python", "-m", "amplify_viz", "compare"]
    command[command.index("--out") + 1] = str(tmp_path / "again")
    assert main(command[3:]) == 0
    capsys.readouterr()
    again = pd.read_csv(tmp_path / "again" / "tests.csv", skiprows=1)
    ours = pd.read_csv(BytesIO(shown), skiprows=1)
    again = again[again["measure"] == "entropy"].reset_index(drop=True)
    np.testing.assert_array_equal(ours["p_value"], again["p_value"])
    np.testing.assert_array_equal(ours["mean_difference"], again["mean_difference"])


def test_the_figure_of_a_comparison_is_the_one_that_its_command_makes(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = root / "texts.txt"
    texts.write_text(LINES)
    files = catch_files(monkeypatch)
    _compared(_opened(texts="File or folder", path=str(texts)))
    path = tmp_path / "comparison-map.svg"
    path.write_bytes(files["comparison-map.svg"]())
    again = remake(path)
    assert again.identical and again.path.read_bytes() == path.read_bytes()


def test_another_test_is_there_without_measuring_again() -> None:
    app = _compared(_pasted())
    app.selectbox(key="correction").set_value("None").run()
    for _ in range(100):
        if app.get("bidi_component"):
            break
        time.sleep(0.1)
        app.run()
    assert not [button for button in app.button if button.key == "compare"]
    assert any("No correction" in str(note.value) for note in app.markdown)


def test_it_says_that_two_checkpoints_are_not_two_methods() -> None:
    app = _compared(_pasted())
    assert any("never whether methods do" in str(info.value) for info in app.info)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("one\ttwo\nthree", "All lines are pairs"),
        ("a\tb\tc", "one tab between them"),
    ],
)
def test_bad_texts_are_one_sentence(lines: str, said: str) -> None:
    app = _pasted(lines)
    assert any(said in str(error.value) for error in app.error)


@pytest.mark.parametrize("path", ["/etc/passwd", "/nowhere/at/all.jsonl"])
def test_a_path_outside_the_allowed_folders_is_refused_whether_it_is_there_or_not(path: str) -> None:
    app = _opened(texts="File or folder", path=path)
    assert any("A typed path lies below" in str(error.value).replace("\\", "") for error in app.error)


def test_the_data_that_the_runs_were_trained_on_may_be_read(scratch: Path) -> None:
    app = _opened(texts="File or folder")
    assert app.text_input(key="path").value == str(scratch / "animals")
    assert not app.error
    assert any("10 pairs" in str(words.value) for words in app.markdown)


def test_one_run_against_itself_is_refused_in_a_sentence() -> None:
    app = _pasted()
    app.multiselect(key="cb").set_value(app.multiselect(key="ca").value).run()
    _compared(app)
    assert any("identical in weights" in str(error.value) for error in app.error)


def test_one_against_several_is_refused_in_a_sentence() -> None:
    app = _pasted()
    app.multiselect(key="cb").set_value(["MiniLM backbone", *app.multiselect(key="cb").value]).run()
    _compared(app)
    assert any("Two runs are compared, or two groups" in str(error.value) for error in app.error)


def test_an_empty_side_asks_for_a_run() -> None:
    app = _pasted()
    app.multiselect(key="ca").set_value([]).run()
    assert any("at least one run on each side" in str(info.value) for info in app.info)


def test_seeds_of_two_methods_are_groups_at_first(root: Path, tmp_path: Path) -> None:
    runs = tmp_path / "more"
    first = next(run for run in find_runs(root) if isinstance(run, Run))
    for method in ("none", "amplify"):
        for seed in (0, 1):
            settings = RunConfig(method, first.config.data, first.config.backbone, seed, epochs=1, batch_size=8)
            train(settings, runs)
    found = choices([run for run in find_runs(runs) if isinstance(run, Run)])
    a, b = default_sides(found)
    assert [label.split(" · ")[0] for label in a] == ["none", "none"]
    assert [label.split(" · ")[0] for label in b] == ["amplify", "amplify"]
    assert default_sides(choices([])) == ([], [])


@pytest.mark.parametrize(
    ("values", "small", "written"),
    [
        ([2.88e-8, 1.07e-6, 0.45], True, ["2.88e-08", "1.07e-06", "4.50e-01"]),
        ([0.012, 0.45, 1.0], True, ["0.012", "0.450", "1.000"]),
        ([-0.0123456, 1.07e-6], False, ["-0.01235", "0.00000"]),
        ([407.0, 12.25], False, ["407.0", "12.2"]),
        ([12345.6, 1.0], False, ["12346", "1"]),
        ([2.88e-8, 1.07e-6], False, ["2.880e-08", "1.070e-06"]),
        ([float("nan"), float("inf"), 0.0], False, ["nan", "inf", "0.000"]),
    ],
)
def test_a_column_has_one_format(values: list[float], small: bool, written: list[str]) -> None:
    kind = one_format(pd.Series(values), small=small)
    assert [kind % value for value in values] == written
