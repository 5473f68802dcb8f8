"""Maps of layers by heads: one number for each head, such as its entropy, a difference or a p-value, of up to four tables."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log10
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from amplify_viz.colours import P_DECADES
from amplify_viz.errors import InputError
from amplify_viz.figures import head_grid
from amplify_viz.figures.fonts import clean, widest
from amplify_viz.figures.legend import Item, label, scale
from amplify_viz.figures.needs import lack_of
from amplify_viz.figures.sheet import headline, sheet
from amplify_viz.figures.style import ATTENTION, P_VALUES, SIGNED, SMALL, number, on, write

Scale = Literal["amount", "signed", "p"]
_NARROWEST, _ROOMY, _WIDEST = 6.0, 24.0, 44.0  # points: a cell's width at least, with a number in it, at most
_FEWEST, _MOST = 2, 4  # digits of a number
_MARKED = 0.02  # of the scale: a cell without a number that is less below 0 has no minus sign


@dataclass(frozen=True)
class _Map:
    """What a panel shows: values [layer, head], NaN where there is none; heads: their headings."""

    name: str
    values: NDArray[np.float64]
    heads: Sequence[str]


@dataclass(frozen=True)
class _Shade:
    """How a value becomes a colour, and the numbers at the scale's ends."""

    colours: Colormap
    kind: Scale
    full: float

    def of(self, value: float) -> float:
        """The place on the colours, 0 to 1."""
        if self.kind == "p":
            return min(-log10(value) / P_DECADES, 1.0) if value > 0 else 1.0
        share = max(-1.0, min(value / self.full, 1.0))
        return (share + 1) / 2 if self.kind == "signed" else max(share, 0.0)

    def key(self, caption: str) -> Item:
        """The scale in the legend."""
        if self.kind == "p":
            return scale(caption, self.colours, "1", f"≤ 1e−{P_DECADES}")
        low = number(-self.full) if self.kind == "signed" else "0"
        return scale(caption, self.colours, low, number(self.full))


def head_map(
    tables: Mapping[str, pd.DataFrame],
    column: str,
    *,
    caption: str,
    kind: Scale = "amount",
    full: float | None = None,
    note: str = "",
    title: str = "",
    width: float = 6.9,
) -> Figure:
    """A panel for each table, with a cell for each layer and head, coloured by one column; all on one scale.

    tables: by name, one to four, with the columns layer and head (zero-based; head missing where a number is a layer's) and
    the one that is shown; caption: what that is, with its unit.  kind: "amount" from 0 up, "signed" around 0, or "p", which
    is logarithmic from 1 to 1e-4.  full: what has the full colour, by default the largest size that there is.  note: a
    sentence below, such as the test, the correction and n.  title: above, by default the caption.  width: in
    inches.  Numbers stand in the cells where they fit, of two digits, or of up to four where there is room and two would make
    most of them the same; where they do not fit a cell below 0 has a minus sign.  Cells without a number are hatched.

    Raises InputError for none or more than four tables, one that lacks a column or has a place twice, and an unknown kind.
    The numbers shown are those of the tables.
    """
    if kind not in get_args(Scale):
        raise InputError(f"A scale is one of {', '.join(get_args(Scale))}, got {kind!r}: choose one of these.")
    maps = [_map(name, table, column) for name, table in tables.items()]
    place = head_grid.layout_of([one.values.shape for one in maps], width=width, cells=(_NARROWEST, _ROOMY, _WIDEST))
    shade = _shade(maps, kind, full)
    holes = any(np.isnan(one.values).any() for one in maps)
    figure, panels = sheet(
        len(maps),
        columns=place.columns,
        height=place.height,
        width=width,
        title=title or caption,
        legend=[shade.key(caption), *([label("hatched: no number")] if holes else [])],
        notes=[f"Rows are layers, columns are heads. {note}".strip()],
    )
    digits = _digits(maps, kind, place.cell)
    for axes, one in zip(panels, maps, strict=True):
        headline(axes, one.name)
        _draw(axes, one, shade, side=place.side, cell=place.cell, digits=digits)
    return figure


