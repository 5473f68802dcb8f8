"""What of the results is looked at: the choices in the sidebar, mirrored in the URL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from amplify_viz.recipes.tables import about_table
from amplify_viz.results import METRICS, data_title
from amplify_viz.results.tables import in_order
from amplify_viz.ui.results_runs import Found
from amplify_viz.ui.state import BOUND, plain

Split = Literal["dev", "test"]
_SPLITS: tuple[Split, Split] = ("test", "dev")


@dataclass(frozen=True, eq=False)
class Look:
    """What every section looks at.

    key: names the content of `runs`, for caches; runs: as `gather` gives them, all methods; methods: those to show;
    shown: their rows of `runs`.
    """

    key: tuple[str, ...]
    found: Found
    runs: pd.DataFrame
    methods: tuple[str, ...]
    metric: str
    split: Split

    @property
    def shown(self) -> pd.DataFrame:
        """The rows of the methods to show."""
        return self.runs[self.runs["method"].isin(self.methods)]

    def about(self, title: str, **chosen: Any) -> str:
        """What a table of these runs says of itself in its files."""
        runs = self.shown["folder"].tolist()
        return about_table(title, folders=runs, metric=self.metric, split=self.split, **chosen)


def choose_look(found: Found) -> Look:
    """Draws the choices and returns what they leave; no choice in a list is all of it."""
    frame = found.frame
    data = _several("Data", "data", in_order("data", frame["data"]), hint="Nothing chosen: all of them.")
    backbones = _several("Backbones", "backbone", sorted(frame["backbone"].unique()))
    methods = _several("Methods", "method", in_order("method", frame["method"]))
    split = st.segmented_control("Split", _SPLITS, default="test", required=True, key="split", bind=BOUND)
    metric = st.selectbox(
        "Metric",
        list(METRICS),
        key="metric",
        bind=BOUND,
        format_func=_metric_title,
        help="Of the tables and differences.",
    )
    kept = frame[frame["data"].isin(data) & frame["backbone"].isin(backbones)]
    return Look((found.key, *data, "/", *backbones), found, kept, tuple(methods), metric, split)


def _several(label: str, key: str, options: Sequence[str], *, hint: str | None = None) -> Sequence[str]:
    """The chosen options, all where none is; what a link or an earlier choice says beside them is dropped."""
    if len(options) < 2:
        return options  # nothing to choose
    forget_some(key, options)
    chosen = st.multiselect(label, options, key=key, bind=BOUND, placeholder="All", help=hint, format_func=_title)
    return chosen or options


def forget_some(key: str, options: Sequence[str]) -> None:
    """Drops those values of a list that its options no longer hold."""
    before = st.session_state.get(key, [])
    if not set(before) <= set(options):
        st.session_state[key] = [one for one in before if one in options]


def _title(name: str) -> str:
    return data_title(name)


def _metric_title(name: str) -> str:
    return METRICS[name].title


def list_broken(found: Found) -> None:
    """Draws which runs are not used, and why."""
    if found.broken:
        with st.expander(f"Runs that are not used ({len(found.broken)})", icon=":material/warning:"):
            for run in found.broken:
                st.caption(plain(run.reason))
