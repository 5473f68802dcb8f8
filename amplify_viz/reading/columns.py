"""The columns of a table that are read: a text, sometimes a second one, and a label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from amplify_viz.errors import DataError
from amplify_viz.reading.tables import MAX_LINE, Row, Table

# What a column may be called in a file, in any case; where a file has several of them, the first one here counts.
COLUMN_NAMES = {
    "text": ("text", "sentence", "sentence1"),
    "text_pair": ("text_pair", "sentence2"),
    "label": ("label", "labels"),
}

MAX_LABEL = 200
"""Most characters that a label may have: a longer one is no name, and Python makes no number of thousands of digits."""

Input = tuple[str, str | None]
Labelled = tuple[str, str | None, str]


@dataclass(frozen=True)
class Columns:
    """The columns' names in the files, in any case; None: the first of COLUMN_NAMES that a file has."""

    text: str | None = None
    text_pair: str | None = None
    label: str | None = None


# The settings of a run that choose them, for messages.
_SETTINGS = {"text": "text_column", "text_pair": "pair_column", "label": "label_column"}


def read_rows(table: Table, columns: Columns) -> tuple[Labelled, ...]:
    """(text, text_pair or None, label) of each row.

    A pair column that is empty throughout is no pair column.  Raises DataError, naming file and line, for a column that
    is missing, a text that is no string or blank, a label that is neither a whole number nor a name or is longer than
    MAX_LABEL, half a character in either, and a text_pair in some rows only.
    """
    names = _chosen(table, columns)
    label = names.get("label") or _missing(table, "label", names)
    inputs = _inputs(table, names)
    labels = [_label(row, label, table) for row in table.rows]
    return tuple((*texts, value) for texts, value in zip(inputs, labels, strict=True))


def read_inputs(table: Table, columns: Columns) -> tuple[tuple[Input, ...], tuple[str, ...] | None]:
    """(text, text_pair or None) of each row, and the labels, None where there is no such column.  Raises as read_rows."""
    names = _chosen(table, columns)
    label = names.get("label")
    inputs = _inputs(table, names)
    return inputs, None if label is None else tuple(_label(row, label, table) for row in table.rows)


def _inputs(table: Table, names: Mapping[str, str]) -> tuple[Input, ...]:
    text, pair = names.get("text") or _missing(table, "text", names), names.get("text_pair")
    pairs = [_pair(row, pair, table) for row in table.rows] if pair else [None] * len(table.rows)
    if any(pairs) and not all(pairs):
        bare = next(row for row, value in zip(table.rows, pairs, strict=True) if not value)
        raise DataError(
            f"All rows have a text_pair or none has, but {table.place(bare)} has none while others have; "
            "fill it in or remove the row."
        )
    return tuple(zip((_text(row, text, table) for row in table.rows), pairs, strict=True))


def _chosen(table: Table, columns: Columns) -> dict[str, str]:
    """Role -> column, for the roles that have one: as it was asked for, or by its usual name."""
    asked = {role: name.strip().lower() for role in COLUMN_NAMES if (name := getattr(columns, role)) is not None}
    for role, name in asked.items():
        if name not in table.columns:
            raise DataError(
                f"{_SETTINGS[role]} is a column of the data, but {table.path} has no '{name}', only {_listed(table)}; "
                "choose one of these."
            )
    if len(set(asked.values())) < len(asked):
        raise DataError(
            f"Text, second text and label are different columns, but {', '.join(_SETTINGS[role] for role in asked)} are "
            f"{', '.join(repr(name) for name in asked.values())}; choose different ones."
        )
    free = [name for name in table.columns if name not in asked.values()]
    usual = {role: name for role, names in COLUMN_NAMES.items() for name in reversed(names) if name in free}
    return {**usual, **asked}


def _missing(table: Table, role: str, names: Mapping[str, str]) -> str:
    """Raises DataError for a role without a column; names: of the other roles, one of which may have taken it."""
    accepted = " or ".join(f"'{name}'" for name in COLUMN_NAMES[role])
    taken = next((other for other, name in names.items() if name in COLUMN_NAMES[role]), None)
    if taken is not None:
        raise DataError(
            f"A data file has a {role} column, but {_SETTINGS[taken]} takes '{names[taken]}' of {table.path} ({_listed(table)}), "
            f"so that none is left for the {role}; choose another for {_SETTINGS[taken]}, or name one with {_SETTINGS[role]}."
        )
    raise DataError(
        f"A data file has a {role} column, {accepted}, but {table.path} has {_listed(table)}; rename one, or name it with "
        f"{_SETTINGS[role]}."
    )


def _listed(table: Table) -> str:
    return ", ".join(f"'{name}'" for name in table.columns)


def _value(row: Row, column: str, table: Table) -> object:
    if column not in row.values:
        raise DataError(
            f"Every row has the same columns, but {table.place(row)} has no '{column}'; add it or remove the row."
        )
    return row.values[column]


def _text(row: Row, column: str, table: Table) -> str:
    value = _value(row, column, table)
    if not isinstance(value, str):
        raise DataError(f"A text is a string, but '{column}' is {value!r} on {table.place(row)}; put it in quotes.")
    if not value.strip():
        raise DataError(
            f"A text has at least one word, but '{column}' is empty on {table.place(row)}; fill it in or remove the row."
        )
    if len(value) > MAX_LINE:
        raise DataError(
            f"A text has at most {MAX_LINE:,} characters, but '{column}' has {len(value):,} on {table.place(row)}; split it."
        )
    _check_characters(value, "text", column, table.place(row))
    return value


def holds_half(value: str) -> bool:
    """Whether a string holds half a character, a lone surrogate: it cannot be written as UTF-8."""
    return any("\ud800" <= character <= "\udfff" for character in value)


def _check_characters(value: str, what: str, column: str, place: str) -> None:
    if holds_half(value):
        raise DataError(
            f"A {what} is made of whole characters, but '{column}' holds half of one (a lone surrogate) on {place}; correct or "
            f"remove the row."
        )


def _pair(row: Row, column: str, table: Table) -> str | None:
    """The second text; None where it is absent, null or blank."""
    value = row.values.get(column)
    absent = value is None or (isinstance(value, str) and not value.strip())
    return None if absent else _text(row, column, table)


def _label(row: Row, column: str, table: Table) -> str:
    value = _value(row, column, table)
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).strip():
        raise DataError(
            f"A label is a whole number or a name, but '{column}' is {value!r} on {table.place(row)}; "
            "correct it or remove the row."
        )
    label = str(value).strip()
    if len(label) > MAX_LABEL:
        raise DataError(
            f"A label has at most {MAX_LABEL} characters, but '{column}' has {len(label):,} on {table.place(row)}; shorten it, "
            f"or name another column with label_column."
        )
    _check_characters(label, "label", column, table.place(row))
    return label
