"""A map of numbers in the browser, such as layers by heads; a click on a cell asks for what it stands for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from amplify_viz.ui.components.door import OnChange, View
from amplify_viz.ui.components.p_values import SHADE
from amplify_viz.views.documents import SHARED_COLOURS
from amplify_viz.views.packing import pack

_VIEW = View("cell_map")


@dataclass(frozen=True)
class Cell:
    """One number of a map.

    row, column: where; text: what is written in it; share: of the scale, -1 to 1 in a signed map and 0 to 1 in others,
    None where there is no number; name: of the place, for people; facts: all that is known of it, as names and numbers;
    change: what a click reports as `Change.look`, None where it does nothing; fill: its colour, where it is of a kind and not
    of a scale.
    """

    row: int
    column: int
    text: str
    share: float | None
    name: str
    facts: tuple[tuple[str, str], ...] = ()
    change: dict[str, Any] | None = None
    fill: str | None = None


@dataclass(frozen=True)
class Legend:
    """What the colour says: caption, and the numbers at its ends; signed: blue above zero and orange below.

    keys: for cells of kinds, each with its colour, instead of a scale.
    """

    caption: str
    low: str
    high: str
    signed: bool = False
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Grid:
    """A whole map: headings of rows and columns, corner: what they are, cells, legend, and a note below.

    opens: the view that a click opens, as `Change.view`.
    """

    corner: str
    rows: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Cell]
    legend: Legend
    note: str = ""
    opens: str | None = None


def cell_map(grid: Grid, *, key: str, on_change: OnChange | None = None) -> None:
    """Draws the map; on_change gets a clicked cell's change before the page's script runs again."""
    _VIEW.show(cell_payload(grid), key=key, on_change=on_change)


def cell_payload(grid: Grid) -> bytes:
    """The map for the browser.  Raises ValueError for a share that is NaN, which JSON cannot say."""
    return pack({**asdict(grid), "colours": {**SHARED_COLOURS, "shade": SHADE}}, {})
