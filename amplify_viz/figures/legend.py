"""What stands below a figure: names of colours, scales and sentences, set line by line."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import Colormap
from matplotlib.patches import Rectangle

from amplify_viz.figures.fonts import clean, extent, wrap
from amplify_viz.figures.style import INK, QUIET, RULE, SMALL, write


@dataclass(frozen=True)
class Item:
    """Something in the legend: its width in points, and how to draw it at (x, y), y being its middle."""

    width: float
    draw: Callable[[Axes, float, float], object]


def label(text: str, *, colour: str = INK, bold: bool = False) -> Item:
    """Text in the legend."""
    return Item(
        extent(text, size=SMALL, bold=bold)[0], lambda axes, x, y: write(axes, x, y, text, colour=colour, bold=bold)
    )


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
