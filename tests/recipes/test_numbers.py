"""The numbers of figures of a text are those of the record, of the tables, or of sums by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.recipes import HeadKinds, HeadMeasures, HeadTests, HeadView, LayerTests, NeuronView, Rollout
from amplify_viz.records import AttentionRecord
from tests.figures.boxes import texts
from tests.recipes.of_texts import PAIR, TEXT, recipe
from tests.tiny import tiny_checkpoint

pytestmark = pytest.mark.usefixtures("inside")


def test_the_head_views_numbers_are_the_records() -> None:
    table = recipe(HeadView).make().table
    for name in ("seed0", "seed1"):
        record = av.capture(av.load(name), TEXT, PAIR)
        drawn = table[table["checkpoint"] == name]
        assert len(drawn) == record.weights[0].numel()
        places = [drawn[name].to_numpy(int) - 1 for name in ("head", "from", "to")]
        expected = record.weights[0].numpy()[tuple(places)]
        np.testing.assert_array_equal(drawn["weight"].to_numpy(), expected)
        assert drawn["to_text"].tolist() == [record.shown[place - 1] for place in drawn["to"]]
        words = [0 if record.words[place - 1] is None else (record.words[place - 1] or 0) + 1 for place in drawn["to"]]
        assert drawn["to_word"].fillna(0).tolist() == words


def test_a_weight_that_a_filter_leaves_out_is_missing_and_no_zero() -> None:
    made = recipe(HeadView, top=2, least=0.1).make()
    record = av.capture(av.load("seed0"), TEXT, PAIR)
    weights = record.weights[0].double().numpy()
    kept = (weights >= np.float32(0.1)) & (weights >= np.sort(weights, axis=-1)[..., -2:-1])
    found = made.table[made.table["checkpoint"] == "seed0"]["weight"].to_numpy()
    np.testing.assert_array_equal(found, np.where(kept, weights, np.nan).ravel())
    mean = recipe(HeadView, top=2, least=0.1, combine="mean").make()
    found = mean.table[mean.table["checkpoint"] == "seed0"]["weight"].to_numpy()
    expected = np.where(kept.any(axis=0), np.where(kept, weights, 0).mean(axis=0), np.nan)
    np.testing.assert_allclose(found, expected.ravel(), atol=1e-7)
    assert "A weight that is left out counts as 0 in the mean." in mean.caption
    assert "counts as 0" not in made.caption
    assert "counts as 0" in recipe(HeadView, top=2, focus=(2,)).make().caption  # a mean stands beside the rows


def test_the_neuron_views_numbers_make_the_records_weights() -> None:
    table = recipe(NeuronView, head=2, focus=2).make().table
    for name, rows in table.groupby("checkpoint"):
        record = av.capture(av.load(str(name)), TEXT, PAIR)
        scores = np.exp(rows["score"] - rows["score"].max())
        np.testing.assert_allclose(scores / scores.sum(), rows["weight"], atol=1e-6)
        token = record.words.index(1)
        np.testing.assert_array_equal(rows["weight"], record.weights[0, 1, token].numpy())
        size = record.queries.shape[-1]
        keys = rows[[f"key_{i + 1}" for i in range(size)]].to_numpy()
        query = rows[[f"query_{i + 1}" for i in range(size)]].to_numpy()
        np.testing.assert_allclose((keys * query).sum(axis=1) * float(record.scaling[0]), rows["score"], rtol=1e-5)


def test_the_tests_numbers_are_the_tables() -> None:
    records = [av.capture(av.load(name), TEXT, PAIR) for name in ("seed0", "seed1")]
    table = recipe(LayerTests).make().table
    expected = av.statistics.layer_tests(*records)
    pd.testing.assert_frame_equal(table, expected.assign(layer=expected["layer"] + 1))
    by_head = recipe(HeadTests, show="p").make().table
    np.testing.assert_array_equal(by_head["p_value"], av.statistics.head_tests(*records)["p_value"])


def test_rollouts_numbers_are_sums_over_all_paths_of_attention() -> None:
    table = recipe(Rollout, focus=2, through=2).make().table
    for name, rows in table.groupby("checkpoint"):
        record = av.capture(av.load(str(name)), TEXT, PAIR)
        n = record.n_tokens
        first, second = ((layer.double().mean(dim=0).numpy() + np.eye(n)) / 2 for layer in record.weights[:2])
        starts = [token for token, word in enumerate(record.words) if word == 1]
        expected = [
            sum(second[start, i] * first[i, end] for start in starts for i in range(n) for end in group) / len(starts)
            for group in record.groups
        ]
        np.testing.assert_allclose(rows["rollout"], expected, atol=1e-12)
        assert rows["rollout"].sum() == pytest.approx(1) and rows["to_text"].tolist() == list(record.group_labels)
        assert set(rows["from_text"]) == {record.word_texts[1]} and set(rows["layer"]) == {2}


def test_flows_numbers_are_scipys_maximum_flows_and_those_that_are_known_are_taken() -> None:
    one = replace(recipe(Rollout, focus=2, through=2, flow=True), text="the rabbit hopped", pair=None)
    made = one.make()
    records = [av.capture(av.load(name), "the rabbit hopped") for name in ("seed0", "seed1")]
    for record in records:
        expected = [
            np.mean([_maximum_flow(record, token, group) for token, word in enumerate(record.words) if word == 1])
            for group in record.groups
        ]
        np.testing.assert_allclose(
            made.table[made.table["checkpoint"] == record.checkpoint]["flow"], expected, atol=1e-4
        )
    known = [torch.full((len(record.groups),), 0.25, dtype=torch.float64) for record in records]
    assert set(one.made(records, made.sources, flows=known).table["flow"]) == {0.25}


def _maximum_flow(record: AttentionRecord, token: int, group: Sequence[int]) -> float:
    """Through the first two layers, in millionths: nodes are the input, the tokens between, the top, then the sink."""
    n, whole = record.n_tokens, 10**6
    capacities = np.zeros((3 * n + 1, 3 * n + 1), dtype=np.int32)
    for layer in range(2):
        mixed = (record.weights[layer].double().mean(dim=0).numpy() + np.eye(n)) / 2
        above, below = (layer + 1) * n, layer * n
        capacities[above : above + n, below : below + n] = np.round(mixed * whole)
    capacities[list(group), 3 * n] = 10 * whole
    return float(maximum_flow(csr_array(capacities), 2 * n + token, 3 * n).flow_value / whole)


def test_rollout_says_what_it_cannot_start_from() -> None:
    for changed, message in (
        ({"focus": 99}, "no word 99 of"),
        ({"through": 9}, "got 9: choose one from 1 to"),
        ({"through": 0}, "got 0: choose one from 1 to"),
        ({"flow": True, "text": "the rabbit " * 20, "pair": None}, "up to 32 tokens"),
    ):
        with pytest.raises(InputError, match=message):
            replace(recipe(Rollout), **changed).make()


@pytest.mark.parametrize("kind", [HeadMeasures, HeadKinds])
def test_a_figure_of_means_says_over_how_many_tokens_of_each_tokenizer(kind: type[HeadMeasures | HeadKinds]) -> None:
    one, other = (av.capture(tiny_checkpoint(family), TEXT, PAIR) for family in ("bert", "gpt2"))
    assert one.n_tokens != other.n_tokens

    def note(*records: AttentionRecord) -> str:
        return " ".join(text.get_text() for text in texts(recipe(kind).figure(records))).replace("\n", " ")

    assert f"Means over the {one.n_tokens} tokens of one text." in note(one, replace(one, checkpoint="again"))
    both = f"{one.n_tokens} and {other.n_tokens} of them, in this order, as each checkpoint's tokenizer cuts it"
    assert both in note(one, other)


def test_the_kinds_are_those_of_the_rules_applied_by_hand() -> None:
    table = recipe(HeadKinds).make().table
    for row in table.to_dict("records"):
        shares = {name: row[f"share_{name}"] for name in ("previous", "next", "self")}
        if max(shares.values()) >= 0.5:
            expected = ("positional", max(shares, key=lambda name: shares[name]))
        elif row["share_first"] + row["share_separator"] >= 0.5:
            expected = ("first token" if row["share_first"] >= row["share_separator"] else "separator", "")
        else:
            expected = ("broad" if row["relative_entropy"] >= 0.9 else "content", "")
        assert (row["kind"], row["position"]) == expected
    record = av.capture(av.load("seed0"), TEXT, PAIR)
    previous = record.weights.double().diagonal(offset=-1, dim1=-2, dim2=-1).mean(dim=-1)
    for row in table[table["checkpoint"] == "seed0"].to_dict("records"):
        assert row["share_previous"] == pytest.approx(float(previous[row["layer"] - 1, row["head"] - 1]), abs=1e-6)
