"""Heads that are off, against transformers' eager models without their part of the output projection."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForSequenceClassification

from amplify_viz import METHODS, InputError, Mix, capture, mixing, prepare, recording, switching_off
from amplify_viz.checkpoints import Checkpoint
from tests.projections import without_heads
from tests.tiny import FAMILIES, padded_batch, tiny_checkpoint, tiny_model, tiny_tokenizer

PAIR = ("the rabbit quickly hopped", "the turtle slowly crawled")
OFF = ((0, 1), (1, 0), (1, 3))
_OWN_WEIGHTS = {"albert": {"num_hidden_groups": 3}}  # as many as layers, so that one layer's head can be zeroed


def _checkpoint(model: Any, family: str) -> Checkpoint:
    return Checkpoint(f"tiny {family}", family, prepare(model), tiny_tokenizer(family), ("no", "yes", "maybe"), "")


def _tiny_llama() -> Any:
    """Four query heads share two key heads."""
    config = AutoConfig.for_model(
        "llama",
        hidden_size=32,
        num_attention_heads=4,
        num_key_value_heads=2,
        num_hidden_layers=3,
        intermediate_size=48,
        vocab_size=400,
        pad_token_id=0,
        num_labels=3,
    )
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_config(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1 and "embed" not in name:
                parameter.mul_(5)
    return model.eval()


def _model(family: str) -> Any:
    return _tiny_llama() if family == "llama" else tiny_model(family, **_OWN_WEIGHTS.get(family, {}))


@pytest.mark.parametrize("family", [*FAMILIES, "llama"])
def test_a_head_that_is_off_is_one_without_its_part_of_the_output_projection(family: str) -> None:
    checkpoint = _checkpoint(_model(family), family)
    with torch.no_grad():
        inputs = checkpoint.tokenizer(*PAIR, return_tensors="pt")
        inputs = {name: inputs[name] for name in checkpoint.tokenizer.model_input_names}
        expected = without_heads(_model(family), OFF)(**inputs, output_attentions=True)
    record = capture(checkpoint, *PAIR, off=OFF)
    assert record.logits is not None
    torch.testing.assert_close(record.logits, expected.logits[0], rtol=0, atol=1e-5)
    torch.testing.assert_close(record.weights, torch.stack(expected.attentions)[:, 0], rtol=0, atol=1e-5)
    plain = capture(checkpoint, *PAIR)
    assert plain.logits is not None
    assert (record.logits - plain.logits).abs().max() > 1e-3, "the heads matter too little to tell a mistake"
    assert (record.weights - plain.weights)[1:].abs().max() > 1e-3


@pytest.mark.parametrize("family", [*FAMILIES, "llama"])
def test_fused_attention_without_heads_gives_the_same_logits_in_every_call_of_the_block(family: str) -> None:
    model, batch = prepare(_model(family)), padded_batch(family)
    with torch.no_grad():
        expected = without_heads(_model(family), OFF)(**batch).logits
        with switching_off(model, OFF):
            found = [model(**batch).logits for _ in range(2)]
    for logits in found:
        torch.testing.assert_close(logits, expected, rtol=0, atol=1e-5)


def test_alberts_shared_layers_are_counted_by_call() -> None:
    checkpoint = tiny_checkpoint("albert")
    everywhere = capture(checkpoint, *PAIR, off=[(layer, 2) for layer in range(3)])
    expected = capture(replace(checkpoint, model=prepare(without_heads(tiny_model("albert"), [(0, 2)]))), *PAIR)
    assert everywhere.logits is not None and expected.logits is not None
    torch.testing.assert_close(everywhere.logits, expected.logits, rtol=0, atol=1e-5)
    last = capture(checkpoint, *PAIR, off=[(2, 2)])
    assert torch.equal(last.weights, capture(checkpoint, *PAIR).weights), "no layer comes after the last"
    assert not torch.equal(last.weights, everywhere.weights)


def test_alberts_inner_layers_are_layers_too() -> None:
    settings = {"inner_group_num": 2, "num_hidden_layers": 2, "num_hidden_groups": 2}
    checkpoint = _checkpoint(tiny_model("albert", **settings), "albert")
    record = capture(checkpoint, *PAIR, off=[(3, 1)])
    reference = prepare(without_heads(tiny_model("albert", **settings), [(3, 1)]))
    expected = capture(replace(checkpoint, model=reference), *PAIR)
    assert record.n_layers == 4 and record.logits is not None and expected.logits is not None
    torch.testing.assert_close(record.logits, expected.logits, rtol=0, atol=1e-5)
    with torch.no_grad(), mixing(checkpoint.model, Mix("attention", 0.5, torch.tensor([1, 0, 3, 2]), (3,))):
        checkpoint.model(**padded_batch("albert"))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_outputs_of_heads_that_are_off_are_zero_and_the_others_are_not(family: str) -> None:
    record = capture(tiny_checkpoint(family), *PAIR, off=[*OFF, OFF[0]])
    assert record.off == OFF, "each once, in order"
    for layer in range(3):
        for head in range(4):
            assert (record.outputs[layer, head] == 0).all() == ((layer, head) in OFF)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_head_that_is_off_keeps_where_it_would_have_looked(family: str) -> None:
    checkpoint = tiny_checkpoint(family)
    record, plain = (capture(checkpoint, *PAIR, off=off) for off in (OFF, ()))
    for name in ("weights", "queries", "keys"):
        assert torch.equal(getattr(record, name)[0], getattr(plain, name)[0]), "the first layer reads the same"
    assert torch.equal(record.outputs[0, 0], plain.outputs[0, 0])
    scores = record.scaling[:, None, None, None] * record.queries @ record.keys.transpose(-1, -2)
    torch.testing.assert_close((scores + record.mask[:, None]).softmax(-1), record.weights, rtol=0, atol=1e-6)
    torch.testing.assert_close(record.weights.sum(-1), torch.ones(record.weights.shape[:-1]))


@pytest.mark.parametrize("family", FAMILIES)
def test_without_heads_nothing_changes(family: str) -> None:
    checkpoint, batch = tiny_checkpoint(family), padded_batch(family)
    with torch.no_grad():
        plain = checkpoint.model(**batch).logits
        with switching_off(checkpoint.model, ()):
            assert torch.equal(checkpoint.model(**batch).logits, plain)
    record = capture(checkpoint, *PAIR, off=())
    eager = tiny_model(family)
    eager.set_attn_implementation("eager")
    with torch.no_grad():
        expected = eager(**checkpoint.tokenizer(*PAIR, return_tensors="pt")).logits[0]
    assert record.off == () and record.logits is not None
    assert torch.equal(record.logits, expected)


def test_nothing_stays_behind_on_the_model() -> None:
    checkpoint = tiny_checkpoint()
    before = {name: tensor.clone() for name, tensor in checkpoint.model.state_dict().items()}
    plain = capture(checkpoint, *PAIR)
    capture(checkpoint, *PAIR, off=OFF)
    with pytest.raises(KeyError), switching_off(checkpoint.model, OFF):
        raise KeyError("mine")
    again = capture(checkpoint, *PAIR)
    assert torch.equal(again.outputs, plain.outputs) and again.off == ()
    assert all(torch.equal(tensor, before[name]) for name, tensor in checkpoint.model.state_dict().items())
    hooks = ("_forward_hooks", "_forward_pre_hooks")
    assert not any(vars(module)[name] for module in checkpoint.model.modules() for name in hooks)


def test_threads_with_different_heads_off_get_their_own_answers() -> None:
    checkpoint = tiny_checkpoint()
    choices: list[tuple[tuple[int, int], ...]] = [(), OFF, ((2, 2),), ((0, 0), (2, 1))] * 8
    alone = [capture(checkpoint, *PAIR, off=off) for off in choices]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda off: capture(checkpoint, *PAIR, off=off), choices))
    for one, other in zip(alone, together, strict=True):
        assert torch.equal(one.outputs, other.outputs)
        assert one.logits is not None and other.logits is not None
        assert torch.equal(one.logits, other.logits)


def test_another_threads_call_keeps_its_heads() -> None:
    model, batch = prepare(tiny_model("bert")), padded_batch("bert")
    seen: list[Tensor] = []

    def elsewhere() -> None:
        with torch.no_grad():
            seen.append(model(**batch).logits)

    with torch.no_grad():
        plain = model(**batch).logits
        with switching_off(model, OFF):
            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join()
            assert not torch.equal(model(**batch).logits, plain)
    assert torch.equal(seen[0], plain)


def test_switching_off_composes_with_recording_and_mixing() -> None:
    model, batch = prepare(tiny_model("bert")), padded_batch("bert")
    mix = METHODS["amplify"].draw(4, torch.Generator().manual_seed(0))
    logits = []
    with torch.no_grad():
        with switching_off(model, OFF), recording(model) as record, mixing(model, mix):
            logits.append(model(**batch).logits)
        with mixing(model, mix), switching_off(model, OFF):
            logits.append(model(**batch).logits)
        expected = without_heads(tiny_model("bert"), OFF)
        expected_model = prepare(expected)
        with mixing(expected_model, mix):
            reference = expected_model(**batch).logits
    for found in logits:
        torch.testing.assert_close(found, reference, rtol=0, atol=1e-5)
    assert (record.edited[1][:, :, [0, 3]] == 0).all()
    assert (record.outputs[1][:, :, [0, 3]] != 0).any(), "the recording keeps outputs before and after"


def test_a_head_that_overflows_is_off_all_the_same() -> None:
    model, batch = prepare(tiny_model("bert")), padded_batch("bert")
    with torch.no_grad():
        model.bert.encoder.layer[0].attention.self.value.weight[8:16] = torch.inf
        with switching_off(model, [(0, 1)]):
            assert model(**batch).logits.isfinite().all()


def test_heads_can_be_numbers_of_numpy() -> None:
    checkpoint = tiny_checkpoint()
    record = capture(checkpoint, "the rabbit", off=np.array([[1, 2]]))
    assert record.off == ((1, 2),) and all(type(index) is int for index in record.off[0])


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ((3, 0), "Layers go from 1 to 3 in this bert, got 4"),
        ((-1, 0), "Layers go from 1 to 3 in this bert, got 0"),
        ((0, 4), "Heads go from 1 to 4 in this bert, got 5"),
        ((0, -2), "Heads go from 1 to 4 in this bert, got -1"),
    ],
)
def test_a_head_that_the_model_lacks_is_refused_in_human_counting(head: tuple[int, int], message: str) -> None:
    checkpoint = tiny_checkpoint()
    with pytest.raises(InputError, match=message):
        capture(checkpoint, "the rabbit", off=[head])
    with pytest.raises(InputError, match=message), switching_off(checkpoint.model, [head]):
        pass


def test_an_unprepared_model_is_refused() -> None:
    with pytest.raises(InputError, match=r"call amplify_viz.prepare"), switching_off(tiny_model("bert"), OFF):
        pass


def test_an_encoder_decoder_is_refused() -> None:
    config = AutoConfig.for_model("bart", d_model=32, encoder_layers=1, decoder_layers=1, vocab_size=50)
    with (
        pytest.raises(InputError, match="encoder-decoder model, whose heads are not counted through"),
        switching_off(prepare(AutoModelForSequenceClassification.from_config(config)), [(0, 0)]),
    ):
        pass
