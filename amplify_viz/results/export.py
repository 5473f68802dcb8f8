"""Tables as text: the wide form for reading, CSV, Markdown and LaTeX.

Public names: `wide`, `to_csv`, `to_markdown`, `to_latex`, `shown_frame`, `latex_text`, `latex_lacks`, `markdown_page`, `caption`.
"""

import re
from collections.abc import Mapping
from math import isnan
from numbers import Real
from types import MappingProxyType
from typing import Any

import pandas as pd

from amplify_viz.results.gather import METRICS
from amplify_viz.results.paper import data_title
from amplify_viz.results.settings import setting_text
from amplify_viz.results.tables import ResultsTable, in_order

PAPER_SD = "sd, from the paper's variance"

_LATEX: Mapping[str, str] = MappingProxyType(
    {
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "±": r"$\pm$",
        "−": r"$-$",
        "×": r"$\times$",
        "–": "--",
        "’": "'",
        "“": "``",
        "”": "''",
        "·": r"$\cdot$",
        "…": r"\ldots{}",
        "≤": r"$\leq$",
        "≥": r"$\geq$",
        "→": r"$\rightarrow$",
        "‖": r"$\|$",
        "α": r"$\alpha$",
        "λ": r"$\lambda$",
        "ε": r"$\varepsilon$",
        "ⁿ": r"$^{n}$",
        "\n": " ",
    }
)
_RARE = re.compile("[^\x00-\u024f\u2010-\u203a€™]")


def wide(table: ResultsTable) -> pd.DataFrame:
    """The table in the paper's shape, as text: a row for ours and, where the paper has values, one below for its own.

    Columns: the row's names, settings (where any differ), source, then a column for each data set or method.
    Cells: `mean ± sd (n)`; one seed has no sd: `mean (1)`; the paper's ± is the sd from its variance.
    """
    frame, digits = table.frame, METRICS[table.metric].digits
    keys = [*table.rows, "settings"]
    places = in_order(table.columns, frame[table.columns])
    rows = []
    for names, part in frame.groupby(keys, sort=False, dropna=False):
        head = {_title(key): _named(key, name) for key, name in zip(keys, names, strict=True)}
        ours = {cell[table.columns]: _ours(cell, digits) for cell in part.to_dict("records")}
        rows.append({**head, "source": "ours", **_spread(ours, places, table.columns)})
        paper = {cell[table.columns]: _papers(cell, digits) for cell in part.to_dict("records")}
        if any(paper.values()):
            backbone = next(name for name in part["paper_backbone"] if name)
            rows.append({**head, "source": f"paper, {backbone}", **_spread(paper, places, table.columns)})
    columns = [*map(_title, keys), "source", *(_named(table.columns, place) for place in places)]
    found = pd.DataFrame(rows, columns=columns)
    return found if (found["settings"] != "").any() else found.drop(columns="settings")


def _spread(cells: Mapping[str, str], places: list[str], axis: str) -> dict[str, str]:
    return {_named(axis, place): cells.get(place, "") for place in places}


def _ours(cell: Mapping[Any, Any], digits: int) -> str:
    spread = "" if cell["n"] == 1 else f" ± {cell['sd']:.{digits}f}"
    return f"{cell['mean']:.{digits}f}{spread} ({cell['n']})"


def _papers(cell: Mapping[Any, Any], digits: int) -> str:
    if isnan(cell["paper_mean"]):
        return ""
    spread = "" if isnan(cell["paper_sd"]) else f" ± {cell['paper_sd']:.{digits}f}"
    return f"{cell['paper_mean']:.{digits}f}{spread}"


def _title(name: str) -> str:
    return {"noise_share": "noise", "paper_sd": PAPER_SD}.get(name, name.replace("_", " "))


def _named(key: str, value: Any) -> str:
    if key == "data":
        return data_title(str(value))
    return f"{100 * value:g} %" if key == "noise_share" else setting_text(value)


def caption(table: ResultsTable) -> str:
    """One or two sentences that say what the table's cells are."""
    metric = METRICS[table.metric]
    unit = f" ({metric.unit})" if metric.unit else ""
    beside = " The paper's ± is the sd, from the paper's variance." if table.frame["paper_sd"].notna().any() else ""
    return f"{table.title}: {table.split} {metric.title}{unit}, mean ± sd over seeds (n of seeds).{beside}"


