"""A share of the rows held out as a split that the files do not have."""

from __future__ import annotations

import random
from collections.abc import Sequence

from training.data.dataset import DataError, Example


def hold_out(
    examples: Sequence[Example], share: float, *, rng: random.Random, split: str
) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """(kept, held out): both in the given order; about `share` of each label's rows are held out.

    share: in (0, 1).  rng: decides which rows.  split: what they are held out as, named in the error.
    Rows of equal text stay together, so nothing held out is also kept, and every label is among the kept ones.  Raises
    DataError where fewer than two labels could be held out.
    """
    held = set(_choose(examples, share, rng=rng))
    kept = tuple(example for example in examples if _content(example) not in held)
    out = tuple(example for example in examples if _content(example) in held)
    if len({example.label for example in out}) < 2:
        raise DataError(
            f"A split needs rows of two labels, but {len(examples)} rows are too few to hold some of them out "
            f"as {split}; add rows or a {split} file."
        )
    return kept, out


def _content(example: Example) -> tuple[str, str | None]:
    return example.text, example.text_pair


def _choose(examples: Sequence[Example], share: float, *, rng: random.Random) -> list[tuple[str, str | None]]:
    """Contents to hold out: from each stratum its share, but never the whole stratum.

    A stratum is the contents of one label (or of the same several labels, where equal texts are labelled differently).
    The strata's shares are rounded so that their sum is right too.
    """
    labels: dict[tuple[str, str | None], set[int]] = {}
    for example in examples:
        labels.setdefault(_content(example), set()).add(example.label)
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
