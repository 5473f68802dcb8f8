"""The mixed pass against transformers' eager models with hooks of our own, and the laws of a mix."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForImageClassification, AutoModelForSequenceClassification

from amplify_viz import METHODS, InputError, MixedPass, Mixup, capture, capture_mixed, load, prepare
from amplify_viz.checkpoints import Checkpoint
from tests.projections import projections
from tests.tiny import FAMILIES, tiny_checkpoint, tiny_model

TEXTS = ("the rabbit quickly hopped", "the turtle slowly crawled")
LONGER = ("the old animal was too tired to cross the street", "it was a film of the old type")
SHORTER = ("a film",)
EQUALLY_LONG = ("a tired animal crawled", "it was old street")
MIXING = [name for name, mixup in METHODS.items() if mixup.site != "none"]
WITHOUT_POST_LAYERNORM = ("gpt2", "modernbert")


def _possible(family: str, method: str) -> bool:
    return not (method == "amplify-postln" and family in WITHOUT_POST_LAYERNORM)


def _lam_of(method: str) -> float:
    return 1.0 if METHODS[method].lam == 1.0 else 0.7


def _seen(checkpoint: Checkpoint, method: Mixup | str, lam: float = 0.7, **settings: Any) -> MixedPass:
    texts, partner = settings.pop("texts", TEXTS), settings.pop("partner", LONGER)
    return capture_mixed(checkpoint, texts, partner, mixup=method, lam=lam, **settings)


def _eager_batch(checkpoint: Checkpoint, texts: tuple[str, ...], partner: tuple[str, ...]) -> dict[str, Tensor]:
    """Both rows as the tokenizer itself pads them."""
    rows = [checkpoint.tokenizer(*row) for row in (texts, partner)]
    names = checkpoint.tokenizer.model_input_names
    batch = {name: [row[name] for row in rows] for name in names}
    return dict(checkpoint.tokenizer.pad(batch, padding_side="right", return_tensors="pt"))


def _blend(x: Tensor, lam: float = 0.7) -> Tensor:
    return lam * x + (1 - lam) * x.flip(0)


def _eager(
    family: str, batch: dict[str, Tensor], modules: Callable[[Any], list[Any]] = lambda _: [], *, at_input: bool = False
) -> Any:
    """Transformers' eager answer to the batch, the output (or the input) of some modules blended by a plain hook."""
    model = tiny_model(family)
    model.set_attn_implementation("eager")
    for module in modules(model):
        if at_input:
            module.register_forward_pre_hook(lambda _module, inputs: (_blend(inputs[0]), *inputs[1:]))
        else:
            module.register_forward_hook(lambda _module, _inputs, output: _blended(output))
    with torch.no_grad():
        return model(**batch, output_attentions=True)


def _blended(output: Any) -> Any:
    return (_blend(output[0]), *output[1:]) if isinstance(output, tuple) else _blend(output)


def _assert_equal(seen: MixedPass, expected: Any, atol: float = 1e-5) -> None:
    """The mixed record equals the first row of transformers' answer, whose padding is left out."""
    n = seen.mixed.n_tokens
    weights = torch.stack(expected.attentions)[:, 0, :, :n, :n]
    torch.testing.assert_close(seen.mixed.weights, weights, rtol=0, atol=atol)
    assert seen.mixed.logits is not None
    torch.testing.assert_close(seen.mixed.logits, expected.logits[0], rtol=0, atol=atol)


@pytest.mark.parametrize("partner", [LONGER, SHORTER])
@pytest.mark.parametrize("family", FAMILIES)
def test_amplify_equals_eager_attention_whose_heads_are_blended_before_the_projection(
    family: str, partner: tuple[str, ...]
) -> None:
    checkpoint = tiny_checkpoint(family)
    seen = _seen(checkpoint, "amplify", partner=partner)
    batch = _eager_batch(checkpoint, TEXTS, partner)
    _assert_equal(seen, _eager(family, batch, projections, at_input=True))
    assert (seen.mixed.weights - seen.plain.weights).abs().max() > 1e-3, "the mix changed too little to tell a mistake"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_unmixed_records_equal_the_padded_batch_in_eager_attention(family: str) -> None:
    checkpoint = tiny_checkpoint(family)
    seen = _seen(checkpoint, "amplify")
    expected = _eager(family, _eager_batch(checkpoint, TEXTS, LONGER))
    for row, record in enumerate((seen.plain, seen.partner)):
        n = record.n_tokens
        assert (record.weights - torch.stack(expected.attentions)[:, row, :, :n, :n]).abs().max() <= 1e-6
        assert record.logits is not None
        torch.testing.assert_close(record.logits, expected.logits[row], rtol=0, atol=1e-6)


