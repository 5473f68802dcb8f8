"""What a run in progress writes down and says: its steps, its epochs, its progress."""

import contextlib
import json
import math
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from amplify_viz import InputError
from amplify_viz.runs import write_whole

Report = Callable[[float, str, float | None], None]
"""Called with the progress in [0, 1], a message, and the seconds left (None while unknown)."""

REPORT_EVERY = 1.0  # seconds
FETCH_EVERY = 20  # steps on a GPU between two looks at their losses


@dataclass(frozen=True)
class Stopwatch:
    """How a step is timed: mark() is a moment, seconds(begin, end) the time between two, asked when both have passed."""

    mark: Callable[[], Any]
    seconds: Callable[[Any, Any], float]


def _event() -> torch.cuda.Event:
    event = torch.cuda.Event(enable_timing=True)
    event.record()
    return event


CPU = Stopwatch(time.perf_counter, lambda begin, end: end - begin)
GPU = Stopwatch(_event, lambda begin, end: begin.elapsed_time(end) / 1000)
"""Marks are events among the work given to the GPU: making one waits for nothing."""


@dataclass(frozen=True)
class _Step:
    """A step that has ended, on a GPU perhaps only for the CPU: its loss may not be known yet."""

    number: int
    loss: Tensor
    lams: list[float]
    learning_rate: float
    begin: Any
    end: Any


def _diverged(what: str, value: float, moment: str, highest_rate: float) -> InputError:
    return InputError(
        f"The {what} must stay finite, it is {value} {moment}: lower --learning-rate (now {highest_rate:g})."
    )