def _map(name: str, table: pd.DataFrame, column: str) -> _Map:
    if lack := lack_of(table, ("layer", "head", column)):
        raise InputError(f"A map needs the columns layer, head and {column}, the table of {name} {lack}: pass another.")
    if table.duplicated(["layer", "head"]).any():
        raise InputError(
            f"A map has one number for each head, the table of {name} has several: choose one measure's rows."
        )
    by_head = table["head"].notna()
    n_heads = int(table.loc[by_head, "head"].max()) + 1 if by_head.any() else 1
    values = np.full((int(table["layer"].max()) + 1, n_heads), np.nan)
    for row in table.to_dict("records"):
        values[int(row["layer"]), _head(row)] = float(row[column])
    values[~np.isfinite(values)] = np.nan
    return _Map(clean(name), values, [str(i + 1) for i in range(n_heads)] if by_head.any() else ["all heads"])


def _head(row: Mapping[Hashable, Any]) -> int:
    return 0 if pd.isna(row["head"]) else int(row["head"])


def _shade(maps: Sequence[_Map], kind: Scale, full: float | None) -> _Shade:
    sizes = np.concatenate([np.abs(one.values).ravel() for one in maps])
    largest = float(np.nanmax(sizes)) if np.isfinite(sizes).any() else 1.0
    colours = {"amount": ATTENTION, "signed": SIGNED, "p": P_VALUES}[kind]
    return _Shade(colours, kind, full or largest or 1.0)


def _digits(maps: Sequence[_Map], kind: Scale, cell: float) -> int | None:
    """How many digits the numbers have, None where they do not fit.

    As many as it takes that not most of them read the same, although they differ, within the room.
    """
    values = [float(value) for one in maps for value in one.values.ravel() if isfinite(value)]
    counts = [n for n in range(_FEWEST, _MOST + 1) if _fits(values, kind, cell, n)]
    return next((n for n in counts if not _vanishing(values, kind, n)), counts[-1] if counts else None)


def _fits(values: Sequence[float], kind: Scale, cell: float, digits: int) -> bool:
    """Whether every number has room in its cell."""
    return widest({_text(value, kind, digits) for value in values}, size=SMALL) + 2 <= cell


def _vanishing(values: Sequence[float], kind: Scale, digits: int) -> bool:
    """Whether more than half of the numbers read the same, although they differ."""
    if kind == "p" or not values:
        return False
    same: dict[str, list[float]] = {}
    for value in values:
        same.setdefault(_text(value, kind, digits), []).append(value)
    largest = max(same.values(), key=len)
    return 2 * len(largest) > len(values) and max(largest) > min(largest)


def _text(value: float, kind: Scale, digits: int) -> str:
    """So many digits without a leading zero: .83, −1.2, 12, and <.001 for smaller p-values."""
    if kind == "p" and value < 0.001:
        return "<.001"
    return f"{value:.{digits}g}".replace("-", "−").replace("−0.", "−.").removeprefix("0") or "0"


def _draw(axes: Axes, one: _Map, shade: _Shade, *, side: float, cell: float, digits: int | None) -> None:
    head_grid.number(axes, len(one.values), one.heads, side=side, cell=cell)
    places = list(np.ndindex(one.values.shape))
    boxes = head_grid.boxes_of(places, side=side, cell=cell)
    known = {at: shade.of(float(one.values[at])) for at in places if isfinite(one.values[at])}
    filled = PatchCollection([boxes[at] for at in known], cmap=shade.colours, norm=Normalize(0, 1), gid="cells")
    filled.set_array(list(known.values()))
    for collection in (filled, head_grid.hatched([boxes[at] for at in places if at not in known])):
        axes.add_collection(collection)
    middles = {at: head_grid.middle_of(at, side=side, cell=cell) for at in known}
    inks = {at: on(shade.colours(share)) for at, share in known.items()}
    if digits is None:
        negative = [at for at in known if shade.kind == "signed" and one.values[at] <= -_MARKED * shade.full]
        axes.add_collection(_minuses([middles[at] for at in negative], [inks[at] for at in negative]))
        return
    for at, (x, y) in middles.items():
        text = _text(float(one.values[at]), shade.kind, digits)
        write(axes, x, y, text, colour=inks[at], align="center", gid="number")


def _minuses(middles: Sequence[tuple[float, float]], inks: Sequence[str]) -> LineCollection:
    """Minus signs: in grey print both signs look alike."""
    signs = [[(x - 1.6, y), (x + 1.6, y)] for x, y in middles]
    return LineCollection(signs, colors=list(inks), linewidths=0.6, gid="below 0")
