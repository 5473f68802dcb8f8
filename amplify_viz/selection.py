"""Which layer, head and word: checked at the door, and named to people as they count, from one.

Checkpoints side by side may have different shapes: each shows what it has, and one that has nothing of what is asked for
says so (`lack`).
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord


class Counted(Protocol):
    """Something with layers and heads: a record, or the difference of two."""

    @property
    def checkpoint(self) -> str:
        """Its name."""

    @property
    def n_layers(self) -> int:
        """Number of layers."""

    @property
    def n_heads(self) -> int:
        """Number of heads in each layer."""


def check_layer(record: Counted, layer: int) -> int:
    """Returns layer (zero-based) if the record has it; raises InputError if not."""
    return _check("layer", layer, record.n_layers, record.checkpoint)


def check_head(record: Counted, head: int) -> int:
    """Returns head (zero-based) if the record has it; raises InputError if not."""
    return _check("head", head, record.n_heads, record.checkpoint)


def check_heads(record: Counted, heads: Sequence[int] | None) -> tuple[int, ...]:
    """Returns the heads chosen (zero-based), each once and in order; all of the record's for None.

    Raises InputError for a head that the record lacks, and for none chosen.
    """
    if heads is None:
        return tuple(range(record.n_heads))
    if not heads:
        raise InputError(
            "A view needs at least one head, none is chosen: choose one, or leave heads out for all of them."
        )
    return tuple(sorted({check_head(record, head) for head in heads}))


AnyCounted = TypeVar("AnyCounted", bound=Counted)


def own_heads(record: Counted, heads: Sequence[int] | None) -> tuple[int, ...]:
    """Those of the heads chosen (zero-based) that the record has, each once and in order; all of its own for None."""
    return tuple(
        sorted({head for head in (range(record.n_heads) if heads is None else heads) if head < record.n_heads})
    )


def lack(record: Counted, *, layer: int, heads: Sequence[int] | None = None) -> str:
    """Why a record has nothing of a layer's heads (all for None), in a sentence; "" where it has something.

    The same words as in `ui/web/lacking.js`.
    """
    if layer >= record.n_layers:
        return f"No layer {layer + 1}: this checkpoint has {record.n_layers}."
    if own_heads(record, heads):
        return ""
    none = f"No head {heads[0] + 1}" if heads and len(set(heads)) == 1 else "None of the heads chosen"
    return f"{none}: this checkpoint has {record.n_heads}."


def having(records: Sequence[AnyCounted], *, layer: int, heads: Sequence[int] | None = None) -> list[AnyCounted]:
    """Those of the records, one or more, that have something of a layer's heads, zero-based, None for all.

    Raises InputError for a layer or head that none of them has, for no head, and where nothing is left.
    """
    check_layer(max(records, key=lambda record: record.n_layers), layer)
    check_heads(max(records, key=lambda record: record.n_heads), heads)
    found = [record for record in records if not lack(record, layer=layer, heads=heads)]
    if not found:
        raise InputError(
            f"No checkpoint has both layer {layer + 1} and one of the heads chosen: choose another layer, or other heads."
        )
    return found


def check_focus(record: AttentionRecord, focus: int) -> int:
    """Returns focus, an index into record.word_texts, if there is such a word and a token belongs to it.

    Raises InputError if not.
    """
    _check("word", focus, len(record.word_texts), record.checkpoint)
    if focus not in record.words:
        raise InputError(
            f"A focus word needs a token, word {focus + 1} ({record.word_texts[focus]!r}) has none in {record.checkpoint}: "
            "it was cut off, or a token that begins before it covers it; choose another word."
        )
    return focus


def _check(kind: str, index: int, count: int, owner: str) -> int:
    if not 0 <= index < count:
        raise InputError(
            f"There is no {kind} {index + 1} of {count} in {owner}: choose {kind} 1 to {count} (0 to {count - 1} in code)."
        )
    return index
