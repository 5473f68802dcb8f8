"""The mixing weight λ that runs really drew, beside what their settings say: a histogram for each method."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from amplify_viz.colours import FOCUS
from amplify_viz.errors import InputError
from amplify_viz.figures.chart import FOOT, HEAD, across, along, plot, side_of, upward
from amplify_viz.figures.densities import Setting
from amplify_viz.figures.fonts import clean, extent, fit_name
from amplify_viz.figures.legend import Item
from amplify_viz.figures.series import Look, looks
from amplify_viz.figures.sheet import columns_for, panel_width, sheet
from amplify_viz.figures.style import LARGE, QUIET, SMALL, write
from amplify_viz.statistics.densities import lam_distribution

Histogram = tuple[Sequence[float], Sequence[float]]
"""Ascending edges of the bins in [0, 1], and the count in each."""

_NAME, _HEIGHT = 14.0, 84.0  # points: a panel's name, a plot
_NEEDED = (150.0, 100.0)  # points: a panel that is comfortable, and the narrowest
_EXPECTED = "expected from the settings"
_DOT: Mapping[str, Any] = {
    "color": FOCUS, "marker": "o", "linestyle": "none", "markersize": 2.6, "markerfacecolor": "white", "markeredgewidth": 0.7,
}  # fmt: skip


def lam_drawn(histograms: Mapping[str, Histogram], settings: Mapping[str, Setting], *, width: float = 6.9) -> Figure:
    """A panel for each histogram: the share of steps by drawn λ as bars, the share expected of its settings as dots.

    histograms: (edges, counts) by method; settings: for each (alpha, n_draws, fold); width: in inches.  The axis goes to
    100 % in every panel, so that panels compare.

    Raises InputError for no histograms, one without steps or whose edges and counts do not fit, and a name without settings.
    The bars of a panel sum to 100 %, and so do its dots.
    """
    if not histograms:
        raise InputError("A figure of drawn weights needs a histogram at least, got none.")
    for name, histogram in histograms.items():
        _check(name, histogram, settings)
    height = _NAME + HEAD + _HEIGHT + FOOT
    columns = columns_for(len(histograms), width=width, needed=_NEEDED, height=height)
    figure, axes = sheet(
        len(histograms),
        columns=columns,
        height=height,
        width=width,
        title="The mixing weight λ as drawn in training",
        legend=[_bar_item(), _dot_item()],
        notes=[],
    )
    room = panel_width(columns, width=width)
    seen = looks(histograms)
    for ax, (name, histogram) in zip(axes, histograms.items(), strict=True):
        _name(ax, name, f"{sum(histogram[1]):,.0f} steps", room)
        _draw(ax, histogram, settings[name], seen[name], room)
    return figure


def _check(name: str, histogram: Histogram, settings: Mapping[str, Setting]) -> None:
    edges, counts = histogram
    if len(edges) != len(counts) + 1 or not (np.diff(edges) > 0).all() or not sum(counts) > 0:
        raise InputError(
            f"A histogram has ascending edges, one more than counts, and a step at least, that of {name} has not: leave it out."
        )
    if name not in settings:
        raise InputError(f"Each histogram needs alpha, draws and fold, {name} has none: pass them in settings.")


def _name(panel: Axes, name: str, steps: str, room: float) -> None:
    write(panel, room, 4, steps, align="right", gid="steps", colour=QUIET)
    left = room - extent(steps, size=SMALL)[0]
    write(panel, 0, 4, fit_name(clean(name), left - 6, size=LARGE, bold=True), size=LARGE, bold=True, gid="name")


def _draw(panel: Axes, histogram: Histogram, setting: Setting, look: Look, room: float) -> None:
    edges, counts = histogram
    share = upward("share of steps, %", 0.0, 100.0, room=_HEIGHT)
    side = side_of((share,))
    inner = plot(panel, along("λ", 0.0, 1.0, room=across(room, side)), share, box=(_NAME, _HEIGHT, room), side=side)
    alpha, n_draws, fold = setting
    expected = np.diff(lam_distribution(edges, alpha=alpha, n_draws=n_draws, fold=fold))
    wide = np.diff(edges)
    bars = 100 * np.asarray(counts, dtype=float) / sum(counts)
    inner.bar(edges[:-1], bars, width=0.86 * wide, align="edge", color=look.colour, gid="bars")
    middle = np.asarray(edges[:-1]) + 0.43 * wide
    inner.plot(middle, 100 * expected, **_DOT, clip_on=False, gid="expected", zorder=4)


def _bar_item() -> Item:
    def draw(axes: Axes, x: float, y: float) -> None:
        axes.add_patch(Rectangle((x, y - 3.5), 7, 7, color=QUIET))
        write(axes, x + 10, y, "drawn", gid="key")

    return Item(10 + extent("drawn", size=SMALL)[0], draw)


def _dot_item() -> Item:
    def draw(axes: Axes, x: float, y: float) -> None:
        axes.add_line(Line2D([x + 3], [y], **_DOT))
        write(axes, x + 10, y, _EXPECTED, gid="key")

    return Item(10 + extent(_EXPECTED, size=SMALL)[0], draw)
