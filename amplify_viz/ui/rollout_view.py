"""Attention from a word to the input through all layers, on the Explore page: rollout, and flow for short texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from torch import Tensor

import amplify_viz as av
from amplify_viz.recipes import Rollout
from amplify_viz.recipes.rollouts import Start, rollout_from, starts_of, tokens_of, where_of
from amplify_viz.records import AttentionRecord
from amplify_viz.statistics import MAX_FLOW_TOKENS
from amplify_viz.ui.components import Cell, Grid, Legend, cell_map
from amplify_viz.ui.components.door import OnChange
from amplify_viz.ui.export import made_menu
from amplify_viz.ui.flows import Flow, flows
from amplify_viz.ui.recipes import shared
from amplify_viz.ui.resources import origin_of
from amplify_viz.ui.results_export import beside
from amplify_viz.ui.state import BOUND, plain
from amplify_viz.ui.variations import say_off
from amplify_viz.views.look import Look

_EVERY = 0.5  # seconds
_TALL = 640  # pixels
_NOTE = (
    "Rollout multiplies the layers' attention, mean over the heads that are on, half of each layer being the residual. Flow is the "
    "largest flow to a word, all its tokens together, through the same graph with attention as capacities, exact (Abnar and "
    "Zuidema 2020); flows to different words are no shares of a whole. Both trace attention, not what the values carry: neither "
    "explains a prediction."
)


@dataclass(frozen=True)
class _Column:
    """A heading, and below it a number for each group of the record."""

    heading: str
    values: Sequence[float]


def draw_rollout(records: Sequence[AttentionRecord], look: Look, *, on_change: OnChange) -> None:
    """Rollout from the focus word to every word of the input; flow beside it where it was asked for."""
    first = records[0]
    if len({_rows(record) for record in records}) > 1:
        st.info(
            "These checkpoints read other words or special tokens of the text, which one table cannot show: choose checkpoints of "
            "one tokenizer."
        )
        return
    word = look.word if look.word is not None else next(word for word in first.words if word is not None)
    through = _choose_layer(records)
    starts = starts_of(records, through)
    start = f"From **{plain(first.word_texts[word])}** in {where_of(starts)} to the words of the input"
    with beside(lambda: st.markdown(f"{start}; click a word to start from it.", width="content")):
        menu = st.container(width="content")
    if through is not None and len(starts) < len(records):
        st.caption(plain(" ".join(av.figures.sentences.of_shapes(records, layer=through - 1))))
    rolled = [_Column(record.checkpoint, rollout_from(record, word, top).tolist()) for record, top in starts]
    found = [one.result if one else None for one in _flows(starts, word)]
    flowed = [
        _Column(record.checkpoint, flow.tolist())
        for (record, _), flow in zip(starts, found, strict=True)
        if flow is not None
    ]
    with menu:
        flow = len(flowed) == len(starts)
        _export(records, [flow for flow in found if flow is not None], word, through, flow=flow)
    with st.container(height=_TALL if len(first.groups) > 24 else "content", border=False):
        cell_map(_grid(first, rolled, "rollout, share of attention"), key="rollout", on_change=on_change)
    if flowed:
        with st.container(height=_TALL if len(first.groups) > 24 else "content", border=False):
            cell_map(_grid(first, flowed, "flow, at most 1"), key="flow", on_change=on_change)
    say_off(records)
    st.caption(_NOTE)


def _rows(record: AttentionRecord) -> tuple[int | str, ...]:
    """What the table's rows are: words by position, special tokens as they are."""
    words = (record.words[group[0]] for group in record.groups)
    labels = zip(words, record.group_labels, strict=True)
    return tuple(label if word is None else word for word, label in labels)


def _choose_layer(records: Sequence[AttentionRecord]) -> int | None:
    """The layer in which attention starts, from 1, as far as any record has it; None for the last, each record's own."""
    counts = [record.n_layers for record in records]
    last = counts[0] if len(set(counts)) == 1 else None
    chosen = st.number_input(
        "Up to layer", 1, max(counts), last, key="through", bind=BOUND, width=200, placeholder="each one’s last"
    )
    return None if chosen is None or chosen == last else int(chosen)


def _export(
    records: Sequence[AttentionRecord], known: Sequence[Tensor], word: int, through: int | None, *, flow: bool
) -> None:
    """The export menu.  flow: whether it is known of every checkpoint, and so in the figure."""
    options: Any = shared(records) | {"focus": word + 1, "through": through, "flow": flow}
    made_menu(
        lambda width: Rollout(**options, width=width),
        lambda one: one.made(records, [origin_of(record.source) for record in records], flows=known),
    )


def _flows(starts: Sequence[Start], word: int) -> list[Flow | None]:
    """What is known of flow from the word, and the means to ask for it, wait for it and end it."""
    longest = max(record.n_tokens for record, _ in starts)
    if longest > MAX_FLOW_TOKENS:
        st.caption(
            f"Flow is computed exactly for up to {MAX_FLOW_TOKENS} tokens, and this text has {longest}: a maximum flow for each "
            f"token would take minutes. Shorten the text, or read rollout."
        )
        return [None] * len(starts)
    asked = [(record, tokens_of(record, word), top) for record, top in starts]
    board = flows()
    known = [board.find(*one) for one in asked]
    for one in known:
        if one is not None and one.message:
            st.error(one.message)
    if any(one is None for one in known):
        if st.button("Compute flow", help="The exact maximum flow to each token: some seconds for each checkpoint."):
            for flow in asked:
                board.submit(*flow)
            st.rerun()
    elif not all(one.ended.is_set() for one in known if one):
        st.fragment(_wait, run_every=_EVERY)([one for one in known if one])
    return known


def _wait(waiting: Sequence[Flow]) -> None:
    """How far they are, again and again; the page runs again when they have ended.  A button ends them."""
    if all(one.ended.is_set() for one in waiting):
        st.rerun()
    st.progress(sum(one.share for one in waiting) / len(waiting), "Computing flow…")
    if st.button("Cancel", key="cancel_flow"):
        for one in waiting:
            one.cancelled.set()
        st.rerun()


def _grid(record: AttentionRecord, columns: Sequence[_Column], caption: str) -> Grid:
    largest = max((max(column.values) for column in columns), default=1.0) or 1.0
    words = [record.words[group[0]] for group in record.groups]
    cells = [
        Cell(
            row,
            number,
            _short(value),
            min(value / largest, 1.0),
            record.group_labels[row],
            ((caption.partition(",")[0], f"{value:.4g}"),),
            None if words[row] is None else {"focus": [words[row]]},
        )
        for number, column in enumerate(columns)
        for row, value in enumerate(column.values)
    ]
    headings = [column.heading for column in columns]
    return Grid("Word", list(record.group_labels), headings, cells, Legend(caption, "0", f"{largest:.2g}"))


def _short(value: float) -> str:
    """Two digits that tell, without a leading zero: .83, .021, .0019; what is less than 0.0001 only that it is."""
    if 0 < value < 1e-4:
        return "<.0001"
    text = f"{value:.2g}"
    return text.removeprefix("0") or text
