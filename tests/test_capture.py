"""Records against transformers' own attentions, and what capture refuses."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AttentionMaskInterface
from transformers.masking_utils import eager_mask

from amplify_viz import InputError, capture, load, switching_off
from amplify_viz.attention import NAME
from amplify_viz.corpus import measure
from amplify_viz.finite import check_tensors
from tests.tiny import FAMILIES, save_tiny, tiny_checkpoint, tiny_model

PAIR = ("the rabbit quickly hopped", "the turtle slowly crawled")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("texts", [PAIR[:1], PAIR])
def test_a_record_equals_transformers_own_attentions_and_logits(family: str, texts: tuple[str, ...]) -> None:
    checkpoint = tiny_checkpoint(family)
    record = capture(checkpoint, *texts)
    eager = tiny_model(family)
    eager.set_attn_implementation("eager")
    with torch.no_grad():
        expected = eager(**checkpoint.tokenizer(*texts, return_tensors="pt"), output_attentions=True)
    assert (record.weights - torch.stack(expected.attentions)[:, 0]).abs().max() <= 1e-6
    assert record.logits is not None
    assert torch.equal(record.logits, expected.logits[0])
    assert record.probabilities is not None
    torch.testing.assert_close(record.probabilities.sum(), torch.tensor(1.0))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_laws_of_a_record_hold(family: str) -> None:
    record = capture(tiny_checkpoint(family), *PAIR)
    scores = record.scaling[:, None, None, None] * record.queries @ record.keys.transpose(-1, -2)
    torch.testing.assert_close((scores + record.mask[:, None]).softmax(-1), record.weights, rtol=0, atol=1e-6)
    torch.testing.assert_close(record.weights.sum(-1), torch.ones(record.weights.shape[:-1]))
    assert record.outputs.shape == record.queries.shape == (3, 4, record.n_tokens, 8)
    lengths = {len(getattr(record, name)) for name in ("tokens", "token_ids", "shown", "words", "segments")}
    assert lengths == {record.n_tokens}
    assert all(tensor.dtype == torch.float32 and tensor.device.type == "cpu" for tensor in _tensors(record))
    assert not any(tensor.is_inference() for tensor in _tensors(record))


def _tensors(record: object) -> list[torch.Tensor]:
    return [value for value in vars(record).values() if isinstance(value, torch.Tensor)]


@pytest.mark.parametrize("family", ["bert", "roberta", "gpt2"])
def test_segments_come_from_the_tokenizers_sequence_ids(family: str) -> None:
    record = capture(tiny_checkpoint(family), "the rabbit", "the turtle crawled")
    words = [record.word_texts[word] for word in record.words if word is not None]
    assert list(dict.fromkeys(zip(words, (s for s in record.segments if s is not None), strict=True))) == [
        ("the", 0),
        ("rabbit", 0),
        ("the", 1),
        ("turtle", 1),
        ("crawled", 1),
    ]


def test_a_record_is_frozen() -> None:
    record = capture(tiny_checkpoint(), "the rabbit")
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.tokens = ()  # type: ignore[misc]


def test_eight_threads_on_one_model_get_their_own_answers() -> None:
    checkpoint = tiny_checkpoint()
    texts = [" ".join(["rabbit", "turtle", "old film", "street"][i % 4 :] * (1 + i % 5)) for i in range(64)]
    alone = [capture(checkpoint, text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: capture(checkpoint, text), texts))
    for one, other in zip(alone, together, strict=True):
        assert one.tokens == other.tokens
        assert torch.equal(one.weights, other.weights)
        assert torch.equal(one.outputs, other.outputs)


def test_a_text_over_the_limit_is_cut_and_the_record_says_what_fell_away() -> None:
    record = capture(tiny_checkpoint(), "rabbit " * 200, "the turtle crawled")
    assert record.n_tokens == 64
    assert record.cut[0].startswith("rabbit")
    assert record.cut[1] == ""
    assert len(record.cut[0].split()) + record.words.index(None, 1) - 1 == 200


@pytest.mark.parametrize("ending", ["\ufe0f", "\u200b", " \u0301", "\n"])
def test_what_no_token_is_made_of_is_no_cut(ending: str) -> None:
    checkpoint = load("minilm")
    assert capture(checkpoint, f"I love it \u2764{ending}", f"me too{ending}").cut == ("", "")
    long = capture(checkpoint, "rabbit " * 600 + "end", f"me too{ending}")
    assert long.cut[0].endswith("rabbit end") and long.cut[1] == ""


def test_a_tokenizer_that_cuts_on_the_left_loses_the_beginning() -> None:
    checkpoint = tiny_checkpoint()
    checkpoint.tokenizer.truncation_side = "left"
    record = capture(checkpoint, "turtle " + "rabbit " * 199)
    assert record.n_tokens == 64
    assert record.cut[0].startswith("turtle rabbit")
    assert len(record.cut[0].split()) + record.n_tokens - 2 == 200


def test_a_record_made_inside_a_block_names_no_source() -> None:
    checkpoint = tiny_checkpoint()
    assert capture(checkpoint, "the rabbit").source == "bert"
    with switching_off(checkpoint.model, [(0, 0)]):
        assert capture(checkpoint, "the rabbit").source == ""
    assert capture(checkpoint, "the rabbit", off=[(0, 0)]).source == "bert"


@pytest.mark.parametrize("texts", [("",), ("  \n",), ("fine", " ")])
def test_an_empty_text_is_refused_by_letter(texts: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=f"at least one visible character, sentence {'AB'[len(texts) - 1]} is"):
        capture(tiny_checkpoint(), *texts)


@pytest.mark.parametrize("texts", [("bad \ud800",), ("fine", "caf\udce9 bad")])
def test_a_text_that_is_not_unicode_is_refused_by_letter(texts: tuple[str, ...]) -> None:
    letter = "AB"[len(texts) - 1]
    with pytest.raises(InputError, match=rf"made of whole characters, but sentence {letter} holds half of one"):
        capture(tiny_checkpoint(), *texts)


def test_a_model_in_training_mode_is_refused() -> None:
    checkpoint = tiny_checkpoint()
    checkpoint.model.train()
    with pytest.raises(InputError, match=r"training mode.*call model.eval\(\)"):
        capture(checkpoint, "the rabbit")


def test_a_text_too_large_for_the_memory_is_refused_with_the_length_that_fits() -> None:
    with pytest.raises(InputError, match=r"those of 42 tokens .* shorten it to 20 tokens"):
        capture(tiny_checkpoint(), "rabbit " * 40, max_bytes=4 * 3 * 4 * 20**2)


def test_one_output_is_a_score_and_several_labels_have_a_sigmoid_each() -> None:
    record = capture(tiny_checkpoint(), "the rabbit")
    assert record.logits is not None
    assert dataclasses.replace(record, logits=record.logits[:1]).probabilities is None
    several = dataclasses.replace(record, multi_label=True).probabilities
    assert several is not None
    torch.testing.assert_close(several, 1 / (1 + (-record.logits).exp()))


def test_outputs_of_regression_are_scores_here_and_in_a_corpus(tmp_path: Path) -> None:
    checkpoint = load(save_tiny(tmp_path / "tiny", problem_type="regression"))
    record = capture(checkpoint, "the rabbit")
    assert record.regression and record.logits is not None and len(record.logits) == 3
    assert record.probabilities is None
    assert measure([checkpoint], [("the rabbit", None)], cache=tmp_path / "cache").singles[0].probabilities is None


def test_a_checkpoint_that_fails_on_a_text_is_named() -> None:
    checkpoint = tiny_checkpoint()
    model: Any = checkpoint.model
    model.bert.embeddings.word_embeddings = torch.nn.Embedding(5, 32)
    with pytest.raises(InputError, match="tiny bert 0 fails on this text"):
        capture(checkpoint, "the rabbit")


def test_the_bundled_backbone_has_attention_and_no_logits() -> None:
    record = capture(load("minilm"), "The animal didn't cross the street because it was too tired")
    assert (record.n_layers, record.n_heads) == (6, 12)
    assert record.logits is None
    assert record.label_names == ()
    assert record.group_labels[3] == "didn't"


@pytest.mark.parametrize("text", ["🐢 👩‍👩‍👧 e\u0301", "<script>alert(1)</script>", "漢字 العربية", "x" * 500])
@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_unusual_text_is_captured_whole(family: str, text: str) -> None:
    record = capture(tiny_checkpoint(family), text)
    assert record.texts == (text,)
    assert all(label for label in record.group_labels)


def test_a_checkpoint_with_nan_is_refused_with_its_first_layer() -> None:
    checkpoint = tiny_checkpoint()
    with torch.no_grad():
        for layer in (1, 2):
            dict(checkpoint.model.named_parameters())[f"bert.encoder.layer.{layer}.output.dense.bias"][0] = torch.nan
    with pytest.raises(
        InputError, match=r"tiny bert 0 \(bert\) has NaN or infinity in layer 2 \(.*train the run again"
    ):
        capture(checkpoint, "the rabbit")


def test_a_classifier_with_infinity_is_refused_though_its_attention_is_finite() -> None:
    checkpoint = tiny_checkpoint()
    with torch.no_grad():
        checkpoint.model.get_parameter("classifier.bias")[0] = torch.inf
    with pytest.raises(InputError, match=r"NaN or infinity in classifier.bias: .*train the run again"):
        capture(checkpoint, "the rabbit")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("bert.encoder.layer.1.attention.self.query.weight", "the queries of layer 2"),
        ("bert.encoder.layer.1.attention.self.value.weight", "the outputs of layer 2"),
        ("classifier.weight", "its logits"),
    ],
)
def test_finite_weights_that_overflow_are_refused_with_what_they_make(name: str, what: str) -> None:
    checkpoint = tiny_checkpoint()
    with torch.no_grad():
        checkpoint.model.get_parameter(name).fill_(3e38)
    with pytest.raises(InputError, match=f"gives NaN or infinity in {what}: its weights are finite and too large"):
        capture(checkpoint, "the rabbit quickly hopped")


def test_large_numbers_whose_sum_overflows_are_no_infinity() -> None:
    checkpoint = tiny_checkpoint()
    check_tensors(checkpoint, {"outputs": torch.full((2, 3), 3e38)}, torch.tensor([3e38, 3e38]))


def test_a_mask_may_hold_minus_infinity(monkeypatch: pytest.MonkeyPatch) -> None:
    def masked(*, dtype: torch.dtype = torch.float32, **given: Any) -> torch.Tensor:
        mask = eager_mask(**given, dtype=dtype)
        return mask.masked_fill(mask == torch.finfo(dtype).min, -torch.inf)

    monkeypatch.setitem(AttentionMaskInterface._global_mapping, NAME, masked)  # noqa: SLF001 - nothing public takes it back
    record = capture(tiny_checkpoint("gpt2"), "the rabbit quickly hopped")
    assert record.mask.isneginf().any()
    assert record.weights.isfinite().all()
