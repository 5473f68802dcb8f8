"""A part of the train split, for experiments with little data."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from training.data.dataset import Dataset, Example


def take(data: Dataset, *, fraction: float, per_class: int | None, seed: int) -> Dataset:
    """The data set with a part of train, in the given order; dev and test stay as they are.

    fraction: in (0, 1], of each label's rows, rounded, but one row at least.  per_class: at most so many rows of each
    label, of those.  seed: decides which.  facts["kept"] says how many.
    With one seed a smaller part is a subset of a larger one; the same on every machine.
    """
    train = data.splits["train"]
    kept = _choose(train, fraction, per_class=per_class, seed=seed)
    rows = tuple(train[index] for index in kept)
    fact = {"rows": len(rows), "of": len(train), "fraction": fraction, "per_class": per_class, "seed": seed}
    asked = [f"a fraction of {fraction:g}"] * (fraction < 1) + [f"at most {per_class} rows of a label"] * bool(
        per_class
    )
    note = f"Train is {len(rows):,} of {len(train):,} rows ({', '.join(asked)}, stratified by label, seed {seed})."
    return replace(
        data,
        splits={**data.splits, "train": rows},
        notes=(*data.notes, note) if asked else data.notes,
        facts={**data.facts, "kept": fact},
    )


def _choose(rows: Sequence[Example], fraction: float, *, per_class: int | None, seed: int) -> list[int]:
    """Sorted indices: of each label the first ones in one random order, which nests the parts of one seed."""
    rng = random.Random(f"subset {seed}")
    keys = [rng.random() for _ in rows]
    by_label: dict[int, list[int]] = defaultdict(list)
    for index in sorted(range(len(rows)), key=keys.__getitem__):
        by_label[rows[index].label].append(index)
    chosen: list[int] = []
    for indices in by_label.values():
        share = max(1, math.floor(fraction * len(indices) + 0.5))
        chosen += indices[: share if per_class is None else min(share, per_class)]
    return sorted(chosen)
