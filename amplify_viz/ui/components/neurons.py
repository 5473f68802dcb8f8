"""The neuron view: how one head's query and keys make the attention of the focus word."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from amplify_viz.records import AttentionRecord
from amplify_viz.selection import check_head
from amplify_viz.ui.components.door import OnSelect, Selection, View
from amplify_viz.ui.components.packing import pack
from amplify_viz.ui.components.panels import base_meta, check_records, panel, units_of

CLIP = 0.99  # of the values lie within the colour scale, so that a few outliers do not wash out the rest
MASKED = -1e4  # masks forbid with float32's or -inf's least number; what a family adds to scores is far above this
_SAMPLED_QUERIES = 32
_VIEW = View("neuron_view")


def neuron_view(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    head: int,
    focus: int,
    key: str,
    on_select: OnSelect | None = None,
) -> Selection:
    """Draws the neuron view and returns what was clicked in it since the last run.

    The choices are those of `neuron_payload`; on_select gets the Selection before the page's script runs again.
    """
    return _VIEW.show(neuron_payload(records, layer=layer, head=head, focus=focus), key=key, on_select=on_select)


def neuron_payload(records: Sequence[AttentionRecord], *, layer: int, head: int, focus: int) -> bytes:
    """One head for the browser: for each record its queries and keys [token, dim], scores and weights [query, key].

    The scores are scaling·q·k, before the mask; masked is 1 where the mask forbids to look.  Raises InputError for a layer,
    head or focus word that a record lacks, for more than four records and for records of different texts.
    The colour scales are shared by all records: 99 % of the values lie within those of vectors and products.
    """
    check_records(records, layer=layer, focus=focus)
    for record in records:
        check_head(record, head)
    parts = [_head(record, layer, head) for record in records]
    meta: dict[str, Any] = base_meta(records, layer=layer, focus=focus) | {
        "head": head,
        "scales": {
            "vector": max((_limit(part["queries"], part["keys"]) for part in parts), default=0.0),
            "product": max((_limit(_products(part)) for part in parts), default=0.0),
            "score": max((float(part["scores"].abs().max()) for part in parts), default=0.0),
            "weight": max((float(part["weights"].max()) for part in parts), default=0.0),
        },
        "panels": [_panel(record, layer) for record in records],
    }
    return pack(meta, {f"{name}{i}": _sent(array) for i, part in enumerate(parts) for name, array in part.items()})


def _head(record: AttentionRecord, layer: int, head: int) -> dict[str, Tensor]:
    queries, keys = record.queries[layer, head], record.keys[layer, head]
    return {
        "queries": queries,
        "keys": keys,
        "scores": record.scaling[layer] * queries @ keys.T,
        "weights": record.weights[layer, head],
        "masked": record.mask[layer] < MASKED,
    }


def _products(part: dict[str, Tensor]) -> Tensor:
    """Q × k of evenly spaced queries with every key, enough of them to know how large such products get."""
    step = -(-len(part["queries"]) // _SAMPLED_QUERIES)
    return part["queries"][::step, None] * part["keys"]


def _limit(*values: Tensor) -> float:
    return max(float(np.quantile(value.abs().numpy(), CLIP, method="lower")) for value in values)


def _panel(record: AttentionRecord, layer: int) -> dict[str, Any]:
    by_root = abs(float(record.scaling[layer]) * record.queries.shape[-1] ** 0.5 - 1) < 1e-3
    return panel(record, units_of(record, level="tokens"), level="tokens") | {"by_root": by_root}


def _sent(array: Tensor) -> np.ndarray[Any, Any]:
    numbers = array.numpy()
    return numbers.astype(np.uint8 if numbers.dtype == bool else np.float16)
