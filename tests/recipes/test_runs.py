"""Figures of runs: drawn of what the runs left, with the same numbers in the table, and made again from their files."""

import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from amplify_viz import RunConfig
from amplify_viz.__main__ import main
from amplify_viz.errors import InputError
from amplify_viz.recipes import (
    KINDS,
    AccuracyByNoise,
    ComparisonMap,
    DataTests,
    Densities,
    LamDrawn,
    LossCurves,
    OfText,
    PairedDifferences,
    Recipe,
    Reliability,
    read_provenance,
    recipe_of,
    remake,
    write,
)
from amplify_viz.recipes.differences import MetricName
from amplify_viz.results import METRICS, find_results, gather, paired_differences
from tests.results.fake_runs import write_result

BINS = [
    {"low": 0.5, "high": 0.75, "rows": 0, "confidence": None, "accuracy": None},
    {"low": 0.75, "high": 1.0, "rows": 8, "confidence": 0.9, "accuracy": 0.75},
]
KEPT: dict[str, Any] = {
    "measured": {"test": {"reliability": BINS}},
    "lam": {"mean": 0.9, "histogram": {"edges": [0.0, 0.5, 1.0], "counts": [1, 7]}},
}
_NONE: dict[str, Any] = {}
_SWAPPED: dict[str, Any] = {"noise": "swap", "noise_share": 0.1}
RECIPES: list[Recipe] = [
    LossCurves(run=("runs/mrpc",)),
    Reliability(run=("runs",), data="MRPC", seed=1, width=3.3),
    LamDrawn(run=("runs",), data="MRPC", backbone="minilm"),
    AccuracyByNoise(run=("runs",), data="MRPC", split="dev"),
    Densities(alpha=(0.1, 3.0), draws=(2,), draws_alpha=0.2),
    PairedDifferences(run=("runs",), metric="nll", method=("amplify",), width=3.3),
]


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs of none and amplify on two seeds, without and with noise, and one run of another data set."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "runs"
    for method in ("none", "amplify"):
        for seed in (0, 1):
            for noise in (_NONE, _SWAPPED):
                folder = write_result(root, RunConfig(method, "mrpc", "minilm", seed, **noise), 0.5 + seed / 4, **KEPT)
                _write_curves(folder, seed)
    write_result(root, RunConfig("none", "sst2", "minilm"))
    return root


def _write_curves(folder: Path, seed: int) -> None:
    steps = [json.dumps({"step": step, "loss": 1 / (step + seed)}) for step in range(1, 7)]
    epochs = [json.dumps({"epoch": epoch, "dev_accuracy": 0.5 + epoch / 10}) for epoch in (1, 2)]
    (folder / "steps.jsonl").write_text("\n".join(steps), encoding="utf-8")
    (folder / "epochs.jsonl").write_text("\n".join(epochs), encoding="utf-8")


def test_every_kind_is_of_texts_or_tested_here() -> None:
    of_runs = {kind for kind in KINDS.values() if not issubclass(kind, OfText | ComparisonMap | DataTests)}
    assert {type(one) for one in RECIPES} == of_runs


@pytest.mark.parametrize("one", RECIPES, ids=lambda one: one.KIND)
def test_a_figure_is_read_back_and_made_again_to_the_last_digit(one: Recipe, tmp_path: Path) -> None:
    assert recipe_of(one.arguments) == one
    (tmp_path / "again").mkdir()
    for end in ("csv", "svg", "tex"):
        path = write(one, one.make(), tmp_path / f"figure.{end}")
        assert recipe_of(read_provenance(path).arguments) == one
        done = remake(path, tmp_path / "again" / path.name)
        assert done.identical and done.path.read_bytes() == path.read_bytes()


def test_the_loss_curves_numbers_are_those_of_the_files() -> None:
    table = LossCurves(run=("runs/mrpc",)).make().table
    noisy = "amplify, noise swap, noise share 0.1"
    losses = table[(table["quantity"] == "loss") & (table["seed"] == 1) & (table["method"] == noisy)]
    assert losses["at"].tolist() == [1, 2, 3, 4, 5, 6]
    assert losses["value"].tolist() == [1 / (step + 1) for step in range(1, 7)]
    rates = table[table["quantity"] == "dev accuracy"]
    assert len(rates) == 16 and set(rates["value"]) == {0.6, 0.7} and set(rates["along"]) == {"epoch"}


def test_runs_without_curves_are_left_out_and_counted(runs: Path) -> None:
    next(runs.rglob("steps.jsonl")).unlink()
    made = LossCurves(run=("runs/mrpc",)).make()
    assert len(made.sources) == 7
    assert made.caption.endswith("1 of 8 runs left out: without steps.jsonl.")


def test_reliability_shows_one_seed_with_its_bins() -> None:
    made = Reliability(run=("runs/mrpc",)).make()
    assert [source.run.config.seed for source in made.sources if source.run] == [0] * 4
    assert made.table.groupby("method")["rows"].sum().tolist() == [8] * 4
    assert made.table["ece"].unique().tolist() == [0.125]
    with pytest.raises(InputError, match="--seed is one that these runs have, 0, 1; got 2"):
        Reliability(run=("runs/mrpc",), seed=2).make()


