"""What a comparison found, on the page: plain words, maps, tables, rankings, predictions."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from amplify_viz.comparison import NAMES, Comparison, lengths_of, pair_values, predictions, ranked_texts, said
from amplify_viz.comparison.captions import joined, plain_measure, title_of
from amplify_viz.comparison.quantities import measures_of, quantities, rows_of
from amplify_viz.reading.columns import Input
from amplify_viz.recipes import ComparisonMap, Made
from amplify_viz.recipes.corpora import SHOWN
from amplify_viz.recipes.recipe import portable
from amplify_viz.statistics import differing_words
from amplify_viz.ui.compare_about import about, about_words
from amplify_viz.ui.compare_form import Asked
from amplify_viz.ui.components import Change, cell_map
from amplify_viz.ui.export import made_menu
from amplify_viz.ui.head_maps import map_of
from amplify_viz.ui.number_formats import one_format
from amplify_viz.ui.resources import origin_of, record_of
from amplify_viz.ui.results_export import beside, frame_menu
from amplify_viz.ui.state import BOUND, forget_unknown, plain
from amplify_viz.views.look import Look, to_link

OPEN = "_open_in_explore"
"""Where a clicked cell's layer and head wait for the page, which may leave for Explore only outside callbacks."""

_NONE = "–"  # in a table: Streamlit's own word is that of the method none
_COLUMNS: Mapping[str, str] = MappingProxyType({"runs_a": "runs A", "runs_b": "runs B"})


def draw_result(found: Comparison, asked: Asked) -> None:
    """Draws all of it, and leaves for Explore where a head was clicked."""
    words = said(found)
    kind = "groups of runs" if found.of_groups else "checkpoints"
    inputs = ("sentence pair" if found.are_pairs else "text") + "s" * (found.n_inputs != 1)
    st.subheader(f"Two {kind}, {found.n_inputs:,} {inputs}")
    st.caption(plain(f"A: {joined(asked.a)} — B: {joined(asked.b)} — {found.origin}; differences are B − A."))
    st.info("\n\n".join(words.can_say), icon=":material/balance:")
    for line in lengths_of(found):
        st.warning(line)
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
    known = measures_of(found)
    forget_unknown("measured", known)
    measure: str = st.selectbox("Measure", known, key="measured", bind=BOUND, format_func=lambda name: NAMES[name])
    return measure


def _draw_map(found: Comparison, asked: Asked, measure: str) -> None:
    rows = rows_of(found, measure)
    known = quantities(rows)
    forget_unknown("quantity", list(known))
    chosen = st.segmented_control("Colour", list(known), key="quantity", bind=BOUND, default=next(iter(known)))
    quantity = chosen or next(iter(known))
    where = "a layer" if rows["head"].isna().all() else "a head"
    with beside(
        lambda: st.caption(f"A click opens {where} in Explore, on the text where it differs most.", width="content")
    ):
        _map_menu(found, asked, measure, quantity)
    cell_map(map_of(rows, known[quantity], note=title_of(found, measure)), key="compare_map", on_change=_opened)
    if OPEN in st.session_state:
        place = st.session_state.pop(OPEN)
        st.switch_page("app_pages/explore.py", query_params=_place_link(found, asked, measure, place))


def _map_menu(found: Comparison, asked: Asked, measure: str, quantity: str) -> None:
    request = asked.request
    options: dict[str, Any] = {
        **asked.reading,
        "a": tuple(map(portable, request.a)),
        "b": tuple(map(portable, request.b)),
        "measure": plain_measure(measure),
        "show": SHOWN[quantity],
        "test": request.choices.test,
        "correction": request.choices.correction,
    }

    def make(one: ComparisonMap) -> Made:
        a, b = ([origin_of(source) for source in side] for side in (request.a, request.b))
        return one.made(found, a, b)

    made_menu(lambda width: ComparisonMap(**options, width=width), make)


def _opened(change: Change) -> None:
    st.session_state[OPEN] = dict(change.look)


