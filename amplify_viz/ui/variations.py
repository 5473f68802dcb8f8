"""What if: the chosen checkpoints at an earlier epoch, or with heads switched off, beside what they are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import streamlit as st

import amplify_viz as av
from amplify_viz.attention import Head
from amplify_viz.records import AttentionRecord
from amplify_viz.runs import kept_epochs
from amplify_viz.ui.state import BOUND, MAX_CHECKPOINTS, Choice, current_look, forget_unknown, keep_known, plain

LAST = "as saved"
_MOST_NAMED = 3


@dataclass(frozen=True)
class Variation:
    """How the checkpoints are changed: an epoch whose weights were kept, heads switched off; beside: also as they are."""

    epoch: int | None = None
    off: tuple[Head, ...] = ()
    beside: bool = False


@dataclass(frozen=True)
class Variant:
    """One panel: a checkpoint as it is or changed.  name: on screen; source: for `load`; off: heads switched off."""

    name: str
    source: str
    off: tuple[Head, ...] = ()


def choose_variation(chosen: Sequence[Choice], records: Sequence[AttentionRecord]) -> Variation:
    """The widgets, and what was chosen with them: epochs that a chosen run has kept, heads that a record has."""
    epochs = sorted({epoch for choice in chosen if choice.run for epoch in kept_epochs(choice.run)})
    heads = sorted({head for record in records for head in _heads_of(record)})
    options = [f"{layer + 1}.{head + 1}" for layer, head in heads]
    keep_known("off", options)
    changed = "off" in st.query_params or "epoch" in st.query_params
    with st.expander("What if…", expanded=changed, icon=":material/tune:"):
        epoch = _choose_epoch(epochs)
        off = _choose_heads(options)
        can = 2 * len(chosen) <= MAX_CHECKPOINTS
        beside = st.toggle(
            "Beside the unchanged ones",
            value=True,
            key="beside",
            bind=BOUND,
            disabled=not can,
            help=f"With up to {MAX_CHECKPOINTS // 2} checkpoints: then *Difference* in a view shows what the change did.",
        )
        st.button("Reset", on_click=_reset, width="stretch", disabled=epoch is None and not off)
    return Variation(epoch, off, beside and can)


def say_off(records: Sequence[AttentionRecord]) -> None:
    """Says under a map which heads are switched off and what that means, where some are."""
    if any(record.off for record in records):
        st.caption(plain(" ".join(av.figures.sentences.of_off(records))))


def _heads_of(record: AttentionRecord) -> set[Head]:
    return set(product(range(record.n_layers), range(record.n_heads)))


def _choose_epoch(epochs: Sequence[int]) -> int | None:
    if not epochs:
        st.caption("Runs trained with `--keep-epochs` can be seen here after each epoch.")
        return None
    options = [*map(str, epochs), LAST]
    forget_unknown("epoch", options)
    chosen = st.select_slider(
        "Epoch",
        options,
        value=LAST,
        key="epoch",
        bind=BOUND,
        help="Weights after each epoch that was kept; as saved are those of the best epoch on dev.",
    )
    return None if chosen == LAST else int(chosen)


def _choose_heads(options: list[str]) -> tuple[Head, ...]:
    chosen = st.multiselect(
        "Heads switched off",
        options,
        key="off",
        bind=BOUND,
        placeholder="layer.head, such as 4.3",
        help="Their attention output is zero in every chosen checkpoint that has them, and each later layer reads what is left.",
    )
    st.button(
        "Switch off the heads on show",
        on_click=_add_shown,
        args=(options,),
        width="stretch",
        help="Those of the layer that the view looks at.",
    )
    pairs = (name.split(".") for name in chosen)
    return tuple(sorted((int(layer) - 1, int(head) - 1) for layer, head in pairs))


def _add_shown(options: list[str]) -> None:
    """Callback: the heads that the views show in their layer are switched off, too."""
    look = current_look()
    heads = range(len(options)) if look.heads is None else look.heads
    added = (f"{look.layer + 1}.{head + 1}" for head in heads)
    st.session_state["off"] = [*dict.fromkeys([*st.session_state.get("off", []), *(x for x in added if x in options)])]


def _reset() -> None:
    st.session_state.update(off=[], epoch=LAST)


def variants(chosen: Sequence[Choice], variation: Variation, records: Sequence[AttentionRecord] = ()) -> list[Variant]:
    """The panels: each checkpoint changed, after the unchanged one where that is asked for and differs.

    records: of the checkpoints as they are, by whose shape only heads that each has are switched off in it.
    """
    known = {record.checkpoint: _heads_of(record) for record in records}
    found = []
    for choice in chosen:
        whole = Variant(choice.label, choice.source)
        own = tuple(head for head in variation.off if head in known.get(choice.label, variation.off))
        changed = _changed(choice, replace(variation, off=own))
        found += [whole, changed] if variation.beside and changed != whole else [changed]
    return found


def _changed(choice: Choice, variation: Variation) -> Variant:
    name, source = choice.label, choice.source
    kept = kept_epochs(choice.run) if choice.run and variation.epoch else {}
    if variation.epoch in kept:
        name, source = f"{name} · epoch {variation.epoch}", str(kept[variation.epoch])
    if variation.off:
        name = f"{name} · without {_heads(variation.off)}"
    return Variant(name, source, variation.off)


def _heads(off: Sequence[Head]) -> str:
    if len(off) > _MOST_NAMED:
        return f"{len(off)} heads"
    return "head " + ", ".join(f"{layer + 1}.{head + 1}" for layer, head in off)
