"""One run: from its RunConfig to a complete run folder."""

import logging
import math
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import EarlyStoppingCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.utils import logging as transformers_logging

from amplify_viz import InputError, Run, RunConfig
from amplify_viz.attention import keep_out_of_compilation
from amplify_viz.checkpoints import Source, locate, weights_sha256
from amplify_viz.runs import partial_folder, read_run, run_folder, write_json, write_status
from training.backbone import Prepared, check_acts, prepared
from training.data import Dataset, load_dataset
from training.measure import accuracy, describe, measure, memory_watch
from training.processes import Team
from training.reporting import CPU, FETCH_EVERY, GPU, EpochLog, KeepEpochs, ProgressReport, Report, StepLog
from training.state import (
    Inputs,
    appear,
    completed,
    explained,
    last_checkpoint,
    locked,
    recorded_failure,
    resuming,
    tidy,
    trainer_state,
)
from training.trainer import MixupTrainer, OneDevice, mixed_seed

COMPILER = "inductor"  # torch.compile's backend


@dataclass(frozen=True)
class _Job:
    """What a process trains: the same in all processes of a run."""

    config: RunConfig
    data: Dataset
    partial: Path
    team: Team


def train(config: RunConfig, root: Path, *, report: Report = lambda *_: None) -> Run:
    """Returns the finished run of a config below `root`, trained now, resumed, or as it was where it is complete.

    While in progress it lies in `….partial/`, whose status says how far it is; the folder appears whole at the end.
    Under torchrun each process calls this; the first one alone writes.
    Raises InputError for bad data, backbone or settings, where another process trains the same run, where what lies there
    came of other data or another backbone, and for a disk that is full; the partial then says "failed".
    """
    team = Team.of_environment()
    team.check(config)
    _check_machine(config)
    data = load_dataset(config)
    job = _Job(config, data, partial_folder(root, config), team)
    folder = run_folder(root, config)
    if not team.is_first:
        return _help(job, folder)
    with explained(folder), locked(folder):
        if folder.exists():
            run = _finished(folder, job)
        else:
            _train_first(job, folder, _reporting(job, report))
            run = read_run(folder)
        team.agreed(None)
    return run


def _check_machine(config: RunConfig) -> None:
    if config.precision == "fp16" and not torch.cuda.is_available():
        raise InputError("precision=fp16 needs a GPU, this machine shows none: use bf16 or fp32.")
    if config.compile:
        if COMPILER == "inductor" and shutil.which(os.environ.get("CXX", "g++")) is None:
            raise InputError("compile=True needs a C++ compiler, there is no g++ here: install one, or leave it out.")
        keep_out_of_compilation()


def _train_first(job: _Job, folder: Path, report: Report) -> None:
    partial = job.partial
    with recorded_failure(partial, job.config):
        write_status(partial, job.config, "running", message="loading the data and the backbone")
        source = locate(job.config.backbone)
        inputs = Inputs.of(job.data.hashes, source)
        if completed(partial):
            inputs.check_run(read_run(partial))
        else:
            inputs.check_partial(partial)
            (checkpoint,) = job.team.agreed((last_checkpoint(trainer_state(partial)),))
            _run(job, source, checkpoint=checkpoint, report=report)
        appear(partial, folder)


def _help(job: _Job, folder: Path) -> Run:
    """The part of every process but the first: it trains where the first one does, and writes nothing."""
    if (begun := job.team.agreed(None)) is not None:
        _run(job, locate(job.config.backbone), checkpoint=begun[0], report=lambda *_: None)
        job.team.agreed(None)
    return read_run(folder)


def _finished(folder: Path, job: _Job) -> Run:
    try:
        run = read_run(folder)
    except InputError as error:
        raise InputError(f"{str(error).rstrip('.')}; to train it again, delete {folder} and start again.") from error
    Inputs.of(job.data.hashes, locate(job.config.backbone)).check_run(run)
    tidy(folder)
    return run


def _reporting(job: _Job, report: Report) -> Report:
    def both(progress: float, message: str, seconds_left: float | None) -> None:
        write_status(job.partial, job.config, "running", progress=progress, message=message, seconds_left=seconds_left)
        report(progress, message, seconds_left)

    return both


