"""Data files with something wrong: one clear sentence for each."""

from __future__ import annotations

from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from tests.training.data_files import fails, records, write, write_jsonl, write_splits, write_table
from training.data import DataError, read_dataset


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    fails(tmp_path / "nowhere", r"there is nothing at .*nowhere; check the path")


def test_a_folder_without_train_tells_what_it_has(tmp_path: Path) -> None:
    (write_splits(tmp_path) / "train.jsonl").rename(tmp_path / "training.jsonl")
    fails(
        tmp_path,
        r"has a train file \(train.jsonl, train.csv, train.tsv, train.parquet\), but .* has dev.jsonl, test.jsonl, training.jsonl;",
    )


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    fails(tmp_path, "has no files; rename or add the train file")


def test_two_files_for_one_split_are_refused(tmp_path: Path) -> None:
    write_table(write_splits(tmp_path) / "val.csv", records(4))
    fails(tmp_path, r"has dev.jsonl and val.csv for dev; keep one of them")


@pytest.mark.parametrize(("file", "found"), [("data.xlsx", r"'\.xlsx'"), ("data", "no extension")])
def test_an_unknown_extension_is_named(tmp_path: Path, file: str, found: str) -> None:
    (tmp_path / file).write_text("text,label\n")
    fails(tmp_path / file, rf"are \.jsonl or \.csv or \.tsv or \.parquet, but .* has {found}; convert or rename it")


@pytest.mark.parametrize("role", ["text", "label"])
@pytest.mark.parametrize("extension", [".jsonl", ".csv"])
def test_a_missing_column_is_named_with_the_columns_found(tmp_path: Path, role: str, extension: str) -> None:
    rows = [{name: value for name, value in row.items() if name != role} | {"id": 1} for row in records(4)]
    accepted = {"text": "'text' or 'sentence' or 'sentence1'", "label": "'label' or 'labels'"}[role]
    other = {"text": "label", "label": "text"}[role]
    fails(
        write(tmp_path / f"data{extension}", rows),
        rf"{role} column, {accepted}, but .* has '{other}', 'id'; rename one, or name it with {role}_column",
    )


@pytest.mark.parametrize("content", ["", "\n\n", "text,label\n"])
@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".tsv"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, content: str, extension: str) -> None:
    path = tmp_path / f"data{extension}"
    path.write_text("" if extension == ".jsonl" else content)
    fails(path, r"needs at least one row, but .* is empty; add rows")


@pytest.mark.parametrize("split", ["dev", "test"])
def test_a_label_seen_only_outside_train_is_named(tmp_path: Path, split: str) -> None:
    write_jsonl(write_splits(tmp_path) / f"{split}.jsonl", records(6, labels=("no", "maybe")))
    fails(
        tmp_path, rf"Every label occurs in train, but 'maybe' occurs only in .*{split}\.jsonl; add rows of it to train"
    )


def test_one_class_only_is_refused(tmp_path: Path) -> None:
    fails(
        write_jsonl(tmp_path / "data.jsonl", records(60, labels=("yes",))),
        r"two labels or more, but .* has only 'yes'; add rows",
    )


@pytest.mark.parametrize("text", ["", "  \t "])
@pytest.mark.parametrize("extension", [".jsonl", ".csv"])
def test_an_empty_text_is_named_with_its_line(tmp_path: Path, text: str, extension: str) -> None:
    path = write(tmp_path / f"data{extension}", [*records(3), {"text": text, "label": "no"}])
    line = 4 if extension == ".jsonl" else 5
    fails(path, rf"'text' is empty on line {line} of .*data{extension}; fill it in or remove the row")


@pytest.mark.parametrize("column", ["text", "text_pair"])
def test_a_text_that_is_no_string_is_refused(tmp_path: Path, column: str) -> None:
    rows = [{"text": "a", "text_pair": "b", "label": 0}, {"text": "a", "text_pair": "b", "label": 1, column: 3}]
    fails(
        write_jsonl(tmp_path / "data.jsonl", rows),
        rf"A text is a string, but '{column}' is 3 on line 2 of .*; put it in quotes",
    )


@pytest.mark.parametrize("label", [None, "", " ", 0.5, True, ["no"]])
def test_a_label_that_is_none_is_named_with_its_line(tmp_path: Path, label: object) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", [*records(3), {"text": "a", "label": label}])
    fails(path, r"A label is a whole number or a name, but 'label' is .* on line 4 of")


@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".parquet"])
@pytest.mark.parametrize("label", ["7" * 5000, "x" * 201])
def test_a_label_that_is_too_long_to_be_a_name_is_refused(tmp_path: Path, label: str, extension: str) -> None:
    path = write(tmp_path / f"data{extension}", [{"text": f"text {i}", "label": label} for i in range(60)])
    fails(
        path,
        rf"A label has at most 200 characters, but 'label' has {len(label):,} on (line|row) [12] of .*; shorten it",
    )


