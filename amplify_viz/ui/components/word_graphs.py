"""The word-relation graph: words coloured by what the focus word pays them, and lines between words that look."""

from collections.abc import Sequence
from typing import Any, get_args

import networkx as nx
import numpy as np
from torch import Tensor

from amplify_viz import graph
from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.ui.components.door import OnSelect, Selection, View
from amplify_viz.ui.components.packing import pack
from amplify_viz.ui.components.panels import Layout, base_meta, check_records, panel

_VIEW = View("word_graph")
Units = list[tuple[int, ...]]


def word_graph(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    head: int | None = None,
    focus: int,
    threshold: float,
    layout: Layout = "arc",
    key: str,
    on_select: OnSelect | None = None,
) -> Selection:
    """Draws the word-relation graph and returns what was clicked in it since the last run.

    The choices are those of `graph_payload`; on_select gets the Selection before the page's script runs again.
    """
    payload = graph_payload(records, layer=layer, head=head, focus=focus, threshold=threshold, layout=layout)
    return _VIEW.show(payload, key=key, on_select=on_select)


def graph_payload(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    head: int | None = None,
    focus: int,
    threshold: float,
    layout: Layout = "arc",
) -> bytes:
    """The attention between words for the browser: for each record [word that looks, word looked at] as float16.

    head: zero-based, None for the mean over heads; threshold: lines below it are not drawn; layout: see `graph.layout`.
    Special tokens are left out, and nothing is renormalised.  Raises InputError for a layer, head or focus word that a
    record lacks, another layout, a threshold outside 0 to 1, more than four records and records of different texts.
    A word has the same place in all panels, and the scale, the largest weight sent, is one for all.
    """
    check_records(records, layer=layer, focus=focus)
    if not 0 <= threshold <= 1:
        raise InputError(f"A threshold is an attention weight from 0 to 1, got {threshold}: choose one between.")
    if layout not in get_args(Layout):
        raise InputError(f"A layout is one of {', '.join(get_args(Layout))}, got {layout!r}: choose one of these.")
    units = [[unit for unit in record.groups if record.words[unit[0]] is not None] for record in records]
    weights = [_weights(graph.word_weights(record, layer=layer, head=head), record) for record in records]
    places = _places(records, focus, layout)
    meta: dict[str, Any] = base_meta(records, layer=layer, focus=focus) | {
        "head": head,
        "threshold": threshold,
        "layout": layout,
        "scale": max((float(array.max()) for array in weights), default=0.0),
        "panels": [_panel(record, rows, places) for record, rows in zip(records, units, strict=True)],
    }
    return pack(meta, {f"weights{i}": array.numpy().astype(np.float16) for i, array in enumerate(weights)})


def _weights(weights: Tensor, record: AttentionRecord) -> Tensor:
    kept = [row for row, group in enumerate(record.groups) if record.words[group[0]] is not None]
    return weights[kept][:, kept]


def _places(records: Sequence[AttentionRecord], focus: int, layout: Layout) -> dict[int, graph.Point]:
    """Where each word stands that has a token in any of the records, and the focus word."""
    words: graph.WordGraph = nx.DiGraph(focus=focus)
    seen = {word for record in records for word in record.words if word is not None}
    words.add_nodes_from(sorted(seen | {focus}))
    return graph.layout(words, layout)


def _panel(record: AttentionRecord, units: Units, places: dict[int, graph.Point]) -> dict[str, Any]:
    named = panel(record, units, level="words")
    return named | {"places": [places[word] for word in named["words"]]}
