"""The head view: lines between tokens or words, one colour a head."""

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from amplify_viz.colours import head_colour
from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.selection import check_heads
from amplify_viz.text import to_words
from amplify_viz.ui.components.door import OnSelect, Selection, View
from amplify_viz.ui.components.packing import pack
from amplify_viz.ui.components.panels import Level, base_meta, check_records, panel, units_of

_VIEW = View("head_view")


def head_view(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    heads: Sequence[int] | None = None,
    focus: int | None,
    level: Level = "tokens",
    special: bool = True,
    key: str,
    on_select: OnSelect | None = None,
) -> Selection:
    """Draws the head view and returns what was clicked in it since the last run.

    The choices are those of `head_payload`; on_select gets the Selection before the page's script runs again.
    """
    payload = head_payload(records, layer=layer, heads=heads, focus=focus, level=level, special=special)
    return _VIEW.show(payload, key=key, on_select=on_select)


def head_payload(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    heads: Sequence[int] | None = None,
    focus: int | None,
    level: Level = "tokens",
    special: bool = True,
) -> bytes:
    """One layer's weights for the browser: for each record [head, from, to] as float16, and one scale over all of them.

    heads: zero-based, None for all that the records share; focus: an index into word_texts, or None to show every line;
    level: rows are tokens, or words (attention to a word is summed over its tokens, from a word averaged); special:
    False leaves out special tokens, and nothing is renormalised.  Raises InputError for a layer, head or focus that a
    record lacks, for another level, for more than four records and for records of different texts.
    The scale is the largest weight sent.
    """
    check_records(records, layer=layer, focus=focus)
    if level not in get_args(Level):
        raise InputError(f"A level is 'tokens' or 'words', got {level!r}: choose one of these.")
    chosen = _heads(records, heads)
    units = [_units(record, level=level, special=special) for record in records]
    weights = [_weights(record, layer, chosen, level=level, special=special) for record in records]
    meta: dict[str, Any] = base_meta(records, layer=layer, focus=focus) | {
        "level": level,
        "special": special,
        "scale": max((float(array.max()) for array in weights if array.size), default=0.0),
        "heads": [{"head": head, "colour": head_colour(head)} for head in chosen],
        "panels": [panel(record, rows, level=level) for record, rows in zip(records, units, strict=True)],
    }
    return pack(meta, {f"weights{i}": array for i, array in enumerate(weights)})


def _heads(records: Sequence[AttentionRecord], heads: Sequence[int] | None) -> tuple[int, ...]:
    shared = range(min((record.n_heads for record in records), default=0))
    for record in records:
        check_heads(record, heads)
    return tuple(shared) if heads is None else tuple(sorted(set(heads)))


def _units(record: AttentionRecord, *, level: Level, special: bool) -> list[tuple[int, ...]]:
    return [unit for unit in units_of(record, level=level) if special or record.words[unit[0]] is not None]


def _weights(
    record: AttentionRecord, layer: int, heads: Sequence[int], *, level: Level, special: bool
) -> NDArray[np.float16]:
    units = units_of(record, level=level)
    weights = record.weights[layer, list(heads)]
    if level == "words":
        weights = to_words(weights, units)
    kept = [row for row, unit in enumerate(units) if special or record.words[unit[0]] is not None]
    sent: NDArray[np.float16] = weights[:, kept][:, :, kept].numpy().astype(np.float16)
    return sent
