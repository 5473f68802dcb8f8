"""One run: from its RunConfig to a complete run folder."""

import logging
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForSequenceClassification,
    DataCollatorWithPadding,
    EarlyStoppingCallback,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.utils import logging as transformers_logging

from amplify_viz import InputError, Run, RunConfig, prepare
from amplify_viz.checkpoints import Source, load_tokenizer, locate, max_tokens, reading, weights_sha256
from amplify_viz.runs import partial_folder, read_run, run_folder, write_json, write_status
from training.data import Dataset, Example, load_dataset
from training.measure import accuracy, by_length, describe, measure
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
from training.trainer import MixupTrainer, OneDevice, ProgressReport, Report, StepLog


def train(config: RunConfig, root: Path, *, report: Report = lambda *_: None) -> Run:
    """Returns the finished run of a config below `root`, trained now, resumed, or as it was where it is complete.

    While in progress it lies in `….partial/`, whose status says how far it is; the folder appears whole at the end.
    Raises InputError for bad data, backbone or settings, where another process trains the same run, where what lies there
    came of other data or another backbone, and for a disk that is full; the partial then says "failed".
    """
    folder, partial = run_folder(root, config), partial_folder(root, config)
    data = load_dataset(config.data, seed=config.split_seed, dev_share=config.dev_share)
    with explained(folder), locked(folder):
        if folder.exists():
            return _finished(folder, config, data)
        with recorded_failure(partial, config):
            write_status(partial, config, "running", message="loading the data and the backbone")
            source = locate(config.backbone)
            inputs = Inputs.of(data.hashes, source)
            if completed(partial):
                inputs.check_run(read_run(partial))
            else:
                inputs.check_partial(partial)
                _run(config, data, source=source, partial=partial, report=_reporting(partial, config, report))
            appear(partial, folder)
        return read_run(folder)


def _finished(folder: Path, config: RunConfig, data: Dataset) -> Run:
    try:
        run = read_run(folder)
    except InputError as error:
        raise InputError(f"{str(error).rstrip('.')}; to train it again, delete {folder} and start again.") from error
    Inputs.of(data.hashes, locate(config.backbone)).check_run(run)
    tidy(folder)
    return run


def _reporting(partial: Path, config: RunConfig, report: Report) -> Report:
    def both(progress: float, message: str, seconds_left: float | None) -> None:
        write_status(partial, config, "running", progress=progress, message=message, seconds_left=seconds_left)
        report(progress, message, seconds_left)

    return both


def _run(config: RunConfig, data: Dataset, *, source: Source, partial: Path, report: Report) -> None:
    """Trains; run.json is written when all else that a finished run holds is in the partial."""
    model, tokenizer = _model(config, source, data.label_names)
    splits = {split: _tokens(rows, tokenizer, config, model) for split, rows in data.splits.items()}
    trainer = _trainer(config, (model, tokenizer), splits=splits, partial=partial, report=report)
    checkpoint = last_checkpoint(trainer_state(partial))
    with resuming(checkpoint, lambda: trainer.begun):
        trainer.train(resume_from_checkpoint=checkpoint)
    report(1.0, "measuring on dev and test", None)
    metrics = {
        split: measure(trainer, splits[split], data=data, split=split, partial=partial) for split in ("dev", "test")
    }
    report(1.0, "saving", None)
    trainer.save_model(str(partial))
    tokenizer.save_pretrained(partial)
    (partial / "training_args.bin").unlink(missing_ok=True)  # a pickle
    details = describe(config, data, source=source, trainer=trainer, partial=partial)
    write_json(partial / "run.json", {**details, "metrics": metrics, "weights_sha256": weights_sha256(partial)})


def _model(
    config: RunConfig, source: Source, label_names: Sequence[str]
) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    """The backbone with a new classifier, the same for every method of one seed, and its tokenizer."""
    names = dict(enumerate(label_names))
    with reading(source.where, config.backbone):
        set_seed(config.seed)
        model = AutoModelForSequenceClassification.from_pretrained(
            source.where,
            num_labels=len(names),
            id2label=names,
            label2id={name: number for number, name in names.items()},
            use_safetensors=True,
            trust_remote_code=False,
            ignore_mismatched_sizes=True,
        )
        tokenizer = load_tokenizer(source.where)
    model.config.pad_token_id = tokenizer.pad_token_id
    return prepare(model), tokenizer


def _tokens(
    rows: Sequence[Example], tokenizer: PreTrainedTokenizerFast, config: RunConfig, model: PreTrainedModel
) -> list[dict[str, Any]]:
    """One dict a row, cut to max_length: padding comes with the batch."""
    encoded = tokenizer(
        [row.text for row in rows],
        [row.text_pair or "" for row in rows] if rows[0].text_pair is not None else None,
        truncation=True,
        max_length=min(config.max_length, max_tokens(model.config, tokenizer)),
    )
    names = list(encoded.keys())
    return [{**{name: encoded[name][i] for name in names}, "labels": row.label} for i, row in enumerate(rows)]


def _trainer(
    config: RunConfig,
    parts: tuple[PreTrainedModel, PreTrainedTokenizerFast],
    *,
    splits: Mapping[str, list[dict[str, Any]]],
    partial: Path,
    report: Report,
) -> MixupTrainer:
    model, tokenizer = parts
    transformers_logging.set_verbosity(logging.ERROR)
    transformers_logging.disable_progress_bar()
    trainer = MixupTrainer(
        model=model,
        args=_arguments(config, partial, n_rows=len(splits["train"])),
        data_collator=DataCollatorWithPadding(tokenizer),
        train_dataset=splits["train"],
        eval_dataset=[splits["dev"][i] for i in by_length(splits["dev"])],
        processing_class=tokenizer,
        compute_metrics=accuracy,
        callbacks=[EarlyStoppingCallback(config.patience), ProgressReport(report)],
        mixup=config.mixup,
    )
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    trainer.add_callback(StepLog(partial / "steps.jsonl", lambda: trainer.last_lam))
    return trainer


def _arguments(config: RunConfig, partial: Path, *, n_rows: int) -> TrainingArguments:
    """The config as Trainer wants it; n_rows: in train."""
    n_steps = math.ceil(n_rows / config.batch_size) * config.epochs
    return OneDevice(
        output_dir=str(trainer_state(partial)),
        seed=config.seed,
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=64,
        learning_rate=config.learning_rate,
        adam_epsilon=config.adam_epsilon,
        weight_decay=config.weight_decay,
        lr_scheduler_type="cosine",
        warmup_steps=math.ceil(config.warmup * n_steps),  # a share of 1 would be read as one step
        train_sampling_strategy="group_by_length",
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        restore_callback_states_from_checkpoint=True,  # or early stopping would count anew
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
        logging_steps=1,
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
    )
