"""What can be mapped of a comparison's tables: a number for each layer and head, and how it is coloured.

Public names: `Quantity`, `quantities`, `rows_of`, `measures_of`, `full_of`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType
from typing import Literal

import pandas as pd

from amplify_viz.comparison.tables import Comparison

# Effects that Cohen (1988) calls large, between texts or runs, and small, between elements, have at least the full colour.
_LEAST: Mapping[str, float] = MappingProxyType({"effect_size": 0.8, "standardised_difference": 0.2})


@dataclass(frozen=True)
class Quantity:
    """A column that can be mapped: caption, for the legend; signed: whether 0 is its middle; is_p: whether it is a p-value.

    full: what has the full colour, None for the largest that there is.
    """

    column: str
    caption: str
    signed: bool = False
    is_p: bool = False
    full: float | None = None

    @property
    def kind(self) -> Literal["amount", "signed", "p"]:
        """As `figures.head_map` calls its scale."""
        return "p" if self.is_p else "signed" if self.signed else "amount"


def quantities(rows: pd.DataFrame) -> dict[str, Quantity]:
    """What can be mapped of a measure's table, by its name for people, the most telling first."""
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


def measures_of(found: Comparison) -> list[str]:
    """The measures that its tables have, those of one checkpoint first."""
    return [name for table in (found.tests, found.distances) if len(table) for name in dict.fromkeys(table["measure"])]


def rows_of(found: Comparison, measure: str) -> pd.DataFrame:
    """The rows of one measure of its tables, layers and heads from zero."""
    of_one = len(found.tests) and measure in set(found.tests["measure"])
    table = found.tests if of_one else found.distances
    return table[table["measure"] == measure].reset_index(drop=True)


def full_of(tables: Iterable[pd.DataFrame], quantity: Quantity) -> float:
    """The size that has the full colour: the largest that there is, and no less than what is called an effect; 1 for none."""
    if quantity.full is not None:
        return quantity.full
    sizes = [float(table[quantity.column].abs().max()) for table in tables]
    found = max((size for size in sizes if isfinite(size)), default=0.0)
    return max(found, _LEAST.get(quantity.column, 0.0)) if found > 0 else 1.0
