"""The numbers of the model view: every weight within its byte, and the measures of every head."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from amplify_viz import statistics
from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord, capture
from amplify_viz.rows import Difference, shown
from amplify_viz.views.chunks import chunk
from amplify_viz.views.packing import unpack
from tests.tiny import random_record, tiny_checkpoint

PAIR = ("a rabbit hopped wholeheartedly", "the rabbit hopped")


def two_records() -> tuple[AttentionRecord, AttentionRecord]:
    return random_record(PAIR, seed=0, checkpoint="a"), random_record(PAIR, seed=1, checkpoint="b")


@pytest.mark.parametrize("special", ["shown", "hidden", "renormalised"])
@pytest.mark.parametrize("level", ["tokens", "words"])
def test_every_weight_is_within_half_a_step(level: str, special: str) -> None:
    record = random_record(PAIR)
    meta, arrays = unpack(chunk(record, f"thumbnails/{level}/{special}"))
    assert arrays["thumbnails"].dtype == np.uint8
    assert (meta["scale"], meta["pooled"]) == (1, 1)
    for layer in range(record.n_layers):
        expected = shown(record, layer=layer, level=level, special=special)  # type: ignore[arg-type]
        np.testing.assert_allclose(arrays["thumbnails"][layer] / 255, expected.weights, atol=1 / 510 + 1e-7, rtol=0)
        assert meta["labels"] == list(expected.rows.labels)


@pytest.mark.parametrize("level", ["tokens", "words"])
def test_every_difference_is_within_half_a_step_of_its_scale(level: str) -> None:
    pair = Difference(*two_records())
    meta, arrays = unpack(chunk(pair, f"thumbnails/{level}/shown"))
    expected = torch.stack([shown(pair, layer=layer, level=level).weights for layer in range(3)])  # type: ignore[arg-type]
    assert meta["scale"] == pytest.approx(float(expected.abs().max()))
    found = (arrays["thumbnails"].astype(float) - 128) / 127 * meta["scale"]
    np.testing.assert_allclose(found, expected, atol=meta["scale"] / 254 + 1e-7, rtol=0)


def test_equal_records_have_a_difference_of_zero_everywhere() -> None:
    meta, arrays = unpack(chunk(Difference(random_record(), random_record()), "thumbnails/tokens/shown"))
    assert meta["scale"] == 0
    assert (arrays["thumbnails"] == 128).all()
    assert set(np.ravel(meta["measures"]["absolute"])) == {0.0}


def long_record(seed: int = 0) -> AttentionRecord:
    return random_record((" ".join(["rabbit"] * 300),), n_layers=1, n_heads=2, seed=seed, checkpoint=str(seed))


def test_a_cell_of_a_long_text_has_the_largest_of_its_weights() -> None:
    record = long_record()
    meta, arrays = unpack(chunk(record, "thumbnails/tokens/shown"))
    size, rows = meta["pooled"], record.n_tokens
    found = arrays["thumbnails"]
    assert (size, found.shape[2]) == (3, -(-rows // 3))
    assert len(meta["labels"]) == rows
    for i, j in [(0, 0), (5, 90), (found.shape[2] - 1, found.shape[3] - 1)]:
        block = record.weights[0, :, size * i : size * (i + 1), size * j : size * (j + 1)]
        np.testing.assert_allclose(found[0, :, i, j] / 255, block.amax(dim=(1, 2)), atol=1 / 510 + 1e-7, rtol=0)


def test_a_cell_of_a_long_difference_has_the_one_furthest_from_zero() -> None:
    a, b = long_record(0), long_record(1)
    meta, arrays = unpack(chunk(Difference(a, b), "thumbnails/tokens/shown"))
    block = (b.weights - a.weights)[0, 0, 3:6, 9:12].flatten()
    expected = float(block[block.abs().argmax()])
    assert (arrays["thumbnails"][0, 0, 1, 3] - 128.0) / 127 * meta["scale"] == pytest.approx(
        expected, abs=meta["scale"] / 254
    )


def test_measures_are_those_of_all_tokens_whatever_is_shown() -> None:
    record = random_record(PAIR)
    found = unpack(chunk(record, "thumbnails/tokens/shown"))[0]["measures"]
    special = [i for i, segment in enumerate(record.segments) if segment is None]
    expected = {
        "entropy": statistics.mean_entropy(record.weights),
        "distance": statistics.attention_distance(record.weights),
        "special": statistics.share_on(record.weights, special),
        "first": statistics.share_on(record.weights, [0]),
        "across": statistics.share_across(record.weights, record.segments),
    }
    assert found == {name: measure.tolist() for name, measure in expected.items()}
    assert unpack(chunk(record, "thumbnails/words/hidden"))[0]["measures"] == found


def test_one_text_has_no_attention_across_and_a_model_without_special_tokens_no_share_on_them() -> None:
    found = unpack(chunk(capture(tiny_checkpoint("gpt2"), "a rabbit hopped"), "thumbnails/tokens/shown"))[0]["measures"]
    assert (found["across"], found["special"]) == (None, None)
    assert np.shape(found["first"]) == np.shape(found["entropy"])


def test_measures_of_a_difference_are_between_its_two_records() -> None:
    a, b = two_records()
    found = unpack(chunk(Difference(a, b), "thumbnails/tokens/shown"))[0]["measures"]
    assert found == {
        "absolute": statistics.mean_absolute_difference(a.weights, b.weights).tolist(),
        "divergence": statistics.jensen_shannon(a.weights, b.weights).tolist(),
    }


def test_models_of_other_tokenizers_are_compared_at_the_words_of_both() -> None:
    a, b = (capture(tiny_checkpoint(family), *PAIR) for family in ("bert", "gpt2"))
    meta, arrays = unpack(chunk(Difference(a, b), "thumbnails/tokens/shown"))
    assert (meta["level"], meta["special"]) == ("words", "hidden")
    weights = []
    for record in (a, b):
        words = shown(record, layer=0, level="words", special="hidden")
        kept = [words.rows.words.index(word) for word in meta["words"]]
        weights.append(words.weights[:, kept][:, :, kept])
    np.testing.assert_allclose(meta["measures"]["divergence"][0], statistics.jensen_shannon(*weights), atol=1e-7)
    assert arrays["thumbnails"].shape[2] == len(meta["words"])


def test_rows_that_are_not_numbers_are_sent_as_nothing() -> None:
    record = random_record(PAIR)
    weights = record.weights.clone()
    weights[0, 0, 1] = float("nan")
    meta, arrays = unpack(chunk(replace(record, weights=weights), "thumbnails/tokens/shown"))
    assert not arrays["thumbnails"][0, 0, 1].any()
    assert np.isfinite(meta["measures"]["entropy"]).all()


def test_twelve_layers_of_twelve_heads_at_128_tokens_stay_below_an_eightieth_of_bertviz() -> None:
    record = random_record((" ".join(["rabbit"] * 62), " ".join(["turtle"] * 63)), n_layers=12, n_heads=12)
    assert record.n_tokens == 128
    assert len(chunk(record, "thumbnails/tokens/shown")) <= 214e6 / 80


@pytest.mark.parametrize("name", ["thumbnails", "thumbnails/tokens", "thumbnails/tokens/shown/1"])
def test_a_name_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="A chunk is one of"):
        chunk(random_record(), name)
