"""Data sets to train on: load_dataset, read_dataset, Dataset, Example, DataError."""

from __future__ import annotations

from pathlib import Path

from amplify_viz.config import RunConfig
from amplify_viz.errors import DataError
from amplify_viz.reading.columns import Columns
from training.data.dataset import SPLITS, Dataset, Example
from training.data.facts import count_classes, count_repeats
from training.data.files import load_files
from training.data.hub import ALIASES, HUB_DATA, load_named
from training.data.images import Picture, holds_pictures, load_images
from training.data.noise import add_noise
from training.data.roles import load_roles
from training.data.subset import take

NAMED_DATA = ("roles", *HUB_DATA, *ALIASES)

__all__ = ["NAMED_DATA", "SPLITS", "Columns", "DataError", "Dataset", "Example", "load_dataset", "read_dataset"]


def load_dataset(config: RunConfig) -> Dataset:
    """The data set of a run: read, split, cut to a part of train, and with noise in train, as the config says.

    split_seed decides which rows are held out and kept, so that runs of different seeds share them; seed decides the noise,
    so that methods of one seed meet the same.  Raises DataError with one clear sentence.
    facts, fit for JSON: "class_counts" of the splits as they are used; "kept" of train (`take`); "duplicates" and "leaks"
    (`count_repeats`), counted after that and before the noise; "noise" (`add_noise`); and "source", where it is the hub.
    Equal configs give equal splits on every machine; noise and parts of train leave dev and test as they are.
    """
    columns = Columns(config.text_column, config.pair_column, config.label_column)
    data = read_dataset(config.data, columns=columns, seed=config.split_seed, dev_share=config.dev_share)
    data = take(data, fraction=config.fraction, per_class=config.per_class, seed=config.split_seed)
    if config.noise in ("delete", "swap") and isinstance(data.splits["train"][0], Picture):
        raise DataError(f"noise={config.noise} is about words, these data are pictures; use flip, or leave it out.")
    data = add_noise(count_repeats(data), config.noise, share=config.noise_share, seed=config.seed)
    return count_classes(data)


def read_dataset(
    source: str, *, columns: Columns | None = None, seed: int = 0, dev_share: float = 0.1, test_share: float = 0.1
) -> Dataset:
    """The data set of a name in NAMED_DATA, or the one at a path.

    A path is a folder with a file for each split, a single file, or a folder of class folders with pictures.
    columns: which of a file's columns are read; a named data set has its own.
    seed: decides which rows are held out as dev or test where there are none; "roles" does not depend on it.
    dev_share, test_share: how much of train is held out then, in (0, 1).
    A folder that is itself called roles is "./roles".  Raises DataError with one clear sentence.
    The same source, seed and shares give the same splits on every machine.
    """
    _check_shares(dev_share, test_share)
    if source not in NAMED_DATA:
        chosen = columns or Columns()
        if holds_pictures(Path(source)):
            if chosen != Columns():
                raise DataError(f"Columns are chosen in data files, and {source} holds pictures; leave them out.")
            return load_images(Path(source), seed=seed, dev_share=dev_share, test_share=test_share)
        return load_files(Path(source), columns=chosen, seed=seed, dev_share=dev_share, test_share=test_share)
    if columns not in (None, Columns()):
        raise DataError(
            f"Columns are chosen in files, and {source!r} has its own; leave text_column, pair_column and label_column out "
            f"(a folder called {source} is ./{source})."
        )
    return (
        load_roles() if source == "roles" else load_named(source, seed=seed, dev_share=dev_share, test_share=test_share)
    )


def _check_shares(dev_share: float, test_share: float) -> None:
    for name, share in (("dev_share", dev_share), ("test_share", test_share)):
        if not 0 < share < 1:
            raise DataError(f"A share lies between 0 and 1, but {name} is {share}; take, for example, 0.1.")
    if dev_share + test_share >= 1:
        raise DataError(
            f"Some rows must be left to train on, but the shares of dev ({dev_share}) and test ({test_share}) "
            "make 1 or more; take less."
        )
