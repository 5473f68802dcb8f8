"""A data set whose missing splits are held out from its training rows."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from amplify_viz.errors import DataError
from training.data.dataset import SPLITS, Dataset, Example


def whole_dataset(
    given: Mapping[str, tuple[Example, ...]],
    *,
    name: str,
    label_names: tuple[str, ...],
    dev_share: float,
    test_share: float,
    seed: int,
    origin: str,
) -> Dataset:
    """The data set of these splits, train at least; those that are not given are held out from train, with a note on each.

    dev_share, test_share: of all rows of train.  origin: what train is called.
    """
    splits, notes, left = dict(given), [], 1.0
    total, shares = len(given["train"]), {"test": test_share, "dev": dev_share}
    held_out = tuple(split for split in shares if split not in given)
    for split in held_out:
        rng = random.Random(f"{split} {seed}")
        splits["train"], splits[split] = hold_out(splits["train"], shares[split] / left, rng=rng, split=split)
        left -= shares[split]
        notes.append(
            f"There was no {split} split: {len(splits[split]):,} of the {total:,} rows of {origin} were held out "
            f"as {split} (a share of {shares[split]:g}, stratified by label, seed {seed})."
        )
    return Dataset(name, label_names, {split: splits[split] for split in SPLITS}, tuple(notes), held_out=held_out)


def hold_out(
    examples: Sequence[Example], share: float, *, rng: random.Random, split: str
) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """(kept, held out): both in the given order; about `share` of each label's rows are held out.

    share: in (0, 1).  rng: decides which rows.  split: what they are held out as, named in the error.
    Rows of equal text stay together, so nothing held out is also kept, and every label is among the kept ones.  Raises
    DataError where fewer than two labels could be held out.
    """
    held = set(_choose(examples, share, rng=rng))
    kept = tuple(example for example in examples if example.content not in held)
    out = tuple(example for example in examples if example.content in held)
    if len({example.label for example in out}) < 2:
        raise DataError(
            f"A split needs rows of two labels, but {len(examples)} rows are too few to hold some of them out "
            f"as {split}; add rows or a {split} file."
        )
    return kept, out


def _choose(examples: Sequence[Example], share: float, *, rng: random.Random) -> list[tuple[str, str | None]]:
    """Contents to hold out: from each stratum its share, but never the whole stratum.

    A stratum is the contents of one label (or of the same several labels, where equal texts are labelled differently).
    The strata's shares are rounded so that their sum is right too.
    """
    labels: dict[tuple[str, str | None], set[int]] = {}
    for example in examples:
        labels.setdefault(example.content, set()).add(example.label)
    strata: dict[tuple[int, ...], list[tuple[str, str | None]]] = {}
    for content, found in labels.items():
        strata.setdefault(tuple(sorted(found)), []).append(content)
    chosen: list[tuple[str, str | None]] = []
    due = 0.0
    for _, contents in sorted(strata.items()):
        due += share * len(contents)
        count = min(round(due - len(chosen)), len(contents) - 1)
        chosen += rng.sample(contents, count)
    return chosen
