"""The steps' log where losses stay on the device: its lines are those of a log at each step, and nothing waits in between."""

import json
import math
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from amplify_viz import InputError, Mixup, RunConfig, prepare
from amplify_viz.runs import find_runs, partial_folder
from tests.tiny import save_tiny, tiny_model
from tests.tiny_runs import save_pairs
from tests.training.test_killed import attempts
from training import loop, reporting
from training.loop import train
from training.reporting import CPU, FETCH_EVERY, GPU, StepLog, Stopwatch
from training.trainer import MixupTrainer, OneDevice

STEPS_AN_EPOCH = 5

# What a GPU does to the log, before a run that test_killed's attempts begin.
AS_ON_A_GPU = """
from training import loop, reporting
loop.StepLog = lambda path, taken, **_: reporting.StepLog(path, taken, every=3)
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    """Two epochs of five steps, with dropout and a mix that matters at each."""
    scratch = tmp_path_factory.mktemp("steps")
    data, backbone = save_pairs(scratch / "animals"), save_tiny(scratch / "tiny")
    return RunConfig("amplify", str(data), str(backbone), epochs=2, batch_size=8, learning_rate=1e-3, alpha=2.0)


def _every(n_steps: int, mark: Callable[[], int] | None = None) -> Callable[..., StepLog]:
    """The log as a GPU has it, with other numbers: each moment is a second after the one before."""
    stopwatch = Stopwatch(mark or count().__next__, lambda begin, end: float(end - begin))
    return lambda path, taken, **_: StepLog(path, taken, every=n_steps, stopwatch=stopwatch)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _numbers(path: Path) -> list[int]:
    return [line["step"] for line in _lines(path)]


class _Logged(TrainerCallback):
    """Keeps what transformers logs of each step."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, float, float]] = []

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **_: Any
    ) -> None:
        if "loss" in logs:
            self.lines.append((state.global_step, logs["loss"], logs["learning_rate"]))


def _rows(n_rows: int) -> Any:
    generator = torch.Generator().manual_seed(0)
    return [{"input_ids": torch.randint(5, 20, (6,), generator=generator), "labels": i % 3} for i in range(n_rows)]


def _trainer(folder: Path, log: Callable[..., StepLog], **settings: Any) -> tuple[MixupTrainer, Path]:
    """Two epochs of nine batches of four."""
    arguments: Any = {
        "output_dir": str(folder / "trainer"),
        "per_device_train_batch_size": 4,
        "num_train_epochs": 2,
        "learning_rate": 1e-2,
        "lr_scheduler_type": "cosine",
        "save_strategy": "no",
        "use_cpu": True,
        "report_to": "none",
        "disable_tqdm": True,
        **settings,
    }
    model = prepare(tiny_model("bert"))
    mixup = Mixup("attention", alpha=2.0)
    trainer = MixupTrainer(model=model, args=OneDevice(**arguments), mixup=mixup, train_dataset=_rows(36))
    path = folder / "steps.jsonl"
    trainer.add_callback(log(path, lambda: (trainer.loss, trainer.lams)))
    return trainer, path


@pytest.mark.parametrize("every", [1, 4])
@pytest.mark.parametrize("settings", [{}, {"gradient_accumulation_steps": 2}, {"bf16": True}], ids=str)
def test_the_losses_and_rates_are_those_that_transformers_logs(
    every: int, settings: Mapping[str, Any], tmp_path: Path
) -> None:
    trainer, path = _trainer(tmp_path, _every(every), logging_steps=1, **settings)
    logged = _Logged()
    trainer.add_callback(logged)
    trainer.train()
    assert len(logged.lines) == (10 if "gradient_accumulation_steps" in settings else 18)
    assert [(line["step"], line["loss"], line["learning_rate"]) for line in _lines(path)] == logged.lines


