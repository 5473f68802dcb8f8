"""What a view is told before it asks for numbers."""

from dataclasses import replace

import pytest
import torch

from amplify_viz.errors import InputError
from amplify_viz.views.documents import digest, document
from amplify_viz.views.look import Look
from amplify_viz.views.packing import unpack
from tests.tiny import random_record

PAIR = ("a rabbit hopped", "the rabbit hopped")


def test_panels_are_named_after_checkpoints_and_predictions() -> None:
    records = [random_record(PAIR, seed=seed, checkpoint=name) for seed, name in enumerate(("mixed", "plain"))]
    records[1] = replace(records[1], logits=None, label_names=())
    meta, _ = unpack(document(records, Look()))
    assert [panel["title"] for panel in meta["panels"]] == ["mixed", "plain"]
    probabilities = records[0].probabilities
    assert probabilities is not None
    best = int(probabilities.argmax())
    expected = {"label": records[0].label_names[best], "probability": pytest.approx(float(probabilities[best]))}
    assert meta["panels"][0]["prediction"] == expected
    assert meta["panels"][1]["prediction"] is None


def test_no_record_makes_an_empty_document() -> None:
    meta, arrays = unpack(document([], Look()))
    assert (meta["panels"], meta["words"], arrays) == ([], [], {})


def test_more_than_four_records_and_other_texts_are_refused() -> None:
    with pytest.raises(InputError, match="at most 4 checkpoints side by side, got 5"):
        document([random_record()] * 5, Look())
    with pytest.raises(InputError, match="records of one text"):
        document([random_record(PAIR), random_record(("another text", "of two"))], Look())


def test_panels_say_whether_they_read_the_same_tokens() -> None:
    one, twin = random_record(PAIR), random_record(PAIR, seed=1)
    other = replace(one, tokens=("<s>", *one.tokens[1:]))
    tokens = [panel["tokens"] for panel in unpack(document([one, twin, other], Look()))[0]["panels"]]
    assert tokens[0] == tokens[1] != tokens[2]


@pytest.mark.parametrize("part", ["queries", "keys", "mask", "scaling"])
def test_a_digest_changes_with_every_number_that_attention_is_made_of(part: str) -> None:
    record = random_record(PAIR)
    changed = getattr(record, part).clone()
    changed.view(-1)[-1] += 1
    assert digest(replace(record, **{part: changed})) != digest(record)


def test_a_digest_names_content_not_the_object_or_the_checkpoint() -> None:
    record = random_record(PAIR)
    assert digest(replace(record, checkpoint="other", weights=record.weights.clone())) == digest(record)
    assert digest(replace(record, word_texts=("x", *record.word_texts[1:]))) != digest(record)
    turned = replace(record, keys=record.keys.transpose(0, 1).contiguous().transpose(0, 1))
    assert torch.equal(turned.keys, record.keys)
    assert digest(turned) == digest(record)


def test_a_panel_says_which_heads_are_switched_off() -> None:
    record = random_record()
    meta, _ = unpack(document([record, replace(record, off=((0, 1), (2, 3)))], Look()))
    assert [panel["off"] for panel in meta["panels"]] == [[], [[0, 1], [2, 3]]]
