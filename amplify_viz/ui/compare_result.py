"""What a comparison found, on the page: plain words, maps, tables, rankings, predictions."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from amplify_viz.comparison import NAMES, Comparison, pair_values, predictions, ranked_texts, said
from amplify_viz.comparison.tables import SIMILARITIES
from amplify_viz.comparison.wording import TEST_NAMES
from amplify_viz.corpus import PAIR_HEAD_MEASURES, PAIR_LAYER_MEASURES
from amplify_viz.reading.columns import Input
from amplify_viz.statistics import differing_words
from amplify_viz.ui.compare_form import Asked
from amplify_viz.ui.components import Change, cell_map
from amplify_viz.ui.head_maps import figure_of, map_of, quantities
from amplify_viz.ui.resources import record_of
from amplify_viz.ui.results_export import beside, frame_menu
from amplify_viz.ui.state import BOUND, forget_unknown, plain
from amplify_viz.views.look import Look, to_link

OPEN = "_open_in_explore"
"""Where a clicked cell's layer and head wait for the page, which may leave for Explore only outside callbacks."""

_OF_TWO = (*PAIR_HEAD_MEASURES, *PAIR_LAYER_MEASURES)
_COLUMNS: Mapping[str, str] = MappingProxyType({"runs_a": "runs A", "runs_b": "runs B"})


def draw_result(found: Comparison, asked: Asked) -> None:
    """Draws all of it, and leaves for Explore where a head was clicked."""
    words = said(found)
    kind = "groups of runs" if found.of_groups else "checkpoints"
    inputs = ("sentence pair" if found.are_pairs else "text") + "s" * (found.n_inputs != 1)
    st.subheader(f"Two {kind}, {found.n_inputs:,} {inputs}")
    st.caption(plain(f"A: {_side(asked.a)} — B: {_side(asked.b)} — {found.origin}; differences are B − A."))
    st.info("\n\n".join(words.can_say), icon=":material/balance:")
    if found.n_cut:
        st.warning(f"{found.n_cut:,} texts were longer than a checkpoint reads, and were measured without their end.")
    sections = {
        "Map": _draw_map,
        "Table": _draw_table,
        "Where they differ": _draw_where,
        "Predictions": _draw_predictions,
    }
    measure = _choose_measure(found)
    for tab, draw in zip(st.tabs(list(sections), key="part", bind=BOUND), sections.values(), strict=True):
        if tab.open:
            with tab:
                draw(found, asked, measure)
    with st.expander("In words", icon=":material/notes:", expanded=True):
        st.markdown("\n".join(f"- {line}" for line in words.found))
        st.caption("How to read it")
        st.markdown("\n".join(f"- {line}" for line in words.notes))


def _choose_measure(found: Comparison) -> str:
    known = [*_measures(found.tests), *_measures(found.distances)]
    forget_unknown("measured", known)
    measure: str = st.selectbox("Measure", known, key="measured", bind=BOUND, format_func=lambda name: NAMES[name])
    return measure


def _measures(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(table["measure"])) if len(table) else []


def _rows(found: Comparison, measure: str) -> pd.DataFrame:
    table = found.tests if measure in _measures(found.tests) else found.distances
    return table[table["measure"] == measure].reset_index(drop=True)


def _side(labels: Sequence[str]) -> str:
    """The labels of a side's checkpoints; runs that differ in their seed alone are named once, with all seeds."""
    parts = [label.split(" · ") for label in labels]
    seeds = [[part for part in one if part.startswith("seed ")] for one in parts]
    others = {tuple("seed" if part.startswith("seed ") else part for part in one) for one in parts}
    if len(labels) < 2 or len(others) > 1 or any(len(one) != 1 for one in seeds):
        return ", ".join(labels)
    written = ", ".join(one[0].removeprefix("seed ") for one in seeds)
    return " · ".join(f"seeds {written}" if part == "seed" else part for part in others.pop())


def _draw_map(found: Comparison, asked: Asked, measure: str) -> None:
    rows = _rows(found, measure)
    known = quantities(rows)
    forget_unknown("quantity", list(known))
    chosen = st.segmented_control("Colour", list(known), key="quantity", bind=BOUND, default=next(iter(known)))
    quantity = chosen or next(iter(known))
    where = "a layer" if rows["head"].isna().all() else "a head"
    with beside(
        lambda: st.caption(f"A click opens {where} in Explore, on the text where it differs most.", width="content")
    ):
        frame_menu(
            f"compare-{measure}".replace(" ", ""),
            _readable(rows),
            title=_title(found, measure),
            csv=rows,
            figure=figure_of(
                {_sides(measure): rows},
                known[quantity],
                note=_figure_note(found, asked, measure, known[quantity].column),
                title=f"{NAMES[measure][0].upper()}{NAMES[measure][1:]}: {known[quantity].caption}",
            ),
        )
    cell_map(map_of(rows, known[quantity], note=_title(found, measure)), key="compare_map", on_change=_opened)
    if OPEN in st.session_state:
        place = st.session_state.pop(OPEN)
        st.switch_page("app_pages/explore.py", query_params=_place_link(found, asked, measure, place))