def test_embedmix_equals_eager_attention_on_blended_embeddings() -> None:
    checkpoint = tiny_checkpoint()
    batch = _eager_batch(checkpoint, TEXTS, LONGER)
    _assert_equal(_seen(checkpoint, "embedmix"), _eager("bert", batch, lambda model: [model.bert.embeddings]))


def test_tmix_equals_eager_attention_with_one_block_blended() -> None:
    checkpoint = tiny_checkpoint()
    batch = _eager_batch(checkpoint, TEXTS, LONGER)
    seen = _seen(checkpoint, "tmix", layers=(1,))
    _assert_equal(seen, _eager("bert", batch, lambda model: [model.bert.encoder.layer[1]]))
    assert seen.layers == (1,)


def test_post_layernorm_equals_eager_attention_blended_after_the_residual() -> None:
    checkpoint = tiny_checkpoint()
    batch = _eager_batch(checkpoint, TEXTS, LONGER)
    expected = _eager("bert", batch, lambda model: [layer.attention.output for layer in model.bert.encoder.layer])
    _assert_equal(_seen(checkpoint, "amplify-postln"), expected)


@pytest.mark.parametrize("partner", [LONGER, SHORTER])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("method", MIXING)
def test_lam_1_equals_the_unmixed_pass_bit_for_bit(method: str, family: str, partner: tuple[str, ...]) -> None:
    checkpoint = tiny_checkpoint(family)
    if not _possible(family, method):
        with pytest.raises(InputError, match=f"'post-layernorm' is not known in the family '{family}'"):
            _seen(checkpoint, method, 1.0, partner=partner)
        return
    seen = _seen(checkpoint, method, 1.0, partner=partner)
    for name, tensor in vars(seen.plain).items():
        if isinstance(tensor, Tensor):
            assert torch.equal(tensor, getattr(seen.mixed, name)), name
    assert torch.equal(seen.before, seen.plain.outputs)
    for moved in (seen.layer_movement, seen.head_movement):
        assert (moved[["distance_before", "distance_after"]] == 0).all(axis=None)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("method", MIXING)
def test_records_have_no_padding_and_keep_their_laws(method: str, family: str) -> None:
    if not _possible(family, method):
        return
    checkpoint = tiny_checkpoint(family)
    seen = _seen(checkpoint, method, _lam_of(method))
    alone = capture(checkpoint, *TEXTS)
    for record, like in ((seen.plain, alone), (seen.mixed, alone), (seen.partner, capture(checkpoint, *LONGER))):
        for name in ("texts", "cut", "tokens", "token_ids", "shown", "words", "word_texts", "segments", "label_names"):
            assert getattr(record, name) == getattr(like, name)
        scores = record.scaling[:, None, None, None] * record.queries @ record.keys.transpose(-1, -2)
        torch.testing.assert_close((scores + record.mask[:, None]).softmax(-1), record.weights, rtol=0, atol=1e-6)
        torch.testing.assert_close(record.weights.sum(-1), torch.ones(record.weights.shape[:-1]))
        assert record.outputs.shape == record.queries.shape == (3, 4, like.n_tokens, 8)
        tensors = [value for value in vars(record).values() if isinstance(value, Tensor)]
        assert all(tensor.dtype == torch.float32 and not tensor.is_inference() for tensor in tensors)
    torch.testing.assert_close(seen.plain.weights, alone.weights, rtol=0, atol=1e-5)
    assert seen.before.shape == seen.mixed.outputs.shape and not seen.before.is_inference()
    assert len({record.checkpoint for record in (seen.plain, seen.mixed, seen.partner)}) == 3
    assert seen.mixed.checkpoint == f"mixed, λ = {_lam_of(method):g}"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_first_layers_outputs_are_blended_and_those_before_are_the_texts_own(family: str) -> None:
    seen = _seen(tiny_checkpoint(family), "amplify")
    both = seen.plain.n_tokens
    assert torch.equal(seen.before[0], seen.plain.outputs[0]), "the first layer reads unmixed embeddings"
    expected = 0.7 * seen.plain.outputs[0] + 0.3 * seen.partner.outputs[0, :, :both]
    torch.testing.assert_close(seen.mixed.outputs[0], expected, rtol=1e-5, atol=1e-6)
    assert seen.method == "amplify" and seen.layers == (0, 1, 2) and seen.lam == 0.7


