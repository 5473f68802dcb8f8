"""Hugging Face's Trainer with a mixup method in its loss."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import SequentialSampler
from transformers import PreTrainedConfig, Trainer, TrainingArguments
from transformers.trainer_pt_utils import LengthGroupedSampler, nested_gather

from amplify_viz import METHODS, InputError, Mixup, mixing
from amplify_viz.sites import check_site


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
    `amplify_viz.prepare`; raises InputError where it lacks what the settings mix, for a task whose rows have not one label
    each, of two or more, for a method of another name, and for a compute_loss_func: the loss is the mix's own.  A batch
    holds its labels under the one name of args.label_names, by default "labels"; the model gets none of them.  Smoothing of
    labels is the mixup's, not TrainingArguments'.  Each step's draw depends on args.seed, the step and the process alone;
    with train_sampling_strategy "group_by_length" the order of the rows depends on args.seed, the epoch and how many rows a
    step has, over however many processes and forward passes.
    """

    def __init__(self, *args: Any, mixup: Mixup | str = "amplify", **kwargs: Any) -> None:
        self.mixup = _method(mixup)
        super().__init__(*args, **kwargs)
        _check_loss(self)
        if self.args.n_gpu > 1:
            raise InputError(
                f"Trainer would split each batch over {self.args.n_gpu} GPUs in threads, which no mix reaches: give it OneDevice "
                f"for TrainingArguments, or start it by torchrun."
            )
        plain = self.accelerator.unwrap_model(self.model)
        _check_task(plain.config, self.args)
        check_site(plain, self.mixup)
        self.lams: list[float] = []  # of the present step, one a forward pass
        self.loss = torch.tensor(math.nan)  # of the present step, where the model is
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
        labels = self._labels(inputs)
        features = {name: value for name, value in inputs.items() if name not in ("labels", *self.label_names)}
        if model.training:
            mix = self.mixup.draw(len(labels), self.generator())
            self.lams = [*(self.lams if self._forwards[1] else []), mix.lam]
            with mixing(self.accelerator.unwrap_model(model, keep_torch_compile=False), mix):
                outputs = model(**features)
            loss = mix.loss(outputs.logits, labels)
        else:
            outputs = model(**features)
            loss = nn.functional.cross_entropy(outputs.logits, labels)
        return (loss, outputs) if return_outputs else loss

    def _labels(self, inputs: dict[str, Tensor | Any]) -> Tensor:
        (name,) = self.label_names
        if name not in inputs:
            raise InputError(
                f"A batch holds its labels under {name!r}, this one has {', '.join(inputs)}: give the rows that column, or "
                f"TrainingArguments another name in label_names (transformers' collators call 'label' 'labels')."
            )
        labels: Tensor = inputs[name]
        return labels

    def training_step(
        self, model: nn.Module, inputs: dict[str, Tensor | Any], num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """Trainer's; the step's loss is kept as a tensor that nobody has waited for: the mean over passes and processes."""
        loss: Tensor = super().training_step(model, inputs, num_items_in_batch)
        self.loss = self.loss + loss if self._forwards[1] else loss
        if self.accelerator.sync_gradients:
            self.loss = nested_gather(self.loss, self.args.parallel_mode).mean()
        return loss

    def floating_point_ops(self, inputs: dict[str, Tensor | Any]) -> int:
        """Not counted, 0: to count them Trainer walks through the whole model at each step, while a GPU may stand still."""
        return 0

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        """Rows of similar length together, in an order of the epoch's own: Trainer's depends on what was drawn before."""
        if self.args.train_sampling_strategy != "group_by_length":
            return super()._get_train_sampler(train_dataset)
        rows = self.args.train_batch_size * self.args.gradient_accumulation_steps * self.args.world_size
        data: Any = self.train_dataset if train_dataset is None else train_dataset
        return ByLength(rows, _lengths(data), seed=self.args.seed)

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
        return torch.Generator().manual_seed(mixed_seed(parts))


def _method(mixup: Mixup | str) -> Mixup:
    if not isinstance(mixup, str):
        return mixup
    if mixup not in METHODS:
        raise InputError(f"mixup is settings or one of {', '.join(METHODS)}, got {mixup!r}: choose one of these.")
    return METHODS[mixup]


def _check_loss(trainer: Trainer) -> None:
    """Raises InputError for a loss that would be ignored, and where it is unclear what the labels are."""
    if trainer.compute_loss_func is not None:
        raise InputError(
            "A mixed loss is the mix's own, got a compute_loss_func, which nothing would call: write the loss in a loop of your "
            "own with `mixing` and `mix.loss`, or use Trainer."
        )
    if len(trainer.label_names) != 1:
        raise InputError(
            f"A mix is of rows with one label each, under one name, got label_names={list(trainer.label_names)}: give "
            f"TrainingArguments the one, such as label_names=['labels']."
        )


def _check_task(config: PreTrainedConfig, args: TrainingArguments) -> None:
    """Raises InputError for what the loss would silently take for something else."""
    if (config.num_labels or 0) < 2 or config.problem_type not in (None, "single_label_classification"):
        raise InputError(
            f"A mix is of rows with one label each, of two or more; this model has num_labels={config.num_labels} and "
            f"problem_type={config.problem_type!r}: set problem_type='single_label_classification', or use Trainer."
        )
    if args.label_smoothing_factor:
        raise InputError(
            f"Labels are smoothed by the mixup, got label_smoothing_factor={args.label_smoothing_factor:g}: give "
            f"mixup=dataclasses.replace(METHODS[…], smoothing={args.label_smoothing_factor:g}) in its place."
        )


class ByLength(LengthGroupedSampler):
    """Positions of the rows, those of similar length together, in an order that depends on seed and epoch alone."""

    def __init__(self, n_rows: int, lengths: list[int], *, seed: int) -> None:
        super().__init__(n_rows, lengths=lengths)
        self.seed = seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Called by Trainer before each epoch."""
        self.generator = torch.Generator().manual_seed(mixed_seed((self.seed, epoch)))


def _lengths(data: Any) -> list[int]:
    """In tokens, as the data say or by counting."""
    known = getattr(data, "lengths", None)
    return [len(row["input_ids"]) for row in data] if known is None else known


def mixed_seed(parts: tuple[int, ...]) -> int:
    """One 63-bit seed of several numbers: neighbours share nothing (splitmix64's finaliser over each)."""
    seed = 0
    for part in parts:
        seed = (seed + part + 0x9E3779B97F4A7C15) % 2**64
        seed = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        seed = ((seed ^ (seed >> 27)) * 0x94D049BB133111EB) % 2**64
        seed ^= seed >> 31
    return seed % 2**63
