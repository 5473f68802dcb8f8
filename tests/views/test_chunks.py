"""The numbers that a view asks for, layer by layer and head by head."""

from dataclasses import replace

import numpy as np
import pytest

from amplify_viz.errors import InputError
from amplify_viz.rows import Difference, shown
from amplify_viz.text import to_words
from amplify_viz.views.chunks import chunk
from amplify_viz.views.packing import unpack
from tests.tiny import random_record

PAIR = ("a rabbit hopped wholeheartedly", "the rabbit hopped")
HALF = 2.0**-11  # relative error of float16


@pytest.mark.parametrize("special", ["shown", "hidden", "renormalised"])
@pytest.mark.parametrize("level", ["tokens", "words"])
def test_head_weights_are_those_shown_within_half_precision(level: str, special: str) -> None:
    record = random_record(PAIR)
    meta, arrays = unpack(chunk(record, f"heads/1/{level}/{special}"))
    expected = shown(record, layer=1, level=level, special=special)  # type: ignore[arg-type]
    np.testing.assert_allclose(arrays["weights"], expected.weights.numpy(), rtol=HALF, atol=1e-7)
    assert meta["labels"] == list(expected.rows.labels)
    assert (meta["level"], meta["special"]) == (level, special)
    assert meta["most"] == arrays["weights"].max(axis=(1, 2)).tolist()


def test_attention_between_words_is_summed_over_keys_and_averaged_over_queries() -> None:
    record = random_record(PAIR)
    _, arrays = unpack(chunk(record, "heads/0/words/shown"))
    expected = to_words(record.weights[0], record.groups).numpy()
    np.testing.assert_allclose(arrays["weights"], expected, rtol=HALF, atol=1e-7)


def test_a_difference_is_made_in_full_precision() -> None:
    a = random_record(PAIR)
    b = replace(a, weights=a.weights + 1e-4, checkpoint="b")
    meta, arrays = unpack(chunk(Difference(a, b), "heads/2/tokens/shown"))
    np.testing.assert_allclose(arrays["weights"], (b.weights[2] - a.weights[2]).numpy(), rtol=HALF, atol=1e-7)
    assert meta["most"] == np.abs(arrays["weights"]).max(axis=(1, 2)).tolist()


def test_one_layer_of_twelve_heads_at_128_tokens_stays_below_a_five_hundredth_of_bertviz() -> None:
    record = random_record((" ".join(["rabbit"] * 62), " ".join(["turtle"] * 63)), n_layers=1, n_heads=12)
    assert record.n_tokens == 128
    assert len(chunk(record, "heads/0/tokens/shown")) <= 214e6 / 500


def test_equal_records_give_equal_bytes() -> None:
    one, other = random_record(PAIR), random_record(PAIR)
    assert chunk(one, "heads/0/tokens/shown") == chunk(other, "heads/0/tokens/shown")


@pytest.mark.parametrize(
    "name",
    ["", "heads", "heads/0", "heads/x/tokens/shown", "heads/0/tokens/shown/more", "weights/0", "neurons/0", "x" * 500],
)
def test_a_name_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="A chunk is one of"):
        chunk(random_record(), name)


def test_a_layer_head_level_or_treatment_that_there_is_not_is_refused() -> None:
    record = random_record()
    with pytest.raises(InputError, match="no layer 4 of 3"):
        chunk(record, "heads/3/tokens/shown")
    with pytest.raises(InputError, match="no head 5 of 4"):
        chunk(record, "neurons/0/4")
    with pytest.raises(InputError, match="level is one of tokens, words"):
        chunk(record, "heads/0/sentences/shown")
    with pytest.raises(InputError, match="special tokens is one of shown, hidden, renormalised"):
        chunk(record, "heads/0/tokens/gone")


def test_a_difference_has_no_queries_and_keys() -> None:
    with pytest.raises(InputError, match="those of one model"):
        chunk(Difference(random_record(), random_record(seed=1)), "neurons/0/0")
