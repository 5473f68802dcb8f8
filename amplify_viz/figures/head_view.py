"""The head view: lines from each token that looks to each token looked at, a colour for each head."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from matplotlib.figure import Figure

from amplify_viz.figures import sentences
from amplify_viz.figures.lines import LinePanel, draw_lines
from amplify_viz.figures.rows import as_drawn
from amplify_viz.figures.subjects import check_between, check_records, most_of, parted
from amplify_viz.filters import Between, Combine, drawn
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference, Level, Shown, Special, Subject, shown, subjects_of
from amplify_viz.selection import own_heads


def head_view(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    heads: Sequence[int] | None = None,
    focus: int | Sequence[int] | None = None,
    level: Level = "tokens",
    special: Special = "shown",
    between: Between = "all",
    least: float = 0.0,
    top: int | None = None,
    combine: Combine = "each",
    difference: tuple[int, int] | None = None,
    width: float = 6.9,
) -> Figure:
    """A panel for each record: lines from the tokens that look (left) to the tokens looked at (right) in one layer.

    heads: zero-based, None for all; focus: words, as indices into word_texts, then only their lines are drawn, and beside
    each target are its weight in each head (a cell) and the mean over these heads (a number), both averaged over the
    words' tokens; level, special: see `rows.shown`; between, least, top, combine: see `filters.drawn`; difference: two
    positions in records (a, b), whose difference b − a becomes one more panel; width: in inches.

    A line's colour is its head (in a difference its sign), and it is dashed below 0 and of a head switched off.  Its opacity
    is its weight in 32 steps, as in the browser: on one scale for all panels, from 0 to the largest weight of the heads before
    a filter (of heads combined: the largest combined), and on another for the difference.  Lines under 1/255 of the scale are
    left out.  Of more than 3,000 lines in a panel the strongest are drawn, of more than 60 rows those with the strongest
    lines, and the figure says so, as it says what else was chosen.

    Each record shows its own heads; one that lacks the layer, or all heads chosen, has a sentence in place of lines.

    Raises InputError for a layer or head that no record has, for a word or choice that there is not, for anything but one to
    four records, for sentences of a text that has one, and for records that have no difference.
    A line's opacity times its scale equals the record's weight, within half a step.
    """
    words = (focus,) if isinstance(focus, int) else tuple(focus or ())
    for word in words or (None,):
        check_records(records, focus=word)
    check_between(records, between)
    filters: Any = {"between": between, "least": least, "top": top, "combine": combine}
    subjects, lacking = parted(subjects_of(records, difference), layer=layer, heads=heads)
    panels = [
        replace(
            _panel(subject, shown(subject, layer=layer, level=level, special=special), heads, words, filters),
            off=_off(subject, layer),
        )
        for subject in subjects
    ]
    said = sentences.of_layer(
        records,
        layer=layer,
        heads=heads,
        level=level,
        special=special,
        filters=filters,
        compared=difference is not None,
        beside=bool(words),
    )
    return draw_lines(panels, title=_title(records[0], layer, words), notes=said, width=width, lacking=lacking)


def _panel(
    subject: Subject, found: Shown, heads: Sequence[int] | None, focus: tuple[int, ...], filters: Mapping[str, Any]
) -> LinePanel:
    signed = isinstance(subject, Difference)
    chosen = own_heads(subject, heads)
    left = drawn(found, chosen, signed=signed, **filters)
    rows = as_drawn(found.rows)
    return LinePanel(
        name=subject.checkpoint,
        rows=rows,
        heads=left.heads,
        weights=left.weights.double().numpy(),
        sources=tuple(sorted({row for word in focus for row in rows.of_word(word)}) if focus else range(len(rows))),
        focus=focus,
        signed=signed,
        most=most_of(found, left, chosen),
        number=str(filters["combine"]) if not left.heads else "mean" if len(left.heads) > 1 else "weight",
    )


def _off(subject: Subject, layer: int) -> tuple[int, ...]:
    return () if isinstance(subject, Difference) else tuple(head for one, head in subject.off if one == layer)


def _title(record: AttentionRecord, layer: int, focus: Sequence[int]) -> str:
    words = " ".join(f"“{record.word_texts[word]}”" for word in focus)
    return f"Attention in layer {layer + 1}" + (f" from {words}" if words else "")
