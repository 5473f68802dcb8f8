"""A word graph as a ring of words, the labels turned outwards; the focus word may stand in the middle."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import atan2, degrees, hypot, pi

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.patches import Circle
from matplotlib.path import Path

from amplify_viz.colours import FOCUS
from amplify_viz.figures.edges import (
    Scales,
    arrowheads,
    colours_of,
    curves,
    edges_of,
    labels_of,
    mark_negative,
    shades_of,
    weights_of,
)
from amplify_viz.figures.fonts import extent, fit, widest
from amplify_viz.figures.style import INK, LARGE, RULE, SMALL, write
from amplify_viz.graph import Point, WordGraph

NOTE = "Arrows lead to the word looked at."
_TOP, _DOT, _GAP = 18.0, 3.2, 3.0  # points: over the ring, a node's radius, between a node and its label
_LONGEST, _SHORTEST = 64.0, 30.0  # points: a label where there is room, and where there is not
_VEIL = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}  # behind the label among the edges
_WIDEST = 110.0  # points: a ring's radius, unless its words need more


@dataclass(frozen=True)
class _Ring:
    """Sizes in points: the ring's radius, the room for a label, and how far things reach above and below its middle."""

    radius: float
    room: float
    above: float
    below: float


def needed(graph: WordGraph) -> tuple[float, float]:
    """Points of a panel that is comfortable, and of the narrowest one."""
    rim = _smallest(graph) + _DOT + _GAP
    label = widest(labels_of(graph), size=_size(graph), bold=True)
    return 2 * (rim + min(label, _LONGEST)), 2 * (rim + min(label, _SHORTEST))


def height(graph: WordGraph, places: Mapping[int, Point], width: float) -> float:
    """Points that a panel is high."""
    ring = _ring(graph, places, width)
    return _TOP + ring.above + ring.below


def draw(axes: Axes, graph: WordGraph, places: Mapping[int, Point], scales: Scales) -> None:
    """Draws the words as dots, their labels around the ring, and the edges as arrows within it."""
    width = float(axes.get_xlim()[1])
    ring = _ring(graph, places, width)
    x, y = centre = (width / 2, _TOP + ring.above)
    points = {node: (x + ring.radius * across, y - ring.radius * up) for node, (across, up) in places.items()}
    _draw_edges(axes, graph, points, centre, scales)
    dots = [Circle(points[node], _DOT) for node in graph]
    colours, norm = shades_of(graph, scales)
    nodes = PatchCollection(dots, cmap=colours, norm=norm, edgecolors=RULE, linewidths=0.4)
    nodes.set(array=weights_of(graph), gid="nodes")
    axes.add_collection(nodes)
    mark_negative(axes, graph, scales, [points[node] for node in graph], half=1.7)
    focus = points[graph.graph["focus"]]
    axes.add_patch(Circle(focus, _DOT + 0.8, facecolor="none", edgecolor=FOCUS, linewidth=1.6, gid="focus"))
    _write_words(axes, graph, places, points, ring.room)


def _size(graph: WordGraph) -> float:
    return LARGE if len(graph) <= 24 else SMALL


def _line(graph: WordGraph) -> float:
    return max(extent(text, size=_size(graph))[1] for text in labels_of(graph)) + 0.8


def _smallest(graph: WordGraph) -> float:
    """The radius at which neither labels nor dots of neighbours touch."""
    return max(len(graph) * _line(graph) / (2 * pi) - _DOT - _GAP, len(graph) * (2 * _DOT + 0.8) / (2 * pi), 24.0)


def _ring(graph: WordGraph, places: Mapping[int, Point], width: float) -> _Ring:
    widths = [extent(text, size=_size(graph), bold=True)[0] for text in labels_of(graph)]
    wanted = width / 2 - _DOT - _GAP - min(max(widths), _LONGEST)
    radius = max(min(wanted, _WIDEST), _smallest(graph))
    rim = radius + _DOT + _GAP
    room = min(max(widths), width / 2 - rim)
    tips = [
        (rim + min(wide, room)) * up for wide, (_, up) in zip(widths, (places[node] for node in graph), strict=True)
    ]
    margin = _line(graph) / 2
    return _Ring(radius, room, max(rim, *tips) + margin, max(rim, *(-tip for tip in tips)) + margin)


def _write_words(
    axes: Axes, graph: WordGraph, places: Mapping[int, Point], points: Mapping[int, Point], room: float
) -> None:
    """Writes the labels away from the middle, never upside down; that of a word in the middle under its dot."""
    for node, text in zip(graph, labels_of(graph), strict=True):
        focused = node == graph.graph["focus"]
        put = partial(write, axes, size=_size(graph), bold=focused, colour=FOCUS if focused else INK, gid="word")
        (x, y), (across, up) = points[node], places[node]
        middle, left = hypot(across, up) < 0.5, across < -1e-9
        shown = fit(text, 2 * room if middle else room, size=_size(graph), bold=focused)
        if middle:
            put(x, y + _DOT + 8, shown, align="center").set_bbox(_VEIL)
        else:
            turn = degrees(atan2(up, across)) + (180 if left else 0)
            away = _DOT + _GAP
            put(x + away * across, y - away * up, shown, align="right" if left else "left", angle=turn)


def _draw_edges(axes: Axes, graph: WordGraph, points: Mapping[int, Point], centre: Point, scales: Scales) -> None:
    """Curves bent towards the middle and a little to one side, so that there and back are two lines."""
    edges = edges_of(graph)
    paths = [_curve(points[source], points[target], centre) for source, target, _ in edges]
    colours = colours_of(graph, top=scales.edge)
    axes.add_collection(curves(graph, [Path(path, [1, 3, 3]) for path in paths], colours))
    axes.add_collection(arrowheads([(control, end) for _, control, end in paths], colours))


def _curve(start: Point, end: Point, centre: Point) -> tuple[Point, Point, Point]:
    """Start, control point and end of a quadratic curve between two dots, from rim to rim."""
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    bend = 0.0 if min(hypot(x - centre[0], y - centre[1]) for x, y in (start, end)) < 1 else 0.6
    aside = (0.08 * (end[1] - start[1]), -0.08 * (end[0] - start[0]))
    across, down = (m + bend * (c - m) + a for m, c, a in zip(middle, centre, aside, strict=True))
    control = (across, down)
    return _towards(start, control), control, _towards(end, control)


def _towards(dot: Point, point: Point) -> Point:
    """The place on a dot's rim that faces a point."""
    across, down = point[0] - dot[0], point[1] - dot[1]
    share = (_DOT + 0.8) / (hypot(across, down) or 1.0)
    return dot[0] + share * across, dot[1] + share * down
