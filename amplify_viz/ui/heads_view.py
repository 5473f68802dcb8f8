"""What each head does with the text, on the Explore page: its measures, and which kind it is."""

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import pandas as pd
import streamlit as st

import amplify_viz as av
from amplify_viz.comparison.quantities import Quantity
from amplify_viz.recipes import HeadKinds, HeadMeasures
from amplify_viz.recipes.texts import OfText
from amplify_viz.records import AttentionRecord
from amplify_viz.ui.components import cell_map
from amplify_viz.ui.components.door import OnChange
from amplify_viz.ui.export import recipe_menu
from amplify_viz.ui.head_maps import kinds_map, map_of
from amplify_viz.ui.recipes import about_records, shared
from amplify_viz.ui.resources import kinds_of
from amplify_viz.ui.results_export import beside, frame_menu
from amplify_viz.ui.state import BOUND, plain
from amplify_viz.ui.variations import say_off
from amplify_viz.views.look import Look

_KIND = "Kind"
_SHARES: Mapping[str, str] = MappingProxyType(
    {
        "Attention to the previous token": "share_previous",
        "Attention to the next token": "share_next",
        "Attention to itself": "share_self",
        "Attention to the first token ([CLS] in BERT)": "share_first",
        "Attention to separators ([SEP] in BERT)": "share_separator",
        "Attention to special tokens": "share_special",
        "Attention across the two sentences": "share_across",
        "Confidence (largest weight)": "confidence",
        "Entropy relative to uniform": "relative_entropy",
    }
)
_AMOUNTS: Mapping[str, str] = MappingProxyType({"Entropy (nats)": "entropy", "Distance (tokens)": "distance"})


def draw_head_measures(records: Sequence[AttentionRecord], _look: Look, *, on_change: OnChange) -> None:
    """One map for each checkpoint, of a measure that is chosen, all on one scale; a click opens the head."""
    with st.spinner("Measuring the heads…", show_time=True):
        tables = [kinds_of(record) for record in records]
    known = [
        name for name in (_KIND, *_AMOUNTS, *_SHARES) if records[0].texts[1:] or _SHARES.get(name) != "share_across"
    ]
    chosen = st.selectbox("What a head does", known, key="head_measure", bind=BOUND)
    quantity = None if chosen == _KIND else _quantity(chosen, tables)
    with beside(lambda: st.caption("On this text. A click opens the head.", width="content")):
        recipe_menu(partial(_recipe, shared(records), quantity), records)
    for number, (record, table) in enumerate(zip(records, tables, strict=True)):
        st.markdown(f"**{plain(record.checkpoint)}**")
        if quantity is None:
            counts = table["kind"].value_counts()
            note = ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in av.colours.KINDS)
            grid = kinds_map(table, note=f"{note}.", opens="Head view")
        else:
            grid = map_of(table, quantity, note="", opens="Head view")
        cell_map(grid, key=f"head_measures_{number}", on_change=on_change)
    say_off(records)
    st.caption(_RULES if chosen == _KIND else _MEANS)
    with st.expander("The numbers"):
        numbers = _readable(pd.concat(tables))
        title = "What each head does with this text"
        frame_menu("heads", numbers, title=title, about=lambda: about_records(title, records))
        st.dataframe(numbers, hide_index=True, placeholder="–")


def _recipe(options: Mapping[str, Any], quantity: Quantity | None, width: float) -> OfText:
    """The figure of a measure, or of the kinds."""
    if quantity is None:
        return HeadKinds(**options, width=width)
    measure: Any = quantity.column.replace("_", "-")
    return HeadMeasures(**options, measure=measure, width=width)


_RULES = (
    "The first rule that holds gives the kind. Positional: half or more of the attention goes to the previous token, the next or "
    "itself; first token and separator: half or more goes to the first token ([CLS] in BERT) and separators ([SEP]) together, and "
    "the kind is the one that gets more; broad: the entropy is 0.9 or more of uniform attention's; else content. The half is after "
    "Clark et al. (2019), who found such heads for neighbours, [CLS] and [SEP]; 0.9 is ours. On short texts every share is large: "
    "judge by many texts, on the page Compare. A kind says what a head looks at, not what it is good for."
)
_MEANS = "Means over the text's tokens. For means over many texts, with tests, use the page Compare."


def _quantity(chosen: str, tables: Sequence[pd.DataFrame]) -> Quantity:
    if chosen in _SHARES:
        return Quantity(_SHARES[chosen], chosen.lower(), full=1.0)
    column = _AMOUNTS[chosen]
    largest = max(float(table[column].max()) for table in tables)
    return Quantity(column, chosen.lower(), full=largest if largest > 0 else 1.0)


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    shown = table.assign(layer=table["layer"] + 1, head=table["head"] + 1)
    return shown.rename(columns=lambda name: str(name).replace("_", " "))
