"""What a run in progress writes down and says: its steps, its epochs, its progress."""

import json
import math
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from amplify_viz import InputError
from amplify_viz.runs import write_whole

Report = Callable[[float, str, float | None], None]
"""Called with the progress in [0, 1], a message, and the seconds left (None while unknown)."""

REPORT_EVERY = 1.0  # seconds


class StepLog(TrainerCallback):
    """Appends one line a step to `steps.jsonl`: step, loss, lam, learning rate, seconds.

    lam: the step's mean where it has several forward passes; then lams has each.  Of several processes it is the first one's.
    seconds: from the batch's arrival to the end of the optimiser's work; reading the batch is not in it.
    A resumed run drops the lines after the step it resumes from.
    """

    def __init__(self, path: Path, lams: Callable[[], Sequence[float]]) -> None:
        self.path, self.lams = path, lams
        self.started, self.seconds = 0.0, 0.0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Keeps the lines of steps that the resumed state has seen."""
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        kept = [line for line in lines if _step(line) <= state.global_step]
        write_whole(self.path, "".join(line + "\n" for line in kept))

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Starts the step's clock."""
        self.started = time.perf_counter()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Stops it, when a GPU has done what it was given."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.seconds = time.perf_counter() - self.started

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **_: Any
    ) -> None:
        """Writes the line.  Raises InputError where the loss is not a number: the run cannot recover."""
        if not logs or "loss" not in logs:
            return
        if not math.isfinite(logs["loss"]):
            raise InputError(
                f"The loss must stay finite, it is {logs['loss']} at step {state.global_step}: lower --learning-rate "
                f"(now {args.learning_rate:g})."
            )
        lams = list(self.lams())
        line = {
            "step": state.global_step,
            "loss": logs["loss"],
            "lam": sum(lams) / len(lams),
            **({"lams": lams} if len(lams) > 1 else {}),
            "learning_rate": logs["learning_rate"],
            "seconds": round(self.seconds, 4),
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


class EpochLog(TrainerCallback):
    """Keeps `epochs.jsonl`, a line an epoch: epoch, step, dev accuracy and loss."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Writes what the trainer's state knows, so that a resumed run repeats nothing."""
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
