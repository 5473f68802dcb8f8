"""The curves of a run while it is trained."""

import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from amplify_viz.ui.train_curves import POINTS, accuracy_curve, loss_curve


def _write_steps(path: Path, losses: list[float]) -> None:
    lines = [json.dumps({"step": i, "loss": loss, "lam": 0.9, "seconds": 0.1}) for i, loss in enumerate(losses, 1)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_short_loss_curve_has_every_step_and_its_running_mean(tmp_path: Path) -> None:
    _write_steps(tmp_path / "steps.jsonl", [float(i % 2) for i in range(80)])
    curve = loss_curve(tmp_path / "steps.jsonl")
    assert list(curve["step"]) == list(range(1, 81))
    assert set(curve["mean"].iloc[1:]) == {0.5}  # a fortieth of 80 steps: two


def test_a_long_loss_curve_is_thinned_and_keeps_its_course(tmp_path: Path) -> None:
    rng = random.Random(0)
    n = 60_000
    _write_steps(tmp_path / "steps.jsonl", [math.exp(-i / n) + rng.gauss(0, 0.05) for i in range(n)])
    assert (tmp_path / "steps.jsonl").stat().st_size > 2**20
    curve = loss_curve(tmp_path / "steps.jsonl")
    assert len(curve) <= POINTS
    assert curve["step"].iloc[0] < 50 and curve["step"].iloc[-1] > n - 50
    for step, loss in zip(curve["step"], curve["loss"], strict=True):
        assert loss == pytest.approx(math.exp(-step / n), abs=0.05)


@pytest.mark.parametrize("read", [loss_curve, accuracy_curve])
def test_what_is_no_line_is_passed_over(tmp_path: Path, read: Callable[[Path], Any]) -> None:
    good = '{"step": 1, "loss": 2.0, "epoch": 1, "dev_accuracy": 0.5}'
    bad = [
        "[]",
        '{"step": "x"}',
        '{"step": 2, "loss": NaN, "epoch": 2, "dev_accuracy": NaN}',
        '{"step": 3, "lo',
        "\xff",
    ]
    (tmp_path / "lines").write_text("\n".join([*bad, good]), encoding="latin-1")
    assert len(read(tmp_path / "lines")) == 1
    assert len(read(tmp_path / "missing")) == 0
