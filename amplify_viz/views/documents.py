"""What a view is told at first: its panels, the words of the text, what to look at.  The numbers follow in chunks."""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from amplify_viz import colours
from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.views.look import Look
from amplify_viz.views.packing import pack

MAX_PANELS = 4
SHARED_COLOURS: Mapping[str, str] = MappingProxyType(
    {"positive": colours.POSITIVE, "negative": colours.NEGATIVE, "focus": colours.FOCUS}
)
_digests: WeakKeyDictionary[AttentionRecord, str] = WeakKeyDictionary()


def document(
    records: Sequence[AttentionRecord],
    look: Look,
    *,
    base: str | None = None,
    link: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> bytes:
    """The packed document of a view of some records, without numbers: {meta} as the browser's modules read it.

    base: the address below which the chunks are had, as `base/<panel's id>/<chunk's name>`; None where they come with
    the page.  link: what an address of the page must say besides what it says at first.  An empty sequence of records
    makes a view that says that nothing is chosen.  Raises InputError for more than four records and for records of
    different texts.
    """
    _check(records)
    words = records[0].word_texts if records else ()
    meta = {
        "text": hashlib.sha256(repr(words).encode()).hexdigest()[:16],
        "words": list(words),
        "n_texts": len(records[0].texts) if records else 0,
        "colours": {**SHARED_COLOURS, "heads": colours.HEADS},
        "panels": [_panel(record) for record in records],
        "base": base,
        "link": {name: list(values) for name, values in link.items()},
        "look": look.meta(),
        "usual": Look().meta(),
    }
    return pack(meta, {})


def digest(record: AttentionRecord) -> str:
    """What names a record's numbers: a hash of all that its attention is made of, and of its words.

    Equal for records with equal numbers; made once for each record.
    """
    if record not in _digests:
        hashed = hashlib.blake2b(digest_size=16)
        hashed.update(repr((record.tokens, record.words, record.word_texts, record.segments, record.shown)).encode())
        for tensor in (record.queries, record.keys, record.mask, record.scaling):
            hashed.update(repr(tuple(tensor.shape)).encode())
            hashed.update(tensor.contiguous().numpy().data)
        _digests[record] = hashed.hexdigest()
    return _digests[record]


def _check(records: Sequence[AttentionRecord]) -> None:
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


def _panel(record: AttentionRecord) -> dict[str, Any]:
    return {
        "id": digest(record),
        "title": record.checkpoint,
        "prediction": _prediction(record),
        "n_layers": record.n_layers,
        "n_heads": record.n_heads,
        "n_tokens": record.n_tokens,
        "off": [list(head) for head in record.off],
        "tokens": hashlib.sha256(repr((record.tokens, record.words)).encode()).hexdigest()[:16],
    }


def _prediction(record: AttentionRecord) -> dict[str, Any] | None:
    if record.probabilities is None:
        return None
    best = int(record.probabilities.argmax())
    label = record.label_names[best] if best < len(record.label_names) else f"label {best + 1}"
    return {"label": label, "probability": float(record.probabilities[best])}
