"""Edges of a word graph: curves whose opacity is the weight, those of the focus word in its colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.colors import Colormap, Normalize, to_rgb
from matplotlib.path import Path

from amplify_viz.colours import FOCUS, NEGATIVE, POSITIVE
from amplify_viz.figures.fonts import clean
from amplify_viz.figures.style import ATTENTION, DASHED, EDGE, SIGNED, on
from amplify_viz.graph import Point, WordGraph

Edge = tuple[int, int, float]
Colour = tuple[float, float, float, float]
KIND_COLOURS: Mapping[str, str] = MappingProxyType({"shared": EDGE, "only a": NEGATIVE, "only b": POSITIVE})
_DASHES: Mapping[str, Any] = MappingProxyType({"shared": "solid", "only a": DASHED, "only b": (0, (1.0, 1.2))})
_MARKED = 0.02  # of the scale: a difference that is less below 0 has no minus sign
_LEAST_KIND = 0.25  # opacity: in a comparison a line's kind says more than its strength


@dataclass(frozen=True)
class Scales:
    """What is drawn darkest: the largest weight of a node and of an edge over all panels, and the largest difference."""

    node: float
    edge: float
    difference: float = 1.0


def is_comparison(graph: WordGraph) -> bool:
    """Whether a graph is of two records: its nodes then have the difference for their weight, its edges a kind."""
    return bool(graph.graph.get("comparison"))


def shades_of(graph: WordGraph, scales: Scales) -> tuple[Colormap, Normalize]:
    """How the weights of a graph's nodes become colours."""
    if is_comparison(graph):
        return SIGNED, Normalize(-scales.difference, scales.difference)
    return ATTENTION, Normalize(0, scales.node)


def mark_negative(axes: Axes, graph: WordGraph, scales: Scales, places: Sequence[Point], *, half: float) -> None:
    """A minus sign, half so long to either side, at the place of each node whose difference is below 0: it shows in grey, too."""
    if not is_comparison(graph):
        return
    colours, norm = shades_of(graph, scales)
    least = -_MARKED * scales.difference
    found = [(place, weight) for place, weight in zip(places, weights_of(graph), strict=True) if weight <= least]
    signs = [[(x - half, y), (x + half, y)] for (x, y), _ in found]
    shades = [on(colours(norm(weight))) for _, weight in found]
    axes.add_collection(LineCollection(signs, colors=shades, linewidths=0.7, gid="below 0", zorder=3))


def labels_of(graph: WordGraph) -> tuple[str, ...]:
    """The nodes' labels in order, each as one line."""
    return tuple(clean(graph.nodes[node]["label"]) or " " for node in graph)


def weights_of(graph: WordGraph) -> list[float]:
    """Attention from the focus word to each node, in order."""
    return [graph.nodes[node]["weight"] for node in graph]


def edges_of(graph: WordGraph) -> list[Edge]:
    """Source, target and weight of every edge between two words, the faintest first and the focus word's last.

    A word's edge to itself is not among them.
    """
    pairs = ((source, target) for source, target in graph.edges if source != target)
    edges = [(source, target, graph.edges[source, target]["weight"]) for source, target in pairs]
    return sorted(edges, key=lambda edge: (edge[0] == graph.graph["focus"], edge[2]))


def colours_of(graph: WordGraph, *, top: float) -> list[Colour]:
    """Each edge's colour, opacity being its weight over top; edges from the focus node in its colour.

    In a comparison the colour is the edge's kind, which even a faint one shows.
    """
    focus, edges = graph.graph["focus"], edges_of(graph)
    if is_comparison(graph):
        kinds = [graph.edges[source, target]["kind"] for source, target, _ in edges]
        return [
            (*to_rgb(KIND_COLOURS[kind]), max(weight / top, _LEAST_KIND))
            for kind, (_, _, weight) in zip(kinds, edges, strict=True)
        ]
    return [(*to_rgb(FOCUS if source == focus else EDGE), weight / top) for source, _, weight in edges]


def curves(graph: WordGraph, paths: Sequence[Path], colours: Sequence[Colour]) -> PathCollection:
    """The edges as lines, in a comparison dashed by their kind, so that it shows in grey, too."""
    dashes: Any = "solid"
    if is_comparison(graph):
        dashes = [_DASHES[graph.edges[source, target]["kind"]] for source, target, _ in edges_of(graph)]
    return PathCollection(
        list(paths),
        facecolors="none",
        edgecolors=list(colours),
        linewidths=0.8,
        linestyles=dashes or "solid",
        capstyle="butt",
        gid="edges",
    )


def arrowheads(tips: Sequence[tuple[Point, Point]], colours: Sequence[Colour]) -> PolyCollection:
    """A small triangle at each tip (where it points from, where it ends)."""
    shapes = []
    for (x, y), (to_x, to_y) in tips:
        length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5 or 1.0
        along, across = ((to_x - x) / length, (to_y - y) / length), ((y - to_y) / length, (to_x - x) / length)
        base = (to_x - 3.2 * along[0], to_y - 3.2 * along[1])
        sides = [(base[0] + side * across[0], base[1] + side * across[1]) for side in (1.1, -1.1)]
        shapes.append([(to_x, to_y), *sides])
    return PolyCollection(shapes, facecolors=list(colours), edgecolors="none", gid="arrowheads")
