"""Noise in the train split: words deleted or swapped, as in the paper's Tables 4 and 5, or labels flipped.

The paper says "randomly deleting or swapping original data at proportions of 5%, 10%, 15%, and 20%" and no more.  Here a
word is what stands between white space, and the share is of each text's words, rounded up or down at random: rounding to
the nearest would leave most short texts of a low share as they are.  Both texts of a pair are treated, each for itself.
A text that is changed has its words joined by single spaces.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from amplify_viz.config import Noise
from training.data.dataset import Dataset, Example

Words = list[str]


def add_noise(data: Dataset, kind: Noise, *, share: float, seed: int) -> Dataset:
    """The data set with noise in train; dev and test stay as they are.

    delete: the share of the words is left out, but never the last word of a text.  swap: words of a text change places in
    pairs until the share has moved.  flip: the share of the rows, rounded, gets another label, each as likely as the
    others.  share: in [0, 1].  seed: decides which; the same on every machine, and of one seed a smaller share deletes,
    swaps and flips a part of what a larger one does.
    facts["noise"] has the kind, the share asked for, the total of words or labels, how many of them changed, and the share
    reached (None without noise).  Words that change places with their like have not changed.
    """
    if kind == "none":
        return replace(data, facts={**data.facts, "noise": None})
    rng = random.Random(f"noise {kind} {seed}")
    train = data.splits["train"]
    if kind == "flip":
        rows, total, changed = _flip(train, len(data.label_names), share=share, rng=rng)
    else:
        rows, total, changed = _change_words(train, _WORD_NOISE[kind], share=share, rng=rng)
    unit, done = ("labels", "flipped") if kind == "flip" else ("words", {"delete": "deleted", "swap": "swapped"}[kind])
    reached = changed / total if total else 0.0
    fact = {
        "kind": kind,
        "share": share,
        "seed": seed,
        "unit": unit,
        "total": total,
        "changed": changed,
        "reached": reached,
    }
    note = (
        f"Noise: {changed:,} of the {total:,} {unit} of train were {done}, a share of {reached:.4f} (asked for: {share:g}, "
        f"seed {seed})."
    )
    return replace(
        data,
        splits={**data.splits, "train": rows},
        notes=(*data.notes, note),
        facts={**data.facts, "noise": fact},
    )


def _change_words(
    rows: Sequence[Example], change: Callable[..., tuple[Words, int]], *, share: float, rng: random.Random
) -> tuple[tuple[Example, ...], int, int]:
    """(rows, number of words before, number of words changed)."""
    total = changed = 0

    def noisy(text: str) -> str:
        nonlocal total, changed
        words = text.split()
        after, count = change(words, share=share, rng=rng)
        total, changed = total + len(words), changed + count
        return " ".join(after) if count else text

    noised = tuple(
        replace(row, text=noisy(row.text), text_pair=None if row.text_pair is None else noisy(row.text_pair))
        for row in rows
    )
    return noised, total, changed


def _draw(n: int, rng: random.Random) -> tuple[float, list[int]]:
    """A number in [0, 1) to round with, and 0 … n−1 in random order; uses up as many draws whatever the share."""
    rounding, keys = rng.random(), [rng.random() for _ in range(n)]
    return rounding, sorted(range(n), key=keys.__getitem__)


def _delete(words: Words, *, share: float, rng: random.Random) -> tuple[Words, int]:
    rounding, order = _draw(len(words), rng)
    count = max(0, min(math.floor(share * len(words) + rounding), len(words) - 1))
    gone = set(order[:count])
    return [word for index, word in enumerate(words) if index not in gone], count


def _swap(words: Words, *, share: float, rng: random.Random) -> tuple[Words, int]:
    rounding, order = _draw(len(words), rng)
    pairs = min(math.floor(share * len(words) / 2 + rounding), len(words) // 2)
    after = list(words)
    for one, other in zip(order[0 : 2 * pairs : 2], order[1 : 2 * pairs : 2], strict=True):
        after[one], after[other] = words[other], words[one]
    return after, sum(was != now for was, now in zip(words, after, strict=True))


_WORD_NOISE: dict[str, Callable[..., tuple[Words, int]]] = {"delete": _delete, "swap": _swap}


def _flip(
    rows: Sequence[Example], n_labels: int, *, share: float, rng: random.Random
) -> tuple[tuple[Example, ...], int, int]:
    """(rows, number of rows, number of labels flipped)."""
    _, order = _draw(len(rows), rng)
    steps = [1 + math.floor(rng.random() * (n_labels - 1)) for _ in rows]
    chosen = set(order[: math.floor(share * len(rows) + 0.5)])
    flipped = tuple(
        replace(row, label=(row.label + steps[index]) % n_labels) if index in chosen else row
        for index, row in enumerate(rows)
    )
    return flipped, len(rows), len(chosen)
