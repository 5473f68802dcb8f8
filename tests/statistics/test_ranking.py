"""Rankings against a sort of every cell, by hand, and across tokenizers."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord, capture
from amplify_viz.rows import Difference, shown
from amplify_viz.statistics.measures import jensen_shannon, mean_absolute_difference
from amplify_viz.statistics.ranking import differing_heads, differing_inputs, differing_words
from amplify_viz.text import to_words
from tests.tiny import random_record, tiny_checkpoint


def two() -> tuple[AttentionRecord, AttentionRecord]:
    texts = ("the rabbit unbelievably hopped", "the turtle slowly crawled")
    return random_record(texts), random_record(texts, seed=1, checkpoint="none · seed 0")


def of_two_tokenizers() -> tuple[AttentionRecord, AttentionRecord]:
    texts = ("the rabbit quickly hopped", "the unbelievable turtle")
    a, b = (capture(tiny_checkpoint(family), *texts) for family in ("bert", "roberta"))
    assert a.tokens != b.tokens
    return a, b


@pytest.mark.parametrize("measure", [jensen_shannon, mean_absolute_difference])
def test_heads_are_sorted_by_the_measure(measure: Any) -> None:
    a, b = two()
    table = differing_heads(a, b, measure=measure.__name__)
    values = measure(a.weights, b.weights)
    assert list(table["difference"]) == sorted(values.flatten().tolist(), reverse=True)
    assert list(table["difference"]) == [
        float(values[i, j]) for i, j in zip(table["layer"], table["head"], strict=True)
    ]
    assert list(table["rank"]) == list(range(1, 13))


def test_heads_can_be_compared_by_words() -> None:
    a, b = two()
    assert a.groups != tuple((i,) for i in range(a.n_tokens)), "the words have several tokens"
    table = differing_heads(a, b, level="words").sort_values(["layer", "head"])
    expected = jensen_shannon(*(to_words(record.weights, record.groups) for record in (a, b)))
    np.testing.assert_allclose(table["difference"], expected.flatten(), atol=1e-6)


def test_exchanging_both_keeps_the_order_and_changes_the_signs() -> None:
    a, b = two()
    assert differing_heads(a, b).equals(differing_heads(b, a))
    there, back = differing_words(a, b, n=9), differing_words(b, a, n=9)
    places = ["layer", "head", "from_word", "to_word"]
    assert there[places].equals(back[places])
    np.testing.assert_array_equal(there["difference"], -back["difference"])


def test_words_are_those_of_a_sort_of_every_cell() -> None:
    a, b = two()
    cells = []
    for layer in range(3):
        view = shown(Difference(a, b), layer=layer, level="words", special="hidden")
        n = len(view.rows.words)
        for head, i, j in product(range(4), range(n), range(n)):
            cells.append((layer, head, view.rows.words[i], view.rows.words[j], float(view.weights[head, i, j])))
    expected = sorted(cells, key=lambda cell: -abs(cell[-1]))[:15]
    table = differing_words(a, b, n=15)
    columns = ["layer", "head", "from_word", "to_word", "difference"]
    assert [tuple(row) for row in table[columns].itertuples(index=False)] == expected
    np.testing.assert_allclose(table["weight_b"] - table["weight_a"], table["difference"], atol=1e-7)
    assert list(table["from_text"]) == [a.word_texts[word] for word in table["from_word"]]
    assert list(table["to_text"]) == [a.word_texts[word] for word in table["to_word"]]


def test_attention_to_a_word_is_summed_and_from_a_word_averaged() -> None:
    a, b = two()
    by_word = {record.words[group[0]]: group for record in (a,) for group in record.groups}
    for row in differing_words(a, b, n=8).to_dict("records"):
        head = b.weights[row["layer"], row["head"]]
        cells = head[list(by_word[row["from_word"]])][:, list(by_word[row["to_word"]])]
        assert row["weight_b"] == pytest.approx(float(cells.sum(dim=1).mean()), abs=1e-6)


def test_words_of_one_layer_and_head_are_a_part_of_all() -> None:
    a, b = two()
    everything = differing_words(a, b, n=10_000)
    part = (
        everything[(everything["layer"] == 1) & (everything["head"] == 2)].drop(columns="rank").reset_index(drop=True)
    )
    pd.testing.assert_frame_equal(differing_words(a, b, n=10_000, layer=1, head=2).drop(columns="rank"), part)


def test_special_tokens_have_no_word_to_choose() -> None:
    a, b = two()
    table = differing_words(a, b, n=10_000, special=True)
    assert set(table["from_text"][table["from_word"].isna()]) == {"[CLS]", "[SEP]"}
    assert len(table) == 3 * 4 * len(a.groups) ** 2
    assert differing_words(a, b, n=10_000)["from_word"].notna().all()


@pytest.mark.parametrize("special", [False, True])
def test_models_of_two_tokenizers_are_compared_by_the_words_both_have(special: bool) -> None:
    a, b = of_two_tokenizers()
    table = differing_words(a, b, n=10_000, special=special)
    assert set(table["from_word"]) == {*range(7)}
    for row in table.head(20).to_dict("records"):
        view = shown(Difference(a, b), layer=row["layer"], level="words")
        i, j = (view.rows.words.index(row[word]) for word in ("from_word", "to_word"))
        assert row["difference"] == pytest.approx(float(view.weights[row["head"], i, j]), abs=1e-7)
    assert len(differing_heads(a, b)) == 12


def test_pairs_that_do_not_differ_are_left_out_and_ties_keep_their_order() -> None:
    a, _ = two()
    assert differing_words(a, a).empty
    assert list(differing_heads(a, a)["layer"]) == sorted(list(range(3)) * 4)
    words = [group[0] for group in a.groups if a.words[group[0]] is not None and len(group) == 1]
    weights = a.weights.clone()
    for layer, head in ((2, 1), (1, 3)):
        weights[layer, head, words[0], words[1]] = 2.0
        weights[layer, head, words[1], words[1]] = 2.0
        a.weights[layer, head, words[0], words[1]] = a.weights[layer, head, words[1], words[1]] = 1.0
    table = differing_words(a, replace(a, weights=weights), n=3)
    assert list(zip(table["layer"], table["head"], strict=True)) == [(1, 3), (1, 3), (2, 1)]
    assert list(table["from_text"]) == [a.shown[words[0]], a.shown[words[1]], a.shown[words[0]]]


def test_inputs_are_ranked_by_their_mean_or_their_largest() -> None:
    values = np.zeros((4, 2, 3))
    values[1], values[2, 1, 2], values[3] = 0.4, 0.9, 0.1
    by_mean = differing_inputs(values, n=3)
    assert list(by_mean["input"]) == [1, 2, 3]
    assert list(by_mean["mean"]) == pytest.approx([0.4, 0.15, 0.1])
    by_largest = differing_inputs(values, by="largest")
    assert list(by_largest["input"]) == [2, 1, 3, 0]
    assert by_largest.iloc[0][["layer", "head", "largest", "status"]].tolist() == [1, 2, 0.9, "ranked"]


def test_inputs_can_be_ranked_by_one_layer_or_head() -> None:
    values = np.random.default_rng(0).random((6, 2, 3))
    table = differing_inputs(values, layer=1, head=2)
    assert list(table["input"]) == list(np.argsort(-values[:, 1, 2]))
    assert (table["layer"] == 1).all()
    assert (table["head"] == 2).all()
    assert list(differing_inputs(values, head=2)["input"]) == list(np.argsort(-values[:, :, 2].mean(axis=1)))


def test_a_measure_of_layers_has_no_head() -> None:
    table = differing_inputs(np.array([[0.1, 0.2], [0.5, 0.3]]))
    assert list(table["input"]) == [1, 0]
    assert list(table["layer"]) == [0, 1]
    assert table["head"].isna().all()


def test_an_input_with_nan_comes_last_and_says_so() -> None:
    values = np.ones((3, 2, 2))
    values[0, 1, 1] = np.nan
    table = differing_inputs(values)
    assert list(table["input"]) == [1, 2, 0]
    assert list(table["status"]) == ["ranked", "ranked", "not finite"]
    assert table.iloc[2][["mean", "layer", "head", "largest"]].isna().all()


def test_what_cannot_be_ranked_is_refused() -> None:
    a, b = two()
    broken = replace(b, weights=b.weights.clone())
    broken.weights[1, 2, 0, 0] = torch.nan
    calls: list[tuple[str, Any]] = [
        ("NaN in layer 2, head 3", lambda: differing_words(a, broken)),
        ("NaN in layer 2, head 3", lambda: differing_heads(broken, a)),
        ("of one text", lambda: differing_heads(a, random_record(("another",)))),
        ("measure of heads is one of", lambda: differing_heads(a, b, measure="cosine")),  # type: ignore[arg-type]
        ("no layer 4 of 3", lambda: differing_words(a, b, layer=3)),
        ("no head 5 of 4", lambda: differing_words(a, b, head=4)),
        ("n is 0", lambda: differing_words(a, b, n=0)),
        (r"got \(3,\)", lambda: differing_inputs(np.ones(3))),
        ("no head 4 of 2", lambda: differing_inputs(np.ones((3, 2, 2)), head=3)),
        ("by='sum'", lambda: differing_inputs(np.ones((3, 2, 2)), by="sum")),  # type: ignore[arg-type]
    ]
    for message, call in calls:
        with pytest.raises(InputError, match=message):
            call()
