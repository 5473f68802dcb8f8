"""The paper's tables from our runs, its own values beside them."""

import pandas as pd
import streamlit as st

from amplify_viz.results import METRICS, ResultsTable, markdown_page, results_tables, to_csv, to_latex, wide
from amplify_viz.results.export import caption
from amplify_viz.ui.results_export import beside, frame_menu, table_menu
from amplify_viz.ui.results_filters import Look
from amplify_viz.ui.state import BOUND, forget_unknown, plain

_NBSP = "\N{NO-BREAK SPACE}"
_CELLS = ("table", "backbone", "noise", "paper_backbone", "folders", "common")  # beside what the cells' list shows


def draw_paper(look: Look) -> None:
    """Draws the choice of a table, and the table with its notes and each cell's seeds."""
    tables = {
        str(table.number): table
        for table in _tables((*look.key, "/", *look.methods), look.metric, look.split, look.shown)
    }
    if not tables:
        st.info(
            f"None of these runs has {METRICS[look.metric].title} on {look.split}, or belongs to a table of the paper."
        )
        return
    forget_unknown("table", list(tables))
    table = tables[_choose(list(tables))]
    with beside(lambda: st.markdown(f"**Table {table.number}.** {plain(caption(table))}", width="content")):
        _export(table, look)
    st.table(_escaped(wide(table)), border="horizontal", hide_index=True, alt=caption(table))
    st.caption("\n".join(f"- {plain(note)}" for note in table.notes))
    with st.expander("Each cell's seeds and values"):
        title = f"Table {table.number}, each cell's seeds and values"
        with beside(lambda: st.caption("Ours by seed, and the paper's.", width="content")):
            frame_menu(f"table-{table.number}-cells", _cells(table), title=title, about=lambda: look.about(title))
        st.dataframe(_cells(table), hide_index=True)


def _choose(numbers: list[str]) -> str:
    if len(numbers) == 1:
        return numbers[0]
    return st.segmented_control(
        "Table of the paper",
        numbers,
        default=numbers[0],
        required=True,
        key="table",
        bind=BOUND,
        wrap=True,
        help="Those that have runs. Table 1 needs a run with another number of draws, Table 6 one with other layers.",
    )


@st.cache_resource(max_entries=16, show_spinner="Making the tables…")
def _tables(key: tuple[str, ...], metric: str, split: str, _runs: pd.DataFrame) -> list[ResultsTable]:  # noqa: ARG001 - the cache's key
    return results_tables(_runs, metric=metric, split=split)


def _export(table: ResultsTable, look: Look) -> None:
    notes = "".join(f"% {note}\n" for note in table.notes)
    label = f"tab:results-{table.number}"
    table_menu(
        f"table-{table.number}",
        csv=lambda: to_csv(table.frame),
        markdown=lambda: markdown_page(table),
        latex=lambda: notes + to_latex(wide(table), caption=caption(table), label=label),
        about=lambda: look.about(
            f"Table {table.number}. {caption(table)}", command=f"python -m training results --table {table.number}"
        ),
    )


def _escaped(frame: pd.DataFrame) -> pd.DataFrame:
    """What `st.table` shows as it is; ours in bold, and the paper's below without the names that they share."""
    ours, place = frame["source"] == "ours", list(frame.columns).index("source")
    names, values = frame.columns[:place], frame.columns[place:]
    whole = frame.map(lambda text: str(text).replace(" ", _NBSP).replace(f",{_NBSP}", ", "))  # lines end after a comma
    shown = whole.map(plain)
    shown.loc[ours, values] = shown.loc[ours, values].map(lambda text: f"**{text}**" if text else "")
    shown.loc[~ours, names] = ""
    return shown.rename(columns=lambda name: plain(str(name)))


def _cells(table: ResultsTable) -> pd.DataFrame:
    """The cells as a list: mean, sd and n of ours, the values by seed, and the paper's mean and sd."""
    axes = (*table.rows, table.columns)
    unused = [name for name in ("method", "data", "draws", "layers", "noise_share") if name not in axes]
    cells = table.frame.drop(columns=[name for name in (*_CELLS, *unused) if name in table.frame])
    digits = METRICS[table.metric].digits
    values = cells["values"].map(lambda several: ", ".join(f"{value:.{digits}f}" for value in several))
    seeds = cells["seeds"].map(lambda several: ", ".join(map(str, several)))
    numbers = cells.select_dtypes("float").round(digits)
    return cells.assign(**numbers, values=values, seeds=seeds).rename(columns=lambda name: name.replace("_", " "))
