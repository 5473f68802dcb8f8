"""What the panels of a figure show: records and their difference, checked at the door, and the ends of their scale."""

from collections.abc import Sequence

from amplify_viz.errors import InputError
from amplify_viz.filters import Between, Drawn
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Shown
from amplify_viz.selection import check_focus, check_layer


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


def check_between(records: Sequence[AttentionRecord], between: Between) -> None:
    """Raises InputError where attention between two sentences is asked of a text that has one."""
    if between != "all" and any(len(record.texts) < 2 for record in records):
        raise InputError(
            f"Attention between sentences needs a pair of them, got between={between!r} for one text: give the second, or "
            f"leave between out."
        )


def most_of(found: Shown, left: Drawn, heads: Sequence[int]) -> float:
    """What has the full colour, as in the browser: the largest weight of the heads before a filter, or of heads combined."""
    weights = found.weights[list(heads)] if left.heads else left.weights
    return float(weights.abs().max()) if weights.numel() else 0.0
