"""The model view: every head of every layer as a small matrix of its attention weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure

from amplify_viz.attention import Head
from amplify_viz.colours import FOCUS
from amplify_viz.figures import sentences
from amplify_viz.figures.fonts import extent, widest
from amplify_viz.figures.legend import Item, scale
from amplify_viz.figures.rows import Numbers
from amplify_viz.figures.sheet import columns_for, headline, panel_width, sheet
from amplify_viz.figures.strengths import ROOT, SIGNED_TICKS, TICKS, root, signed_root
from amplify_viz.figures.style import ATTENTION, QUIET, SIGNED, SMALL, number, write
from amplify_viz.figures.subjects import check_records
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference, Level, Special, Subject, shown, subjects_of

_NAME, _HEADING, _GAP = 15.0, 11.0, 4.0  # points: a panel's name, the heads' numbers, beside the layers' numbers
_NARROWEST, _ROOMY, _WIDEST = 12.0, 18.0, 40.0  # points: a matrix at least, at ease, at most
_BETWEEN = 1.5  # points between two matrices
_SHADES = 64  # colours of a matrix: more would only make a PDF larger
_LEAST_DIFFERENCE = 0.001  # a smaller one is never shown in full colour, as in `ui/web/model_data.js`


@dataclass(frozen=True, eq=False)
class _Shade:
    """A scale: its name, its colours, how weights become places on them, and the marks in the legend."""

    name: str
    colours: Colormap
    norm: Normalize
    ticks: tuple[float, ...]

    @property
    def item(self) -> Item:
        """The scale in the legend."""
        low, high = (0.0 if end is None else float(end) for end in (self.norm.vmin, self.norm.vmax))
        return scale(self.name, self.colours, number(low) if low else "0", number(high), ticks=self.ticks)


def model_view(
    records: Sequence[AttentionRecord],
    *,
    level: Level = "tokens",
    special: Special = "shown",
    difference: tuple[int, int] | None = None,
    width: float = 6.9,
) -> Figure:
    """A panel for each record: a row for each layer, and in it a matrix for each head, from white (0) to dark.

    In a matrix the rows are the tokens (or words) that look, from above, and the columns those looked at, from the left.
    level, special: see `rows.shown`; difference: two positions in records (a, b), whose difference b − a becomes one more
    panel, from orange over white (0) to blue; width: in inches.  As in the browser the scale of all records goes from 0 to 1,
    that of the difference to the largest one, and the colours follow the square root of a weight.  The matrices are pixels,
    also in a vector file: one for each weight.

    Raises InputError for a choice that there is not, for anything but one to four records, and for records that have no
    difference.  The colours are those of the records' weights.
    """
    check_records(records)
    subjects = subjects_of(records, difference)
    weights = [_weights(subject, level=level, special=special) for subject in subjects]
    shades = _shades(weights, n_records=len(records))
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
        legend=[shade.item for shade in dict.fromkeys(shades)],
        notes=[
            _note(weights, level),
            ROOT,
            *sentences.of_rows(level, special),
            *(["Heads switched off are struck out."] if any(record.off for record in records) else []),
            *sentences.of_records(records),
        ],
    )
    for axes, subject, each, shade in zip(panels, subjects, weights, shades, strict=True):
        headline(axes, subject.checkpoint)
        _draw(axes, each, shade, side=side, cell=cell)
        _strike_out(axes, () if isinstance(subject, Difference) else subject.off, side=side, cell=cell)
    return figure


def _weights(subject: Subject, *, level: Level, special: Special) -> Numbers:
    """[layer, head, from, to]."""
    layers = [shown(subject, layer=layer, level=level, special=special).weights for layer in range(subject.n_layers)]
    found: Numbers = torch.stack(layers).double().numpy()
    return found


def _shades(weights: Sequence[Numbers], *, n_records: int) -> list[_Shade]:
    """How each panel's weights become colours: the records' on one scale, the difference behind them on its own."""
    found = [_Shade("attention weight", ATTENTION, root(1.0), TICKS)] * n_records
    for each in weights[n_records:]:
        most = max(float(np.abs(each).max(initial=0)), _LEAST_DIFFERENCE)
        found.append(_Shade("difference", SIGNED, signed_root(most), SIGNED_TICKS))
    return found


def _note(weights: Sequence[Numbers], level: str) -> str:
    sizes = sorted({each.shape[-1] for each in weights})
    shown = " or ".join(f"{size}" for size in sizes)
    return (
        f"Rows are layers, columns are heads. In each matrix the {shown} {level} that look run downwards, those looked at to the "
        f"right."
    )


def _draw(axes: Axes, weights: Numbers, shade: _Shade, *, side: float, cell: float) -> None:
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
            cmap=shade.colours.resampled(_SHADES),
            norm=shade.norm,
            interpolation="none",
            aspect="auto",
            gid=f"matrix {layer + 1}.{head + 1}",
        )
    axes.set(xlim=limits[0], ylim=limits[1])


def _strike_out(axes: Axes, heads: Sequence[Head], *, side: float, cell: float) -> None:
    """A stroke across each head, with a white rim so that it is seen on light matrices and dark ones."""
    corners = [(side + head * cell, _NAME + _HEADING + layer * cell) for layer, head in heads]
    strokes = [[(x, y + cell - _BETWEEN), (x + cell - _BETWEEN, y)] for x, y in corners]
    for colour, width, gid in (("white", 2.4, "rim"), (FOCUS, 1.2, "off")):
        axes.add_collection(LineCollection(strokes, colors=colour, linewidths=width, gid=gid, zorder=3))
