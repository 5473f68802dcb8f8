"""The map of a comparison: layers by heads, of one quantity of a measure's tests or distances."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, log10
from typing import Any

import pandas as pd

from amplify_viz.ui.components import Cell, Grid, Legend

_DECADES = 4  # p-values below 10 to the minus this are as dark as it
_FULL_EFFECT = 0.8  # an effect that Cohen (1988) calls large has at least the full colour


@dataclass(frozen=True)
class Quantity:
    """A column that can be mapped: caption, for the legend; signed: whether 0 is its middle; is_p: whether it is a p-value."""

    column: str
    caption: str
    signed: bool = False
    is_p: bool = False


def quantities(rows: pd.DataFrame) -> dict[str, Quantity]:
    """What can be mapped of a measure's table, by its name on the page, the most telling first."""
    known = (
        ("Effect size", Quantity("effect_size", "effect size", signed=True)),
        ("Difference", Quantity("mean_difference", "B − A", signed=True)),
        ("Excess", Quantity("excess", "between less within groups", signed=True)),
        ("Mean", Quantity("mean", "mean over texts")),
        ("Between groups", Quantity("between", "mean distance between groups")),
        ("p, corrected", Quantity("p_corrected", "corrected p", is_p=True)),
        ("p", Quantity("p_value", "p", is_p=True)),
    )
    return {name: quantity for name, quantity in known if quantity.column in rows}


def map_of(rows: pd.DataFrame, quantity: Quantity, *, note: str) -> Grid:
    """The map of one measure's rows (layer and head from zero); a click on a cell reports its layer and head."""
    by_head = bool(rows["head"].notna().all())
    n_layers = int(rows["layer"].max()) + 1
    n_columns = int(rows["head"].max()) + 1 if by_head else 1
    most = _most(rows, quantity)
    cells = [_cell(row, quantity, most=most, by_head=by_head) for row in rows.to_dict("records")]
    columns = [str(i + 1) for i in range(n_columns)] if by_head else ["all heads"]
    corner = "Layer / head" if by_head else "Layer"
    return Grid(corner, [str(i + 1) for i in range(n_layers)], columns, cells, _legend(quantity, most), note)


def _most(rows: pd.DataFrame, quantity: Quantity) -> float:
    """What has the full colour."""
    found = float(rows[quantity.column].abs().max())
    if quantity.is_p:
        return float(_DECADES)
    least = _FULL_EFFECT if quantity.column == "effect_size" else 0.0
    return max(found, least) if isfinite(found) and found > 0 else 1.0


def _legend(quantity: Quantity, most: float) -> Legend:
    if quantity.is_p:
        return Legend(quantity.caption, "1", f"≤1e−{_DECADES}")
    return Legend(quantity.caption, f"−{most:.2g}" if quantity.signed else "0", f"{most:.2g}", quantity.signed)


def _cell(row: Mapping[Any, Any], quantity: Quantity, *, most: float, by_head: bool) -> Cell:
    layer, head = int(row["layer"]), int(row["head"]) if by_head else 0
    value = row[quantity.column]
    name = f"Layer {layer + 1}, head {head + 1}" if by_head else f"Layer {layer + 1}"
    change = {"layer": layer, "head": head if by_head else None}
    facts = tuple((label.replace("_", " "), _written(found)) for label, found in row.items() if label not in _PLACE)
    if pd.isna(value) or not isfinite(value):
        return Cell(layer, head, str(row["status"]), None, name, facts, change)
    return Cell(layer, head, _short(float(value), quantity), _share(float(value), quantity, most), name, facts, change)


_PLACE = ("measure", "layer", "head")


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
