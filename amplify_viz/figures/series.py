"""How lines are told apart: a colour, dashes and a marker each, so that a figure can be read in grey too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from amplify_viz.colours import HEADS
from amplify_viz.figures.chart import line_width
from amplify_viz.figures.fonts import clean, extent, fit_name
from amplify_viz.figures.legend import Item
from amplify_viz.figures.style import SMALL, write
from amplify_viz.mixup import METHODS

_SPANS = ((), (4, 1.2), (1.2, 1), (6, 1.2, 1.2, 1.2), (2.4, 0.9), (9, 1.8))  # on and off, in line widths
_MARKS = ("o", "s", "^", "D", "v", "D full", "o full")  # as many as share no factor with the dashes: 42 pairs
_STROKE, _LONGEST = 20.0, 104.0  # points: a line in the legend, and its name
THICK, THIN = 1.3, 0.5  # points


@dataclass(frozen=True)
class Look:
    """A colour as "#rrggbb", the dashes as matplotlib takes them, and a marker, white inside unless it is full."""

    colour: str
    dashes: Any
    marker: str
    full: bool


def looks(names: Iterable[str]) -> Mapping[str, Look]:
    """A look for each name: a method of METHODS has its own in every figure, the others take those that are left.

    Up to sixteen names no two have one colour, and up to 42 no two have both dashes and marker in common.
    """
    ordered = list(dict.fromkeys(names))
    known = {name: place for place, name in enumerate(METHODS) if name in ordered}
    free = (place for place in count() if place not in known.values())
    return {name: _look(known[name] if name in known else next(free)) for name in ordered}


def _look(place: int) -> Look:
    span, (marker, *full) = _SPANS[place % len(_SPANS)], _MARKS[place % len(_MARKS)].split()
    return Look(HEADS[place % len(HEADS)], (0, span) if span else "-", marker, bool(full))


def stroke(look: Look, name: str, *, marked: bool = True, room: float = _LONGEST + _STROKE + 3) -> Item:
    """A piece of a line, with its marker if marked, and its name, cut where both take more than the room in points."""
    text = fit_name(clean(name), room - _STROKE - 3, size=SMALL)

    def draw(axes: Axes, x: float, y: float) -> None:
        axes.add_line(
            Line2D([x, x + _STROKE], [y, y], color=look.colour, linestyle=look.dashes, linewidth=line_width(THICK))
        )
        if marked:
            axes.add_line(Line2D([x + _STROKE / 2], [y], **mark(look)))
        write(axes, x + _STROKE + 3, y, text, gid="key")

    return Item(_STROKE + 3 + extent(text, size=SMALL)[0], draw)


def mark(look: Look) -> Mapping[str, Any]:
    """What makes a Line2D a marker alone."""
    return {
        "color": look.colour, "marker": look.marker, "linestyle": "none", "markersize": 3.8,
        "markerfacecolor": look.colour if look.full else "white", "markeredgewidth": 0.9,
    }  # fmt: skip