def test_a_label_of_as_many_characters_as_it_may_have_is_read(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", records(60, labels=("7" * 200, f" {'8' * 200} ")))
    assert read_dataset(str(path)).label_names == ("7" * 200, "8" * 200)


def test_an_invalid_json_line_is_named(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", records(3))
    path.write_text(path.read_text() + '{"text": "a", "label": }\n')
    fails(
        path,
        r"one JSON object, but line 4 of .*data.jsonl is not JSON \(Expecting value at column 24\); correct or remove",
    )


def test_a_json_line_that_is_no_object_is_named(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", records(3))
    path.write_text(path.read_text() + '["a", 1]\n')
    fails(path, r"one JSON object, but line 4 of .*data.jsonl is a list; write it as")


@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".tsv"])
def test_bytes_that_are_not_utf8_are_named_with_their_line(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"data{extension}"
    path.write_bytes(b"text\nplain\ncr\xe8me\n")
    fails(path, rf"are UTF-8, but .*data{extension} has the byte 0xe8 on line 3; save it as UTF-8")


@pytest.mark.parametrize("extension", [".csv", ".tsv"])
@pytest.mark.parametrize("row", [("a",), ("a", "no", "b")])
def test_a_row_of_another_length_than_the_header_is_named(tmp_path: Path, extension: str, row: tuple[str, ...]) -> None:
    path = write_table(tmp_path / f"data{extension}", [{"text": "two\nlines", "label": "no"}, *records(2)])
    path.write_text(path.read_text() + ("\t" if extension == ".tsv" else ",").join(row) + "\n")
    fails(path, rf"as many fields as the header, 2, but line 6 of .* has {len(row)}; correct the row")


def test_a_bare_tsv_row_with_a_tab_too_many_is_named(tmp_path: Path) -> None:
    path = tmp_path / "data.tsv"
    path.write_text('text\tlabel\n" open\tno\nclosed " \tyes\n" a\ttab\tno\n')
    fails(path, r"as many fields as the header, 2, but line 4 of .* has 3; correct the row")


def test_a_json_row_without_a_column_of_the_others_is_named(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", [*records(3), {"text": "a"}])
    fails(path, r"same columns, but line 4 of .* has no 'label'; add it or remove the row")


def test_a_column_that_occurs_twice_is_named(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("text,label,Text\na,no,b\n")
    fails(path, r"different names, but .* has 'text' twice; rename one of them")


def test_broken_quoting_is_named_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text('text,label\na,no\n"b" c,yes\n')
    fails(path, r"breaks this in the row that starts on line 3 .*; correct the row or save the file as JSONL")


@pytest.mark.parametrize("count", [2, 4, 10])
def test_too_few_rows_to_hold_out_are_refused(tmp_path: Path, count: int) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", records(count))
    fails(path, rf"but {count} rows are too few to hold some of them out as test; add rows or a test file")


@pytest.mark.parametrize("pair", [None, "", " "])
def test_a_pair_in_some_rows_only_is_named_with_its_line(tmp_path: Path, pair: str | None) -> None:
    rows = [{**row, "text_pair": "b"} for row in records(3)] + [{"text": "a", "text_pair": pair, "label": "no"}]
    fails(
        write_jsonl(tmp_path / "data.jsonl", rows),
        r"none has, but line 4 of .*data.jsonl has none while others have; fill it in",
    )


@pytest.mark.parametrize("paired", ["train", "test"])
def test_pairs_in_some_splits_only_are_refused(tmp_path: Path, paired: str) -> None:
    write_jsonl(write_splits(tmp_path) / f"{paired}.jsonl", [{**row, "text_pair": "b"} for row in records(40)])
    fails(
        tmp_path,
        r"All splits have a text_pair or none has, but .*\.jsonl has it and .*\.jsonl has not; fill it in or remove",
    )


@pytest.mark.parametrize("content", [b"", b"PAR1 and no more", b"text,label\n"])
def test_a_broken_parquet_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data.parquet").write_bytes(content)
    fails(tmp_path / "data.parquet", r"readable as Parquet, but .*data\.parquet is not \(.+\); write it anew")


def test_rows_of_parquet_are_named_by_their_number(tmp_path: Path) -> None:
    path = write(tmp_path / "data.parquet", [*records(3), {"text": None, "label": "no"}])
    fails(path, r"A text is a string, but 'text' is None on row 4 of .*data\.parquet")


def test_a_parquet_label_that_is_no_whole_number_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "data.parquet", [{"text": "a", "label": 1.0}, {"text": "b", "label": 0.5}])
    fails(path, r"A label is a whole number or a name, but 'label' is 1\.0 on row 1 of")


def test_a_parquet_file_without_rows_is_said_to_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    parquet.write_table(pyarrow.table({"text": pyarrow.array([], pyarrow.string())}), path)
    fails(path, r"needs at least one row, but .* is empty; add rows")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "half \\ud800", "label": "a"}', "A text is made of .* 'text' holds half of one .* on line 1 of"),
        ('{"text": "a", "label": "half \\ud800"}', "A label is made of .* 'label' holds half of one .* on line 1 of"),
        ("[" * 100_000, "line 1 of .* is not JSON"),
        ('{"text": "a", "label": ' + "1" * 5000 + "}", "line 1 of .* is not JSON"),
    ],
)
def test_hostile_json_is_one_sentence(line: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_dataset(str(tmp_path))
