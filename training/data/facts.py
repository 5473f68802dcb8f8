"""What is odd about the splits of a data set, counted: rows that repeat others, texts that two splits share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from training.data.dataset import SPLITS, Dataset, Example

Key = tuple[str, str]


def count_repeats(data: Dataset) -> Dataset:
    """The data set with what repeats in its notes and facts; case and white space make no difference between texts.

    facts["duplicates"]: split -> {"rows": rows beyond the first of equal text (and text_pair), "other_label": those of them
    whose label is not the first one's}.  facts["leaks"]: "train/dev", "train/test", "dev/test" -> rows of the second split
    whose text (and text_pair) occurs in the first.
    """
    keys = {split: [_key(row) for row in data.splits[split]] for split in SPLITS}
    duplicates = {split: _duplicates(data.splits[split], found) for split, found in keys.items()}
    known = {split: set(found) for split, found in keys.items()}
    leaks = {f"{one}/{other}": sum(key in known[one] for key in keys[other]) for one, other in combinations(SPLITS, 2)}
    notes = (
        *(_repetition(split, **found) for split, found in duplicates.items() if found["rows"]),
        *(_leak(*pair.split("/"), count=count) for pair, count in leaks.items() if count),
    )
    facts = {**data.facts, "duplicates": duplicates, "leaks": leaks}
    return replace(data, notes=(*data.notes, *notes), facts=facts)


def count_classes(data: Dataset) -> Dataset:
    """The data set with facts["class_counts"]: split -> label name -> rows, 0 where there are none."""
    counts = {split: Counter(row.label for row in rows) for split, rows in data.splits.items()}
    named = {split: {name: found[i] for i, name in enumerate(data.label_names)} for split, found in counts.items()}
    return replace(data, facts={**data.facts, "class_counts": named})


def _key(row: Example) -> Key:
    one, other = (" ".join(text.casefold().split()) for text in (row.text, row.text_pair or ""))
    return one, other


def _duplicates(rows: Sequence[Example], keys: Sequence[Key]) -> dict[str, int]:
    first: dict[Key, int] = {}
    other = sum(row.label != first.setdefault(key, row.label) for row, key in zip(rows, keys, strict=True))
    return {"rows": len(rows) - len(first), "other_label": other}


def _repetition(split: str, *, rows: int, other_label: int) -> str:
    return f"Rows of {split} that repeat the text of an earlier one: {rows:,}, with another label: {other_label:,}."


def _leak(one: str, other: str, *, count: int) -> str:
    return f"Texts of {other} that occur in {one} too: {count:,}."
