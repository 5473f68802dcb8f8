"""What a figure's tests look at: its texts, the room they take, and its artists by name."""

from math import cos, radians, sin
from typing import TypeVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

Box = NDArray[np.float64]
Kind = TypeVar("Kind", bound=Artist)
SLACK = 0.35  # points that two boxes may share: a box has room for accents that a word may not have


def texts(figure: Figure, gid: str | None = None) -> list[Text]:
    """The figure's texts (of one name), in the order in which they were written."""
    found = [text for axes in figure.axes for text in axes.texts if text.get_text()]
    return [text for text in found if gid is None or text.get_gid() == gid]


def artists(figure: Figure, gid: str, kind: type[Kind]) -> list[Kind]:
    """The artists of one name, one for each panel that has it."""
    found = [artist for axes in figure.axes for artist in axes.get_children() if artist.get_gid() == gid]
    assert all(isinstance(artist, kind) for artist in found)
    return [artist for artist in found if isinstance(artist, kind)]


def vertices(collection: Collection) -> list[Box]:
    """The corners of each of a collection's paths, [corner, 2]."""
    return [np.asarray(path.vertices, dtype=float) for path in collection.get_paths()]


def box(text: Text) -> Box:
    """The corners of a text's box in points, turned with it."""
    figure = text.get_figure()
    assert isinstance(figure, Figure)
    canvas = figure.canvas if isinstance(figure.canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)
    angle = text.get_rotation()
    text.set_rotation(0)
    flat = text.get_window_extent(canvas.get_renderer())  # type: ignore[no-untyped-call]
    text.set_rotation(angle)
    anchor = text.get_transform().transform(text.get_position())
    turn = np.array([[cos(radians(angle)), -sin(radians(angle))], [sin(radians(angle)), cos(radians(angle))]])
    corners = np.array([[flat.x0, flat.y0], [flat.x1, flat.y0], [flat.x1, flat.y1], [flat.x0, flat.y1]])
    points: Box = ((corners - anchor) @ turn.T + anchor) * 72 / figure.dpi
    return points


def misplaced(figure: Figure) -> list[object]:
    """The texts that reach over the figure's edge, and the pairs that lie on each other."""
    names, boxes = _placed(figure)
    edge = figure.get_size_inches() * 72
    outside = [
        name for name, corners in zip(names, boxes, strict=True) if (corners < 0).any() or (corners > edge).any()
    ]
    return [*outside, *_overlapping(names, boxes)]


def _placed(figure: Figure) -> tuple[list[str], Box]:
    written = texts(figure)
    return [text.get_text() for text in written], np.stack([box(text) for text in written])


def _overlapping(names: list[str], boxes: Box) -> list[tuple[str, str]]:
    low, high = boxes.min(axis=1), boxes.max(axis=1)
    near = (np.minimum(high[:, None], high) - np.maximum(low[:, None], low) > SLACK).all(axis=-1)
    pairs = np.argwhere(np.triu(near, k=1))
    return [(names[i], names[j]) for i, j in pairs if _meet(boxes[i], boxes[j])]


def _meet(a: Box, b: Box) -> bool:
    """Whether two rectangles share more than SLACK: no axis of either keeps them apart."""
    for one in (a, b):
        for edge in (one[1] - one[0], one[2] - one[1]):
            axis = edge / np.hypot(*edge)
            first, second = a @ axis, b @ axis
            if min(first.max(), second.max()) - max(first.min(), second.min()) <= SLACK:
                return False
    return True
