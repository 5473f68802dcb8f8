"""The cells of a map of layers by heads: where they stand in a panel, and the numbers beside them, in points."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Rectangle

from amplify_viz.errors import InputError
from amplify_viz.figures.fonts import extent, widest
from amplify_viz.figures.sheet import columns_for, panel_width
from amplify_viz.figures.style import QUIET, RULE, SMALL, write

Place = tuple[int, int]
TOP, CELL = 26.0, 11.0  # points: above the cells, for a name and the heads' numbers; a cell's height
_GAP = 4.0  # points between a layer's number and its cells


@dataclass(frozen=True)
class Layout:
    """Where maps stand: columns of panels, and in points a panel's height, the room beside its cells, and a cell's width."""

    columns: int
    height: float
    side: float
    cell: float


def layout_of(shapes: Sequence[Place], *, width: float, cells: tuple[float, float, float]) -> Layout:
    """Of maps of so many (layers, heads) each; width: of the figure in inches; cells: their width, least, comfortable, most.

    Raises InputError for none or more than four maps.
    """
    if not 1 <= len(shapes) <= 4:
        raise InputError(f"A figure shows 1 to 4 maps side by side, got {len(shapes)}: choose up to four.")
    n_layers, n_heads = (max(shape[axis] for shape in shapes) for axis in (0, 1))
    (least, comfortable, most), side, height = cells, _side_of(n_layers), TOP + CELL * n_layers
    needed = (side + n_heads * comfortable, side + n_heads * least)
    columns = columns_for(len(shapes), width=width, needed=needed, height=height)
    return Layout(columns, height, side, min((panel_width(columns, width=width) - side) / n_heads, most))


def _side_of(n_layers: int) -> float:
    """Points that the layers' numbers take beside the cells."""
    return widest((str(n_layers),), size=SMALL) + _GAP


def boxes_of(places: Iterable[Place], *, side: float, cell: float) -> Mapping[Place, Rectangle]:
    """The box of each cell (layer, head), cell points wide."""
    return {at: Rectangle((side + at[1] * cell, TOP + at[0] * CELL), cell - 0.6, CELL - 0.6) for at in places}


def middle_of(at: Place, *, side: float, cell: float) -> tuple[float, float]:
    """The middle of a cell."""
    return side + (at[1] + 0.5) * cell, TOP + (at[0] + 0.5) * CELL


def hatched(boxes: Sequence[Rectangle]) -> PatchCollection:
    """The cells of which nothing is known."""
    return PatchCollection(boxes, facecolors="#f4f4f4", edgecolors=RULE, hatch="////", linewidths=0, gid="holes")


def number(axes: Axes, n_layers: int, heads: Sequence[str], *, side: float, cell: float) -> None:
    """Writes each layer's number, and the headings of as many heads as stand apart."""
    step = max(1, int(np.ceil((extent(heads[-1], size=SMALL)[0] + 3) / cell)))
    for column, name in enumerate(heads):
        if column % step == 0:
            write(axes, side + (column + 0.5) * cell, TOP - 6, name, colour=QUIET, align="center", gid="head")
    for row in range(n_layers):
        y = TOP + (row + 0.5) * CELL
        write(axes, side - _GAP, y, str(row + 1), colour=QUIET, align="right", gid="layer")
