"""Every mixing method against plain tensor code, on tiny models with dropout off."""

import dataclasses
import threading
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor, nn

from amplify_viz import METHODS, InputError, Mix, mixing, prepare, recording
from tests.tiny import FAMILIES, padded_batch, tiny_model

PARTNER = torch.tensor([2, 0, 3, 1])
SITES_EVERYWHERE = ("amplify", "amplify-padaware", "embedmix", "sentencemix", "tmix")
MIXING = [name for name, mixup in METHODS.items() if mixup.site != "none"]


def _mix(method: str, lam: float = 0.7, **changes: Any) -> Mix:
    drawn = METHODS[method].draw(4, torch.Generator().manual_seed(0))
    return dataclasses.replace(drawn, lam=lam, partner=PARTNER, **changes)


def _blend(x: Tensor, lam: float = 0.7) -> Tensor:
    return lam * x + (1 - lam) * x[PARTNER]


def _blend_real(x: Tensor, mask: Tensor) -> Tensor:
    """Position by position: mixed where the row and its partner both have a token."""
    rows = [
        [
            0.7 * x[row, i] + 0.3 * x[partner, i] if mask[row, i] and mask[partner, i] else x[row, i]
            for i in range(x.shape[1])
        ]
        for row, partner in enumerate(PARTNER.tolist())
    ]
    return torch.stack([torch.stack(row) for row in rows])


def _bert_by_hand(
    model: Any, batch: dict[str, Tensor], site: str, *, blocks: tuple[int, ...], keep: bool = False
) -> Tensor:
    """BERT's forward pass written out with plain matrix products, mixed at one site."""
    bert, (n_rows, n_tokens) = model.bert, batch["input_ids"].shape
    mask = (1.0 - batch["attention_mask"][:, None, None, :].float()) * torch.finfo(torch.float32).min
    x = bert.embeddings(batch["input_ids"])
    x = _blend(x) if site == "embedding" else x
    for number, layer in enumerate(bert.encoder.layer):
        attention = layer.attention

        def heads(linear: Any, x: Tensor = x) -> Tensor:
            return linear(x).reshape(n_rows, n_tokens, 4, 8).transpose(1, 2)

        own = attention.self
        scores = heads(own.query) @ heads(own.key).transpose(-1, -2) / 8**0.5 + mask
        context = (scores.softmax(dim=-1) @ heads(own.value)).transpose(1, 2).reshape(n_rows, n_tokens, 32)
        if site == "attention":
            context = _blend_real(context, batch["attention_mask"]) if keep else _blend(context)
        projected = attention.output.dense(context)
        projected = _blend(projected) if site == "projected attention" else projected
        y = attention.output.LayerNorm(projected + x)
        y = _blend(y) if site == "post-layernorm" else y
        x = layer.output.LayerNorm(layer.output.dense(layer.intermediate(y)) + y)
        x = _blend(x) if site == "block" and number in blocks else x
    pooled = torch.tanh(bert.pooler.dense(x[:, 0]))
    return model.classifier(_blend(pooled) if site == "sentence" else pooled)


@pytest.mark.parametrize("method", MIXING)
def test_each_method_equals_bert_written_out_by_hand(method: str) -> None:
    model, batch = prepare(tiny_model("bert")), padded_batch("bert")
    mix = _mix(method, layers=(1,)) if method == "tmix" else _mix(method)
    with torch.no_grad():
        plain = model(**batch).logits
        with mixing(model, mix):
            mixed = model(**batch).logits
        expected = _bert_by_hand(model, batch, mix.site, blocks=(1,), keep=mix.padding == "keep")
    torch.testing.assert_close(mixed, expected, rtol=1e-4, atol=1e-5)
    assert (mixed - plain).abs().max() > 1e-2, "the mix changed too little to tell a mistake"


