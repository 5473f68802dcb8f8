"""Attention as it is shown: tokens or words, special tokens or not, one record or two."""

from dataclasses import replace

import pytest
import torch

from amplify_viz import capture
from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference, Level, Special, rows_of, shown
from tests.tiny import random_record, tiny_checkpoint

PAIR = ("a rabbit hopped wholeheartedly", "the rabbit hopped")
LEVELS: tuple[Level, ...] = ("tokens", "words")


def two() -> tuple[AttentionRecord, AttentionRecord]:
    return random_record(PAIR, checkpoint="a"), random_record(PAIR, seed=1, checkpoint="b")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("special", ["shown", "renormalised"])
def test_rows_sum_to_one_with_special_tokens_or_renormalised(level: Level, special: Special) -> None:
    sums = shown(random_record(PAIR), layer=1, level=level, special=special).weights.sum(dim=-1)
    torch.testing.assert_close(sums, torch.ones_like(sums))


def test_hidden_special_tokens_leave_the_other_weights_as_they_are() -> None:
    record = random_record(PAIR)
    kept = [i for i, segment in enumerate(record.segments) if segment is not None]
    hidden = shown(record, layer=1, special="hidden")
    assert len(kept) < record.n_tokens
    assert torch.equal(hidden.weights, record.weights[1][:, kept][:, :, kept])
    assert hidden.rows.labels == tuple(record.shown[i] for i in kept)


def test_a_row_that_looks_at_special_tokens_alone_stays_zero_when_renormalised() -> None:
    record = random_record(PAIR)
    alone = record.weights.clone()
    alone[:, :, 2] = torch.eye(record.n_tokens)[0]
    weights = shown(replace(record, weights=alone), layer=0, special="renormalised").weights
    assert torch.equal(weights[:, 1], torch.zeros_like(weights[:, 1]))


def test_words_by_hand() -> None:
    record = random_record(("wholeheartedly", "it"), n_layers=1, n_heads=1)
    assert record.tokens == ("[CLS]", "whole", "##heartedly", "[SEP]", "it", "[SEP]")
    w = record.weights[0, 0]
    found = shown(record, layer=0, level="words", special="hidden")
    expected = [
        [(w[1, 1] + w[1, 2] + w[2, 1] + w[2, 2]) / 2, (w[1, 4] + w[2, 4]) / 2],
        [w[4, 1] + w[4, 2], w[4, 4]],
    ]
    torch.testing.assert_close(found.weights[0], torch.tensor(expected))
    assert found.rows.labels == ("wholeheartedly", "it")
    assert found.rows.units == ((1, 2), (4,))


@pytest.mark.parametrize("level", LEVELS)
def test_a_difference_is_b_minus_a_and_its_rows_sum_to_zero(level: Level) -> None:
    a, b = two()
    difference = shown(Difference(a, b), layer=2, level=level)
    expected = shown(b, layer=2, level=level).weights - shown(a, layer=2, level=level).weights
    assert torch.equal(difference.weights, expected)
    torch.testing.assert_close(expected.sum(dim=-1), torch.zeros(expected.shape[:-1]), atol=1e-6, rtol=0)
    assert difference.rows == rows_of(a, level=level)


def test_models_of_other_tokenizers_are_compared_by_words_that_both_have() -> None:
    texts = ("the rabbit hopped", "it crawled")
    a, b = (capture(tiny_checkpoint(family), *texts) for family in ("bert", "roberta"))
    assert a.tokens != b.tokens
    found = shown(Difference(a, b), layer=0, level="tokens", special="shown")
    assert (found.level, found.special) == ("words", "hidden")
    assert found.rows.labels == ("the", "rabbit", "hopped", "it", "crawled")
    whole = [shown(record, layer=0, level="words", special="hidden").weights for record in (a, b)]
    assert torch.equal(found.weights, whole[1] - whole[0])


def test_a_word_that_one_of_them_lacks_is_left_out_of_the_difference() -> None:
    a, b = two()
    without = tuple(None if word == 2 else word for word in b.words)
    segments = tuple(None if word == 2 else segment for word, segment in zip(b.words, b.segments, strict=True))
    found = shown(Difference(a, replace(b, words=without, segments=segments)), layer=0)
    assert found.rows.words == (0, 1, 3, 4, 5, 6)


def test_records_of_other_texts_or_shapes_have_no_difference() -> None:
    a, _ = two()
    with pytest.raises(InputError, match="two records of one text"):
        Difference(a, random_record(("another", "text")))
    with pytest.raises(InputError, match=r"of one shape, .* are 3 × 2 and 3 × 4"):
        Difference(a, random_record(PAIR, n_heads=2))


def test_a_layer_level_or_treatment_that_there_is_not_is_refused() -> None:
    a, b = two()
    with pytest.raises(InputError, match="no layer 4 of 3 in a"):
        shown(Difference(a, b), layer=3)
    with pytest.raises(InputError, match="level is one of tokens, words, got 'pieces'"):
        shown(a, layer=0, level="pieces")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"special tokens is one of .*, got 'away'"):
        shown(a, layer=0, special="away")  # type: ignore[arg-type]
