"""The splits of a data set: what is held out where there is no file, and the hashes that tell equal splits."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.training.data_files import contents, records, sizes, write_jsonl, write_splits, write_table
from training.data import DataError, read_dataset


def test_hashes_change_with_any_text_label_or_order_and_with_nothing_else(tmp_path: Path) -> None:
    rows = records(4)
    variants = [rows, rows[::-1], [{**rows[0], "text": "new"}, *rows[1:]], [{**rows[0], "label": "yes"}, *rows[1:]]]
    hashes = []
    for number, variant in enumerate(variants):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_jsonl(write_splits(folder) / "test.jsonl", variant)
        hashes.append(read_dataset(str(folder)).hashes)
    assert len({found["test"] for found in hashes}) == len(variants)
    assert len({(found["train"], found["dev"]) for found in hashes}) == 1


def test_equal_contents_in_different_formats_have_equal_hashes(tmp_path: Path) -> None:
    found = [
        read_dataset(str(write(tmp_path / name, records(60)))).hashes
        for write, name in ((write_jsonl, "a.jsonl"), (write_table, "b.csv"), (write_table, "c.tsv"))
    ]
    assert found[0] == found[1] == found[2]


def test_a_single_file_is_split_in_three(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", records(200))
    dataset = read_dataset(str(path), seed=5, dev_share=0.1, test_share=0.25)
    assert sizes(dataset) == (130, 20, 50)
    assert sorted(text for text, _, _ in contents(dataset)) == sorted(row["text"] for row in records(200))
    held = "were held out as {} (a share of {}, stratified by label, seed 5)."
    assert dataset.notes == (
        "There was no test split: 50 of the 200 rows of data.jsonl " + held.format("test", 0.25),
        "There was no dev split: 20 of the 200 rows of data.jsonl " + held.format("dev", 0.1),
    )


@pytest.mark.parametrize("missing", ["dev", "test"])
def test_only_the_missing_split_is_held_out(tmp_path: Path, missing: str) -> None:
    (write_splits(tmp_path) / f"{missing}.jsonl").unlink()
    dataset = read_dataset(str(tmp_path))
    expected = {"dev": (36, 4, 20), "test": (36, 10, 4)}
    assert sizes(dataset) == expected[missing] and len(dataset.notes) == 1


def test_holding_out_is_stratified_and_keeps_every_label_in_train(tmp_path: Path) -> None:
    labels = ["a"] * 100 + ["b"] * 60 + ["c"] * 39 + ["d"]
    rows = [{**row, "label": label} for row, label in zip(records(200), labels, strict=True)]
    dataset = read_dataset(str(write_jsonl(tmp_path / "data.jsonl", rows)), dev_share=0.1, test_share=0.2)
    counts = {split: Counter(dataset.label_names[one.label] for one in rows) for split, rows in dataset.splits.items()}
    for split, share in (("dev", 0.1), ("test", 0.2)):
        for label in "abc":
            assert abs(counts[split][label] - share * labels.count(label)) <= 1
    assert counts["train"]["d"] == 1


def test_rows_of_equal_text_stay_together(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", records(60) * 2 + [{**row, "label": "no"} for row in records(60)])
    texts = [{one.text for one in rows} for rows in read_dataset(str(path)).splits.values()]
    assert sum(map(len, texts)) == len(set().union(*texts)) == 60


def test_the_seed_decides_what_is_held_out(tmp_path: Path) -> None:
    path = str(write_jsonl(tmp_path / "data.jsonl", records(200)))
    assert read_dataset(path, seed=1) == read_dataset(path, seed=1)
    assert read_dataset(path, seed=1).splits["dev"] != read_dataset(path, seed=2).splits["dev"]


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
@pytest.mark.parametrize("name", ["dev_share", "test_share"])
def test_a_share_outside_zero_and_one_is_refused(name: str, share: float) -> None:
    shares: dict[str, Any] = {name: share}
    with pytest.raises(DataError, match=rf"between 0 and 1, but {name} is {share}; take"):
        read_dataset("roles", **shares)


def test_shares_that_leave_nothing_to_train_on_are_refused() -> None:
    with pytest.raises(DataError, match=r"the shares of dev \(0.5\) and test \(0.5\) make 1 or more; take less"):
        read_dataset("roles", dev_share=0.5, test_share=0.5)