def _place_link(found: Comparison, asked: Asked, measure: str, place: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of Explore for a layer and head, on the text where they differ most."""
    layer, head = int(place["layer"]), place.get("head")
    row = ranked_texts(found, plain_measure(measure), n=1, layer=layer, head=head).iloc[0]
    st.session_state.pop("look", None)  # Explore then takes the link's
    return _link(asked, found.texts.inputs[row["input"]], layer, head)


def _link(asked: Asked, texts: Input, layer: int, head: int | None, words: Sequence[int] = ()) -> dict[str, Any]:
    heads = None if head is None or pd.isna(head) else (int(head),)
    look = Look(layer=layer, heads=heads, focus=tuple(words), difference=(0, 1))
    return {"run": [asked.a[0], asked.b[0]], "a": texts[0], "b": texts[1] or "", **to_link(look)}


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    """Layers and heads from one, without what is the same everywhere."""
    shown = rows.assign(layer=rows["layer"] + 1, head=rows["head"] + 1).drop(columns="measure")
    empty = [name for name in shown if shown[name].isna().all()]
    same = ["status"] if (shown["status"].isin(["tested", "estimated"])).all() else []
    return shown.drop(columns=[*empty, *same]).rename(columns=lambda name: _COLUMNS.get(name, name.replace("_", " ")))


def _draw_table(found: Comparison, asked: Asked, measure: str) -> None:
    rows = rows_of(found, measure)
    shown = _readable(rows)
    with beside(lambda: st.caption("Click on the head of a column to sort by it.", width="content")):
        title = title_of(found, measure)
        frame_menu(
            "compare-table",
            shown,
            title=title,
            csv=rows,
            about=lambda: about(found, asked, title, tested="p_value" in rows),
        )
    texts = _furthest(found, measure, rows)
    links = [
        _url(_link(asked, one, row["layer"], row["head"]))
        for one, row in zip(texts, rows.to_dict("records"), strict=True)
    ]
    _show(shown.assign(open=links), key="tests", alt=title_of(found, measure))


def _furthest(found: Comparison, measure: str, rows: pd.DataFrame) -> list[Input]:
    """For each row the text on which the sides differ most in its layer and head."""
    values = np.nan_to_num(pair_values(found, plain_measure(measure)), nan=-1.0)
    texts = values.argmax(axis=0)
    places = zip(rows["layer"], rows["head"], strict=True)
    return [
        found.texts.inputs[int(texts[int(layer)] if texts.ndim == 1 else texts[int(layer), int(head)])]
        for layer, head in places
    ]


def _url(parameters: Mapping[str, Any]) -> str:
    return f"./?{urlencode(parameters, doseq=True)}"


def _show(shown: pd.DataFrame, *, key: str | None, alt: str) -> None:
    st.dataframe(shown, hide_index=True, placeholder=_NONE, column_config=_columns(shown), key=key, alt=alt)


def _columns(shown: pd.DataFrame) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    floats = [str(name) for name in shown if pd.api.types.is_float_dtype(shown[name])]
    numbers = {name: number(format=one_format(shown[name], small=name.startswith("p "))) for name in floats}
    opening = st.column_config.LinkColumn(
        "open", display_text="Explore", help="In Explore, in a new tab, on the text where the two differ most there."
    )
    width: Literal["medium", "large"] = "medium" if "second text" in shown else "large"
    texts = {name: st.column_config.TextColumn(width=width) for name in ("text", "second text") if name in shown}
    return {**numbers, **texts, "open": opening}


def _draw_where(found: Comparison, asked: Asked, measure: str) -> None:
    st.caption(
        "The texts on which the sides differ most, and the layer and head of each where they do so most. The largest of many "
        "numbers are partly so by chance: this says where to look, and tests nothing."
    )
    table = ranked_texts(found, plain_measure(measure), n=20)
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
    title = f"Texts that differ most, by {NAMES[plain_measure(measure)]}"
    with beside(lambda: st.caption("The link opens the text in Explore.", width="content")):
        plain_table = shown.drop(columns="open")
        frame_menu("compare-texts", plain_table, title=title, csv=table, about=lambda: about(found, asked, title))
    _show(shown, key="ranked", alt="Texts that differ most")
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
    title = "Word pairs between which attention differs most"
    with beside(lambda: st.caption("The link opens the pair in Explore.", width="content")):
        frame_menu(
            "compare-words",
            shown.drop(columns="open"),
            title=title,
            csv=words,
            about=lambda: about_words(sides, title),
        )
    _show(shown, key="words", alt="Word pairs that differ most")


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
        frame_menu("compare-predictions", shown, title="Predictions", about=lambda: about(found, asked, "Predictions"))
    _show(shown, key=None, alt="Predictions of each checkpoint")
