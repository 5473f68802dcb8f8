"""Mix lab: one text mixed with a partner in the forward pass, beside the same pass unmixed."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from amplify_viz.errors import InputError
from amplify_viz.mixlab import MixedPass
from amplify_viz.mixup import INSIDE_LAYERS, METHODS
from amplify_viz.recipes.tables import about_table
from amplify_viz.runs import Run, find_runs
from amplify_viz.ui.predictions import say_what_is_unknown, show_predictions
from amplify_viz.ui.resources import allowed_roots, mixed_pass, origin_of, runs_folder
from amplify_viz.ui.results_export import beside, frame_menu
from amplify_viz.ui.state import BACKBONE, BOUND, Choice, choices, default_labels, plain, set_default, typed_choice
from amplify_viz.ui.views import show_views

_MIXING = [name for name, mixup in METHODS.items() if mixup.site != "none" and mixup.lam is None]
_VIEWS = ("Head view", "Model view", "Neuron view", "Word graph")
_WHERE = {
    "attention": "the attention output of each layer",
    "post-layernorm": "the output of each attention block, after residual and LayerNorm",
    "embedding": "the embeddings",
    "block": "the output of one block",
    "sentence": "the sentence vector, after all attention",
}
_PAIR = ("the rabbit quickly hopped", "the turtle slowly crawled")
_PARTNER = ("a film that avoids the clichés of the genre", "it provides a fresh view of an old type")


def page() -> None:
    """The page, from the sidebar's choices down to the views of both passes."""
    with st.sidebar:
        choice = _choose_checkpoint()
        texts = _choose_texts("Sentence", ("a", "b"), _PAIR)
        partner = _choose_texts("Partner", ("pa", "pb"), _PARTNER)
    settings = _choose_mix()
    if choice is None:
        return
    try:
        with st.spinner("Mixing…", show_time=True):
            seen = mixed_pass(choice.source, texts, partner, **settings)
    except InputError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    show_predictions([seen.plain, seen.mixed, seen.partner])
    say_what_is_unknown([seen.plain, seen.mixed])
    _movement(
        seen,
        about=lambda title: about_table(
            title, sources=[origin_of(choice.source)], texts=texts, partner=list(partner), **settings
        ),
    )
    show_views([seen.plain, seen.mixed], _VIEWS)


def _choose_checkpoint() -> Choice | None:
    found = choices([run for run in find_runs(runs_folder()) if isinstance(run, Run)])
    set_default("lab", default_labels(found)[-1])
    label = st.selectbox(
        "Checkpoint",
        list(found),
        key="lab",
        bind=BOUND,
        accept_new_options=True,
        help="A run, a folder or a hub name. Any model can be mixed, whatever it was trained with.",
    )
    try:
        return found.get(label or BACKBONE) or typed_choice(str(label), allowed_roots())
    except InputError as error:
        st.error(plain(str(error)))
        return None


def _choose_texts(name: str, keys: tuple[str, str], first: tuple[str, str]) -> tuple[str, ...]:
    text = st.text_area(f"{name} A", first[0], height=88, max_chars=20_000, key=keys[0], bind=BOUND)
    pair = st.text_area(
        f"{name} B", first[1], height=88, max_chars=20_000, key=keys[1], bind=BOUND, help="Empty: one sentence only."
    )
    return (text, pair) if pair.strip() else (text,)


def _choose_mix() -> dict[str, Any]:
    """The method, where it acts and λ, as `mixed_pass` takes them."""
    left, middle, right = st.columns([2, 2, 4])
    method = left.selectbox("Method", _MIXING, key="method", bind=BOUND, help="Where the two texts are mixed.")
    site = METHODS[method].site
    layers = middle.text_input(
        "Layers",
        placeholder="the method's own",
        key="layers",
        bind=BOUND,
        disabled=site not in INSIDE_LAYERS,
        help="4, or 4-6, or 2,4,6, or all, early, middle, last. Empty: those of the method.",
    )
    lam = right.slider("λ, the text’s own share", 0.0, 1.0, 0.7, 0.01, key="lam", bind=BOUND, help=_LAM)
    drawn = "as it is without the mix" if site == "sentence" else "under the mix"
    st.caption(f"Mixed: {_WHERE[site]}. Attention is drawn {drawn}, for the text’s own tokens.")
    return {"method": method, "layers": layers.strip() if site in INSIDE_LAYERS else "", "lam": lam}


_LAM = (
    "1 mixes nothing and gives the unmixed pass exactly. Training with AMPLIFY draws λ above 0.999 for most batches; this slider "
    "shows what the rare others look like."
)


def _movement(seen: MixedPass, about: Callable[[str], str]) -> None:
    """How far each layer's attention output has moved, as bars and as numbers."""
    table = seen.layer_movement.assign(layer=seen.layer_movement["layer"] + 1)
    with st.expander("How far each layer’s attention output has moved", expanded=True, icon=":material/moving:"):
        if not table[["distance_before", "distance_after"]].to_numpy().any():
            st.info("This mix has moved no layer’s attention output: every distance is 0.")
            return
        st.vega_lite_chart(_long(table), _SPEC, height=220, alt=_in_words(table))
        st.caption(
            "‖mixed − unmixed‖ / ‖unmixed‖ over heads, the text’s own tokens and dimensions. Before the mix: what the layer "
            "computed from a stream that earlier layers had mixed; after: what it passed on."
        )
        if st.toggle("Numbers", key="movement_numbers"):
            heads = seen.head_movement
            heads = heads.assign(layer=heads["layer"] + 1, head=heads["head"] + 1)
            _numbers("layers", "How far each layer’s attention output has moved", table, about)
            _numbers("heads", "How far each head’s attention output has moved", heads, about)


def _numbers(name: str, title: str, table: pd.DataFrame, about: Callable[[str], str]) -> None:
    with beside(lambda: st.caption(f"By {name}.", width="content")):
        frame_menu(f"movement-{name}", table, title=title, about=partial(about, title))
    st.dataframe(table, hide_index=True)


def _long(table: pd.DataFrame) -> pd.DataFrame:
    named = table.rename(columns={"distance_before": "before the mix", "distance_after": "after the mix"})
    return named.melt("layer", ["before the mix", "after the mix"], var_name="when", value_name="distance")


def _in_words(table: pd.DataFrame) -> str:
    parts = (f"layer {row.layer}: {row.distance_after:.3f}" for row in table.itertuples())
    return f"Relative distance of the attention output after the mix. {', '.join(parts)}."


_SPEC = {
    "mark": {"type": "bar", "tooltip": True},
    "encoding": {
        "x": {"field": "layer", "type": "ordinal", "title": "Layer", "axis": {"labelAngle": 0}},
        "xOffset": {"field": "when", "sort": ["before the mix", "after the mix"]},
        "y": {"field": "distance", "type": "quantitative", "title": "Distance", "stack": None},
        "color": {
            "field": "when",
            "title": None,
            "sort": ["before the mix", "after the mix"],
            "scale": {"range": ["#9bb8c4", "#0b6078"]},
            "legend": {"orient": "top"},
        },
    },
}


page()
