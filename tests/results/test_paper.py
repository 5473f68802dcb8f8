"""The paper's numbers, held against its own means and text, and against what three accuracies can be."""

import numpy as np
import pandas as pd
import pytest

from amplify_viz import InputError
from amplify_viz.results.paper import DATA_TITLES, TABLES, paper_data, paper_means, paper_table


def cell(number: int, **where: object) -> "pd.Series[float]":
    frame = paper_table(number)
    chosen = frame[np.logical_and.reduce([frame[name] == value for name, value in where.items()])]
    assert len(chosen) == 1
    return chosen.iloc[0]


@pytest.mark.parametrize(("number", "n"), [(1, 42), (2, 35), (3, 35), (4, 120), (5, 120), (6, 21)])
def test_each_table_has_every_cell_once(number: int, n: int) -> None:
    frame = paper_table(number)
    assert len(frame) == n
    assert not frame.duplicated(["method", "data", "draws", "layers", "noise_share"]).any()
    assert frame["mean"].between(20, 100).all()


def test_the_means_of_table_1_are_those_of_its_rows() -> None:
    own = paper_table(1).groupby("draws")["mean"].mean()
    printed = paper_means(1).set_index("draws")["mean"]
    assert np.abs(own - printed).max() < 0.0051


def test_the_means_of_table_6_are_those_of_its_columns() -> None:
    own = paper_table(6).groupby("data")[["mean", "variance"]].mean()
    printed = paper_means(6).set_index("data")
    assert np.abs(own["mean"] - printed["mean"]).max() < 0.0051
    ratios = (printed["variance"] / own["variance"]).round(1)
    assert ratios["trec-coarse"] == 3.0  # there the paper prints the sum
    assert ratios.drop(["trec-coarse", "yelp"]).eq(1.0).all()  # yelp's are too small to tell


@pytest.mark.parametrize(
    ("method", "gain"), [("none", 1.83), ("embedmix", 1.04), ("sentencemix", 1.72), ("tmix", 1.46)]
)
def test_the_gains_on_mrpc_are_those_of_the_papers_text(method: str, gain: float) -> None:
    assert cell(2, method="amplify", data="mrpc")["mean"] - cell(2, method=method, data="mrpc")[
        "mean"
    ] == pytest.approx(gain)


@pytest.mark.parametrize(
    ("method", "less"), [("none", 0.32), ("embedmix", 0.533), ("sentencemix", 1.04), ("tmix", 0.693)]
)
def test_the_variances_on_trec_fine_are_those_of_the_papers_text(method: str, less: float) -> None:
    ours, theirs = (cell(2, method=name, data="trec-fine")["variance"] for name in ("amplify", method))
    assert theirs - ours == pytest.approx(less)


def test_the_sd_is_the_root_of_the_printed_variance() -> None:
    found = cell(2, method="none", data="mrpc")
    assert (found["mean"], found["variance"]) == (81.20, 0.442)
    assert found["sd"] == pytest.approx(0.66483, abs=1e-5)


def test_tables_without_a_printed_variance_have_no_sd() -> None:
    assert all(paper_table(number)["sd"].isna().all() for number in (1, 4, 5))
    assert all(paper_table(number)["sd"].notna().all() for number in (2, 3, 6))


def test_the_variances_of_embedmix_are_the_same_in_tables_2_and_3() -> None:
    two, three = (paper_table(number).query("method == 'embedmix'")["variance"].tolist() for number in (2, 3))
    assert two == three


def _divisors(mean: float, variance: float) -> set[int]:
    """By which number the squares of three accuracies on 500 rows can have been divided to print mean and variance.

    Whether the last digits were rounded or cut is not known: both are allowed.
    """
    near = np.arange(round(mean * 5) - 20, min(500, round(mean * 5) + 20) + 1) / 5
    three = np.stack(np.meshgrid(near, near, near)).reshape(3, -1)
    squares = 3 * three.var(axis=0)[np.abs(three.mean(axis=0) - mean) < 0.0101]
    return {divisor for divisor in (2, 3) if (np.abs(squares / divisor - variance) < 0.00101).any()}


@pytest.mark.parametrize("number", [2, 6])
def test_the_notes_on_the_divisor_of_the_variance_are_true(number: int) -> None:
    trec = paper_table(number).query("data in ['trec-coarse', 'trec-fine']")
    assert all(_divisors(row["mean"], row["variance"]) == {3} for row in trec.to_dict("records"))


def test_two_trec_cells_of_table_3_are_impossible() -> None:
    trec = paper_table(3).query("data in ['trec-coarse', 'trec-fine']").to_dict("records")
    impossible = [(row["mean"], row["variance"]) for row in trec if not _divisors(row["mean"], row["variance"])]
    assert impossible == [(97.03, 0.036), (85.80, 0.779)]
    assert all(f"{mean:.2f} ± {variance}" in TABLES[3].data_notes["trec-fine"] for mean, variance in impossible)


def test_one_fixed_layer_is_above_all_layers_on_four_sets() -> None:
    fixed = paper_table(6).groupby("data")["mean"].max()
    every = paper_table(2).query("method == 'amplify'").set_index("data")["mean"]
    assert int((fixed - every > 0).sum()) == 4


def test_yelp_is_noted_as_polarity_wherever_it_is_printed() -> None:
    printed = [number for number in TABLES if "yelp" in set(paper_table(number)["data"])]
    assert printed == [1, 2, 3, 6]
    assert all("polarity" in TABLES[number].data_notes["yelp"] for number in printed)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("SST-2", "sst2"),
        ("trec_coarse", "trec-coarse"),
        ("yelp-polarity", "yelp"),
        ("yelp-5", None),
        ("imdb_5k", None),
        ("roles", None),
    ],
)
def test_a_data_name_is_the_papers_set_or_not(name: str, data: str | None) -> None:
    assert paper_data(name) == data


def test_every_data_key_stands_for_itself() -> None:
    assert [paper_data(name) for name in DATA_TITLES] == list(DATA_TITLES)


def test_other_tables_are_refused() -> None:
    with pytest.raises(InputError, match="tables 1 to 6, got 7"):
        paper_table(7)
    with pytest.raises(InputError, match="table 2 prints none"):
        paper_means(2)