def test_padding_makes_the_two_amplifies_differ() -> None:
    model, batch = prepare(tiny_model("bert")), padded_batch("bert")
    logits = []
    with torch.no_grad():
        for method in ("amplify", "amplify-padaware"):
            with mixing(model, _mix(method)):
                logits.append(model(**batch).logits)
            with mixing(model, _mix(method)):
                logits.append(model(batch["input_ids"], batch["attention_mask"]).logits)  # by position, not by name
    assert torch.equal(logits[0], logits[1]) and torch.equal(logits[2], logits[3])
    assert (logits[0] - logits[2]).abs().max() > 1e-3


def test_without_padding_the_two_amplifies_are_one() -> None:
    model, batch = prepare(tiny_model("bert")), {"input_ids": padded_batch("bert")["input_ids"].clamp(min=4)}
    with torch.no_grad():
        with mixing(model, _mix("amplify")):
            plain = model(**batch).logits
        with mixing(model, _mix("amplify-padaware")):
            assert torch.equal(model(**batch).logits, plain)
        with mixing(model, _mix("amplify-padaware")):
            assert torch.equal(model(**batch, attention_mask=torch.ones_like(batch["input_ids"])).logits, plain)


def test_a_mask_that_is_no_padding_mask_is_refused() -> None:
    model, batch = prepare(tiny_model("bert")), padded_batch("bert")
    batch["attention_mask"] = batch["attention_mask"][:, None, None, :].float()
    with pytest.raises(InputError, match="got one of 4 dimensions"), mixing(model, _mix("amplify-padaware")):
        model(**batch)
    assert not vars(model)["_forward_pre_hooks"], "no hook is left behind"


@pytest.mark.parametrize("layers", [(0,), (1, 2), (Fraction(8, 12),)])
def test_amplify_acts_on_the_chosen_layers_alone(layers: tuple[int | Fraction, ...]) -> None:
    model = prepare(tiny_model("bert"))
    chosen = {1 if isinstance(layer, Fraction) else layer for layer in layers}
    with torch.no_grad(), recording(model) as record, mixing(model, _mix("amplify", layers=layers)):
        model(**padded_batch("bert"))
    for layer, (output, edited) in enumerate(zip(record.outputs, record.edited, strict=True)):
        expected = _blend(output) if layer in chosen else output
        torch.testing.assert_close(edited, expected, rtol=1e-5, atol=1e-6)


