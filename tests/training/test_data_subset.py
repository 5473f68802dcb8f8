"""Parts of train for runs with little data: stratified, nested, the same on every machine, and train's alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from amplify_viz.config import RunConfig
from tests.training.data_files import records, write_jsonl, write_splits
from training.data import Dataset, load_dataset

LABELS = ("a",) * 50 + ("b",) * 30 + ("c",) * 19 + ("d",)


@pytest.fixture
def source(tmp_path: Path) -> str:
    write_jsonl(write_splits(tmp_path) / "train.jsonl", records(400, labels=LABELS))
    write_jsonl(tmp_path / "dev.jsonl", records(40, start=1000, labels=("a", "b")))
    write_jsonl(tmp_path / "test.jsonl", records(40, start=2000, labels=("a", "b")))
    return str(tmp_path)


def load(source: str, **settings: Any) -> Dataset:
    return load_dataset(RunConfig(data=source, **settings))


def counts(data: Dataset) -> dict[str, int]:
    return dict(Counter(data.label_names[row.label] for row in data.splits["train"]))


def texts(data: Dataset) -> list[str]:
    return [row.text for row in data.splits["train"]]


@pytest.mark.parametrize("fraction", [0.001, 0.01, 0.1, 0.33, 0.5, 0.9, 1.0])
def test_every_label_keeps_its_fraction_and_one_row_at_least(source: str, fraction: float) -> None:
    found = counts(load(source, fraction=fraction))
    for label, count in Counter(LABELS * 4).items():
        assert found[label] == max(1, int(fraction * count + 0.5))


def test_a_smaller_fraction_is_a_subset_of_a_larger_one_in_the_same_order(source: str) -> None:
    parts = [texts(load(source, fraction=fraction)) for fraction in (0.01, 0.1, 0.2, 0.25, 0.5, 0.99, 1.0)]
    for smaller, larger in pairwise(parts):
        assert len(smaller) < len(larger)
        assert [text for text in larger if text in set(smaller)] == smaller


@pytest.mark.parametrize("per_class", [1, 4, 100, 10**9])
def test_per_class_keeps_at_most_so_many_rows_of_each_label(source: str, per_class: int) -> None:
    found = counts(load(source, per_class=per_class))
    assert found == {label: min(per_class, count) for label, count in Counter(LABELS * 4).items()}


def test_fewer_rows_per_class_are_a_subset_of_more(source: str) -> None:
    parts = [set(texts(load(source, per_class=count))) for count in (1, 2, 10, 60)]
    assert all(smaller < larger for smaller, larger in pairwise(parts))


def test_both_together_keep_what_either_keeps(source: str) -> None:
    both = set(texts(load(source, fraction=0.1, per_class=10)))
    assert both == set(texts(load(source, fraction=0.1))) & set(texts(load(source, per_class=10)))


def test_the_split_seed_decides_and_the_runs_seed_does_not(source: str) -> None:
    first = texts(load(source, fraction=0.1))
    assert first == texts(load(source, fraction=0.1, seed=5))
    assert first != texts(load(source, fraction=0.1, split_seed=5))


def test_neither_parts_nor_noise_depend_on_the_hash_seed_of_python(source: str) -> None:
    code = (
        "import sys; from amplify_viz.config import RunConfig; from training.data import load_dataset; "
        "print(load_dataset(RunConfig(data=sys.argv[1], fraction=0.2, noise='flip', noise_share=0.2)).hashes)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code, source]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(load(source, fraction=0.2, noise="flip", noise_share=0.2).hashes)


def test_dev_and_test_stay_as_they_are(source: str) -> None:
    whole, part = load(source), load(source, fraction=0.1, per_class=3)
    assert part.hashes["train"] != whole.hashes["train"]
    assert {part.hashes[split] == whole.hashes[split] for split in ("dev", "test")} == {True}


def test_dev_is_held_out_before_train_is_cut(source: str) -> None:
    (Path(source) / "dev.jsonl").unlink()
    whole, part = load(source), load(source, fraction=0.1)
    assert whole.splits["dev"] == part.splits["dev"] and set(texts(part)) < set(texts(whole))


def test_what_was_kept_is_recorded(source: str) -> None:
    data = load(source, fraction=0.1, per_class=15, split_seed=7)
    assert data.facts["kept"] == {"rows": 36, "of": 400, "fraction": 0.1, "per_class": 15, "seed": 7}
    assert data.notes == (
        "Train is 36 of 400 rows (a fraction of 0.1, at most 15 rows of a label, stratified by label, seed 7).",
    )
    assert load(source).notes == ()
