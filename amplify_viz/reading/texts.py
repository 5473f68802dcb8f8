"""Texts to look at, with or without labels: of a file, of a folder's split, or pasted.

Public names: `BUILT_IN`, `Texts`, `read_texts`, `pasted_texts`.
"""

from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path

from amplify_viz.errors import DataError, InputError
from amplify_viz.reading import roles
from amplify_viz.reading.columns import Columns, Input, read_inputs
from amplify_viz.reading.raw import is_raw
from amplify_viz.reading.splits import SPLITS, read_file, read_splits, split_paths
from amplify_viz.reading.tables import MAX_LINE, READERS, decode

BUILT_IN = "roles"


@dataclass(frozen=True)
class Texts:
    """Texts or pairs of texts, at least one, all of one kind.

    inputs: (text, None) or (text, text_pair); labels: as written, one for each, or None; origin: where they are from, for
    people.
    """

    inputs: tuple[Input, ...]
    labels: tuple[str, ...] | None
    origin: str

    @property
    def are_pairs(self) -> bool:
        """Whether each input has two sentences."""
        return self.inputs[0][1] is not None

    def first(self, n: int | None) -> "Texts":
        """The first n, all for None.  Raises InputError for less than one."""
        if n is None or n >= len(self.inputs):
            return self
        if n < 1:
            raise InputError(f"A limit is a number of texts from 1, got {n}: choose more, or leave it out for all.")
        labels = None if self.labels is None else self.labels[:n]
        return replace(self, inputs=self.inputs[:n], labels=labels, origin=f"the first {n:,} of {self.origin}")


def read_texts(source: str | Path, *, split: str = "test", columns: Columns | None = None) -> Texts:
    """Returns the texts of a file, those of a split of a folder of splits, or of "roles", the built-in data.

    A file is JSONL, CSV, TSV or Parquet with a text column and, where it has them, text_pair and label; MRPC's or TREC's
    own form; or .txt with one text a line, a tab between the two sentences of a pair.  Raises DataError with one sentence
    for what is missing, empty, malformed or has a line over 4 MB, and for pairs in some rows only.
    """
    if str(source) == BUILT_IN:
        return _roles(split)
    path = Path(source).expanduser()
    if not path.exists():
        raise DataError(
            f"Data are {BUILT_IN}, a file or a folder of splits, but there is nothing at {source}; check the path."
        )
    if path.is_file() and path.suffix.lower() == ".txt" and not is_raw(path):
        return _lines(decode(path), str(path))
    asked = columns or Columns()
    if path.is_file():
        return Texts(*read_inputs(read_file(path), asked), str(path))
    paths = split_paths(path)
    tables = read_splits({name: paths[name] for name in {split, "train"} & set(paths)}) if split in SPLITS else {}
    if split not in tables:
        known = ", ".join(name for name in SPLITS if name in paths) or "none of train, dev and test"
        raise DataError(
            f"A folder has a file for each split ({split}{next(iter(READERS))} for {split}), but {source} has {known}; choose "
            f"another split, or give a file."
        )
    return Texts(*read_inputs(tables[split], asked), f"{split} of {path}")


@cache
def _roles(split: str) -> Texts:
    if split not in roles.SIZES:
        raise DataError(
            f"The built-in data have the splits {', '.join(roles.SIZES)}, got {split!r}; choose one of these."
        )
    pairs = roles.generate()[split]
    labels = tuple(roles.LABEL_NAMES[pair.label] for pair in pairs)
    return Texts(tuple((pair.text, pair.text_pair) for pair in pairs), labels, f"the built-in data's {split} split")


def pasted_texts(content: str) -> Texts:
    """Returns the texts of a list that somebody typed: one a line, a tab between the two sentences of a pair.

    Blank lines count for nothing.  Raises DataError as `read_texts` does.
    """
    return _lines(content, "the list")


def _lines(content: str, origin: str) -> Texts:
    lines = [(number, line) for number, line in enumerate(content.splitlines(), start=1) if line.strip()]
    if not lines:
        raise DataError(
            f"A list of texts has at least one line with a visible character, but {origin} is empty; add some."
        )
    long = next((number for number, line in lines if len(line) > MAX_LINE), None)
    if long is not None:
        raise DataError(
            f"A line has at most {MAX_LINE:,} characters, but line {long} of {origin} has more; split its text."
        )
    inputs = tuple(_input(number, line, origin) for number, line in lines)
    other = next((i for i, (_, pair) in enumerate(inputs) if (pair is None) != (inputs[0][1] is None)), None)
    if other is not None:
        raise DataError(
            f"All lines are pairs with a tab between their sentences or none is, but line {lines[other][0]} of {origin} differs "
            f"from line {lines[0][0]}; correct one of them."
        )
    return Texts(inputs, None, origin)


def _input(number: int, line: str, origin: str) -> Input:
    text, *pair = (part.strip() for part in islice(line.split("\t"), 3))
    if not text or len(pair) > 1 or not all(pair):
        raise DataError(
            f"A line is one text, or two with one tab between them, but line {number} of {origin} is {line[:40]!r}; correct or "
            f"remove it."
        )
    return text, pair[0] if pair else None