def _run(job: _Job, source: Source, *, checkpoint: str | None, report: Report) -> None:
    """Trains; run.json is written when all else that a finished run holds is in the partial."""
    partial, parts = job.partial, prepared(job.config, source, job.data)
    if checkpoint is None:  # what an earlier version has begun may be ended
        check_acts(job.config, job.data, parts.max_tokens)
    trainer = _trainer(job, parts, report)
    steps = _step_log(trainer, partial / "steps.jsonl")
    if job.team.is_first:
        trainer.add_callback(steps)
    job.team.scatter_dropout(mixed_seed((job.config.seed, job.team.rank)))
    with memory_watch() as memory, resuming(checkpoint, lambda: trainer.begun), steps.kept():
        trainer.train(resume_from_checkpoint=checkpoint)
    report(1.0, "measuring on dev and test", None)
    measured = {split: measure(trainer, parts.splits[split], data=job.data) for split in ("dev", "test")}
    if not job.team.is_first:
        return
    report(1.0, "saving", None)
    trainer.save_model(str(partial))
    parts.processing.save_pretrained(partial)
    (partial / "training_args.bin").unlink(missing_ok=True)  # a pickle
    for split, found in measured.items():
        found.predictions.to_parquet(partial / f"predictions-{split}.parquet")
    details = describe(job.config, job.data, source=source, trainer=trainer, partial=partial)
    results = {
        "metrics": {split: found.metrics for split, found in measured.items()},
        "measured": {split: found.details for split, found in measured.items()},
        "max_tokens": parts.max_tokens,
        "peak_memory_mb": memory.peak_mb,
        "weights_sha256": weights_sha256(partial),
    }
    write_json(partial / "run.json", {**details, **results})


def _trainer(job: _Job, parts: Prepared, report: Report) -> MixupTrainer:
    transformers_logging.set_verbosity(logging.ERROR)
    transformers_logging.disable_progress_bar()
    dev = parts.splits["dev"]
    trainer = MixupTrainer(
        model=parts.model,
        args=_arguments(job.config, job.partial, n_rows=len(parts.splits["train"])),
        data_collator=parts.collator,
        train_dataset=parts.splits["train"],
        eval_dataset=dev.at(dev.by_length()),
        processing_class=parts.processing,
        compute_metrics=accuracy,
        callbacks=[EarlyStoppingCallback(job.config.patience)],
        mixup=job.config.mixup,
    )
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    if job.team.is_first:
        trainer.add_callback(ProgressReport(report))
        trainer.add_callback(EpochLog(job.partial / "epochs.jsonl"))
        if job.config.keep_epochs:
            trainer.add_callback(KeepEpochs(job.partial / "epochs"))
    return trainer


def _step_log(trainer: MixupTrainer, path: Path) -> StepLog:
    """On a GPU it looks at the losses now and then: at each look the GPU runs dry."""
    on_gpu = trainer.args.device.type == "cuda"
    every, stopwatch = (FETCH_EVERY, GPU) if on_gpu else (1, CPU)
    return StepLog(path, lambda: (trainer.loss, trainer.lams), every=every, stopwatch=stopwatch)


def _arguments(config: RunConfig, partial: Path, *, n_rows: int) -> TrainingArguments:
    """The config as Trainer wants it; n_rows: in train."""
    n_batches = math.ceil(n_rows / (config.batch_size * config.processes))
    n_steps = math.ceil(n_batches / config.accumulate) * config.epochs
    return OneDevice(
        output_dir=str(trainer_state(partial)),
        seed=config.seed,
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=64,
        gradient_accumulation_steps=config.accumulate,
        learning_rate=config.learning_rate,
        adam_epsilon=config.adam_epsilon,
        weight_decay=config.weight_decay,
        lr_scheduler_type="cosine",
        warmup_steps=math.ceil(config.warmup * n_steps),  # a share of 1 would be read as one step
        use_cpu=not torch.cuda.is_available(),
        bf16=config.precision == "bf16",
        fp16=config.precision == "fp16",
        torch_compile=config.compile,
        torch_compile_backend=COMPILER if config.compile else None,
        train_sampling_strategy="group_by_length",
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        restore_callback_states_from_checkpoint=True,  # or early stopping would count anew
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
        logging_strategy="no",  # it would wait for the loss: StepLog keeps it
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
        ddp_find_unused_parameters=False,
        dataloader_pin_memory=torch.cuda.is_available(),
        accelerator_config={
            "non_blocking": torch.cuda.is_available()
        },  # or each batch would wait for the step before it
    )