class StepLog(TrainerCallback):
    """Appends one line a step to `steps.jsonl`: step, loss, lam, learning rate, seconds.

    taken: the loss and the lams of the step that has just ended.  The losses stay where they are for `every` steps, and are
    then fetched together; a checkpoint and an epoch's end, the last of which ends the training, fetch what there is.
    lam: the step's mean where it has several forward passes; then lams has each.  Of several processes it is the first one's.
    seconds: from the batch's arrival to the end of the optimiser's work; reading the batch is not in it.  On a GPU both are
    moments of its own: a step begins when the work given before has been done, so that none is counted twice.
    A resumed run drops the lines after the step it resumes from.  Every step before a checkpoint has one line.
    """

    def __init__(
        self,
        path: Path,
        taken: Callable[[], tuple[Tensor, Sequence[float]]],
        *,
        every: int = 1,
        stopwatch: Stopwatch = CPU,
    ) -> None:
        self.path, self.taken, self.every, self.stopwatch = path, taken, every, stopwatch
        self.begin: Any = None
        self.learning_rate, self.highest_rate = 0.0, 0.0
        self.unwritten: list[_Step] = []

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Keeps the lines of steps that the resumed state has seen."""
        self.highest_rate = args.learning_rate
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        kept = [line for line in lines if _step(line) <= state.global_step]
        write_whole(self.path, "".join(line + "\n" for line in kept))

    def on_step_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        lr_scheduler: Any = None,
        **_: Any,
    ) -> None:
        """Starts the step's clock."""
        self.learning_rate = lr_scheduler.get_last_lr()[0]
        self.begin = self.stopwatch.mark()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Stops it, and writes the lines where it is time.  Raises InputError as `write` does."""
        end = self.stopwatch.mark()
        loss, lams = self.taken()
        self.unwritten.append(_Step(state.global_step, loss, list(lams), self.learning_rate, self.begin, end))
        if len(self.unwritten) >= self.every or control.should_save:
            self.write()

    def on_epoch_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Writes what is left of the epoch, before its checkpoint.  Raises InputError as `write` does."""
        self.write()

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Within the block an exception loses no step: what is unwritten is written, as far as that can be, and it goes on."""
        try:
            yield
        except BaseException:
            with contextlib.suppress(InputError, OSError, RuntimeError):  # the first error is the one to be told
                self.write()
            raise

    def write(self) -> None:
        """Writes the lines of the steps since the last time; here alone a GPU is waited for.

        Raises InputError for the first step whose loss is not finite, after writing those before it: the run cannot recover.
        """
        steps, self.unwritten = self.unwritten, []
        if not steps:
            return
        losses = torch.stack([step.loss for step in steps]).tolist()
        n_finite = next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))
        lines = [
            json.dumps(self._line(step, loss)) + "\n" for step, loss in zip(steps, losses[:n_finite], strict=False)
        ]
        with self.path.open("a", encoding="utf-8") as file:
            file.write("".join(lines))
        if n_finite < len(losses):
            raise _diverged("loss", losses[n_finite], f"at step {steps[n_finite].number}", self.highest_rate)

    def _line(self, step: _Step, loss: float) -> dict[str, Any]:
        return {
            "step": step.number,
            "loss": loss,
            "lam": sum(step.lams) / len(step.lams),
            **({"lams": step.lams} if len(step.lams) > 1 else {}),
            "learning_rate": step.learning_rate,
            "seconds": round(self.stopwatch.seconds(step.begin, step.end), 4),
        }


class EpochLog(TrainerCallback):
    """Keeps `epochs.jsonl`, a line an epoch: epoch, step, dev accuracy and loss."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Writes what the trainer's state knows, so that a resumed run repeats nothing.

        Raises InputError where the dev loss is not finite, before such weights become a checkpoint: a step's own loss was
        measured before its update.
        """
        lines = [
            {
                "epoch": round(log["epoch"]),
                "step": log["step"],
                "dev_accuracy": log["eval_accuracy"],
                "dev_loss": log["eval_loss"],
            }
            for log in state.log_history
            if "eval_accuracy" in log
        ]
        for line in lines:
            if not math.isfinite(line["dev_loss"]):
                raise _diverged("dev loss", line["dev_loss"], f"after step {line['step']}", args.learning_rate)
        write_whole(self.path, "".join(json.dumps(line) + "\n" for line in lines))


class KeepEpochs(TrainerCallback):
    """Keeps each epoch's weights as a checkpoint folder, `epochs/<epoch>/`, of the files that the trainer has saved."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Keeps what a crash came before."""
        if state.global_step:
            self._keep(args, state)

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Keeps the epoch that has just ended."""
        self._keep(args, state)

    def _keep(self, args: TrainingArguments, state: TrainerState) -> None:
        saved = Path(args.output_dir or "") / f"checkpoint-{state.global_step}"
        folder = self.folder / f"{round(state.epoch or 0):03}"
        if folder.exists() or not saved.exists():
            return
        beside = folder.with_name(f".{folder.name}")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for file in saved.iterdir():
            if file.suffix in (".json", ".safetensors", ".txt") and file.name != "trainer_state.json":
                _link(file, beside / file.name)
        beside.rename(folder)


def _link(file: Path, to: Path) -> None:
    """The same bytes at another name; a copy where the file system has no links."""
    try:
        os.link(file, to)
    except OSError:
        shutil.copyfile(file, to)


class ProgressReport(TrainerCallback):
    """Reports progress at most once every REPORT_EVERY, with the time left by the steps done since this process began."""

    def __init__(self, report: Report) -> None:
        self.report, self.began, self.first, self.last = report, 0.0, 0, 0.0
        self.accuracy = ""

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Starts the clock."""
        self.began, self.first = time.monotonic(), state.global_step

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Reports."""
        now = time.monotonic()
        if now - self.last < REPORT_EVERY:
            return
        self.last = now
        each = (now - self.began) / max(1, state.global_step - self.first)
        message = f"epoch {math.ceil(state.epoch or 1)} of {args.num_train_epochs:g}, step {state.global_step} of {state.max_steps}"
        left = each * (state.max_steps - state.global_step)
        self.report(state.global_step / max(1, state.max_steps), message + self.accuracy, left)

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, metrics: Any = None, **_: Any
    ) -> None:
        """Keeps the dev accuracy for the next report."""
        if isinstance(metrics, Mapping) and "eval_accuracy" in metrics:
            self.accuracy = f", dev accuracy {100 * metrics['eval_accuracy']:.1f} %"


def _step(line: str) -> float:
    """The step of a line of steps.jsonl; infinity for a line cut off by a crash."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return math.inf
