"""What all figures of one text have: their options, and how the text is read.

Layers, heads, words and checkpoints count from one here, as on screen.
"""

import re
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import amplify_viz as av
from amplify_viz.attention import Head
from amplify_viz.checkpoints import load
from amplify_viz.errors import InputError
from amplify_viz.recipes.recipe import EACH, FILES, Each, Made, Recipe, Source, listed, source_of
from amplify_viz.records import AttentionRecord, capture
from amplify_viz.rows import Rows

if TYPE_CHECKING:
    from amplify_viz.figures import Figure

Pair = tuple[int, int] | None
Table = pd.DataFrame
_OFF = re.compile(r"(?:(?P<run>\d+):)?(?P<layer>\d+)\.(?P<head>\d+)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class OfText(Recipe):
    """What one to four checkpoints do with a text, or with a pair of them."""

    run: Each = field(metadata=EACH | FILES)  # a run folder, a checkpoint folder, a hub name or "minilm"; give it once for each
    text: str  # the sentence
    pair: str | None = None  # the second sentence of a pair
    # how each is called in the figure, in the same order; as it is by default
    name: Each = field(default=(), metadata=EACH)
    off: Each = field(default=(), metadata=EACH)  # a head switched off, as layer.head: 3.11; in one of them: 2:3.11

    def make(self) -> Made:
        """Reads the text with each checkpoint and draws it."""
        if not self.run:
            raise InputError("A figure shows 1 to 4 checkpoints, got none: give --run FOLDER, once for each.")
        if self.name and len(self.name) != len(self.run):
            raise InputError(
                f"Each checkpoint has a name or none has, got {len(self.name)} names for {len(self.run)}: give --name once for "
                f"each --run."
            )
        checkpoints = [load(source) for source in self.run]
        records = [
            capture(checkpoint, self.text, self.pair, off=heads)
            for checkpoint, heads in zip(checkpoints, self._off(), strict=True)
        ]
        if self.name:
            records = [replace(record, checkpoint=name) for record, name in zip(records, self.name, strict=True)]
        return self.made(records, [source_of(one) for one in checkpoints])

    def made(self, records: Sequence[AttentionRecord], sources: Sequence[Source]) -> Made:
        """The same from records that are there already.  sources: theirs, in the same order."""
        view, look = self.VIEW, self.look(records)
        return Made(
            figure=self.figure(records),
            table=self.table(records),
            caption=self.caption(records),
            sources=tuple(sources),
            texts=records[0].texts,
            test=self.test,
            page=None if view is None else lambda: getattr(av.show, view)(records, **look).html,
        )

    @property
    def test(self) -> str:
        """The test that the figure shows, "" for none."""
        return ""

    def look(self, records: Sequence[AttentionRecord]) -> dict[str, Any]:
        """The choices of its page, as `show` takes them."""
        return {}

    @abstractmethod
    def figure(self, records: Sequence[AttentionRecord]) -> "Figure":
        """Draws the records."""

    @abstractmethod
    def table(self, records: Sequence[AttentionRecord]) -> Table:
        """The numbers drawn, one a row; layers, heads and words count from one."""

    @abstractmethod
    def caption(self, records: Sequence[AttentionRecord]) -> str:
        """What the figure shows, in a sentence or two."""

    def _off(self) -> list[list[Head]]:
        """The heads switched off in each checkpoint."""
        found: list[list[Head]] = [[] for _ in self.run]
        for text in self.off:
            match = _OFF.fullmatch(text)
            number = int(match["run"] or 0) if match else 0
            if match is None or number > len(self.run) or "0" in (match["run"], match["layer"], match["head"]):
                raise InputError(
                    f"A head to switch off is layer.head, counted from 1, with the checkpoint's number before it where it is "
                    f"off in one alone, got {text!r}: give it as 3.11 or 2:3.11."
                )
            for heads in found if number == 0 else [found[number - 1]]:
                heads.append((int(match["layer"]) - 1, int(match["head"]) - 1))
        return found


def from_zero(what: str, number: int) -> int:
    """A number counted from zero.  Raises InputError below 1."""
    if number < 1:
        raise InputError(f"Each {what} counts from 1, got {number}: give a number that a view shows.")
    return number - 1


def pair(difference: Pair) -> Pair:
    """The positions of two checkpoints, from zero."""
    if difference is None:
        return None
    first, second = (from_zero("checkpoint", number) for number in difference)
    return first, second


def names(records: Sequence[AttentionRecord]) -> str:
    """The checkpoints in a sentence."""
    return listed([record.checkpoint for record in records])


def numbered(what: str, numbers: Sequence[int]) -> str:
    """Such as "head 3" and "heads 3 and 4"."""
    return f"{what}{'s' * (len(numbers) > 1)} {listed([str(number) for number in numbers])}"


def weights_table(name: str, weights: Any, rows: Rows, *, heads: Sequence[int], layer: int) -> Table:
    """A row for each head, row that looks and row looked at, of weights [head, from, to].

    heads: whose they are, from zero; () for heads combined, which have no number.
    """
    head, source, target = (places.ravel() for places in np.indices(weights.shape))
    counted: list[int | None] = [one + 1 for one in heads]
    numbers: Any = pd.array(counted or [None], dtype="Int64")
    words: Any = pd.array([None if word is None else word + 1 for word in rows.words], dtype="Int64")
    labels = np.array(rows.labels, dtype=object)
    return pd.DataFrame(
        {
            "checkpoint": name,
            "layer": layer + 1,
            "head": numbers[head],
            "from": source + 1,
            "to": target + 1,
            "from_word": words[source],
            "to_word": words[target],
            "from_text": labels[source],
            "to_text": labels[target],
            "weight": weights.ravel(),
        }
    )
