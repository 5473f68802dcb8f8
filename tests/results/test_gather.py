"""From run folders to one tidy row a run."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from amplify_viz import InputError, RunConfig
from amplify_viz.results.gather import find_results, gather, read_predictions, repeats
from amplify_viz.results.settings import differing, method_settings, shared
from amplify_viz.runs import BrokenRun, PartialRun, Run, partial_folder, write_status
from tests.results.fake_runs import gathered, hashes, write_predictions, write_result


def test_results_are_found_without_weights_and_at_any_depth(tmp_path: Path) -> None:
    write_result(tmp_path / "deep" / "down", RunConfig("none"))
    write_result(tmp_path, RunConfig("amplify"))
    assert [type(found) for found in find_results(tmp_path)] == [Run, Run]


def test_a_broken_result_is_listed_with_its_reason_and_left_out_of_the_table(tmp_path: Path) -> None:
    write_result(tmp_path, RunConfig("none"))
    write_result(tmp_path, RunConfig("amplify"), schema=99)
    broken, whole = find_results(tmp_path)
    assert isinstance(broken, BrokenRun) and "schema 99" in broken.reason
    assert isinstance(whole, Run)
    assert list(gather([broken, whole])["method"]) == ["none"]


def test_a_run_in_progress_is_no_result_even_where_its_run_json_is_written(tmp_path: Path) -> None:
    config = RunConfig()
    folder = write_result(tmp_path, config)
    folder.rename(partial_folder(tmp_path, config))
    write_status(partial_folder(tmp_path, config), config, "running")
    assert find_results(tmp_path) == []
    assert gather([PartialRun(folder, config, "running", 0.5, "")]).empty


def test_a_row_has_the_settings_and_what_was_measured(tmp_path: Path) -> None:
    config = RunConfig("tmix", "data/trec_coarse", "google/bert", seed=3, epochs=4, alpha=0.4)
    folder = write_result(tmp_path, config, 0.75)
    row = gathered(tmp_path).iloc[0]
    assert [row[name] for name in ("method", "data", "backbone", "seed", "epochs")] == [
        "tmix",
        "trec-coarse",
        "google--bert",
        3,
        4,
    ]
    assert [row[name] for name in ("test_accuracy", "dev_accuracy", "test_nll", "lam_mean")] == [0.75, 0.375, 0.25, 0.9]
    assert [row[name] for name in ("train_rows", "test_hash", "folder")] == [100, "c" * 64, str(folder)]
    assert pd.isna(row["dev_nll"]) and pd.isna(row["peak_memory_mb"])


@pytest.mark.parametrize(
    ("settings", "filled"),
    [
        ({"method": "none"}, (None, None, None, None, None, 0.0)),
        ({"method": "amplify"}, (0.1, 5, False, "all", "partner", 0.0)),
        ({"method": "amplify", "layers": "4,6,5,9"}, (0.1, 5, False, "4-6,9", "partner", 0.0)),
        ({"method": "amplify", "layers": "early,last"}, (0.1, 5, False, "early,last", "partner", 0.0)),
        ({"method": "tmix"}, (0.2, 1, True, "7/12,3/4,last", "partner", 0.0)),
        ({"method": "embedmix", "labels": "independent"}, (0.2, 1, True, None, "independent", 0.0)),
        ({"method": "lam1"}, (None, None, None, "all", "partner", 0.0)),
        ({"method": "label-smoothing"}, (None, None, None, None, None, 0.039)),
    ],
)
def test_the_methods_own_settings_are_filled_in(settings: dict[str, str], filled: tuple[object, ...]) -> None:
    assert method_settings(RunConfig(**settings).mixup) == filled  # type: ignore[arg-type]


def test_one_run_in_two_places_is_one_row_but_on_other_test_rows_it_is_two(tmp_path: Path) -> None:
    for place in "ab":
        write_result(tmp_path / place, RunConfig())
    write_result(tmp_path / "c", RunConfig(), data=hashes(test="d"))
    frame = gather(find_results(tmp_path / "a", tmp_path / "b", tmp_path / "c"))
    assert list(frame["test_hash"]) == ["c" * 64, "d" * 64]


def test_a_run_that_is_left_out_for_one_with_other_weights_is_told(tmp_path: Path) -> None:
    kept, other = (write_result(tmp_path / place, RunConfig(), weights_sha256=place * 64) for place in "ab")
    write_result(tmp_path / "c", RunConfig(), weights_sha256="a" * 64)
    found = find_results(*(tmp_path / place for place in "abc"))
    assert list(gather(found)["folder"]) == [str(kept)]
    (left_out,) = repeats(found)
    assert left_out.folder == other
    assert str(kept) in left_out.reason and "other weights" in left_out.reason


def test_one_seed_on_other_training_rows_is_another_run(tmp_path: Path) -> None:
    noisy = RunConfig(noise="flip", noise_share=0.1)
    for config in (RunConfig(), noisy):
        write_result(tmp_path / "a", config)
        write_result(tmp_path / "b", config, data=hashes(train="d"), weights_sha256="1" * 64)
    found = find_results(tmp_path)
    assert len(gather(found)) == 4
    assert repeats(found) == []


def test_keeping_epochs_makes_no_other_run(tmp_path: Path) -> None:
    write_result(tmp_path, RunConfig())
    write_result(tmp_path, RunConfig(keep_epochs=True))
    assert len(gathered(tmp_path)) == 1


@pytest.mark.parametrize(
    "details", [{"data": []}, {"lam": 3, "seconds_per_step": "x"}, {"data": {"hashes": {"test": 5}}}]
)
def test_odd_details_in_run_json_become_missing_values(tmp_path: Path, details: dict[str, Any]) -> None:
    write_result(tmp_path, RunConfig(), **details)
    assert len(gathered(tmp_path)) == 1


def test_a_metric_that_is_not_finite_is_missing(tmp_path: Path) -> None:
    metrics = {"dev": {"accuracy": 0.5}, "test": {"accuracy": 0.5, "nll": float("inf")}}
    write_result(tmp_path, RunConfig(), metrics=metrics)
    assert gathered(tmp_path)["test_nll"].isna().all()


def test_nothing_gathers_to_the_columns_alone(tmp_path: Path) -> None:
    empty = gather([])
    write_result(tmp_path, RunConfig())
    assert empty.empty
    assert list(empty.columns) == list(gathered(tmp_path).columns)


def test_what_differs_and_what_is_shared_is_said(tmp_path: Path) -> None:
    base = RunConfig("amplify", "mrpc", epochs=4)
    for config in (base, replace(base, learning_rate=1e-4), replace(base, alpha=0.5), replace(base, per_class=8)):
        write_result(tmp_path, config)
    labels = differing(gathered(tmp_path))["settings"]
    assert sorted(labels) == [
        "learning rate 0.0001, per class none",
        "learning rate 2e-05, per class 8",
        "learning rate 2e-05, per class none",
        "learning rate 2e-05, per class none, alpha 0.5",
    ]
    assert shared(gathered(tmp_path), ["data"]) == "backbone minilm, epochs 4"


def test_one_name_for_two_backbones_is_told_apart_by_their_hashes(tmp_path: Path) -> None:
    for place in "ab":
        write_result(tmp_path / place, RunConfig(), backbone={"weights_sha256": place * 64})
    assert list(differing(gathered(tmp_path))["settings"]) == ["backbone aaaaaaaa", "backbone bbbbbbbb"]


def test_predictions_are_read_in_their_order(tmp_path: Path) -> None:
    write_predictions(tmp_path, [1, 1, 0, 0])
    frame = read_predictions(tmp_path, "test")
    assert frame.to_numpy().tolist() == [[0, 0], [1, 1], [0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "is missing"), (b"PAR1 no", "no table that can be read"), ("empty", "at least one row")],
)
def test_bad_predictions_are_refused_with_a_remedy(tmp_path: Path, content: bytes | str | None, message: str) -> None:
    if isinstance(content, bytes):
        (tmp_path / "predictions-test.parquet").write_bytes(content)
    elif content == "empty":
        write_predictions(tmp_path, [])
    with pytest.raises(InputError, match=message):
        read_predictions(tmp_path, "test")


def test_predictions_without_a_column_are_refused(tmp_path: Path) -> None:
    pd.DataFrame({"label": [1]}).to_parquet(tmp_path / "predictions-test.parquet")
    with pytest.raises(InputError, match=r"can be read"):
        read_predictions(tmp_path, "test")
