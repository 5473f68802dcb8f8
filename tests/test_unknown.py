"""Words that a tokenizer does not know are told apart from those that it does, wherever they are shown."""

from dataclasses import replace
from typing import Any

import pytest

from amplify_viz import capture, figures, show
from amplify_viz.recipes import HeadMatrix, HeadView, ModelView, NeuronView
from amplify_viz.recipes.texts import OfText
from amplify_viz.rows import Difference, Level, rows_of, shown
from amplify_viz.unknown import unknown_in
from amplify_viz.views.chunks import chunk
from amplify_viz.views.packing import unpack
from tests.figures.boxes import texts
from tests.tiny import tiny_checkpoint, unigram_tokenizer

TEXT = "the rabbit 🍕 hopped 🦄 🍕"
STRANGE = capture(tiny_checkpoint(), TEXT)
KNOWN = capture(tiny_checkpoint(), "the rabbit hopped")
SAID = "2 words are unknown to the tokenizer and read as [UNK]: “🍕”, “🦄”."


def test_a_record_knows_which_tokens_stand_for_unknown_text() -> None:
    assert [STRANGE.tokens[token] for token in STRANGE.unknown] == ["[UNK]"] * 3
    assert [STRANGE.shown[token] for token in STRANGE.unknown] == ["[UNK] 🍕", "[UNK] 🦄", "[UNK] 🍕"]
    assert STRANGE.unknown_words == ("🍕", "🦄")
    assert (KNOWN.unknown, KNOWN.unknown_words) == ((), ())


def test_a_unigram_tokenizer_gives_the_text_itself_and_it_is_unknown_all_the_same() -> None:
    record = capture(replace(tiny_checkpoint(), tokenizer=unigram_tokenizer()), "the 你好 rabbit <unk>", "a 🍕")
    assert [record.tokens[token] for token in record.unknown] == ["<unk>", "<unk>"]
    assert [record.shown[token] for token in record.unknown] == ["<unk> 你好", "<unk> 🍕"]
    assert {record.token_ids[token] for token in record.unknown} == {record.token_ids[record.tokens.index("<unk>")]}
    assert record.unknown_words == ("你", "好", "🍕")
    assert "<unk> 你" in record.group_labels and "<unk> 🍕" in record.group_labels
    assert list(unknown_in([record])) == ["3 words are unknown to the tokenizer and read as <unk>: “你”, “好”, “🍕”."]
    assert [label for label in record.shown if "<unk>" in label] == ["<unk> 你好", "<unk>", "<unk> 🍕"]


@pytest.mark.parametrize("level", ["tokens", "words"])
def test_rows_of_tokens_and_of_words_have_the_mark(level: Level) -> None:
    rows = rows_of(STRANGE, level=level)
    marked = [label for label, strange in zip(rows.labels, rows.unknown, strict=True) if strange]
    assert marked == ["[UNK] 🍕", "[UNK] 🦄", "[UNK] 🍕"]
    assert not any("[UNK]" in label for label, strange in zip(rows.labels, rows.unknown, strict=True) if not strange)


def test_the_browser_is_told_what_a_model_has_read() -> None:
    meta, _ = unpack(chunk(STRANGE, "heads/0/words/hidden"))
    assert [read for read in meta["read"] if read] == ["[UNK]"] * 3
    assert meta["read"][0] is None


def test_a_difference_of_other_tokenizers_says_nothing_of_one_of_them() -> None:
    other = capture(tiny_checkpoint("roberta"), TEXT)
    assert other.unknown == ()
    rows = shown(Difference(STRANGE, replace(other, checkpoint="other")), layer=0).rows
    assert rows.labels == ("the", "rabbit", "🍕", "hopped", "🦄", "🍕") and not any(rows.unknown)


def test_the_sentence_counts_and_names_words_and_shortens_long_ones() -> None:
    assert list(unknown_in([KNOWN])) == []
    assert list(unknown_in([STRANGE, STRANGE])) == [SAID]
    long = "🍕" * 25
    (said,) = unknown_in(
        [replace(STRANGE, word_texts=tuple(long if one == "🍕" else one for one in STRANGE.word_texts))]
    )
    assert said == SAID.replace("🍕", f"{'🍕' * 19}…")
    (said,) = unknown_in([capture(tiny_checkpoint(), "1 2 3 4 5 6 7")])
    assert said == "7 words are unknown to the tokenizer and read as [UNK]: “1”, “2”, “3”, “4”, “5” and 2 more."


def test_where_models_differ_the_sentence_names_the_one_that_does_not_know() -> None:
    other = replace(capture(tiny_checkpoint("roberta"), TEXT), checkpoint="other")
    (said,) = unknown_in([STRANGE, other])
    assert said == SAID.replace("the tokenizer", STRANGE.checkpoint)


@pytest.mark.parametrize(
    ("kind", "options"),
    [(HeadView, {"layer": 1}), (HeadMatrix, {"layer": 1}), (ModelView, {}), (NeuronView, {"layer": 1})],
)
def test_numbers_have_the_tokens_read_where_some_are_unknown_and_captions_say_so(
    kind: type[OfText], options: dict[str, Any]
) -> None:
    found = kind(run=("",), text=TEXT, **options).made([STRANGE], ())
    rows = found.table[found.table["to_text"].str.contains("🍕")]
    assert set(rows["to_token"]) == {"[UNK]"} and set(rows["to_text"]) == {"[UNK] 🍕"}
    assert SAID in found.caption
    plain = kind(run=("",), text=KNOWN.texts[0], **options).made([KNOWN], ())
    assert "to_token" not in plain.table.columns and "unknown" not in plain.caption


def test_every_figure_and_page_says_it() -> None:
    for figure in (
        figures.head_view([STRANGE], layer=0, level="words"),
        figures.model_view([STRANGE]),
        figures.word_graph([STRANGE], layer=0, focus=1),
    ):
        assert SAID in " ".join(text.get_text() for text in texts(figure))
    assert SAID in show.head_view([STRANGE]).html
