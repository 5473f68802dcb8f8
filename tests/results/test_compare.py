"""Method against method: which runs are paired, and what is claimed."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel

from amplify_viz import InputError, RunConfig
from amplify_viz.results.compare import (
    bootstrap_differences,
    difference_notes,
    mcnemar_tests,
    paired_differences,
    partners,
    row_names,
)
from amplify_viz.results.gather import gather
from amplify_viz.results.paired import mcnemar
from amplify_viz.results.settings import telling
from tests.results.fake_runs import gathered, hashes, write_predictions, write_result, write_seeds


def the(frame: pd.DataFrame) -> dict[Any, Any]:
    """The one row there is."""
    (row,) = frame.to_dict("records")
    return row


NONE, AMPLIFY = [0.80, 0.82, 0.81], [0.83, 0.83, 0.84]


def _both(root: Path, **settings: object) -> pd.DataFrame:
    write_seeds(root, NONE, method="none", **settings)
    write_seeds(root, AMPLIFY, method="amplify", **settings)
    return gathered(root)


def test_the_interval_is_scipys_on_the_pairs(tmp_path: Path) -> None:
    row = the(paired_differences(_both(tmp_path)))
    theirs = ttest_rel(100 * np.array(AMPLIFY), 100 * np.array(NONE)).confidence_interval(0.95)
    assert (row["low"], row["high"]) == pytest.approx((theirs.low, theirs.high))
    assert (row["method"], row["baseline"], row["n"], row["seeds"]) == ("amplify", "none", 3, (0, 1, 2))
    assert row["differences"] == pytest.approx((3, 1, 3))
    assert row["interval"] == "t, paired by seed"


def _origin(device: str, commit: str) -> dict[str, Any]:
    return {"device": device, "versions": {"torch": "2.13.0"}, "git_commit": commit}


def test_pairs_of_two_origins_are_counted_and_told(tmp_path: Path) -> None:
    cpu, gpu, later = _origin("cpu", "aaa"), _origin("H100", "aaa"), _origin("cpu", "bbb")
    unknown: dict[str, Any] = {}
    for seed, (ours, theirs) in enumerate([(cpu, cpu), (cpu, gpu), (cpu, unknown), (cpu, later)]):
        write_result(tmp_path, RunConfig("none", "mrpc", seed=seed), 0.8, **ours)
        write_result(tmp_path, RunConfig("amplify", "mrpc", seed=seed), 0.8 + seed / 100, **theirs)
    differences = paired_differences(gathered(tmp_path))
    assert the(differences)["n_unlike"] == 2
    (note,) = difference_notes(differences)
    assert note.startswith("In 2 of 4 pairs the two runs are of another device")


def test_chance_is_told_of_intervals_that_there_are(tmp_path: Path) -> None:
    for method in ("amplify", "tmix", "lam1", "embedmix"):
        gain = {"amplify": [0.03, 0.01, 0.03], "tmix": [0, 0.01, 0.02]}.get(method, [0, 0, 0])
        write_seeds(tmp_path, [one + more for one, more in zip(NONE, gain, strict=True)], method=method)
    write_seeds(tmp_path, NONE, method="none")
    (note,) = difference_notes(paired_differences(gathered(tmp_path)))
    assert note.startswith("Of 2 intervals of 95 %, about 0.1 exclude 0 by chance")


def test_runs_are_paired_by_seed_and_what_has_no_partner_is_left_out(tmp_path: Path) -> None:
    for seed, accuracy in ((0, 0.5), (1, 0.6), (7, 0.9)):
        write_result(tmp_path, RunConfig("none", "mrpc", seed=seed), accuracy)
    for seed, accuracy in ((1, 0.61), (0, 0.53), (8, 0.1)):
        write_result(tmp_path, RunConfig("amplify", "mrpc", seed=seed), accuracy)
    row = the(paired_differences(gathered(tmp_path)))
    assert row["seeds"] == (0, 1)
    assert row["differences"] == pytest.approx((3, 1))


@pytest.mark.parametrize(
    "change", [{"epochs": 3}, {"data": "sst2"}, {"backbone": "bert"}, {"noise": "swap", "noise_share": 0.1}]
)
def test_other_training_is_no_partner(tmp_path: Path, change: dict[str, object]) -> None:
    write_seeds(tmp_path, NONE, method="none")
    write_seeds(tmp_path, AMPLIFY, **{"method": "amplify", **change})
    assert paired_differences(gathered(tmp_path)).empty


@pytest.mark.parametrize("split", ["train", "test"])
def test_other_rows_under_one_name_are_no_partner(tmp_path: Path, split: str) -> None:
    write_result(tmp_path, RunConfig("none", "mrpc"))
    write_result(tmp_path, RunConfig("amplify", "mrpc"), data=hashes(**{split: "e"}))
    assert paired_differences(gathered(tmp_path)).empty


def test_settings_of_the_method_make_rows_and_none_with_smoothing_is_no_baseline(tmp_path: Path) -> None:
    _both(tmp_path)
    write_seeds(tmp_path, [0.9, 0.9, 0.8], method="amplify", alpha=0.5)
    write_seeds(tmp_path, [0.1, 0.2, 0.4], method="none", smoothing=0.2)
    rows = paired_differences(gathered(tmp_path))
    found = set(zip(rows["method"], rows["settings"], strict=True))
    assert found == {("amplify", ""), ("amplify", "alpha 0.5"), ("none", "smoothing 0.2")}
    assert rows.query("settings == ''")["mean_difference"].item() == pytest.approx(7 / 3)


def test_a_row_is_called_by_what_tells_it_from_the_others_of_its_method(tmp_path: Path) -> None:
    for epochs in (3, 4):
        write_seeds(tmp_path, NONE, method="none", epochs=epochs)
        write_seeds(tmp_path, AMPLIFY, method="amplify", epochs=epochs)
    write_seeds(tmp_path, AMPLIFY, method="amplify", epochs=3, draws=1)
    write_seeds(tmp_path, AMPLIFY, method="tmix", epochs=4)
    rows = paired_differences(gathered(tmp_path))
    assert sorted(row_names(rows)) == ["amplify, epochs 3", "amplify, epochs 3, draws 1", "amplify, epochs 4", "tmix"]
    assert row_names(rows)[0] == "tmix"
    assert sorted(row_names(rows[rows["settings"] != "epochs 4"])) == ["amplify", "amplify, draws 1"]


def test_what_all_settings_say_tells_nothing() -> None:
    assert telling(["epochs 4", "epochs 4, layers last", "epochs 4, alpha 0.2, layers last"]) == [
        "",
        "layers last",
        "alpha 0.2, layers last",
    ]
    assert telling(["epochs 4"]) == [""]
    assert telling(["", "draws 1"]) == ["", "draws 1"]
    assert telling([]) == []


def test_partners_are_the_runs_that_a_comparison_rests_on(tmp_path: Path) -> None:
    write_seeds(tmp_path, NONE, method="none")
    write_seeds(tmp_path, AMPLIFY[:1], method="amplify")
    write_seeds(tmp_path, AMPLIFY, method="tmix", epochs=4)
    found = partners(gathered(tmp_path))
    assert sorted(zip(found["method"], found["seed"], strict=True)) == [("amplify", 0), ("none", 0)]


def test_another_baseline_turns_the_sign(tmp_path: Path) -> None:
    runs = _both(tmp_path)
    one, other = (the(paired_differences(runs, baseline=name)) for name in ("none", "amplify"))
    assert one["mean_difference"] == pytest.approx(-other["mean_difference"])
    assert (one["low"], one["high"]) == pytest.approx((-other["high"], -other["low"]))


def _sentence(root: Path, none: list[float], amplify: list[float], metric: str = "accuracy") -> str:
    write_seeds(root, none, method="none")
    write_seeds(root, amplify, method="amplify")
    return str(the(paired_differences(gathered(root), metric=metric))["sentence"])


def test_no_difference_is_claimed_where_the_interval_contains_0(tmp_path: Path) -> None:
    said = _sentence(tmp_path, [0.80, 0.82, 0.81], [0.85, 0.82, 0.82])
    assert said.startswith("amplify − none on MRPC: test accuracy +2.00 points over 3 seeds (95 % t interval")
    assert "the interval contains 0, so no difference is shown. With 3 seeds the interval is wide." in said
    assert "higher" not in said


def test_a_difference_is_claimed_where_it_excludes_0(tmp_path: Path) -> None:
    said = _sentence(tmp_path, [0.80, 0.82, 0.81, 0.80], [0.85, 0.875, 0.86, 0.85])
    assert said.endswith("the interval excludes 0: amplify is higher (better) here, on these 4 seeds.")


def test_a_higher_loss_is_worse(tmp_path: Path) -> None:
    said = _sentence(tmp_path, [0.85, 0.875, 0.86, 0.85], [0.80, 0.82, 0.81, 0.80], metric="nll")
    assert "nats over 4 seeds" in said and "amplify is higher (worse) here" in said


@pytest.mark.parametrize(
    ("none", "amplify", "why"),
    [([0.5], [0.9], "one seed has no interval"), ([0.5, 0.6], [0.75, 0.85], "equal on all seeds")],
)
def test_nothing_is_claimed_without_an_interval(
    tmp_path: Path, none: list[float], amplify: list[float], why: str
) -> None:
    said = _sentence(tmp_path, none, amplify)
    assert why in said and said.endswith("so no difference is shown.")


def _predicted(root: Path, n_seeds: int, n_rows: int = 60) -> dict[str, list[np.ndarray]]:
    rng = np.random.default_rng(0)
    right = {name: [rng.integers(2, size=n_rows) for _ in range(n_seeds)] for name in ("none", "amplify")}
    for method, rows in right.items():
        for seed, row in enumerate(rows):
            write_result(root, RunConfig(method, "mrpc", seed=seed), right=row.tolist())
    return right


def test_mcnemar_is_on_the_rows_of_each_seed(tmp_path: Path) -> None:
    right = _predicted(tmp_path, 2)
    rows = mcnemar_tests(gathered(tmp_path))
    assert list(rows["seed"]) == [0, 1]
    for row in rows.to_dict("records"):
        ours, theirs = (right[name][row["seed"]] for name in ("amplify", "none"))
        test = mcnemar(ours, theirs)
        assert (row["p_exact"], row["p_mid"], row["status"]) == (test.p_exact, test.p_mid, "tested")
        assert row["only_method_right"] == int((ours > theirs).sum())
        counts = ("both_right", "only_method_right", "only_baseline_right", "both_wrong")
        assert sum(row[name] for name in counts) == row["rows"] == 60


def test_the_bootstrap_averages_over_seeds_and_can_be_repeated(tmp_path: Path) -> None:
    right = _predicted(tmp_path, 3)
    runs = gathered(tmp_path)
    row = the(bootstrap_differences(runs))
    assert row["mean_difference"] == pytest.approx(100 * (np.mean(right["amplify"]) - np.mean(right["none"])))
    assert row["mean_difference"] == pytest.approx(paired_differences(runs)["mean_difference"].item())
    assert row["low"] < row["mean_difference"] < row["high"]
    assert (row["n_seeds"], row["rows"]) == (3, 60)
    assert the(bootstrap_differences(runs))["low"] == row["low"]


def test_missing_predictions_are_a_status_and_the_others_go_on(tmp_path: Path) -> None:
    _predicted(tmp_path, 2)
    next(tmp_path.glob("**/amplify-seed1*/predictions-test.parquet")).unlink()
    rows = mcnemar_tests(gathered(tmp_path))
    assert rows["status"].iloc[0] == "tested"
    assert "predictions-test.parquet is missing" in rows["status"].iloc[1]
    assert np.isnan(rows["p_exact"].iloc[1])
    assert "is missing" in the(bootstrap_differences(gathered(tmp_path)))["status"]


def test_predictions_of_other_labels_are_not_compared(tmp_path: Path) -> None:
    write_result(tmp_path, RunConfig("none", "mrpc"), right=[1, 0, 1])
    folder = write_result(tmp_path, RunConfig("amplify", "mrpc"), right=[1, 0, 1])
    write_predictions(folder, [1, 0])
    assert "must have the same test labels" in the(mcnemar_tests(gathered(tmp_path)))["status"]


def test_a_test_split_without_a_hash_is_not_compared(tmp_path: Path) -> None:
    for method in ("none", "amplify"):
        write_result(tmp_path, RunConfig(method, "mrpc"), right=[1, 0, 1], data={})
    assert "no hash of its test split" in the(mcnemar_tests(gathered(tmp_path)))["status"]


def test_nothing_gives_tables_without_rows() -> None:
    nothing = gather([])
    for found in (paired_differences(nothing), mcnemar_tests(nothing), bootstrap_differences(nothing)):
        assert found.empty and "method" in found


def test_unknown_metrics_splits_and_baselines_are_refused() -> None:
    nothing = gather([])
    with pytest.raises(InputError, match="got 'speed'"):
        paired_differences(nothing, metric="speed")
    with pytest.raises(InputError, match="dev or test, got 'train'"):
        mcnemar_tests(nothing, split="train")
    with pytest.raises(InputError, match=r"baseline is a method.*got 'mixup'"):
        bootstrap_differences(nothing, baseline="mixup")
