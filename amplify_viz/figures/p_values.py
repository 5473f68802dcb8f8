"""The heat map of p-values (the paper's Figure 3): each checkpoint against the reference, layer by layer."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log10
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from amplify_viz.colours import P_DECADES
from amplify_viz.errors import InputError
from amplify_viz.figures.fonts import clean, fit_name, widest, wrap
from amplify_viz.figures.legend import scale
from amplify_viz.figures.needs import lack_of
from amplify_viz.figures.sheet import sheet, usable
from amplify_viz.figures.style import INK, P_VALUES, QUIET, RULE, SMALL, number, on, write

_COLUMNS = (
    "checkpoint", "reference", "n", "p_value", "status", "mean_absolute_difference", "standardised_difference",
)  # fmt: skip
_NAMES = {"layer": "layer", "data": "data set"}
_LINE, _CELL, _GAP, _LONGEST = 9.0, 29.0, 5.0, 96.0  # points: a heading's line, a cell's height, beside a name, a name
_NARROWEST, _NAMED, _WIDEST = 34.0, 50.0, 84.0  # points: a cell's width at least, the same under a name, at most


@dataclass(frozen=True)
class _Cell:
    """One test: what is written in its cell, and its colour as a share of the scale (None if there was no test)."""

    lines: tuple[str, ...]
    shade: float | None


@dataclass(frozen=True)
class _Grid:
    """Headings of rows and columns, the cells by (row, column), and points: above the cells, beside them, for a cell.

    corner: what the numbers or names of the other axis are.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    cells: Mapping[tuple[int, int], _Cell]
    header: float
    side: float
    cell: float
    corner: str


def p_values(table: pd.DataFrame, *, note: str = "", width: float = 6.9) -> Figure:
    """A cell for each checkpoint and layer of a table of `statistics.layer_tests`, the darker the smaller the p-value.

    Of a table of `statistics.data_tests`: for each checkpoint and data set.

    A cell shows p, below it the standardised difference, and the mean absolute difference, which p does not see; one
    without a test is hatched and shows its status.  The colours are logarithmic from p = 1 to p = 1e-4, as in every
    figure.  The layers run to the right where they fit into the width (in inches), else downwards.  Lines below name test,
    n and reference, and say that p is uncalibrated and uncorrected; note: one more.

    Raises InputError for a table that lacks a column or rows, names several references or has a test twice.
    The p-values shown are those of the table.
    """
    _check(table)
    reference = clean(str(table["reference"].iloc[0]))
    bands = _bands(table, usable(width))
    figure, axes = sheet(
        len(bands),
        columns=1,
        height=max(band.header + _CELL * len(band.rows) for band in bands),
        width=width,
        title=f"Attention outputs compared with {reference}",
        legend=[scale("p-value", P_VALUES, "1", f"≤ 1e−{P_DECADES}")],
        notes=[_caption(table, reference), *([note] if note else [])],
    )
    for ax, band in zip(axes, bands, strict=True):
        _draw(ax, band)
    return figure


def _check(table: pd.DataFrame) -> None:
    axis = _axis(table)
    if lack := lack_of(table, (*_COLUMNS, axis)):
        raise InputError(
            f"A table of p-values needs the columns of layer_tests, this one {lack}: pass what it returns."
        )
    references = table["reference"].unique()
    if len(references) > 1:
        named = ", ".join(map(str, references))
        raise InputError(f"One figure shows tests against one reference, the table has {named}: choose one's rows.")
    twice = table[table.duplicated(["checkpoint", axis])]
    if not twice.empty:
        checkpoint, place = twice["checkpoint"].iloc[0], _numbered(twice[axis].iloc[0])
        raise InputError(
            f"A checkpoint is tested once in a {_NAMES[axis]}, {checkpoint} is there twice in {_NAMES[axis]} {place}: "
            "give each record a name of its own, and choose one head of a table by heads."
        )


def _axis(table: pd.DataFrame) -> str:
    return "data" if "data" in table else "layer"


def _numbered(place: Any) -> str:
    """A data set's name, or a layer's number from one."""
    return place if isinstance(place, str) else str(place + 1)


def _bands(table: pd.DataFrame, room: float) -> list[_Grid]:
    """One grid with the layers to the right, or grids with the layers downwards, as many as the checkpoints need."""
    axis = _axis(table)
    checkpoints, places = list(table["checkpoint"].unique()), list(table[axis].unique())
    places = places if axis == "data" else sorted(places)
    names, headings = [clean(str(one)) for one in checkpoints], [clean(_numbered(place)) for place in places]
    cells = {
        (checkpoints.index(row["checkpoint"]), places.index(row[axis])): _cell(row) for row in table.to_dict("records")
    }
    side = min(widest((_NAMES[axis], *names), size=SMALL), _LONGEST) + _GAP
    narrowest = max(_NARROWEST, min(widest(headings, size=SMALL) + _GAP, _NAMED))
    if side + len(places) * narrowest <= room:
        cell = min((room - side) / len(places), _WIDEST)
        return [_Grid(names, headings, cells, 1.5 * _LINE, side, cell, _NAMES[axis])]
    turned = {(place, name): cell for (name, place), cell in cells.items()}
    return _downwards(names, headings, turned, room, _NAMES[axis])


