"""Rows of a JSONL, CSV, TSV or Parquet file with their numbers; nothing is interpreted beyond the form of the file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from amplify_viz.errors import DataError

Line = tuple[int, list[str]]

MAX_LINE = 4 * 10**6
"""Most bytes that a line may have: a book is shorter, and what is longer has lost its ends of lines."""

_QUOTED = re.compile(r'"(?:[^"]|"")*"')


@dataclass(frozen=True)
class Row:
    """The values of one row by column name.

    line: the number, from one, of the line on which it starts; in Parquet, which has no lines, of the row.
    """

    line: int
    values: Mapping[str, object]


@dataclass(frozen=True)
class Table:
    """A file's rows, at least one; columns: their names in lower case, in order of first appearance."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def place(self, row: Row) -> str:
        """Where a row is, for messages: "line 4 of train.csv"."""
        unit = "row" if self.path.suffix.lower() == ".parquet" else "line"
        return f"{unit} {row.line} of {self.path}"


def read_table(path: Path) -> Table:
    """The rows of a `.jsonl`, `.csv` or `.tsv` file in UTF-8, with or without a byte-order mark, or of a `.parquet` file.

    Raises DataError if the extension is another one or the file is unreadable, not UTF-8, malformed or without rows.
    Values stay as they are written: "NA" is a text, and only JSONL and Parquet know numbers.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        found = f"'{path.suffix}'" if path.suffix else "no extension"
        raise DataError(f"Data files are {' or '.join(READERS)}, but {path} has {found}; convert or rename it.")
    return table_of(path, reader(path))


def table_of(path: Path, rows: Iterable[Row]) -> Table:
    """The rows as the table of a file.  Raises DataError where there are none."""
    found = tuple(rows)
    if not found:
        raise DataError(f"A data file needs at least one row, but {path} is empty; add rows or remove the file.")
    return Table(path, tuple(dict.fromkeys(column for row in found for column in row.values)), found)


def decode(path: Path) -> str:
    """The file's text, without a byte-order mark.  Raises DataError where it is unreadable or not UTF-8."""
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(
            f"Data files are UTF-8, but {path} has the byte 0x{content[error.start]:02x} on line {line}; "
            "save it as UTF-8."
        ) from error


def read_bytes(path: Path) -> bytes:
    """The file's content.  Raises DataError where it cannot be read, and at a line over MAX_LINE, without reading on."""
    try:
        with path.open("rb") as file:
            return b"".join(pieces(path, file))
    except OSError as error:
        raise DataError(
            f"A data file must be readable, but {path} is not ({error.strerror}); change its permissions."
        ) from error


def pieces(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """Yields the file, at most MAX_LINE bytes at a time.  Raises DataError at a line over MAX_LINE."""
    length, number = 0, 1  # of the line in which a piece ends
    while piece := file.read(MAX_LINE):
        first, *others = piece.replace(b"\r", b"\n").split(b"\n")
        if length + len(first) > MAX_LINE:
            raise DataError(
                f"A line has at most {MAX_LINE // 10**6} MB, but line {number} of {path} is longer; split its text, or see "
                f"whether the file has ends of lines."
            )
        length = len(others[-1]) if others else length + len(first)
        number += piece.count(b"\n")
        yield piece


def _jsonl_rows(path: Path) -> Iterator[Row]:
    # Not splitlines(): JSON strings may hold U+2028 and its like, which are no ends of lines here.
    for number, line in enumerate(decode(path).split("\n"), start=1):
        if line.strip():
            yield Row(number, _json_object(path, number, line))


def _json_object(path: Path, number: int, line: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        said = f"{error.msg} at column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise DataError(
            f"Each line of a JSONL file is one JSON object, but line {number} of {path} is not JSON ({said}); "
            f"correct or remove the line."
        ) from error
    if not isinstance(value, dict):
        raise DataError(
            f"Each line of a JSONL file is one JSON object, but line {number} of {path} is a {type(value).__name__}; "
            'write it as {"text": ..., "label": ...}.'
        )
    return {name.strip().lower(): item for name, item in value.items()}


def _csv_rows(path: Path) -> Iterator[Row]:
    yield from named(path, list(_parse_quoted(path, decode(path), delimiter=",")))


def _tsv_rows(path: Path) -> Iterator[Row]:
    """Rows of a TSV file, in which quotes may or may not be quoting.

    If the tabs alone give every line as many fields as the header, no field hides a tab or a line break, and quotes are
    quoting only if each belongs to a wrapped field.  Otherwise the file is read as quoted, if it can be.
    """
    text = decode(path)
    plain = split_lines(text)
    if len({len(fields) for _, fields in plain}) > 1:
        yield from named(path, _quoted_or(plain, path, text))
    elif all(_QUOTED.fullmatch(field) for _, fields in plain for field in fields if '"' in field):
        yield from named(path, [(number, [_unquoted(field) for field in fields]) for number, fields in plain])
    else:
        yield from named(path, plain)


def _quoted_or(plain: list[Line], path: Path, text: str) -> list[Line]:
    try:
        return list(_parse_quoted(path, text, delimiter="\t"))
    except DataError:
        return plain


def split_lines(text: str) -> list[Line]:
    """The fields between the tabs of each line that is not blank, with its number; quotes are characters like others."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [(number, line.split("\t")) for number, line in enumerate(lines, start=1) if line]


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if field.startswith('"') else field


def _parse_quoted(path: Path, text: str, *, delimiter: str) -> Iterator[Line]:
    """Lines that are not blank, with the number of the line on which each starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for fields in reader:
            if fields:
                yield start, fields
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"Quotes in {path.suffix} files wrap whole fields and are doubled inside, but {path} breaks this in the "
            f"row that starts on line {start} ({error}); correct the row or save the file as JSONL."
        ) from error


def named(path: Path, lines: list[Line]) -> Iterator[Row]:
    """The lines after the header as rows; every line must have the header's number of fields, or DataError is raised."""
    if not lines:
        return
    header = _header(path, lines[0][1])
    for number, fields in lines[1:]:
        if len(fields) != len(header):
            raise DataError(
                f"Every row has as many fields as the header, {len(header)}, but line {number} of {path} has "
                f"{len(fields)}; correct the row (a text that holds the separator must be quoted)."
            )
        yield Row(number, dict(zip(header, fields, strict=True)))


def _header(path: Path, names: Iterable[str]) -> list[str]:
    header = [name.strip().lower() for name in names]
    twice = [name for index, name in enumerate(header) if name in header[:index]]
    if twice:
        raise DataError(f"Columns have different names, but {path} has '{twice[0]}' twice; rename one of them.")
    return header


def _parquet_rows(path: Path) -> Iterator[Row]:
    import pyarrow
    from pyarrow import parquet

    try:
        # Not parquet.read_table(path): a folder called label=3 would add a column to what lies in it.
        with parquet.ParquetFile(path) as file:
            table = file.read()
    except (OSError, pyarrow.ArrowException) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(" .")
        raise DataError(
            f"A .parquet file must be readable as Parquet, but {path} is not ({said}); write it anew."
        ) from error
    header = _header(path, table.column_names)
    columns = [column.to_pylist() for column in table.columns]
    for number, values in enumerate(zip(*columns, strict=True), start=1):
        yield Row(number, dict(zip(header, values, strict=True)))


READERS = {".jsonl": _jsonl_rows, ".csv": _csv_rows, ".tsv": _tsv_rows, ".parquet": _parquet_rows}
