"""A runs folder with small but real runs, trained in seconds on a tiny backbone."""

import json
from pathlib import Path

from amplify_viz import RunConfig
from tests.tiny import save_tiny
from training.loop import train

_ANIMALS = ("rabbit", "turtle")


def save_pairs(folder: Path, *, n_train: int = 40, n_other: int = 10) -> Path:
    """A data folder of sentence pairs in two classes that a glance tells apart."""
    folder.mkdir(parents=True)
    for split, n in (("train", n_train), ("dev", n_other), ("test", n_other)):
        lines = [
            json.dumps({"text": f"the {_ANIMALS[i % 2]} hopped {i}", "text_pair": split, "label": _ANIMALS[i % 2]})
            for i in range(n)
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def train_tiny_runs(root: Path, scratch: Path, *, methods: tuple[str, ...] = ("none", "amplify")) -> Path:
    """Trains one run of each method below `root`, one epoch of a tiny BERT on forty pairs.

    Mixing is strong (α = 4): with the method's own α, five steps hardly mix, and the runs would be equal to rounding.
    """
    data, backbone = save_pairs(scratch / "animals"), save_tiny(scratch / "tiny")
    for method in methods:
        alpha = None if method == "none" else 4.0
        train(
            RunConfig(method, str(data), str(backbone), epochs=1, batch_size=8, learning_rate=1e-3, alpha=alpha), root
        )
    return root
