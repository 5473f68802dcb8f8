"""What the panels of a figure show: records and their difference, checked at the door, and the ends of their scale."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from amplify_viz.errors import InputError
from amplify_viz.filters import Between, Drawn
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Shown
from amplify_viz.selection import Counted, check_focus, having, lack

AnyCounted = TypeVar("AnyCounted", bound=Counted)
Lacking = Mapping[int, tuple[str, str]]
"""Panels whose model lacks what is drawn: by their place among all panels a name, and why there is nothing below it."""
ALL_THERE: Lacking = MappingProxyType({})


def check_records(records: Sequence[AttentionRecord], *, focus: int | None = None) -> None:
    """Raises InputError unless there are one to four records which all have the same focus word."""
    if not 1 <= len(records) <= 4:
        raise InputError(f"A figure shows 1 to 4 records side by side, got {len(records)}: choose up to four.")
    if focus is not None:
        words = sorted({repr(record.word_texts[check_focus(record, focus)]) for record in records})
        if len(words) > 1:
            raise InputError(
                f"Records side by side need the same word at the focus, word {focus + 1} is {' and '.join(words)}: "
                "capture one text with each checkpoint."
            )


def parted(
    subjects: Sequence[AnyCounted], *, layer: int, heads: Sequence[int] | None = None
) -> tuple[list[AnyCounted], Lacking]:
    """The subjects that have something of a layer's heads, and the panels of those that lack it.

    heads: zero-based, None for all.  Raises InputError as `having` does.
    """
    reasons = [(subject.checkpoint, lack(subject, layer=layer, heads=heads)) for subject in subjects]
    lacking = {place: named for place, named in enumerate(reasons) if named[1]}
    return having(subjects, layer=layer, heads=heads), lacking


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
