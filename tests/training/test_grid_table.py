"""The table of a grid: time left, live and last."""

import io
import re
import sys
from typing import Any

import pytest

from amplify_viz import RunConfig
from training.grid_table import Cell, last_table, seconds_left, shown


def cell(state: Any, data: str = "roles", **what: Any) -> Cell:
    return Cell(RunConfig(data=data), state, **what)


def test_the_time_left_is_what_the_running_have_and_the_mean_of_the_same_data_for_those_that_wait() -> None:
    running = cell("running", seconds=10.0, seconds_left=50.0)  # 60 in all
    slow = cell("done", "slow", seconds=600.0)
    assert seconds_left([running, cell("waiting"), cell("waiting")], 1) == 50 + 60 + 60
    assert seconds_left([running, cell("waiting"), cell("waiting")], 2) == (50 + 60 + 60) / 2
    assert seconds_left([running, running, slow, cell("waiting", "slow")], 10) == pytest.approx(70)
    assert seconds_left([running, slow, cell("waiting", "other")], 1) == 50 + 330  # as all do: (60 + 600) / 2
    assert seconds_left([cell("done", seconds=60.0), cell("running", seconds=20.0)], 1) == 40
    assert seconds_left([running], 8) == 50
    assert seconds_left([cell("waiting"), cell("failed"), cell("skipped")], 2) is None
    assert seconds_left([cell("done", seconds=5.0), cell("failed"), cell("skipped")], 2) == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_live_table_has_the_running_runs_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("LINES", "12")
    running = cell("running", progress=0.4, note="epoch 2 of 5, step 8", seconds=60.0, seconds_left=90.0)
    with shown(lambda: 1) as show:
        show([*[cell("waiting", f"data{i}") for i in range(50)], running])
    text = terminal.getvalue()
    assert re.search(r"roles/minilm/amplify-seed0.*running.*40 %.*1\.5 min.*epoch 2 of 5, step 8", text)
    assert "1 running, 50 waiting of 51 runs, 2 h 6 min left" in text  # 90 s and 50 times 150 s
    assert text.count("data") < 12


def test_without_a_terminal_each_end_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with shown(lambda: 1) as show:
        for _ in range(3):
            show([cell("failed", note="no room"), cell("running", "other", note="epoch 1")])
    assert capsys.readouterr().err == "failed: roles/minilm/amplify-seed0: no room\n"


def test_the_last_table_has_every_run_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    noisy = Cell(RunConfig(noise="swap", noise_share=0.05, layers="1-2"), "done", "test accuracy 81.00 %", seconds=90.0)
    last_table([noisy, cell("failed", note="[no] markup", traceback="Traceback: KeyError")])
    captured = capsys.readouterr()
    assert re.search(r"amplify-seed0-\w+ +swap 5 % +1-2 +done +1\.5 +test accuracy 81\.00 %", captured.out)
    assert re.search(r"amplify-seed0 +failed +\[no\] markup", captured.out)
    assert "1 failed, 1 done of 2 runs." in captured.out
    assert captured.err == "\nroles/minilm/amplify-seed0:\nTraceback: KeyError\n"
