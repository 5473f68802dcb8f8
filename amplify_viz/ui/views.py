"""The views of the Explore page: each reads its own few widgets, draws, and offers the same as a figure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import streamlit as st

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.ui.components import Selection, head_view, neuron_view, p_value_map, word_graph
from amplify_viz.ui.export import export_menu
from amplify_viz.ui.state import forget_unknown, plain, word_label

BOUND: Literal["query-params"] = "query-params"
Level = Literal["tokens", "words"]
_LEVELS: tuple[Level, Level] = ("tokens", "words")
Draw = Callable[[Sequence[AttentionRecord], "Look"], None]


@dataclass(frozen=True)
class Look:
    """What every view looks at: layer and heads zero-based, focus the position of a word, or None for every word.

    reference: position of the record that the others are tested against.
    """

    layer: int
    heads: tuple[int, ...]
    focus: int | None
    reference: int = 0


def _safely(draw: Draw) -> Draw:
    """The same view, with bad input shown as one sentence in its place."""

    def drawn(records: Sequence[AttentionRecord], look: Look) -> None:
        try:
            draw(records, look)
        except InputError as error:
            st.error(plain(str(error)), icon=":material/error:")

    return drawn


def draw_heads(records: Sequence[AttentionRecord], look: Look) -> None:
    """Head view: lines from each token to those it attends to, one colour a head."""
    if not look.heads:
        st.info("Choose at least one head above to see its lines.")
        return
    choices, menu = st.columns([5, 1], vertical_alignment="bottom")
    with choices.container(horizontal=True, vertical_alignment="bottom"):
        level: Level = st.segmented_control(
            "Rows", _LEVELS, default="tokens", required=True, key="rows", bind=BOUND, help=_WORDS_HELP
        )
        special = st.toggle("Special tokens", value=True, key="special", bind=BOUND)
    shown: dict[str, Any] = {
        "layer": look.layer,
        "heads": look.heads,
        "focus": look.focus,
        "level": level,
        "special": special,
    }
    with menu:
        export_menu("head-view", lambda width: av.figures.head_view(records, **shown, width=width))
    head_view(records, **shown, key="head_view", on_select=_selecting(records))


_WORDS_HELP = "Attention to a word is summed over its tokens; attention from a word is averaged over them."


def draw_neurons(records: Sequence[AttentionRecord], look: Look) -> None:
    """Neuron view: how one head makes the focus word's attention of its query and keys."""
    choices, menu = st.columns([5, 1], vertical_alignment="bottom")
    heads = [head + 1 for head in look.heads] or [1]
    forget_unknown("head", heads)
    head = choices.pills("Head", heads, default=heads[0], required=True, key="head", wrap=True, bind=BOUND) - 1
    focus = _focus(records, look)
    with menu:
        export_menu(
            "neuron-view",
            lambda width: av.figures.neuron_view(records, layer=look.layer, head=head, focus=focus, width=width),
        )
    neuron_view(records, layer=look.layer, head=head, focus=focus, key="neuron_view", on_select=_selecting(records))


def _focus(records: Sequence[AttentionRecord], look: Look) -> int:
    """The focus word; the first word where every word is chosen."""
    return next(word for word in records[0].words if word is not None) if look.focus is None else look.focus


def draw_graph(records: Sequence[AttentionRecord], look: Look) -> None:
    """Word-relation graph: what the focus word attends to, and how words relate."""
    choices, menu = st.columns([5, 1], vertical_alignment="bottom")
    with choices.container(horizontal=True, vertical_alignment="bottom"):
        layout = st.segmented_control(
            "Layout", ["arc", "circle", "radial"], default="arc", required=True, key="layout", bind=BOUND
        )
        heads: list[str | int] = ["mean", *(head + 1 for head in look.heads)]
        forget_unknown("graph_head", heads)
        head = st.selectbox(
            "Head", heads, key="graph_head", bind=BOUND, help="One head, or the mean of all heads.", width=110
        )
        threshold = st.slider(
            "Edges from weight",
            0.0,
            0.5,
            0.03,
            0.01,
            key="threshold",
            bind=BOUND,
            help="Weaker relations are not drawn.",
            width=220,
        )
    shown: dict[str, Any] = {
        "layer": look.layer,
        "head": None if isinstance(head, str) else head - 1,
        "focus": _focus(records, look),
        "threshold": threshold,
        "layout": layout,
    }
    with menu:
        export_menu("word-graph", lambda width: av.figures.word_graph(records, **shown, width=width))
    word_graph(records, **shown, key="word_graph", on_select=_selecting(records))


def draw_tests(records: Sequence[AttentionRecord], look: Look) -> None:
    """Layer tests: each checkpoint's attention outputs against the reference's, by layer."""
    if len(records) < 2:
        st.info("A test compares two checkpoints: choose at least two in the sidebar.")
        return
    names = [record.checkpoint for record in records]
    choices, menu = st.columns([5, 1], vertical_alignment="bottom")
    forget_unknown("reference", names)
    chosen = choices.selectbox("Reference", names, index=look.reference, key="reference", bind=BOUND)
    reference = records[names.index(chosen)]
    table = av.statistics.layer_tests(reference, *(record for record in records if record is not reference))
    with menu:
        export_menu("layer-tests", lambda width: av.figures.p_values(table, width=width))
    p_value_map(table, layer=look.layer, key="p_value_map", on_select=_selecting(records))
    st.caption(_TEST_NOTE)
    with st.expander("The numbers"):
        st.dataframe(table.assign(layer=table["layer"] + 1), hide_index=True)


_TEST_NOTE = (
    "Welch's t-test over the elements of the attention outputs, as in the paper's Figure 3. The elements are dependent and "
    "only grand means are compared, so these p-values are uncalibrated, too small or too large: read the effect size beside "
    "them. They say whether these two checkpoints differ on this text, never whether two methods do."
)


def _selecting(records: Sequence[AttentionRecord]) -> Callable[[Selection], None]:
    """A callback that makes a click in a view the page's focus word or layer."""

    def select(selection: Selection) -> None:
        texts = records[0].word_texts
        if selection.focus is not None and selection.focus < len(texts):
            st.session_state["focus"] = word_label(selection.focus, texts[selection.focus])
        if selection.layer is not None and selection.layer < records[0].n_layers:
            st.session_state["layer"] = selection.layer + 1

    return select


VIEWS: Mapping[str, Draw] = MappingProxyType(
    {
        "Head view": _safely(draw_heads),
        "Neuron view": _safely(draw_neurons),
        "Word graph": _safely(draw_graph),
        "Layer tests": _safely(draw_tests),
    }
)
"""Every view by the name on its tab."""
