"""A Dataset from a folder with one file a split, or from a single file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from training.data.assemble import assemble
from training.data.columns import Columns, read_rows
from training.data.dataset import SPLITS, DataError, Dataset, folder_name
from training.data.raw import DEV_IDS, SPLITS_OF, is_raw, read_raw, split_dev
from training.data.tables import READERS, Table, read_table

# What a split's file may be called, before its extension.
FILE_NAMES = {"train": ("train",), "dev": ("dev", "validation", "valid", "val"), "test": ("test",)}


def load_files(source: Path, *, columns: Columns, seed: int, dev_share: float, test_share: float) -> Dataset:
    """The data set of a folder (`train`, `dev`, `test` with an extension of READERS) or of a single file.

    A folder may also hold MRPC's or TREC's files as they were published (`training.data.raw`).  Splits without a file are
    held out from train; the notes say so.  Raises DataError, in one sentence, for whatever is wrong with the files.  No
    label of dev or test is missing from train.
    """
    tables = _tables(_split_paths(source))
    stem = source.resolve().stem if source.is_file() else source.resolve().name
    return assemble(
        {split: read_rows(table, columns) for split, table in tables.items()},
        {split: str(table.path) for split, table in tables.items()},
        name=folder_name(stem),
        seed=seed,
        dev_share=dev_share,
        test_share=test_share,
    )


def _tables(paths: Mapping[str, Path]) -> dict[str, Table]:
    tables = {split: _read(paths[split]) for split in SPLITS if split in paths}
    ids = paths["train"].parent / DEV_IDS
    if "dev" not in tables and paths["train"].suffix.lower() == ".txt" and ids.is_file():
        tables["train"], tables["dev"] = split_dev(tables["train"], ids)
    return tables


def _read(path: Path) -> Table:
    return read_raw(path) if is_raw(path) else read_table(path)


def _split_paths(source: Path) -> dict[str, Path]:
    if source.is_file():
        return {"train": source}
    if not source.is_dir():
        raise DataError(
            f"Data are 'roles', one of the paper's sets, a folder or a file, but there is nothing at {source}; "
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
    matches = [path for path in files if _split_of(path) == split]
    if len(matches) > 1:
        names = " and ".join(path.name for path in matches)
        raise DataError(f"A split has one file, but {matches[0].parent} has {names} for {split}; keep one of them.")
    return matches[0] if matches else None


def _split_of(path: Path) -> str | None:
    if path.suffix.lower() not in READERS:
        return SPLITS_OF.get(path.name.lower())
    return next((split for split, stems in FILE_NAMES.items() if path.stem.lower() in stems), None)
