"""What there is not is named as people count."""

from dataclasses import replace

import pytest

from amplify_viz.errors import InputError
from amplify_viz.selection import check_focus, check_head, check_heads, check_layer, having, lack, own_heads
from tests.tiny import random_record

RECORD = random_record(n_layers=6, n_heads=4)


def test_a_layer_beyond_the_last_is_named_in_human_counting() -> None:
    with pytest.raises(InputError, match=r"no layer 7 of 6 .* choose layer 1 to 6 \(0 to 5 in code\)"):
        check_layer(RECORD, 6)


def test_negative_numbers_do_not_count_from_the_end() -> None:
    for check, name in ((check_layer, "layer"), (check_head, "head"), (check_focus, "word")):
        with pytest.raises(InputError, match=f"no {name} 0 of"):
            check(RECORD, -1)


def test_a_head_beyond_the_last_is_refused() -> None:
    with pytest.raises(InputError, match="no head 5 of 4"):
        check_heads(RECORD, [0, 4])


def test_no_head_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="at least one head"):
        check_heads(RECORD, [])


def test_heads_come_once_and_in_order() -> None:
    assert check_heads(RECORD, [3, 0, 3]) == (0, 3)
    assert check_heads(RECORD, None) == (0, 1, 2, 3)


def test_a_word_beyond_the_last_is_refused() -> None:
    assert check_focus(RECORD, 7) == 7
    with pytest.raises(InputError, match="no word 9 of 8"):
        check_focus(RECORD, 8)


def test_a_word_that_was_cut_off_is_no_focus() -> None:
    cut = replace(RECORD, words=tuple(None if word == 7 else word for word in RECORD.words))
    with pytest.raises(InputError, match=r"word 8 \('crawled'\) has none .* choose another word"):
        check_focus(cut, 7)


WIDE, DEEP = (
    random_record(n_layers=2, n_heads=4, checkpoint="wide"),
    random_record(n_layers=5, n_heads=1, checkpoint="deep"),
)


def test_records_of_other_shapes_each_have_their_own_heads() -> None:
    assert [own_heads(record, None) for record in (WIDE, DEEP)] == [(0, 1, 2, 3), (0,)]
    assert [own_heads(record, [3, 0, 3]) for record in (WIDE, DEEP)] == [(0, 3), (0,)]


def test_a_record_that_has_nothing_of_what_is_asked_for_says_what_it_has() -> None:
    assert lack(WIDE, layer=4) == "No layer 5: this checkpoint has 2."
    assert lack(DEEP, layer=4, heads=[2]) == "No head 3: this checkpoint has 1."
    assert lack(DEEP, layer=4, heads=[2, 3]) == "None of the heads chosen: this checkpoint has 1."
    assert lack(DEEP, layer=4, heads=[0, 3]) == ""


def test_records_that_have_something_are_kept_and_what_none_has_is_refused() -> None:
    assert having([WIDE, DEEP], layer=1) == [WIDE, DEEP]
    assert having([WIDE, DEEP], layer=4) == [DEEP]
    assert having([WIDE, DEEP], layer=0, heads=[2]) == [WIDE]
    for choice, said in (
        ({"layer": 5}, "no layer 6 of 5 in deep"),
        ({"layer": 0, "heads": [4]}, "no head 5 of 4 in wide"),
        ({"layer": 0, "heads": []}, "at least one head"),
        ({"layer": 4, "heads": [2]}, "both layer 5 and one of the heads"),
    ):
        with pytest.raises(InputError, match=said):
            having([WIDE, DEEP], **choice)
