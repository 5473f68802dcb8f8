"""What was cut is said once for all checkpoints that cut the same, and a word of which a part was read is no cut word."""

from dataclasses import replace

import pytest

from amplify_viz.ui.cuts import cut_messages
from tests.tiny import random_record

TEXT = "the rabbit quickly hopped away"


def said(cut: str, text: str = TEXT, *names: str) -> list[str]:
    record = random_record()
    return [
        message.replace("\\", "")
        for message in cut_messages(
            [replace(record, texts=(text,), cut=(cut,), checkpoint=name) for name in names or ("a",)]
        )
    ]


def test_nothing_is_said_where_all_was_read() -> None:
    assert said("") == []


@pytest.mark.parametrize(
    ("cut", "what"),
    [
        ("hopped away", "of sentence A the last 2 words were cut, from “hopped away…” on."),
        ("away", "of sentence A the last word was cut, from “away…” on."),
        ("ly hopped away", "the last 2 words were cut, from “hopped away…” on, and a part of “quickly”."),
        ("ay", "of sentence A a part of “away” was cut."),
        ("the rabbit", "the first 2 words were cut, up to “…the rabbit”."),
        ("the rabbit quick", "the first 2 words were cut, up to “…the rabbit”, and a part of “quickly”."),
    ],
)
def test_whole_words_are_counted_and_a_part_of_one_is_named(cut: str, what: str) -> None:
    (message,) = said(cut)
    assert what in message and message.endswith("Shorten it to see all of it.")


def test_checkpoints_that_cut_the_same_share_a_sentence() -> None:
    (message,) = said("away", TEXT, "a", "b", "c")
    assert message.startswith("a, b and c read at most 11 tokens")


def test_another_length_has_a_sentence_of_its_own() -> None:
    record = replace(random_record(), texts=(TEXT,))
    longer, shorter = replace(record, cut=("away",)), replace(record, cut=("hopped away",), checkpoint="b")
    assert len(cut_messages([longer, shorter])) == 2


def test_the_second_sentence_is_b() -> None:
    (message,) = cut_messages([replace(random_record(), cut=("", "slowly crawled"))])
    assert "of sentence B the last 2 words" in message
