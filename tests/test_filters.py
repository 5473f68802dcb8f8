"""What is left of a layer's weights, against loops over numbers."""

from itertools import product

import numpy as np
import pytest
import torch

from amplify_viz.errors import InputError
from amplify_viz.filters import drawn
from amplify_viz.rows import Difference, Shown, shown
from tests.tiny import random_record

PAIR = ("the cartoonish rabbit hopped", "the turtle slowly crawled")
RECORD = random_record(PAIR, seed=0)
HEADS = (0, 2, 3)


def layer(level: str = "tokens") -> Shown:
    return shown(RECORD, layer=1, level=level)  # type: ignore[arg-type]


def test_without_filters_the_weights_stay_as_they_are() -> None:
    found = drawn(layer(), HEADS)
    assert found.heads == HEADS
    assert torch.equal(found.weights, RECORD.weights[1][list(HEADS)])


@pytest.mark.parametrize("level", ["tokens", "words"])
@pytest.mark.parametrize(("between", "sides"), [("aa", (0, 0)), ("ab", (0, 1)), ("ba", (1, 0)), ("bb", (1, 1))])
def test_only_the_sentences_asked_for_look_at_each_other(between: str, sides: tuple[int, int], level: str) -> None:
    whole = layer(level)
    weights = drawn(whole, HEADS, between=between).weights  # type: ignore[arg-type]
    for (i, looks), (j, looked) in product(enumerate(whole.rows.segments), repeat=2):
        expected = whole.weights[list(HEADS), i, j] if (looks, looked) == sides else torch.zeros(len(HEADS))
        assert torch.equal(weights[:, i, j], expected)


def test_a_single_text_has_nothing_between_sentences() -> None:
    one = shown(random_record(("the turtle crawled",)), layer=0)
    assert torch.equal(drawn(one, (0,), between="ab").weights, one.weights[:1])


def test_weaker_weights_than_the_least_go_and_those_equal_to_it_stay() -> None:
    least = float(RECORD.weights[1, 2].median())
    weights = drawn(layer(), (2,), least=least).weights[0].numpy()
    before = RECORD.weights[1, 2].numpy()
    np.testing.assert_array_equal(weights, np.where(before >= np.float32(least), before, 0))
    assert (weights == np.float32(least)).any()


def test_a_differences_values_are_no_weights_and_have_no_least() -> None:
    difference = Difference(RECORD, random_record(PAIR, seed=1))
    found = shown(difference, layer=1)
    assert torch.equal(drawn(found, HEADS, signed=True, least=0.5).weights, found.weights[list(HEADS)])


@pytest.mark.parametrize("top", [0, 1, 3, 100])
def test_each_row_and_head_keeps_its_strongest(top: int) -> None:
    found = shown(Difference(RECORD, random_record(PAIR, seed=1)), layer=1)
    weights = drawn(found, HEADS, signed=True, top=top).weights
    for place, head in enumerate(HEADS):
        for row, before in zip(weights[place], found.weights[head], strict=True):
            kept = sorted(before.abs().tolist(), reverse=True)[:top]
            assert sorted(row[row != 0].abs().tolist(), reverse=True) == kept
            assert torch.equal(row[row != 0], before[row != 0])


def test_equals_of_the_last_one_stay_too() -> None:
    weights = torch.tensor([[[0.4, 0.2, 0.2, 0.2], [0.7, 0.1, 0.1, 0.1], [0.25] * 4, [1.0, 0, 0, 0]]])
    record = shown(random_record(("a b",), n_layers=1, n_heads=1), layer=0)
    left = drawn(Shown(weights, record.rows, "tokens", "shown"), (0,), top=2).weights[0]
    assert left[0].tolist() == pytest.approx([0.4, 0.2, 0.2, 0.2])
    assert left[2].tolist() == [0.25] * 4
    assert left[3].tolist() == [1.0, 0, 0, 0]


def test_heads_are_combined_after_the_filters() -> None:
    found = drawn(layer(), HEADS, top=2)
    mean, most = (drawn(layer(), HEADS, top=2, combine=combine) for combine in ("mean", "max"))
    assert mean.heads == most.heads == ()
    np.testing.assert_allclose(mean.weights[0], found.weights.numpy().mean(axis=0), atol=1e-7)
    np.testing.assert_array_equal(most.weights[0], found.weights.numpy().max(axis=0))


def test_the_strongest_of_a_difference_keeps_its_sign() -> None:
    found = shown(Difference(RECORD, random_record(PAIR, seed=1)), layer=0)
    most = drawn(found, HEADS, signed=True, combine="max").weights[0].numpy()
    values = found.weights[list(HEADS)].numpy()
    np.testing.assert_array_equal(np.abs(most), np.abs(values).max(axis=0))
    assert all(cell in values[:, i, j] for (i, j), cell in np.ndenumerate(most))
    assert (most < 0).any() and (most > 0).any()


def test_one_head_is_not_combined() -> None:
    assert drawn(layer(), (1,), combine="mean").heads == (1,)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"between": "ac"}, "between is one of all, aa, ab, ba, bb, got 'ac'"),
        ({"combine": "median"}, "combine is one of each, mean, max, got 'median'"),
        ({"least": 1.5}, "lies in 0 to 1, got least=1.5"),
        ({"top": -1}, "0 or more of its weights, got top=-1"),
    ],
)
def test_other_choices_are_refused(choice: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        drawn(layer(), HEADS, **choice)  # type: ignore[arg-type]


def test_what_is_kept_is_told_from_a_weight_of_zero() -> None:
    weights = torch.tensor([[[0.6, 0.4, 0.0], [1.0, 0.0, 0.0], [0.1, 0.2, 0.7]]]).repeat(2, 1, 1)
    weights[1, 0] = torch.tensor([0.1, 0.4, 0.5])
    record = shown(random_record(("a",), n_layers=1, n_heads=2), layer=0)
    found = Shown(weights, record.rows, "tokens", "shown")
    assert drawn(found, (0, 1)).kept.all()
    left = drawn(found, (0, 1), least=0.3)
    assert torch.equal(left.kept, weights >= 0.3) and torch.equal(left.weights, weights.where(weights >= 0.3, 0))
    both = drawn(found, (0, 1), least=0.3, top=2, combine="mean")
    assert both.kept[0, 0].tolist() == [True, True, True] and both.kept[0, 2].tolist() == [False, False, True]
    assert both.weights[0, 0].tolist() == pytest.approx([0.3, 0.4, 0.25])
