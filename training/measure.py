"""What is measured of a trained model, and what run.json says of how it came about.

Public names: `accuracy`, `measure`, `memory_watch`, `describe`.
"""

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax
from transformers import EvalPrediction

from amplify_viz import RunConfig
from amplify_viz.checkpoints import Source
from amplify_viz.runs import SCHEMA
from amplify_viz.statistics import classification as c
from training.backbone import Rows
from training.data import Dataset
from training.trainer import MixupTrainer

_LIBRARIES = ("torch", "transformers", "accelerate", "numpy", "safetensors")


def accuracy(prediction: EvalPrediction) -> dict[str, float]:
    """Share of the rows whose largest logit is that of their label, as Trainer wants its metrics."""
    return {"accuracy": float((np.argmax(prediction.predictions, axis=-1) == prediction.label_ids).mean())}


@dataclass(frozen=True)
class Measured:
    """What came of a split: metrics are numbers alone, details tables and sentences, predictions a row a row."""

    metrics: dict[str, float]
    details: dict[str, Any]
    predictions: pd.DataFrame


def measure(trainer: MixupTrainer, rows: Rows, *, data: Dataset) -> Measured:
    """Metrics of the selected weights on a split's rows, and their predictions in the rows' own order."""
    order = rows.by_length()
    result = trainer.predict(rows.at(order))
    logits = np.asarray(result.predictions, dtype=np.float64)[np.argsort(order)]
    probabilities, labels = softmax(logits, axis=-1), np.array(rows.labels)
    counts, bins = c.confusion(probabilities, labels), c.reliability(probabilities, labels)
    largest = np.bincount([row.label for row in data.splits["train"]]).max() / len(data.splits["train"])
    metrics = {
        "accuracy": c.accuracy(probabilities, labels),
        "macro_f1": c.macro_f1(counts),
        "nll": float(-log_softmax(logits, axis=-1)[np.arange(len(labels)), labels].mean()),
        "brier": c.brier(probabilities, labels),
        "ece": c.ece(bins),
        "rows": float(len(rows)),
        "largest_class_in_train": float(largest),
    }
    table = pd.DataFrame(probabilities, columns=[f"probability_{i}" for i in range(logits.shape[-1])])
    table.insert(0, "label", labels)
    table.insert(1, "predicted", probabilities.argmax(axis=-1))
    return Measured(metrics, _details(counts, bins, data.label_names), table)


def _details(counts: NDArray[np.int64], bins: pd.DataFrame, label_names: Sequence[str]) -> dict[str, Any]:
    by_class = c.by_class(counts)
    by_class.insert(0, "label", list(label_names))
    present = int((by_class["rows"] > 0).sum())
    return {
        "per_class": _rows(by_class),
        "confusion": counts.tolist(),
        "reliability": _rows(bins),
        "macro_f1_over": f"the {present} of {len(label_names)} classes that occur in the split",
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The table's rows as JSON has them: no NaN, but null."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in table.to_dict("records")
    ]


@dataclass
class Memory:
    """peak_mb: the most memory that training has held at once, in 10⁶ bytes, None where the system does not say.

    On a GPU what torch has allocated there, else what the whole process held.
    """

    peak_mb: float | None = None


@contextlib.contextmanager
def memory_watch() -> Iterator[Memory]:
    """Yields the Memory of what runs inside the block, filled in at its end."""
    memory = Memory()
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    else:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # begins VmHWM anew
    yield memory
    memory.peak_mb = torch.cuda.max_memory_allocated() / 1e6 if torch.cuda.is_available() else _process_peak_mb()


def _process_peak_mb() -> float | None:
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        return int(found[1]) * 1024 / 1e6 if found else None
    return None


def describe(
    config: RunConfig, data: Dataset, *, source: Source, trainer: MixupTrainer, partial: Path
) -> dict[str, Any]:
    """All of run.json but max_tokens, the metrics, the memory and the weights' hash.

    seconds: what the kept steps took, over all the processes that trained the run, one after another.
    """
    steps = [json.loads(line) for line in (partial / "steps.jsonl").read_text(encoding="utf-8").splitlines()]
    seconds = np.array([step["seconds"] for step in steps])
    return {
        "schema": SCHEMA,
        "config": asdict(config),
        "config_hash": config.hash,
        "label_names": list(data.label_names),
        "epochs_run": round(trainer.state.epoch or 0),
        "best_epoch": _best_epoch(trainer),
        "steps": len(steps),
        "lam": _summary([lam for step in steps for lam in step.get("lams", [step["lam"]])]),
        "seconds": round(float(seconds.sum()), 1),
        "seconds_per_step": round(float(np.median(seconds)), 4),
        "seconds_per_12000_steps": round(12_000 * float(seconds.mean()), 1),
        "data": {
            "name": data.name,
            "rows": {split: len(rows) for split, rows in data.splits.items()},
            "hashes": dict(data.hashes),
            "notes": list(data.notes),
            "facts": dict(data.facts),
        },
        "backbone": {"name": source.name, "weights_sha256": source.weights_sha256},
        "versions": {name: version(name) for name in _LIBRARIES},
        "git_commit": _git_commit(),
        "device": _device_name(trainer.args.device),
        "threads": torch.get_num_threads(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _device_name(device: torch.device) -> str:
    """Such as "cpu", or "cuda:0 (NVIDIA H100 80GB HBM3)"."""
    return f"{device} ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else str(device)


def _best_epoch(trainer: MixupTrainer) -> int:
    """The one-based epoch whose weights were kept."""
    each = trainer.state.max_steps / trainer.args.num_train_epochs
    return round((trainer.state.best_global_step or trainer.state.max_steps) / each)


def _summary(lams: Sequence[float]) -> dict[str, Any]:
    counts, edges = np.histogram(lams, bins=20, range=(0, 1))
    return {
        "mean": float(np.mean(lams)),
        "median": float(np.median(lams)),
        "smallest": float(np.min(lams)),
        "histogram": {"edges": edges.tolist(), "counts": counts.tolist()},
    }


def _git_commit() -> str:
    """The commit of this project's checkout, with "-dirty" where files differ from it, "" outside of one."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return ""
