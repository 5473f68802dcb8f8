"""MRPC and TREC in the files in which they were published: the same rows as the same data written as JSONL."""

from __future__ import annotations

from pathlib import Path

import pytest

from amplify_viz.config import RunConfig
from tests.training.data_files import fails, sizes, write_jsonl
from training.data import Columns, load_dataset, read_dataset

TEXTS = (
    '" The pie business does not fit .',
    'He called it " a mess " .',
    'The end ."',
    '" wrapped "',
    "it 's crème brûlée",
)
HEADER = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String"
FINE = ("NUM:dist", "LOC:city", "NUM:date", "HUM:ind")


def mrpc_rows(count: int, *, start: int = 0) -> list[dict[str, str]]:
    return [
        {"id": f"{i}-{i + 1}", "text": f"{i} {TEXTS[i % 5]}", "text_pair": f"{TEXTS[-i % 5]} {i}", "label": str(i % 2)}
        for i in range(start, start + count)
    ]


def write_mrpc(path: Path, rows: list[dict[str, str]], *, end: str = "\n") -> Path:
    lines = ["\t".join((row["label"], *row["id"].split("-"), row["text"], row["text_pair"])) for row in rows]
    path.write_text(end.join((HEADER, *lines, "")), encoding="utf-8-sig", newline="")
    return path


def mrpc_folder(folder: Path, *, end: str = "\n") -> Path:
    """40 rows of train, of which every fourth is dev, named in another order; 20 rows of test."""
    write_mrpc(folder / "msr_paraphrase_train.txt", mrpc_rows(40), end=end)
    write_mrpc(folder / "msr_paraphrase_test.txt", mrpc_rows(20, start=100), end=end)
    ids = [row["id"].replace("-", "\t") for row in reversed(mrpc_rows(40)[::4])]
    (folder / "dev_ids.tsv").write_text(end.join((*ids, "")), newline="")
    return folder


def trec_folder(folder: Path) -> Path:
    lines = [f"{FINE[i % 4]} Where is the sister\xf0city of no . {i} : here ?" for i in range(80)]
    (folder / "train_5500.label").write_text("\n".join((*lines, "")), encoding="latin-1")
    (folder / "TREC_10.label").write_text("\n".join(line + " Now ?" for line in lines[:8]), encoding="latin-1")
    return folder


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_mrpc_is_the_same_as_its_rows_in_jsonl(tmp_path: Path, end: str) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    rows = mrpc_rows(40)
    write_jsonl(plain / "train.jsonl", [row for i, row in enumerate(rows) if i % 4])
    write_jsonl(plain / "dev.jsonl", rows[::4])
    write_jsonl(plain / "test.jsonl", mrpc_rows(20, start=100))
    found = read_dataset(str(mrpc_folder(tmp_path, end=end)))
    assert sizes(found) == (30, 10, 20) and found.notes == ()
    assert found.hashes == read_dataset(str(plain)).hashes


def test_mrpc_without_the_ids_of_dev_has_dev_held_out(tmp_path: Path) -> None:
    (mrpc_folder(tmp_path) / "dev_ids.tsv").unlink()
    assert sizes(read_dataset(str(tmp_path))) == (36, 4, 20)


def test_a_dev_file_of_its_own_counts_more_than_the_ids(tmp_path: Path) -> None:
    write_jsonl(mrpc_folder(tmp_path) / "dev.jsonl", mrpc_rows(6, start=200))
    assert sizes(read_dataset(str(tmp_path))) == (40, 6, 20)


def test_an_id_that_train_has_not_is_named(tmp_path: Path) -> None:
    ids = mrpc_folder(tmp_path) / "dev_ids.tsv"
    ids.write_text(ids.read_text() + "7\t9\n")
    fails(
        tmp_path, r"by their two ids, but line 11 of .*dev_ids.tsv, 7 and 9, is none of .*train.txt; correct or remove"
    )


def test_a_row_of_mrpc_with_a_field_too_many_is_named(tmp_path: Path) -> None:
    path = mrpc_folder(tmp_path) / "msr_paraphrase_test.txt"
    path.write_text(path.read_text() + "1\t2\t3\ta\tb\tc\n")
    fails(tmp_path, r"as many fields as the header, 5, but line 22 of .*test.txt has 6")


@pytest.mark.parametrize(("column", "names"), [(None, ("HUM", "LOC", "NUM")), ("Fine", tuple(sorted(FINE)))])
def test_trec_has_coarse_labels_unless_fine_ones_are_chosen(
    tmp_path: Path, column: str | None, names: tuple[str, ...]
) -> None:
    found = load_dataset(RunConfig(data=str(trec_folder(tmp_path)), label_column=column))
    assert found.label_names == names and sizes(found) == (72, 8, 8)
    first = found.splits["test"][0]
    assert first.text == "Where is the sisterðcity of no . 0 : here ? Now ?"
    assert found.label_names[first.label] == ("NUM" if column is None else "NUM:dist")


def test_trec_is_the_same_as_its_rows_in_jsonl(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    for path, split in ((trec_folder(tmp_path) / "train_5500.label", "train"), (tmp_path / "TREC_10.label", "test")):
        rows = [line.split(" ", maxsplit=1) for line in path.read_text(encoding="latin-1").splitlines()]
        write_jsonl(plain / f"{split}.jsonl", [{"text": text, "label": fine} for fine, text in rows])
    assert read_dataset(str(plain)).hashes == read_dataset(str(tmp_path), columns=Columns(label="fine")).hashes


def test_a_single_label_file_is_split_in_three(tmp_path: Path) -> None:
    assert sizes(read_dataset(str(trec_folder(tmp_path) / "train_5500.label"))) == (64, 8, 8)


@pytest.mark.parametrize("line", ["NUM Where ?", "NUM:dist", "NUM:dist  ", "Where is it ?"])
def test_a_line_that_is_not_trecs_is_named(tmp_path: Path, line: str) -> None:
    path = trec_folder(tmp_path) / "TREC_10.label"
    path.write_text(f"NUM:dist How far ?\n\n{line}\n")
    fails(tmp_path, r"is COARSE:fine and a text, but line 3 of .*TREC_10.label is '.*'; correct or remove it")
