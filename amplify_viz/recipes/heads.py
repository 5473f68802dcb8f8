"""Figures of attention weights: of one layer as lines or as a matrix, and of all layers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

import amplify_viz as av
from amplify_viz.filters import Between, Combine, drawn
from amplify_viz.recipes.texts import OfText, Pair, Table, change, from_zero, names, pair, weights_table
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference, Level, Special, shown, subjects_of
from amplify_viz.selection import check_focus, having, own_heads

if TYPE_CHECKING:
    from amplify_viz.figures import Figure

Records = Sequence[AttentionRecord]


@dataclass(frozen=True, kw_only=True)
class _OfLayer(OfText):
    """What figures of one layer's weights have."""

    layer: int = 4  # from 1
    heads: tuple[int, ...] = ()  # from 1; all by default
    level: Level = "tokens"  # a row for each token, or for each word
    special: Special = "shown"  # special tokens: shown, hidden, or hidden and the rest made to sum to 1
    between: Between = "all"  # which sentence looks at which: ab is from the first to the second
    least: float = 0.0  # weaker weights are left out
    top: int | None = None  # at most so many weights for each row and head
    difference: Pair = None  # two of the checkpoints, from 1: one more panel shows the second minus the first

    @property
    def _filters(self) -> dict[str, Any]:
        return {"between": self.between, "least": self.least, "top": self.top}

    def _choices(self, records: Records) -> dict[str, Any]:
        return self._filters | {
            "layer": from_zero("layer", self.layer),
            "heads": [from_zero("head", head) for head in self.heads] or None,
            "level": self.level,
            "special": self.special,
            "difference": pair(self.difference, records),
        }

    def _weights(self, records: Records, combine: Combine) -> Iterator[Table]:
        """The weights of each panel that has some; those that a filter leaves out are missing, for 0 would be a weight."""
        choices = self._choices(records)
        layer, chosen = choices["layer"], choices["heads"]
        for subject in having(subjects_of(records, choices["difference"]), layer=layer, heads=chosen):
            found = shown(subject, layer=layer, level=self.level, special=self.special)
            heads = own_heads(subject, chosen)
            left = drawn(found, heads, signed=isinstance(subject, Difference), combine=combine, **self._filters)
            tokens = any(record.unknown for record in records)
            numbers = left.weights.where(left.kept, nan).numpy()
            yield weights_table(subject.checkpoint, numbers, found.rows, heads=left.heads, layer=layer, tokens=tokens)

    def _where(self, records: Records) -> str:
        of = av.figures.sentences.heads_in(records, self._choices(records)["heads"])
        return f"in layer {self.layer}, {of}, of {names(records)}"

    def _said(self, records: Records, combine: Combine, *, beside: bool = False) -> str:
        """What the figure says of its choices.  beside: as `sentences.of_layer` takes it."""
        choices = self._choices(records)
        said = av.figures.sentences.of_layer(
            records,
            layer=choices["layer"],
            heads=choices["heads"],
            level=self.level,
            special=self.special,
            filters=self._filters | {"combine": combine},
            compared=self.difference is not None,
            beside=beside,
        )
        return " ".join([*change(records, self.difference), *said])


