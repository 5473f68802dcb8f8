"""One run on several processes, in half precision, with accumulated gradients, compiled."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from amplify_viz import InputError, Run, RunConfig, load
from amplify_viz.runs import read_run, run_folder
from tests.tiny import save_tiny
from tests.tiny_runs import save_pairs
from training import loop
from training.loop import train
from training.processes import Team

NO_DROPOUT: dict[str, Any] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
PROJECT = Path(__file__).parents[2]

# What each process runs: a run as the command line begins it, and then this process's weights in a file of its own.
IN_EACH_PROCESS = """
import json, os, sys
from dataclasses import replace
from pathlib import Path
import torch
from amplify_viz import RunConfig
from training import loop
root, config = Path(sys.argv[1]), RunConfig(**json.loads(sys.argv[2]))
measure = loop.measure
def keep(trainer, rows, *, data):
    weights = torch.cat([p.detach().flatten() for p in trainer.accelerator.unwrap_model(trainer.model).parameters()])
    torch.save((weights, trainer.lams), root / f"process-{os.environ['RANK']}.pt")
    return measure(trainer, rows, data=data)
loop.measure = keep
print(loop.train(config, root).folder)
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    """Two epochs of five steps of eight rows, without dropout."""
    scratch = tmp_path_factory.mktemp("scale")
    backbone = save_tiny(scratch / "tiny", **NO_DROPOUT)
    return RunConfig(
        "lam1", str(save_pairs(scratch / "animals")), str(backbone), epochs=2, batch_size=8, learning_rate=1e-3
    )


@pytest.fixture(scope="module")
def alone(config: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run in one process."""
    return train(config, tmp_path_factory.mktemp("alone"))


def _torchrun(root: Path, settings: dict[str, Any]) -> Run:
    root.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    script = root / "process.py"
    script.write_text(IN_EACH_PROCESS, encoding="utf-8")
    done = subprocess.run(
        [*command, str(script), str(root), json.dumps(settings)],
        cwd=PROJECT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return read_run(run_folder(root, RunConfig(**settings)))


def _losses(run: Run) -> list[float]:
    return [json.loads(line)["loss"] for line in (run.folder / "steps.jsonl").read_text().splitlines()]


def _settings(config: RunConfig, **changes: Any) -> dict[str, Any]:
    changed = replace(config, **changes)
    return {
        **changed.changed,
        "method": changed.method,
        "data": changed.data,
        "backbone": changed.backbone,
        "seed": changed.seed,
    }


def test_two_processes_take_the_steps_of_one_on_the_joint_batch(config: RunConfig, alone: Run, tmp_path: Path) -> None:
    run = _torchrun(tmp_path, _settings(config, batch_size=4, processes=2))
    assert len(_losses(run)) == 10
    assert _losses(run) == pytest.approx(_losses(alone), abs=1e-5)
    first, second = (torch.load(tmp_path / f"process-{rank}.pt")[0] for rank in (0, 1))
    assert torch.equal(first, second), "the processes must end with the same weights"
    one, two = (pd.read_parquet(r.folder / "predictions-test.parquet") for r in (alone, run))
    pd.testing.assert_frame_equal(one, two, atol=1e-4)
    assert load(run.folder).label_names == ("rabbit", "turtle")
    assert not list(tmp_path.rglob("*.partial"))


def test_each_process_draws_partners_and_lam_of_its_own(config: RunConfig, tmp_path: Path) -> None:
    settings = _settings(config, method="embedmix", batch_size=4, processes=2, epochs=1)
    run = _torchrun(tmp_path, settings)
    (first, lams), (second, other_lams) = (torch.load(tmp_path / f"process-{rank}.pt") for rank in (0, 1))
    assert lams != other_lams
    assert torch.equal(first, second)
    assert _torchrun(tmp_path, settings).created == run.created, "a finished run is left as it is by all processes"


def test_a_config_for_another_number_of_processes_is_refused(config: RunConfig, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="processes=2, but 1 work on it: start it by torchrun"):
        train(replace(config, processes=2), tmp_path)
    assert not list(tmp_path.iterdir())


def test_one_process_is_a_team_of_its_own() -> None:
    assert Team.of_environment() == Team(0, 1)
    assert Team(0, 1).agreed("x") == "x"


def test_accumulated_passes_take_the_steps_of_the_joint_batch(config: RunConfig, alone: Run, tmp_path: Path) -> None:
    run = train(replace(config, batch_size=4, accumulate=2), tmp_path)
    assert _losses(run) == pytest.approx(_losses(alone), abs=1e-5)
    steps = [json.loads(line) for line in (run.folder / "steps.jsonl").read_text().splitlines()]
    assert [len(step["lams"]) for step in steps] == [2] * 10
    assert sum(run.details["lam"]["histogram"]["counts"]) == 20


def test_bf16_is_near_fp32_and_not_the_same(config: RunConfig, alone: Run, tmp_path: Path) -> None:
    run = train(replace(config, precision="bf16"), tmp_path)
    assert _losses(run) == pytest.approx(_losses(alone), abs=0.05)
    assert _losses(run) != _losses(alone)
    assert load(run.folder).model.dtype == torch.float32, "the weights are kept in full"


def test_fp16_without_a_gpu_is_refused(config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="precision=fp16 needs a GPU"):
        train(replace(config, precision="fp16"), tmp_path)


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")  # torch's own, as it traces
@pytest.mark.parametrize("method", ["none", "amplify"])
def test_a_compiled_model_takes_the_same_steps(
    config: RunConfig, method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "COMPILER", "aot_eager")  # inductor's graphs without its code: no compiler is needed
    mixed = replace(config, method=method, epochs=1)
    if method == "amplify":
        mixed = replace(mixed, alpha=5.0, draws=1)
    plain, compiled = (train(replace(mixed, compile=compiled), tmp_path) for compiled in (False, True))
    assert _losses(compiled) == pytest.approx(_losses(plain), abs=1e-4)
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] > 0, "nothing was compiled"  # noqa: SLF001


def test_methods_that_act_by_hooks_are_not_compiled() -> None:
    for method in ("tmix", "embedmix", "amplify-postln", "amplify-padaware", "sentencemix"):
        with pytest.raises(InputError, match=f"{method} acts by hooks, which torch.compile does not see"):
            RunConfig(method, compile=True)


def test_no_compiler_is_said_before_anything_begins(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(InputError, match=r"needs a C\+\+ compiler"):
        train(replace(config, compile=True), tmp_path)


def test_each_epochs_weights_are_kept_as_checkpoints(config: RunConfig, tmp_path: Path) -> None:
    run = train(replace(config, keep_epochs=True), tmp_path)
    assert sorted(path.name for path in (run.folder / "epochs").iterdir()) == ["001", "002"]
    first, last = (load(run.folder / "epochs" / name) for name in ("001", "002"))
    weights = [dict(checkpoint.model.named_parameters())["classifier.weight"] for checkpoint in (first, last)]
    assert not torch.equal(*weights)
    best = dict(load(run.folder).model.named_parameters())["classifier.weight"]
    assert torch.equal(best, weights[run.details["best_epoch"] - 1])


def test_epochs_are_written_as_they_end(config: RunConfig, alone: Run) -> None:
    lines = [json.loads(line) for line in (alone.folder / "epochs.jsonl").read_text().splitlines()]
    assert [(line["epoch"], line["step"]) for line in lines] == [(1, 5), (2, 10)]
    assert max(line["dev_accuracy"] for line in lines) == alone.metrics["dev"]["accuracy"]