def test_padding_aware_mixing_leaves_positions_without_a_partner_alone() -> None:
    checkpoint = tiny_checkpoint()
    aware, plain = (_seen(checkpoint, method, partner=SHORTER) for method in ("amplify-padaware", "amplify"))
    n = aware.partner.n_tokens
    assert torch.equal(aware.mixed.outputs[0, :, n:], aware.plain.outputs[0, :, n:])
    assert torch.equal(aware.mixed.outputs[0, :, :n], plain.mixed.outputs[0, :, :n])
    assert (plain.mixed.outputs - plain.plain.outputs)[0, :, n:].abs().max() > 1e-3, "padding dilutes the rest"


def test_lam_0_of_embedmix_is_the_partners_pass() -> None:
    seen = _seen(tiny_checkpoint(), "embedmix", 0.0, partner=EQUALLY_LONG)
    assert seen.mixed.n_tokens == seen.partner.n_tokens
    for name in ("weights", "outputs", "queries", "keys", "logits"):
        torch.testing.assert_close(getattr(seen.mixed, name), getattr(seen.partner, name), rtol=0, atol=1e-6)
    assert seen.mixed.texts == TEXTS, "the words are the text's own"


def test_lam_0_of_amplify_takes_the_partners_attention_output() -> None:
    seen = _seen(tiny_checkpoint(), "amplify", 0.0, partner=EQUALLY_LONG)
    assert torch.equal(seen.mixed.outputs[0], seen.partner.outputs[0])
    assert not torch.equal(seen.mixed.outputs[1], seen.partner.outputs[1]), "the residual is the text's own"


@pytest.mark.parametrize("family", FAMILIES)
def test_sentencemix_leaves_attention_as_it_is_and_blends_the_logits(family: str) -> None:
    seen = _seen(tiny_checkpoint(family), "sentencemix")
    assert torch.equal(seen.mixed.weights, seen.plain.weights)
    assert (seen.layer_movement["distance_after"] == 0).all() and seen.layers == ()
    assert seen.mixed.logits is not None and seen.plain.logits is not None and seen.partner.logits is not None
    torch.testing.assert_close(seen.mixed.logits, 0.7 * seen.plain.logits + 0.3 * seen.partner.logits)


def test_tmix_acts_on_the_last_block_it_can_draw_and_attention_above_it_alone_moves() -> None:
    checkpoint = tiny_checkpoint()
    last, first = _seen(checkpoint, "tmix"), _seen(checkpoint, "tmix", layers=(0,))
    assert last.layers == (2,) and first.layers == (0,)
    assert torch.equal(last.mixed.weights, last.plain.weights)
    assert last.mixed.logits is not None and last.plain.logits is not None
    assert not torch.equal(last.mixed.logits, last.plain.logits)
    assert (first.layer_movement["distance_after"] > 0).tolist() == [False, True, True]
    assert torch.equal(first.before, first.mixed.outputs), "attention outputs are not what tmix mixes"
    anywhere = replace(METHODS["tmix"], layers=None)
    assert _seen(checkpoint, anywhere).layers == (2,)


@pytest.mark.parametrize("layers", [(0,), (1, 2), (Fraction(8, 12),)])
def test_layers_say_where_amplify_acts(layers: tuple[int | Fraction, ...]) -> None:
    seen = _seen(tiny_checkpoint(), "amplify", layers=layers)
    chosen = {1 if isinstance(layer, Fraction) else layer for layer in layers}
    assert set(seen.layers) == chosen
    for layer in range(3):
        assert torch.equal(seen.before[layer], seen.mixed.outputs[layer]) == (layer not in chosen)


