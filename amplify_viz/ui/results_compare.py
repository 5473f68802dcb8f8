"""Every method against `none`: over seeds as intervals, over test rows as McNemar's test and the bootstrap."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from amplify_viz.recipes import PairedDifferences
from amplify_viz.recipes.recipe import portable
from amplify_viz.results import (
    METRICS,
    bootstrap_differences,
    data_title,
    difference_notes,
    mcnemar_tests,
    paired_differences,
)
from amplify_viz.ui.results_export import beside, frame_menu
from amplify_viz.ui.results_figures import show_figure
from amplify_viz.ui.results_filters import Look
from amplify_viz.ui.state import plain

_BASELINE = "none"
_NOTE_ROWS = "For these trained models on other rows, not for other seeds: two seeds of one method can differ as much."
_ALIKE = ("baseline", "confidence", "interval")
_LAST = ("rows", "both_right", "both_wrong", "settings", "status")  # columns that are read last
_FEW = 8  # sentences that are shown unasked
_ASKED = "_bootstrap_asked"


def draw_comparison(look: Look) -> None:
    """Draws the differences over seeds, then the two tests over rows."""
    differences = _shown(look, _differences(look.key, look.metric, look.split, look.runs))
    if differences.empty:
        st.info(_why_none(look))
        return
    _draw_seeds(look, differences)
    _draw_mcnemar(look)
    _draw_bootstrap(look)


def _why_none(look: Look) -> str:
    if not (look.runs["method"] == _BASELINE).any():
        return f"A comparison needs runs of {_BASELINE} on the same data and backbone: there are none here."
    return (
        f"No run here has a partner of {_BASELINE} with the same data, seed and settings, or {METRICS[look.metric].title} on "
        f"{look.split}: train both with equal settings."
    )


def _shown(look: Look, table: pd.DataFrame) -> pd.DataFrame:
    """The methods that are shown; the baseline's own rows (`none` with label smoothing) go with the others."""
    return table[table["method"].isin(look.methods)].reset_index(drop=True)


@st.cache_resource(max_entries=16, show_spinner="Comparing the methods…")
def _differences(key: tuple[str, ...], metric: str, split: str, _runs: pd.DataFrame) -> pd.DataFrame:  # noqa: ARG001 - the cache's key
    return paired_differences(_runs, metric=metric, split=split, baseline=_BASELINE)


@st.cache_resource(max_entries=8, show_spinner="Reading the predictions…")
def _mcnemar(key: tuple[str, ...], split: str, _runs: pd.DataFrame) -> pd.DataFrame:  # noqa: ARG001 - the cache's key
    return mcnemar_tests(_runs, split=split, baseline=_BASELINE)


@st.cache_resource(max_entries=8, show_spinner="Drawing rows 10,000 times…")
def _bootstrap(key: tuple[str, ...], split: str, _runs: pd.DataFrame) -> pd.DataFrame:  # noqa: ARG001 - the cache's key
    return bootstrap_differences(_runs, split=split, baseline=_BASELINE)


def _head(text: str, menu: Callable[[], None]) -> None:
    with beside(lambda: st.subheader(text, width="content")):
        menu()


def _draw_seeds(look: Look, differences: pd.DataFrame) -> None:
    st.subheader("By seeds")
    options = {**options_of(look), "metric": look.metric, "split": look.split}
    show_figure(
        lambda width: PairedDifferences(**options, width=width),
        lambda recipe: recipe.made(look.runs, look.found.runs),
        look.key,
    )
    with st.expander("In words and numbers", expanded=len(differences) <= _FEW):
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in differences["sentence"]))
        _table_menu(look, differences)
    if said := " ".join(difference_notes(differences)):
        st.caption(plain(said))


