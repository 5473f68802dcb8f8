"""What each checkpoint predicts, in a row, and what of the text it does not know."""

from collections.abc import Sequence

import streamlit as st

from amplify_viz.records import AttentionRecord
from amplify_viz.ui.state import plain
from amplify_viz.unknown import unknown_in


def show_predictions(records: Sequence[AttentionRecord]) -> None:
    """A box for each record: its checkpoint and the most probable labels."""
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
    if len(record.logits) == 1:
        return f"**{float(record.logits[0]):.3f}**: one output, a score rather than a class"
    named = zip(record.label_names, record.logits.tolist(), strict=True)
    return f"{' · '.join(f'{plain(name)}: **{score:.3f}**' for name, score in named)}: scores rather than classes"


def say_what_is_unknown(records: Sequence[AttentionRecord]) -> None:
    """Which words of the text a model has read as unknown, such as emoji."""
    for sentence in unknown_in(records):
        st.warning(plain(sentence))