@dataclass(frozen=True, kw_only=True)
class HeadView(_OfLayer):
    """Lines of attention in one layer, a colour for each head (the paper's Figures 5 and 6)."""

    KIND: ClassVar[str] = "head-view"
    VIEW: ClassVar[str | None] = "head_view"

    focus: tuple[int, ...] = ()  # words whose lines alone are drawn, counted from 1
    combine: Combine = "each"  # each head by itself, or their mean, or their maximum

    def look(self, records: Records) -> dict[str, Any]:
        """The choices of its page."""
        return self._choices(records) | {"combine": self.combine, "focus": tuple(self._words(records)), "form": "lines"}

    def figure(self, records: Records) -> "Figure":
        """Draws the records."""
        words = self._words(records)
        return av.figures.head_view(
            records, **self._choices(records), combine=self.combine, focus=words, width=self.width
        )

    def table(self, records: Records) -> Table:
        """The weights that may be drawn (of the figure's faintest lines, too): places in the rows, words, texts, weight.

        A weight that a filter leaves out is missing.  from_token and to_token say what the models read, where a tokenizer does
        not know a part of the text.
        """
        table = pd.concat(list(self._weights(records, self.combine)), ignore_index=True)
        return table[table["from_word"].isin(self.focus)].reset_index(drop=True) if self.focus else table

    def caption(self, records: Records) -> str:
        """What the figure shows."""
        words = " and ".join(f"“{records[0].word_texts[word]}”" for word in self._words(records))
        of = f" from {words}" if words else ""
        signs = " Below 0 lines are dashed." if self.difference else ""
        shown = f"Attention{of} {self._where(records)}. A line's opacity is its weight.{signs}"
        return f"{shown} {self._said(records, self.combine, beside=bool(words))}".strip()

    def _words(self, records: Records) -> list[int]:
        return [check_focus(records[0], from_zero("word", word)) for word in self.focus]


@dataclass(frozen=True, kw_only=True)
class HeadMatrix(_OfLayer):
    """The weights of one layer as a matrix; several heads are combined."""

    KIND: ClassVar[str] = "head-matrix"
    VIEW: ClassVar[str | None] = "head_view"

    combine: Literal["mean", "max"] = "mean"  # of the heads

    def look(self, records: Records) -> dict[str, Any]:
        """The choices of its page."""
        return self._choices(records) | {"combine": self.combine, "form": "matrix"}

    def figure(self, records: Records) -> "Figure":
        """Draws the records."""
        return av.figures.head_matrix(records, **self._choices(records), combine=self.combine, width=self.width)

    def table(self, records: Records) -> Table:
        """The weights drawn, as in the head view."""
        return pd.concat(list(self._weights(records, self.combine)), ignore_index=True)

    def caption(self, records: Records) -> str:
        """What the figure shows."""
        shown = f"Attention {self._where(records)}. Rows look, columns are looked at; colours follow the square root of a weight."
        return f"{shown} {self._said(records, self.combine)}".strip()


@dataclass(frozen=True, kw_only=True)
class ModelView(OfText):
    """Every head of every layer as a small matrix."""

    KIND: ClassVar[str] = "model-view"
    VIEW: ClassVar[str | None] = "model_view"

    level: Level = "tokens"  # a row for each token, or for each word
    special: Special = "shown"  # special tokens: shown, hidden, or hidden and the rest made to sum to 1
    difference: Pair = None  # two of the checkpoints, from 1: one more panel shows the second minus the first

    def look(self, records: Records) -> dict[str, Any]:
        """The choices of its page."""
        return {"level": self.level, "special": self.special, "difference": pair(self.difference, records)}

    def figure(self, records: Records) -> "Figure":
        """Draws the records."""
        return av.figures.model_view(records, **self.look(records), width=self.width)

    def table(self, records: Records) -> Table:
        """Every weight, as in the head view."""
        return pd.concat(list(self._weights(records)), ignore_index=True)

    def caption(self, records: Records) -> str:
        """What the figure shows."""
        said = av.figures.sentences
        shown = f"Attention of every layer (rows) and head (columns) of {names(records)}"
        return " ".join(
            [
                f"{shown}; colours follow the square root of a weight.",
                *change(records, self.difference),
                *said.of_rows(self.level, self.special),
                *said.of_records(records),
            ]
        )

    def _weights(self, records: Records) -> Iterator[Table]:
        tokens = any(record.unknown for record in records)
        for subject in subjects_of(records, pair(self.difference, records)):
            for layer in range(subject.n_layers):
                found = shown(subject, layer=layer, level=self.level, special=self.special)
                heads = range(subject.n_heads)
                yield weights_table(
                    subject.checkpoint, found.weights.numpy(), found.rows, heads=heads, layer=layer, tokens=tokens
                )