def _opened(change: Change) -> None:
    st.session_state[OPEN] = dict(change.look)


def _place_link(found: Comparison, asked: Asked, measure: str, place: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of Explore for a layer and head, on the text where they differ most."""
    layer, head = int(place["layer"]), place.get("head")
    row = ranked_texts(found, _plain_measure(measure), n=1, layer=layer, head=head).iloc[0]
    st.session_state.pop("look", None)  # Explore then takes the link's
    return _link(asked, found.texts.inputs[row["input"]], layer, head)


def _plain_measure(measure: str) -> Any:
    """The measure itself, of what is missing of a similarity."""
    return next((name for name in SIMILARITIES if measure.endswith(name)), measure)


def _link(asked: Asked, texts: Input, layer: int, head: int | None, words: Sequence[int] = ()) -> dict[str, Any]:
    heads = None if head is None or pd.isna(head) else (int(head),)
    look = Look(layer=layer, heads=heads, focus=tuple(words), difference=(0, 1))
    return {"run": [asked.a[0], asked.b[0]], "a": texts[0], "b": texts[1] or "", **to_link(look)}


def _title(found: Comparison, measure: str) -> str:
    name = NAMES[measure]
    runs = f"{len(found.a)} against {len(found.b)} runs, " if found.of_groups else ""
    inputs = ("pair" if found.are_pairs else "text") + "s" * (found.n_inputs != 1)
    return f"{name[0].upper()}{name[1:]}, {_sides(measure)}, {runs}n = {found.n_inputs:,} {inputs}"


def _sides(measure: str) -> str:
    """How the sides stand in a measure: its difference, or what lies between them."""
    return "A against B" if _plain_measure(measure) in _OF_TWO else "B − A"


def _figure_note(found: Comparison, asked: Asked, measure: str, column: str) -> str:
    """What a figure of a column must say to be understood alone."""
    said = f"{_title(found, measure)}. A: {_side(asked.a)}. B: {_side(asked.b)}. Texts: {found.origin}."
    return " ".join(filter(None, (said, _column_notes(found, asked).get(column, ""))))


def _column_notes(found: Comparison, asked: Asked) -> dict[str, str]:
    choices = asked.request.choices
    test = "Exchanging the labels of runs" if found.of_groups else f"{TEST_NAMES[choices.test or 't']} over inputs"
    correction = {"holm": "Holm", "bh": "Benjamini–Hochberg"}.get(choices.correction)
    deviation = (
        "pooled standard deviation between runs"
        if found.of_groups
        else "standard deviation of the differences (Cohen's d_z)"
    )
    return {
        "effect_size": f"Effect size: mean difference over the {deviation}.",
        "mean_difference": "Differences of means over inputs.",
        "p_value": f"{test}, two-sided, not corrected.",
        "p_corrected": f"{test}, two-sided, corrected by {correction} over layers and heads."
        if correction
        else f"{test}, two-sided, not corrected.",
    }


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    """Layers and heads from one, without what is the same everywhere."""
    shown = rows.assign(layer=rows["layer"] + 1, head=rows["head"] + 1).drop(columns="measure")
    empty = [name for name in shown if shown[name].isna().all()]
    same = ["status"] if (shown["status"].isin(["tested", "estimated"])).all() else []
    return shown.drop(columns=[*empty, *same]).rename(columns=lambda name: _COLUMNS.get(name, name.replace("_", " ")))


def _draw_table(found: Comparison, asked: Asked, measure: str) -> None:
    rows = _rows(found, measure)
    shown = _readable(rows)
    with beside(lambda: st.caption("Click on the head of a column to sort by it.", width="content")):
        frame_menu("compare-table", shown, title=_title(found, measure), csv=rows)
    texts = _furthest(found, measure, rows)
    links = [
        _url(_link(asked, one, row["layer"], row["head"]))
        for one, row in zip(texts, rows.to_dict("records"), strict=True)
    ]
    st.dataframe(
        shown.assign(open=links),
        hide_index=True,
        column_config=_columns(shown),
        alt=_title(found, measure),
        key="tests",
    )


def _furthest(found: Comparison, measure: str, rows: pd.DataFrame) -> list[Input]:
    """For each row the text on which the sides differ most in its layer and head."""
    values = np.nan_to_num(pair_values(found, _plain_measure(measure)), nan=-1.0)
    texts = values.argmax(axis=0)
    places = zip(rows["layer"], rows["head"], strict=True)
    return [
        found.texts.inputs[int(texts[int(layer)] if texts.ndim == 1 else texts[int(layer), int(head)])]
        for layer, head in places
    ]


def _url(parameters: Mapping[str, Any]) -> str:
    return f"./?{urlencode(parameters, doseq=True)}"


def _columns(shown: pd.DataFrame) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    p_values = {str(name): number(format="%.3g") for name in shown if str(name).startswith("p ")}
    others = {str(name): number(format="%.4g") for name in shown if pd.api.types.is_float_dtype(shown[name])}
    opening = st.column_config.LinkColumn(
        "open", display_text="Explore", help="In Explore, in a new tab, on the text where the two differ most there."
    )
    width: Literal["medium", "large"] = "medium" if "second text" in shown else "large"
    texts = {name: st.column_config.TextColumn(width=width) for name in ("text", "second text") if name in shown}
    return {**others, **p_values, **texts, "open": opening}


def _draw_where(found: Comparison, asked: Asked, measure: str) -> None:
    st.caption(
        "The texts on which the sides differ most, and the layer and head of each where they do so most. The largest of many "
        "numbers are partly so by chance: this says where to look, and tests nothing."
    )
    table = ranked_texts(found, _plain_measure(measure), n=20)
    links = [
        _url(_link(asked, found.texts.inputs[row["input"]], int(row["layer"]), row["head"]))
        if row["status"] == "ranked"
        else ""
        for row in table.to_dict("records")
    ]
    shown = table.assign(layer=table["layer"] + 1, head=table["head"] + 1, open=links)
    shown = shown[["rank", "open", "text", "text_pair", "mean", "layer", "head", "largest"]].rename(
        columns={"text_pair": "second text", "largest": "largest difference", "mean": "mean difference"}
    )
    if not found.are_pairs:
        shown = shown.drop(columns="second text")
    if shown["head"].isna().all():
        shown = shown.drop(columns="head")
    st.dataframe(shown, hide_index=True, column_config=_columns(shown), key="ranked", alt="Texts that differ most")
    _draw_words(found, asked, table)


def _draw_words(found: Comparison, asked: Asked, ranked: pd.DataFrame) -> None:
    """Between which words of one of the ranked texts attention differs most, of the first run of each side."""
    options = [row for row in ranked.to_dict("records") if row["status"] == "ranked"]
    if not options:
        return
    numbers = list(range(len(options)))
    forget_unknown("ranked_text", numbers)
    number = st.selectbox(
        "Word pairs of",
        numbers,
        key="ranked_text",
        format_func=lambda i: f"{options[i]['rank']}. {options[i]['text'][:80]}",
        help="Of the first run on each side: the attention from one word to another, in any layer and head.",
    )
    texts = found.texts.inputs[options[number]["input"]]
    sides = [
        record_of(source, *texts, name=side) for source, side in ((asked.request.a[0], "A"), (asked.request.b[0], "B"))
    ]
    words = differing_words(*sides, n=12)
    links = [
        _url(_link(asked, texts, row["layer"], row["head"], [row["from_word"]])) for row in words.to_dict("records")
    ]
    shown = words.assign(layer=words["layer"] + 1, head=words["head"] + 1, open=links)
    shown = shown.drop(columns=["from_word", "to_word"]).rename(
        columns={"from_text": "from", "to_text": "to", "weight_a": "weight A", "weight_b": "weight B"}
    )
    st.dataframe(shown, hide_index=True, column_config=_columns(shown), key="words", alt="Word pairs that differ most")


def _draw_predictions(found: Comparison, asked: Asked, _measure: str) -> None:
    table = predictions(found)
    if table.empty:
        st.info("These checkpoints have no classes: they give a score, or are backbones without a classifier.")
        return
    st.caption(
        "Agreement is the share of texts on which a checkpoint predicts what the runs of that side do (itself left out). Attention "
        "can differ a lot where predictions agree, and the other way round."
    )
    labels = dict(zip((*found.a, *found.b), (*asked.a, *asked.b), strict=True))
    table["checkpoint"] = table["checkpoint"].map(lambda name: labels.get(name, name))
    shown = table.drop(columns=[name for name in table if table[name].isna().all()])
    shown = shown.rename(columns={"agree_a": "agrees with A", "agree_b": "agrees with B", "nll": "NLL", "ece": "ECE"})
    if "accuracy" not in shown:
        st.caption("The texts have no labels of these checkpoints, so that nothing is said of accuracy or calibration.")
    with beside(lambda: st.caption(f"n = {found.n_inputs:,}", width="content")):
        frame_menu("compare-predictions", shown, title="Predictions")
    st.dataframe(shown, hide_index=True, column_config=_columns(shown), alt="Predictions of each checkpoint")
