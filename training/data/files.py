"""A Dataset from a folder with one file a split, or from a single file."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from training.data.dataset import SPLITS, DataError, Dataset, Example, folder_name
from training.data.holdout import hold_out
from training.data.tables import READERS, Row, Table, read_table

# What a column may be called in a file, in any case; where a file has several of them, the first one here counts.
COLUMN_NAMES = {
    "text": ("text", "sentence", "sentence1"),
    "text_pair": ("text_pair", "sentence2"),
    "label": ("label", "labels"),
}

# What a split's file may be called, before its extension.
FILE_NAMES = {"train": ("train",), "dev": ("dev", "validation", "valid", "val"), "test": ("test",)}

_WHOLE_NUMBER = re.compile(r"-?\d+")

Labelled = tuple[str, str | None, str]


def load_files(source: Path, *, seed: int, dev_share: float, test_share: float) -> Dataset:
    """The data set of a folder (`train`, `dev`, `test` with the extension .jsonl, .csv or .tsv) or of a single file.

    Splits without a file are held out from train; the notes say so.  Raises DataError, in one sentence, for whatever is
    wrong with the files.  No label of dev or test is missing from train.
    """
    paths = _split_paths(source)
    tables = {split: read_table(paths[split]) for split in SPLITS if split in paths}
    labelled = _labelled(tables)
    label_names = _label_names(labelled, tables)
    given = {split: _examples(rows, label_names) for split, rows in labelled.items()}
    held, notes = _hold_out_missing(given, {"test": test_share, "dev": dev_share}, seed=seed, name=paths["train"].name)
    stem = source.resolve().stem if source.is_file() else source.resolve().name
    splits = {split: held[split] for split in SPLITS}
    return Dataset(folder_name(stem), label_names, splits, (*notes, *_overlaps(splits)))


def _split_paths(source: Path) -> dict[str, Path]:
    if source.is_file():
        return {"train": source}
    if not source.is_dir():
        raise DataError(
            f"Data are 'roles', a folder or a file, but there is nothing at {source}; "
            f"check the path (from {Path.cwd()})."
        )
    files = sorted(path for path in source.iterdir() if path.is_file())
    found = {split: path for split in SPLITS if (path := _split_path(split, files)) is not None}
    if "train" not in found:
        accepted = ", ".join(f"train{extension}" for extension in READERS)
        names = ", ".join(path.name for path in files) or "no files"
        raise DataError(
            f"A data folder has a train file ({accepted}), but {source} has {names}; rename or add the train file."
        )
    return found


def _split_path(split: str, files: Iterable[Path]) -> Path | None:
    matches = [path for path in files if path.stem.lower() in FILE_NAMES[split] and path.suffix.lower() in READERS]
    if len(matches) > 1:
        names = " and ".join(path.name for path in matches)
        raise DataError(f"A split has one file, but {matches[0].parent} has {names} for {split}; keep one of them.")
    return matches[0] if matches else None


def _labelled(tables: Mapping[str, Table]) -> dict[str, tuple[Labelled, ...]]:
    """Split -> (text, text_pair or None, label) of each row; every row of every split has a text_pair, or none has."""
    labelled = {split: _read_rows(table) for split, table in tables.items()}
    paired = {split: rows[0][1] is not None for split, rows in labelled.items()}
    for split, has_pair in paired.items():
        if has_pair != paired["train"]:
            having, lacking = (split, "train") if has_pair else ("train", split)
            raise DataError(
                f"All splits have a text_pair or none has, but {tables[having].path} has it and {tables[lacking].path} "
                "has not; fill it in or remove it."
            )
    return labelled


def _read_rows(table: Table) -> tuple[Labelled, ...]:
    text, label = _column(table, "text"), _column(table, "label")
    pair = next((name for name in COLUMN_NAMES["text_pair"] if name in table.columns), None)
    pairs = [_pair(row, pair, table) for row in table.rows] if pair else [None] * len(table.rows)
    if any(pairs) and not all(pairs):
        line = next(row.line for row, value in zip(table.rows, pairs, strict=True) if not value)
        raise DataError(
            f"All rows have a text_pair or none has, but line {line} of {table.path} has none while others have; "
            "fill it in or remove the row."
        )
    texts = [_text(row, text, table) for row in table.rows]
    labels = [_label(row, label, table) for row in table.rows]
    return tuple(zip(texts, pairs, labels, strict=True))


def _column(table: Table, role: str) -> str:
    for name in COLUMN_NAMES[role]:
        if name in table.columns:
            return name
    accepted = " or ".join(f"'{name}'" for name in COLUMN_NAMES[role])
    found = ", ".join(f"'{name}'" for name in table.columns)
    raise DataError(f"A data file has a {role} column, {accepted}, but {table.path} has {found}; rename or add it.")


def _value(row: Row, column: str, table: Table) -> object:
    if column not in row.values:
        raise DataError(
            f"Every row has the same columns, but line {row.line} of {table.path} has no '{column}'; "
            "add it or remove the row."
        )
    return row.values[column]


def _text(row: Row, column: str, table: Table) -> str:
    value = _value(row, column, table)
    if not isinstance(value, str):
        raise DataError(
            f"A text is a string, but '{column}' is {value!r} on line {row.line} of {table.path}; put it in quotes."
        )
    if not value.strip():
        raise DataError(
            f"A text has at least one word, but '{column}' is empty on line {row.line} of {table.path}; "
            "fill it in or remove the row."
        )
    return value


def _pair(row: Row, column: str, table: Table) -> str | None:
    """The second text; None where it is absent, null or blank."""
    value = row.values.get(column)
    absent = value is None or (isinstance(value, str) and not value.strip())
    return None if absent else _text(row, column, table)


def _label(row: Row, column: str, table: Table) -> str:
    value = _value(row, column, table)
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).strip():
        raise DataError(
            f"A label is a whole number or a name, but '{column}' is {value!r} on line {row.line} of {table.path}; "
            "correct it or remove the row."
        )
    return str(value).strip()


def _label_names(labelled: Mapping[str, tuple[Labelled, ...]], tables: Mapping[str, Table]) -> tuple[str, ...]:
    """The labels of train, whole numbers in numerical order, names in alphabetical order."""
    names = {label for _, _, label in labelled["train"]}
    if len(names) < 2:
        raise DataError(
            f"A classifier needs two labels or more, but {tables['train'].path} has only '{min(names)}'; "
            "add rows of another label."
        )
    for split, rows in labelled.items():
        strangers = sorted({label for _, _, label in rows} - names)
        if strangers:
            raise DataError(
                f"Every label occurs in train, but '{strangers[0]}' occurs only in {tables[split].path}; "
                "add rows of it to train or remove them."
            )
    numeric = all(_WHOLE_NUMBER.fullmatch(name) for name in names)
    return tuple(sorted(names, key=lambda name: (int(name) if numeric else 0, name)))


def _examples(rows: Iterable[Labelled], label_names: tuple[str, ...]) -> tuple[Example, ...]:
    ids = {name: index for index, name in enumerate(label_names)}
    return tuple(Example(text, pair, ids[label]) for text, pair, label in rows)


def _hold_out_missing(
    given: Mapping[str, tuple[Example, ...]], shares: Mapping[str, float], *, seed: int, name: str
) -> tuple[dict[str, tuple[Example, ...]], list[str]]:
    """All three splits, those without a file held out from train, and a note on each; shares: of all rows of train."""
    splits, notes, left = dict(given), [], 1.0
    total = len(given["train"])
    for split in (split for split in shares if split not in given):
        rng = random.Random(f"{split} {seed}")
        splits["train"], splits[split] = hold_out(splits["train"], shares[split] / left, rng=rng, split=split)
        left -= shares[split]
        notes.append(
            f"There was no {split} file: {len(splits[split]):,} of the {total:,} rows of {name} were held out "
            f"as {split} (a share of {shares[split]:g}, stratified by label, seed {seed})."
        )
    return splits, notes


def _overlaps(splits: Mapping[str, tuple[Example, ...]]) -> list[str]:
    """A note for dev and test each, if texts of it occur in train too."""
    known = {(example.text, example.text_pair) for example in splits["train"]}
    counts = {
        split: sum((example.text, example.text_pair) in known for example in splits[split]) for split in ("dev", "test")
    }
    return [f"Texts of {split} that occur in train too: {count:,}." for split, count in counts.items() if count]
