"""The recipes of what the Explore page shows: a file made in the app says how it came about, a figure's how to make it again."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from amplify_viz.recipes.recipe import portable
from amplify_viz.recipes.tables import about_table
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import rows_of
from amplify_viz.ui.resources import checkpoint_of, origin_of
from amplify_viz.views.look import Look

MOST_LINES = 100
"""Rows above which the head view is a matrix if nothing else is asked for, as in `ui/web/head_model.js`."""


def shared(records: Sequence[AttentionRecord]) -> dict[str, Any]:
    """The options that say which checkpoints read which text, with which heads off."""
    texts = records[0].texts
    return {
        "run": tuple(portable(record.source) for record in records),
        "text": texts[0],
        "pair": texts[1] if len(texts) > 1 else None,
        "name": _names(records),
        "off": _off(records),
    }


def about_records(title: str, records: Sequence[AttentionRecord], *, test: str = "") -> str:
    """What a table of these records says of itself in its files."""
    sources = [origin_of(record.source) for record in records]
    return about_table(title, sources=sources, texts=records[0].texts, test=test, off=list(_off(records)))


def can_be_made_again(records: Sequence[AttentionRecord]) -> bool:
    """Whether `load` and `capture` make these records again: not those of the mix lab."""
    return all(record.source for record in records)


def _names(records: Sequence[AttentionRecord]) -> tuple[str, ...]:
    names = tuple(record.checkpoint for record in records)
    return () if names == tuple(checkpoint_of(record.source).name for record in records) else names


def _off(records: Sequence[AttentionRecord]) -> tuple[str, ...]:
    """Heads that are off in all of them, then those off in some."""
    everywhere = set.intersection(*(set(record.off) for record in records))
    some = [
        f"{number}:{layer + 1}.{head + 1}"
        for number, record in enumerate(records, start=1)
        for layer, head in record.off
        if (layer, head) not in everywhere
    ]
    return (*(f"{layer + 1}.{head + 1}" for layer, head in sorted(everywhere)), *some)


def is_matrix(records: Sequence[AttentionRecord], look: Look) -> bool:
    """Whether the head view shows matrices."""
    if look.form != "auto":
        return look.form == "matrix"
    return max(len(rows_of(record, level=look.level, special=look.special).units) for record in records) > MOST_LINES


def head_view_options(records: Sequence[AttentionRecord], look: Look) -> dict[str, Any]:
    """The head view's options, and the matrix's."""
    several = look.combine if look.combine != "each" else "mean"
    same = {name: getattr(look, name) for name in ("level", "special", "least", "top")}
    same |= {"layer": look.layer + 1, "heads": _from_one(look.heads), "difference": _pair(look)}
    same["between"] = look.between if len(records[0].texts) > 1 else "all"
    if is_matrix(records, look):
        return same | {"combine": several}
    return same | {"combine": look.combine, "focus": _from_one(look.focus)}


def model_view_options(look: Look) -> dict[str, Any]:
    """The model view's options."""
    return {"level": look.level, "special": look.special, "difference": _pair(look)}


def neuron_view_options(look: Look, *, focus: int) -> dict[str, Any]:
    """The neuron view's options."""
    return {"layer": look.layer + 1, "head": (look.head or 0) + 1, "focus": focus + 1}


def word_graph_options(look: Look, *, focus: int) -> dict[str, Any]:
    """The word graph's options."""
    return {
        "layer": look.layer + 1,
        "head": None if look.head is None else look.head + 1,
        "heads": () if look.head is not None else _from_one(look.heads),
        "focus": focus + 1,
        "threshold": look.edge,
        "layout": look.layout,
        "difference": _pair(look),
    }


def _from_one(numbers: Sequence[int] | None) -> tuple[int, ...]:
    return tuple(number + 1 for number in numbers or ())


def _pair(look: Look) -> tuple[int, int] | None:
    return None if look.difference is None else (look.difference[0] + 1, look.difference[1] + 1)


WIDTHS: Mapping[str, float] = MappingProxyType(
    {"One column (3.3 in)": 3.3, "Two columns (6.9 in)": 6.9, "Slide (5 in, enlarged)": 5.0}
)
"""The widths of figures by their name, in inches.  A slide's figure is small, so that its letters are large on the wall."""
