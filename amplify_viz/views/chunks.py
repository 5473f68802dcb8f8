"""The numbers of a view, in chunks: one layer, or one head, of one panel, made when the browser asks for it.

A chunk's name says what is in it, such as "heads/3/tokens/shown"; a new kind is one entry in KINDS.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from amplify_viz.errors import InputError
from amplify_viz.rows import Difference, Subject, shown
from amplify_viz.selection import check_head, check_layer
from amplify_viz.views.packing import pack
from amplify_viz.views.thumbnails import rows_meta, thumbnails

CLIP = 0.99  # of the values lie within the colour scale, so that a few outliers do not wash out the rest
MASKED = -1e4  # masks forbid with float32's or -inf's least number; what a family adds to scores is far above this
_SAMPLED_QUERIES = 32


def chunk(subject: Subject, name: str) -> bytes:
    """The packed chunk of that name of one panel: its rows, and its numbers.

    Raises InputError for a name that there is not, or that names a layer or head which the subject lacks.
    Equal subjects and names give equal bytes.
    """
    kind, *parts = name.split("/")
    try:
        return KINDS[kind](subject, *parts)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError):
        raise InputError(
            f"A chunk is one of {', '.join(KINDS)} with what it takes, got {name[:80]!r}: reload the page."
        ) from None


def _heads(subject: Subject, layer: str, level: Any, special: Any) -> bytes:
    """One layer's weights, float16 [head, from, to]; `most`: the largest of each head, by its distance from 0."""
    found = shown(subject, layer=int(layer), level=level, special=special)
    sent = found.weights.numpy().astype(np.float16)
    most = np.abs(sent).max(axis=(1, 2), initial=0)
    return pack(rows_meta(found) | {"most": [float(value) for value in most]}, {"weights": sent})


def _neurons(subject: Subject, layer: str, head: str) -> bytes:
    """One head: queries and keys [token, dim] in float32, weights [query, key] in float16, and what the mask adds.

    The browser makes products and scores, scaling·q·k, itself; softmax(scores + bias), where not masked, is the weights.
    masked: where the mask forbids to look, bias: what else it adds, both [query, key] and left out where there is none.
    `limits`: 99 % of the vectors' elements, and of the products', lie within; and all scores and weights.
    """
    if isinstance(subject, Difference):
        raise InputError(
            f"Queries and keys are those of one model, {subject.checkpoint} is a difference: look at the two."
        )
    record, at = subject, (check_layer(subject, int(layer)), check_head(subject, int(head)))
    queries, keys, weights = record.queries[at], record.keys[at], record.weights[at]
    scaling = float(record.scaling[at[0]])
    meta = rows_meta(shown(record, layer=at[0])) | {
        "scaling": scaling,
        "by_root": abs(scaling * queries.shape[-1] ** 0.5 - 1) < 1e-3,
        "limits": {
            "vector": _limit(queries, keys),
            "product": _limit(_products(queries, keys)),
            "score": float((scaling * queries @ keys.T).abs().max()),
            "weight": float(weights.max()),
        },
    }
    vectors = {"queries": queries.numpy(), "keys": keys.numpy()}
    return pack(meta, vectors | {"weights": weights.numpy().astype(np.float16)} | _mask(record.mask[at[0]]))


def _mask(mask: Tensor) -> dict[str, NDArray[Any]]:
    """Where a mask forbids to look, and what else it adds to scores; each only where it does."""
    masked = (mask < MASKED).numpy()
    bias = np.where(masked, 0, mask.numpy())
    found: dict[str, NDArray[Any]] = {"masked": masked.astype(np.uint8), "bias": bias.astype(np.float32)}
    return {name: array for name, array in found.items() if array.any()}


def _products(queries: Tensor, keys: Tensor) -> Tensor:
    """Q × k of evenly spaced queries with every key, enough of them to know how large such products get."""
    step = -(-len(queries) // _SAMPLED_QUERIES)
    return queries[::step, None] * keys


def _limit(*values: Tensor) -> float:
    return max(float(np.quantile(value.abs().numpy(), CLIP, method="lower")) for value in values)


KINDS: Mapping[str, Callable[..., bytes]] = MappingProxyType(
    {"heads": _heads, "neurons": _neurons, "thumbnails": thumbnails}
)
