"""A run that is killed at any moment and begun again ends with the same weights, bit for bit."""

import json
import os
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from amplify_viz import RunConfig
from amplify_viz.runs import PartialRun, find_runs, partial_folder
from tests.tiny import save_tiny
from tests.tiny_runs import save_pairs

PROJECT = Path(__file__).parents[2]
EPOCHS, STEPS_AN_EPOCH = 4, 5

# Trains the run once for each moment of a list, each time in a process of its own that kills itself there; "end" lets it be.
ATTEMPTS = """
import json, os, signal, sys
from pathlib import Path
import torch
from amplify_viz import RunConfig
from training import loop, reporting

root, config, moments = Path(sys.argv[1]), RunConfig(**json.loads(sys.argv[2])), json.loads(sys.argv[3])

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def attempt(moment):
    kind, at = moment
    if kind == "step":
        end = reporting.StepLog.on_step_end
        def on_step_end(self, args, state, control, **what):
            end(self, args, state, control, **what)
            if state.global_step == at:
                die()
        reporting.StepLog.on_step_end = on_step_end
    if kind == "save":
        save, calls = torch.save, []
        def half(content, path, *rest, **what):
            save(content, path, *rest, **what)
            calls.append(path)
            if len(calls) == at:
                os.truncate(path, os.path.getsize(path) // 2)
                die()
        torch.save = half
    if kind == "appear":
        loop.appear = lambda *_: die()
    loop.train(config, root)

for moment in moments:
    child = os.fork()
    if child == 0:
        attempt(moment)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(json.dumps({"moment": moment, "killed": os.WIFSIGNALED(status), "code": os.waitstatus_to_exitcode(status)}))
"""

Moment = tuple[str, int]


def attempts(root: Path, config: RunConfig, moments: list[Moment], *, before: str = "") -> list[dict[str, object]]:
    """Trains in processes that are killed at these moments, and says what became of each.  before: code that runs first."""
    done = subprocess.run(
        [sys.executable, "-c", before + ATTEMPTS, str(root), json.dumps(asdict(config)), json.dumps(moments)],
        cwd=PROJECT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    """Four epochs of five steps, with dropout and a mix that matters at each."""
    scratch = tmp_path_factory.mktemp("killed")
    data, backbone = save_pairs(scratch / "animals"), save_tiny(scratch / "tiny")
    return RunConfig(
        "tmix", str(data), str(backbone), epochs=EPOCHS, batch_size=8, learning_rate=1e-3, alpha=2.0, keep_epochs=True
    )


@pytest.fixture(scope="module")
def unharmed(config: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the run that nobody killed."""
    root = tmp_path_factory.mktemp("unharmed")
    assert attempts(root, config, [("end", 0)]) == [{"moment": ["end", 0], "killed": False, "code": 0}]
    return find_runs(root)[0].folder


def _same(folder: Path, other: Path) -> None:
    weights = [(one / "model.safetensors").read_bytes() for one in (folder, other)]
    assert weights[0] == weights[1], "the weights must be the same, bit for bit"
    steps = [[json.loads(line) for line in (one / "steps.jsonl").read_text().splitlines()] for one in (folder, other)]
    assert [[step["loss"], step["lam"]] for step in steps[0]] == [[step["loss"], step["lam"]] for step in steps[1]]
    assert (folder / "epochs.jsonl").read_text() == (other / "epochs.jsonl").read_text()
    for epoch in sorted((folder / "epochs").iterdir()):
        kept = other / "epochs" / epoch.name / "model.safetensors"
        assert (epoch / "model.safetensors").read_bytes() == kept.read_bytes()


def test_killed_at_three_random_steps(config: RunConfig, unharmed: Path, tmp_path: Path) -> None:
    steps = sorted(random.Random(7).sample(range(1, EPOCHS * STEPS_AN_EPOCH), 3))
    told = attempts(tmp_path, config, [*(("step", step) for step in steps), ("end", 0)])
    assert [one["killed"] for one in told] == [True, True, True, False]
    assert [type(run).__name__ for run in find_runs(tmp_path)] == ["Run"]
    _same(find_runs(tmp_path)[0].folder, unharmed)


def test_killed_while_it_saves_and_before_it_appears(config: RunConfig, unharmed: Path, tmp_path: Path) -> None:
    told = attempts(tmp_path, config, [("save", 1), ("save", 5)])
    assert [one["killed"] for one in told] == [True, True]
    (left,) = find_runs(tmp_path)
    assert (
        isinstance(left, PartialRun) and left.state == "interrupted" and left.folder == partial_folder(tmp_path, config)
    )
    told = attempts(tmp_path, config, [("appear", 0), ("end", 0)])
    assert [one["killed"] for one in told] == [True, False]
    _same(find_runs(tmp_path)[0].folder, unharmed)
