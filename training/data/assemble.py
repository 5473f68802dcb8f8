"""A Dataset from the labelled rows of its splits, wherever they came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from amplify_viz.errors import DataError
from amplify_viz.reading.columns import Labelled
from training.data.dataset import Dataset, Example
from training.data.holdout import whole_dataset

_WHOLE_NUMBER = re.compile(r"-?\d+")


def assemble(
    labelled: Mapping[str, tuple[Labelled, ...]],
    origins: Mapping[str, str],
    *,
    name: str,
    seed: int,
    dev_share: float,
    test_share: float,
) -> Dataset:
    """The data set of given splits, train at least; the others are held out from train, and the notes say so.

    origins: split -> the path or name that messages call it by.  Raises DataError where there are fewer than two labels,
    a label of dev or test is missing from train, or some splits only have pairs.
    """
    _check_pairs(labelled, origins)
    label_names = _label_names(labelled, origins)
    given = {split: _examples(rows, label_names) for split, rows in labelled.items()}
    return whole_dataset(
        given,
        name=name,
        label_names=label_names,
        dev_share=dev_share,
        test_share=test_share,
        seed=seed,
        origin=Path(origins["train"]).name,
    )


def _check_pairs(labelled: Mapping[str, tuple[Labelled, ...]], origins: Mapping[str, str]) -> None:
    paired = {split: rows[0][1] is not None for split, rows in labelled.items()}
    for split, has_pair in paired.items():
        if has_pair != paired["train"]:
            having, lacking = (split, "train") if has_pair else ("train", split)
            raise DataError(
                f"All splits have a text_pair or none has, but {origins[having]} has it and {origins[lacking]} has not; "
                "fill it in or remove it."
            )


def _label_names(labelled: Mapping[str, tuple[Labelled, ...]], origins: Mapping[str, str]) -> tuple[str, ...]:
    """The labels of train, whole numbers in numerical order, names in alphabetical order."""
    names = {label for _, _, label in labelled["train"]}
    if len(names) < 2:
        raise DataError(
            f"A classifier needs two labels or more, but {origins['train']} has only '{min(names)}'; "
            "add rows of another label."
        )
    for split, rows in labelled.items():
        strangers = sorted({label for _, _, label in rows} - names)
        if strangers:
            raise DataError(
                f"Every label occurs in train, but '{strangers[0]}' occurs only in {origins[split]}; "
                "add rows of it to train or remove them."
            )
    numeric = all(_WHOLE_NUMBER.fullmatch(name) for name in names)
    return tuple(sorted(names, key=lambda name: (int(name) if numeric else 0, name)))


def _examples(rows: Iterable[Labelled], label_names: tuple[str, ...]) -> tuple[Example, ...]:
    ids = {name: index for index, name in enumerate(label_names)}
    return tuple(Example(text, pair, ids[label]) for text, pair, label in rows)
