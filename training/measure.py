"""What is measured of a trained model, and what run.json says of how it came about.

Public names: `accuracy`, `by_length`, `measure`, `describe`.
"""

import contextlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import torch
from transformers import EvalPrediction

from amplify_viz import RunConfig
from amplify_viz.checkpoints import Source
from amplify_viz.runs import SCHEMA
from training.data import Dataset
from training.trainer import MixupTrainer

_LIBRARIES = ("torch", "transformers", "accelerate", "numpy", "safetensors")


def accuracy(prediction: EvalPrediction) -> dict[str, float]:
    """Share of the rows whose largest logit is that of their label, as Trainer wants its metrics."""
    return {"accuracy": float((np.argmax(prediction.predictions, axis=-1) == prediction.label_ids).mean())}


def by_length(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Positions of the rows from long to short, so that a batch needs little padding."""
    return sorted(range(len(rows)), key=lambda i: -len(rows[i]["input_ids"]))


def measure(
    trainer: MixupTrainer, rows: list[dict[str, Any]], *, data: Dataset, split: str, partial: Path
) -> dict[str, float]:
    """Accuracy and loss of the selected weights on a split, whose predictions are kept."""
    order = by_length(rows)
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


def describe(
    config: RunConfig, data: Dataset, *, source: Source, trainer: MixupTrainer, partial: Path
) -> dict[str, Any]:
    """All of run.json but the metrics and the weights' hash.

    seconds: what the kept steps took, over all the processes that trained the run.
    """
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
        "seconds": round(sum(step["seconds"] for step in steps), 1),
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
