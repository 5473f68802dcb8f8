"""Data sets from files: what is read, what is held out, and one clear sentence for each thing that can be wrong."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from training.data import DataError, Dataset, Example, load_dataset

Record = Mapping[str, Any]

SHARED = Path(__file__).resolve().parents[3] / "shared" / "datasets"
SHARED_SIZES = {"mrpc": (3668, 408, 1725, 2), "trec_coarse": (4908, 544, 500, 6), "sst2": (6920, 872, 1821, 2)}
PRESENT = [(name, sizes) for name, sizes in SHARED_SIZES.items() if (SHARED / name).is_dir()]


def records(count: int, *, start: int = 0, labels: Sequence[Any] = ("no", "yes")) -> list[dict[str, Any]]:
    """Different texts with the labels in turn."""
    return [{"text": f"text number {start + i}", "label": labels[i % len(labels)]} for i in range(count)]


def write_jsonl(path: Path, rows: Iterable[Record]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_table(path: Path, rows: Sequence[Record], *, encoding: str = "utf-8") -> Path:
    """A CSV or TSV file, quoted where it must be."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter="\t" if path.suffix == ".tsv" else ",")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_splits(folder: Path, *, train: int = 40, dev: int = 10, test: int = 20) -> Path:
    write_jsonl(folder / "train.jsonl", records(train))
    write_jsonl(folder / "dev.jsonl", records(dev, start=1000))
    write_jsonl(folder / "test.jsonl", records(test, start=2000))
    return folder


def sizes(dataset: Dataset) -> tuple[int, ...]:
    return tuple(len(dataset.splits[split]) for split in ("train", "dev", "test"))


def contents(dataset: Dataset) -> list[tuple[str, str | None, str]]:
    """Text, pair and label name of every row of every split."""
    return [
        (example.text, example.text_pair, dataset.label_names[example.label])
        for examples in dataset.splits.values()
        for example in examples
    ]


# --- what is read


def test_a_folder_gives_its_three_files(tmp_path: Path) -> None:
    dataset = load_dataset(str(write_splits(tmp_path)))
    assert sizes(dataset) == (40, 10, 20)
    assert dataset.label_names == ("no", "yes") and dataset.notes == ()
    assert dataset.splits["train"][1] == Example("text number 1", None, 1)


@pytest.mark.parametrize("name", ["dev", "validation", "valid", "val", "DEV"])
@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".tsv"])
def test_dev_may_have_any_of_its_names_and_extensions(tmp_path: Path, name: str, extension: str) -> None:
    (write_splits(tmp_path) / "dev.jsonl").unlink()
    write = write_jsonl if extension == ".jsonl" else write_table
    write(tmp_path / f"{name}{extension}", records(7))
    assert sizes(load_dataset(str(tmp_path)))[1] == 7


def test_subfolders_and_other_files_are_ignored(tmp_path: Path) -> None:
    write_splits(tmp_path)
    (tmp_path / "raw").mkdir()
    write_jsonl(tmp_path / "raw" / "train.jsonl", records(3))
    (tmp_path / "train.txt").write_text("notes")
    assert sizes(load_dataset(str(tmp_path))) == (40, 10, 20)


@pytest.mark.parametrize("names", [("text", "text_pair", "label"), ("sentence1", "sentence2", "labels")])
@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".tsv"])
def test_columns_may_have_any_of_their_names(tmp_path: Path, names: tuple[str, str, str], extension: str) -> None:
    rows = [dict(zip(("id", *names), (i, f"text {i}", f"pair {i}", i % 2), strict=True)) for i in range(60)]
    write = write_jsonl if extension == ".jsonl" else write_table
    dataset = load_dataset(str(write(tmp_path / f"pairs{extension}", rows)))
    assert sorted(contents(dataset)) == sorted((f"text {i}", f"pair {i}", str(i % 2)) for i in range(60))


def test_column_names_are_read_in_any_case(tmp_path: Path) -> None:
    rows = [{"Sentence": row["text"], " LABEL": row["label"]} for row in records(60)]
    assert len(contents(load_dataset(str(write_table(tmp_path / "data.csv", rows))))) == 60


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
    dataset = load_dataset(str(write_jsonl(tmp_path / "data.jsonl", records(90, labels=labels))))
    assert dataset.label_names == names
    assert all(
        names[example.label] == str(labels[int(example.text.split()[-1]) % 3]) for example in dataset.splits["train"]
    )


