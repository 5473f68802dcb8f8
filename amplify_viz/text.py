"""Tokens and words: which token belongs to which word of which sentence, and attention between words.

The rule, stated once: a word is a run of letters, digits and marks, with apostrophes and hyphens inside it; a Han or
kana character is a word by itself, and so is every other visible character (an emoji counts as one).  It is found in
the text, not by the tokenizer, so it is the same for every model.  A token belongs to the word in which it starts.
Attention *to* a word is summed over its tokens; attention *from* a word is averaged over them.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

import regex
import torch
from torch import Tensor

_ALONE = r"[\p{Han}\p{Hiragana}\p{Katakana}]\p{M}*"
_LETTERS = r"[[\p{L}\p{M}\p{N}_]--[\p{Han}\p{Hiragana}\p{Katakana}]]+"
_WORD = regex.compile(rf"{_ALONE}|{_LETTERS}(?:['’\-\u2010\u2011]{_LETTERS})*|(?!\s)\X", regex.V1)

Span = tuple[int, int]


@dataclass(frozen=True)
class TokenMap:
    """Where each token comes from.

    tokens: as the tokenizer's vocabulary has them; shown: as a reader should see them; words: for each token the index into
    word_texts, or None for a special token; segments: 0, 1 or None for a special token; unknown: positions of the tokens,
    such as [UNK], that stand for text which the tokenizer does not know: the model has read nothing else of it; unread: the
    words, as indices, of which such a token covers a part or all.
    """

    tokens: tuple[str, ...]
    shown: tuple[str, ...]
    words: tuple[int | None, ...]
    word_texts: tuple[str, ...]
    segments: tuple[int | None, ...]
    unknown: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()


def split_words(text: str) -> list[Span]:
    """Character spans (start, end) of the words of a text, in order; white space belongs to none."""
    return [match.span() for match in _WORD.finditer(text)]


def map_tokens(
    tokens: Sequence[str],
    spans: Sequence[Span],
    segments: Sequence[int | None],
    texts: Sequence[str],
    *,
    unknown: str | None = None,
) -> TokenMap:
    """Returns the TokenMap of one text or pair.

    spans: each token's character span in the text of its segment (a tokenizer's offset mapping); segments: the
    tokenizer's sequence ids; unknown: its token for what it does not know, None where it has none.  Words are numbered
    through both sentences, those without a token (cut off, or inside another word's token) included: the same text has the
    same numbers under every tokenizer.
    """
    found = [split_words(text) for text in texts]
    first = [0, len(found[0])]
    words: list[int | None] = []
    for span, segment in zip(spans, segments, strict=True):
        place = None if segment is None else _word_at(span, texts[segment], found[segment])
        words.append(None if place is None or segment is None else first[segment] + place)
    word_texts = tuple(text[slice(*span)] for text, spans_ in zip(texts, found, strict=True) for span in spans_)
    surfaces = [_surface(span, segment, texts) for span, segment in zip(spans, segments, strict=True)]
    strange = [i for i, token in enumerate(tokens) if token == unknown and surfaces[i] not in ("", token)]
    shown = list(_shown(tokens, list(zip(segments, spans, strict=True)), surfaces))
    for i in strange:
        shown[i] = f"{tokens[i]} {shown[i]}"
    places = [(segments[i], spans[i]) for i in strange]
    unread = [first[at] + word for at, span in places if at is not None for word in _words_in(span, found[at])]
    return TokenMap(
        tokens=tuple(tokens),
        shown=tuple(shown),
        words=tuple(words),
        word_texts=word_texts,
        segments=tuple(segments),
        unknown=tuple(strange),
        unread=tuple(dict.fromkeys(unread)),
    )


def _word_at(span: Span, text: str, words: Sequence[Span]) -> int | None:
    """Index of the word in which the token's first visible character lies; None for a token of white space."""
    start = span[0] + len(text[slice(*span)]) - len(text[slice(*span)].lstrip())
    place = bisect_right(words, start, key=itemgetter(0)) - 1
    return place if place >= 0 and start < min(words[place][1], span[1]) else None


def _words_in(span: Span, words: Sequence[Span]) -> range:
    """Indices of the words that the token covers a part or all of: a SentencePiece model reads 你好 as one unknown token."""
    return range(bisect_right(words, span[0], key=itemgetter(1)), bisect_left(words, span[1], key=itemgetter(0)))


def _surface(span: Span, segment: int | None, texts: Sequence[str]) -> str:
    """What a token covers of its text, "" for a special token."""
    return "" if segment is None else texts[segment][slice(*span)].strip()


def _shown(tokens: Sequence[str], places: Sequence[tuple[int | None, Span]], surfaces: Sequence[str]) -> Iterator[str]:
    """Each token as its own piece of the text where the tokenizer's spelling is not readable (byte-level, ▁)."""
    counts, seen = Counter(places), Counter[tuple[int | None, Span]]()
    for token, place, surface in zip(tokens, places, surfaces, strict=True):
        seen[place] += 1
        if not surface or token.startswith("##"):
            yield token
        elif counts[place] > 1:
            yield f"{surface} {seen[place]}/{counts[place]}"
        else:
            yield surface


def groups(words: Sequence[int | None]) -> tuple[tuple[int, ...], ...]:
    """Token positions of each word, in order of appearance; a token without a word is a group by itself.

    Every position is in exactly one group.
    """
    members: dict[object, list[int]] = {}
    for position, word in enumerate(words):
        members.setdefault(("token", position) if word is None else word, []).append(position)
    return tuple(tuple(group) for group in members.values())


def to_words(weights: Tensor, token_groups: Sequence[Sequence[int]]) -> Tensor:
    """Attention between words: summed over the tokens looked at, averaged over the tokens that look.

    weights: [..., query, key] between tokens; token_groups: as `groups` gives them.  Returns [..., group, group].
    Rows that sum to 1 still do.
    """
    member = torch.zeros(weights.shape[-1], len(token_groups), dtype=weights.dtype, device=weights.device)
    for column, group in enumerate(token_groups):
        member[list(group), column] = 1
    return (member / member.sum(dim=0)).T @ (weights @ member)
