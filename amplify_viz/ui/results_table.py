"""All runs as one table, each with a link to Explore."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from amplify_viz.results import METRICS, data_title
from amplify_viz.results.settings import differing
from amplify_viz.results.tables import rank
from amplify_viz.ui.results_export import beside, frame_menu
from amplify_viz.ui.results_filters import Look
from amplify_viz.ui.results_runs import explore_labels, is_shipped

_NAMED = ("method", "data", "backbone")  # in columns of their own
_TIME = "minutes per 12,000 steps"
_SHOWN = ("accuracy", "macro_f1", "nll", "ece")
_TITLES = {"nll": "NLL", "ece": "ECE", "macro_f1": "macro F1"}


def draw_runs(look: Look, root: Path) -> None:
    """Draws the table; a click on the head of a column sorts by it."""
    runs = _sorted(look.shown)
    table = runs_table(runs, look.split)
    links = _links(runs, explore_labels(look.found, root))
    said = f"Measured on the {look.split} split. Click on the head of a column to sort by it."
    with beside(lambda: st.caption(said, width="content")):
        title = f"All runs, {look.split} split"
        frame_menu("runs", table, title=title, csv=runs, about=lambda: look.about(title))
    shown = table.assign(**{"open": links} if links.notna().any() else {})
    if "settings" in shown:
        shown = shown[[*shown.columns.drop("settings"), "settings"]]  # the longest comes last
    st.dataframe(
        shown, placeholder="–", hide_index=True, column_config=_columns(), alt=f"All runs, measured on {look.split}"
    )


def runs_table(runs: pd.DataFrame, split: str) -> pd.DataFrame:
    """The columns that are shown, a row a run; shares in percent, settings where they differ, where from if that differs."""
    shown = pd.DataFrame(
        {
            "method": runs["method"],
            "data": runs["data"].map(data_title),
            "backbone": runs["backbone"],
            "seed": runs["seed"],
            "settings": differing(runs, _NAMED)["settings"],
            **{_head(name): METRICS[name].factor * runs[f"{split}_{name}"] for name in _SHOWN},
            _TIME: runs["seconds_per_12000_steps"] / 60,
            "from": ["the project" if is_shipped(folder) else "runs folder" for folder in runs["folder"]],
        },
        index=runs.index,
    )
    alike = [name for name in ("settings", "from") if not (shown[name] != shown[name].iloc[0]).any()]
    return shown.drop(columns=[name for name in alike if name == "from" or shown[name].iloc[0] == ""])


def _head(name: str) -> str:
    metric = METRICS[name]
    return f"{_TITLES.get(name, metric.title)}{', %' if metric.unit == '%' else ''}"


def _sorted(runs: pd.DataFrame) -> pd.DataFrame:
    """By data, backbone, method and seed, in the paper's order."""
    places = [
        (rank("data", run["data"]), run["backbone"], rank("method", run["method"]), run["seed"])
        for run in runs.to_dict("records")
    ]
    return runs.iloc[sorted(range(len(runs)), key=places.__getitem__)]


def _links(runs: pd.DataFrame, labels: dict[str, str]) -> "pd.Series[Any]":
    """Where Explore shows each run, None where it cannot: without weights there is nothing to load."""
    found = [labels.get(folder) for folder in runs["folder"]]
    return pd.Series(
        [f"./?{urlencode({'run': label})}" if label else None for label in found], runs.index, dtype=object
    )


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "method": st.column_config.TextColumn(pinned=True),
        "settings": st.column_config.TextColumn(help="What tells a run from the others here, the seed aside."),
        **{
            _head(name): number(format="%.3f" if METRICS[name].factor == 1 else "%.2f", help=_help(name))
            for name in _SHOWN
        },
        _TIME: number("min / 12k steps", format="%.1f", help="Training time for 12,000 steps, the paper's measure."),
        "open": st.column_config.LinkColumn(
            "open", display_text="Explore", help="Opens the page Explore with this run, in a new tab."
        ),
    }


def _help(name: str) -> str:
    metric = METRICS[name]
    unit = f" in {metric.unit}" if metric.unit not in ("", "%") else ""
    return f"{metric.title.capitalize()}{unit}; {'higher' if metric.higher_is_better else 'lower'} is better."
