"""What the panels of every view share: which records they show, whose words those are, and the checks at the door."""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

from amplify_viz import colours
from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.selection import check_focus, check_layer

MAX_PANELS = 4
Level = Literal["tokens", "words"]
Layout = Literal["arc", "circle", "radial"]
COLOURS: Mapping[str, str] = MappingProxyType(
    {"positive": colours.POSITIVE, "negative": colours.NEGATIVE, "focus": colours.FOCUS}
)


def check_records(records: Sequence[AttentionRecord], *, layer: int, focus: int | None) -> None:
    """Raises InputError unless there are at most four records, all of one text, and all have the layer and the focus word.

    An empty sequence passes: the view then says that nothing is chosen.
    """
    if len(records) > MAX_PANELS:
        raise InputError(
            f"A view shows at most {MAX_PANELS} checkpoints side by side, got {len(records)}: choose fewer."
        )
    for record in records:
        if record.texts != records[0].texts:
            raise InputError(
                f"A view compares records of one text, and {record.checkpoint} read {record.texts} where "
                f"{records[0].checkpoint} read {records[0].texts}: capture the same text with each."
            )
        check_layer(record, layer)
        if focus is not None:
            check_focus(record, focus)


def base_meta(records: Sequence[AttentionRecord], *, layer: int, focus: int | None) -> dict[str, Any]:
    """What every view of records is told: the layer, the focus word, the colours, and an id of the words on show.

    Views with the same id link their words in the browser.
    """
    words = repr(records[0].word_texts if records else ()).encode()
    text = hashlib.sha256(words).hexdigest()[:16]
    return {"layer": layer, "focus": focus, "text": text, "colours": dict(COLOURS)}


def panel(record: AttentionRecord, units: Sequence[Sequence[int]], *, level: Level) -> dict[str, Any]:
    """How one panel is named and what its rows are called.

    units: the token positions of each row, as `units_of` gives them.  Each row gets its label, the word that it belongs
    to and its sentence, both None for a special token.
    """
    return {
        "title": record.checkpoint,
        "prediction": _prediction(record),
        "labels": [_label(record, unit[0], level) for unit in units],
        "words": [record.words[unit[0]] for unit in units],
        "segments": [record.segments[unit[0]] for unit in units],
    }


def units_of(record: AttentionRecord, *, level: Level) -> tuple[tuple[int, ...], ...]:
    """The rows of a record's panel, as token positions: each token, or each word with special tokens by themselves."""
    return record.groups if level == "words" else tuple((token,) for token in range(record.n_tokens))


def _label(record: AttentionRecord, token: int, level: Level) -> str:
    word = record.words[token]
    return record.shown[token] if level == "tokens" or word is None else record.word_texts[word]


def _prediction(record: AttentionRecord) -> dict[str, Any] | None:
    if record.probabilities is None:
        return None
    best = int(record.probabilities.argmax())
    label = record.label_names[best] if best < len(record.label_names) else f"label {best + 1}"
    return {"label": label, "probability": float(record.probabilities[best])}
