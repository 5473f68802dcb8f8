"""Figures of one word: how a head makes its attention, and how the words of the text relate to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.graph import WordGraph as Graph
from amplify_viz.graph import graphs_of
from amplify_viz.recipes.files import FORMATS
from amplify_viz.recipes.recipe import Made, Source
from amplify_viz.recipes.texts import OfText, Pair, Table, change, from_zero, names, pair
from amplify_viz.records import AttentionRecord
from amplify_viz.selection import check_focus, having

if TYPE_CHECKING:
    from amplify_viz.figures import Figure

Records = Sequence[AttentionRecord]


@dataclass(frozen=True, kw_only=True)
class NeuronView(OfText):
    """How one head makes a word's attention of its query and the keys (the paper's Figure 7)."""

    KIND: ClassVar[str] = "neuron-view"
    VIEW: ClassVar[str | None] = "neuron_view"

    layer: int = 4  # from 1
    head: int = 1  # from 1
    focus: int = 1  # the word whose query it is, counted from 1

    def look(self, records: Records) -> dict[str, Any]:
        """The choices of its page."""
        return {
            "layer": from_zero("layer", self.layer),
            "head": from_zero("head", self.head),
            "focus": check_focus(records[0], from_zero("word", self.focus)),
        }

    def figure(self, records: Records) -> "Figure":
        """Draws the records."""
        return av.figures.neuron_view(records, **self.look(records), width=self.width)

    def table(self, records: Records) -> Table:
        """For each key: its score (scaling·query·key + mask) and weight, then query and key by dimension."""
        look = self.look(records)
        some = having(records, layer=look["layer"], heads=[look["head"]])
        tokens = any(record.unknown for record in records)
        return pd.concat([_neurons(record, **look, tokens=tokens) for record in some], ignore_index=True)

    def caption(self, records: Records) -> str:
        """What the figure shows."""
        word = records[0].word_texts[self.look(records)["focus"]]
        shown = f"How head {self.head} of layer {self.layer} of {names(records)} makes the attention of “{word}”"
        sentences, look = av.figures.sentences, self.look(records)
        said = [
            *sentences.of_shapes(records, layer=look["layer"], heads=[look["head"]]),
            *sentences.of_records(records),
        ]
        return " ".join([f"{shown}: its query, the keys, their products, scores and weights.", *said])


def _neurons(record: AttentionRecord, layer: int, head: int, focus: int, *, tokens: bool) -> Table:
    token = record.words.index(focus)
    query, keys = record.queries[layer, head, token].double(), record.keys[layer, head].double()
    scores = record.scaling[layer].double() * (keys @ query) + record.mask[layer, token].double()
    columns: dict[str, Any] = {
        "checkpoint": record.checkpoint,
        "layer": layer + 1,
        "head": head + 1,
        "from": token + 1,
        "to": np.arange(record.n_tokens) + 1,
        "to_text": record.shown,
        **({"to_token": record.tokens} if tokens else {}),
        "score": scores.numpy(),
        "weight": record.weights[layer, head, token].numpy(),
    }
    columns |= {f"query_{i + 1}": value for i, value in enumerate(query.tolist())}
    return pd.DataFrame(columns | {f"key_{i + 1}": values for i, values in enumerate(keys.T.numpy())})


@dataclass(frozen=True, kw_only=True)
class WordGraph(OfText):
    """Words by how much a word looks at them, and who looks at whom (the paper's Figure 8)."""

    KIND: ClassVar[str] = "word-graph"
    VIEW: ClassVar[str | None] = "word_graph"

    layer: int = 4  # from 1
    head: int | None = None  # from 1; the mean over heads by default
    heads: tuple[int, ...] = ()  # the heads of that mean, from 1; all by default
    focus: int = 1  # the word that the colours are about, counted from 1
    threshold: float = 0.05  # weaker relations have no line
    layout: Literal["arc", "circle", "radial"] = "arc"  # a column with arcs, a circle, or rings around the focus word
    special: bool = False  # show special tokens
    difference: Pair = None  # two of the checkpoints, from 1: one more panel compares them

    def look(self, records: Records) -> dict[str, Any]:
        """The choices of its page."""
        return self._shared(records) | {"edge": self.threshold, "layout": self.layout}

    def made(self, records: Records, sources: Sequence[Source]) -> Made:
        """The same from records that are there already.  Its page raises InputError for special tokens, which it cannot show."""
        made = super().made(records, sources)
        return replace(made, page=_no_page) if self.special else made

    def figure(self, records: Records) -> "Figure":
        """Draws the records."""
        choices = self._shared(records) | {"threshold": self.threshold, "special": self.special}
        return av.figures.word_graph(records, **choices, layout=self.layout, width=self.width)

    def table(self, records: Records) -> Table:
        """Words (weight from the focus word, in a comparison its difference) and lines, as the graphs have them."""
        choices = self._shared(records) | {"threshold": self.threshold, "special": self.special}
        graphs = graphs_of(records, **choices)
        return pd.concat([_graph_table(name, graph) for name, graph in graphs], ignore_index=True)

    def caption(self, records: Records) -> str:
        """What the figure shows."""
        shared, said = self._shared(records), av.figures.sentences
        heads = shared["heads"] if self.head is None else [shared["head"]]
        mean = "the mean of " if heads is None or len(set(heads)) > 1 else ""
        of = f"in layer {self.layer}, {mean}{said.heads_in(records, heads)}, of {names(records)}"
        shown = f"Words of the text by the attention that “{records[0].word_texts[shared['focus']]}” pays them {of}"
        return " ".join(
            [
                f"{shown}; lines are weights of at least {self.threshold:g}.",
                *change(records, self.difference),
                *said.of_words(special=self.special, compared=self.difference is not None),
                *said.of_shapes(records, layer=shared["layer"], heads=heads),
                *said.of_records(records),
            ]
        )

    def _shared(self, records: Records) -> dict[str, Any]:
        return {
            "layer": from_zero("layer", self.layer),
            "head": None if self.head is None else from_zero("head", self.head),
            "heads": [from_zero("head", head) for head in self.heads] or None,
            "focus": check_focus(records[0], from_zero("word", self.focus)),
            "difference": pair(self.difference, records),
        }


def _no_page() -> str:
    others = ", ".join(kind for kind in FORMATS if kind != "html")
    raise InputError(f"A word graph's page shows no special tokens, got --special: leave it out, or write {others}.")


def _graph_table(name: str, graph: Graph) -> Table:
    places = {node: (node + 1, data["label"]) for node, data in graph.nodes(data=True)}
    nodes = [(name, "word", None, None, *places[node], data["weight"]) for node, data in graph.nodes(data=True)]
    edges = [
        (name, data.get("kind", "line"), *places[source], *places[target], data["weight"])
        for source, target, data in graph.edges(data=True)
        if source != target
    ]
    columns = ["checkpoint", "kind", "from", "from_text", "to", "to_text", "weight"]
    table = pd.DataFrame([*nodes, *edges], columns=columns)
    return table.astype({"from": "Int64"})
