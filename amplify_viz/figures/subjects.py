"""What the panels of a figure show: records, their difference, and what of their attention was left out."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from amplify_viz.errors import InputError
from amplify_viz.figures.style import number
from amplify_viz.records import AttentionRecord
from amplify_viz.selection import check_focus, check_layer

_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "aa": "within the first",
        "ab": "from the first to the second",
        "ba": "from the second to the first",
        "bb": "within the second",
    }
)


def check_records(records: Sequence[AttentionRecord], *, layer: int, focus: int | None = None) -> None:
    """Raises InputError unless there are one to four records which all have the layer and the same focus word."""
    if not 1 <= len(records) <= 4:
        raise InputError(f"A figure shows 1 to 4 records side by side, got {len(records)}: choose up to four.")
    for record in records:
        check_layer(record, layer)
    if focus is not None:
        words = sorted({repr(record.word_texts[check_focus(record, focus)]) for record in records})
        if len(words) > 1:
            raise InputError(
                f"Records side by side need the same word at the focus, word {focus + 1} is {' and '.join(words)}: "
                "capture one text with each checkpoint."
            )


def said(filters: Mapping[str, Any], *, n_heads: int, combined: bool) -> Iterator[str]:
    """What the filters of `filters.drawn` left out, in sentences for below a figure."""
    if filters["between"] in _SENTENCES:
        yield f"Attention {_SENTENCES[filters['between']]} sentence alone."
    if filters["least"] > 0:
        yield f"Weights below {number(filters['least'])} are left out."
    if filters["top"] is not None:
        yield f"Of each row and head the {filters['top']} strongest are drawn."
    if combined:
        how = "Mean" if filters["combine"] == "mean" else "At each place the strongest"
        yield f"{how} of {n_heads} heads."
