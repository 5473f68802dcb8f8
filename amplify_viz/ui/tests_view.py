"""The paper's t-test on the Explore page: by layer, by layer and head, and method by data set."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd
import streamlit as st

import amplify_viz as av
from amplify_viz.colours import P_DECADES
from amplify_viz.recipes import DataTests, HeadTests, LayerTests
from amplify_viz.recipes.data_sets import data_of
from amplify_viz.recipes.recipe import portable
from amplify_viz.recipes.tests import CORRECTED, WELCH
from amplify_viz.records import AttentionRecord
from amplify_viz.runs import Run, find_runs
from amplify_viz.ui.components import Grid, cell_map, p_value_map
from amplify_viz.ui.components.door import OnChange
from amplify_viz.ui.export import made_menu, recipe_menu
from amplify_viz.ui.head_maps import P_LEGEND, TESTED, map_of, value_cell
from amplify_viz.ui.recipes import about_records, shared
from amplify_viz.ui.resources import origin_of, record_of, runs_folder
from amplify_viz.ui.results_export import beside, frame_menu
from amplify_viz.ui.state import BOUND, forget_unknown
from amplify_viz.views.look import Look

_DATA = "Method and data set"
_SHARED = {
    "epochs",
    "fraction",
    "learning_rate",
    "batch_size",
    "alpha",
}  # may differ from the usual, alike for all methods
_NOTE = (
    "Welch's t-test over the elements of the attention outputs, as in the paper's Figure 3. It says whether the grand means of two "
    "checkpoints' outputs differ on this text, never whether the outputs do: these can differ in every element and have equal "
    "means, so read the mean absolute difference and the effect size beside p. The elements are dependent, so that p is "
    "uncalibrated, too small or too large. p is not corrected for the number of tests; corrected p (Holm, over the tests of one "
    "checkpoint) stands beside it in the numbers. Nothing here says whether two methods differ: for that the page Compare tests "
    "groups of runs over many texts. Attention weights are not tested: each row sums to 1, so that their mean is the same in every "
    "model."
)


def draw_tests(records: Sequence[AttentionRecord], look: Look, *, on_change: OnChange) -> None:
    """Each checkpoint's attention outputs against the reference's, by layer or by layer and head."""
    if len(records) < 2:
        st.info("A test compares two checkpoints: choose at least two in the sidebar.")
        return
    names = [record.checkpoint for record in records]
    forget_unknown("reference", names)
    by = st.segmented_control("For each", [*_BY, _DATA], key="tested_by", bind=BOUND, default=next(iter(_BY)))
    if by == _DATA:
        _draw_data_sets(records[0].texts)
    else:
        chosen = st.selectbox("Reference", names, key="reference", bind=BOUND)
        reference = records[names.index(chosen)]
        others = [record for record in records if record is not reference]
        _BY[by or next(iter(_BY))](reference, others, look, on_change)
    st.caption(_NOTE)


def _draw_layers(
    reference: AttentionRecord, others: Sequence[AttentionRecord], look: Look, on_change: OnChange
) -> None:
    table = av.statistics.layer_tests(reference, *others)
    with beside(lambda: st.caption("A click on a cell chooses its layer.", width="content")):
        ordered = [reference, *others]
        recipe_menu(lambda width: LayerTests(**shared(ordered), width=width), ordered)
    p_value_map(table, layer=look.layer, key="p_value_map", on_change=on_change)
    _show_numbers(table.assign(layer=table["layer"] + 1), "layer-tests-table", [reference, *others])


def _draw_heads(
    reference: AttentionRecord, others: Sequence[AttentionRecord], _look: Look, on_change: OnChange
) -> None:
    names = [record.checkpoint for record in others]
    forget_unknown("tested", names)
    chosen = names[0] if len(names) == 1 else st.selectbox("Tested", names, key="tested", bind=BOUND)
    ordered = [reference, others[names.index(chosen)]]
    table = av.statistics.head_tests(*ordered)
    quantity = st.segmented_control("Colour", list(TESTED), key="tested_colour", bind=BOUND, default=next(iter(TESTED)))
    note = f"{chosen} minus {reference.checkpoint}, n = {table['n'].iloc[0]:,} elements on each side."
    name = quantity or next(iter(TESTED))
    with beside(lambda: st.caption("A click opens the head.", width="content")):
        options: Any = shared(ordered) | {"show": name.lower().replace(" ", "-")}
        recipe_menu(lambda width: HeadTests(**options, width=width), ordered)
    grid = map_of(table, TESTED[name], note=note, opens="Head view")
    cell_map(grid, key="head_tests", on_change=on_change)
    _show_numbers(table.assign(layer=table["layer"] + 1, head=table["head"] + 1), "head-tests-table", ordered)


_BY: Mapping[str, Callable[[AttentionRecord, Sequence[AttentionRecord], Look, OnChange], None]] = MappingProxyType(
    {"Layer": _draw_layers, "Layer and head": _draw_heads}
)


def _draw_data_sets(texts: tuple[str, ...]) -> None:
    """Of all runs in the runs folder: each method against the reference, on each data set."""
    found = [run for run in find_runs(runs_folder()) if isinstance(run, Run)]
    methods = sorted({run.config.method for run in found})
    forget_unknown("reference_method", methods)
    first = methods.index("amplify") if "amplify" in methods else 0
    reference = st.selectbox("Reference method", methods, first, key="reference_method", bind=BOUND) if methods else ""
    groups = runs_by_data(found, reference)
    if not groups:
        st.info("No data set has two finished runs of one seed with different methods: train some on the page Train.")
        return
    text, pair = texts[0], next(iter(texts[1:]), None)
    with st.spinner("Reading the sentences…", show_time=True):
        records = {
            data: [record_of(str(run.folder), text, pair, name=run.config.method) for run in runs]
            for data, runs in groups.items()
        }
    table = av.statistics.data_tests(records)
    seeds = ", ".join(f"{data}: seed {runs[0].config.seed}" for data, runs in groups.items())
    with beside(lambda: st.caption(f"The outputs of all layers, on this text ({seeds}).", width="content")):
        folders = [str(run.folder) for runs in groups.values() for run in runs]
        options: Any = {"run": tuple(map(portable, folders)), "text": text, "pair": pair, "reference": reference}
        made_menu(
            lambda width: DataTests(**options, width=width),
            lambda one: one.made(records, [origin_of(folder) for folder in folders]),
        )
    cell_map(_data_grid(table, reference), key="data_tests")
    _show_numbers(table, "data-tests-table", [record for several in records.values() for record in several])


def runs_by_data(found: Sequence[Run], reference: str) -> dict[str, list[Run]]:
    """For each data set and backbone the runs of one seed, the reference method's first; the smallest seed with most methods.

    Runs with other settings than their method's own are left out, and data sets with the reference alone or without it.
    """
    seeds: dict[str, dict[int, list[Run]]] = {}
    for run in sorted(found, key=lambda run: run.config.method):
        if not set(run.config.changed) - _SHARED:
            seeds.setdefault(data_of(run), {}).setdefault(run.config.seed, []).append(run)
    best = {
        data: max(each.values(), key=lambda runs: (len(_once(runs, reference)), -runs[0].config.seed))
        for data, each in seeds.items()
    }
    groups = {data: _once(runs, reference) for data, runs in sorted(best.items())}
    return {data: runs for data, runs in groups.items() if len(runs) > 1 and runs[0].config.method == reference}


def _once(runs: Sequence[Run], reference: str) -> list[Run]:
    """One run of each method, the newest, the reference's first."""
    newest = {run.config.method: run for run in sorted(runs, key=lambda run: run.created)}
    return sorted(newest.values(), key=lambda run: (run.config.method != reference, run.config.method))


def _data_grid(table: pd.DataFrame, reference: str) -> Grid:
    data, methods = list(table["data"].unique()), sorted(table["checkpoint"].unique())
    cells = [
        value_cell(row, TESTED["p"], at=(methods.index(row["checkpoint"]), data.index(row["data"])), most=P_DECADES)
        for row in table.to_dict("records")
    ]
    return Grid(
        "Method",
        methods,
        data,
        cells,
        P_LEGEND,
        f"Each method minus {reference}, in each cell p; the rest is in its tooltip.",
    )


def _show_numbers(table: pd.DataFrame, name: str, records: Sequence[AttentionRecord]) -> None:
    title = "Tests of attention outputs"
    with st.expander("The numbers"):
        frame_menu(name, table, title=title, about=lambda: about_records(title, records, test=f"{WELCH}; {CORRECTED}"))
        st.dataframe(table, hide_index=True, placeholder="–")
