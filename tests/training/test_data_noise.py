"""Noise in train: words deleted and swapped, labels flipped; seeded, train's alone, and the share reached recorded."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from amplify_viz.config import RunConfig
from tests.training.data_files import write_jsonl, write_splits
from training.data import Dataset, load_dataset

KINDS = ("delete", "swap", "flip")
WORD_KINDS = ("delete", "swap")
SHARES = (0.05, 0.1, 0.15, 0.2)


def sentences(count: int, *, words: int = 12, start: int = 0) -> list[dict[str, str]]:
    """Texts whose words are all different, and different from those of all other texts."""
    return [
        {"text": " ".join(f"w{i}.{j}" for j in range(words)), "label": "abc"[i % 3]}
        for i in range(start, start + count)
    ]


@pytest.fixture
def source(tmp_path: Path) -> str:
    write_jsonl(write_splits(tmp_path) / "train.jsonl", sentences(600))
    write_jsonl(tmp_path / "dev.jsonl", sentences(30, start=1000))
    write_jsonl(tmp_path / "test.jsonl", sentences(30, start=2000))
    return str(tmp_path)


def load(source: str, kind: str, share: float, **settings: Any) -> Dataset:
    chosen: dict[str, Any] = {"noise": kind, "noise_share": share, **settings}
    return load_dataset(RunConfig(data=source, **chosen))


def words(data: Dataset) -> list[list[str]]:
    return [row.text.split() for row in data.splits["train"]]


def labels(data: Dataset) -> list[int]:
    return [row.label for row in data.splits["train"]]


def plain(source: str) -> Dataset:
    return load_dataset(RunConfig(data=source))


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_share_reached_is_the_one_asked_for_and_what_is_counted_in_the_texts(
    source: str, kind: str, share: float
) -> None:
    before, after = plain(source), load(source, kind, share)
    texts = list(zip(words(before), words(after), strict=True))
    changed = {
        "delete": sum(len(old) - len(new) for old, new in texts),
        "swap": sum(old[i] != new[i] for old, new in texts for i in range(len(new))),
        "flip": sum(old != new for old, new in zip(labels(before), labels(after), strict=True)),
    }
    fact = after.facts["noise"]
    total = 600 if kind == "flip" else 7200
    assert (fact["kind"], fact["share"], fact["total"]) == (kind, share, total)
    assert fact["unit"] == ("labels" if kind == "flip" else "words")
    assert fact["changed"] == changed[kind] and fact["reached"] == changed[kind] / total
    assert fact["reached"] == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("share", SHARES)
def test_deleting_leaves_the_other_words_in_their_order(source: str, share: float) -> None:
    for old, new in zip(words(plain(source)), words(load(source, "delete", share)), strict=True):
        assert new == [word for word in old if word in set(new)]
        assert len(old) - len(new) in {int(share * 12), int(share * 12) + 1}


@pytest.mark.parametrize("share", SHARES)
def test_swapping_exchanges_words_of_one_text_in_pairs(source: str, share: float) -> None:
    for old, new in zip(words(plain(source)), words(load(source, "swap", share)), strict=True):
        assert sorted(old) == sorted(new)
        moved = {i for i in range(len(old)) if old[i] != new[i]}
        assert all(old.index(new[i]) in moved and new[old.index(new[i])] == old[i] for i in moved)


def test_flipping_gives_any_other_label_as_often_and_leaves_the_texts(source: str) -> None:
    before, after = plain(source), load(source, "flip", 0.5)
    assert words(before) == words(after)
    steps = Counter((new - old) % 3 for old, new in zip(labels(before), labels(after), strict=True))
    assert steps[0] == 300 and abs(steps[1] - steps[2]) < 70  # four standard deviations


@pytest.mark.parametrize("kind", KINDS)
def test_dev_and_test_stay_as_they_are_and_train_does_not(source: str, kind: str) -> None:
    before, after = plain(source), load(source, kind, 0.1)
    assert {split for split in before.hashes if before.hashes[split] != after.hashes[split]} == {"train"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_runs_seed_decides(source: str, kind: str) -> None:
    assert load(source, kind, 0.1, seed=1) == load(source, kind, 0.1, seed=1)
    assert load(source, kind, 0.1, seed=1).hashes != load(source, kind, 0.1, seed=2).hashes


def test_methods_of_one_seed_meet_the_same_noise(source: str) -> None:
    assert load(source, "swap", 0.2, method="none").hashes == load(source, "swap", 0.2, method="amplify").hashes


def test_a_smaller_share_changes_a_part_of_what_a_larger_one_does(source: str) -> None:
    before = plain(source)
    small, large = (load(source, "delete", share) for share in (0.1, 0.2))
    assert all(set(more) >= set(less) for more, less in zip(words(small), words(large), strict=True))
    flipped = [
        {(i, new) for i, (old, new) in enumerate(zip(labels(before), labels(data), strict=True)) if old != new}
        for data in (load(source, "flip", 0.1), load(source, "flip", 0.2))
    ]
    assert flipped[0] < flipped[1]


@pytest.mark.parametrize("kind", WORD_KINDS)
@pytest.mark.parametrize("share", [0.2, 0.9, 1.0])
def test_no_text_is_left_without_a_word(tmp_path: Path, kind: str, share: float) -> None:
    rows = [row for length in (1, 2, 3) for row in sentences(60, words=length, start=100 * length)]
    data = load(str(write_jsonl(tmp_path / "data.jsonl", rows)), kind, share)
    assert all(words(data))
    if share == 1.0 and kind == "delete":
        assert {len(found) for found in words(data)} == {1} and data.facts["noise"]["reached"] < 1


def test_words_of_their_like_have_not_moved(tmp_path: Path) -> None:
    rows = [{"text": f"row{i} same same same same same", "label": i % 2} for i in range(100)]
    noise = load(str(write_jsonl(tmp_path / "data.jsonl", rows)), "swap", 0.4).facts["noise"]
    assert 0 < noise["reached"] < 0.2


def test_a_text_that_does_not_change_keeps_its_white_space(tmp_path: Path) -> None:
    rows = [{"text": f"one{i}  two\n three", "label": i % 2} for i in range(100)]
    data = load(str(write_jsonl(tmp_path / "data.jsonl", rows)), "delete", 0.1)
    found = Counter(row.text.count("\n") + len(row.text.split()) for row in data.splits["train"])
    assert set(found) == {4, 2}  # three words and their line break, or two words and none


@pytest.mark.parametrize("kind", WORD_KINDS)
def test_both_texts_of_a_pair_have_noise(tmp_path: Path, kind: str) -> None:
    rows = [{**row, "text_pair": row["text"].replace("w", "v")} for row in sentences(200)]
    path = str(write_jsonl(tmp_path / "data.jsonl", rows))
    before, after = plain(path).splits["train"], load(path, kind, 0.2).splits["train"]
    for name in ("text", "text_pair"):
        changed = sum(getattr(old, name) != getattr(new, name) for old, new in zip(before, after, strict=True))
        assert changed > 0.5 * len(before)


def test_noise_is_told_in_a_note_and_none_is_none(source: str) -> None:
    assert load(source, "flip", 0.1, seed=3).notes == (
        "Noise: 60 of the 600 labels of train were flipped, a share of 0.1000 (asked for: 0.1, seed 3).",
    )
    assert plain(source).facts["noise"] is None


def test_flipped_labels_are_counted_as_they_are_used(source: str) -> None:
    data = load(source, "flip", 0.3)
    assert data.facts["class_counts"]["train"] == Counter(data.label_names[label] for label in labels(data))
