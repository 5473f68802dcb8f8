"""The registered attention function against transformers' own attentions."""

import threading
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForSequenceClassification

from amplify_viz import METHODS, InputError, editing, mixing, prepare, recording, switching_off
from tests.tiny import FAMILIES, padded_batch, tiny_model


@pytest.mark.parametrize("family", FAMILIES)
def test_idle_logits_are_bit_identical_to_sdpa(family: str) -> None:
    batch = padded_batch(family)
    with torch.no_grad():
        plain = tiny_model(family)
        plain.set_attn_implementation("sdpa")
        assert torch.equal(prepare(tiny_model(family))(**batch).logits, plain(**batch).logits)


@pytest.mark.parametrize("family", FAMILIES)
def test_recorded_weights_and_logits_equal_eager_attention(family: str) -> None:
    batch = padded_batch(family)
    eager = tiny_model(family)
    eager.set_attn_implementation("eager")
    model = prepare(tiny_model(family))
    with torch.no_grad():
        expected = eager(**batch, output_attentions=True)
        with recording(model) as record:
            logits = model(**batch).logits
    assert len(record.weights) == model.config.num_hidden_layers
    assert torch.equal(logits, expected.logits)
    for weights, reference in zip(record.weights, expected.attentions, strict=True):
        assert (weights - reference).abs().max() <= 1e-6
        assert weights.std() > 0.01, "the model's attention is too uniform to tell a mistake"


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_are_the_softmax_of_the_recorded_scores(family: str) -> None:
    model = prepare(tiny_model(family))
    with torch.no_grad(), recording(model) as record:
        model(**padded_batch(family))
    for layer, weights in enumerate(record.weights):
        scores = record.scalings[layer] * record.queries[layer] @ record.keys[layer].transpose(-1, -2)
        mask = record.masks[layer]
        again = (scores if mask is None else scores + mask).softmax(dim=-1)
        torch.testing.assert_close(again, weights, rtol=0, atol=1e-6)
        torch.testing.assert_close(weights.sum(dim=-1), torch.ones(weights.shape[:-1]))


def test_gpt2_does_not_look_ahead() -> None:
    model = prepare(tiny_model("gpt2"))
    with torch.no_grad(), recording(model) as record:
        model(**padded_batch("gpt2"))
    assert all(weights.triu(diagonal=1).abs().max() == 0 for weights in record.weights)


def test_grouped_query_heads_are_repeated() -> None:
    config = AutoConfig.for_model(
        "llama",
        hidden_size=32,
        num_attention_heads=4,
        num_key_value_heads=2,
        num_hidden_layers=2,
        intermediate_size=48,
        vocab_size=200,
        pad_token_id=0,
        num_labels=3,
    )
    model = prepare(AutoModelForSequenceClassification.from_config(config).eval())
    with torch.no_grad(), recording(model) as record:
        model(**padded_batch("llama"))
    assert record.keys[0].shape == record.queries[0].shape == (4, 4, 12, 8)
    assert torch.equal(record.keys[0][:, 0], record.keys[0][:, 1])
    assert not torch.equal(record.keys[0][:, 1], record.keys[0][:, 2])


def test_an_edit_replaces_the_attention_output_and_the_record_keeps_both() -> None:
    model, batch = prepare(tiny_model("bert")), padded_batch("bert")
    layers: list[int] = []

    def silence_first_head(layer: int, output: Tensor) -> Tensor:
        layers.append(layer)
        edited = output.clone()
        edited[:, :, 0] = 0
        return edited

    with torch.no_grad():
        plain = model(**batch).logits
        with recording(model) as record, editing(model, silence_first_head):
            edited = model(**batch).logits
        assert layers == [0, 1, 2]
        assert record.outputs[0][:, :, 0].abs().max() > 0
        assert all(output[:, :, 0].abs().max() == 0 for output in record.edited)
        assert not torch.allclose(edited, plain)
        assert torch.equal(model(**batch).logits, plain), "nothing may survive the block"


def test_attention_outputs_are_weights_times_values_before_the_projection() -> None:
    model = prepare(tiny_model("bert"))
    seen: list[Tensor] = []
    handle = model.bert.encoder.layer[0].attention.output.dense.register_forward_pre_hook(
        lambda _, args: seen.append(args[0])
    )
    with torch.no_grad(), recording(model) as record:
        model(**padded_batch("bert"))
    handle.remove()
    assert torch.equal(record.outputs[0].flatten(2), seen[0])


def test_only_the_named_model_is_recorded() -> None:
    model, other, batch = prepare(tiny_model("bert")), prepare(tiny_model("bert", seed=1)), padded_batch("bert")
    with torch.no_grad(), recording(model) as record:
        other(**batch)
        model(**batch)
    assert len(record.weights) == 3
    with torch.no_grad(), recording(model) as alone:
        model(**batch)
    assert torch.equal(record.weights[0], alone.weights[0])


def test_another_thread_is_not_recorded() -> None:
    model, batch = prepare(tiny_model("bert")), padded_batch("bert")
    with torch.no_grad(), recording(model) as record:
        thread = threading.Thread(target=lambda: model(**batch))
        thread.start()
        thread.join()
        model(**batch)
    assert len(record.weights) == 3


def test_a_block_without_a_forward_call_says_so() -> None:
    model = prepare(tiny_model("bert"))
    with pytest.raises(RuntimeError, match="saw no attention"), recording(model):
        pass


def test_the_error_inside_a_block_is_not_hidden() -> None:
    model = prepare(tiny_model("bert"))
    with pytest.raises(KeyError, match="mine"), recording(model):
        raise KeyError("mine")


def test_an_unprepared_model_is_refused_with_the_remedy() -> None:
    with (
        pytest.raises(InputError, match=r"call amplify_viz.prepare\(model\) once first"),
        recording(tiny_model("bert")),
    ):
        pass


@pytest.mark.parametrize("family", ["deberta-v2", "mpnet"])
def test_families_that_bypass_the_interface_are_named(family: str) -> None:
    with pytest.raises(InputError, match="computes its attention itself"):
        prepare(tiny_model(family))


def test_editing_under_activation_checkpointing_is_refused() -> None:
    model = prepare(tiny_model("bert"))
    model.activation_checkpointing_enable()
    model.train()
    with (
        pytest.raises(InputError, match="activation_checkpointing_disable"),
        editing(model, lambda _, output: output),
    ):
        pass


@pytest.mark.parametrize("family", ["gpt_oss", "gemma2"])
def test_attention_that_sdpa_does_not_compute_is_refused(family: str) -> None:
    with pytest.raises(InputError, match="does not support SDPA in transformers"):
        prepare(_hybrid(family, num_local_experts=2, head_dim=8))


def test_layers_without_attention_are_recorded_as_they_are_but_neither_mixed_nor_switched_off() -> None:
    model, ids = (
        prepare(_hybrid("minimax", num_local_experts=2, head_dim=8, block_size=4)),
        torch.randint(5, 90, (2, 6)),
    )
    with torch.no_grad(), recording(model) as record:
        model(input_ids=ids)
    assert len(record.weights) == 1
    mix = METHODS["amplify"].draw(2, torch.Generator().manual_seed(0))
    for block in (switching_off(model, [(1, 0)]), mixing(model, mix)):
        with torch.no_grad(), pytest.raises(InputError, match="has 2 layers and computed attention 1 times"), block:
            model(input_ids=ids)


def _hybrid(family: str, **settings: Any) -> Any:
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
    config = AutoConfig.for_model(family, vocab_size=100, intermediate_size=48, pad_token_id=0, **sizes, **settings)
    return AutoModelForSequenceClassification.from_config(config).eval()