def test_drawn_weights_are_counted_over_seeds() -> None:
    made = LamDrawn(run=("runs/mrpc",)).make()
    assert {source.run.config.method for source in made.sources if source.run} == {"amplify"}
    assert made.table["steps"].tolist() == [2, 14] * 2
    assert made.table["share"].tolist() == [0.125, 0.875] * 2


def test_noise_is_the_mean_over_seeds() -> None:
    table = AccuracyByNoise(run=("runs/mrpc",)).make().table
    assert table["accuracy"].tolist() == [0.625] * 4 and table["share"].tolist() == [0.0, 0.0, 0.1, 0.1]


def test_densities_are_scipys() -> None:
    table = Densities(alpha=(0.5,), draws=(3,), draws_alpha=2.0).make().table
    left, right = table[table["draws"] == 1], table[table["draws"] == 3]
    np.testing.assert_allclose(left["share_below"], beta(0.5, 0.5).cdf(left["lam"]), atol=1e-12)
    np.testing.assert_allclose(right["share_below"], beta(2, 2).cdf(right["lam"]) ** 3, atol=1e-12)
    inside = right["lam"].between(0, 1, inclusive="neither")
    expected = 3 * beta(2, 2).cdf(right["lam"]) ** 2 * beta(2, 2).pdf(right["lam"])
    np.testing.assert_allclose(right["density"][inside], expected[inside], rtol=1e-9)


def test_differences_are_those_of_the_pairs_and_what_has_no_partner_is_left_out() -> None:
    made = PairedDifferences(run=("runs",)).make()
    expected = paired_differences(gather(find_results(Path("runs"))))
    assert made.table["difference"].tolist() == [value for row in expected["differences"] for value in row]
    assert made.table["low"].isna().all() and len(made.sources) == 8
    assert made.caption.endswith(
        "on MRPC: means with 95 % t intervals. 1 of 9 runs left out: without a partner of none with "
        "the same data, seed and settings."
    )


def test_a_methods_own_settings_come_before_others_of_it(runs: Path) -> None:
    for seed in (0, 1):
        write_result(runs, RunConfig("amplify", "mrpc", "minilm", seed, draws=1), 0.75)
    table = PairedDifferences(run=("runs",)).make().table
    assert table["settings"].unique().tolist() == [
        "noise none, noise share 0",
        "noise none, noise share 0, draws 1",
        "noise swap, noise share 0.1",
    ]


def test_a_metric_of_the_figure_is_one_of_the_results() -> None:
    assert get_args(MetricName) == tuple(METRICS)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (LossCurves(run=()), "A figure of runs needs a run, got none"),
        (LossCurves(run=("nowhere",)), "there is no folder nowhere"),
        (LossCurves(run=("empty",)), "empty holds no finished run"),
        (LossCurves(run=("runs",)), "of one data set and backbone, got MRPC · minilm and SST-2 · minilm: give --data"),
        (LossCurves(run=("runs",), data="SST-2"), "None of these runs has a steps.jsonl"),
        (Reliability(run=("runs/sst2",)), "None of these runs has measured its reliability on test"),
        (LamDrawn(run=("runs/sst2",)), "None of these runs drew λ"),
        (AccuracyByNoise(run=("runs/sst2",)), "None of these runs was trained with noise"),
        (AccuracyByNoise(run=("runs",), data="IMDB"), "--data is one that these runs have, mrpc, sst2; got 'IMDB'"),
        (PairedDifferences(run=("runs/sst2",)), "None of these runs has a partner of none"),
        (
            PairedDifferences(run=("runs",), method=("x",)),
            "--method is one that these runs have, amplify, none; got 'x'",
        ),
        (PairedDifferences(run=("runs",), baseline="x"), "A baseline is a method, one of none"),
        (AccuracyByNoise(run=("runs",), backbone="x"), "--backbone is one that these runs have, minilm; got 'x'"),
    ],
)
def test_what_cannot_be_drawn_is_said(recipe: Recipe, words: str) -> None:
    Path("empty").mkdir()
    with pytest.raises(InputError, match=words.replace("(", "\\(")):
        recipe.make()


def test_a_broken_run_is_named(runs: Path) -> None:
    write_result(runs, RunConfig("tmix", "mrpc", "minilm"), schema=7)
    with pytest.raises(InputError, match="schema 7"):
        LossCurves(run=("runs/mrpc",)).make()


def test_a_figure_is_not_made_again_of_other_runs(runs: Path, tmp_path: Path) -> None:
    one = LossCurves(run=("runs/mrpc",))
    path = write(one, one.make(), tmp_path / "losses.pdf")
    _write_curves(write_result(runs, RunConfig("none", "mrpc", "minilm", 2)), 2)
    with pytest.raises(InputError, match="which were 8 and are 9 now"):
        remake(path)


def test_the_command_line_draws_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figure", "loss-curves", "--run", "runs/mrpc", "--out", "losses.csv"]) == 0
    assert capsys.readouterr().out == "losses.csv\n"
    assert len(pd.read_csv("losses.csv", skiprows=1)) == 8 * (6 + 2)
    assert main(["figure", "loss-curves", "--run", "nowhere", "--out", "losses.pdf"]) == 2
