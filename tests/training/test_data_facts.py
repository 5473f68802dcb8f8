"""What a run records of its data: repeated rows, texts that splits share, and how many rows each label has."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from amplify_viz.config import RunConfig
from tests.training.data_files import records, write_jsonl, write_splits
from training.data import SPLITS, DataError, load_dataset


def test_repeats_and_leaks_are_counted_case_and_white_space_aside(tmp_path: Path) -> None:
    train = [*records(8), {"text": "Text  number 0", "label": "no"}, {"text": "text number 0 ", "label": "yes"}]
    write_jsonl(write_splits(tmp_path) / "train.jsonl", [*train, {"text": "text number 1", "label": "yes"}])
    write_jsonl(tmp_path / "dev.jsonl", [*records(2), {"text": "of its own", "label": "no"}])
    write_jsonl(
        tmp_path / "test.jsonl", [{"text": "TEXT number 5", "label": "no"}, {"text": "OF its own", "label": "yes"}] * 2
    )
    data = load_dataset(RunConfig(data=str(tmp_path)))
    none = {"rows": 0, "other_label": 0}
    assert data.facts["duplicates"] == {
        "train": {"rows": 3, "other_label": 1},
        "dev": none,
        "test": {"rows": 2, "other_label": 0},
    }
    assert data.facts["leaks"] == {"train/dev": 2, "train/test": 2, "dev/test": 2}
    assert data.notes == (
        "Rows of train that repeat the text of an earlier one: 3, with another label: 1.",
        "Rows of test that repeat the text of an earlier one: 2, with another label: 0.",
        "Texts of dev that occur in train too: 2.",
        "Texts of test that occur in train too: 2.",
        "Texts of test that occur in dev too: 2.",
    )


def test_pairs_repeat_only_as_pairs(tmp_path: Path) -> None:
    rows = [{"text": f"a {i // 2}", "text_pair": f"b {i % 20}", "label": i % 2} for i in range(40)]
    data = load_dataset(RunConfig(data=str(write_jsonl(tmp_path / "data.jsonl", [*rows, rows[0]]))))
    repeats = sum(found["rows"] for found in data.facts["duplicates"].values())
    assert repeats == 1 and not any(data.facts["leaks"].values())


def test_classes_are_counted_in_every_split_also_where_there_are_none(tmp_path: Path) -> None:
    write_jsonl(write_splits(tmp_path) / "dev.jsonl", records(3, labels=("yes",)))
    assert load_dataset(RunConfig(data=str(tmp_path))).facts["class_counts"] == {
        "train": {"no": 20, "yes": 20},
        "dev": {"no": 0, "yes": 3},
        "test": {"no": 10, "yes": 10},
    }


@pytest.mark.parametrize("noise", ["none", "delete", "swap", "flip"])
def test_facts_are_the_same_after_a_journey_through_json(tmp_path: Path, noise: str) -> None:
    share = 0.0 if noise == "none" else 0.2
    path = str(write_splits(tmp_path))
    data = load_dataset(RunConfig(data=path, fraction=0.5, noise=noise, noise_share=share))  # type: ignore[arg-type]
    assert json.loads(json.dumps(data.facts)) == data.facts
    assert set(data.facts) == {"class_counts", "duplicates", "leaks", "kept", "noise"}


def test_the_built_in_data_have_facts_and_no_repeats() -> None:
    data = load_dataset(RunConfig())
    assert not any(data.facts["leaks"].values()) and data.facts["noise"] is None
    counts = {split: Counter(data.label_names[row.label] for row in data.splits[split]) for split in SPLITS}
    assert data.facts["class_counts"] == counts


def test_runs_of_different_seeds_share_their_splits_and_those_of_different_split_seeds_do_not(tmp_path: Path) -> None:
    path = str(write_jsonl(tmp_path / "data.jsonl", records(200)))
    found = [load_dataset(RunConfig(data=path, seed=seed, fraction=0.5)).hashes for seed in (0, 1)]
    assert found[0] == found[1] != load_dataset(RunConfig(data=path, split_seed=1, fraction=0.5)).hashes


@pytest.mark.parametrize(("share", "rows"), [(0.1, 18), (0.25, 45)])
def test_dev_share_is_the_share_that_is_held_out(tmp_path: Path, share: float, rows: int) -> None:
    (write_splits(tmp_path, train=180) / "dev.jsonl").unlink()
    assert len(load_dataset(RunConfig(data=str(tmp_path), dev_share=share)).splits["dev"]) == rows


def test_data_that_are_nowhere_are_refused() -> None:
    with pytest.raises(
        DataError, match="'roles', one of the paper's sets, a folder or a file, but there is nothing at trec;"
    ):
        load_dataset(RunConfig(data="trec"))
