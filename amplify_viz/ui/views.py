"""The views of the Explore page: each draws the look, and offers the same as a figure."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import streamlit as st

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.recipes import HeadMatrix, HeadView, ModelView, NeuronView, WordGraph
from amplify_viz.recipes.texts import OfText
from amplify_viz.records import AttentionRecord
from amplify_viz.selection import lack
from amplify_viz.show import Display
from amplify_viz.ui.bertviz_tab import draw_bertviz
from amplify_viz.ui.components import Change, head_view, keep_address, model_view, neuron_view, word_graph
from amplify_viz.ui.export import export_menu, recipe_menu
from amplify_viz.ui.heads_view import draw_head_measures
from amplify_viz.ui.recipes import (
    can_be_made_again,
    head_view_options,
    is_matrix,
    model_view_options,
    neuron_view_options,
    shared,
    word_graph_options,
)
from amplify_viz.ui.rollout_view import draw_rollout
from amplify_viz.ui.state import BOUND, change_look, look_at, plain
from amplify_viz.ui.tests_view import draw_tests
from amplify_viz.views.look import Look

Draw = Callable[[Sequence[AttentionRecord], Look], None]


def _safely(draw: Draw) -> Draw:
    """The same view, with bad input shown as one sentence in its place."""

    def drawn(records: Sequence[AttentionRecord], look: Look) -> None:
        try:
            draw(records, look)
        except InputError as error:
            st.error(plain(str(error)), icon=":material/error:")

    return drawn


def changed(change: Change) -> None:
    """What a person changed in a view becomes the page's look; a view that it opens becomes the open one."""
    change_look(change.look)
    if change.view in VIEWS:
        st.session_state["view"] = change.view


def _export(
    records: Sequence[AttentionRecord],
    look: Look,
    kind: type[OfText],
    options: Mapping[str, Any] | None,
    *,
    page: Callable[..., Display],
) -> None:
    """The export menu of a view.  options: of the figure's recipe, None where there is no figure."""
    if options is not None and can_be_made_again(records):
        texts = shared(records)
        recipe_menu(lambda width: kind(**texts, **options, width=width), records)
        return
    recipe = None
    if options is not None:  # in the mix lab, whose records no command makes again
        texts = {"run": ("",) * len(records), "text": records[0].texts[0]}
        recipe = partial(_of_width, kind, texts | dict(options))
    export_menu(kind.KIND, recipe, records, page=lambda: page(records, **vars(look)).html)


def _of_width(kind: type[OfText], options: Mapping[str, Any], width: float) -> OfText:
    return kind(**options, width=width)


def _are_there(records: Sequence[AttentionRecord], layer: int, heads: Sequence[int] | None) -> bool:
    """Whether a figure has something to draw: any of these heads (all for None), in any of the records."""
    return any(not lack(record, layer=layer, heads=heads) for record in records)


def draw_heads(records: Sequence[AttentionRecord], look: Look) -> None:
    """Head view: lines from each token to those it attends to, one colour a head."""
    kind = HeadMatrix if is_matrix(records, look) else HeadView
    options = head_view_options(records, look) if _are_there(records, look.layer, look.heads) else None
    _export(records, look, kind, options, page=av.show.head_view)
    head_view(records, look, key="head_view", on_change=changed)


def draw_model(records: Sequence[AttentionRecord], look: Look) -> None:
    """Model view: all layers and heads as small matrices; a click opens one in the head view."""
    _export(records, look, ModelView, model_view_options(look), page=av.show.model_view)
    model_view(records, look, key="model_view", on_change=changed)


def draw_neurons(records: Sequence[AttentionRecord], look: Look) -> None:
    """Neuron view: how one head makes the focus word's attention of its query and keys."""
    is_there = _are_there(records, look.layer, [look.head or 0])
    options = neuron_view_options(look, focus=_focus(records, look)) if is_there else None
    _export(records, look, NeuronView, options, page=av.show.neuron_view)
    neuron_view(records, look, key="neuron_view", on_change=changed)


def _focus(records: Sequence[AttentionRecord], look: Look) -> int:
    """The focus word; the first word where every word is chosen."""
    return next(word for word in records[0].words if word is not None) if look.word is None else look.word


def draw_graph(records: Sequence[AttentionRecord], look: Look) -> None:
    """Word-relation graph: what the focus word attends to, and how words relate."""
    heads = look.heads if look.head is None else [look.head]
    options = word_graph_options(look, focus=_focus(records, look)) if _are_there(records, look.layer, heads) else None
    _export(records, look, WordGraph, options, page=av.show.word_graph)
    word_graph(records, look, key="word_graph", on_change=changed)


def draw_theirs(records: Sequence[AttentionRecord], look: Look) -> None:
    """BertViz's own views of one of the records, for those used to them."""
    draw_bertviz(records, layer=look.layer, heads=look.heads or None)


VIEWS: Mapping[str, Draw] = MappingProxyType(
    {
        "Head view": _safely(draw_heads),
        "Model view": _safely(draw_model),
        "Neuron view": _safely(draw_neurons),
        "Word graph": _safely(draw_graph),
        "Layer tests": _safely(partial(draw_tests, on_change=changed)),
        "Heads": _safely(partial(draw_head_measures, on_change=changed)),
        "Through the layers": _safely(partial(draw_rollout, on_change=changed)),
        "BertViz": _safely(draw_theirs),
    }
)
"""Every view by the name on its tab."""


@st.fragment
def show_views(records: Sequence[AttentionRecord], names: Sequence[str] = tuple(VIEWS)) -> None:
    """The tabs of some views, and the open one: a fragment, so that a change of layer runs nothing else."""
    look = look_at(records)
    for tab, name in zip(st.tabs(list(names), key="view", bind=BOUND), names, strict=True):
        if tab.open:
            with tab:
                VIEWS[name](records, look)
    st.caption("Attention says what the heads of a layer read. By itself it is not an explanation of the prediction.")
    keep_address()
