"""A word graph as one column of words: arcs on the right lead to later words, arcs on the left to earlier ones."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Rectangle
from matplotlib.path import Path

from amplify_viz.colours import FOCUS
from amplify_viz.figures.edges import (
    Scales,
    colours_of,
    curves,
    edges_of,
    labels_of,
    mark_negative,
    shades_of,
    weights_of,
)
from amplify_viz.figures.fonts import extent, fit, widest
from amplify_viz.figures.style import LARGE, SMALL, on, write
from amplify_viz.graph import Point, WordGraph

NOTE = "Lines on the right lead to later words, lines on the left to earlier ones."
_TOP, _PAD, _SIDE, _SLIM, _LONGEST = (
    16.0,
    5.0,
    24.0,
    22.0,
    62.0,
)  # points: over the words, beside a label, for arcs, a label


def needed(graph: WordGraph) -> tuple[float, float]:
    """Points of a panel that is comfortable, and of the narrowest one."""
    return _column(graph, 2 * _LONGEST) + 4 * _SIDE, _column(graph, _LONGEST) + 2 * _SLIM


def height(graph: WordGraph, places: Mapping[int, Point], width: float) -> float:
    """Points that a panel is high."""
    del width
    rows = 1 - min(y for _, y in places.values())
    return _TOP + rows * _pitch(graph) + 2


def draw(axes: Axes, graph: WordGraph, places: Mapping[int, Point], scales: Scales) -> None:
    """Draws the words as boxes, one below the other, and the edges as arcs beside them."""
    width, pitch = float(axes.get_xlim()[1]), _pitch(graph)
    column = _column(graph, width - 2 * _SLIM)
    middles = {node: _TOP + (0.5 - y) * pitch for node, (_, y) in places.items()}
    _draw_arcs(axes, graph, middles, column, scales)
    boxes = [Rectangle(((width - column) / 2, y - pitch / 2 + 0.5), column, pitch - 1) for y in middles.values()]
    colours, norm = shades_of(graph, scales)
    nodes = PatchCollection(boxes, cmap=colours, norm=norm, edgecolors="none", gid="nodes")
    nodes.set_array(weights_of(graph))
    axes.add_collection(nodes)
    _write_words(axes, graph, middles, column, scales)
    signs = [((width - column) / 2 + 2.6, y) for y in middles.values()]
    mark_negative(axes, graph, scales, signs, half=1.5)
    left, top = boxes[list(graph).index(graph.graph["focus"])].get_xy()
    outline = Rectangle((left, top), column, pitch - 1, facecolor="none", edgecolor=FOCUS, linewidth=1.6, gid="focus")
    axes.add_patch(outline)


def _size(graph: WordGraph) -> float:
    return LARGE if len(graph) <= 24 else SMALL


def _pitch(graph: WordGraph) -> float:
    size = _size(graph)
    return max(1.3 * size, *(extent(text, size=size)[1] for text in labels_of(graph))) + 1.6


def _column(graph: WordGraph, room: float) -> float:
    return min(widest(labels_of(graph), size=_size(graph), bold=True) + 2 * _PAD, room)


def _write_words(axes: Axes, graph: WordGraph, middles: Mapping[int, float], column: float, scales: Scales) -> None:
    centre, size = float(axes.get_xlim()[1]) / 2, _size(graph)
    colours, norm = shades_of(graph, scales)
    for node, text, weight in zip(graph, labels_of(graph), weights_of(graph), strict=True):
        bold, colour = node == graph.graph["focus"], on(colours(norm(weight)))
        shown = fit(text, column - 2 * _PAD, size=size, bold=bold)
        write(axes, centre, middles[node], shown, size=size, colour=colour, bold=bold, align="center", gid="word")


def _draw_arcs(axes: Axes, graph: WordGraph, middles: Mapping[int, float], column: float, scales: Scales) -> None:
    """Longer arcs reach further out, as the root of their length, so that short ones can still be seen."""
    width = float(axes.get_xlim()[1])
    room = (width - column) / 2 - 2
    longest = max((abs(middles[target] - middles[source]) for source, target, _ in edges_of(graph)), default=1.0)
    paths = []
    for source, target, _ in edges_of(graph):
        start, end = middles[source], middles[target]
        side = 1 if end > start else -1
        reach = side * room * (abs(end - start) / longest) ** 0.5
        x = (width + side * column) / 2
        control = x + reach / 0.75  # a cubic curve goes three quarters of the way to its control points
        paths.append(Path([(x, start), (control, start), (control, end), (x, end)], [1, 4, 4, 4]))
    axes.add_collection(curves(graph, paths, colours_of(graph, top=scales.edge)))
