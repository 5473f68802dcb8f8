"""Explore: one to four checkpoints side by side on one sentence or pair."""

from collections.abc import Sequence

import streamlit as st

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.runs import BrokenRun, Run, find_runs
from amplify_viz.ui.cuts import cut_messages
from amplify_viz.ui.demo_panel import demo_panel
from amplify_viz.ui.predictions import say_what_is_unknown, show_predictions
from amplify_viz.ui.presets import PRESETS
from amplify_viz.ui.resources import allowed_roots, record_of, runs_folder
from amplify_viz.ui.state import (
    BACKBONE,
    BOUND,
    MAX_CHECKPOINTS,
    Choice,
    apply_preset,
    choices,
    default_labels,
    name_preset,
    plain,
    set_defaults,
    typed_choice,
)
from amplify_viz.ui.variations import Variant, choose_variation, variants
from amplify_viz.ui.views import show_views


def page() -> None:
    """The page, from the sidebar's choices down to the open view."""
    root = runs_folder()
    runs = find_runs(root)
    with st.sidebar:
        chosen = _choose_checkpoints([run for run in runs if isinstance(run, Run)])
        text, text_pair = _choose_text()
        _list_broken([run for run in runs if isinstance(run, BrokenRun)])
    demo_panel(root)
    records = _records([Variant(choice.label, choice.source) for choice in chosen], text, text_pair)
    if records:
        with st.sidebar:
            variation = choose_variation(chosen, records)
        panels = variants(chosen, variation, records)
        if any(panel.name not in {choice.label for choice in chosen} for panel in panels):
            records = _records(panels, text, text_pair)
    if records:
        show_predictions(records)
        for message in cut_messages(records):
            st.warning(message)
        say_what_is_unknown(records)
        show_views(records)


def _choose_checkpoints(runs: Sequence[Run]) -> list[Choice]:
    found = choices(runs)
    first = default_labels(found)
    set_defaults("run", first)
    labels = st.multiselect(
        "Checkpoints",
        list(found),
        first,
        max_selections=MAX_CHECKPOINTS,
        accept_new_options=True,
        key="run",
        bind=BOUND,
        placeholder="Choose, or type a folder or hub name",
        help="One to four, side by side. Type the path of a checkpoint folder or a hub name to add your own model.",
    )
    if not labels:
        st.info(f"Choose at least one checkpoint; until then the {BACKBONE} is shown.")
    chosen = []
    for label in labels or [BACKBONE]:
        try:
            chosen.append(found.get(label) or typed_choice(label, allowed_roots()))
        except InputError as error:
            st.error(plain(str(error)))
    return chosen


def _choose_text() -> tuple[str, str | None]:
    first = PRESETS[0]
    examples = st.container()
    text = st.text_area("Sentence A", first.text, height=88, max_chars=20_000, key="a", bind=BOUND)
    pair = st.text_area(
        "Sentence B",
        first.text_pair,
        height=88,
        max_chars=20_000,
        key="b",
        bind=BOUND,
        help="Empty: one sentence only.",
    )
    name_preset(text, pair)
    examples.selectbox(
        "Example",
        [preset.title for preset in PRESETS],
        index=None,
        key="example",
        on_change=apply_preset,
        placeholder="Take a sentence of the paper",
        help="Sets the sentences, the layer and the focus word of one of the paper's figures.",
    )
    return text, pair if pair.strip() else None


def _list_broken(broken: Sequence[BrokenRun]) -> None:
    if broken:
        with st.expander(f"Runs that cannot be used ({len(broken)})", icon=":material/warning:"):
            for run in broken:
                st.caption(plain(run.reason))


def _records(panels: Sequence[Variant], text: str, text_pair: str | None) -> list[AttentionRecord]:
    """A record of each checkpoint that works; each that does not is said in one sentence."""
    records, messages = [], []
    with st.spinner("Reading the sentences…", show_time=True):
        for panel in panels:
            try:
                records.append(record_of(panel.source, text, text_pair, name=panel.name, off=panel.off))
            except InputError as error:
                messages.append(str(error))
    for message in dict.fromkeys(messages):
        st.error(plain(message), icon=":material/error:")
    return records


page()
