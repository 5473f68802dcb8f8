"""A Dataset from a folder with one file a split, or from a single file."""

from __future__ import annotations

from pathlib import Path

from amplify_viz.errors import DataError
from amplify_viz.reading.columns import Columns, read_rows
from amplify_viz.reading.splits import read_splits, split_paths
from amplify_viz.reading.tables import READERS
from training.data.assemble import assemble
from training.data.dataset import Dataset, folder_name


def load_files(source: Path, *, columns: Columns, seed: int, dev_share: float, test_share: float) -> Dataset:
    """The data set of a folder (`train`, `dev`, `test` with an extension of READERS) or of a single file.

    A folder may also hold MRPC's or TREC's files as they were published (`amplify_viz.reading.raw`).  Splits without a
    file are held out from train; the notes say so.  Raises DataError, in one sentence, for whatever is wrong with the
    files.  No label of dev or test is missing from train.
    """
    tables = read_splits(_split_paths(source))
    stem = source.resolve().stem if source.is_file() else source.resolve().name
    return assemble(
        {split: read_rows(table, columns) for split, table in tables.items()},
        {split: str(table.path) for split, table in tables.items()},
        name=folder_name(stem),
        seed=seed,
        dev_share=dev_share,
        test_share=test_share,
    )


def _split_paths(source: Path) -> dict[str, Path]:
    if source.is_file():
        return {"train": source}
    if not source.is_dir():
        raise DataError(
            f"Data are 'roles', one of the paper's sets, a folder or a file, but there is nothing at {source}; "
            f"check the path (from {Path.cwd()})."
        )
    found = split_paths(source)
    if "train" not in found:
        accepted = ", ".join(f"train{extension}" for extension in READERS)
        names = ", ".join(sorted(path.name for path in source.iterdir() if path.is_file())) or "no files"
        raise DataError(
            f"A data folder has a train file ({accepted}), but {source} has {names}; rename or add the train file."
        )
    return found
