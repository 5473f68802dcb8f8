"""The cells of a map of layers by heads: where they stand in a panel, and the numbers beside them, in points."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Rectangle

from amplify_viz.figures.fonts import extent, widest
from amplify_viz.figures.style import QUIET, RULE, SMALL, write

Place = tuple[int, int]
TOP, CELL = 26.0, 11.0  # points: above the cells, for a name and the heads' numbers; a cell's height
_GAP = 4.0  # points between a layer's number and its cells


def side_of(n_layers: int) -> float:
    """Points that the layers' numbers take beside the cells."""
    return widest((str(n_layers),), size=SMALL) + _GAP


def height_of(n_layers: int) -> float:
    """Points from a panel's top to the end of its cells."""
    return TOP + CELL * n_layers


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
