"""Explore: one to four checkpoints side by side on one sentence or pair."""

from collections.abc import Sequence

import streamlit as st

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.runs import BrokenRun, Run, find_runs
from amplify_viz.ui.demo_panel import demo_panel
from amplify_viz.ui.presets import PRESETS
from amplify_viz.ui.resources import allowed_roots, record_of, runs_folder
from amplify_viz.ui.state import (
    BACKBONE,
    EVERY_WORD,
    MAX_CHECKPOINTS,
    Choice,
    apply_preset,
    choices,
    default_labels,
    forget_unknown,
    plain,
    set_defaults,
    typed_choice,
    word_labels,
)
from amplify_viz.ui.views import BOUND, VIEWS, Look


def page() -> None:
    """The page, from the sidebar's choices down to the open view."""
    root = runs_folder()
    runs = find_runs(root)
    with st.sidebar:
        chosen = _choose_checkpoints([run for run in runs if isinstance(run, Run)])
        text, text_pair = _choose_text()
        _list_broken([run for run in runs if isinstance(run, BrokenRun)])
    demo_panel(root)
    records = _records(chosen, text, text_pair)
    if not records:
        return
    _predictions(records)
    _say_what_was_cut(records)
    _look(records, chosen)


@st.fragment
def _look(records: Sequence[AttentionRecord], chosen: Sequence[Choice]) -> None:
    """The choices that all views share, and the open view: a fragment, so that a change of layer runs nothing else."""
    look = _choose_look(records, chosen)
    tabs = st.tabs(list(VIEWS), key="view", bind=BOUND)
    for tab, draw in zip(tabs, VIEWS.values(), strict=True):
        if tab.open:
            with tab:
                draw(records, look)


def _choose_checkpoints(runs: Sequence[Run]) -> list[Choice]:
    found = choices(runs)
    set_defaults("run", default_labels(found))
    labels = st.multiselect(
        "Checkpoints",
        list(found),
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
    st.selectbox(
        "Example",
        [preset.title for preset in PRESETS],
        index=None,
        key="example",
        on_change=apply_preset,
        placeholder="Take a sentence of the paper",
        help="Sets the sentences, the layer and the focus word of one of the paper's figures.",
    )
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
    return text, pair if pair.strip() else None


def _list_broken(broken: Sequence[BrokenRun]) -> None:
    if broken:
        with st.expander(f"Runs that cannot be used ({len(broken)})", icon=":material/warning:"):
            for run in broken:
                st.caption(plain(run.reason))


def _records(chosen: Sequence[Choice], text: str, text_pair: str | None) -> list[AttentionRecord]:
    """A record of each checkpoint that works; each that does not is said in one sentence."""
    records, messages = [], []
    with st.spinner("Reading the sentences…", show_time=True):
        for choice in chosen:
            try:
                records.append(record_of(choice.source, text, text_pair, name=choice.label))
            except InputError as error:
                messages.append(str(error))
    for message in dict.fromkeys(messages):
        st.error(plain(message), icon=":material/error:")
    return records


def _predictions(records: Sequence[AttentionRecord]) -> None:
    for column, record in zip(st.columns(len(records), border=True), records, strict=True):
        if record.probabilities is None:
            column.markdown(f"{plain(record.checkpoint)}  \n{_without_probabilities(record)}")
            continue
        order = record.probabilities.argsort(descending=True)[:3].tolist()
        shares = [f"{plain(record.label_names[i])}: {100 * float(record.probabilities[i]):.1f} %" for i in order]
        column.markdown(f"{plain(record.checkpoint)}  \n**{shares[0]}** · {' · '.join(shares[1:])}")


def _without_probabilities(record: AttentionRecord) -> str:
    if record.logits is None:
        return "**no classifier**: a backbone has attention, and predicts nothing"
    return f"**{float(record.logits[0]):.3f}**: one output, a score rather than a class"


def _say_what_was_cut(records: Sequence[AttentionRecord]) -> None:
    for record in records:
        for number, cut in enumerate(record.cut):
            if cut:
                st.warning(
                    f"{plain(record.checkpoint)} reads at most {record.n_tokens} tokens: the last {len(cut.split()):,} words of "
                    f"sentence {'AB'[number]} were cut, from “{plain(cut[:60])}…” on. Shorten it to see all of it."
                )


def _choose_look(records: Sequence[AttentionRecord], chosen: Sequence[Choice]) -> Look:
    n_layers = min(record.n_layers for record in records)
    n_heads = min(record.n_heads for record in records)
    left, middle, right = st.columns([2, 5, 3])
    layers = list(range(1, n_layers + 1))
    forget_unknown("layer", layers)
    layer = left.select_slider("Layer", layers, value=min(4, n_layers), key="layer", bind=BOUND) if n_layers > 1 else 1
    if st.session_state.get("_n_heads", n_heads) != n_heads:
        st.session_state.pop("heads", None)  # other models, other heads: all of them again
    st.session_state["_n_heads"] = n_heads
    heads = middle.pills(
        "Heads",
        list(range(1, n_heads + 1)),
        selection_mode="multi",
        default=list(range(1, n_heads + 1)),
        key="heads",
        wrap=True,
        bind=BOUND,
    )
    words = word_labels(records)
    forget_unknown("focus", [EVERY_WORD, *words])
    focus = right.selectbox(
        "Focus word", [EVERY_WORD, *words], key="focus", bind=BOUND, help="A click on a word in any view sets it too."
    )
    return Look(
        layer - 1,
        tuple(sorted(head - 1 for head in heads if head <= n_heads)),
        words.get(focus),
        reference=_first_mixed(records, chosen),
    )


def _first_mixed(records: Sequence[AttentionRecord], chosen: Sequence[Choice]) -> int:
    """Position of the first record of a run with mixup, or else of the first."""
    mixed = {choice.label for choice in chosen if choice.method not in ("", "none")}
    return next((i for i, record in enumerate(records) if record.checkpoint in mixed), 0)


page()
