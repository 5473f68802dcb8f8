"""The neuron view's numbers: what the browser multiplies, adds up and compares is what the model did."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from amplify_viz.attention import prepare
from amplify_viz.checkpoints import Checkpoint
from amplify_viz.records import AttentionRecord, capture
from amplify_viz.views.chunks import chunk
from amplify_viz.views.packing import Arrays, unpack
from tests.tiny import FAMILIES, random_record, tiny_checkpoint, tiny_model, tiny_tokenizer

HALF = 2.0**-11  # relative error of float16
PAIR = ("a rabbit hopped", "the turtle slowly crawled too")


def softmax_of(meta: dict[str, Any], arrays: Arrays) -> NDArray[Any]:
    """The weights as the browser has them: softmax of scaling·q·k where the mask allows it, in double precision."""
    queries, keys = (arrays[name].astype(np.float64) for name in ("queries", "keys"))
    products = queries[:, None] * keys[None]
    scores = meta["scaling"] * products.sum(axis=-1) + arrays.get("bias", 0)
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True)) * (1 - arrays.get("masked", 0))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def check(record: AttentionRecord) -> None:
    for layer in range(record.n_layers):
        for head in range(record.n_heads):
            meta, arrays = unpack(chunk(record, f"neurons/{layer}/{head}"))
            np.testing.assert_array_equal(arrays["queries"], record.queries[layer, head].numpy())
            np.testing.assert_array_equal(arrays["keys"], record.keys[layer, head].numpy())
            np.testing.assert_allclose(arrays["weights"], record.weights[layer, head].numpy(), rtol=HALF, atol=1e-7)
            np.testing.assert_allclose(
                softmax_of(meta, arrays), record.weights[layer, head].numpy(), rtol=1e-4, atol=1e-6
            )
            assert not (arrays["weights"] * arrays.get("masked", 0)).any()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_softmax_of_what_is_sent_is_the_records_attention_for_every_family(family: str) -> None:
    check(capture(tiny_checkpoint(family), *PAIR))


def test_the_same_holds_where_heads_share_their_keys() -> None:
    model = prepare(tiny_model("qwen2", num_key_value_heads=2, num_labels=2))
    record = capture(Checkpoint("tiny qwen2", "qwen2", model, tiny_tokenizer("gpt2"), ("no", "yes"), ""), *PAIR)
    assert record.keys.shape == record.queries.shape
    assert torch.equal(record.keys[:, 0], record.keys[:, 1])
    check(record)


def test_a_causal_models_later_keys_are_masked_and_a_bidirectional_model_sends_no_mask() -> None:
    causal, other = (capture(tiny_checkpoint(family), *PAIR) for family in ("gpt2", "bert"))
    _, arrays = unpack(chunk(causal, "neurons/0/0"))
    expected = np.triu(np.ones((causal.n_tokens, causal.n_tokens)), k=1)
    np.testing.assert_array_equal(arrays["masked"], expected)
    _, arrays = unpack(chunk(other, "neurons/0/0"))
    assert set(arrays) == {"queries", "keys", "weights"}


def test_local_attention_masks_what_is_far_away_in_its_layers_alone() -> None:
    record = capture(tiny_checkpoint("modernbert"), *PAIR)
    masks = ["masked" in unpack(chunk(record, f"neurons/{layer}/0"))[1] for layer in range(3)]
    assert masks == [False, True, False]


def test_what_a_mask_adds_without_forbidding_is_sent_as_it_is() -> None:
    plain = random_record()
    n_tokens = plain.n_tokens
    mask = -0.3 * (torch.arange(n_tokens)[:, None] - torch.arange(n_tokens)).abs().float()
    mask[0, 3] = -torch.inf
    scores = plain.scaling[0] * plain.queries @ plain.keys.transpose(-1, -2)
    record = replace(plain, mask=mask.expand(3, -1, -1), weights=(scores + mask).softmax(dim=-1))
    check(record)
    _, arrays = unpack(chunk(record, "neurons/2/1"))
    assert arrays["masked"].sum() == arrays["masked"][0, 3] == 1
    assert arrays["bias"][2, 0] == np.float32(-0.6) and arrays["bias"][0, 3] == 0


def test_the_scales_hold_all_scores_and_weights_and_most_elements() -> None:
    record = random_record(n_heads=2, dim=64)
    meta, arrays = unpack(chunk(record, "neurons/1/1"))
    products = arrays["queries"][:, None] * arrays["keys"][None]
    scores = np.abs(meta["scaling"] * products.sum(axis=-1))
    assert meta["limits"]["score"] == pytest.approx(scores.max(), rel=1e-5)
    assert meta["limits"]["weight"] == pytest.approx(record.weights[1, 1].max().item())
    within = np.mean(np.abs(products) <= meta["limits"]["product"] * 1.0001)
    assert 0.985 <= within <= 0.995
    both = np.abs(np.concatenate([arrays["queries"], arrays["keys"]]))
    assert 0.98 <= np.mean(both <= meta["limits"]["vector"]) <= 1


def test_whether_scores_are_divided_by_the_root_of_the_dimension_is_said() -> None:
    record = random_record()
    assert unpack(chunk(record, "neurons/0/0"))[0]["by_root"]
    other = replace(record, scaling=record.scaling * 2)
    meta, _ = unpack(chunk(other, "neurons/0/0"))
    assert not meta["by_root"] and meta["scaling"] == other.scaling[0].item()


def test_one_head_of_512_tokens_takes_less_than_a_megabyte() -> None:
    record = random_record((" ".join(["rabbit"] * 254), " ".join(["turtle"] * 255)), n_layers=1, n_heads=1, dim=64)
    assert record.n_tokens == 512
    assert len(chunk(record, "neurons/0/0")) < 10**6
