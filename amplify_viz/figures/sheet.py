"""What every figure is drawn on: panels whose coordinates are points, one hand for text, and a legend below.

A panel is an Axes without frame; x runs right and y runs down from its upper left corner, both in points (1/72 inch),
so that the room a label takes can be compared with the room there is.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from amplify_viz.capture import AttentionRecord
from amplify_viz.colours import NEGATIVE, POSITIVE
from amplify_viz.errors import InputError
from amplify_viz.figures.fonts import clean, extent, fit, properties, wrap
from amplify_viz.selection import check_focus, check_layer

SMALL, LARGE = 7.0, 8.0  # font sizes in points
INK, QUIET, RULE, EDGE = "#222222", "#666666", "#cccccc", "#3f4f5f"
OPACITY: Colormap = LinearSegmentedColormap.from_list("opacity", ["#ffffff", INK])
EDGES: Colormap = LinearSegmentedColormap.from_list("edges", ["#ffffff", EDGE])
ATTENTION: Colormap = LinearSegmentedColormap.from_list("attention", ["#f3f6fa", "#9fc3e8", POSITIVE, "#0b2a52"])
SIGNED: Colormap = LinearSegmentedColormap.from_list("signed", [NEGATIVE, "#ffffff", POSITIVE])
POINTS = 72.0  # to an inch
MOST = 60  # rows that stay legible
_MARGIN, _GUTTER, _TITLE, _ROW, _PAGE = 4.0, 14.0, 15.0, 11.0, 640.0


@dataclass(frozen=True)
class Item:
    """Something in the legend: its width in points, and how to draw it at (x, y), y being its middle."""

    width: float
    draw: Callable[[Axes, float, float], object]


def check_records(records: Sequence[AttentionRecord], *, layer: int, focus: int | None = None) -> None:
    """Raises InputError unless there are one to four records which all have the layer and the same focus word."""
    if not 1 <= len(records) <= 4:
        raise InputError(f"A figure shows 1 to 4 records side by side, got {len(records)}: choose up to four.")
    for record in records:
        check_layer(record, layer)
    if focus is not None:
        words = sorted({repr(record.word_texts[check_focus(record, focus)]) for record in records})
        if len(words) > 1:
            raise InputError(
                f"Records side by side need the same word at the focus, word {focus + 1} is {' and '.join(words)}: "
                "capture one text with each checkpoint."
            )


def usable(width: float) -> float:
    """Returns the points between the margins of a figure so many inches wide; raises InputError below 2.5 or above 40."""
    if not 2.5 <= width <= 40:
        raise InputError(f"A figure is 2.5 to 40 inches wide, got {width}: 3.3 is one column of a journal and 6.9 two.")
    return width * POINTS - 2 * _MARGIN


def columns_for(count: int, *, width: float, needed: tuple[float, float], height: float) -> int:
    """How many of count panels stand side by side; rows are filled evenly.

    width: of the figure in inches; needed: the points of a panel that is comfortable, and of the narrowest one, which
    is taken where the figure would be higher than a page otherwise; height: of a panel in points.  Returns at least 1.
    """
    for least in needed:
        fitting = int((usable(width) + _GUTTER) // (least + _GUTTER))
        rows = ceil(count / max(1, min(count, fitting)))
        if rows * (height + _GUTTER) <= _PAGE:
            break
    return ceil(count / rows)


def panel_width(columns: int, *, width: float) -> float:
    """Width in points of one of so many panels side by side in a figure so many inches wide."""
    return (usable(width) - (columns - 1) * _GUTTER) / columns


def sheet(
    count: int, *, columns: int, height: float, width: float, title: str, legend: Sequence[Sequence[Item]]
) -> tuple[Figure, list[Axes]]:
    """An empty figure: its title, count panels of equal size (height in points) and the legend's lines.

    width: in inches; the height follows from what is in it.  The title is also the figure's label (what `to_bytes`
    writes into a file as its title).  Panels never overlap.
    """
    room = usable(width)
    lines = [line for items in legend for line in flow(items, room)]
    rows = ceil(count / columns)
    above = _MARGIN + _TITLE
    total = above + rows * (height + _GUTTER) + len(lines) * _ROW + _MARGIN
    figure = Figure(figsize=(width, total / POINTS), dpi=200, facecolor="white")
    figure.set_label(clean(title))
    page = _panel(figure, (0, 0, width * POINTS, total), "page")
    write(page, _MARGIN, _MARGIN + 4, fit(clean(title), room, size=LARGE), size=LARGE)
    each = panel_width(columns, width=width)
    corners = [(_MARGIN + (i % columns) * (each + _GUTTER), above + (i // columns) * (height + _GUTTER)) for i in range(count)]
    panels = [_panel(figure, (*corner, each, height), f"panel {i}") for i, corner in enumerate(corners, start=1)]
    _draw_legend(page, lines, top=total - _MARGIN - len(lines) * _ROW)
    return figure, panels


def _panel(figure: Figure, box: tuple[float, float, float, float], gid: str) -> Axes:
    """Axes over a box (left, top, width, height) in points from the figure's upper left corner."""
    left, top, width, height = box
    wide, high = (inches * POINTS for inches in figure.get_size_inches())
    axes = figure.add_axes((left / wide, 1 - (top + height) / high, width / wide, height / high))
    axes.set(xlim=(0, width), ylim=(height, 0), gid=gid)
    axes.set_axis_off()
    return axes


