"""The library's command line: what it writes, prints and refuses."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from amplify_viz.__main__ import main
from tests.corpus.brute import save_seeds, some_inputs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four tiny checkpoints, seed0 to seed3, and twelve pairs."""
    folder = tmp_path_factory.mktemp("compared")
    save_seeds(folder, 4)
    rows = [json.dumps({"text": text, "text_pair": pair, "label": 1}) + "\n" for text, pair in some_inputs(12)]
    (folder / "pairs.jsonl").write_text("".join(rows), encoding="utf-8")
    return folder


def arguments(folder: Path, a: str, b: str, *others: str) -> list[str]:
    sides = [["--" + name, *(str(folder / f"seed{seed}") for seed in side)] for name, side in (("a", a), ("b", b))]
    data = [
        "--data",
        str(folder / "pairs.jsonl"),
        "--out",
        str(folder / f"out{a}{b}"),
        "--cache",
        str(folder / "cache"),
    ]
    return ["compare", *sides[0], *sides[1], *data, *others]


def test_two_runs_give_tables_a_summary_and_progress(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(folder, "0", "1")) == 0
    said = capsys.readouterr()
    assert "# Two checkpoints compared" in said.out and "never whether methods do" in said.out
    assert said.out.rstrip().endswith("summary.md")
    assert "measured 24 of 24 texts × checkpoints, 0.0 min left" in said.err
    assert len(pd.read_parquet(folder / "out01" / "tests.parquet")) == 60
    assert len(pd.read_csv(folder / "out01" / "distances.csv")) == 30


def test_groups_measures_and_limits_can_be_chosen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ("--measure", "entropy", "jensen_shannon", "--correction", "bh", "--limit", "7")
    assert main(arguments(folder, "01", "23", *chosen)) == 0
    said = capsys.readouterr().out
    assert "With 2 against 2 runs" in said and "n = 7 sentence pairs from the first 7 of" in said
    assert "Benjamini–Hochberg correction" in said
    tests = pd.read_csv(folder / "out0123" / "tests.csv")
    assert set(tests["measure"]) == {"entropy"} and set(tests["inputs"]) == {7}


@pytest.mark.parametrize(
    ("a", "b", "others", "message"),
    [
        ("0", "0", (), "identical in weights, settings and tokenizer"),
        ("0", "12", (), "got 1 and 2"),
        ("0", "9", (), "nothing is found at"),
        ("0", "1", ("--limit", "0"), "a number of texts from 1, got 0"),
        ("0", "1", ("--text-column", "words"), "has no 'words'"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    a: str, b: str, others: tuple[str, ...], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(folder, a, b, *others)) == 2
    said = capsys.readouterr().err
    assert "\nerror: " in said and message in said and "Traceback" not in said


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "amplify_viz", "compare", "--help"]
    assert "--correction" in subprocess.run(command, check=True, capture_output=True, text=True).stdout
