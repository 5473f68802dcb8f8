"""Columns of any name: chosen by a run's settings, refused where the file has none of that name."""

from __future__ import annotations

from pathlib import Path

import pytest

from amplify_viz.config import RunConfig
from tests.training.data_files import contents, is_one_sentence, write
from training.data import Columns, DataError, load_dataset, read_dataset

ROWS = [
    {"Text": f"title {i}", "Review": f"review {i}", "Reply": f"reply {i}", "label": "x", "Stars": i % 3}
    for i in range(90)
]


@pytest.mark.parametrize("extension", [".jsonl", ".csv", ".tsv", ".parquet"])
def test_chosen_columns_are_read_in_any_case(tmp_path: Path, extension: str) -> None:
    path = write(tmp_path / f"data{extension}", ROWS)
    dataset = load_dataset(RunConfig(data=str(path), text_column="REVIEW", pair_column=" reply ", label_column="Stars"))
    assert sorted(contents(dataset)) == sorted((f"review {i}", f"reply {i}", str(i % 3)) for i in range(90))


def test_a_column_that_is_not_chosen_keeps_its_usual_name(tmp_path: Path) -> None:
    dataset = read_dataset(str(write(tmp_path / "data.csv", ROWS)), columns=Columns(label="stars"))
    assert sorted(contents(dataset)) == sorted((f"title {i}", None, str(i % 3)) for i in range(90))


def test_a_column_chosen_for_one_role_has_no_other(tmp_path: Path) -> None:
    rows = [{"sentence1": f"a {i}", "sentence2": f"b {i}", "label": i % 2} for i in range(60)]
    path = write(tmp_path / "data.jsonl", rows)
    dataset = read_dataset(str(path), columns=Columns(text="sentence2"))
    assert sorted(contents(dataset)) == sorted((f"b {i}", None, str(i % 2)) for i in range(60))


@pytest.mark.parametrize("setting", ["text_column", "pair_column", "label_column"])
def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path, setting: str) -> None:
    path = write(tmp_path / "data.csv", ROWS)
    chosen = {"data": str(path), setting: "Body"}
    message = f"{setting} is a column of the data, but .*data.csv has no 'body', only 'text', 'review', 'reply', 'label', 'stars'"
    with pytest.raises(DataError, match=message + "; choose one of these") as caught:
        load_dataset(RunConfig(**chosen))  # type: ignore[arg-type]
    is_one_sentence(str(caught.value))


def test_one_column_for_two_roles_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "data.csv", ROWS)
    message = "different columns, but text_column, label_column are 'review', 'review'; choose different ones"
    with pytest.raises(DataError, match=message):
        read_dataset(str(path), columns=Columns(text="Review", label="review"))


@pytest.mark.parametrize(
    ("chosen", "role", "setting"),
    [
        (Columns(text_pair="Text"), "text", "pair_column takes 'text'"),
        (Columns(label="text"), "text", "label_column takes 'text'"),
        (Columns(text="label"), "label", "text_column takes 'label'"),
    ],
)
def test_a_role_whose_column_another_setting_takes_is_told_so(
    chosen: Columns, role: str, setting: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "data.csv", [{"text": f"title {i}", "label": i % 2} for i in range(60)])
    name = setting.split(maxsplit=1)[0]
    message = rf"{setting} of .*data.csv \('text', 'label'\), so that none is left for the {role}; choose another for {name}, "
    with pytest.raises(DataError, match=message + f"or name one with {role}_column") as caught:
        read_dataset(str(path), columns=chosen)
    is_one_sentence(str(caught.value))


@pytest.mark.parametrize("name", ["roles", "mrpc", "yelp"])
def test_named_data_have_columns_of_their_own(name: str) -> None:
    with pytest.raises(
        DataError, match=rf"chosen in files, and '{name}' has its own; leave text_column, .* is \./{name}"
    ):
        load_dataset(RunConfig(data=name, text_column="sentence1"))
