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
from amplify_viz.recipes.recipe import EACH, FILES, Each, Made, Recipe, Sentence, Source, listed, source_of
from amplify_viz.records import AttentionRecord, capture
from amplify_viz.rows import Rows

if TYPE_CHECKING:
    from amplify_viz.figures import Figure

Pair = tuple[int, int] | None
Table = pd.DataFrame
_MOST_NAMED = 3
_OFF = re.compile(r"(?:(?P<run>\d+):)?(?P<layer>\d+)\.(?P<head>\d+)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class OfText(Recipe):
    """What one to four checkpoints do with a text, or with a pair of them."""

    # a run folder, a checkpoint folder, a hub name or "minilm"; give it once for each
    run: Each = field(metadata=EACH | FILES)
    text: str  # the sentence
    pair: Sentence = None  # the second sentence of a pair
    # how each is called in the figure, in the same order; as it is by default
    name: Each = field(default=(), metadata=EACH)
    off: Each = field(default=(), metadata=EACH)  # a head switched off, as layer.head: 3.11; in one of them: 2:3.11

    def draw(self) -> Made:
        """Reads the text with each checkpoint and draws it."""
        if not self.run:
            raise InputError("A figure shows 1 to 4 checkpoints, got none: give --run FOLDER, once for each.")
        if self.name and len(self.name) != len(self.run):
            raise InputError(
                f"Each checkpoint has a name or none has, got {len(self.name)} names for {len(self.run)}: give --name once for "
                f"each --run."
            )
        off = self._off()
        checkpoints = [load(source) for source in self.run]
        records = [
            capture(checkpoint, self.text, self.pair, off=heads)
            for checkpoint, heads in zip(checkpoints, off, strict=True)
        ]
        return self.made(self._named(records), [source_of(one) for one in checkpoints])

    def _named(self, records: Sequence[AttentionRecord]) -> list[AttentionRecord]:
        """The records under the names they have in the figure, each its own."""
        found = self.name or apart(records)
        if len(set(found)) < len(found):
            raise InputError(
                f"Each checkpoint has a name of its own, got {' and '.join(map(repr, found))}: choose others with --name."
            )
        return [replace(record, checkpoint=name) for record, name in zip(records, found, strict=True)]

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
            if match is None or "0" in (match["run"], match["layer"], match["head"]):
                raise InputError(
                    f"A head to switch off is layer.head, counted from 1, with the checkpoint's number before it where it is "
                    f"off in one alone, got {text!r}: give it as 3.11 or 2:3.11."
                )
            if number > len(found):
                raise InputError(
                    f"A head is switched off in one of the checkpoints given, got {text!r} and {_counted(len(found))}: give "
                    f"{match['layer']}.{match['head']} for all of them, or --run once more."
                )
            for heads in found if number == 0 else [found[number - 1]]:
                heads.append((int(match["layer"]) - 1, int(match["head"]) - 1))
        return found


def apart(records: Sequence[AttentionRecord]) -> tuple[str, ...]:
    """A name for each record: its checkpoint's; what heads are off, and then a number, where names are the same otherwise.

    Raises InputError for one checkpoint that is there twice with the same heads.
    """
    same = [(record.source, record.off) for record in records]
    twice = next((one for one in same if same.count(one) > 1), None)
    if twice is not None:
        raise InputError(
            f"Checkpoints side by side differ, {twice[0]} is there twice: give another --run, or switch heads off in one of "
            f"them (--off 2:3.11)."
        )
    names = [record.checkpoint for record in records]
    names = [
        f"{name} · without {_heads(record.off)}" if names.count(name) > 1 and record.off else name
        for name, record in zip(names, records, strict=True)
    ]
    return tuple(
        f"{name} ({names[: i + 1].count(name)})" if names.count(name) > 1 else name for i, name in enumerate(names)
    )


def _heads(off: Sequence[Head]) -> str:
    return f"{len(off)} heads" if len(off) > _MOST_NAMED else ", ".join(f"{one + 1}.{head + 1}" for one, head in off)


def _counted(number: int) -> str:
    return f"{number} checkpoint{'s' * (number > 1)}"


def from_zero(what: str, number: int) -> int:
    """A number counted from zero.  Raises InputError below 1."""
    if number < 1:
        raise InputError(f"Each {what} counts from 1, got {number}: give a number that a view shows.")
    return number - 1


def pair(difference: Pair, records: Sequence[AttentionRecord]) -> Pair:
    """The positions of two of the records, from zero.  Raises InputError where there are no such two."""
    if difference is None:
        return None
    first, second = difference
    if first == second or not all(1 <= number <= len(records) for number in difference):
        remedy = f"give two numbers from 1 to {len(records)}" if len(records) > 1 else "give --run twice or more"
        raise InputError(
            f"A difference is between two of the checkpoints given, counted from 1, got {first} and {second} for "
            f"{_counted(len(records))}: {remedy}."
        )
    return first - 1, second - 1


def change(records: Sequence[AttentionRecord], difference: Pair) -> list[str]:
    """What is said of the panel of a difference, in a sentence."""
    found = pair(difference, records)
    if found is None:
        return []
    first, second = (records[place].checkpoint for place in found)
    return [f"The last panel is the difference {second} − {first}."]


def names(records: Sequence[AttentionRecord]) -> str:
    """The checkpoints in a sentence."""
    return listed([record.checkpoint for record in records])


def weights_table(
    name: str, weights: Any, rows: Rows, *, heads: Sequence[int], layer: int, tokens: bool = False
) -> Table:
    """A row for each head, row that looks and row looked at, of weights [head, from, to].

    heads: whose they are, from zero; () for heads combined, which have no number.  tokens: say also what the model read.
    """
    head, source, target = (places.ravel() for places in np.indices(weights.shape))
    counted: list[int | None] = [one + 1 for one in heads]
    numbers: Any = pd.array(counted or [None], dtype="Int64")
    words: Any = pd.array([None if word is None else word + 1 for word in rows.words], dtype="Int64")
    labels = np.array(rows.labels, dtype=object)
    read = np.array(rows.tokens, dtype=object)
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
            **({"from_token": read[source], "to_token": read[target]} if tokens else {}),
            "weight": weights.ravel(),
        }
    )
