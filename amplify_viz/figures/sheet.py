"""What every figure is drawn on: panels whose coordinates are points, a title above and a legend below.

A panel is an Axes without frame; x runs right and y runs down from its upper left corner, both in points (1/72 inch),
so that the room a label takes can be compared with the room there is.
"""

from collections.abc import Iterable
from math import ceil

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amplify_viz.errors import InputError
from amplify_viz.figures.chosen import chosen
from amplify_viz.figures.fonts import clean, extent, fit_name, wrap
from amplify_viz.figures.legend import Item, flow, label
from amplify_viz.figures.style import LARGE, QUIET, SMALL, write
from amplify_viz.figures.subjects import ALL_THERE, Lacking

_POINTS = 72.0  # to an inch
_MARGIN, _GUTTER, _TITLE, _LINE = 4.0, 14.0, 15.0, 11.0  # points: the edge, between panels, the title, a legend's line
_PAGE = 648.0  # points: a page's height
_TALL = "At {} in this is taller than a page: a shorter text, fewer checkpoints or a wider figure makes it fit."
NARROWEST, _WIDEST = 2.5, 40.0
"""Inches that a figure with letters of our size is wide, at least, and any figure at most."""
MINUS = " − "  # between the names of a difference


def usable(width: float) -> float:
    """Returns the points between the margins of a figure so many inches wide; raises InputError below 2.5 or above 40."""
    finished = width * chosen().scale
    if not (width >= NARROWEST and finished <= _WIDEST):  # NaN is in no range
        raise InputError(
            f"A figure is 2.5 to 40 inches wide, got {finished:.3g}: 3.3 is one column of a journal and 6.9 two."
        )
    return width * _POINTS - 2 * _MARGIN


def columns_for(count: int, *, width: float, needed: tuple[float, float], height: float) -> int:
    """How many of count panels stand side by side; rows are filled evenly.

    width: of the figure in inches; needed: the points of a panel that is comfortable, and of the narrowest one, which
    is taken where the figure would be higher than a page otherwise; height: of a panel in points.  Returns at least 1.
    """
    room = usable(width) + _GUTTER
    few, many = (max(1, min(count, int(room // (least + _GUTTER)))) for least in needed)
    rows = ceil(count / few)
    if rows * (height + _GUTTER) * chosen().scale > _PAGE:
        rows = ceil(count / many)
    return ceil(count / rows)


def panel_width(columns: int, *, width: float) -> float:
    """Width in points of one of so many panels side by side in a figure so many inches wide."""
    return (usable(width) - (columns - 1) * _GUTTER) / columns


def sheet(
    count: int,
    *,
    columns: int,
    height: float,
    width: float,
    title: str,
    legend: Iterable[Item],
    notes: Iterable[str],
    lacking: Lacking = ALL_THERE,
) -> tuple[Figure, list[Axes]]:
    """An empty figure: its title, count panels of equal size (height in points), the legend, and notes below it.

    width: in inches; the height follows from what is in it, and a note says where that is more than a page's.  The title has
    up to two lines, and is also the figure's label (what `to_bytes` writes into a file as its title).  lacking: those of the
    panels that have nothing to draw, by place a name and a sentence; these are written, and the axes of the others returned.
    Panels never overlap.
    """
    room = usable(width)
    each, rows = panel_width(columns, width=width), ceil(count / columns)
    heading = _heading(title, room)
    pitch = max(_LINE, *(extent(line, size=LARGE)[1] for line in heading))
    above = _MARGIN + _TITLE + (len(heading) - 1) * pitch
    lines = [*flow(legend, room), *_lines(notes, room)]
    body = above + rows * (height + _GUTTER) + _MARGIN
    tall = (body + len(lines) * _LINE) * chosen().scale  # points of the finished figure
    if tall > _PAGE:
        lines += _lines([_TALL.format(ceil(tall / _POINTS))], room)
    below = len(lines) * _LINE + _MARGIN
    total = above + rows * (height + _GUTTER) + below
    figure = Figure(figsize=(width, total / _POINTS), dpi=200, facecolor="white")
    figure.set_label(clean(title))
    page = _panel(figure, (0, 0, width * _POINTS, total), "page")
    for number, text in enumerate(heading):
        write(page, _MARGIN, _MARGIN + 4 + number * pitch, text, size=LARGE, gid="title")
    for number, line in enumerate(lines):
        for x, item in line:
            item.draw(page, _MARGIN + x, total - below + (number + 0.5) * _LINE)
    corners = (divmod(panel, columns) for panel in range(count))
    places = [(_MARGIN + column * (each + _GUTTER), above + row * (height + _GUTTER)) for row, column in corners]
    panels = [_panel(figure, (*place, each, height), f"panel {i}") for i, place in enumerate(places, start=1)]
    for place, (name, reason) in lacking.items():
        _write_reason(panels[place], name, reason)
    return figure, [panel for place, panel in enumerate(panels) if place not in lacking]


def _heading(title: str, room: float) -> list[str]:
    """The title in one line or two; what is more is cut in the middle of the second, for a title ends in what it is of."""
    first = next(iter(wrap(clean(title), room, size=LARGE)), "")
    rest = clean(title).split()[len(first.split()) :]
    return [first, *([fit_name(" ".join(rest), room, size=LARGE)] if rest else [])]


def _lines(notes: Iterable[str], room: float) -> list[list[tuple[float, Item]]]:
    return [[(0.0, label(line))] for note in notes for line in wrap(clean(note), room, size=SMALL)]


def _panel(figure: Figure, box: tuple[float, float, float, float], gid: str) -> Axes:
    """Axes over a box (left, top, width, height) in points from the figure's upper left corner."""
    left, top, width, height = box
    wide, high = (inches * _POINTS for inches in figure.get_size_inches())
    axes = figure.add_axes((left / wide, 1 - (top + height) / high, width / wide, height / high))
    axes.set(xlim=(0, width), ylim=(height, 0), gid=gid)
    axes.set_axis_off()
    return axes


def _write_reason(axes: Axes, name: str, reason: str) -> None:
    """Why a panel has nothing to draw, under its name."""
    headline(axes, name)
    for number, line in enumerate(wrap(reason, float(axes.get_xlim()[1]), size=SMALL)):
        write(axes, 0, 4 + (number + 1.5) * _LINE, line, colour=QUIET, gid="lacking")


def headline(axes: Axes, name: str) -> None:
    """Writes a panel's name over it, cut to fit; of a difference both names are cut, never the sign between them.

    It has the room to the next panel's, and to the figure's edge where no panel follows in its row.
    """
    room = _room(axes)
    parts = clean(name).split(MINUS)
    sign = extent(MINUS, size=LARGE, bold=True)[0] if len(parts) > 1 else 0.0
    shown = [fit_name(part, (room - sign) / len(parts), size=LARGE, bold=True) for part in parts]
    whole = fit_name(clean(name), room, size=LARGE, bold=True)
    shown = [whole] if whole == clean(name) else shown
    write(axes, 0, 4, MINUS.join(shown), size=LARGE, bold=True, gid="name")


def _room(axes: Axes) -> float:
    """Points from a panel's left edge to its right one, or to the margin where it is the last of its row."""
    figure, place, width = axes.get_figure(), axes.get_position(), float(axes.get_xlim()[1])
    if figure is None:
        return width
    panels = [one for one in figure.axes if str(one.get_gid()).startswith("panel")]
    if any(one.get_position().y0 == place.y0 and one.get_position().x0 > place.x0 for one in panels):
        return width
    return float(width / place.width * (1 - place.x0) - _MARGIN)