def options_of(look: Look) -> dict[str, Any]:
    """The runs that are compared, and the methods that are shown where these are not all, as the recipe takes them."""
    folders = folders_of(look.runs["folder"], [*look.found.runs, *(str(run.folder) for run in look.found.broken)])
    there = set(look.runs["method"])
    shown = tuple(method for method in look.methods if method in there)
    return {"run": tuple(map(portable, folders)), "method": () if there == set(shown) else shown}


def folders_of(runs: Iterable[str], known: Iterable[str]) -> list[str]:
    """Folders below which these runs lie and no other that is known: of a data set where all of its runs are meant."""
    wanted, there = set(runs), list(known)
    others = {above for run in there if run not in wanted for above in Path(run).parents}
    data = {run: Path(run).parent.parent for run in runs}
    return list(dict.fromkeys(run if folder in others else str(folder) for run, folder in data.items()))


def _table_menu(look: Look, differences: pd.DataFrame) -> None:
    metric = METRICS[look.metric]
    unit = {"%": " in points", "": ""}.get(metric.unit, f" in {metric.unit}")
    title = f"{look.split} {metric.title}{unit}, minus that of {_BASELINE} with the same seed"
    numbers = differences.drop(columns=["sentence", "metric", "split", "confidence"])
    frame_menu(
        "differences", numbers, title=title, csv=differences, about=lambda: look.about(title), label="Export the table"
    )


def _draw_mcnemar(look: Look) -> None:
    table = _shown(look, _mcnemar(look.key, look.split, look.runs))
    title = f"McNemar’s test on the {look.split} predictions, each run against {_BASELINE} with the same seed"
    _head("By rows: McNemar’s test", lambda: frame_menu("mcnemar", table, title=title, about=lambda: look.about(title)))
    st.caption(f"Rows that only one of the two has right, and how likely so uneven a split is by chance. {_NOTE_ROWS}")
    st.dataframe(_readable(table), hide_index=True, column_config=_P_VALUES, alt=title)


_P_VALUES = {
    "p exact": st.column_config.NumberColumn(format="%.4f", help="Binomial, two-sided."),
    "p mid": st.column_config.NumberColumn(format="%.4f", help="The mid-p value, less conservative."),
    "status": st.column_config.TextColumn(width="large", help="Why there is no test."),
}


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """Without what is the same in every row, data sets by their titles, and the settings, which are long, last."""
    shown = table.assign(data=table["data"].map(data_title))
    empty = [name for name, usual in (("settings", ""), ("status", "tested")) if (shown[name] == usual).all()]
    left = shown.drop(columns=[*empty, *_ALIKE], errors="ignore")
    order = sorted(left.columns, key=lambda name: _LAST.index(name) if name in _LAST else -1)
    return left[order].rename(columns=lambda name: name.replace("_", " ").replace("baseline", _BASELINE))


def _draw_bootstrap(look: Look) -> None:
    key = [*look.key, look.split]
    if st.session_state.get(_ASKED) != key:
        st.subheader("By rows: bootstrap")
        st.caption(
            f"Accuracy differences averaged over seeds, with an interval over the rows of {look.split}. {_NOTE_ROWS}"
        )
        if not st.button("Draw rows 10,000 times", key="bootstrap", icon=":material/casino:"):
            return
        st.session_state[_ASKED] = key
        st.rerun()
    table = _shown(look, _bootstrap(look.key, look.split, look.runs))
    title = (
        f"Accuracy differences to {_BASELINE} in points, averaged over seeds, with 95 % percentile bootstrap intervals"
    )
    over = f"{title} over the rows of {look.split}"
    _head("By rows: bootstrap", lambda: frame_menu("bootstrap", table, title=over, about=lambda: look.about(over)))
    st.caption(f"{title} over the rows of {look.split}. {_NOTE_ROWS}")
    points = {name: st.column_config.NumberColumn(format="%+.2f") for name in ("mean difference", "low", "high")}
    st.dataframe(_readable(table), hide_index=True, column_config={**points, "status": _P_VALUES["status"]}, alt=title)
