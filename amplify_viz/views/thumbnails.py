"""All layers and heads of one panel at once: small matrices, a byte a weight, and measures of each head."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from amplify_viz import statistics
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference, Shown, Subject, shown
from amplify_viz.views.packing import pack

MOST_ROWS = 128
_TOP = 255
_ZERO = 128  # the byte of a difference of 0
_STEPS = 127  # on either side of it


def thumbnails(subject: Subject, level: Any, special: Any) -> bytes:
    """Every layer's weights as uint8 [layer, head, from, to], rows, and `measures` by name, each [layer][head].

    A record's bytes are weight × 255 and its scale is 1; a difference's are 128 + 127 × difference / scale, where scale is
    its largest distance from 0.  pooled: rows in one of a longer text, of which each cell has the weight furthest from 0;
    else 1.  Measures are of all tokens, whatever rows are shown; a difference's of words where its tokens differ.
    |shown − weight| <= 1/510, and <= scale/254 of a difference.
    """
    layers = [shown(subject, layer=layer, level=level, special=special) for layer in range(subject.n_layers)]
    weights = torch.stack([found.weights for found in layers])
    pooled = max(1, -(-weights.shape[-1] // MOST_ROWS))
    small = weights if pooled == 1 else _pool(weights, pooled)
    if isinstance(subject, Difference):
        scale = float(weights.abs().max()) if weights.numel() else 0.0
        sent = _bytes(_ZERO + _STEPS * small / (scale or 1))
        measures = _measures_of_pair(subject)
    else:
        scale, sent, measures = 1.0, _bytes(_TOP * small), _measures_of(subject)
    meta = {"scale": scale, "pooled": pooled, "measures": {name: _listed(found) for name, found in measures.items()}}
    return pack(rows_meta(layers[0]) | meta, {"thumbnails": sent})


def rows_meta(found: Shown) -> dict[str, Any]:
    """What a chunk says of its rows: labels, words, segments, and the level and treatment of special tokens they have.

    read: of rows with text that the tokenizer does not know the tokens that the model read, None of the others.
    """
    rows = found.rows
    return {
        "labels": rows.labels,
        "words": rows.words,
        "segments": rows.segments,
        "read": [tokens if strange else None for tokens, strange in zip(rows.tokens, rows.unknown, strict=True)],
        "level": found.level,
        "special": found.special,
    }


def _pool(weights: Tensor, size: int) -> Tensor:
    """The weight furthest from 0 of each size × size cells; at the end of the text of those that are left."""
    over, under = (torch.nn.functional.max_pool2d(sign * weights, size, ceil_mode=True) for sign in (1, -1))
    return over.where(over >= under, -under)


def _bytes(values: Tensor) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = values.nan_to_num().round().clamp(0, _TOP).numpy().astype(np.uint8)
    return found


def _measures_of(record: AttentionRecord) -> Mapping[str, Tensor | None]:
    """Each measure [layer, head] of one record; None for one that its text or model does not have."""
    weights, segments = record.weights, record.segments
    special = [token for token, segment in enumerate(segments) if segment is None]
    return {
        "entropy": statistics.mean_entropy(weights),
        "distance": statistics.attention_distance(weights),
        "special": statistics.share_on(weights, special) if special else None,
        "first": statistics.share_on(weights, [0]),
        "across": statistics.share_across(weights, segments) if len(record.texts) > 1 else None,
    }


def _measures_of_pair(difference: Difference) -> Mapping[str, Tensor | None]:
    """How far two records' heads are apart, [layer, head]: between the rows that both have."""
    if difference.same_tokens:
        a, b = difference.a.weights, difference.b.weights
    else:
        a, b = _words_of(difference)
    return {"absolute": statistics.mean_absolute_difference(a, b), "divergence": statistics.jensen_shannon(a, b)}


def _words_of(difference: Difference) -> tuple[Tensor, Tensor]:
    """Both records' weights [layer, head, word, word] between the words that have a token in both."""
    pair = (difference.a, difference.b)
    shared = set(difference.a.words) & set(difference.b.words)
    a, b = (torch.stack([_between(record, layer, shared) for layer in range(record.n_layers)]) for record in pair)
    return a, b


def _between(record: AttentionRecord, layer: int, words: set[int | None]) -> Tensor:
    found = shown(record, layer=layer, level="words", special="hidden")
    kept = [place for place, word in enumerate(found.rows.words) if word is not None and word in words]
    return found.weights[:, kept][:, :, kept]


def _listed(measure: Tensor | None) -> list[list[float]] | None:
    return None if measure is None else [[float(value) for value in heads] for heads in measure]
