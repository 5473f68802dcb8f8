"""The map of p-values: how each checkpoint's attention outputs differ from the reference's, layer by layer."""

from math import isfinite
from typing import Any

import pandas as pd

from amplify_viz.colours import P_DECADES
from amplify_viz.errors import InputError
from amplify_viz.ui.components.door import OnChange, View
from amplify_viz.views.documents import SHARED_COLOURS
from amplify_viz.views.packing import pack

_TEXTS = ("checkpoint", "reference", "status")
_NUMBERS = (
    "layer", "n", "statistic", "df", "p_value", "p_corrected", "mean_absolute_difference", "mean_difference",
    "standardised_difference",
)  # fmt: skip
SHADE = "#7a5ba6"  # as in the figure: neither a sign's colour nor a head's
_VIEW = View("p_value_map")


def p_value_map(table: pd.DataFrame, *, layer: int | None = None, key: str, on_change: OnChange | None = None) -> None:
    """Draws the map of a table of `statistics.layer_tests`; a click on a cell changes the look's layer.

    layer: the one to mark, zero-based; on_change gets the Change before the page's script runs again.  Raises
    InputError for a table that is not one of layer_tests.
    """
    _VIEW.show(p_value_payload(table, layer=layer), key=key, on_change=on_change)


def p_value_payload(table: pd.DataFrame, *, layer: int | None = None) -> bytes:
    """The table's rows for the browser, as they are, and the decades of its scale; what is not finite becomes null.

    Raises InputError for a table that lacks a column, names several references or has a checkpoint twice in a layer.
    """
    missing = [column for column in (*_TEXTS, *_NUMBERS) if column not in table]
    if missing:
        raise InputError(
            f"A map of p-values needs the columns of layer_tests, this table lacks {', '.join(missing)}: pass what it returns."
        )
    if table["reference"].nunique() > 1:
        raise InputError(
            f"One map shows tests against one reference, the table has {', '.join(map(str, table['reference'].unique()))}: "
            f"choose one's rows."
        )
    if table.duplicated(["checkpoint", "layer"]).any():
        raise InputError(
            "A checkpoint is tested once in a layer, and one is there twice: give each record its own name."
        )
    rows = [_row(row) for row in table.to_dict("records")]
    colours = {**SHARED_COLOURS, "shade": SHADE}
    return pack({"layer": layer, "decades": P_DECADES, "colours": colours, "rows": rows}, {})


def _row(row: dict[Any, Any]) -> dict[str, Any]:
    texts = {name: str(row[name]) for name in _TEXTS}
    return texts | {name: float(row[name]) if isfinite(row[name]) else None for name in _NUMBERS}
