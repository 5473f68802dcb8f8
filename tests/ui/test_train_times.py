"""How long runs will take: from which run it is told, and how it is spelt."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from amplify_viz import Run, RunConfig
from amplify_viz.runs import run_folder
from amplify_viz.ui.train_estimate import estimate, spell


def _run(config: RunConfig, *, rows: int = 100, seconds: float = 50.0, steps: int = 25, created: str = "1") -> Run:
    details = {
        "seconds": seconds,
        "steps": steps,
        "data": {"rows": {"train": rows}},
        "seconds_per_step": seconds / steps,
    }
    return Run(run_folder(Path("runs"), config), config, ("no", "yes"), {}, "", created, details)


def test_the_time_is_scaled_from_a_run_of_the_same_backbone_on_the_same_data() -> None:
    base = RunConfig("none", epochs=2, batch_size=8)
    run = _run(base)  # 50 s for 25 steps of 8 rows: 0.25 s a row
    found = estimate(replace(base, method="amplify", epochs=4, batch_size=16, fraction=0.5), [run])
    assert found.seconds == pytest.approx(4 * 50 * 0.25)
    assert found.measured_on is run


def test_few_rows_of_each_label_take_little_time() -> None:
    base = RunConfig("none", epochs=2, batch_size=8)
    assert estimate(replace(base, per_class=5), [_run(base)]).seconds == pytest.approx(2 * 10 * 0.25)


def test_the_nearest_and_then_the_newest_run_is_measured_on() -> None:
    base = RunConfig("none", batch_size=8)
    far, old, new = (
        _run(replace(base, batch_size=64), created="3"),
        _run(base, created="1"),
        _run(replace(base, seed=1), created="2"),
    )
    assert estimate(base, [far, old, new]).measured_on is new


@pytest.mark.parametrize(
    "details", [{}, {"seconds": "x", "steps": 3}, {"seconds": 1, "steps": 0}, {"seconds": 1, "steps": 5, "data": 3}]
)
def test_without_a_run_that_tells_the_time_is_unknown(details: dict[str, Any]) -> None:
    run = replace(_run(RunConfig()), details=details)
    assert estimate(RunConfig(), [run]).seconds is None


def test_other_data_give_no_time_but_name_a_run() -> None:
    run = _run(RunConfig())
    found = estimate(RunConfig(data="mrpc"), [run])
    assert (found.seconds, found.measured_on) == (None, run)


@pytest.mark.parametrize(("seconds", "words"), [(40, "40 s"), (720, "12 min"), (12_600, "3.5 h")])
def test_times_are_spelt_as_a_person_says_them(seconds: float, words: str) -> None:
    assert spell(seconds) == words
