"""One run: from its RunConfig to a complete run folder."""

import contextlib
import json
import logging
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError
from transformers import (
    AutoModelForSequenceClassification,
    DataCollatorWithPadding,
    EarlyStoppingCallback,
    EvalPrediction,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.trainer_utils import get_last_checkpoint
from transformers.utils import logging as transformers_logging

from amplify_viz import METHODS, InputError, Run, RunConfig, prepare
from amplify_viz.checkpoints import Source, load_tokenizer, locate, reading, weights_sha256
from amplify_viz.runs import SCHEMA, partial_folder, read_run, run_folder, write_json, write_status
from training.data import Dataset, Example, load_dataset
from training.trainer import MixupTrainer, ProgressReport, Report, StepLog

_LIBRARIES = ("torch", "transformers", "accelerate", "numpy", "safetensors")


def train(config: RunConfig, root: Path, *, report: Report = lambda *_: None) -> Run:
    """Returns the finished run of a config below `root`, trained now, resumed, or as it was where it is complete.

    While in progress it lies in `….partial/`, whose status says how far it is; the folder appears whole at the end.
    Raises InputError for bad data, backbone or settings and for a disk that is full; the partial then says "failed".
    """
    folder, partial = run_folder(root, config), partial_folder(root, config)
    data = load_dataset(config.data, seed=config.seed, dev_share=config.dev_share)
    if folder.exists():
        return _finished(folder, data)
    write_status(partial, config, "running", message="loading the data and the backbone")
    with _recorded_failure(partial, config):
        if not (partial / "run.json").exists():
            _run(config, data, partial, _reporting(partial, config, report))
        (partial / "status.json").unlink(missing_ok=True)
        partial.rename(folder)
    return read_run(folder)


def _finished(folder: Path, data: Dataset) -> Run:
    run = read_run(folder)
    if run.details["data"]["hashes"] != data.hashes:
        raise InputError(
            f"{folder} was trained on other data that is also called {data.name!r}: rename the data, or give another runs "
            f"folder with --runs."
        )
    return run


def _reporting(partial: Path, config: RunConfig, report: Report) -> Report:
    def both(progress: float, message: str, seconds_left: float | None) -> None:
        write_status(partial, config, "running", progress=progress, message=message, seconds_left=seconds_left)
        report(progress, message, seconds_left)

    return both


@contextlib.contextmanager
def _recorded_failure(partial: Path, config: RunConfig) -> Iterator[None]:
    """Writes why a run failed into its status; what a person can mend is raised as InputError."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        message = f"Saving the run failed ({error}): make room on the disk and start it again, it goes on from the last epoch."
        _say_failed(partial, config, message)
        raise InputError(message) from error
    except KeyboardInterrupt:
        _say_failed(partial, config, "stopped by the user", state="interrupted")
        raise
    except Exception as error:
        _say_failed(partial, config, str(error) or type(error).__name__)
        raise


def _say_failed(partial: Path, config: RunConfig, message: str, *, state: Any = "failed") -> None:
    with contextlib.suppress(OSError):  # a full disk must not hide the error itself
        write_status(partial, config, state, message=message)


def _run(config: RunConfig, data: Dataset, partial: Path, report: Report) -> None:
    started = time.perf_counter()
    source = locate(config.backbone)
    model, tokenizer = _model(config, source, data.label_names)
    splits = {split: _tokens(rows, tokenizer, config, model) for split, rows in data.splits.items()}
    trainer = _trainer(config, (model, tokenizer), splits=splits, partial=partial, report=report)
    trainer.train(
        resume_from_checkpoint=get_last_checkpoint(str(_state(partial))) if _state(partial).exists() else None
    )
    report(1.0, "measuring on dev and test", None)
    metrics = {split: _measure(trainer, splits[split], data, split, partial) for split in ("dev", "test")}
    report(1.0, "saving", None)
    trainer.save_model(str(partial))
    tokenizer.save_pretrained(partial)
    (partial / "training_args.bin").unlink(missing_ok=True)  # a pickle
    details = _details(config, data, source, trainer, partial, seconds=time.perf_counter() - started)
    shutil.rmtree(_state(partial))
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
    positions = getattr(model.config, "max_position_embeddings", config.max_length)
    encoded = tokenizer(
        [row.text for row in rows],
        [row.text_pair or "" for row in rows] if rows[0].text_pair is not None else None,
        truncation=True,
        max_length=min(config.max_length, positions, tokenizer.model_max_length),
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
        args=_arguments(config, partial),
        data_collator=DataCollatorWithPadding(tokenizer),
        train_dataset=splits["train"],
        eval_dataset=[splits["dev"][i] for i in _by_length(splits["dev"])],
        processing_class=tokenizer,
        compute_metrics=_accuracy,
        callbacks=[EarlyStoppingCallback(config.patience), ProgressReport(report)],
        mixup=METHODS[config.method],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    trainer.add_callback(StepLog(partial / "steps.jsonl", lambda: trainer.last_lam))
    return trainer


def _state(partial: Path) -> Path:
    """Where the trainer keeps what it needs to resume."""
    return partial / "trainer"


def _arguments(config: RunConfig, partial: Path) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(_state(partial)),
        seed=config.seed,
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=64,
        learning_rate=config.learning_rate,
        adam_epsilon=config.adam_epsilon,
        weight_decay=config.weight_decay,
        lr_scheduler_type="cosine",
        warmup_steps=config.warmup,
        train_sampling_strategy="group_by_length",
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
        logging_steps=1,
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
    )


def _accuracy(prediction: EvalPrediction) -> dict[str, float]:
    return {"accuracy": float((np.argmax(prediction.predictions, axis=-1) == prediction.label_ids).mean())}


def _by_length(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Positions of the rows from long to short, so that a batch needs little padding."""
    return sorted(range(len(rows)), key=lambda i: -len(rows[i]["input_ids"]))


def _measure(
    trainer: MixupTrainer, rows: list[dict[str, Any]], data: Dataset, split: str, partial: Path
) -> dict[str, float]:
    """Accuracy and loss of the selected weights on a split, whose predictions are kept."""
    order = _by_length(rows)
    result = trainer.predict(cast(Any, [rows[i] for i in order]), metric_key_prefix=split)
    logits = torch.from_numpy(np.asarray(result.predictions, dtype=np.float64)[np.argsort(order)])
    table = pd.DataFrame(logits.softmax(dim=-1).numpy(), columns=[f"probability_{i}" for i in range(logits.shape[-1])])
    table.insert(0, "label", [row["labels"] for row in rows])
    table.insert(1, "predicted", logits.argmax(dim=-1).numpy())
    table.to_parquet(partial / f"predictions-{split}.parquet")
    labels = torch.tensor([row["labels"] for row in rows])
    largest = max(np.bincount([row.label for row in data.splits["train"]])) / len(data.splits["train"])
    return {
        "accuracy": float((logits.argmax(dim=-1) == labels).double().mean()),
        "loss": float(torch.nn.functional.cross_entropy(logits, labels)),
        "rows": float(len(rows)),
        "largest_class_in_train": float(largest),
    }


def _details(
    config: RunConfig, data: Dataset, source: Source, trainer: MixupTrainer, partial: Path, *, seconds: float
) -> dict[str, Any]:
    steps = [json.loads(line) for line in (partial / "steps.jsonl").read_text(encoding="utf-8").splitlines()]
    return {
        "schema": SCHEMA,
        "config": asdict(config),
        "config_hash": config.hash,
        "label_names": list(data.label_names),
        "epochs_run": round(trainer.state.epoch or 0),
        "best_epoch": _best_epoch(trainer),
        "steps": len(steps),
        "lam": _summary([step["lam"] for step in steps]),
        "seconds": round(seconds, 1),
        "seconds_per_step": round(float(np.median([step["seconds"] for step in steps])), 4),
        "data": {
            "name": data.name,
            "rows": {split: len(rows) for split, rows in data.splits.items()},
            "hashes": dict(data.hashes),
            "notes": list(data.notes),
        },
        "backbone": {"name": source.name, "weights_sha256": source.weights_sha256},
        "versions": {name: version(name) for name in _LIBRARIES},
        "git_commit": _git_commit(),
        "device": str(trainer.args.device),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _best_epoch(trainer: MixupTrainer) -> int:
    """The one-based epoch whose weights were kept."""
    each = trainer.state.max_steps / trainer.args.num_train_epochs
    return round((trainer.state.best_global_step or trainer.state.max_steps) / each)


def _summary(values: Sequence[float]) -> dict[str, float]:
    return {"mean": float(np.mean(values)), "median": float(np.median(values)), "smallest": float(np.min(values))}


def _git_commit() -> str:
    """The commit of this project's checkout, with "-dirty" where files differ from it, "" outside of one."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return ""
