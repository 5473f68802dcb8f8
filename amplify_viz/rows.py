"""One layer's attention as it is shown: between tokens or words, with special tokens or without, of one record or of two.

Public names: `shown`, `Shown`, `Rows`, `Difference`, `Subject`, `subjects_of`, `Level`, `Special`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

from torch import Tensor

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.selection import check_layer
from amplify_viz.text import to_words

Level = Literal["tokens", "words"]
Special = Literal["shown", "hidden", "renormalised"]


@dataclass(frozen=True)
class Rows:
    """What a picture of attention has as rows and columns.

    units: token positions of each row; labels: what is written there; words: index into word_texts, None for a special
    token; segments: its sentence, 0 or 1, None for a special token; tokens: as the model read them, with spaces between
    those of a word, "" in a difference of models that read others; unknown: whether one of them is for unknown text.
    """

    units: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]
    words: tuple[int | None, ...]
    segments: tuple[int | None, ...]
    tokens: tuple[str, ...]
    unknown: tuple[bool, ...]


@dataclass(frozen=True, eq=False)
class Difference:
    """What one record's attention has more than another's on the same text: b − a, between −1 and 1.

    Raises InputError for records of different texts, and for models that differ in layers or heads.
    """

    a: AttentionRecord
    b: AttentionRecord

    def __post_init__(self) -> None:
        if self.a.texts != self.b.texts:
            raise InputError(
                f"A difference is between two records of one text, {self.b.checkpoint} read {self.b.texts} where "
                f"{self.a.checkpoint} read {self.a.texts}: capture the same text with both."
            )
        shapes = [f"{record.n_layers} × {record.n_heads}" for record in (self.b, self.a)]
        if shapes[0] != shapes[1]:
            raise InputError(
                f"A difference needs models of one shape, layers × heads of {self.b.checkpoint} and {self.a.checkpoint} are "
                f"{' and '.join(shapes)}: choose fine-tunings of one backbone."
            )

    @property
    def checkpoint(self) -> str:
        """The names of both: "b − a"."""
        return f"{self.b.checkpoint} − {self.a.checkpoint}"

    @property
    def n_layers(self) -> int:
        """Number of layers, the same in both."""
        return self.a.n_layers

    @property
    def n_heads(self) -> int:
        """Number of heads in each layer, the same in both."""
        return self.a.n_heads

    @cached_property
    def same_tokens(self) -> bool:
        """Whether both models read the same tokens.  If not, words are compared, and special tokens left out."""
        return self.a.tokens == self.b.tokens and self.a.words == self.b.words


Subject = AttentionRecord | Difference
"""What one panel of a view shows."""


def subjects_of(records: Sequence[AttentionRecord], difference: tuple[int, int] | None) -> list[Subject]:
    """The records, and behind them b − a where two of their positions are given.  Raises InputError where there is none."""
    if difference is None:
        return list(records)
    a, b = difference
    if a == b or not all(0 <= place < len(records) for place in difference):
        raise InputError(
            f"A difference is between two of the {len(records)} records, got {difference}: give their positions, from 0."
        )
    return [*records, Difference(records[a], records[b])]


@dataclass(frozen=True, eq=False)
class Shown:
    """One layer as it is shown: weights [head, row, row], rows, and the level and treatment of special tokens they have.

    These are the ones asked for, except for a difference between models of different tokenizers: it is always of words,
    without special tokens.
    """

    weights: Tensor
    rows: Rows
    level: Level
    special: Special


def shown(subject: Subject, *, layer: int, level: Level = "tokens", special: Special = "shown") -> Shown:
    """Returns one layer's attention between the rows asked for; of a Difference, b's weights minus a's.

    level: "words" sums attention to a word over its tokens and averages attention from it; special: "hidden" leaves special
    tokens out and every other weight as it is, "renormalised" then divides each row by its sum.  Raises InputError for a
    layer that the subject lacks and for another level or treatment.
    Rows sum to 1 when special tokens are shown or renormalised, a difference's to 0; a row that looks at special tokens
    alone stays 0.
    """
    _check("A level", level, get_args(Level))
    _check("The treatment of special tokens", special, get_args(Special))
    if isinstance(subject, AttentionRecord):
        rows = rows_of(subject, level=level, special=special)
        return Shown(_weights(subject, layer, rows, level=level, special=special), rows, level, special)
    if not subject.same_tokens:
        level, special = "words", "renormalised" if special == "renormalised" else "hidden"
    pair = (subject.a, subject.b)
    a, b = _shared([rows_of(record, level=level, special=special) for record in pair], same=subject.same_tokens)
    first, second = (
        _weights(record, layer, rows, level=level, special=special) for record, rows in zip(pair, (a, b), strict=True)
    )
    if not subject.same_tokens:
        a = _of_words(subject.a, a)
    return Shown(second - first, a, level, special)


def rows_of(record: AttentionRecord, *, level: Level, special: Special = "shown") -> Rows:
    """The rows of one record: each token, or each word; without special tokens unless they are shown."""
    units = record.groups if level == "words" else tuple((token,) for token in range(record.n_tokens))
    labels = dict(
        zip((unit[0] for unit in units), record.group_labels if level == "words" else record.shown, strict=True)
    )
    strange = set(record.unknown)
    kept = [unit for unit in units if special == "shown" or record.segments[unit[0]] is not None]
    return Rows(
        units=tuple(kept),
        labels=tuple(labels[unit[0]] for unit in kept),
        words=tuple(record.words[unit[0]] for unit in kept),
        segments=tuple(record.segments[unit[0]] for unit in kept),
        tokens=tuple(" ".join(record.tokens[token] for token in unit) for unit in kept),
        unknown=tuple(any(token in strange for token in unit) for unit in kept),
    )


def _weights(record: AttentionRecord, layer: int, rows: Rows, *, level: Level, special: Special) -> Tensor:
    weights = record.weights[check_layer(record, layer)]
    if level == "words":
        places = {group: place for place, group in enumerate(record.groups)}
        kept = [places[unit] for unit in rows.units]
        weights = to_words(weights, record.groups)
    else:
        kept = [unit[0] for unit in rows.units]
    weights = weights[:, kept][:, :, kept]
    if special != "renormalised":
        return weights
    sums = weights.sum(dim=-1, keepdim=True)
    return weights / sums.where(sums > 0, 1)


def _of_words(record: AttentionRecord, rows: Rows) -> Rows:
    """The same rows, all words, without what is one record's own."""
    labels = tuple("" if word is None else record.word_texts[word] for word in rows.words)
    return replace(rows, labels=labels, tokens=("",) * len(labels), unknown=(False,) * len(labels))


def _shared(both: Sequence[Rows], *, same: bool) -> list[Rows]:
    """The rows of both, those of words that have a token in both where the tokens differ."""
    if same:
        return list(both)
    words = set(both[0].words) & set(both[1].words) - {None}
    return [_only(rows, [place for place, word in enumerate(rows.words) if word in words]) for rows in both]


def _only(rows: Rows, places: Sequence[int]) -> Rows:
    return Rows(*(tuple(values[place] for place in places) for values in vars(rows).values()))


def _check(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise InputError(f"{what} is one of {', '.join(known)}, got {value!r}: choose one of these.")