def write(
    axes: Axes, x: float, y: float, text: str, *, size: float = SMALL, colour: str = INK, bold: bool = False,
    align: str = "left", angle: float = 0.0, gid: str | None = None,
) -> Text:  # fmt: skip
    """Writes one line of cleaned text, literally ("$" and "_" mean nothing), its middle at height y; returns the Text."""
    font = properties(text, size=size, bold=bold)
    style = {"fontproperties": font, "color": colour, "ha": align, "va": "center", "gid": gid}
    turn = {"rotation": angle, "rotation_mode": "anchor"}
    return axes.text(x, y, text, parse_math=False, usetex=False, **style, **turn)


def headline(axes: Axes, name: str, room: float) -> None:
    """Writes a panel's name over it, cut to fit."""
    write(axes, 0, 4, fit(clean(name), room, size=LARGE, bold=True), size=LARGE, bold=True, gid="name")


def on(colour: Sequence[float]) -> str:
    """The colour of text, dark or white, with more contrast on a background colour (WCAG 2's relative luminance)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > 0.21 else "#ffffff"


def number(value: float) -> str:
    """A number in few characters, with a real minus sign: 0.83, 0.041, −1.20, 12.3, 1e-07."""
    size = abs(value)
    digits = f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 else f"{value:.2g}"
    return digits.replace("-", "−", 1) if value < 0 else digits


def label(text: str, *, colour: str = INK, bold: bool = False) -> Item:
    """Text in the legend."""
    return Item(extent(text, size=SMALL, bold=bold)[0], lambda axes, x, y: write(axes, x, y, text, colour=colour, bold=bold))


def chip(colour: str, text: str) -> Item:
    """A coloured square and what it stands for."""

    def draw(axes: Axes, x: float, y: float) -> None:
        axes.add_patch(Rectangle((x, y - 3), 6, 6, facecolor=colour, edgecolor="none"))
        write(axes, x + 8, y, text)

    return Item(8 + extent(text, size=SMALL)[0], draw)


def ramp(colours: Colormap, low: str, high: str) -> Item:
    """A scale: its lower end, its colours and its upper end."""
    start, end = (extent(text, size=SMALL)[0] for text in (low, high))
    n_steps, length = 32, 48.0

    def draw(axes: Axes, x: float, y: float) -> None:
        write(axes, x, y, low)
        step = length / n_steps
        steps = [Rectangle((x + start + 4 + i * step, y - 3), step, 6) for i in range(n_steps)]
        shades = colours([i / (n_steps - 1) for i in range(n_steps)])
        axes.add_collection(PatchCollection(steps, facecolors=shades, edgecolors=shades, linewidths=0.2))
        frame = Rectangle((x + start + 4, y - 3), length, 6, facecolor="none", edgecolor=RULE, linewidth=0.4)
        axes.add_patch(frame)
        write(axes, x + start + length + 8, y, high)

    return Item(start + length + 8 + end, draw)


def beside(*items: Item) -> Item:
    """Items that stay together on one line."""
    starts = list(accumulate((item.width + 4 for item in items), initial=0.0))

    def draw(axes: Axes, x: float, y: float) -> None:
        for start, item in zip(starts, items, strict=False):
            item.draw(axes, x + start, y)

    return Item(starts[-1] - 4, draw)


def note(text: str, *, width: float) -> list[list[Item]]:
    """A sentence under the figure, as the legend's lines; width of the figure in inches."""
    return [[label(line, colour=QUIET)] for line in wrap(clean(text), usable(width), size=SMALL)]


def flow(items: Iterable[Item], width: float, *, gap: float = 7.0) -> list[list[tuple[float, Item]]]:
    """Items and their x, broken into lines of at most width points."""
    lines: list[list[tuple[float, Item]]] = []
    x = 0.0
    for item in items:
        if not lines or x + item.width > width:
            lines.append([])
            x = 0.0
        lines[-1].append((x, item))
        x += item.width + gap
    return lines


def _draw_legend(page: Axes, lines: Sequence[Sequence[tuple[float, Item]]], *, top: float) -> None:
    for row, line in enumerate(lines):
        for x, item in line:
            item.draw(page, _MARGIN + x, top + (row + 0.5) * _ROW)
