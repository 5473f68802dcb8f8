"""A folder with one file a split, or a single file.

Public names: `SPLITS`, `FILE_NAMES`, `split_paths`, `read_file`, `read_splits`.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from amplify_viz.errors import DataError
from amplify_viz.reading.raw import DEV_IDS, SPLITS_OF, is_raw, read_raw, split_dev
from amplify_viz.reading.tables import READERS, Table, read_table

SPLITS = ("train", "dev", "test")

# What a split's file may be called, before its extension.
FILE_NAMES = {"train": ("train",), "dev": ("dev", "validation", "valid", "val"), "test": ("test",)}


def split_paths(folder: Path) -> dict[str, Path]:
    """Split -> its file, for the splits that a folder has.  Raises DataError where one has two files."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return {split: path for split in SPLITS if (path := _split_path(split, files)) is not None}


def read_file(path: Path) -> Table:
    """The rows of a file in any form that is known: a table, or MRPC's or TREC's own."""
    return read_raw(path) if is_raw(path) else read_table(path)


def read_splits(paths: Mapping[str, Path]) -> dict[str, Table]:
    """Split -> its rows, in the order of SPLITS; MRPC's train file gives dev too, where the ids of dev lie beside it."""
    tables = {split: read_file(paths[split]) for split in SPLITS if split in paths}
    train = paths.get("train")
    if train is None or "dev" in tables or train.suffix.lower() != ".txt":
        return tables
    ids = train.parent / DEV_IDS
    if ids.is_file():
        tables["train"], tables["dev"] = split_dev(tables["train"], ids)
    return tables


def _split_path(split: str, files: Iterable[Path]) -> Path | None:
    matches = [path for path in files if _split_of(path) == split]
    if len(matches) > 1:
        names = " and ".join(path.name for path in matches)
        raise DataError(f"A split has one file, but {matches[0].parent} has {names} for {split}; keep one of them.")
    return matches[0] if matches else None


def _split_of(path: Path) -> str | None:
    if path.suffix.lower() not in READERS:
        return SPLITS_OF.get(path.name.lower())
    return next((split for split, stems in FILE_NAMES.items() if path.stem.lower() in stems), None)
