"""What a table must have to be drawn."""

from collections.abc import Iterable

import pandas as pd


def lack_of(table: pd.DataFrame, columns: Iterable[str]) -> str:
    """What a table is without, such as "lacks layer, head" and "has no rows"; "" where it has the columns and rows."""
    missing = [column for column in columns if column not in table]
    if missing:
        return f"lacks {', '.join(missing)}"
    return "has no rows" if table.empty else ""
