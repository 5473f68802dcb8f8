"""What of a text did not fit the models, in sentences."""

from collections.abc import Sequence

from amplify_viz.recipes.recipe import listed
from amplify_viz.records import AttentionRecord
from amplify_viz.ui.state import plain

_SHOWN = 60  # characters of what was cut


def cut_messages(records: Sequence[AttentionRecord]) -> list[str]:
    """A sentence for each cut, which names all checkpoints that cut the same; none where all texts fit.

    Counts words, as white space parts them; one of which a part was read is no cut word and is named apart.
    """
    readers: dict[tuple[int, int, str], list[str]] = {}
    for record in records:
        for number, cut in enumerate(record.cut):
            if cut:
                readers.setdefault((record.n_tokens, number, cut), []).append(plain(record.checkpoint))
    return [
        f"{listed(names)} {'reads' if len(names) == 1 else 'read'} at most {n_tokens} tokens: of sentence {'AB'[number]} "
        f"{_what(records[0].texts[number].strip(), cut)}. Shorten it to see all of it."
        for (n_tokens, number, cut), names in readers.items()
    ]


def _what(text: str, cut: str) -> str:
    """What was cut of a text: its end, or its beginning where a tokenizer cuts on the left."""
    at_end = text.endswith(cut)
    kept = text.removesuffix(cut) if at_end else text.removeprefix(cut)
    words, left = cut.split(), kept.split()
    within = bool(kept) and not kept[-1 if at_end else 0].isspace()
    if not within:
        return _whole(words, at_end=at_end)
    word = left[-1] + words.pop(0) if at_end else words.pop() + left[0]
    part = f"a part of “{plain(word[:_SHOWN])}”"
    return f"{_whole(words, at_end=at_end)}, and {part}" if words else f"{part} was cut"


def _whole(words: Sequence[str], *, at_end: bool) -> str:
    count = "word was" if len(words) == 1 else f"{len(words):,} words were"
    text = " ".join(words)
    if at_end:
        return f"the last {count} cut, from “{plain(text[:_SHOWN])}…” on"
    return f"the first {count} cut, up to “…{plain(text[-_SHOWN:])}”"
