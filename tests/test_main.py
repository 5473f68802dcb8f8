"""The library's command line: what it writes, prints and refuses."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from amplify_viz.__main__ import main
from amplify_viz.comparison.sides import two_sides
from amplify_viz.config import RunConfig
from amplify_viz.errors import InputError
from amplify_viz.recipes import KINDS
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
    assert len(pd.read_csv(folder / "out01" / "distances.csv", skiprows=1)) == 30


def test_groups_measures_and_limits_can_be_chosen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ("--measure", "entropy", "jensen_shannon", "--correction", "bh", "--limit", "7")
    assert main(arguments(folder, "01", "23", *chosen)) == 0
    said = capsys.readouterr().out
    assert "With 2 against 2 runs" in said and "n = 7 sentence pairs from the first 7 of" in said
    assert "Benjamini–Hochberg correction" in said
    tests = pd.read_csv(folder / "out0123" / "tests.csv", skiprows=1)
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


def test_two_checkpoints_are_two_sides_and_files_say_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [str(folder / f"seed{seed}") for seed in (0, 1)]
    data = ["--data", str(folder / "pairs.jsonl"), "--cache", str(folder / "cache"), "--limit", "5"]
    assert main(["compare", "--runs", *runs, *data, "--out", str(folder / "short")]) == 0
    assert main(["compare", "--a", runs[0], "--b", runs[1], *data, "--out", str(folder / "long")]) == 0
    short, long = (pd.read_csv(folder / out / "tests.csv", skiprows=1) for out in ("short", "long"))
    pd.testing.assert_frame_equal(short, long)
    line = (folder / "short" / "tests.csv").read_text().splitlines()[0]
    about = json.loads(line.partition(": ")[2])
    assert line.startswith("# amplify_viz_table: ")
    assert [run["source"] for run in about["runs"]] == runs
    assert all(len(run["weights_sha256"]) == 64 for run in about["runs"])
    assert about["texts"][0].startswith(f"the first 5 of {folder}") and about["test"].startswith("Paired t")
    assert (folder / "short" / "summary.md").read_text().startswith("<!-- amplify_viz_table: ")
    capsys.readouterr()
    assert main(shlex.split(about["command"])[3:]) == 0
    assert capsys.readouterr().out.rstrip().endswith("summary.md")
    pd.testing.assert_frame_equal(pd.read_csv(folder / "short" / "tests.csv", skiprows=1), short)


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        (("--runs", "0"), "takes two checkpoints, or runs of two methods .* got 1 checkpoint. Say with --a and --b"),
        (("--runs", "0", "1", "2"), "got 3 checkpoints. Say with --a and --b"),
        (("--runs", "0", "1", "--a", "2"), "got 2 for --runs, 1 for --a and 0 for --b"),
        (("--a", "0"), "got 0 for --runs, 1 for --a and 0 for --b"),
        ((), "got 0 for --runs, 0 for --a and 0 for --b"),
    ],
)
def test_sides_are_said_in_one_way(
    sides: tuple[str, ...], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [str(folder / f"seed{word}") if word.isdigit() else word for word in sides]
    assert main(["report", *said, "--data", str(folder / "pairs.jsonl"), "--out", str(folder / "none")]) == 2
    assert re.search(message, " ".join(capsys.readouterr().err.split()))
    assert not (folder / "none").exists()


def test_runs_of_two_methods_are_grouped_by_method() -> None:
    def checkpoint(method: str, seed: int, **settings: Any) -> Any:
        return SimpleNamespace(run=SimpleNamespace(config=RunConfig(method, seed=seed, **settings)))

    runs = [checkpoint(method, seed) for seed in (0, 1) for method in ("amplify", "none")]
    assert two_sides(runs) == ([runs[0], runs[2]], [runs[1], runs[3]])
    assert two_sides(runs[:2]) == ([runs[0]], [runs[1]])
    for others, message in (
        ([*runs, checkpoint("tmix", 0)], "got 5 checkpoints of amplify, none, tmix"),
        ([*runs, checkpoint("none", 2, epochs=3)], "got 5 checkpoints of amplify, none with other settings"),
        ([*runs, SimpleNamespace(run=None)], "got 5 checkpoints"),
        ([checkpoint("none", seed) for seed in range(3)], "got 3 checkpoints of none"),
    ):
        with pytest.raises(InputError, match=message):
            two_sides(others)


@pytest.mark.parametrize(
    "words", [["compare"], ["report"], ["remake"], ["paper"], *(["figure", kind] for kind in KINDS)]
)
def test_help_tells_every_option(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*words, "--help"])
    lines = [line.strip("│ \n") for line in capsys.readouterr().out.splitlines()]
    options: dict[str, str] = {}
    name = ""
    for line in lines:
        if re.match("--[a-z]", line):
            name, _, told = re.sub(r"\[.*\]|\{[^}]*\}(\||$)", "", line).partition(" ")
            options[name] = re.sub(r"^\S*[A-Z]+\}?(?= |$)", "", told)
        elif options and not line.startswith(("╭", "╰", "─", "--")):
            options[name] += " " + line
    assert len(options) > 1
    silent = [
        name for name, told in options.items() if not re.sub(r"\((default|required|repeatable).*", "", told).strip()
    ]
    assert silent == []


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_is_for_the_short_name(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert script.splitlines()[-1].startswith("amplify-viz() { ")
    assert '\n_tyro_amplify_viz "$@"\n' not in script


def test_bash_completes_kinds_and_leaves_python_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "bash"])
    (tmp_path / "completion.sh").write_text(capsys.readouterr().out)
    script = """
source completion.sh
COMP_WORDS=(amplify-viz figure head-v); COMP_CWORD=2
$(complete -p amplify-viz | sed 's/.*-F \\([^ ]*\\).*/\\1/')
echo "${COMPREPLY[@]}"
complete -p python || echo nothing
"""
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["head-view", "nothing"]


@pytest.mark.parametrize(("end", "n_told"), [("pdf", 1), ("png", 1), ("svg", 0), ("csv", 0)])
def test_boxes_in_a_figure_are_told(end: str, n_told: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "a rabbit \U0010ffff"
    assert main(["figure", "head-view", "--run", "minilm", "--text", text, "--out", str(tmp_path / f"x.{end}")]) == 0
    assert capsys.readouterr().err.count("No font here has \U0010ffff: there are boxes") == n_told
