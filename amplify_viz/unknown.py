"""What of a text models have read as unknown ([UNK], say), in sentences for pages and figures."""

from collections.abc import Iterator, Sequence

from amplify_viz.records import AttentionRecord

_MOST_NAMED, _LONGEST = 5, 20  # words in a sentence, and letters of each


def unknown_in(records: Sequence[AttentionRecord]) -> Iterator[str]:
    """Which words are unknown to the tokenizers, in one sentence where all records have the same; nothing where none is."""
    found = [(record.unknown_words, {record.tokens[token] for token in record.unknown}) for record in records]
    if all(one == found[0] for one in found):
        records, found = records[:1], found[:1]
        whom = ["the tokenizer"]
    else:
        whom = [record.checkpoint for record in records]
    for name, (words, tokens) in zip(whom, found, strict=True):
        if words:
            counted = f"{len(words):,} words are" if len(words) > 1 else "1 word is"
            yield f"{counted} unknown to {name} and read as {min(tokens)}: {_named(words)}."


def _named(words: Sequence[str]) -> str:
    shown = [f"“{word if len(word) <= _LONGEST else word[: _LONGEST - 1] + '…'}”" for word in words[:_MOST_NAMED]]
    more = len(words) - _MOST_NAMED
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")
