"""The figure of attention from a word to the input through all layers: rollout, and flow for short texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
import torch
from torch import Tensor

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.recipes.recipe import Made, Source, listed
from amplify_viz.recipes.texts import OfText, Table, from_zero, names
from amplify_viz.records import AttentionRecord
from amplify_viz.selection import check_focus
from amplify_viz.statistics.rollouts import Progress
from amplify_viz.text import to_words

if TYPE_CHECKING:
    from amplify_viz.figures import Figure

Records = Sequence[AttentionRecord]
Start = tuple[AttentionRecord, int]
"""A record, and the layer (from 1) in which attention starts."""
_ROLLOUT = (
    "Rollout multiplies the layers' attention, mean over heads, half of each layer being the residual connection."
)
_OFF = "A head that is switched off passes nothing on, and is left out of the mean."
_FLOW = (
    "Flow is the largest flow to a word, all its tokens together, through the same graph with attention as capacities; flows "
    "to different words are no shares of a whole."
)


@dataclass(frozen=True, kw_only=True)
class Rollout(OfText):
    """Attention from a word to every word of the input through all layers: rollout, and flow (Abnar and Zuidema 2020)."""

    KIND: ClassVar[str] = "rollout"

    focus: int = 1  # the word that it starts from, counted from 1
    through: int | None = None  # the layer that it starts in, from 1; each checkpoint's last by default
    flow: bool = False  # flow, too: exact, so of up to 32 tokens, and it takes some seconds

    def made(self, records: Records, sources: Sequence[Source], *, flows: Sequence[Tensor] = ()) -> Made:
        """The same from records that are there already.

        sources: theirs, in the same order; flows: from `flow_from`, of each record that has the layer, where they are known.
        """
        word, starts = self._start(records)
        if self.flow and not flows:
            flows = [flow_from(record, tokens_of(record, word), top) for record, top in starts]
        table = pd.concat(
            [_table(*start, word, flows[number] if self.flow else None) for number, start in enumerate(starts)],
            ignore_index=True,
        )
        return Made(
            figure=self._drawn(records, table),
            table=table.drop(columns="is_focus"),
            caption=self.caption(records),
            sources=tuple(sources),
            texts=records[0].texts,
        )

    def figure(self, records: Records) -> "Figure":
        """Draws the records."""
        return self.made(records, ()).figure

    def table(self, records: Records) -> Table:
        """A row for each word of the input, and for each special token: what reaches it from the focus word."""
        return self.made(records, ()).table

    def caption(self, records: Records) -> str:
        """What the figure shows."""
        word, starts = self._start(records)
        what = "Attention rollout and flow" if self.flow else "Attention rollout"
        shown = f"{what} from “{records[0].word_texts[word]}” in {where_of(starts)} to the input, of {names(records)}."
        return " ".join([shown, self._said(records)])

    def _drawn(self, records: Records, table: Table) -> "Figure":
        word, starts = self._start(records)
        return av.figures.rollout(
            table,
            title=f"From “{records[0].word_texts[word]}” in {where_of(starts)} to the input",
            note=self._said(records),
            width=self.width,
        )

    def _said(self, records: Records) -> str:
        said = av.figures.sentences
        off = [_OFF] if any(record.off for record in records) else []
        flow = [_FLOW] if self.flow else []
        lacking = said.of_shapes(records, layer=(self.through or 1) - 1)
        return " ".join([_ROLLOUT, *off, *flow, *lacking, *said.of_records(records)])

    def _start(self, records: Records) -> tuple[int, list[Start]]:
        """The word, from zero, and where attention starts."""
        word = from_zero("word", self.focus)
        for record in records:
            check_focus(record, word)
        n_layers = max(record.n_layers for record in records)
        if self.through is not None and not 1 <= self.through <= n_layers:
            raise InputError(
                f"--through is a layer that a checkpoint has, got {self.through}: choose one from 1 to {n_layers}."
            )
        return word, starts_of(records, self.through)


def starts_of(records: Records, through: int | None) -> list[Start]:
    """The records that have a layer (from 1; None for each one's last), and how many layers attention goes through."""
    tops = ((record, record.n_layers if through is None else through) for record in records)
    return [(record, top) for record, top in tops if top <= record.n_layers]


def where_of(starts: Sequence[Start]) -> str:
    """Such as "layer 6", or "the last layer (6 and 12)" where models differ."""
    tops = list(dict.fromkeys(top for _, top in starts))
    return f"layer {tops[0]}" if len(tops) == 1 else f"the last layer ({listed([str(top) for top in tops])})"


def rollout_from(record: AttentionRecord, word: int, top: int) -> Tensor:
    """Rollout from a word (from zero), the mean over its tokens, through so many layers to each group: [group].

    Sums to 1.
    """
    through = av.statistics.rollout(record.weights[:top].float(), off=record.off)
    found = to_words(through[-1], record.groups)
    return found[next(i for i, group in enumerate(record.groups) if record.words[group[0]] == word)]


def tokens_of(record: AttentionRecord, word: int) -> tuple[int, ...]:
    """The positions of a word's tokens (the word from zero)."""
    return tuple(token for token, one in enumerate(record.words) if one == word)


def flow_from(record: AttentionRecord, tokens: Sequence[int], top: int, *, progress: Progress | None = None) -> Tensor:
    """Flow from a word's tokens, the mean over them, through so many layers to each group: [group].

    progress: see `statistics.flow`, of all of them.  Each value lies between 0 and 1.
    """
    weights = record.weights[:top].float()
    settings: dict[str, Any] = {"groups": record.groups, "off": record.off}
    each = [
        av.statistics.flow(weights, token, progress=progress and _part(progress, i, len(tokens)), **settings)
        for i, token in enumerate(tokens)
    ]
    return torch.stack(each).mean(dim=0)


def _part(progress: Progress, finished: int, count: int) -> Progress:
    return lambda share: progress((finished + share) / count)


def _table(record: AttentionRecord, top: int, word: int, flow: Tensor | None) -> Table:
    words = [record.words[group[0]] for group in record.groups]
    table = pd.DataFrame(
        {
            "checkpoint": record.checkpoint,
            "layer": top,
            "from_word": word + 1,
            "from_text": record.word_texts[word],
            "to": range(1, len(words) + 1),
            "to_word": pd.array([None if one is None else one + 1 for one in words], dtype="Int64"),
            "to_text": record.group_labels,
            "is_focus": [one == word for one in words],
            "rollout": rollout_from(record, word, top).tolist(),
        }
    )
    return table if flow is None else table.assign(flow=flow.tolist())
