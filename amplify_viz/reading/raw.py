"""Two benchmarks in the files in which their authors published them: MRPC's `msr_paraphrase_*.txt`, TREC's `*.label`.

MRPC: tab-separated, with a byte-order mark and quotes that are characters.  GLUE's dev split is the rows of the train
file whose two ids a line of `dev_ids.tsv` names.  Columns: label, id1, id2, text, text_pair.

TREC: Latin-1, one `COARSE:fine text` a line.  Columns: text, label, coarse, fine; label is coarse, so that it is read
unless label_column is "fine".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from amplify_viz.errors import DataError
from amplify_viz.reading.tables import Row, Table, decode, named, read_bytes, split_lines, table_of

# File name in lower case -> the split that it is.
SPLITS_OF = {
    "msr_paraphrase_train.txt": "train",
    "msr_paraphrase_test.txt": "test",
    "train_5500.label": "train",
    "trec_10.label": "test",
}
DEV_IDS = "dev_ids.tsv"

_MRPC_COLUMNS = {"quality": "label", "#1 id": "id1", "#2 id": "id2", "#1 string": "text", "#2 string": "text_pair"}
_TREC_LINE = re.compile(r"(([^\s:]+):[^\s:]+)\s+(\S.*?)\s*")


def is_raw(path: Path) -> bool:
    """Whether the file has a name by which `read_raw` reads it."""
    return path.name.lower() in SPLITS_OF or path.suffix.lower() == ".label"


def read_raw(path: Path) -> Table:
    """The rows of an `msr_paraphrase_*.txt` or a `.label` file.

    Raises DataError where the file is unreadable, malformed or without rows.
    """
    return table_of(path, _trec_rows(path) if path.suffix.lower() == ".label" else _mrpc_rows(path))


def split_dev(train: Table, ids: Path) -> tuple[Table, Table]:
    """(train, dev) of MRPC: dev are the rows that the file of ids names, both in the order of the train file.

    Raises DataError where it names a row that is not there.
    """
    wanted = {tuple(fields): number for number, fields in split_lines(decode(ids))}
    pairs = [(row.values.get("id1"), row.values.get("id2")) for row in train.rows]
    strangers = [(number, pair) for pair, number in wanted.items() if pair not in set(pairs)]
    if strangers:
        number, pair = strangers[0]
        raise DataError(
            f"{DEV_IDS} names rows of the train file by their two ids, but line {number} of {ids}, {' and '.join(pair)}, is "
            f"none of {train.path}; correct or remove the line."
        )
    held = [row for row, pair in zip(train.rows, pairs, strict=True) if pair in wanted]
    kept = [row for row, pair in zip(train.rows, pairs, strict=True) if pair not in wanted]
    return table_of(train.path, kept), table_of(ids, held)


def _mrpc_rows(path: Path) -> Iterator[Row]:
    for row in named(path, split_lines(decode(path))):
        yield replace(row, values={_MRPC_COLUMNS.get(name, name): value for name, value in row.values.items()})


def _trec_rows(path: Path) -> Iterator[Row]:
    for number, line in enumerate(read_bytes(path).decode("latin-1").split("\n"), start=1):
        if not line.strip():
            continue
        found = _TREC_LINE.fullmatch(line)
        if not found:
            raise DataError(
                f"Each line of a .label file is COARSE:fine and a text, but line {number} of {path} is {line.strip()[:40]!r}; "
                "correct or remove it."
            )
        fine, coarse, text = found.groups()
        yield Row(number, {"text": text, "label": coarse, "coarse": coarse, "fine": fine})