@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_run_that_fetches_now_and_then_has_the_lines_of_one_that_does_at_each_step(
    config: RunConfig, accumulate: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(config, accumulate=accumulate)
    each = train(config, tmp_path / "each")
    monkeypatch.setattr(loop, "StepLog", _every(4))
    now_and_then = train(config, tmp_path / "now and then")
    ours, others = (_lines(run.folder / "steps.jsonl") for run in (now_and_then, each))
    assert [list(line) for line in ours] == [list(line) for line in others]
    assert [line | {"seconds": 0} for line in ours] == [line | {"seconds": 0} for line in others]
    assert {line["seconds"] for line in ours} == {1.0}
    assert now_and_then.details["weights_sha256"] == each.details["weights_sha256"]
    epochs = [(run.folder / "epochs.jsonl").read_text(encoding="utf-8") for run in (each, now_and_then)]
    assert epochs[0] == epochs[1] != ""


@pytest.mark.parametrize(
    ("settings", "saved"), [({"save_strategy": "epoch"}, [9, 18]), ({"save_steps": 6}, [6, 12, 18])]
)
def test_a_checkpoint_appears_after_the_lines_of_its_steps(
    settings: Mapping[str, Any], saved: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, path = _trainer(tmp_path, _every(100), **{"save_strategy": "steps", **settings})
    save, had = MixupTrainer._save_checkpoint, []  # noqa: SLF001

    def checked(self: MixupTrainer, *rest: Any) -> None:
        had.append(_numbers(path))
        save(self, *rest)

    monkeypatch.setattr(MixupTrainer, "_save_checkpoint", checked)
    trainer.train()
    assert had == [list(range(1, last + 1)) for last in saved]


def test_an_exception_loses_no_step_that_has_ended(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(progress: float, _message: str, _left: float | None) -> None:
        if round(2 * STEPS_AN_EPOCH * progress) == 8:
            raise KeyboardInterrupt  # as step 8 ends

    monkeypatch.setattr(loop, "StepLog", _every(100))
    monkeypatch.setattr(reporting, "REPORT_EVERY", 0.0)
    with pytest.raises(KeyboardInterrupt):
        train(config, tmp_path, report=stop)
    assert _numbers(partial_folder(tmp_path, config) / "steps.jsonl") == list(range(1, 8))
    run = train(config, tmp_path)
    assert _numbers(run.folder / "steps.jsonl") == list(range(1, 2 * STEPS_AN_EPOCH + 1))


@pytest.mark.parametrize("at", [7, 8, 9, 10])  # unwritten there: 2, none, 1, 2 of the steps
def test_a_run_killed_between_two_fetches_loses_and_doubles_no_step(config: RunConfig, at: int, tmp_path: Path) -> None:
    whole = train(config, tmp_path / "whole")
    told = attempts(tmp_path, config, [("step", at), ("end", 0)], before=AS_ON_A_GPU)
    assert [one["killed"] for one in told] == [True, False]
    (run,) = (run for run in find_runs(tmp_path) if run.folder.parts[: len(whole.folder.parts)] != whole.folder.parts)
    kept = [
        [(line["step"], line["loss"], line["lam"]) for line in _lines(r.folder / "steps.jsonl")] for r in (run, whole)
    ]
    assert kept[0] == kept[1]


def _log(path: Path, losses: list[float], **settings: Any) -> tuple[StepLog, Callable[[], None]]:
    """A log, and the taking of one step with the next loss."""
    state, step = TrainerState(), iter(losses)
    arguments = TrainingArguments(str(path.parent), learning_rate=0.5, use_cpu=True, report_to="none")
    scheduler: Any = SimpleNamespace(get_last_lr=lambda: [0.1 * state.global_step])
    log = StepLog(path, lambda: (torch.tensor(next(step)), [1.0]), **settings)
    log.on_train_begin(arguments, state, TrainerControl())

    def take() -> None:
        log.on_step_begin(arguments, state, TrainerControl(), lr_scheduler=scheduler)
        state.global_step += 1
        log.on_step_end(arguments, state, TrainerControl())

    return log, take


def test_lines_come_with_the_last_step_of_a_window(tmp_path: Path) -> None:
    asked: list[tuple[int, int]] = []

    def seconds(begin: int, end: int) -> float:
        asked.append((begin, end))
        return 0.25 * end

    path = tmp_path / "steps.jsonl"
    _, take = _log(path, [0.5] * 4, every=3, stopwatch=Stopwatch(count().__next__, seconds))
    for written in ([], [], [1, 2, 3], [1, 2, 3]):
        take()
        assert _numbers(path) == written
    assert asked == [(0, 1), (2, 3), (4, 5)], "a moment on a GPU is known once the losses have been fetched"
    assert [line["seconds"] for line in _lines(path)] == [0.25, 0.75, 1.25]
    assert [line["learning_rate"] for line in _lines(path)] == [0.0, 0.1, 0.2]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_the_first_loss_that_is_not_finite_is_named_with_its_step(wrong: float, tmp_path: Path) -> None:
    path = tmp_path / "steps.jsonl"
    log, take = _log(path, [0.5, 0.25, wrong, float("nan"), 0.5], every=5)
    for _ in range(4):
        take()
    said = rf"must stay finite, it is {wrong} at step 3: lower --learning-rate \(now 0.5\)"
    with pytest.raises(InputError, match=said), log.kept():
        take()
    assert _numbers(path) == [1, 2]


class _Poison(TrainerCallback):
    """Makes the weights NaN in the last update, after which no step's loss tells."""

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **_: Any
    ) -> None:
        if state.global_step == 2 * STEPS_AN_EPOCH - 1:
            with torch.no_grad():
                next(model.parameters()).fill_(math.nan)


def test_weights_that_the_last_step_spoilt_are_noticed_before_they_are_kept(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = loop._trainer  # noqa: SLF001

    def poisoned(*arguments: Any) -> MixupTrainer:
        trainer = make(*arguments)
        trainer.add_callback(_Poison())
        return trainer

    monkeypatch.setattr(loop, "_trainer", poisoned)
    said = r"dev loss must stay finite, it is nan after step 10: lower --learning-rate \(now 0.001\)"
    with pytest.raises(InputError, match=said):
        train(config, tmp_path)
    partial = partial_folder(tmp_path, config)
    assert len(_lines(partial / "epochs.jsonl")) == 1
    assert not list(partial.rglob("checkpoint-10")) and list(partial.rglob("checkpoint-5"))


def test_the_error_that_ended_the_training_is_the_one_that_is_told(tmp_path: Path) -> None:
    log, take = _log(tmp_path / "steps.jsonl", [0.5, float("nan")], every=5)
    with pytest.raises(RuntimeError, match="out of memory"), log.kept():
        take()
        take()
        raise RuntimeError("out of memory")
    assert _numbers(tmp_path / "steps.jsonl") == [1]


def test_a_gpu_gets_marks_and_is_looked_at_now_and_then(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    recorded = count(100, 250)

    class Event:
        def __init__(self, *, enable_timing: bool) -> None:
            assert enable_timing

        def record(self) -> None:
            self.milliseconds = next(recorded)

        def elapsed_time(self, end: "Event") -> float:
            return end.milliseconds - self.milliseconds

    monkeypatch.setattr(torch.cuda, "Event", Event)
    assert GPU.seconds(GPU.mark(), GPU.mark()) == 0.25
    for device, every, stopwatch in (("cuda:0", FETCH_EVERY, GPU), ("cpu", 1, CPU)):
        trainer: Any = SimpleNamespace(args=SimpleNamespace(device=torch.device(device)))
        log = loop._step_log(trainer, tmp_path)  # noqa: SLF001
        assert (log.every, log.stopwatch) == (every, stopwatch)


class _Reads(TorchDispatchMode):
    """Keeps who reads a tensor's number, for which a GPU would be waited for, and when: .item(), float(), `if tensor:`."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.moment = 0
        self.moments: defaultdict[str, set[int]] = defaultdict(set)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten._local_scalar_dense.default:  # noqa: SLF001
            files = [Path(frame.filename) for frame in traceback.extract_stack()[:-1]]
            self.moments[next(file.name for file in reversed(files) if "torch" not in file.parts)].add(self.moment)
        return func(*args, **(kwargs or {}))

    def mark(self) -> int:
        """A moment: between two lies a step, or what follows one."""
        self.moment += 1
        return self.moment

    def at_each(self, n_steps: int) -> set[str]:
        """The files outside torch that read in or after each step."""
        return {file for file, moments in self.moments.items() if len(moments) >= n_steps}


@pytest.fixture
def reads() -> Iterator[_Reads]:
    """Watches while the test runs."""
    with _Reads() as reads:
        yield reads


def test_no_step_reads_a_number_but_transformers_own_look_at_the_padding(
    config: RunConfig, reads: _Reads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "StepLog", _every(100, reads.mark))
    train(replace(config, method="none", alpha=None), tmp_path)
    assert reads.at_each(2 * STEPS_AN_EPOCH) == {"masking_utils.py"}


def test_a_log_at_each_step_would_be_found(reads: _Reads, tmp_path: Path) -> None:
    trainer, _ = _trainer(tmp_path, _every(100, reads.mark), logging_steps=1)
    trainer.train()
    assert "trainer.py" in reads.at_each(18)


def test_batches_reach_a_gpu_without_waiting_for_it(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "set_device", lambda _: None)
    arguments: Any = loop._arguments(config, tmp_path, n_rows=40)  # noqa: SLF001
    assert arguments.dataloader_pin_memory
    assert arguments.accelerator_config.non_blocking
