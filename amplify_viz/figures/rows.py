"""The rows of a figure: which tokens or words it shows, in reading order, and how high each stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from amplify_viz import rows
from amplify_viz.figures.fonts import clean, extent
from amplify_viz.figures.style import LARGE, SMALL
from amplify_viz.graph import LEFT_OUT
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Level, Special

MOST = 60  # rows that stay legible
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Tokens or words to show: their text, the token positions behind each, and the word's index (None if special)."""

    labels: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]
    words: tuple[int | None, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def of_word(self, word: int) -> list[int]:
        """The rows that belong to a word."""
        return [row for row, other in enumerate(self.words) if other == word]

    def only(self, kept: Sequence[int]) -> "Rows":
        """These rows alone."""
        return Rows(
            labels=tuple(self.labels[row] for row in kept),
            groups=tuple(self.groups[row] for row in kept),
            words=tuple(self.words[row] for row in kept),
        )

    @property
    def size(self) -> float:
        """Font size in points: smaller where there are many."""
        return LARGE if len(self) <= 24 else SMALL

    def heights(self) -> list[float]:
        """Each row's middle in points from the top: evenly spaced, a little more where tokens between are left out."""
        pitch = max([1.28 * self.size, *(extent(text, size=self.size)[1] + 0.8 for text in self.labels)])
        gaps = [min(after) - max(before) > 1 for before, after in pairwise(self.groups)]
        steps = np.cumsum([0.5, *(1 + LEFT_OUT * gap for gap in gaps)])
        return [float(pitch * step) for step in steps[: len(self)]]


def rows_of(record: AttentionRecord, *, level: Level = "tokens", special: Special = "shown") -> Rows:
    """All rows of a record: one for each token, or for each word (special tokens by themselves, or left out)."""
    return as_drawn(rows.rows_of(record, level=level, special=special))


def as_drawn(found: rows.Rows) -> Rows:
    """The rows of a view as a figure writes them."""
    return Rows(tuple(clean(text) or " " for text in found.labels), found.units, found.words)


def strongest(strengths: Sequence[Numbers], kept: Sequence[Sequence[int]]) -> list[list[int]]:
    """For each panel the rows to show: all, or the MOST strongest in reading order, the kept ones always among them.

    strengths: for each panel one number a row.  Panels with equally many rows show the same ones: the strongest in any.
    """
    if len({len(panel) for panel in strengths}) == 1:
        strengths = [np.max(strengths, axis=0)] * len(strengths)
    chosen = []
    for panel, always in zip(strengths, kept, strict=True):
        ranked = panel.copy()
        ranked[list(always)] = np.inf
        chosen.append(sorted(np.argsort(-ranked, kind="stable")[:MOST].tolist()))
    return chosen
