"""A text as a model reads it: its tokens, the words they are of, and what of it did not fit.

Public names: `Encoded`, `encode`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Encoding

from amplify_viz.checkpoints import Checkpoint
from amplify_viz.errors import InputError
from amplify_viz.reading.columns import holds_half
from amplify_viz.text import TokenMap, map_tokens


@dataclass(frozen=True, eq=False)
class Encoded:
    """One text or pair as a model reads it: token_map, cut and token_ids as in the record; inputs: each by its name."""

    texts: tuple[str, ...]
    cut: tuple[str, ...]
    token_ids: tuple[int, ...]
    token_map: TokenMap
    inputs: dict[str, list[int]]


def encode(checkpoint: Checkpoint, texts: Sequence[str]) -> Encoded:
    """Returns one text or pair as the checkpoint reads it.  Raises InputError as `records.capture` does, for size apart."""
    _check(checkpoint, texts)
    encoded = checkpoint.encode(texts)
    encoding = encoded[0]
    segments = encoding.sequence_ids
    if all(segment is None for segment in segments):
        raise InputError(f"The tokenizer of {checkpoint.name} makes no token of {texts!r}: type other text.")
    tokenizer = checkpoint.tokenizer
    # Not encoding.tokens: there Unigram has text that it does not know as it was written.
    tokens = tokenizer.convert_ids_to_tokens(encoding.ids)
    token_map = map_tokens(tokens, encoding.offsets, segments, texts, unknown=tokenizer.unk_token)
    cut = _cut(texts, encoding)
    return Encoded(tuple(texts), cut, tuple(encoding.ids), token_map, dict(checkpoint.inputs(encoded)))


def _check(checkpoint: Checkpoint, texts: Sequence[str]) -> None:
    for letter, text in zip("AB", texts, strict=False):
        if not text.strip():
            raise InputError(
                f"A sentence needs at least one visible character, sentence {letter} is {text!r}: type some text."
            )
        if holds_half(text):
            raise InputError(
                f"A text is made of whole characters, but sentence {letter} holds half of one (a lone surrogate): correct it; "
                f"in a terminal, write it in UTF-8."
            )
    if checkpoint.model.config.is_encoder_decoder:
        raise InputError(
            f"{checkpoint.name} is an encoder-decoder model, whose cross-attention a record cannot hold: use an encoder "
            f"or a decoder."
        )
    if checkpoint.model.training:
        raise InputError(
            f"{checkpoint.name} is in training mode, where dropout changes its attention: call model.eval() first."
        )


def _cut(texts: Sequence[str], encoding: Encoding) -> tuple[str, ...]:
    """For each text what lies behind its last token, or before its first, where tokens of it did not fit.

    The tokenizer says what did not fit: what it reads no token from (a variation selector, say) is no cut.
    """
    kept = _extent(encoding, texts)
    over = [_extent(part, texts) for part in encoding.overflowing]
    cut = []
    for i, text in enumerate(texts):
        first, last = kept[i]
        before, behind = (any(part[i][0] < first for part in over), any(part[i][1] > last for part in over))
        cut.append(text[last:].strip() if behind else text[:first].strip() if before else "")
    return tuple(cut)


def _extent(encoding: Encoding, texts: Sequence[str]) -> list[tuple[int, int]]:
    """Where each text's tokens begin and end in it."""
    found = [(len(text), 0) for text in texts]
    for (begin, end), segment in zip(encoding.offsets, encoding.sequence_ids, strict=True):
        if segment is not None:
            found[segment] = (min(found[segment][0], begin), max(found[segment][1], end))
    return found