@pytest.mark.parametrize("text", ["NA", "null", "nan", "None", "N/A", "-", "007", "1e5"])
@pytest.mark.parametrize("extension", [".csv", ".tsv"])
def test_words_that_look_like_missing_values_stay_texts(tmp_path: Path, text: str, extension: str) -> None:
    rows = [*records(60), {"text": text, "label": "yes"}]
    assert (text, None, "yes") in contents(load_dataset(str(write_table(tmp_path / f"data{extension}", rows))))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("extension", [".csv", ".tsv", ".jsonl"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path, encoding: str, extension: str) -> None:
    write = write_jsonl if extension == ".jsonl" else write_table
    path = write(tmp_path / f"data{extension}", [*records(60), {"text": "crème brûlée", "label": "no"}])
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    assert ("crème brûlée", None, "no") in contents(load_dataset(str(path)))


@pytest.mark.parametrize("text", ['say "no", twice', "two\nlines", 'a "quote"', "tab\there", '"all of it"'])
@pytest.mark.parametrize("extension", [".csv", ".tsv"])
def test_quoted_fields_are_unquoted(tmp_path: Path, text: str, extension: str) -> None:
    rows = [*records(60), {"text": text, "label": "yes"}]
    assert (text, None, "yes") in contents(load_dataset(str(write_table(tmp_path / f"data{extension}", rows))))


def test_bare_quotes_in_tsv_are_characters(tmp_path: Path) -> None:
    """As in MRPC's own files: a byte-order mark, and quotes that open in one row and close, if ever, in another."""
    texts = ['" The pie business does not fit .', 'He called it " a mess " .', 'The end ."', '" wrapped "']
    rows = [(str(i % 2), f"{texts[i % 4]} {i}" if i % 4 < 2 else f"{i} {texts[i % 4]}") for i in range(80)]
    path = tmp_path / "raw.tsv"
    path.write_text(
        "".join("\t".join(row) + "\r\n" for row in [("label", "text"), *rows]), encoding="utf-8-sig", newline=""
    )
    assert sorted(contents(load_dataset(str(path)))) == sorted((text, None, label) for label, text in rows)


def test_line_separators_within_a_json_string_do_not_end_the_line(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    lines = [json.dumps({**row, "text": f"{row['text']}\u2028\x85end"}, ensure_ascii=False) for row in records(60)]
    path.write_text("\n\n".join(lines), encoding="utf-8")
    assert len(contents(load_dataset(str(path)))) == 60


def test_pairs_that_are_null_everywhere_are_no_pairs(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", [{**row, "text_pair": None} for row in records(60)])
    assert {pair for _, pair, _ in contents(load_dataset(str(path)))} == {None}


@pytest.mark.parametrize(
    ("file", "name"),
    [("My Data (v2).jsonl", "my-data-v2"), ("a.b_c-d.csv", "a.b_c-d"), ("Ünï.jsonl", "n"), ("数据.jsonl", "data")],
)
def test_the_name_is_fit_for_a_folder(tmp_path: Path, file: str, name: str) -> None:
    write = write_jsonl if file.endswith(".jsonl") else write_table
    assert load_dataset(str(write(tmp_path / file, records(60)))).name == name


def test_the_name_of_a_folder_is_its_own_also_when_it_is_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "Reviews v1.2"
    folder.mkdir()
    monkeypatch.chdir(write_splits(folder))
    assert load_dataset(".").name == load_dataset(str(folder)).name == "reviews-v1.2"


@pytest.mark.parametrize(("name", "expected"), PRESENT)
def test_benchmark_folders_have_their_official_sizes(name: str, expected: tuple[int, ...]) -> None:
    dataset = load_dataset(str(SHARED / name))
    assert (*sizes(dataset), len(dataset.label_names)) == expected


# --- hashes


def test_hashes_change_with_any_text_label_or_order_and_with_nothing_else(tmp_path: Path) -> None:
    rows = records(4)
    variants = [rows, rows[::-1], [{**rows[0], "text": "new"}, *rows[1:]], [{**rows[0], "label": "yes"}, *rows[1:]]]
    hashes = []
    for number, variant in enumerate(variants):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_jsonl(write_splits(folder) / "test.jsonl", variant)
        hashes.append(load_dataset(str(folder)).hashes)
    assert len({found["test"] for found in hashes}) == len(variants)
    assert len({(found["train"], found["dev"]) for found in hashes}) == 1


def test_equal_contents_in_different_formats_have_equal_hashes(tmp_path: Path) -> None:
    found = [
        load_dataset(str(write(tmp_path / name, records(60)))).hashes
        for write, name in ((write_jsonl, "a.jsonl"), (write_table, "b.csv"), (write_table, "c.tsv"))
    ]
    assert found[0] == found[1] == found[2]


# --- what is held out


def test_a_single_file_is_split_in_three(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", records(200))
    dataset = load_dataset(str(path), seed=5, dev_share=0.1, test_share=0.25)
    assert sizes(dataset) == (130, 20, 50)
    assert sorted(text for text, _, _ in contents(dataset)) == sorted(row["text"] for row in records(200))
    held = "were held out as {} (a share of {}, stratified by label, seed 5)."
    assert dataset.notes == (
        "There was no test file: 50 of the 200 rows of data.jsonl " + held.format("test", 0.25),
        "There was no dev file: 20 of the 200 rows of data.jsonl " + held.format("dev", 0.1),
    )


@pytest.mark.parametrize("missing", ["dev", "test"])
def test_only_the_missing_split_is_held_out(tmp_path: Path, missing: str) -> None:
    (write_splits(tmp_path) / f"{missing}.jsonl").unlink()
    dataset = load_dataset(str(tmp_path))
    expected = {"dev": (36, 4, 20), "test": (36, 10, 4)}
    assert sizes(dataset) == expected[missing] and len(dataset.notes) == 1


def test_holding_out_is_stratified_and_keeps_every_label_in_train(tmp_path: Path) -> None:
    labels = ["a"] * 100 + ["b"] * 60 + ["c"] * 39 + ["d"]
    rows = [{**row, "label": label} for row, label in zip(records(200), labels, strict=True)]
    dataset = load_dataset(str(write_jsonl(tmp_path / "data.jsonl", rows)), dev_share=0.1, test_share=0.2)
    counts = {split: Counter(dataset.label_names[one.label] for one in rows) for split, rows in dataset.splits.items()}
    for split, share in (("dev", 0.1), ("test", 0.2)):
        for label in "abc":
            assert abs(counts[split][label] - share * labels.count(label)) <= 1
    assert counts["train"]["d"] == 1


def test_rows_of_equal_text_stay_together(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", records(60) * 2 + [{**row, "label": "no"} for row in records(60)])
    texts = [{one.text for one in rows} for rows in load_dataset(str(path)).splits.values()]
    assert sum(map(len, texts)) == len(set().union(*texts)) == 60


def test_the_seed_decides_what_is_held_out(tmp_path: Path) -> None:
    path = str(write_jsonl(tmp_path / "data.jsonl", records(200)))
    assert load_dataset(path, seed=1) == load_dataset(path, seed=1)
    assert load_dataset(path, seed=1).splits["dev"] != load_dataset(path, seed=2).splits["dev"]


def test_texts_shared_by_given_splits_are_noted(tmp_path: Path) -> None:
    write_jsonl(write_splits(tmp_path) / "test.jsonl", [*records(3), *records(5, start=2000)])
    assert load_dataset(str(tmp_path)).notes == ("Texts of test that occur in train too: 3.",)


# --- what can be wrong


def fails(source: Path, message: str) -> None:
    """The source is refused with one sentence that matches the message."""
    with pytest.raises(DataError, match=message) as caught:
        load_dataset(str(source))
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    fails(tmp_path / "nowhere", r"there is nothing at .*nowhere; check the path")


def test_a_folder_without_train_tells_what_it_has(tmp_path: Path) -> None:
    (write_splits(tmp_path) / "train.jsonl").rename(tmp_path / "training.jsonl")
    fails(
        tmp_path,
        r"has a train file \(train.jsonl, train.csv, train.tsv\), but .* has dev.jsonl, test.jsonl, training.jsonl;",
    )


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    fails(tmp_path, "has no files; rename or add the train file")


def test_two_files_for_one_split_are_refused(tmp_path: Path) -> None:
    write_table(write_splits(tmp_path) / "val.csv", records(4))
    fails(tmp_path, r"has dev.jsonl and val.csv for dev; keep one of them")


@pytest.mark.parametrize(("file", "found"), [("data.xlsx", r"'\.xlsx'"), ("data", "no extension")])
def test_an_unknown_extension_is_named(tmp_path: Path, file: str, found: str) -> None:
    (tmp_path / file).write_text("text,label\n")
    fails(tmp_path / file, rf"are \.jsonl or \.csv or \.tsv, but .* has {found}; convert or rename it")


@pytest.mark.parametrize("role", ["text", "label"])
@pytest.mark.parametrize("extension", [".jsonl", ".csv"])
def test_a_missing_column_is_named_with_the_columns_found(tmp_path: Path, role: str, extension: str) -> None:
    rows = [{name: value for name, value in row.items() if name != role} | {"id": 1} for row in records(4)]
    write = write_jsonl if extension == ".jsonl" else write_table
    accepted = {"text": "'text' or 'sentence' or 'sentence1'", "label": "'label' or 'labels'"}[role]
    other = {"text": "label", "label": "text"}[role]
    fails(
        write(tmp_path / f"data{extension}", rows),
        rf"{role} column, {accepted}, but .* has '{other}', 'id'; rename or add it",
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
    write = write_jsonl if extension == ".jsonl" else write_table
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


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
@pytest.mark.parametrize("name", ["dev_share", "test_share"])
def test_a_share_outside_zero_and_one_is_refused(name: str, share: float) -> None:
    shares: dict[str, Any] = {name: share}
    with pytest.raises(DataError, match=rf"between 0 and 1, but {name} is {share}; take"):
        load_dataset("roles", **shares)


def test_shares_that_leave_nothing_to_train_on_are_refused() -> None:
    with pytest.raises(DataError, match=r"the shares of dev \(0.5\) and test \(0.5\) make 1 or more; take less"):
        load_dataset("roles", dev_share=0.5, test_share=0.5)
