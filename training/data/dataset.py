"""What a data set is once it has been loaded, from the built-in grammar or from files: Example, Dataset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from amplify_viz.config import slug
from amplify_viz.reading.splits import SPLITS

__all__ = ["SPLITS", "Dataset", "Example", "folder_name"]


@dataclass(frozen=True)
class Example:
    """One text, or one pair of texts, and the id of its label."""

    text: str
    text_pair: str | None
    label: int

    @property
    def content(self) -> tuple[str, str | None]:
        """What the model reads of it: rows of equal content are duplicates."""
        return self.text, self.text_pair


@dataclass(frozen=True)
class Dataset:
    """Labelled texts in three splits.

    name: `[a-z0-9._-]+`, used as a folder name.  label_names: the index is the label id.
    splits: "train", "dev", "test".  notes: plain sentences on how the splits came about and what is odd about them.
    facts: the same in numbers, fit for JSON (`load_dataset` says which).  held_out: the splits taken from train.
    Every label occurs in train, unless label noise took it away; every example has a text_pair, or none has.
    """

    name: str
    label_names: tuple[str, ...]
    splits: Mapping[str, tuple[Example, ...]]
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    held_out: tuple[str, ...] = ()

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Split -> sha256 (hex) of its texts and label names in order.

        Equal contents have equal hashes on every machine; any change of a text, a label or the order changes them.
        """
        return {split: self._hash(examples) for split, examples in self.splits.items()}

    def _hash(self, examples: Sequence[Example]) -> str:
        content = [[one.text, one.text_pair, self.label_names[one.label]] for one in examples]
        canonical = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def folder_name(stem: str) -> str:
    """The stem in lower case, every run of characters outside [a-z0-9._-] made one hyphen; never empty, `.` or `..`."""
    return slug(stem) or "data"
