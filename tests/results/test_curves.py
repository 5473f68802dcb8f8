"""What figures of runs are made of, from the files that a run leaves."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from amplify_viz import RunConfig
from amplify_viz.results.curves import POINTS, accuracies_by_noise, pooled_lam, read_curve, reliability_of, thinned
from amplify_viz.results.gather import find_results
from amplify_viz.runs import Run
from tests.results.fake_runs import gathered, write_result

LAM: Mapping[str, Any] = {"lam": {"mean": 0.9, "histogram": {"edges": [0.0, 0.5, 1.0], "counts": [1, 7]}}}


def _config(method: str = "none", seed: int = 0, **settings: Any) -> RunConfig:
    return RunConfig(method, "mrpc", "minilm", seed, **settings)


def _runs(root: Path) -> list[Run]:
    return [run for run in find_results(root) if isinstance(run, Run)]


def test_a_curve_keeps_what_can_be_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "steps.jsonl"
    lines = [
        '{"step": 2, "loss": 0.5}',
        "[]",
        "7",
        '{"step": 1, "loss": 2}',
        '{"step": 3, "loss": NaN}',
        '{"step": 2, "loss": 0.25}',
        '{"st',
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert read_curve(path, "step", "loss").to_dict() == {1: 2.0, 2: 0.25}
    assert read_curve(tmp_path / "missing", "step", "loss").empty


def test_a_long_curve_is_smoothed_before_it_is_thinned() -> None:
    rng = np.random.default_rng(0)
    run = pd.Series(rng.random(10 * POINTS), index=range(1, 10 * POINTS + 1))
    curves, window = thinned({"none": [run]})
    ((steps, values),) = curves["none"]
    assert window == 1
    assert (len(steps), steps[0], steps[-1]) == (POINTS, 10, 10 * POINTS)
    assert values[7] == pytest.approx(run.loc[80 - 24 : 80].mean())


def test_a_short_curve_is_kept_whole() -> None:
    curves, window = thinned({"none": [pd.Series([3.0, 1.0], index=[1, 2])]})
    assert curves == {"none": [([1, 2], [3.0, 1.0])]}
    assert window == 25


def test_drawn_weights_of_several_seeds_are_added(tmp_path: Path) -> None:
    for seed in (0, 1):
        write_result(tmp_path, _config("amplify", seed), **LAM)
        write_result(tmp_path, _config("none", seed))
    runs = [run for run in _runs(tmp_path) if run.config.method == "amplify"]
    assert pooled_lam(runs) == ([0.0, 0.5, 1.0], [2.0, 14.0])
    assert pooled_lam([run for run in _runs(tmp_path) if run.config.method == "none"]) is None


@pytest.mark.parametrize(
    "histogram",
    [None, {}, {"edges": [0, 1], "counts": []}, {"edges": [0, 1], "counts": ["x"]}, {"edges": [1, 0], "counts": [1]}],
)
def test_a_histogram_that_is_none_is_left_out(tmp_path: Path, histogram: Any) -> None:
    write_result(tmp_path, _config("amplify"), lam={"histogram": histogram})
    assert pooled_lam(list(_runs(tmp_path))) is None


@pytest.mark.parametrize("measured", [None, {}, {"test": {"reliability": 3}}, {"test": {"reliability": [{"rows": 0}]}}])
def test_reliability_that_is_none_is_left_out(tmp_path: Path, measured: Any) -> None:
    write_result(tmp_path, _config(), measured=measured)
    (run,) = _runs(tmp_path)
    assert reliability_of(run, "test") is None


def test_noise_is_averaged_over_seeds_beside_the_runs_without(tmp_path: Path) -> None:
    for seed, accuracy in enumerate((0.5, 0.75)):
        write_result(tmp_path, _config("amplify", seed), accuracy)
        write_result(tmp_path, _config("amplify", seed, noise="swap", noise_share=0.2), accuracy / 2)
    write_result(tmp_path, _config("none"), 0.9)
    table = accuracies_by_noise(gathered(tmp_path), "test")
    assert table[["panel", "method", "share", "accuracy", "n"]].to_numpy().tolist() == [
        ["words swapped", "amplify", 0.0, 0.625, 2],
        ["words swapped", "amplify", 0.2, 0.3125, 2],
    ]
    sd = np.std([0.5, 0.75], ddof=1)
    assert table["low"].iloc[0] == pytest.approx(0.625 - sd)
    assert table["high"].iloc[0] == pytest.approx(0.625 + sd)
