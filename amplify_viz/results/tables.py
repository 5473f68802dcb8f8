"""The paper's Tables 1 to 6 from whatever runs there are, its values beside ours.

Public names: `ResultsTable`, `results_table`, `results_tables`, `runs_of`, `rank`, `in_order`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isnan, nan
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from amplify_viz.errors import InputError
from amplify_viz.mixup import METHODS
from amplify_viz.results.gather import METRICS, SPLITS
from amplify_viz.results.origins import of_cells
from amplify_viz.results.paper import DATA_TITLES, METHODS_IN_TABLES, PAPER_METHOD, TABLES, PaperTable, paper_table
from amplify_viz.results.settings import IDENTITIES, SETTINGS, differing, shared, variant

_ORDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "method": (*METHODS_IN_TABLES, *METHODS),
        "data": tuple(DATA_TITLES),
        "layers": ("all", "early", "middle", "last"),
    }
)
_LAYERS_OF_BERT_BASE = {"4": "early", "8": "middle", "12": "last"}
_FAMILY = [
    name for name, mixup in METHODS.items() if mixup.site in ("attention", "post-layernorm") and mixup.lam is None
]
_ROWS = {
    "draws": ("draws",),
    "method": ("method",),
    "noise_share": ("data", "noise_share"),
    "layers": ("layers",),
}
_VALUES = (
    *("table", "method", "data", "backbone", "draws", "layers", "noise", "noise_share", "settings"),
    *("mean", "sd", "n", "seeds", "values", "paper_backbone", "paper_mean", "paper_sd", "folders"),
)
_NUMBERS = dict.fromkeys(("mean", "sd", "paper_mean", "paper_sd", "noise_share"), float) | {"n": int, "table": int}


@dataclass(frozen=True, eq=False)
class ResultsTable:
    """One table: `frame` has one row a cell, rows and columns say which of its columns span the table.

    Columns of the frame: table (its number), method, data, backbone, draws, layers, noise, noise_share; settings (what
    tells these runs from others in the cell's place, "" for nothing); mean and sd (n − 1, NaN where n is 1) over seeds,
    n, seeds, values (a run each, in the seeds' order), folders; paper_backbone, paper_mean, paper_sd (the square root of
    the paper's variance; NaN where it has none), only for test accuracy.  Values are the metric's times its factor:
    accuracy in percent.
    """

    number: int
    title: str
    metric: str
    split: str
    rows: tuple[str, ...]
    columns: str
    frame: pd.DataFrame
    notes: tuple[str, ...]


def results_tables(runs: pd.DataFrame, *, metric: str = "accuracy", split: str = "test") -> list[ResultsTable]:
    """The paper's tables that have runs, by number; runs: as `gather` gives them.

    Table 1 needs a run with another number of draws, Table 6 one with other layers: the rest is in Table 2.
    """
    tables = [results_table(number, runs, metric=metric, split=split) for number in TABLES]
    return [table for table in tables if not table.frame.empty and _varies(table)]


def results_table(number: int, runs: pd.DataFrame, *, metric: str = "accuracy", split: str = "test") -> ResultsTable:
    """The paper's table of that number; its frame has no rows where no run belongs to it.

    Runs are pooled over seeds only where every other setting, the splits and the backbone's weights are equal.
    Raises InputError for a number that is not 1 to 6, a metric or split that runs do not have.
    """
    paper = _paper(number)
    if metric not in METRICS or split not in SPLITS:
        raise InputError(
            f"A metric is one of {', '.join(METRICS)} on {' or '.join(SPLITS)}, got {metric} on {split}: choose of these."
        )
    rows, columns = _ROWS[paper.axis], "method" if paper.axis == "noise_share" else "data"
    chosen, column = runs_of(number, runs), f"{split}_{metric}"
    measured = chosen[chosen[column].notna()]
    axes = (*rows, columns)
    labels = differing(measured, axes)
    cells = [_cell(paper, part, labels.loc[part.index[0]], metric=metric, split=split) for part in _groups(measured)]
    cells.sort(key=lambda cell: _place(cell, axes))
    frame = pd.DataFrame(cells, columns=list(_VALUES), dtype=object).astype(_NUMBERS)  # draws and layers may be None
    notes = tuple(_notes(paper, measured, frame, missing=len(chosen) - len(measured), metric=METRICS[metric].title))
    return ResultsTable(number, paper.title, metric, split, rows, columns, frame, notes)


def runs_of(number: int, runs: pd.DataFrame) -> pd.DataFrame:
    """The runs, as `gather` gives them, that belong to the paper's table of that number.

    Each run belongs to one table but those of AMPLIFY with all its layers and five draws, which Tables 1 and 6 have for
    comparison and Table 2 or 3 too.  Raises InputError for a number that is not 1 to 6.
    """
    paper = _paper(number)
    noisy = runs["noise"].isin(["delete", "swap"])
    if paper.noise != "none":
        return runs[runs["noise"] == paper.noise]
    family, plain_draws = runs["method"].isin(_FAMILY), _own(runs, "draws")
    plain_layers = _own(runs, "layers")
    if paper.axis == "draws":
        return runs[~noisy & family & (~plain_draws | plain_layers)]
    if paper.axis == "layers":
        return runs[~noisy & family & plain_draws]
    distilled = runs["backbone"].str.contains("distilbert", case=False).astype(bool)
    return runs[~noisy & (distilled == (number == 3)) & (~family | (plain_draws & plain_layers))]


def _paper(number: int) -> PaperTable:
    if number not in TABLES:
        raise InputError(f"The paper has tables 1 to 6, got {number}: choose one of these.")
    return TABLES[number]


def _own(runs: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    """Whether the setting is the method's own."""
    return np.array([name not in variant(run) for run in runs.to_dict("records")], dtype=bool)


def _varies(table: ResultsTable) -> bool:
    axis = table.rows[-1]
    usual = {"draws": 5, "layers": "all"}.get(axis)
    return usual is None or bool((table.frame[axis] != usual).any())


def _groups(runs: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The runs that differ in nothing but the seed, by seed."""
    if not runs.empty:
        for _, part in runs.groupby([*SETTINGS, *IDENTITIES], dropna=False, sort=False):
            yield part.sort_values("seed")


def _cell(paper: PaperTable, part: pd.DataFrame, label: "pd.Series[str]", *, metric: str, split: str) -> dict[str, Any]:
    run: dict[str, Any] = {str(name): value for name, value in part.iloc[0].items()}
    values = part[f"{split}_{metric}"] * METRICS[metric].factor
    beside = _beside(paper, run) if (metric, split) == ("accuracy", "test") else {}
    unsaid = run["method"] != "amplify" and paper.axis in ("draws", "layers")
    return {
        "table": paper.number,
        **{name: run[name] for name in ("method", "data", "backbone", "draws", "layers", "noise", "noise_share")},
        "settings": ", ".join(filter(None, (run["method"] if unsaid else "", label["settings"]))),
        "common": label["common"],
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)) if len(values) > 1 else nan,
        "n": len(values),
        "seeds": tuple(int(seed) for seed in part["seed"]),
        "values": tuple(float(value) for value in values),
        "paper_backbone": paper.backbone if beside else None,
        "paper_mean": beside.get("mean", nan),
        "paper_sd": beside.get("sd", nan),
        "folders": tuple(part["folder"]),
    }


def _beside(paper: PaperTable, run: Mapping[str, Any]) -> Mapping[str, float]:
    """The paper's cell for these runs; nothing where it has none, or they train on less or with another method's settings."""
    odd = set(variant(run, _ROWS[paper.axis])) - {"labels"}
    if odd or run["fraction"] != 1 or run["per_class"] is not None or run["noise"] != paper.noise:
        return {}
    layers = run["layers"]
    if "bert-base" in run["backbone"].lower():
        layers = _LAYERS_OF_BERT_BASE.get(layers, layers)
    wanted = {"method": PAPER_METHOD.get(run["method"]), "data": run["data"], "noise_share": run["noise_share"]}
    wanted |= {"draws": run["draws"]} if paper.axis == "draws" else {}
    wanted |= {"layers": layers} if paper.axis == "layers" else {}
    for cell in paper_table(paper.number).to_dict("records"):
        if all(_same(cell[name], value) for name, value in wanted.items()):
            return {"mean": cell["mean"], "sd": cell["sd"]}
    return {}


def _same(printed: Any, value: Any) -> bool:
    return bool(abs(printed - value) < 1e-9 if isinstance(printed, float) else printed == value)


def in_order(axis: str, values: Iterable[Any]) -> list[Any]:
    """Each value once, as `rank` sorts them."""
    return sorted(dict.fromkeys(values), key=lambda value: rank(axis, value))


def _place(cell: Mapping[str, Any], axes: tuple[str, ...]) -> tuple[Any, ...]:
    """Runs with the same training stand together; then rows and columns in the paper's order."""
    rows = (rank(axis, cell[axis]) for axis in axes[:-1])
    return (cell["common"], *rows, cell["settings"], rank(axes[-1], cell[axes[-1]]))


def rank(axis: str, value: Any) -> tuple[float, str]:
    """Sorts the values of an axis, a column of the frame: in the paper's order, then by name what the paper has not."""
    if axis not in _ORDERS:
        return (float(value), "")
    order = _ORDERS[axis]
    return (order.index(value), "") if value in order else (len(order), str(value))


def _notes(paper: PaperTable, runs: pd.DataFrame, frame: pd.DataFrame, *, missing: int, metric: str) -> Iterator[str]:
    """What a reader has to know of these cells, in whole sentences."""
    if missing:
        yield f"{missing} of {missing + len(runs)} runs are left out: their run.json has no {metric}."
    if frame.empty:
        return
    if both := shared(runs, (*_ROWS[paper.axis], "data")):
        yield f"All runs: {both}; every setting that is not named is the paper's."
    if (frame["n"] == 1).any():
        yield "Where n is 1 there is one seed and no sd: nothing is known of the spread."
    yield from of_cells(runs, frame["folders"].tolist())
    if any(not isnan(mean) for mean in frame["paper_mean"]):
        yield f"The paper's values are of {paper.backbone} under its own settings, as printed."
        of_data = (note for data, note in paper.data_notes.items() if data in set(frame["data"]))
        yield from dict.fromkeys((*paper.notes, *of_data))
