"""Hugging Face's Trainer with a mixup method in its loss, and the callbacks that report a run in progress."""

import json
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import SequentialSampler
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from amplify_viz import METHODS, InputError, Mixup, mixing

Report = Callable[[float, str, float | None], None]
"""Called with the progress in [0, 1], a message, and the seconds left (None while unknown)."""

REPORT_EVERY = 1.0  # seconds


class OneDevice(TrainingArguments):
    """Settings of a training on one device, however many this process sees.

    Trainer would spread a batch over replicas of the model, which no mix reaches, and make batch_size a share of it.
    """

    @property
    def n_gpu(self) -> int:
        """0 or 1."""
        seen: int = super().n_gpu
        return min(1, seen)


class MixupTrainer(Trainer):
    """A Trainer whose training loss is that of a mixup method; in evaluation nothing is mixed.

    mixup: settings or a name of METHODS; the other arguments are Trainer's.  The model must have been given to
    `amplify_viz.prepare`.  Each step's draw depends on args.seed, the step and the process alone.
    """

    def __init__(self, *args: Any, mixup: Mixup | str = "amplify", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mixup = METHODS[mixup] if isinstance(mixup, str) else mixup
        self.last_lam = 1.0
        self._forwards = (-1, 0)  # the step, and its forward calls so far (several under gradient accumulation)

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Tensor | Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """Mean mixed cross entropy of the batch in training, plain cross entropy in evaluation."""
        self.loss_is_scaled_for_ga = False
        labels = inputs["labels"]
        features = {name: value for name, value in inputs.items() if name != "labels"}
        if model.training:
            mix = self.mixup.draw(len(labels), self.generator())
            self.last_lam = mix.lam
            with mixing(self.accelerator.unwrap_model(model), mix):
                outputs = model(**features)
            loss = mix.loss(outputs.logits, labels)
        else:
            outputs = model(**features)
            loss = nn.functional.cross_entropy(outputs.logits, labels)
        return (loss, outputs) if return_outputs else loss

    def _get_eval_sampler(self, eval_dataset: Any) -> SequentialSampler:
        """Rows in their own order: Trainer would group them by length, and return their predictions so."""
        return SequentialSampler(eval_dataset)

    @property
    def begun(self) -> bool:
        """Whether a batch was drawn since the trainer was made."""
        return self._forwards[0] >= 0

    def generator(self) -> torch.Generator:
        """A generator for the next draw, seeded by args.seed, the process, the step and the forward call in the step."""
        step, n = self._forwards
        self._forwards = (step, n + 1) if step == self.state.global_step else (self.state.global_step, 0)
        parts = (self.args.seed, self.args.process_index, *self._forwards)
        return torch.Generator().manual_seed(_mixed_seed(parts))


def _mixed_seed(parts: tuple[int, ...]) -> int:
    """One 63-bit seed of several numbers: neighbours share nothing (splitmix64's finaliser over each)."""
    seed = 0
    for part in parts:
        seed = (seed + part + 0x9E3779B97F4A7C15) % 2**64
        seed = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        seed = ((seed ^ (seed >> 27)) * 0x94D049BB133111EB) % 2**64
        seed ^= seed >> 31
    return seed % 2**63


class StepLog(TrainerCallback):
    """Appends one line a step to `steps.jsonl`: step, loss, lam, learning rate, seconds.

    A resumed run drops the lines after the step it resumes from.
    """

    def __init__(self, path: Path, lam: Callable[[], float]) -> None:
        self.path, self.lam = path, lam
        self.started, self.seconds = 0.0, 0.0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Keeps the lines of steps that the resumed state has seen."""
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        kept = [line for line in lines if _step(line) <= state.global_step]
        self.path.write_text("".join(line + "\n" for line in kept), encoding="utf-8")

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Starts the step's clock."""
        self.started = time.perf_counter()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Stops it."""
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
        line = {
            "step": state.global_step,
            "loss": logs["loss"],
            "lam": self.lam(),
            "learning_rate": logs["learning_rate"],
            "seconds": round(self.seconds, 4),
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


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
