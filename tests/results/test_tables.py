"""The tables in the paper's shape: which runs are pooled, and what stands beside them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from amplify_viz import InputError, RunConfig
from amplify_viz.results.gather import gather
from amplify_viz.results.tables import results_table, results_tables, runs_of
from tests.results.fake_runs import gathered, hashes, write_result, write_seeds


def the(frame: pd.DataFrame) -> dict[Any, Any]:
    """The one row there is."""
    (row,) = frame.to_dict("records")
    return row


def test_a_cell_is_mean_sd_and_n_over_seeds_beside_the_papers(tmp_path: Path) -> None:
    accuracies = [0.8, 0.83, 0.81]
    write_seeds(tmp_path, accuracies, method="amplify")
    cell = the(results_table(2, gathered(tmp_path)).frame)
    assert cell["mean"] == pytest.approx(100 * np.mean(accuracies))
    assert cell["sd"] == pytest.approx(100 * np.std(accuracies, ddof=1))
    assert (cell["n"], cell["seeds"]) == (3, (0, 1, 2))
    assert cell["values"] == pytest.approx((80, 83, 81))
    assert (cell["paper_mean"], cell["paper_sd"]) == (83.03, pytest.approx(0.110**0.5))
    assert cell["paper_backbone"] == "BERT-base"
    assert len(cell["folders"]) == 3


def test_one_seed_has_no_sd_and_the_notes_say_so(tmp_path: Path) -> None:
    write_seeds(tmp_path, [0.8], method="none")
    table = results_table(2, gathered(tmp_path))
    assert np.isnan(the(table.frame)["sd"])
    assert any("one seed and no sd" in note for note in table.notes)


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 3},
        {"learning_rate": 1e-4},
        {"alpha": 0.5},
        {"labels": "independent"},
        {"fraction": 0.5},
        {"precision": "bf16"},
        {"max_length": 128},
        {"split_seed": 1},
        {"backbone": "bert-base-uncased"},
    ],
)
def test_other_settings_are_never_pooled(tmp_path: Path, change: dict[str, object]) -> None:
    write_seeds(tmp_path / "a", [0.8, 0.9], method="amplify")
    write_seeds(tmp_path / "b", [0.5, 0.6, 0.7], **{"method": "amplify", **change})
    frame = results_table(2, gathered(tmp_path)).frame
    assert sorted(frame["n"]) == [2, 3]
    assert frame["settings"].nunique() == 2
    (name,) = change
    assert any(name.replace("_", " ") in label for label in frame["settings"])


def test_other_test_rows_under_one_name_are_never_pooled(tmp_path: Path) -> None:
    for letter, seed in (("c", 0), ("c", 1), ("d", 2)):
        write_result(tmp_path, RunConfig("none", "mrpc", seed=seed), data=hashes(test=letter))
    frame = results_table(2, gathered(tmp_path)).frame
    assert dict(zip(frame["settings"], frame["n"], strict=True)) == {"data cccccccc": 2, "data dddddddd": 1}


def test_other_training_or_dev_rows_under_one_name_are_never_pooled(tmp_path: Path) -> None:
    for changes, seed in (({}, 0), ({}, 1), ({"train": "d"}, 2), ({"dev": "e"}, 3)):
        write_result(tmp_path, RunConfig("none", "mrpc", seed=seed), data=hashes(**changes))
    frame = results_table(2, gathered(tmp_path)).frame
    assert dict(zip(frame["settings"], frame["seeds"], strict=True)) == {
        "train aaaaaaaa, dev bbbbbbbb": (0, 1),
        "train dddddddd, dev bbbbbbbb": (2,),
        "train aaaaaaaa, dev eeeeeeee": (3,),
    }


def test_hashes_of_training_rows_are_not_told_where_settings_tell_them(tmp_path: Path) -> None:
    write_result(tmp_path, RunConfig("none", "mrpc"))
    write_result(tmp_path, RunConfig("none", "mrpc", fraction=0.5), data=hashes(train="d"))
    assert sorted(results_table(2, gathered(tmp_path)).frame["settings"]) == ["fraction 0.5", "fraction 1"]


def test_noise_is_another_for_each_seed_and_its_runs_are_pooled(tmp_path: Path) -> None:
    for seed in (0, 1):
        config = RunConfig("none", "mrpc", seed=seed, noise="delete", noise_share=0.1)
        write_result(tmp_path, config, data=hashes(train="de"[seed]))
    assert the(results_table(4, gathered(tmp_path)).frame)["n"] == 2


def _origin(device: str, torch: str, commit: str) -> dict[str, Any]:
    return {"device": device, "versions": {"torch": torch}, "git_commit": commit}


def test_a_note_says_where_runs_of_several_origins_are_pooled_and_which_are_of_unknown_code(tmp_path: Path) -> None:
    origins = [_origin("cpu", "2.13.0", "aaa"), _origin("cpu", "2.13.0", "bbb-dirty"), _origin("H100", "2.13.0", "aaa")]
    for seed, origin in enumerate(origins):
        write_result(tmp_path, RunConfig("none", "mrpc", seed=seed), **origin)
    write_result(tmp_path, RunConfig("amplify", "mrpc"), **origins[0])
    notes = results_table(2, gathered(tmp_path)).notes
    assert (
        "In 1 of 2 cells runs of several origins are pooled: several devices in 1 and commits of this project in 1."
        in notes
    )
    assert any(
        note.startswith("1 of 4 runs were trained in a checkout with changes that were not committed") for note in notes
    )


def test_runs_of_one_origin_and_runs_that_say_nothing_of_it_have_no_such_note(tmp_path: Path) -> None:
    for seed in (0, 1):
        write_result(tmp_path, RunConfig("none", "mrpc", seed=seed), **_origin("cpu", "2.13.0", "aaa"))
    write_result(tmp_path, RunConfig("none", "mrpc", seed=2))
    assert not [note for note in results_table(2, gathered(tmp_path)).notes if "origins" in note or "committed" in note]


def test_the_method_s_own_setting_written_out_is_the_same_method(tmp_path: Path) -> None:
    write_result(tmp_path, RunConfig("amplify", "mrpc", seed=0))
    write_result(tmp_path, RunConfig("amplify", "mrpc", seed=1, alpha=0.1, layers="all"))
    assert the(results_table(2, gathered(tmp_path)).frame)["n"] == 2


def _one_of_each(root: Path) -> pd.DataFrame:
    plain = {"data": "sst2", "backbone": "minilm"}
    for settings in (
        {"method": "none"},
        {"method": "amplify"},
        {"method": "tmix", "layers": "3"},
        {"method": "amplify", "draws": 1},
        {"method": "amplify", "layers": "early"},
        {"method": "amplify", "draws": 3, "layers": "last"},
        {"method": "amplify", "noise": "delete", "noise_share": 0.1},
        {"method": "none", "noise": "swap", "noise_share": 0.1},
        {"method": "none", "noise": "flip", "noise_share": 0.1},
        {"method": "none", "backbone": "distilbert-base-uncased"},
    ):
        write_result(root, RunConfig(**{**plain, **settings}))  # type: ignore[arg-type]
    return gathered(root)


def test_each_run_is_in_its_table_and_none_is_lost(tmp_path: Path) -> None:
    runs = _one_of_each(tmp_path)
    chosen = {number: runs_of(number, runs) for number in range(1, 7)}
    assert {number: len(part) for number, part in chosen.items()} == {1: 3, 2: 4, 3: 1, 4: 1, 5: 1, 6: 2}
    assert set().union(*(part["folder"] for part in chosen.values())) == set(runs["folder"])


def test_tables_1_and_6_need_runs_of_their_own(tmp_path: Path) -> None:
    write_seeds(tmp_path, [0.8], method="amplify")
    assert [table.number for table in results_tables(gathered(tmp_path))] == [2]
    write_seeds(tmp_path, [0.8], method="amplify", draws=7)
    write_seeds(tmp_path, [0.8], method="amplify", layers="middle")
    assert [table.number for table in results_tables(gathered(tmp_path))] == [1, 2, 6]


def test_all_tables_come_of_one_of_each(tmp_path: Path) -> None:
    assert [table.number for table in results_tables(_one_of_each(tmp_path))] == [1, 2, 3, 4, 5, 6]


def test_table_1_has_a_row_for_each_number_of_draws_in_order(tmp_path: Path) -> None:
    for draws in (20, 3, 5, 2):
        write_seeds(tmp_path, [0.8], method="amplify", draws=draws)
    frame = results_table(1, gathered(tmp_path)).frame
    assert list(frame["draws"]) == [2, 3, 5, 20]
    assert frame["paper_mean"].tolist() == pytest.approx([np.nan, 82.43, 83.19, 82.55], nan_ok=True)
    assert set(frame["settings"]) == {""}


@pytest.mark.parametrize(("number", "noise", "theirs"), [(4, "delete", 67.77), (5, "swap", 66.67)])
def test_tables_4_and_5_are_by_share_and_method(tmp_path: Path, number: int, noise: str, theirs: float) -> None:
    write_seeds(tmp_path, [0.6, 0.7], method="tmix", noise=noise, noise_share=0.1)
    write_seeds(tmp_path, [0.6], method="none", noise=noise, noise_share=0.05)
    table = results_table(number, gathered(tmp_path))
    assert (table.rows, table.columns) == (("data", "noise_share"), "method")
    assert table.frame["noise_share"].tolist() == [0.05, 0.1]
    assert table.frame["paper_mean"].iloc[1] == theirs
    assert np.isnan(table.frame["paper_sd"]).all()


def test_table_6_has_all_layers_first_then_the_papers_three(tmp_path: Path) -> None:
    for layers in ("last", "4-12", "early", "middle"):
        write_seeds(tmp_path, [0.8], method="amplify", layers=layers)
    write_seeds(tmp_path, [0.8], method="amplify")
    frame = results_table(6, gathered(tmp_path)).frame
    assert list(frame["layers"]) == ["all", "early", "middle", "last", "4-12"]
    assert frame["paper_mean"].tolist() == pytest.approx([np.nan, 83.32, 82.51, 82.69, np.nan], nan_ok=True)


@pytest.mark.parametrize(("backbone", "theirs"), [("bert-base-uncased", 83.32), ("minilm", np.nan)])
def test_layer_4_is_the_papers_early_one_only_of_twelve(tmp_path: Path, backbone: str, theirs: float) -> None:
    write_seeds(tmp_path, [0.8], method="amplify", layers="4", backbone=backbone)
    assert the(results_table(6, gathered(tmp_path)).frame)["paper_mean"] == pytest.approx(theirs, nan_ok=True)


@pytest.mark.parametrize(
    ("settings", "has_paper"),
    [
        ({"method": "amplify-postln"}, True),
        ({"method": "embedmix", "labels": "independent"}, True),
        ({"method": "amplify-padaware"}, False),
        ({"method": "amplify", "alpha": 0.5}, False),
        ({"method": "none", "fraction": 0.1}, False),
        ({"method": "none", "per_class": 10}, False),
        ({"method": "none", "noise": "flip", "noise_share": 0.1}, False),
        ({"method": "none", "data": "imdb_5k"}, False),
    ],
)
def test_the_papers_value_stands_beside_what_it_can_be_compared_with(
    tmp_path: Path, settings: dict[str, object], has_paper: bool
) -> None:
    write_seeds(tmp_path, [0.8], **settings)
    assert (the(results_table(2, gathered(tmp_path)).frame)["paper_mean"] > 0) == has_paper


def test_another_metric_or_split_has_no_paper(tmp_path: Path) -> None:
    write_seeds(tmp_path, [0.8, 0.6], method="none")
    runs = gathered(tmp_path)
    nll = the(results_table(2, runs, metric="nll").frame)
    assert nll["mean"] == pytest.approx(0.3)  # not in percent
    assert the(results_table(2, runs, split="dev").frame)["mean"] == pytest.approx(35)
    assert np.isnan(nll["paper_mean"])


def test_runs_without_the_metric_are_counted_and_left_out(tmp_path: Path) -> None:
    write_seeds(tmp_path, [0.8], method="none")
    old = {"dev": {"accuracy": 0.5}, "test": {"accuracy": 0.5}}
    write_result(tmp_path, RunConfig("none", "mrpc", seed=9), metrics=old)
    table = results_table(2, gathered(tmp_path), metric="macro_f1")
    assert the(table.frame)["seeds"] == (0,)
    assert table.notes[0] == "1 of 2 runs are left out: their run.json has no macro F1."


def test_rows_and_columns_are_in_the_papers_order(tmp_path: Path) -> None:
    for method in ("lam1", "amplify", "none", "tmix"):
        for data in ("roles", "trec_fine", "mrpc"):
            write_seeds(tmp_path, [0.8], method=method, data=data)
    frame = results_table(2, gathered(tmp_path)).frame
    assert list(dict.fromkeys(frame["method"])) == ["none", "tmix", "amplify", "lam1"]
    assert list(dict.fromkeys(frame["data"])) == ["mrpc", "trec-fine", "roles"]


def test_notes_on_a_data_set_come_only_with_it(tmp_path: Path) -> None:
    write_seeds(tmp_path, [0.8], method="none")
    assert not any("polarity" in note for note in results_table(2, gathered(tmp_path)).notes)
    write_seeds(tmp_path, [0.8], method="none", data="yelp")
    assert sum("polarity" in note for note in results_table(2, gathered(tmp_path)).notes) == 1


def test_no_runs_give_no_tables() -> None:
    nothing = gather([])
    assert results_tables(nothing) == []
    assert all(results_table(number, nothing).frame.empty for number in range(1, 7))


def test_unknown_tables_metrics_and_splits_are_refused(tmp_path: Path) -> None:
    runs = gather([])
    with pytest.raises(InputError, match="tables 1 to 6, got 8"):
        results_table(8, runs)
    with pytest.raises(InputError, match="got speed on test"):
        results_table(2, runs, metric="speed")
    with pytest.raises(InputError, match="got accuracy on train"):
        results_table(2, runs, split="train")
