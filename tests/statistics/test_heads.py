"""Measures of all heads of a checkpoint against loops, and kinds of heads built by hand."""

from dataclasses import replace
from math import log

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord, capture
from amplify_viz.statistics.heads import KindRules, head_kinds, head_measures
from tests.tiny import random_record, tiny_checkpoint

MEASURES = [
    "entropy", "relative_entropy", "confidence", "distance", "share_previous", "share_self", "share_next", "share_first",
    "share_special", "share_separator", "share_across",
]  # fmt: skip


def by_hand(record: AttentionRecord, layer: int, head: int) -> list[float]:
    """The measures of one head, cell by cell, in the order of MEASURES."""
    weights, n, segments = record.weights[layer, head].double().tolist(), record.n_tokens, record.segments
    cells = [(i, j, weights[i][j]) for i in range(n) for j in range(n)]
    entropy = -sum(w * log(w) for *_, w in cells) / n
    across = sum(w for i, j, w in cells if {segments[i], segments[j]} == {0, 1})
    return [
        entropy,
        entropy / log(n),
        sum(max(row) for row in weights) / n,
        sum(w * abs(i - j) for i, j, w in cells) / n,
        sum(w for i, j, w in cells if j == i - 1) / (n - 1),
        sum(w for i, j, w in cells if j == i) / n,
        sum(w for i, j, w in cells if j == i + 1) / (n - 1),
        sum(w for _, j, w in cells if j == 0) / n,
        sum(w for _, j, w in cells if segments[j] is None) / n,
        sum(w for _, j, w in cells if segments[j] is None and j > 0) / n,
        across / sum(segment is not None for segment in segments),
    ]


def with_head(weights: Tensor, record: AttentionRecord) -> AttentionRecord:
    """The record with one layer and these heads, [head, token, token]."""
    return replace(record, weights=weights[None], mask=record.mask[:1])


def test_measures_are_those_of_a_loop_over_cells() -> None:
    record = random_record(n_layers=2, n_heads=3)
    table = head_measures(record)
    assert list(table.columns[:4]) == ["checkpoint", "layer", "head", "inputs"]
    assert list(zip(table["layer"], table["head"], strict=True)) == [(i, j) for i in range(2) for j in range(3)]
    expected = [by_hand(record, i, j) for i in range(2) for j in range(3)]
    np.testing.assert_allclose(table[MEASURES], expected, rtol=1e-5)
    assert set(table["status"]) == {"measured"}


def test_over_several_texts_it_is_the_mean_of_each() -> None:
    records = [random_record(texts, seed=seed) for seed, texts in enumerate([("a b c",), ("d e", "f g h i"), ("j",)])]
    table = head_measures(*records)
    expected = np.mean([head_measures(record)[MEASURES].to_numpy() for record in records], axis=0)
    np.testing.assert_allclose(table[MEASURES], expected, rtol=1e-6)
    assert set(table["inputs"]) == {3}


@pytest.mark.parametrize("family", ["bert", "gpt2", "modernbert"])
def test_shares_and_relative_entropy_lie_between_zero_and_one(family: str) -> None:
    record = capture(tiny_checkpoint(family), "the rabbit quickly hopped and the turtle slowly crawled")
    table = head_measures(record)
    shares = table[[name for name in MEASURES if name not in ("entropy", "distance")]]
    assert shares.ge(0).all(axis=None)
    assert shares.le(1 + 1e-6).all(axis=None)
    assert (table["share_separator"] <= table["share_special"]).all()
    if family == "gpt2":
        assert (table["share_next"] == 0).all(), "a decoder cannot look ahead"
        assert (table["share_special"] == 0).all(), "and this one has no special tokens"


def test_uniform_attention_is_broad_even_where_the_model_hides_keys() -> None:
    record = capture(tiny_checkpoint("gpt2"), "the rabbit quickly hopped and the turtle slowly crawled")
    visible = record.mask > -1
    weights = (visible / visible.sum(dim=-1, keepdim=True))[:, None].expand_as(record.weights)
    table = head_kinds(head_measures(replace(record, weights=weights)))
    np.testing.assert_allclose(table["relative_entropy"], 1, rtol=1e-6)
    assert set(table["kind"]) == {"broad"}


