"""The model view: every head of every layer as a small matrix of its attention weights."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from amplify_viz.figures.fonts import extent, widest
from amplify_viz.figures.legend import scale
from amplify_viz.figures.rows import Numbers, rows_of
from amplify_viz.figures.sheet import check_records, columns_for, headline, panel_width, sheet
from amplify_viz.figures.style import ATTENTION, QUIET, SMALL, number, write
from amplify_viz.records import AttentionRecord
from amplify_viz.text import to_words

_NAME, _HEADING, _GAP = 15.0, 11.0, 4.0  # points: a panel's name, the heads' numbers, beside the layers' numbers
_NARROWEST, _ROOMY, _WIDEST, _BETWEEN = (
    12.0,
    18.0,
    40.0,
    1.5,
)  # points: a matrix at least, at ease, at most, between two


def model_view(
    records: Sequence[AttentionRecord], *, level: str = "tokens", special: bool = True, width: float = 6.9
) -> Figure:
    """A panel for each record: a row for each layer, and in it a matrix for each head, from white (0) to dark.

    In a matrix the rows are the tokens (or words) that look, from above, and the columns those looked at, from the left.
    level: "tokens" or "words"; special: with special tokens; width: in inches.  One scale holds for all, from 0 to the
    largest weight shown.  The matrices are pixels, also in a vector file: one for each weight.

    Raises InputError for a level that there is not, and for anything but one to four records.
    The colours are those of the records' weights.
    """
    check_records(records, layer=0)
    weights = [_weights(record, level=level, special=special) for record in records]
    top = max(float(each.max()) for each in weights) or 1.0
    n_layers, n_heads = (max(each.shape[axis] for each in weights) for axis in (0, 1))
    side = widest((str(n_layers),), size=SMALL) + _GAP
    needed = (side + n_heads * _ROOMY, side + n_heads * _NARROWEST)
    columns = columns_for(len(weights), width=width, needed=needed, height=_NAME + _HEADING + n_layers * _ROOMY)
    room = panel_width(columns, width=width)
    cell = min((room - side) / n_heads, _WIDEST)
    figure, panels = sheet(
        len(weights),
        columns=columns,
        height=_NAME + _HEADING + n_layers * cell,
        width=width,
        title="Attention of every layer and head",
        legend=[scale("attention weight", ATTENTION, "0", number(top))],
        notes=[_note(weights, level)],
    )
    for axes, record, each in zip(panels, records, weights, strict=True):
        headline(axes, record.checkpoint, room)
        _draw(axes, each, side=side, cell=cell, top=top)
    return figure


def _weights(record: AttentionRecord, *, level: str, special: bool) -> Numbers:
    rows = rows_of(record, level=level, special=special)
    found: Numbers = to_words(record.weights, rows.groups).double().numpy()
    return found


def _note(weights: Sequence[Numbers], level: str) -> str:
    sizes = sorted({each.shape[-1] for each in weights})
    shown = " or ".join(f"{size}" for size in sizes)
    return (
        f"Rows are layers, columns are heads. In each matrix the {shown} {level} that look run downwards, those looked at to the "
        f"right."
    )


def _draw(axes: Axes, weights: Numbers, *, side: float, cell: float, top: float) -> None:
    n_layers, n_heads = weights.shape[:2]
    start = _NAME + _HEADING
    step = max(1, int(np.ceil((extent(str(n_heads), size=SMALL)[0] + 3) / cell)))
    for head in range(0, n_heads, step):
        write(axes, side + (head + 0.5) * cell, start - 6, str(head + 1), colour=QUIET, align="center", gid="head")
    for layer in range(n_layers):
        y = start + (layer + 0.5) * cell
        write(axes, side - _GAP, y, str(layer + 1), colour=QUIET, align="right", gid="layer")
    limits = axes.get_xlim(), axes.get_ylim()
    for layer, head in product(range(n_layers), range(n_heads)):
        left, above = side + head * cell, start + layer * cell
        box = (left, left + cell - _BETWEEN, above + cell - _BETWEEN, above)
        axes.imshow(
            weights[layer, head],
            extent=box,
            cmap=ATTENTION,
            norm=Normalize(0, top),
            interpolation="nearest",
            aspect="auto",
            gid=f"matrix {layer + 1}.{head + 1}",
        )
    axes.set(xlim=limits[0], ylim=limits[1])
