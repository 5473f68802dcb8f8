"""Data sets from files: what is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from tests.training.data_files import contents, records, sizes, write, write_jsonl, write_splits, write_table
from training.data import Example, read_dataset


def test_a_folder_gives_its_three_files(tmp_path: Path) -> None:
    dataset = read_dataset(str(write_splits(tmp_path)))
    assert sizes(dataset) == (40, 10, 20)
    assert dataset.label_names == ("no", "yes") and dataset.notes == ()
    assert dataset.splits["train"][1] == Example("text number 1", None, 1)


@pytest.mark.parametrize("name", ["dev", "validation", "valid", "val", "DEV"])
@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".tsv", ".parquet"])
def test_dev_may_have_any_of_its_names_and_extensions(tmp_path: Path, name: str, extension: str) -> None:
    (write_splits(tmp_path) / "dev.jsonl").unlink()
    write(tmp_path / f"{name}{extension}", records(7))
    assert sizes(read_dataset(str(tmp_path)))[1] == 7


def test_subfolders_and_other_files_are_ignored(tmp_path: Path) -> None:
    write_splits(tmp_path)
    (tmp_path / "raw").mkdir()
    write_jsonl(tmp_path / "raw" / "train.jsonl", records(3))
    (tmp_path / "train.txt").write_text("notes")
    assert sizes(read_dataset(str(tmp_path))) == (40, 10, 20)


@pytest.mark.parametrize("names", [("text", "text_pair", "label"), ("sentence1", "sentence2", "labels")])
@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".tsv", ".parquet"])
def test_columns_may_have_any_of_their_names(tmp_path: Path, names: tuple[str, str, str], extension: str) -> None:
    rows = [dict(zip(("id", *names), (i, f"text {i}", f"pair {i}", i % 2), strict=True)) for i in range(60)]
    dataset = read_dataset(str(write(tmp_path / f"pairs{extension}", rows)))
    assert sorted(contents(dataset)) == sorted((f"text {i}", f"pair {i}", str(i % 2)) for i in range(60))


def test_column_names_are_read_in_any_case(tmp_path: Path) -> None:
    rows = [{"Sentence": row["text"], " LABEL": row["label"]} for row in records(60)]
    assert len(contents(read_dataset(str(write_table(tmp_path / "data.csv", rows))))) == 60


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ((10, 2, -1), ("-1", "2", "10")),
        (("10", "2", "-1"), ("-1", "2", "10")),
        (("ten", "2", "one"), ("2", "one", "ten")),
    ],
)
def test_label_names_are_sorted_whole_numbers_numerically(
    tmp_path: Path, labels: tuple[Any, ...], names: tuple[str, ...]
) -> None:
    dataset = read_dataset(str(write_jsonl(tmp_path / "data.jsonl", records(90, labels=labels))))
    assert dataset.label_names == names
    assert all(
        names[example.label] == str(labels[int(example.text.split()[-1]) % 3]) for example in dataset.splits["train"]
    )


@pytest.mark.parametrize("text", ["NA", "null", "nan", "None", "N/A", "-", "007", "1e5"])
@pytest.mark.parametrize("extension", [".csv", ".tsv"])
def test_words_that_look_like_missing_values_stay_texts(tmp_path: Path, text: str, extension: str) -> None:
    rows = [*records(60), {"text": text, "label": "yes"}]
    assert (text, None, "yes") in contents(read_dataset(str(write_table(tmp_path / f"data{extension}", rows))))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("extension", [".csv", ".tsv", ".jsonl"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path, encoding: str, extension: str) -> None:
    path = write(tmp_path / f"data{extension}", [*records(60), {"text": "crème brûlée", "label": "no"}])
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    assert ("crème brûlée", None, "no") in contents(read_dataset(str(path)))


@pytest.mark.parametrize("text", ['say "no", twice', "two\nlines", 'a "quote"', "tab\there", '"all of it"'])
@pytest.mark.parametrize("extension", [".csv", ".tsv"])
def test_quoted_fields_are_unquoted(tmp_path: Path, text: str, extension: str) -> None:
    rows = [*records(60), {"text": text, "label": "yes"}]
    assert (text, None, "yes") in contents(read_dataset(str(write_table(tmp_path / f"data{extension}", rows))))


def test_bare_quotes_in_tsv_are_characters(tmp_path: Path) -> None:
    """As in MRPC's own files: a byte-order mark, and quotes that open in one row and close, if ever, in another."""
    texts = ['" The pie business does not fit .', 'He called it " a mess " .', 'The end ."', '" wrapped "']
    rows = [(str(i % 2), f"{texts[i % 4]} {i}" if i % 4 < 2 else f"{i} {texts[i % 4]}") for i in range(80)]
    path = tmp_path / "raw.tsv"
    path.write_text(
        "".join("\t".join(row) + "\r\n" for row in [("label", "text"), *rows]), encoding="utf-8-sig", newline=""
    )
    assert sorted(contents(read_dataset(str(path)))) == sorted((text, None, label) for label, text in rows)


def test_line_separators_within_a_json_string_do_not_end_the_line(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    lines = [json.dumps({**row, "text": f"{row['text']}\u2028\x85end"}, ensure_ascii=False) for row in records(60)]
    path.write_text("\n\n".join(lines), encoding="utf-8")
    assert len(contents(read_dataset(str(path)))) == 60


def test_pairs_that_are_null_everywhere_are_no_pairs(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", [{**row, "text_pair": None} for row in records(60)])
    assert {pair for _, pair, _ in contents(read_dataset(str(path)))} == {None}


@pytest.mark.parametrize(
    ("file", "name"),
    [("My Data (v2).jsonl", "my-data-v2"), ("a.b_c-d.csv", "a.b_c-d"), ("Ünï.jsonl", "n"), ("数据.jsonl", "data")],
)
def test_the_name_is_fit_for_a_folder(tmp_path: Path, file: str, name: str) -> None:
    assert read_dataset(str(write(tmp_path / file, records(60)))).name == name


def test_the_name_of_a_folder_is_its_own_also_when_it_is_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "Reviews v1.2"
    folder.mkdir()
    monkeypatch.chdir(write_splits(folder))
    assert read_dataset(".").name == read_dataset(str(folder)).name == "reviews-v1.2"


def test_a_folder_called_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    path = write(tmp_path / "label=3" / "data.parquet", records(60))
    assert read_dataset(str(path)).label_names == ("no", "yes")


def test_parquet_labels_may_be_categories(tmp_path: Path) -> None:
    labels = pyarrow.array(["no", "yes"] * 30).dictionary_encode()
    path = tmp_path / "data.parquet"
    parquet.write_table(pyarrow.table({"text": [row["text"] for row in records(60)], "label": labels}), path)
    assert read_dataset(str(path)).splits == read_dataset(str(write(tmp_path / "same.jsonl", records(60)))).splits
