"""Maps of layers by heads: one quantity of a table, or the kinds of heads."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite, log10
from types import MappingProxyType
from typing import Any

import pandas as pd

from amplify_viz.colours import KINDS, P_DECADES
from amplify_viz.comparison.quantities import Quantity, full_of
from amplify_viz.recipes import tests as recipes_of_tests
from amplify_viz.ui.components import Cell, Grid, Legend

P_LEGEND = Legend("p", "1", f"≤1e−{P_DECADES}")

TESTED: Mapping[str, Quantity] = MappingProxyType(
    {
        quantity.caption if quantity.caption == "p" else quantity.caption.capitalize(): quantity
        for quantity in recipes_of_tests.TESTED.values()
    }
)
"""What can be mapped of a table of `statistics.head_tests`, by its name on the page."""


def map_of(rows: pd.DataFrame, quantity: Quantity, *, note: str, opens: str | None = None) -> Grid:
    """The map of rows with layer and head (from zero) and status; a click on a cell reports its layer and head.

    opens: the view that a click opens.
    """
    by_head = bool(rows["head"].notna().all())
    n_layers = int(rows["layer"].max()) + 1
    n_columns = int(rows["head"].max()) + 1 if by_head else 1
    most = _most(rows, quantity)
    cells = [_cell(row, quantity, most=most, by_head=by_head) for row in rows.to_dict("records")]
    columns = [str(i + 1) for i in range(n_columns)] if by_head else ["all heads"]
    corner = "Layer / head" if by_head else "Layer"
    return Grid(corner, [str(i + 1) for i in range(n_layers)], columns, cells, _legend(quantity, most), note, opens)


def kinds_map(rows: pd.DataFrame, *, note: str, opens: str | None = None) -> Grid:
    """The map of a table of `statistics.head_kinds`: each head in the colour of its kind."""
    cells = [_kind_cell(row) for row in rows.to_dict("records")]
    layers, heads = ([str(i + 1) for i in range(int(rows[axis].max()) + 1)] for axis in ("layer", "head"))
    legend = Legend("kind", "", "", keys=tuple(KINDS.items()))
    return Grid("Layer / head", layers, heads, cells, legend, note, opens)


def _kind_cell(row: Mapping[Any, Any]) -> Cell:
    layer, head, kind = int(row["layer"]), int(row["head"]), str(row["kind"])
    place, facts = f"Layer {layer + 1}, head {head + 1}", _facts(row)
    text = str(row["position"]) or kind.removesuffix(" token") or str(row["status"])
    return Cell(layer, head, text, None, place, facts, _look_at(layer, head), KINDS.get(kind))


def _look_at(layer: int, head: int | None) -> dict[str, Any]:
    """The parts of a look that show one head, or all heads of a layer."""
    return {"layer": layer, "head": head, "heads": None if head is None else [head]}


def _most(rows: pd.DataFrame, quantity: Quantity) -> float:
    """What has the full colour."""
    return P_DECADES if quantity.is_p else full_of([rows], quantity)


def _legend(quantity: Quantity, most: float) -> Legend:
    if quantity.is_p:
        return replace(P_LEGEND, caption=quantity.caption)
    return Legend(quantity.caption, f"−{most:.2g}" if quantity.signed else "0", f"{most:.2g}", quantity.signed)


def _cell(row: Mapping[Any, Any], quantity: Quantity, *, most: float, by_head: bool) -> Cell:
    layer, head = int(row["layer"]), int(row["head"]) if by_head else 0
    name = f"Layer {layer + 1}, head {head + 1}" if by_head else f"Layer {layer + 1}"
    change = _look_at(layer, head if by_head else None)
    return replace(value_cell(row, quantity, at=(layer, head), most=most), name=name, change=change)


def value_cell(row: Mapping[Any, Any], quantity: Quantity, *, at: tuple[int, int], most: float) -> Cell:
    """The cell of a row with a status, at a row and column; most: what has the full colour."""
    value, facts = row[quantity.column], _facts(row)
    name = ", ".join(str(row[key]) for key in ("checkpoint", "data") if key in row)
    if pd.isna(value) or not isfinite(value):
        return Cell(*at, str(row["status"]), None, name, facts)
    return Cell(*at, _short(float(value), quantity), _share(float(value), quantity, most), name, facts)


_PLACE = ("measure", "layer", "head")


def _facts(row: Mapping[Any, Any]) -> tuple[tuple[str, str], ...]:
    known = {label: value for label, value in row.items() if label not in _PLACE and value != ""}
    return tuple((label.replace("_", " "), _written(value)) for label, value in known.items())


def _share(value: float, quantity: Quantity, most: float) -> float:
    if quantity.is_p:
        return min(-log10(value) / most, 1.0) if value > 0 else 1.0
    share = value / most
    return max(-1.0, min(share, 1.0)) if quantity.signed else max(0.0, min(share, 1.0))


def _short(value: float, quantity: Quantity) -> str:
    if quantity.is_p:
        return "<.001" if value < 0.001 else f"{value:.2g}"
    text = f"{value:+.2g}" if quantity.signed else f"{value:.2g}"
    return text.replace("-", "−").replace("+0.", "+.").replace("−0.", "−.")


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}".replace("-", "−")