def test_heads_built_by_hand_have_their_kinds() -> None:
    record = random_record(("a b c d e f", "g h i j k l m"))
    n = record.n_tokens
    eye, special = torch.eye(n), torch.tensor([float(segment is None) for segment in record.segments])
    separators = special.clone()
    separators[0] = 0
    previous, following = eye.roll(-1, 1), eye.roll(1, 1)
    far = eye[:, torch.arange(n).add(5).remainder(n)]
    heads = {
        "previous": 0.8 * previous + 0.2 / n,
        "next": 0.7 * following + 0.3 / n,
        "self": eye,
        "first token": (0.9 * eye[0]).expand(n, n) + 0.1 / n,
        "separator": (0.9 * separators / separators.sum()).expand(n, n) + 0.1 / n,
        "broad": torch.full((n, n), 1 / n),
        "content": 0.7 * far + 0.3 / n,
    }
    table = head_kinds(head_measures(with_head(torch.stack(list(heads.values())), record)))
    assert list(table["kind"]) == ["positional"] * 3 + ["first token", "separator", "broad", "content"]
    assert list(table["position"]) == ["previous", "next", "self", "", "", "", ""]


def row(**values: float) -> pd.DataFrame:
    """A table of one head in which every rule fails but for the values."""
    names = ["share_previous", "share_next", "share_self", "share_first", "share_separator", "relative_entropy"]
    return pd.DataFrame([dict.fromkeys(names, 0.0) | values | {"status": "measured"}])


@pytest.mark.parametrize(
    ("values", "kind", "position"),
    [
        ({"share_next": 0.5, "share_first": 0.9, "relative_entropy": 1.0}, "positional", "next"),
        ({"share_next": 0.5, "share_previous": 0.5}, "positional", "previous"),
        ({"share_next": 0.5, "share_self": 0.5}, "positional", "next"),
        ({"share_first": 0.5, "relative_entropy": 1.0}, "first token", ""),
        ({"share_separator": 0.5, "relative_entropy": 1.0}, "separator", ""),
        ({"share_first": 0.3, "share_separator": 0.2}, "first token", ""),
        ({"share_first": 0.2, "share_separator": 0.3}, "separator", ""),
        ({"share_first": 0.25, "share_separator": 0.25}, "first token", ""),
        ({"share_first": 0.25, "share_separator": 0.249, "share_next": 0.499, "relative_entropy": 0.9}, "broad", ""),
        ({"relative_entropy": 0.899}, "content", ""),
    ],
)
def test_the_first_rule_that_holds_decides(values: dict[str, float], kind: str, position: str) -> None:
    table = head_kinds(row(**values))
    assert (table["kind"][0], table["position"][0]) == (kind, position)


def test_a_head_that_looks_at_cls_is_no_separator_and_a_decoders_sink_has_a_name() -> None:
    bert = random_record()
    decoder = replace(bert, segments=tuple(0 for _ in bert.segments))
    for record in (bert, decoder):
        to_first = torch.eye(record.n_tokens)[0].expand_as(record.weights)
        table = head_kinds(head_measures(replace(record, weights=to_first)))
        assert set(table["kind"]) == {"first token"}
        assert (table["share_first"] == 1).all() and (table["share_separator"] == 0).all()


def test_rules_can_be_stricter() -> None:
    assert head_kinds(row(share_next=0.7), KindRules(positional=0.9))["kind"][0] == "content"


def test_a_head_with_nan_is_named_and_has_no_kind() -> None:
    record = random_record()
    weights = record.weights.clone()
    weights[1, 2, 0, 0] = torch.nan
    table = head_kinds(head_measures(record, replace(record, weights=weights)))
    bad = (table["layer"] == 1) & (table["head"] == 2)
    assert list(table["status"][bad]) == ["not finite"]
    assert list(table["kind"][bad]) == [""]
    assert table.loc[bad, MEASURES].isna().all(axis=None)
    assert table.loc[~bad, MEASURES].notna().all(axis=None)
    assert set(table["status"][~bad]) == {"measured"}


def test_what_cannot_be_averaged_or_told_is_refused() -> None:
    with pytest.raises(InputError, match="texts of one checkpoint, got amplify · seed 0 and other"):
        head_measures(random_record(), random_record(checkpoint="other"))
    one, other = (replace(random_record(checkpoint="checkpoint-500"), source=run) for run in ("runA", "runB"))
    with pytest.raises(InputError, match=r"got checkpoint-500 \(runA\) and checkpoint-500 \(runB\): capture"):
        head_measures(one, other)
    with pytest.raises(InputError, match="lacks share_self"):
        head_kinds(head_measures(random_record()).drop(columns="share_self"))
    with pytest.raises(InputError, match=r"from 0 to 1, broad is 1\.5"):
        KindRules(broad=1.5)
