"""Small data files for the tests to read, of every form there is, and what was read of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from training.data import DataError, Dataset, read_dataset

Record = Mapping[str, Any]


def records(count: int, *, start: int = 0, labels: Sequence[Any] = ("no", "yes")) -> list[dict[str, Any]]:
    """Different texts with the labels in turn."""
    return [{"text": f"text number {start + i}", "label": labels[i % len(labels)]} for i in range(count)]


def write_jsonl(path: Path, rows: Iterable[Record]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_table(path: Path, rows: Sequence[Record], *, encoding: str = "utf-8") -> Path:
    """A CSV or TSV file, quoted where it must be."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter="\t" if path.suffix == ".tsv" else ",")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_parquet(path: Path, rows: Sequence[Record]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist(list(rows)), path)
    return path


def write(path: Path, rows: Sequence[Record]) -> Path:
    """A file of the form that its extension says."""
    writers = {".jsonl": write_jsonl, ".parquet": write_parquet}
    return writers.get(path.suffix, write_table)(path, rows)


def write_splits(folder: Path, *, train: int = 40, dev: int = 10, test: int = 20) -> Path:
    write_jsonl(folder / "train.jsonl", records(train))
    write_jsonl(folder / "dev.jsonl", records(dev, start=1000))
    write_jsonl(folder / "test.jsonl", records(test, start=2000))
    return folder


def sizes(dataset: Dataset) -> tuple[int, ...]:
    return tuple(len(dataset.splits[split]) for split in ("train", "dev", "test"))


def contents(dataset: Dataset) -> list[tuple[str, str | None, str]]:
    """Text, pair and label name of every row of every split."""
    return [
        (example.text, example.text_pair, dataset.label_names[example.label])
        for examples in dataset.splits.values()
        for example in examples
    ]


def fails(source: Path, message: str) -> None:
    """The source is refused with one sentence that matches the message."""
    with pytest.raises(DataError, match=message) as caught:
        read_dataset(str(source))
    is_one_sentence(str(caught.value))


def is_one_sentence(message: str) -> None:
    assert "\n" not in message and message.endswith(".")
