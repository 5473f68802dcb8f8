"""Texts of a file, of a folder's split, and pasted."""

import json
from pathlib import Path
from typing import Any

import pytest

from amplify_viz.errors import DataError, InputError
from amplify_viz.reading import Columns, pasted_texts, read_texts, tables
from amplify_viz.reading.roles import LABEL_NAMES, SIZES, generate


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_file_gives_its_texts_pairs_and_labels(tmp_path: Path) -> None:
    pairs = read_texts(write(tmp_path / "a.jsonl", [{"text": "a b", "text_pair": "c", "label": 1}]))
    assert (pairs.inputs, pairs.labels, pairs.are_pairs) == ((("a b", "c"),), ("1",), True)
    singles = read_texts(write(tmp_path / "b.jsonl", [{"text": "a"}, {"text": "b"}]))
    assert (singles.inputs, singles.labels, singles.are_pairs) == ((("a", None), ("b", None)), None, False)


def test_a_folder_gives_the_split_that_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "validation.jsonl", [{"text": "dev", "label": "x"}])
    (tmp_path / "test.csv").write_text("sentence,label\ntest,y\n")
    assert read_texts(tmp_path).inputs == (("test", None),)
    assert read_texts(tmp_path, split="dev").labels == ("x",)
    with pytest.raises(
        DataError, match=r"a file for each split \(train.jsonl for train\), but .* has dev, test; choose"
    ):
        read_texts(tmp_path, split="train")


def test_mrpcs_own_files_give_their_splits(tmp_path: Path) -> None:
    header = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n"
    (tmp_path / "msr_paraphrase_train.txt").write_text(header + "1\t1\t2\ta\tb\n0\t3\t4\tc\td\n")
    (tmp_path / "dev_ids.tsv").write_text("3\t4\n")
    assert read_texts(tmp_path, split="dev").inputs == (("c", "d"),)
    assert read_texts(tmp_path / "msr_paraphrase_train.txt").inputs == (("a", "b"), ("c", "d"))


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_the_built_in_pairs_are_had_by_name(split: str) -> None:
    texts = read_texts("roles", split=split)
    assert texts.are_pairs and len(texts.inputs) == SIZES[split]
    assert [(pair.text, pair.text_pair) for pair in generate()[split]] == list(texts.inputs)
    assert texts.labels is not None and set(texts.labels) == set(LABEL_NAMES)


def test_the_built_in_pairs_have_three_splits() -> None:
    with pytest.raises(DataError, match="splits train, dev, test, got 'validation'"):
        read_texts("roles", split="validation")


def test_other_columns_can_be_chosen(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [{"first": "a", "second": "b", "gold": 0}])
    chosen = read_texts(path, columns=Columns("first", "second", "gold"))
    assert (chosen.inputs, chosen.labels) == ((("a", "b"),), ("0",))


def test_a_list_has_one_text_or_pair_a_line(tmp_path: Path) -> None:
    assert pasted_texts(" one \n\ntwo words\n").inputs == (("one", None), ("two words", None))
    (tmp_path / "list.txt").write_text("a\tb\nc\td\n")
    assert read_texts(tmp_path / "list.txt").inputs == (("a", "b"), ("c", "d"))


def test_the_first_texts_are_taken_and_said_to_be() -> None:
    texts = pasted_texts("a\nb\nc")
    assert texts.first(None) is texts and texts.first(3) is texts
    assert (texts.first(2).inputs, texts.first(2).origin) == ((("a", None), ("b", None)), "the first 2 of the list")
    with pytest.raises(InputError, match="number of texts from 1, got 0"):
        texts.first(0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (" \n", "at least one line with a visible character, but the list is empty"),
        ("a\tb\nc", "line 2 of the list differs from line 1"),
        ("a\tb\tc", "one tab between them, but line 1 of the list"),
        ("a\t", "one tab between them, but line 1 of the list"),
    ],
)
def test_a_list_of_another_form_is_refused(content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        pasted_texts(content)


def test_what_is_no_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is nothing at"):
        read_texts(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(DataError, match=r"at least one row, but .* is empty"):
        read_texts(tmp_path / "empty.jsonl")
    with pytest.raises(DataError, match=r"has a text column, 'text' or 'sentence' or 'sentence1', but .* has 'label'"):
        read_texts(write(tmp_path / "no.jsonl", [{"label": 1}]))
    mixed = [{"text": "a", "text_pair": "b"}, {"text": "c", "text_pair": ""}]
    with pytest.raises(DataError, match="All rows have a text_pair or none has"):
        read_texts(write(tmp_path / "mixed.jsonl", mixed))


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv", "a.txt", "a.label"])
def test_a_line_of_100_mb_is_refused_without_reading_it_whole(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(b'"text"\n')
        file.truncate(100 * 10**6)  # a sparse file: zeros without an end of line
    n_read = 0
    pieces = tables.pieces

    def counted(*given: Any) -> Any:
        nonlocal n_read
        for piece in pieces(*given):
            n_read += len(piece)
            yield piece

    monkeypatch.setattr(tables, "pieces", counted)
    with pytest.raises(DataError, match=r"A line has at most 4 MB, but line 2 of .* is longer"):
        read_texts(path)
    assert n_read <= 3 * tables.MAX_LINE


def test_a_long_file_of_short_lines_is_read(tmp_path: Path) -> None:
    n = 3 * tables.MAX_LINE // 30
    path = tmp_path / "long.txt"
    path.write_text("a line of about thirty letters\n" * n)
    assert len(read_texts(path).inputs) == n
