"""`python -m training results`: what is printed and written, and what is refused."""

from pathlib import Path

import pandas as pd
import pytest

from amplify_viz import RunConfig
from tests.results.fake_runs import write_result, write_seeds
from training.__main__ import main


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    root = tmp_path / "runs"
    for seed in range(3):
        for method, right in (("none", [1, 0, 0, 1, 1]), ("amplify", [1, 1, 0, 1, seed % 2])):
            write_result(root, RunConfig(method, "mrpc", seed=seed), right=right)
    return root


def results(*arguments: str | Path) -> int:
    return main(["results", *map(str, arguments)])


def test_the_tables_and_the_comparisons_are_printed(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert results("--runs", runs) == 0
    printed = capsys.readouterr().out
    assert "## Table 2: Methods: test accuracy (%)" in printed
    assert "| amplify | paper, BERT-base | 83.03 ± 0.33 |" in printed
    assert "- amplify − none on MRPC: test accuracy" in printed
    assert "McNemar" in printed and "bootstrap" in printed
    assert "Table 1" not in printed


@pytest.mark.parametrize(("form", "sign"), [("md", "| method |"), ("csv", "table,method,data"), ("latex", r"\toprule")])
def test_each_format_is_printed(runs: Path, form: str, sign: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert results("--runs", runs, "--table", "2", "--format", form) == 0
    assert sign in capsys.readouterr().out


def test_out_writes_every_table_in_every_format(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "a" / "out"
    assert results("--runs", runs, "--out", out) == 0
    names = {path.name for path in out.iterdir()}
    tables = ("table-2", "differences", "bootstrap", "mcnemar")
    assert names == {f"{table}.{end}" for table in tables for end in ("md", "csv", "tex")} | {"runs.csv"}
    assert len(pd.read_csv(out / "runs.csv")) == 6
    assert pd.read_csv(out / "differences.csv")["n"].tolist() == [3]


def test_a_comparison_that_cannot_be_made_is_told(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert results("--runs", runs, "--baseline", "label-smoothing") == 0
    assert "Nothing is compared: no run lies here beside one of label-smoothing" in capsys.readouterr().err


def test_a_run_that_is_left_out_for_another_is_named(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = write_result(tmp_path / "again", RunConfig("none", "mrpc"), 0.1, weights_sha256="1" * 64)
    assert results("--runs", runs, again) == 0
    assert f"left out: {again}: this run has the settings, seed and data of" in capsys.readouterr().err


def test_another_metric_has_no_tests_on_predictions(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert results("--runs", runs, "--metric", "nll") == 0
    printed = capsys.readouterr().out
    assert "negative log-likelihood (nats)" in printed
    assert "McNemar" not in printed


def test_runs_of_several_folders_are_taken_together(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_seeds(tmp_path / "committed", [0.9, 0.9], method="tmix")
    assert results("--runs", runs, tmp_path / "committed") == 0
    assert "| tmix | ours | 90.00 ± 0.00 (2) |" in capsys.readouterr().out


def test_a_broken_run_is_named_and_the_rest_is_shown(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_result(runs, RunConfig("tmix", "mrpc"), schema=99)
    assert results("--runs", runs) == 0
    said = capsys.readouterr()
    assert "left out: tmix-seed0: run.json has schema 99" in said.err
    assert "Table 2" in said.out


def test_no_runs_is_one_clear_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert results("--runs", tmp_path) == 0
    assert capsys.readouterr().out == f"No finished run below {tmp_path}: train one with python -m training run.\n"


def test_no_runs_of_a_table_is_one_clear_sentence(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert results("--runs", runs, "--table", "4") == 0
    assert "No finished run that belongs to the paper's Table 4 below" in capsys.readouterr().out


def test_the_folders_that_are_looked_in_unasked_may_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert results() == 0
    assert "below runs and assets/results" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--table", "9"], "tables 1 to 6, got 9"),
        (["--baseline", "mixup"], "A baseline is a method"),
        (["--runs", "no/such/folder"], "no folder no/such/folder"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    runs: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = arguments if "--runs" in arguments else ["--runs", str(runs), *arguments]
    assert results(*given) == 2
    assert message in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_exit_code_2(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert results("--runs", runs, "--out", tmp_path / "file") == 2
    assert "--out needs a folder that can be written" in capsys.readouterr().err
