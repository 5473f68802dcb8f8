"""Result folders written by hand: run.json and predictions without weights, as they are committed."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amplify_viz import RunConfig
from amplify_viz.results.gather import find_results, gather
from amplify_viz.runs import run_folder

DATA = "mrpc"


def write_result(
    root: Path,
    config: RunConfig,
    accuracy: float = 0.5,
    *,
    right: Sequence[int] | None = None,
    **changes: Any,
) -> Path:
    """Writes one folder; right: for each test row 1 or 0, from which predictions and the test accuracy are made."""
    folder = run_folder(root, config)
    folder.mkdir(parents=True)
    if right is not None:
        accuracy = float(np.mean(right))
        write_predictions(folder, right)
    other = {"macro_f1": accuracy / 2, "nll": 1 - accuracy, "brier": 0.25, "ece": 0.125}
    content = {
        "schema": 1,
        "config": asdict(config),
        "label_names": ["no", "yes"],
        "metrics": {"dev": {"accuracy": accuracy / 2}, "test": {"accuracy": accuracy, **other}},
        "weights_sha256": "0" * 64,
        "created": "2026-01-01T00:00:00+00:00",
        "data": {"hashes": {"train": "a" * 64, "dev": "b" * 64, "test": "c" * 64}, "rows": {"train": 100}},
        "lam": {"mean": 0.9},
        "seconds_per_step": 0.25,
        **changes,
    }
    (folder / "run.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def write_predictions(folder: Path, right: Sequence[int], split: str = "test") -> None:
    labels = np.arange(len(right)) % 2
    frame = pd.DataFrame({"label": labels, "predicted": np.where(np.array(right) == 1, labels, 1 - labels)})
    frame.to_parquet(folder / f"predictions-{split}.parquet")


def hashes(**changes: str) -> dict[str, Any]:
    """The key data of run.json, with other hashes: `hashes(test="d")`."""
    own = {"train": "a" * 64, "dev": "b" * 64, "test": "c" * 64}
    return {"hashes": own | {split: letter * 64 for split, letter in changes.items()}}


def write_seeds(root: Path, accuracies: Sequence[float], **settings: Any) -> None:
    """One run a seed, from seed 0, with these test accuracies."""
    for seed, accuracy in enumerate(accuracies):
        write_result(root, RunConfig(**{"data": DATA, "backbone": "minilm", "seed": seed, **settings}), accuracy)


def gathered(root: Path) -> pd.DataFrame:
    return gather(find_results(root))
