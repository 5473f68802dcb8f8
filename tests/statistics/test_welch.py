"""The tests of attention outputs are scipy's, and what cannot be tested has a name."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import ttest_ind
from statsmodels.stats.multitest import multipletests
from torch import Tensor

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.statistics import data_tests, head_tests, layer_tests
from tests.tiny import random_record

COLUMNS = [
    *("checkpoint", "reference", "layer", "n", "statistic", "df", "p_value", "p_corrected"),
    *("mean_absolute_difference", "mean_difference", "standardised_difference", "status"),
]
TEST = ["statistic", "df", "p_value"]
REFERENCE = random_record(checkpoint="amplify")
OTHER = random_record(seed=1, checkpoint="none")
SHIFTED = replace(OTHER, checkpoint="shifted", outputs=3 * OTHER.outputs + 0.1)


def with_outputs(outputs: Tensor, checkpoint: str = "none") -> AttentionRecord:
    return replace(REFERENCE, outputs=outputs, checkpoint=checkpoint)


def scipy_test(sample: Tensor, reference: Tensor) -> tuple[float, float, float]:
    result = ttest_ind(sample.double().numpy().ravel(), reference.double().numpy().ravel(), equal_var=False)
    return result.statistic, result.df, result.pvalue


@pytest.mark.parametrize("record", [OTHER, SHIFTED], ids=lambda record: record.checkpoint)
def test_each_layer_equals_scipys_welch_test(record: AttentionRecord) -> None:
    table = layer_tests(REFERENCE, record)
    assert list(table["layer"]) == [0, 1, 2]
    for layer, found in enumerate(table[TEST].to_numpy()):
        expected = scipy_test(record.outputs[layer], REFERENCE.outputs[layer])
        assert tuple(found) == pytest.approx(expected, rel=1e-10, abs=1e-300)


def test_each_head_equals_scipys_welch_test() -> None:
    table = head_tests(REFERENCE, OTHER)
    places = [(layer, head) for layer in range(3) for head in range(4)]
    assert list(zip(table["layer"], table["head"], strict=True)) == places
    for place, found in zip(places, table[TEST].to_numpy(), strict=True):
        assert tuple(found) == pytest.approx(scipy_test(OTHER.outputs[place], REFERENCE.outputs[place]), rel=1e-10)


def test_tiny_p_values_are_scipys_and_below_float64_are_zero() -> None:
    table = layer_tests(REFERENCE, with_outputs(REFERENCE.outputs + 2), with_outputs(REFERENCE.outputs + 1e4, "far"))
    tiny, gone = (table[table["checkpoint"] == name]["p_value"] for name in ("none", "far"))
    assert tiny.between(1e-300, 1e-20).all()
    assert tiny.iloc[0] == pytest.approx(scipy_test(REFERENCE.outputs[0] + 2, REFERENCE.outputs[0])[2], rel=1e-10)
    assert (gone == 0).all()
    assert (table["status"] == "tested").all()


def test_the_table_is_tidy() -> None:
    table = layer_tests(REFERENCE, OTHER, SHIFTED)
    assert list(table.columns) == COLUMNS
    assert list(head_tests(REFERENCE, OTHER).columns) == [*COLUMNS[:3], "head", *COLUMNS[3:]]
    assert list(table["checkpoint"]) == ["none"] * 3 + ["shifted"] * 3
    assert set(table["reference"]) == {"amplify"}
    assert list(table["layer"]) == [0, 1, 2, 0, 1, 2]
    assert set(table["n"]) == {REFERENCE.outputs[0].numel()}


def test_a_hand_computed_case() -> None:
    ones = torch.ones_like(REFERENCE.outputs)
    signs = torch.tensor([1.0, -1.0]).repeat(ones[0].numel() // 2).reshape(ones[0].shape).expand_as(ones)
    row = layer_tests(with_outputs(signs), with_outputs(2 * signs + 1)).iloc[0]
    n = ones[0].numel()
    assert row["mean_difference"] == pytest.approx(1)
    assert row["mean_absolute_difference"] == pytest.approx(1)  # |2·1 + 1 − 1| = 2 and |−2 + 1 + 1| = 0
    assert row["standardised_difference"] == pytest.approx(1 / np.sqrt(2.5 * n / (n - 1)))
    assert row["statistic"] == pytest.approx(1 / np.sqrt(5 / (n - 1)))


def test_identical_outputs_are_called_identical() -> None:
    outputs = OTHER.outputs.clone()
    outputs[1] = REFERENCE.outputs[1]
    table = layer_tests(REFERENCE, with_outputs(outputs))
    assert list(table["status"]) == ["tested", "identical", "tested"]
    row = table.iloc[1]
    assert row[["statistic", "df", "p_value"]].isna().all()
    assert (row[["mean_difference", "mean_absolute_difference", "standardised_difference"]] == 0).all()


def test_two_constants_are_called_constant() -> None:
    zeros = torch.zeros_like(REFERENCE.outputs)
    row = layer_tests(with_outputs(zeros), with_outputs(zeros + 0.25)).iloc[0]
    assert row["status"] == "constant"
    assert np.isnan(row["p_value"])
    assert row["mean_difference"] == pytest.approx(0.25)


@pytest.mark.parametrize("value", [0.0, 0.3])
def test_a_constant_side_is_tested_without_a_warning(value: float) -> None:
    off = torch.full_like(REFERENCE.outputs, value)
    row = layer_tests(REFERENCE, with_outputs(off)).iloc[0]
    centred = REFERENCE.outputs[0].double() - off[0].double()
    assert row["status"] == "tested"
    assert row["p_value"] == pytest.approx(scipy_test(torch.zeros_like(centred), centred)[2], rel=1e-10)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_infinite_or_missing_outputs_are_called_not_finite(value: float) -> None:
    outputs = OTHER.outputs.clone()
    outputs[2, 0, 0, 0] = value
    table = layer_tests(REFERENCE, with_outputs(outputs))
    assert list(table["status"]) == ["tested", "tested", "not finite"]
    assert table.iloc[2][["p_value", "mean_difference", "standardised_difference"]].isna().all()


def test_swapping_the_sides_changes_signs_only() -> None:
    there, back = layer_tests(REFERENCE, OTHER), layer_tests(OTHER, REFERENCE)
    for column in ("statistic", "mean_difference", "standardised_difference"):
        np.testing.assert_allclose(there[column], -back[column], rtol=1e-12)
    for column in ("df", "p_value", "mean_absolute_difference"):
        np.testing.assert_allclose(there[column], back[column], rtol=1e-12)


def test_p_values_are_corrected_by_holm_over_the_tests_of_one_checkpoint() -> None:
    same = with_outputs(torch.cat([REFERENCE.outputs[:1], OTHER.outputs[1:]]), "partly")
    table = head_tests(REFERENCE, OTHER, same)
    for name, tests in table.groupby("checkpoint"):
        tested = tests[tests["status"] == "tested"]
        assert len(tested) == {"none": 12, "partly": 8}[str(name)]
        expected = multipletests(tested["p_value"], method="holm")[1]
        np.testing.assert_allclose(tested["p_corrected"], expected, rtol=1e-10)
        assert tests["p_corrected"].isna().sum() == len(tests) - len(tested)


@pytest.mark.parametrize("tests", [layer_tests, head_tests])
def test_records_of_one_name_are_corrected_each_by_itself(tests: Any) -> None:
    one, other = (random_record(seed=seed, checkpoint="checkpoint-500") for seed in (1, 2))
    together = tests(REFERENCE, one, other)
    apart = pd.concat([tests(REFERENCE, one), tests(REFERENCE, other)], ignore_index=True)
    pd.testing.assert_frame_equal(together, apart)


def test_data_sets_with_two_records_of_one_name_are_corrected_each_by_itself() -> None:
    one, other = (
        {data: random_record(seed=seed + place, checkpoint="x") for data, place in (("mrpc", 1), ("sst2", 2))}
        for seed in (0, 10)
    )
    together = data_tests({data: [REFERENCE, one[data], other[data]] for data in one})
    for number, side in enumerate((one, other)):
        alone = data_tests({data: [REFERENCE, record] for data, record in side.items()})
        pd.testing.assert_frame_equal(together.iloc[number::2].reset_index(drop=True), alone)


def test_outputs_that_differ_everywhere_with_one_mean_pass_the_test() -> None:
    """What the p-value does not see: the mirror image of outputs with mean 0 has p = 1."""
    centred = REFERENCE.outputs - REFERENCE.outputs.mean(dim=(1, 2, 3), keepdim=True)
    table = layer_tests(with_outputs(centred), with_outputs(-centred))
    assert (table["p_value"] > 0.999).all()
    assert (table["mean_absolute_difference"] > 0.5).all()


def test_other_tokens_are_refused_and_the_first_is_named() -> None:
    other = random_record(("the rabbit slowly hopped", "the turtle slowly crawled"), checkpoint="none")
    with pytest.raises(
        InputError, match=r"none and amplify differ .token 4 is 'slowly' and 'quickly'.: capture one text"
    ):
        layer_tests(REFERENCE, other)
    with pytest.raises(InputError, match="11 and 5 tokens"):
        layer_tests(replace(REFERENCE, tokens=REFERENCE.tokens[:5]), REFERENCE)


@pytest.mark.parametrize("change", [{"n_layers": 2}, {"n_heads": 3}, {"dim": 4}])
def test_another_shape_is_refused(change: dict[str, int]) -> None:
    with pytest.raises(InputError, match=r"layers × heads × dimensions of none and amplify are .* one backbone"):
        head_tests(REFERENCE, random_record(checkpoint="none", **change))  # type: ignore[arg-type]


def test_no_status_leaves_a_silent_nan() -> None:
    table = pd.concat([layer_tests(REFERENCE, OTHER), layer_tests(REFERENCE, with_outputs(REFERENCE.outputs))])
    assert (table["p_value"].isna() == (table["status"] != "tested")).all()


@pytest.mark.parametrize("layer", [None, 1])
def test_data_sets_are_tested_as_scipy_does(layer: int | None) -> None:
    records = {
        data: [random_record(seed=seed + place, checkpoint=f"method {place}") for place in range(3)]
        for data, seed in (("mrpc", 0), ("sst2", 10))
    }
    table = data_tests(records, layer=layer)
    assert list(zip(table["data"], table["checkpoint"], strict=True)) == [
        (data, f"method {place}") for data in records for place in (1, 2)
    ]
    for row in table.to_dict("records"):
        reference, *others = records[row["data"]]
        other = next(record for record in others if record.checkpoint == row["checkpoint"])
        x, y = (r.outputs if layer is None else r.outputs[layer] for r in (other, reference))
        expected = ttest_ind(x.double().numpy().ravel(), y.double().numpy().ravel(), equal_var=False)
        np.testing.assert_allclose((row["statistic"], row["p_value"]), expected, rtol=1e-10)
        assert (row["reference"], row["n"]) == ("method 0", x.numel())


def test_a_data_set_with_one_method_and_a_layer_beyond_the_last_are_refused() -> None:
    with pytest.raises(InputError, match="mrpc has one: leave it out"):
        data_tests({"mrpc": [random_record()]})
    with pytest.raises(InputError, match="no layer 4 of 3 for mrpc"):
        data_tests({"mrpc": [random_record(), random_record(seed=1)]}, layer=3)
