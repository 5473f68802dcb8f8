"""The Results page without a browser: what it shows of which runs, what it exports, and what it says of bad ones."""

import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from streamlit.testing.v1 import AppTest

from amplify_viz import RunConfig
from amplify_viz.recipes import PairedDifferences, recipe_of
from amplify_viz.results import paired_differences
from amplify_viz.results.gather import find_results, gather
from amplify_viz.runs import State, partial_folder, run_folder, write_status
from amplify_viz.ui import results_runs, training
from amplify_viz.ui.results_compare import folders_of
from amplify_viz.ui.results_runs import identity, read_runs
from amplify_viz.ui.results_table import runs_table
from tests.results.fake_runs import write_result
from tests.ui.table_files import about_of, catch_files

MAIN = str(Path(__file__).parents[2] / "amplify_viz" / "ui" / "main.py")
BINS = [{"low": 0.5, "high": 0.75, "rows": 0, "confidence": None, "accuracy": None}]
BINS += [{"low": 0.75, "high": 1.0, "rows": 8, "confidence": 0.9, "accuracy": 0.75}]
NOBODY = {"pid": None, "pid_started": None}
MEASURED: Mapping[str, Any] = {"measured": {"test": {"reliability": BINS}}}
LAM: Mapping[str, Any] = {"lam": {"mean": 0.9, "histogram": {"edges": [0.0, 0.5, 1.0], "counts": [1, 7]}}}
RIGHT: Mapping[str, list[list[int]]] = {
    "none": [[1, 1, 0, 0, 1, 0, 1, 1], [1, 0, 0, 0, 1, 1, 1, 1]],
    "amplify": [[1, 1, 1, 0, 1, 1, 1, 1], [1, 1, 0, 1, 1, 1, 1, 1]],
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty runs folder, the app's; nothing comes with the project."""
    monkeypatch.setenv("AMPLIFY_VIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.delenv("AMPLIFY_VIZ_DEMO", raising=False)
    monkeypatch.setattr(results_runs, "SHIPPED", tmp_path / "shipped")
    return tmp_path / "runs"


def _config(method: str = "none", seed: int = 0, **settings: Any) -> RunConfig:
    return RunConfig(method, "mrpc", "minilm", seed, **settings)


def _write_four(root: Path) -> None:
    """Runs of none and amplify on two seeds, with everything that a run leaves but its weights."""
    for method, seeds in RIGHT.items():
        for seed, right in enumerate(seeds):
            folder = write_result(root, _config(method, seed), right=right, **MEASURED, **LAM)
            _write_curves(folder)


def _write_curves(folder: Path, n_steps: int = 6) -> None:
    steps = [json.dumps({"step": step, "loss": 1 / step}) for step in range(1, n_steps + 1)]
    epochs = [json.dumps({"epoch": epoch, "dev_accuracy": 0.5 + epoch / 10}) for epoch in (1, 2)]
    (folder / "steps.jsonl").write_text("\n".join(steps), encoding="utf-8")
    (folder / "epochs.jsonl").write_text("\n".join(epochs), encoding="utf-8")


def _opened(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.switch_page("app_pages/results.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def _said(app: AppTest) -> str:
    elements = [*app.error, *app.info, *app.caption, *app.markdown, *app.subheader]
    return " | ".join(element.value.replace("\\", "") for element in elements)


def _downloads(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


def test_without_runs_one_sentence_says_where_to_train(root: Path) -> None:
    app = _opened()
    assert "No finished run below" in app.info[0].value
    assert len(app.get("page_link")) == 1
    assert not app.tabs


def test_every_run_is_a_row_in_the_papers_order(root: Path) -> None:
    _write_four(root)
    app = _opened()
    table = app.dataframe[0].value
    assert list(table["method"]) == ["none", "none", "amplify", "amplify"]
    assert list(table["seed"]) == [0, 1, 0, 1]
    assert list(table["accuracy, %"]) == [62.5, 62.5, 87.5, 87.5]
    assert "**4 finished runs**" in _said(app)
    assert _downloads(app) == ["CSV", "Markdown", "LaTeX"]


def test_only_runs_with_weights_link_to_explore(root: Path) -> None:
    _write_four(root)
    assert "open" not in _opened().dataframe[0].value
    (run_folder(root, _config()) / "model.safetensors").touch()
    links = _opened().dataframe[0].value["open"]
    assert links.iloc[0] == "./?run=none+%C2%B7+seed+0+%C2%B7+mrpc%2Fminilm"
    assert links.isna().sum() == 3


def test_missing_numbers_and_settings_that_agree_are_no_trouble(root: Path) -> None:
    write_result(root, _config(), 0.75)
    table = runs_table(read_runs(root).frame, "dev")
    assert table["accuracy, %"].tolist() == [37.5]
    assert table["NLL"].isna().all()
    assert not {"settings", "from"} & set(table)


def test_settings_are_shown_where_they_differ(root: Path) -> None:
    write_result(root, _config("amplify"))
    write_result(root, _config("amplify", alpha=0.3))
    assert sorted(_opened().dataframe[0].value["settings"]) == ["", "alpha 0.3"]


def test_the_choices_of_a_link_are_what_is_shown(root: Path) -> None:
    _write_four(root)
    write_result(root, RunConfig("none", "sst2", "minilm"))
    assert set(_opened(data=["SST-2"]).dataframe[0].value["data"]) == {"SST-2"}
    assert set(_opened(method=["amplify"], split="dev").dataframe[0].value["method"]) == {"amplify"}


@pytest.mark.parametrize(
    "query", [{"data": ["nothing"]}, {"method": ["x"]}, {"metric": "x"}, {"split": "x"}, {"section": "x"}]
)
def test_a_bad_link_falls_back_to_everything(root: Path, query: dict[str, str | list[str]]) -> None:
    _write_four(root)
    write_result(root, RunConfig("none", "sst2", "minilm"))
    assert len(_opened(**query).dataframe[0].value) == 5


def test_a_broken_run_is_listed_with_its_reason_and_the_others_are_shown(root: Path) -> None:
    _write_four(root)
    write_result(root, _config("tmix"), schema=7)
    app = _opened()
    assert "schema 7" in _said(app)
    assert len(app.dataframe[0].value) == 4


def test_results_that_come_with_the_project_count_once_and_can_be_left_out(root: Path, tmp_path: Path) -> None:
    for folder in (root, tmp_path / "shipped"):
        write_result(folder, _config(), 0.5)
    write_result(tmp_path / "shipped", _config("amplify"), 0.75)
    app = _opened()
    assert app.dataframe[0].value[["method", "from"]].to_numpy().tolist() == [
        ["none", "runs folder"],
        ["amplify", "the project"],
    ]
    app.toggle(key="shipped").set_value(False).run()
    assert list(app.dataframe[0].value["method"]) == ["none"]
    assert len(_opened(shipped="false").dataframe[0].value) == 1


def test_without_results_of_the_project_nothing_is_asked(root: Path) -> None:
    _write_four(root)
    assert not _opened().toggle


def test_runs_in_progress_are_counted_by_state(root: Path) -> None:
    _write_four(root)
    states: Mapping[int, Any] = {2: "running", 3: "running", 4: "failed"}
    for seed, state in states.items():
        write_status(partial_folder(root, _config(seed=seed)), _config(seed=seed), state)
    assert "**4 finished runs** · 2 in training · 1 failed" in _said(_opened())


@pytest.mark.parametrize(("works", "named"), [(True, "1 queued"), (False, "1 waiting")])
def test_a_run_that_waits_is_counted_as_the_page_train_counts_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, works: bool, named: str
) -> None:
    _write_four(root)
    monkeypatch.setattr(training, "is_working", lambda _: works)
    for seed, state in enumerate(("running", "queued", "interrupted"), 2):
        owner = {} if state == "running" else NOBODY
        write_status(partial_folder(root, _config(seed=seed)), _config(seed=seed), cast(State, state), **owner)
    assert f"**4 finished runs** · 1 in training · {named} · 1 interrupted" in _said(_opened())
    assert [f"1 {entry.state}" for entry in training.overview(root).entries][1] == named


def test_a_run_json_is_read_again_only_where_something_changed(root: Path) -> None:
    _write_four(root)
    before = read_runs(root)
    assert read_runs(root) is before
    folder = run_folder(root, _config())
    content = (folder / "run.json").read_text(encoding="utf-8").replace('"accuracy": 0.625', '"accuracy": 0.125')
    (folder / "run.json").write_text(content, encoding="utf-8")
    os.utime(folder / "run.json", ns=(1, 1))
    assert 0.125 in set(read_runs(root).frame["test_accuracy"])


def test_a_runs_identity_changes_with_its_file(root: Path) -> None:
    write_result(root, _config())
    (run,) = read_runs(root).runs.values()
    before = identity(run)
    os.utime(run.folder / "run.json", ns=(1, 1))
    assert identity(run) != before


def test_the_papers_table_stands_beside_ours_with_its_notes(root: Path) -> None:
    _write_four(root)
    app = _opened(section="Paper tables")
    table = app.table[0].value
    assert [text.replace("\\", "") for text in table["source"]] == [
        "**ours**",
        "paper,\N{NO-BREAK SPACE}BERT-base".replace(",\N{NO-BREAK SPACE}", ", "),
    ] * 2
    assert (
        table["MRPC"].iloc[0].replace("\\", "")
        == "**62.50\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}0.00\N{NO-BREAK SPACE}(2)**"
    )
    assert "Table 2." in _said(app)
    assert "every setting that is not named is the paper's" in _said(app)
    assert list(app.dataframe[0].value["values"]) == ["62.50, 62.50", "87.50, 87.50"]
    assert _downloads(app) == ["CSV", "Markdown", "LaTeX"] * 2  # of the table, and of its cells


def test_every_file_of_a_table_says_of_which_runs_it_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = catch_files(monkeypatch)
    _write_four(root)
    _opened(section="Paper tables")
    assert set(files) == {f"table-2{part}.{end}" for part in ("", "-cells") for end in ("csv", "md", "tex")}
    for name, make in files.items():
        about = about_of(make())
        assert about["table"].startswith("Table 2"), name
        assert (len(about["runs"]), about["metric"], about["split"]) == (4, "accuracy", "test"), name
        assert all("seed" in folder for folder in about["runs"]), name


def test_a_table_is_chosen_where_several_have_runs(root: Path) -> None:
    write_result(root, _config("amplify"))
    write_result(root, _config("amplify", draws=3))
    app = _opened(section="Paper tables", table="1")
    assert "Table 1." in _said(app)
    assert "Table 2." in _said(
        _opened(section="Paper tables", table="9", metric="accuracy").button_group[0].set_value("2").run()
    )


def test_differences_are_those_of_the_library_in_plain_words(root: Path) -> None:
    _write_four(root)
    app = _opened(section="Against none")
    (sentence,) = paired_differences(gather(find_results(root)))["sentence"]
    assert sentence in _said(app)
    mcnemar = app.dataframe[0].value
    assert list(mcnemar["only method right"]) == [2, 2]
    assert list(mcnemar["only none right"]) == [0, 0]


def test_the_differences_are_a_figure_that_a_command_makes_again(root: Path) -> None:
    _write_four(root)
    app = _opened(section="Against none")
    assert len(app.get("image")) == 2
    assert [one for one in _downloads(app) if one != "PGF"][:6] == ["SVG", "PDF", "PNG", "CSV", "JSON", "LaTeX"]
    assert "Test accuracy in points, minus that of none with the same seed, on MRPC" in _said(app)
    command = shlex.split(app.code[0].value)
    recipe = recipe_of(command[command.index("figure") + 1 : command.index("--out")])
    assert recipe == PairedDifferences(run=(str(root / "mrpc"),))
    made = recipe.make()
    differences = paired_differences(gather(find_results(root)))
    assert made.table["difference"].tolist() == list(differences["differences"].iloc[0])
    assert not app.error


def test_a_figure_of_differences_names_the_methods_that_are_chosen(root: Path) -> None:
    _write_four(root)
    write_result(root, _config("tmix"), 0.5)
    app = _opened(section="Against none", method=["amplify"])
    assert "--method=amplify" in app.code[0].value


def test_a_data_sets_folder_stands_for_its_runs_where_it_holds_no_other() -> None:
    runs = ["runs/mrpc/minilm/none-seed0", "runs/mrpc/bert/none-seed0", "runs/sst2/minilm/none-seed0"]
    assert folders_of(runs, runs) == ["runs/mrpc", "runs/sst2"]
    assert folders_of(runs[1:], runs) == [runs[1], "runs/sst2"]


def test_the_bootstrap_is_drawn_when_it_is_asked_for(root: Path) -> None:
    _write_four(root)
    app = _opened(section="Against none")
    assert len(app.dataframe) == 1
    app.button(key="bootstrap").click().run()
    assert app.dataframe[1].value["mean difference"].tolist() == [25.0]


def test_the_baseline_is_compared_to_even_where_its_method_is_not_shown(root: Path) -> None:
    _write_four(root)
    app = _opened(section="Against none", method=["amplify"])
    assert "amplify − none" in _said(app)


@pytest.mark.parametrize(
    ("methods", "words"),
    [(["amplify"], "there are none here"), (["none", "amplify"], "train both with equal settings")],
)
def test_without_pairs_it_is_said_what_lacks(root: Path, methods: list[str], words: str) -> None:
    for seed, method in enumerate(methods):
        write_result(root, _config(method, seed))
    assert words in _said(_opened(section="Against none"))


def test_predictions_that_lack_are_said_and_the_rest_is_shown(root: Path) -> None:
    _write_four(root)
    (run_folder(root, _config()) / "predictions-test.parquet").unlink()
    app = _opened(section="Against none")
    mcnemar = app.dataframe[0].value
    assert "is missing" in mcnemar["status"].iloc[0]
    assert mcnemar["status"].iloc[1] == "tested"


@pytest.mark.parametrize("figure", ["Loss curves", "Reliability", "Mixing weight"])
def test_each_figure_is_drawn_in_both_widths_and_exported(root: Path, figure: str) -> None:
    _write_four(root)
    app = _opened(section="Figures", figure=figure)
    n = 2 if figure == "Mixing weight" else 1
    assert len(app.get("image")) == 2 * n
    assert [one for one in _downloads(app) if one != "PGF"] == ["SVG", "PDF", "PNG", "CSV", "JSON", "LaTeX"] * n
    assert not app.error


def test_noise_is_offered_only_where_runs_have_it(root: Path) -> None:
    _write_four(root)
    assert "Noise" not in _opened(section="Figures").button_group[1].options
    write_result(root, _config("amplify", noise="delete", noise_share=0.1))
    app = _opened(section="Figures", figure="Noise")
    assert len(app.get("image")) == 2


@pytest.mark.parametrize(
    ("figure", "words"),
    [("Loss curves", "None of these runs has a steps.jsonl"), ("Reliability", "None of these runs has measured")],
)
def test_runs_that_lack_what_a_figure_needs_are_said(root: Path, figure: str, words: str) -> None:
    write_result(root, _config())
    app = _opened(section="Figures", figure=figure)
    assert words in _said(app)


def test_runs_without_steps_are_left_out_and_counted(root: Path) -> None:
    _write_four(root)
    (run_folder(root, _config()) / "steps.jsonl").unlink()
    app = _opened(section="Figures")
    assert "1 of 4 runs left out: without steps.jsonl." in _said(app)
    assert len(app.get("image")) == 2


def test_names_are_never_markup(root: Path) -> None:
    write_result(root, RunConfig("none", "mrpc", "x--:red[y]"))
    write_result(root, RunConfig("none", "mrpc", "minilm"))
    for section in ("Runs", "Paper tables", "Figures"):
        assert not _opened(section=section).error