def test_settings_of_ones_own_need_no_name() -> None:
    checkpoint = tiny_checkpoint()
    own = _seen(checkpoint, Mixup("attention", layers=(1,)))
    named = _seen(checkpoint, "amplify", layers=(1,))
    assert own.method is None and own.mixup.lam == 0.7 and own.layers == named.layers
    assert torch.equal(own.mixed.outputs, named.mixed.outputs)


def test_movement_is_that_of_the_texts_own_tokens_by_layer_and_head() -> None:
    seen = _seen(tiny_checkpoint(), "amplify", partner=SHORTER)
    plain, before, after = (x.double().numpy() for x in (seen.plain.outputs, seen.before, seen.mixed.outputs))
    layers, heads = seen.layer_movement, seen.head_movement.set_index(["layer", "head"])
    assert layers["layer"].tolist() == [0, 1, 2] and len(heads) == 12
    for layer in range(3):
        for column, moved in (("before", before), ("after", after)):
            expected = np.linalg.norm(moved[layer] - plain[layer]) / np.linalg.norm(plain[layer])
            assert layers[f"distance_{column}"][layer] == pytest.approx(expected)
            head = np.linalg.norm(moved[layer, 2] - plain[layer, 2]) / np.linalg.norm(plain[layer, 2])
            assert heads[f"distance_{column}"][layer, 2] == pytest.approx(head)
    assert layers["distance_before"][0] == 0 < layers["distance_after"][0]


def test_a_text_may_be_alone_and_its_partner_a_pair() -> None:
    seen = _seen(tiny_checkpoint(), "amplify", texts=("the rabbit",))
    assert seen.mixed.texts == ("the rabbit",) and seen.partner.texts == LONGER
    assert set(seen.mixed.segments) == {0, None} and set(seen.partner.segments) == {0, 1, None}


def test_a_text_over_the_limit_is_cut_and_the_record_says_so() -> None:
    seen = _seen(tiny_checkpoint(), "amplify", texts=("rabbit " * 200,), partner=SHORTER)
    assert seen.mixed.n_tokens == 64 and seen.mixed.cut[0].startswith("rabbit") and seen.partner.cut == ("",)


def test_a_decoder_whose_config_names_no_padding_is_answered_as_after_training_and_is_not_changed() -> None:
    checkpoint = tiny_checkpoint("gpt2")
    expected = _seen(checkpoint, "sentencemix")
    model = tiny_model("gpt2")
    model.config.pad_token_id = None
    bare = replace(checkpoint, model=prepare(model))
    found = _seen(bare, "sentencemix")
    for name in ("plain", "mixed", "partner"):
        assert torch.equal(getattr(found, name).logits, getattr(expected, name).logits)
    assert bare.model.config.pad_token_id is None and found.plain.logits is not None
    alone = capture(bare, *TEXTS).logits
    assert alone is not None
    torch.testing.assert_close(found.plain.logits, alone, rtol=0, atol=1e-5)
    assert not vars(model)["_forward_hooks"] and not vars(model)["_forward_pre_hooks"]


def test_padding_is_masked_where_the_tokenizer_names_no_mask() -> None:
    checkpoint = tiny_checkpoint()
    expected = _seen(checkpoint, "amplify")
    checkpoint.tokenizer.model_input_names = ["input_ids", "token_type_ids"]
    assert torch.equal(_seen(checkpoint, "amplify").mixed.weights, expected.mixed.weights)


def test_a_backbone_without_a_classifier_has_attention_and_no_prediction() -> None:
    checkpoint = load("minilm")
    seen = _seen(checkpoint, "amplify")
    assert seen.mixed.logits is None and seen.mixed.probabilities is None
    assert (seen.mixed.n_layers, seen.mixed.n_heads) == (6, 12)
    with pytest.raises(InputError, match="MiniLM backbone is a backbone without one"):
        _seen(checkpoint, "sentencemix")


def test_nothing_stays_behind_and_threads_get_their_own_answers() -> None:
    checkpoint = tiny_checkpoint()
    plain = capture(checkpoint, *TEXTS)
    choices = [(method, _lam_of(method)) for method in MIXING] * 3
    alone = [_seen(checkpoint, *choice) for choice in choices]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda choice: _seen(checkpoint, *choice), choices))
    for one, other in zip(alone, together, strict=True):
        assert torch.equal(one.mixed.outputs, other.mixed.outputs)
        assert torch.equal(one.plain.outputs, other.plain.outputs)
    assert torch.equal(capture(checkpoint, *TEXTS).outputs, plain.outputs)