def to_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV with a header, numbers in full; what has several values is separated by "; "."""
    return frame.map(lambda value: "; ".join(map(str, value)) if isinstance(value, tuple) else value).to_csv(
        index=False, lineterminator="\n"
    )


def to_markdown(frame: pd.DataFrame, *, digits: int | None = None) -> str:
    """The frame as a Markdown table; numbers are aligned to the right, and no cell can end its row.

    digits: after the point of fractions; None for four significant ones.
    """
    header = [_markdown(_title(str(name))) for name in frame.columns]
    marks = ["---:" if right else "---" for right in _right(frame)]
    body = [[_markdown(_text(value, digits)) for value in row] for row in frame.itertuples(index=False)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (header, marks, *body))


def to_latex(frame: pd.DataFrame, *, caption: str, label: str, digits: int | None = None) -> str:
    """The frame as a LaTeX table with the rules of the package booktabs, every sign that means something escaped.

    caption: a stub in plain words; label: for references, such as "tab:methods"; digits as in `to_markdown`.
    """
    header = " & ".join(latex_text(_title(str(name))) for name in frame.columns)
    body = [" & ".join(latex_text(_text(value, digits)) for value in row) for row in frame.itertuples(index=False)]
    spec = "".join("r" if right else "l" for right in _right(frame))
    lines = [
        "\\begin{table}",
        "\\centering",
        f"\\caption{{{latex_text(caption)}}}",
        f"\\label{{{re.sub(r'[^A-Za-z0-9:.-]', '-', label)}}}",
        f"\\begin{{tabular}}{{{spec}}}",
        *("\\toprule", f"{header} \\\\", "\\midrule"),
        *(f"{row} \\\\" for row in body),
        *("\\bottomrule", "\\end{tabular}", "\\end{table}"),
    ]
    return "\n".join(lines) + "\n"


def shown_frame(frame: pd.DataFrame, *, digits: int | None = None) -> pd.DataFrame:
    """The frame as people read it: titles for names, every cell as the text that `to_markdown` has."""
    cells = [[_text(value, digits) for value in row] for row in frame.itertuples(index=False)]
    return pd.DataFrame(cells, columns=[_title(str(name)) for name in frame.columns], dtype=object)


def markdown_page(table: ResultsTable) -> str:
    """The table as a page: caption, wide form, notes, then each cell with its per-seed values."""
    axes = (*table.rows, table.columns)
    aside = {"table", "method", "data", "backbone", "draws", "layers", "noise", "noise_share", "folders"} - set(axes)
    cells = table.frame.drop(columns=[*aside])
    notes = "".join(f"- {note}\n" for note in table.notes)
    return (
        f"## Table {table.number}: {caption(table)}\n\n{to_markdown(wide(table))}\n{notes}\n"
        f"Each cell's seeds and values:\n\n{to_markdown(cells, digits=METRICS[table.metric].digits)}"
    )


def _right(frame: pd.DataFrame) -> list[bool]:
    """Which columns hold numbers alone, or values as `wide` writes them."""
    return [
        all(
            isinstance(value, (Real, type(None))) or re.match(r"[−+\d]|$", str(value)) for value in frame.iloc[:, place]
        )
        for place in range(frame.shape[1])
    ]


def _text(value: Any, digits: int | None) -> str:
    if isinstance(value, tuple):
        return ", ".join(_text(one, digits) for one in value)
    if value is None or (isinstance(value, float) and isnan(value)):
        return ""
    if isinstance(value, float):
        text = f"{value:.4g}" if digits is None else f"{value:.{digits}f}"
        return text.replace("-", "−", 1) if text.startswith("-") else text
    return str(value)


def _markdown(text: str) -> str:
    return re.sub(r"([\\|`*_<>\[\]])", r"\\\1", re.sub(r"\s+", " ", text))


def latex_lacks(text: str) -> tuple[str, ...]:
    """The signs of a text that `latex_text` leaves as they are and plain LaTeX has no letter for, each once."""
    return tuple(dict.fromkeys(_RARE.findall(latex_text(text))))


def latex_text(text: str) -> str:
    """Text as LaTeX writes it literally."""
    return "".join(_LATEX.get(sign, sign) for sign in text)
