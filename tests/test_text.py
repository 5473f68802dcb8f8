"""Words and tokens: the stated rule, and attention between words."""

import pytest
import torch

from amplify_viz.text import groups, map_tokens, split_words, to_words
from tests.tiny import random_record


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The animal didn't cross.", ["The", "animal", "didn't", "cross", "."]),
        ("a coming-of-age film’s end", ["a", "coming-of-age", "film’s", "end"]),
        ("漢字かな mixed", ["漢", "字", "か", "な", "mixed"]),
        ("clichés cliche\u0301s", ["clichés", "cliche\u0301s"]),
        ("العربية עברית", ["العربية", "עברית"]),
        ("हिन्दी", ["हिन्दी"]),
        ("ok 👩‍👩‍👧 🇫🇷!", ["ok", "👩‍👩‍👧", "🇫🇷", "!"]),
        ("<script>", ["<", "script", ">"]),
        (" \n\t ", []),
        ("$ 2.5", ["$", "2", ".", "5"]),
    ],
)
def test_words_are_what_a_person_wrote(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in split_words(text)] == words


def test_every_visible_character_is_in_exactly_one_word() -> None:
    text = "It's 3 o'clock — naïve 👍🏽 漢字, e\u0301! ¿qué?"
    covered = [i for start, end in split_words(text) for i in range(start, end)]
    assert covered == [i for i in range(len(text)) if not text[i].isspace()]


def test_words_are_numbered_through_the_pair_by_position() -> None:
    found = map_tokens(
        ["[CLS]", "it", "it", "[SEP]", "it", "[SEP]"],
        [(0, 0), (0, 2), (3, 5), (0, 0), (0, 2), (0, 0)],
        [None, 0, 0, None, 1, None],
        ("it it", "it"),
    )
    assert found.words == (None, 0, 1, None, 2, None)
    assert found.word_texts == ("it", "it", "it")


def test_the_same_text_has_the_same_word_numbers_under_another_tokenizer() -> None:
    text = "x-ray cat"
    coarse = map_tokens(["x-ray cat"], [(0, 9)], [0], (text,))
    fine = map_tokens(["x", "-", "ray", "cat"], [(0, 1), (1, 2), (2, 5), (6, 9)], [0] * 4, (text,))
    assert coarse.word_texts == fine.word_texts == ("x-ray", "cat")
    assert (coarse.words, fine.words) == ((0,), (0, 0, 0, 1))


def test_byte_level_tokens_are_shown_as_the_text_they_cover() -> None:
    text = "hi 🐢"
    found = map_tokens(["hi", "ĠðŁ", "Ĳ", "¢"], [(0, 2), (2, 4), (3, 4), (3, 4)], [0] * 4, (text,))
    assert found.shown == ("hi", "🐢", "🐢 1/2", "🐢 2/2")
    assert found.words == (0, 1, 1, 1)


def test_what_the_tokenizer_does_not_know_is_shown_with_what_the_model_reads() -> None:
    text, tokens = "a 🍕 [UNK]", ["[CLS]", "a", "[UNK]", "[UNK]", "[SEP]"]
    spans, segments = [(0, 0), (0, 1), (2, 3), (4, 9), (0, 0)], [None, 0, 0, 0, None]
    found = map_tokens(tokens, spans, segments, (text,), unknown="[UNK]")
    assert found.shown == ("[CLS]", "a", "[UNK] 🍕", "[UNK]", "[SEP]")
    assert found.unknown == (2,)  # the other one was written so
    assert found.word_texts[1] == "🍕"
    assert found.unread == (1,)
    assert map_tokens(tokens, spans, segments, (text,)).unknown == ()


def test_one_unknown_token_can_cover_several_words_and_a_part_of_one() -> None:
    text, tokens = "na☃你好 a", ["n", "<unk>", "a"]
    found = map_tokens(tokens, [(0, 1), (1, 5), (6, 7)], [0] * 3, (text,), unknown="<unk>")
    assert [found.word_texts[word] for word in found.unread] == ["na", "☃", "你", "好"]
    assert found.shown == ("n", "<unk> a☃你好", "a")


def test_a_token_of_white_space_belongs_to_no_word() -> None:
    found = map_tokens(["a", "Ġ", "b"], [(0, 1), (1, 2), (3, 4)], [0] * 3, ("a  b",))
    assert found.words == (0, None, 1)
    assert found.shown[1] == "Ġ"


def test_each_token_is_in_exactly_one_group() -> None:
    found = groups((None, 0, 1, 1, None, 2, 1))
    assert found == ((0,), (1,), (2, 3, 6), (4,), (5,))
    assert sorted(position for group in found for position in group) == list(range(7))


def test_attention_to_a_word_is_summed_and_from_a_word_averaged() -> None:
    weights = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.6, 0.3], [0.2, 0.2, 0.6]])
    expected = torch.tensor([[0.5, 0.5], [0.15, 0.85]])
    torch.testing.assert_close(to_words(weights, ((0,), (1, 2))), expected)


def test_rows_between_words_still_sum_to_one() -> None:
    record = random_record(("the cartoonish coming-of-age film", "it hopped surprisingly"))
    between = to_words(record.weights, record.groups)
    assert between.shape[-2:] == (len(record.groups),) * 2
    assert len(record.groups) < record.n_tokens
    torch.testing.assert_close(between.sum(dim=-1), torch.ones(between.shape[:-1]))
