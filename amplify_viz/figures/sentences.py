"""What a figure says of its choices, below itself and in its caption: heads off, rows, filters, heads combined.

Each function returns sentences; layers and heads count from one in them.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from amplify_viz.attention import Head
from amplify_viz.figures.style import number
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Level, Special
from amplify_viz.unknown import unknown_in

_BETWEEN: Mapping[str, str] = MappingProxyType(
    {
        "aa": "within the first",
        "ab": "from the first to the second",
        "ba": "from the second to the first",
        "bb": "within the second",
    }
)
_SPECIAL: Mapping[str, str] = MappingProxyType(
    {
        "hidden": "Special tokens are hidden, and the other weights are as they were.",
        "renormalised": "Special tokens are hidden, and each row sums to 1 without them.",
    }
)


def of_layer(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    heads: Sequence[int] | None,
    level: Level,
    special: Special,
    filters: Mapping[str, Any],
    compared: bool,
    beside: bool = False,
) -> list[str]:
    """Of a figure of one layer.  layer, heads: zero-based, None for all heads; filters: as `filters.drawn` takes them.

    beside: whether the mean of heads drawn by themselves stands beside the rows.
    """
    combine = filters["combine"]
    mean = _several(records, heads) and (combine == "mean" or (beside and combine == "each"))
    return [
        *_combined(records, heads, combine),
        *of_rows(level, special),
        *_filtered(filters, compared=compared, mean=mean),
        *of_shapes(records, layer=layer, heads=heads),
        *of_records(records),
    ]


def of_rows(level: Level, special: Special) -> Iterator[str]:
    """What the rows are, unless they are all tokens."""
    if level == "words":
        yield "Rows are words: weights to a word's tokens are summed, those from them averaged."
    if special in _SPECIAL:
        yield _SPECIAL[special]


def of_words(*, special: bool, compared: bool) -> Iterator[str]:
    """What became of special tokens among words, where they are not shown; a difference of words never shows them."""
    if special and compared:
        yield "The difference leaves special tokens out."
    elif not special:
        yield "Special tokens are left out, and the other weights are as they were."


def of_shapes(records: Sequence[AttentionRecord], *, layer: int, heads: Sequence[int] | None = None) -> Iterator[str]:
    """Which of the records lack the layer, and which some of the heads.  layer, heads: zero-based, None for all heads."""
    for one in records:
        none = [str(head + 1) for head in sorted(set(heads or ())) if head >= one.n_heads]
        if layer >= one.n_layers:
            yield f"{one.checkpoint} has {one.n_layers} layer{'s' * (one.n_layers > 1)}, and no layer {layer + 1}."
        elif none:
            count = f"{one.n_heads} head{'s' * (one.n_heads > 1)}"
            yield f"{one.checkpoint} has {count}, and no head {_listed(none, last='or')}."


def of_records(records: Sequence[AttentionRecord]) -> Iterator[str]:
    """Which heads were switched off, what the tokenizer does not know, and whether a text was cut."""
    yield from of_off(records)
    yield from unknown_in(records)
    if any(any(record.cut) for record in records):
        yield "A part of the text did not fit the model and is left out."


def of_off(records: Sequence[AttentionRecord]) -> Iterator[str]:
    """Which heads were switched off, and what that means."""
    if len({record.off for record in records}) == 1:
        if records[0].off:
            yield f"Switched off: {_named_off(records[0].off)}."
    else:
        yield from (f"Switched off in {one.checkpoint}: {_named_off(one.off)}." for one in records if one.off)
    if any(record.off for record in records):
        yield "The output of a head switched off is zero; its weights show where it would have looked."


def heads_in(records: Sequence[AttentionRecord], heads: Sequence[int] | None) -> str:
    """Such as "head 3 of 12", "heads 1, 3 and 7 of 12" and "all 12 heads", or "all heads (12 and 4)" where models differ.

    heads: zero-based, None for all.
    """
    counts = list(dict.fromkeys(record.n_heads for record in records))
    if len(counts) > 1 and not heads:
        return f"all heads ({_listed([str(one) for one in counts])})"
    count = f"{counts[0]}" if len(counts) == 1 else ""
    chosen = sorted({head + 1 for head in heads}) if heads is not None else []
    if not chosen or (count and len(chosen) == int(count) > 1):
        return f"all {count} heads" if count != "1" else "the one head"
    return f"head{'s' * (len(chosen) > 1)} {_listed([str(head) for head in chosen])}" + (
        f" of {count}" if count else ""
    )


def _combined(records: Sequence[AttentionRecord], heads: Sequence[int] | None, combine: str) -> Iterator[str]:
    if combine != "each" and _several(records, heads):
        how = "Mean" if combine == "mean" else "At each place the strongest"
        yield f"{how} of {heads_in(records, heads)}."


def _several(records: Sequence[AttentionRecord], heads: Sequence[int] | None) -> bool:
    """Whether one of the records may show more than one head."""
    return len(set(heads)) > 1 if heads is not None else any(record.n_heads > 1 for record in records)


def _filtered(filters: Mapping[str, Any], *, compared: bool, mean: bool) -> Iterator[str]:
    """What the filters left out; mean: whether a mean over heads is shown.

    Between sentences all heads lack the same weights, so that no mean mixes in a 0.
    """
    if filters["between"] in _BETWEEN:
        yield f"Attention {_BETWEEN[filters['between']]} sentence alone."
    if filters["least"] > 0:
        yield f"Weights below {number(filters['least'])} are left out{', differences are not' if compared else ''}."
    if filters["top"] is not None:
        yield f"Of each row and head the {filters['top']} strongest are drawn."
    if mean and (filters["least"] > 0 or filters["top"] is not None):
        yield "A weight that is left out counts as 0 in the mean."


def _named_off(off: Sequence[Head]) -> str:
    """Such as "head 3.11" and "heads 3.11 and 3.12", layer before head."""
    names = [f"{layer + 1}.{head + 1}" for layer, head in off]
    return f"head{'s' * (len(names) > 1)} {_listed(names)} (layer.head)"


def _listed(parts: Sequence[str], *, last: str = "and") -> str:
    return f" {last} ".join([*([", ".join(parts[:-1])] if parts[:-1] else []), *parts[-1:]])
