"""A run that was stopped: what it goes on from, what it refuses to go on with, and what a crash leaves."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from amplify_viz import InputError, RunConfig, find_runs
from amplify_viz.checkpoints import Source, weights_sha256
from amplify_viz.runs import PartialRun, partial_folder, run_folder, write_status
from tests.tiny import save_tiny
from training.loop import train
from training.state import Inputs, last_checkpoint, trainer_state


def _stop_after(share: float) -> Callable[[float, str, float | None], None]:
    def report(progress: float, _message: str, _left: float | None) -> None:
        if progress > share:
            raise KeyboardInterrupt

    return report


def test_an_interrupted_run_goes_on_from_its_last_epoch(
    config: RunConfig, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.reporting.REPORT_EVERY", 0.0)
    with pytest.raises(KeyboardInterrupt):
        train(config, tmp_path, report=_stop_after(2 / 3))
    (partial,) = find_runs(tmp_path)
    assert isinstance(partial, PartialRun)
    assert (partial.state, partial.message) == ("interrupted", "stopped by the user")
    assert not run_folder(tmp_path, config).exists()
    begun: list[float] = []
    train(config, tmp_path, report=lambda progress, _message, _left: begun.append(progress))
    assert min(begun) > 2 / config.epochs
    lines = (run_folder(tmp_path, config) / "steps.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == list(range(1, 5 * config.epochs + 1))
    whole = [json.loads(line) for line in (run_folder(root, config) / "steps.jsonl").read_text().splitlines()]
    assert [json.loads(line)["lam"] for line in lines] == [step["lam"] for step in whole]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory, config: RunConfig) -> Path:
    """A runs folder with the run stopped in its third epoch."""
    root = tmp_path_factory.mktemp("stopped")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("training.reporting.REPORT_EVERY", 0.0)
        train(config, root, report=_stop_after(2 / 3))
    return root


@pytest.fixture
def resumable(stopped: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(stopped, tmp_path / "runs")


def test_a_partial_goes_on_only_with_its_own_data(config: RunConfig, resumable: Path, tmp_path: Path) -> None:
    other = shutil.copytree(config.data, tmp_path / "other" / "animals")
    with (other / "train.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps({"text": "a turtle", "label": "turtle"}))
    with pytest.raises(
        InputError, match=r"trained on other data .*'animals': delete .*partial and start again, or .* --runs"
    ):
        train(replace(config, data=str(other)), resumable)


def _other_backbone(config: RunConfig, folder: Path) -> RunConfig:
    """The config with another backbone of the same name."""
    return replace(config, backbone=str(save_tiny(folder / Path(config.backbone).name, seed=1)))


def test_a_partial_goes_on_only_from_its_own_backbone(config: RunConfig, resumable: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"trained on another backbone .*: delete .*partial and start again"):
        train(_other_backbone(config, tmp_path), resumable)


def test_another_backbone_of_the_same_name_is_refused(root: Path, config: RunConfig, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"trained on another backbone that is also called .*: rename the backbone, or"
    ):
        train(_other_backbone(config, tmp_path), root)


def test_hub_names_that_end_alike_are_other_backbones() -> None:
    ours, other = (Inputs.of({}, Source(name, name)) for name in ("ours/tiny", "other/tiny"))
    assert ours != other


def test_what_left_no_checkpoint_does_not_bind_the_next_attempt(
    config: RunConfig, resumable: Path, tmp_path: Path
) -> None:
    shutil.rmtree(trainer_state(partial_folder(resumable, config)))
    other = _other_backbone(config, tmp_path)
    assert train(other, resumable).details["backbone"]["weights_sha256"] == weights_sha256(Path(other.backbone))


@pytest.mark.parametrize("details", [{"data": None}, {"backbone": "minilm"}, {"backbone": None}])
def test_a_finished_run_that_does_not_say_its_inputs_is_refused(
    root: Path, config: RunConfig, tmp_path: Path, details: dict[str, Any]
) -> None:
    runs = shutil.copytree(root, tmp_path / "runs")
    path = run_folder(runs, config) / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **details}), encoding="utf-8")
    with pytest.raises(InputError, match=r"does not say what data and backbone .*: delete .* and start again"):
        train(config, runs)


def test_a_broken_run_folder_names_what_to_delete(config: RunConfig, tmp_path: Path) -> None:
    folder = run_folder(tmp_path, config)
    folder.mkdir(parents=True)
    with pytest.raises(InputError, match=f"run.json is missing.*delete {re.escape(str(folder))} and start again"):
        train(config, tmp_path)


def test_a_checkpoint_cut_off_by_a_crash_is_passed_over(config: RunConfig, resumable: Path) -> None:
    state = trainer_state(partial_folder(resumable, config))
    newest = Path(last_checkpoint(state) or "")
    for half in ("checkpoint-11", "checkpoint-12"):
        shutil.copytree(newest, state / half)
    (state / "checkpoint-11" / "trainer_state.json").unlink()
    (state / "checkpoint-12" / "trainer_state.json").write_text("", encoding="utf-8")
    assert last_checkpoint(state) == str(newest)
    assert not list(state.glob("checkpoint-1[12]"))
    train(config, resumable)


@pytest.mark.parametrize("name", ["optimizer.pt", "model.safetensors", "rng_state.pth"])
@pytest.mark.parametrize("kept", [0, 1000])
def test_a_damaged_checkpoint_names_what_to_delete_and_the_run_goes_on_without_it(
    config: RunConfig, resumable: Path, name: str, kept: int
) -> None:
    checkpoint = Path(last_checkpoint(trainer_state(partial_folder(resumable, config))) or "")
    (checkpoint / name).write_bytes((checkpoint / name).read_bytes()[:kept])
    with pytest.raises(
        InputError, match=f"{checkpoint.name}, which is damaged .*delete that folder and start it again"
    ):
        train(config, resumable)
    if name == "optimizer.pt":
        shutil.rmtree(checkpoint)
        train(config, resumable)


def test_early_stopping_counts_on_over_an_interruption(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.reporting.REPORT_EVERY", 0.0)
    monkeypatch.setattr("training.loop.accuracy", lambda _prediction: {"accuracy": 0.5})  # never better than at first
    patient = replace(config, epochs=6, patience=3)
    with pytest.raises(KeyboardInterrupt):
        train(patient, tmp_path, report=_stop_after(1 / 3))  # in epoch 3 of 6
    run = train(patient, tmp_path)
    assert (run.details["epochs_run"], run.details["best_epoch"]) == (4, 1)


@pytest.mark.parametrize("left", ["trainer", "status.json", "inputs.json"])
def test_a_crash_after_run_json_only_leaves_the_folder_to_be_renamed(
    root: Path, config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    runs = shutil.copytree(root, tmp_path / "runs")
    folder, partial = run_folder(runs, config), partial_folder(runs, config)
    folder.rename(partial)
    write_status(partial, config, "running", progress=1.0)
    (partial / "inputs.json").write_text("{}", encoding="utf-8")
    if left == "trainer":
        (trainer_state(partial) / "checkpoint-5").mkdir(parents=True)
    else:  # renamed already
        partial.rename(folder)
        for name in {"status.json", "inputs.json"} - {left}:
            (folder / name).unlink()
    monkeypatch.setattr("training.loop.MixupTrainer", None)  # nothing is trained
    train(config, runs)
    names = {path.name for path in run_folder(root, config).iterdir()}
    assert {path.name for path in folder.iterdir()} == names
    assert not names & {"trainer", "status.json", "inputs.json"}


def test_the_seconds_of_a_resumed_run_are_those_of_all_its_steps(config: RunConfig, resumable: Path) -> None:
    run = train(config, resumable)
    lines = (run.folder / "steps.jsonl").read_text(encoding="utf-8").splitlines()
    assert run.details["seconds"] == pytest.approx(sum(json.loads(line)["seconds"] for line in lines), abs=0.06)
