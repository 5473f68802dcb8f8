"""Data sets to train on: load_dataset, Dataset, Example, DataError."""

from __future__ import annotations

from pathlib import Path

from training.data.dataset import SPLITS, DataError, Dataset, Example
from training.data.files import load_files
from training.data.roles import load_roles

__all__ = ["SPLITS", "DataError", "Dataset", "Example", "load_dataset"]


def load_dataset(source: str, *, seed: int = 0, dev_share: float = 0.1, test_share: float = 0.1) -> Dataset:
    """The data set called "roles", or the one at a path: a folder with a file for each split, or a single file.

    seed: decides which rows are held out as dev or test where there is no file for them; "roles" does not depend on it.
    dev_share, test_share: how much of the train file is held out then, in (0, 1).
    A folder that is itself called roles is "./roles".  Raises DataError with one clear sentence.
    The same source, seed and shares give the same splits on every machine.
    """
    for name, share in (("dev_share", dev_share), ("test_share", test_share)):
        if not 0 < share < 1:
            raise DataError(f"A share lies between 0 and 1, but {name} is {share}; take, for example, 0.1.")
    if dev_share + test_share >= 1:
        raise DataError(
            f"Some rows must be left to train on, but the shares of dev ({dev_share}) and test ({test_share}) "
            "make 1 or more; take less."
        )
    if source == "roles":
        return load_roles()
    return load_files(Path(source), seed=seed, dev_share=dev_share, test_share=test_share)