def _downwards(
    names: Sequence[str], places: Sequence[str], cells: Mapping[tuple[int, int], _Cell], room: float, corner: str
) -> list[_Grid]:
    side = min(widest((corner, *places), size=SMALL), _LONGEST) + _GAP
    fitting = int((room - side) // _NAMED)
    n_bands = ceil(len(names) / fitting)
    each = ceil(len(names) / n_bands)
    cell = min((room - side) / each, _WIDEST)
    starts = range(0, len(names), each)
    parts = [{(row, at - start): cells[row, at] for row, at in cells if start <= at < start + each} for start in starts]
    return [
        _Grid(places, names[start : start + each], part, 2.5 * _LINE, side, cell, corner)
        for start, part in zip(starts, parts, strict=True)
    ]


def _cell(row: Mapping[Hashable, Any]) -> _Cell:
    if row["status"] != "tested":
        return _Cell((str(row["status"]),), None)
    shade = min(-log10(row["p_value"]), P_DECADES) / P_DECADES if row["p_value"] > 0 else 1.0
    size = f"{row['standardised_difference']:+z.3f}".replace("-", "−")
    return _Cell((_p_text(row["p_value"]), size, f"|Δ| {number(row['mean_absolute_difference'])}"), shade)


def _p_text(p: float) -> str:
    """Three decimals, or a power of ten where these do not tell: 0.043, 4e−7, <1e−300 for what is below any float64."""
    if p == 0:
        return "<1e−300"
    if p >= 0.00095:
        return f"{p:.3f}"
    digit, exponent = f"{p:.0e}".split("e-")
    return f"{digit}e−{int(exponent)}"


def _caption(table: pd.DataFrame, reference: str) -> str:
    sizes = " to ".join(f"{size:,}" for size in sorted({table["n"].min(), table["n"].max()}))
    return (
        f"Welch’s t-test over the n = {sizes} elements of the attention output on each side, each minus {reference}: "
        "p, the standardised difference of the two grand means, and |Δ|, the mean absolute difference element by element. "
        "Only the grand means are tested. Uncalibrated, for elements are dependent, and not corrected for the number of tests."
    )


def _draw(axes: Axes, grid: _Grid) -> None:
    for row, name in enumerate(grid.rows):
        y = grid.header + (row + 0.5) * _CELL
        write(axes, grid.side - _GAP, y, fit_name(name, grid.side - _GAP, size=SMALL), align="right", gid="row")
    for column, name in enumerate(grid.columns):
        x = grid.side + (column + 0.5) * grid.cell
        for line, text in enumerate(reversed(_heading(name, grid.cell - 4))):
            write(axes, x, grid.header - 6 - _LINE * line, text, align="center", gid="column")
    write(axes, grid.side - _GAP, grid.header - 6, grid.corner, colour=QUIET, align="right")
    _paint_cells(axes, grid)


def _heading(name: str, width: float) -> list[str]:
    """A name on one line or two."""
    lines = wrap(name, width, size=SMALL)
    return lines if len(lines) <= 2 and " ".join(lines) == name else [fit_name(name, width, size=SMALL)]


def _paint_cells(axes: Axes, grid: _Grid) -> None:
    boxes = {place: _box(grid, *place) for place in grid.cells}
    shades = {place: cell.shade for place, cell in grid.cells.items() if cell.shade is not None}
    tested = PatchCollection([boxes[place] for place in shades], cmap=P_VALUES, norm=Normalize(0, 1), gid="tested")
    tested.set_array(list(shades.values()))
    hatched = [boxes[place] for place in boxes if place not in shades]
    untested = PatchCollection(
        hatched, facecolors="#f4f4f4", edgecolors=RULE, hatch="////", linewidths=0, gid="untested"
    )
    for collection in (tested, untested):
        axes.add_collection(collection)
    for place, cell in grid.cells.items():
        colour = INK if cell.shade is None else on(P_VALUES(cell.shade))
        (left, top), middle = boxes[place].get_xy(), (len(cell.lines) - 1) / 2
        for line, text in enumerate(cell.lines):
            y = top + boxes[place].get_height() / 2 + (line - middle) * 8.6
            write(axes, left + boxes[place].get_width() / 2, y, text, colour=colour, align="center", gid="cell")


def _box(grid: _Grid, row: int, column: int) -> Rectangle:
    corner = (grid.side + column * grid.cell + 0.5, grid.header + row * _CELL + 0.5)
    return Rectangle(corner, grid.cell - 1, _CELL - 1)
