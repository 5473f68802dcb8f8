"""Figures, numbers and captions of checkpoints of different shape: a neighbour changes nothing of what one shows."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from amplify_viz.errors import InputError
from amplify_viz.recipes import HeadMatrix, HeadView, NeuronView, Rollout, WordGraph
from amplify_viz.recipes.recipe import Made
from amplify_viz.recipes.texts import OfText
from amplify_viz.records import AttentionRecord
from tests.tiny import random_record

WIDE, DEEP = (
    random_record(n_layers=2, n_heads=4, checkpoint="wide"),
    random_record(n_layers=5, n_heads=1, seed=1, checkpoint="deep"),
)


def made(kind: type[OfText], records: list[AttentionRecord], **options: Any) -> Made:
    return kind(run=("",) * len(records), text=WIDE.texts[0], pair=WIDE.texts[1], **options).made(records, ())


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (HeadView, {"layer": 2}),
        (HeadMatrix, {"layer": 2}),
        (NeuronView, {"layer": 2}),
        (WordGraph, {"layer": 2, "threshold": 0.0}),
        (Rollout, {}),
    ],
)
def test_the_numbers_of_a_checkpoint_are_those_that_it_has_alone(kind: type[OfText], options: dict[str, Any]) -> None:
    both = made(kind, [WIDE, DEEP], **options).table
    for record in (WIDE, DEEP):
        mine = both[both["checkpoint"] == record.checkpoint].dropna(axis=1, how="all").reset_index(drop=True)
        alone = made(kind, [record], **options).table.dropna(axis=1, how="all")
        pd.testing.assert_frame_equal(mine, alone)


@pytest.mark.parametrize("kind", [HeadView, HeadMatrix, NeuronView, WordGraph])
def test_numbers_and_caption_say_which_checkpoint_lacks_the_layer(kind: type[OfText]) -> None:
    found = made(kind, [WIDE, DEEP], layer=5)
    assert set(found.table["checkpoint"]) == {"deep"}
    assert "wide has 2 layers, and no layer 5." in found.caption
    assert found.page is not None and found.page().startswith("<!doctype html>")


def test_all_heads_are_counted_for_each_checkpoint() -> None:
    assert "in layer 1, all heads (4 and 1), of wide and deep" in made(HeadView, [WIDE, DEEP], layer=1).caption


def test_rollout_goes_through_all_layers_of_each_checkpoint_or_names_one_that_lacks_the_layer() -> None:
    whole = made(Rollout, [WIDE, DEEP])
    assert whole.table.groupby("checkpoint")["layer"].unique().map(list).to_dict() == {"wide": [2], "deep": [5]}
    assert "in the last layer (2 and 5) to the input" in whole.caption
    part = made(Rollout, [WIDE, DEEP], through=4)
    assert set(part.table["checkpoint"]) == {"deep"}
    assert "wide has 2 layers, and no layer 4." in part.caption
    with pytest.raises(InputError, match="choose one from 1 to 5"):
        made(Rollout, [WIDE, DEEP], through=6)


def test_flow_is_of_the_checkpoints_that_have_the_layer() -> None:
    part = made(Rollout, [WIDE, DEEP], through=3, flow=True).table
    np.testing.assert_array_equal(part["flow"].notna(), part["checkpoint"] == "deep")