def test_a_mixed_pass_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        _seen(tiny_checkpoint(), "amplify").lam = 0.5  # type: ignore[misc]


@pytest.mark.parametrize("method", ["none", "label-smoothing", "label-smoothing-0.1"])
def test_a_method_that_mixes_nothing_is_refused(method: str) -> None:
    with pytest.raises(InputError, match="these settings mix nothing: choose a method that mixes"):
        _seen(tiny_checkpoint(), method)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"texts": ("",)}, "at least one visible character, sentence A is ''"),
        ({"partner": ("fine", " ")}, "at least one visible character, sentence B is ' '"),
        ({"partner": ("caf\udce9",)}, "whole characters, but sentence A holds half of one"),
        ({"texts": ()}, "one text or a pair, as a sequence, got ()"),
        ({"texts": "alone"}, "one text or a pair, as a sequence, got 'alone'"),
        ({"partner": ("a", "b", "c")}, "one text or a pair"),
        ({"lam": 1.5}, r"lies in \[0, 1\], got lam=1.5"),
        ({"lam": -0.1}, r"lies in \[0, 1\], got lam=-0.1"),
        ({"lam": float("nan")}, r"lies in \[0, 1\], got lam=nan"),
        ({"method": "mixup"}, "A method is one of none, amplify, .*, got 'mixup'"),
        ({"method": "lam1"}, "fix the mixing weight at 1, got lam=0.7"),
        ({"layers": (3,)}, "Layers go from 1 to 3 in this bert, got 4"),
        ({"layers": ()}, "acts on at least one layer, got 0"),
        ({"method": "tmix", "layers": (0, 1)}, "acts on exactly one layer, got 2"),
        ({"method": "embedmix", "layers": (0,)}, "the site 'embedding' is in none"),
        ({"max_bytes": 4 * 4 * 3 * 4 * 20**2, "texts": ("rabbit " * 40,)}, "kept 4 times, .* shorten it to 20 tokens"),
        ({"max_bytes": 4 * 4 * 3 * 4 * 20**2, "partner": ("rabbit " * 40,)}, "those of 42 tokens"),
    ],
)
def test_what_cannot_be_mixed_is_refused_with_the_remedy(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        _seen(tiny_checkpoint(), **{"method": "amplify", **changes})


def test_an_encoder_decoder_is_refused() -> None:
    config = AutoConfig.for_model("bart", d_model=32, encoder_layers=1, decoder_layers=1, vocab_size=400)
    model = prepare(AutoModelForSequenceClassification.from_config(config).eval())
    with pytest.raises(InputError, match="encoder-decoder model"):
        _seen(replace(tiny_checkpoint(), model=model), "amplify")


def test_a_model_in_training_mode_is_refused() -> None:
    checkpoint = tiny_checkpoint()
    checkpoint.model.train()
    with pytest.raises(InputError, match=r"training mode.*call model.eval\(\)"):
        _seen(checkpoint, "amplify")


def test_a_checkpoint_with_nan_is_refused_with_its_layer() -> None:
    checkpoint = tiny_checkpoint()
    with torch.no_grad():
        checkpoint.model.get_parameter("bert.encoder.layer.0.output.dense.bias")[0] = torch.nan
    with pytest.raises(InputError, match="NaN or infinity in layer 1 "):
        _seen(checkpoint, "amplify")


def test_a_model_of_pictures_is_refused() -> None:
    config = AutoConfig.for_model("vit", hidden_size=32, num_hidden_layers=1, num_attention_heads=4, image_size=32)
    model = prepare(AutoModelForImageClassification.from_config(config).eval())
    with pytest.raises(InputError, match="tiny bert 0 fails on this text"):
        _seen(replace(tiny_checkpoint(), model=model), "amplify")


def test_a_tokenizer_without_a_padding_token_is_refused() -> None:
    checkpoint = tiny_checkpoint()
    checkpoint.tokenizer.pad_token = None
    with pytest.raises(InputError, match="need a padding token, the tokenizer of tiny bert 0 has none"):
        _seen(checkpoint, "amplify")