def test_amplify_before_and_after_the_output_projection_agree() -> None:
    model, batch = prepare(tiny_model("bert")), padded_batch("bert")
    with torch.no_grad():
        with mixing(model, _mix("amplify")):
            before = model(**batch).logits
        after = _bert_by_hand(model, batch, "projected attention", blocks=())
    torch.testing.assert_close(before, after, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("method", SITES_EVERYWHERE)
def test_each_method_mixes_its_site_in_each_family(method: str, family: str) -> None:
    model, batch = prepare(tiny_model(family)), padded_batch(family)
    with torch.no_grad():
        plain = model(**batch).logits
        with mixing(model, _mix(method)):
            mixed = model(**batch).logits
        assert (mixed - plain).abs().max() > 1e-3
        assert torch.equal(model(**batch).logits, plain), "nothing may survive the block"


@pytest.mark.parametrize("family", FAMILIES)
def test_amplify_blends_the_recorded_outputs_of_every_layer(family: str) -> None:
    model = prepare(tiny_model(family))
    with torch.no_grad(), recording(model) as record, mixing(model, _mix("amplify")):
        model(**padded_batch(family))
    for output, edited in zip(record.outputs, record.edited, strict=True):
        torch.testing.assert_close(edited, _blend(output), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("method", METHODS)
def test_lam_1_changes_nothing(method: str, family: str) -> None:
    if method == "amplify-postln" and family in ("gpt2", "modernbert"):
        with pytest.raises(InputError):
            mixing(prepare(tiny_model(family)), _mix(method)).__enter__()
        return
    model, batch = prepare(tiny_model(family)), padded_batch(family)
    with torch.no_grad():
        with mixing(model, _mix(method, lam=1.0)):
            mixed = model(**batch).logits
        assert torch.equal(mixed, model(**batch).logits)


@pytest.mark.parametrize("family", ["gpt2", "modernbert"])
def test_a_family_without_the_site_is_refused_by_name(family: str) -> None:
    model = prepare(tiny_model(family))
    with pytest.raises(InputError, match=f"'post-layernorm' is not known in the family '{family}'"):
        mixing(model, _mix("amplify-postln")).__enter__()


def test_gpt2_sentences_are_mixed_at_each_rows_own_token() -> None:
    model, batch = prepare(tiny_model("gpt2")), padded_batch("gpt2")
    with torch.no_grad():
        hidden = model.transformer(**batch).last_hidden_state
        pooled = hidden[torch.arange(4), batch["attention_mask"].sum(dim=1) - 1]
        with mixing(model, _mix("sentencemix")):
            mixed = model(**batch).logits
        torch.testing.assert_close(mixed, model.score(_blend(pooled)), rtol=1e-5, atol=1e-5)


def test_albert_blocks_are_counted_by_call() -> None:
    model, batch = prepare(tiny_model("albert")), padded_batch("albert")
    with torch.no_grad():
        logits = []
        for layer in range(3):
            with mixing(model, _mix("tmix", layers=(layer,))):
                logits.append(model(**batch).logits)
    assert all(not torch.allclose(a, b) for a, b in pairwise(logits))


def test_training_gradients_flow_through_the_mix() -> None:
    model, batch = prepare(tiny_model("bert")).train(), padded_batch("bert")
    mix = _mix("amplify")
    with mixing(model, mix):
        logits = model(**batch).logits
    mix.loss(logits, torch.tensor([0, 1, 2, 0])).backward()
    assert all(p.grad is not None for name, p in model.named_parameters() if "attention" in name)


def test_the_loss_is_the_cross_entropy_with_the_mixed_targets() -> None:
    logits, labels = torch.randn(4, 7, generator=torch.Generator().manual_seed(3)), torch.tensor([0, 3, 3, 6])
    mix = _mix("amplify", lam=0.3)
    expected = nn.functional.cross_entropy(logits, mix.targets(labels, 7))
    torch.testing.assert_close(mix.loss(logits, labels), expected)


def test_the_smoothed_loss_is_the_cross_entropy_with_the_smoothed_targets() -> None:
    logits, labels = torch.randn(4, 7, generator=torch.Generator().manual_seed(3)), torch.tensor([0, 3, 3, 6])
    for mix in (_mix("label-smoothing", lam=1.0), _mix("amplify", lam=0.3, smoothing=0.2)):
        torch.testing.assert_close(
            mix.loss(logits, labels), nn.functional.cross_entropy(logits, mix.targets(labels, 7))
        )
    smooth = METHODS["label-smoothing"].draw(4, torch.Generator()).targets(labels, 7)
    assert smooth[0].tolist() == pytest.approx([1 - 0.039 + 0.039 / 7] + [0.039 / 7] * 6)


@pytest.mark.parametrize(("n_layers", "expected"), [(12, {6, 8, 11}), (6, {3, 4, 5}), (3, {1, 2})])
def test_tmix_draws_the_same_fractions_of_any_depth(n_layers: int, expected: set[int]) -> None:
    assert METHODS["tmix"].layers == (Fraction(7, 12), Fraction(9, 12), Fraction(1))
    model, batch = prepare(tiny_model("bert", num_hidden_layers=n_layers)), padded_batch("bert")
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        plain = model.bert(**batch, output_hidden_states=True).hidden_states[1:]
        found = {_first_mixed_block(model, batch, generator, plain) for _ in range(30)}
    assert found == expected


def test_one_layer_of_all_is_drawn_evenly_at_any_depth() -> None:
    model, generator = prepare(tiny_model("bert")), torch.Generator().manual_seed(0)
    mixup = dataclasses.replace(METHODS["tmix"], layers=None)
    drawn = [mixup.draw(2, generator).layers for _ in range(600)]
    for n_layers in (3, 12, 24):
        found = [ceil(layers[0] * n_layers) - 1 for layers in drawn if layers is not None]
        assert stats.chisquare(np.bincount(found, minlength=n_layers)).pvalue > 1e-3
    with mixing(model, mixup.draw(4, generator)):
        model(**padded_batch("bert"))


def _first_mixed_block(
    model: Any, batch: dict[str, Tensor], generator: torch.Generator, plain: tuple[Tensor, ...]
) -> int:
    mix = dataclasses.replace(METHODS["tmix"].draw(4, generator), lam=0.5, partner=PARTNER)
    mixed: list[Tensor] = []
    with mixing(model, mix):
        handles = [
            block.register_forward_hook(lambda _m, _a, output: mixed.append(output))
            for block in model.bert.encoder.layer
        ]
        model(**batch)
    for handle in handles:
        handle.remove()
    return next(i for i, (a, b) in enumerate(zip(mixed, plain, strict=True)) if not torch.equal(a, b))


def test_a_layer_that_the_backbone_lacks_is_refused_in_human_counting() -> None:
    model = prepare(tiny_model("bert"))
    with pytest.raises(InputError, match="from 1 to 3 in this bert, got 12"):
        mixing(model, _mix("amplify", layers=(11,))).__enter__()


def test_another_context_is_not_mixed() -> None:
    model, batch = prepare(tiny_model("bert")), padded_batch("bert")
    seen: list[Tensor] = []
    with torch.no_grad():
        plain = model(**batch).logits
        for method in ("amplify", "embedmix", "sentencemix", "tmix", "amplify-postln"):
            with mixing(model, _mix(method)):
                thread = threading.Thread(target=_append_logits, args=(model, batch, seen))
                thread.start()
                thread.join()
                model(**batch)
    assert len(seen) == 5
    assert all(torch.equal(logits, plain) for logits in seen)


def test_a_block_that_ends_during_another_threads_call_leaves_that_call_plain() -> None:
    model, batch = prepare(tiny_model("bert")), padded_batch("bert")
    begun, ended, seen = threading.Event(), threading.Event(), list[Tensor]()
    thread = threading.Thread(target=_append_logits, args=(model, batch, seen))

    def hold(module: Any, args: Any) -> None:
        if threading.current_thread() is thread:
            begun.set()
            assert ended.wait(30)

    with torch.no_grad():
        plain = model(**batch).logits
        model.register_forward_pre_hook(hold)
        with mixing(model, _mix("amplify-padaware")):
            thread.start()
            assert begun.wait(30)
            model(**batch)
    ended.set()
    thread.join()
    assert torch.equal(seen[0], plain)


def _append_logits(model: Any, batch: dict[str, Tensor], seen: list[Tensor]) -> None:
    with torch.no_grad():
        seen.append(model(**batch).logits)


@pytest.mark.parametrize("method", ["amplify", "embedmix"])
def test_a_second_forward_call_in_one_block_is_refused(method: str) -> None:
    model, batch = prepare(tiny_model("bert")), padded_batch("bert")
    with torch.no_grad(), pytest.raises(InputError, match="one forward call"), mixing(model, _mix(method)):
        model(**batch)
        model(**batch)


def test_a_mix_of_another_batch_size_is_refused() -> None:
    model = prepare(tiny_model("bert"))
    mix = dataclasses.replace(_mix("amplify"), partner=torch.arange(3))
    with torch.no_grad(), pytest.raises(InputError, match="drawn for 3 rows, got 4"), mixing(model, mix):
        model(**padded_batch("bert"))
