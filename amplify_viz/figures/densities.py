"""Densities of the mixing weight λ (the paper's Figure 2, and its Equation 5): Beta(α, α), and the largest of n draws."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amplify_viz.errors import InputError
from amplify_viz.figures.chart import FOOT, HEAD, across, along, line_width, plot, side_of, upward
from amplify_viz.figures.legend import Item, flow
from amplify_viz.figures.series import THICK, Look, looks, stroke
from amplify_viz.figures.sheet import headline, panel_width, sheet
from amplify_viz.statistics.densities import Numbers, lam_density, lam_distribution

Setting = tuple[float, int, bool]
"""alpha, n_draws and fold of a `Mixup`."""

DRAWS: Mapping[str, Setting] = {f"n = {n}": (0.1, n, False) for n in (1, 3, 5, 7, 9, 20)}  # the paper's Table 1
_HIGHEST = 4.0  # where the axis of densities ends
_NAME, _HEIGHT, _KEY, _LINE = 14.0, 84.0, 6.0, 11.0  # points: a name, a plot, above the key, a line of the key
_EDGE = np.logspace(-12, -2, 81)
_GRID = np.concatenate([[0.0], _EDGE, np.linspace(0.01, 0.99, 197)[1:-1], 1 - _EDGE[::-1], [1.0]])


@dataclass(frozen=True)
class _Panel:
    """A panel's name, its settings and how each of them looks."""

    name: str
    settings: Mapping[str, Setting]
    looks: Mapping[str, Look]


def densities(
    settings: Mapping[str, Setting] = DRAWS, *, alphas: Sequence[float] = (0.1, 0.2, 0.5, 1, 2), width: float = 6.9
) -> Figure:
    """Left Beta(α, α) for each α, right the mixing weight of each setting (alpha, n_draws, fold) by its name.

    Above the densities, on an axis that ends at 4: with α < 1 they rise without bound, and the figure says so.  Below
    the distribution functions, in which no weight is lost.  width: in inches.

    Raises InputError for no settings or alphas, an alpha that is not above 0 and n_draws below 1.
    The curves are those of `lam_density` and `lam_distribution`.
    """
    if not (settings and len(alphas)):
        raise InputError("Densities need a setting and an alpha at least, got none: leave them out for the paper's.")
    left = {f"α = {alpha:g}": (alpha, 1, False) for alpha in alphas}
    panels = [_panel("One draw of Beta(α, α)", left), _panel(_name(settings), settings)]
    room = panel_width(2, width=width)
    keys = max(len(_key(panel, room)) for panel in panels)
    figure, axes = sheet(
        2,
        columns=2,
        height=_NAME + 2 * (HEAD + _HEIGHT + FOOT) + _KEY + keys * _LINE,
        width=width,
        title="The mixing weight λ",
        legend=[],
        notes=_notes(panels),
    )
    for ax, panel in zip(axes, panels, strict=True):
        headline(ax, panel.name)
        _draw(ax, panel, room)
    return figure


def _panel(name: str, settings: Mapping[str, Setting]) -> _Panel:
    return _Panel(name, settings, looks(settings))


def _name(settings: Mapping[str, Setting]) -> str:
    """What the settings have in common."""
    alphas = {alpha for alpha, _, _ in settings.values()}
    if len(alphas) > 1 or any(fold for _, _, fold in settings.values()):
        return "λ by setting"
    return f"Largest of n, α = {alphas.pop():g}"


def _notes(panels: Sequence[_Panel]) -> list[str]:
    settings = [setting for panel in panels for setting in panel.settings.values()]
    if max(_curve(lam_density, setting).max() for setting in settings) <= _HIGHEST:
        return []
    rises = f"With α < 1 a density rises without bound at 1, and at 0 where n·α < 1: its axis ends at {_HIGHEST:g}."
    return [f"{rises} The lower panels hold all of the weight."]


def _key(panel: _Panel, room: float) -> list[list[tuple[float, Item]]]:
    return flow([stroke(look, name, marked=False, room=room) for name, look in panel.looks.items()], room)


def _curve(function: Callable[..., Numbers], setting: Setting) -> Numbers:
    alpha, n_draws, fold = setting
    return function(_GRID, alpha=alpha, n_draws=n_draws, fold=fold)


def _draw(axes: Axes, panel: _Panel, room: float) -> None:
    density = upward("density", 0.0, _HIGHEST, room=_HEIGHT)
    share = upward("share of draws ≤ λ", 0.0, 1.0, room=_HEIGHT)
    side = side_of((density, share))
    x = along("λ", 0.0, 1.0, room=across(room, side))
    for row, (y, function) in enumerate(((density, lam_density), (share, lam_distribution))):
        top = _NAME + row * (HEAD + _HEIGHT + FOOT)
        inner = plot(axes, x, y, box=(top, _HEIGHT, room), side=side)
        for name, setting in panel.settings.items():
            look, values = panel.looks[name], _curve(function, setting)
            shown = np.isfinite(values)
            inner.plot(
                _GRID[shown], values[shown], color=look.colour, linestyle=look.dashes, linewidth=line_width(THICK),
                gid=y.name, label=name,
            )  # fmt: skip
    below = _NAME + 2 * (HEAD + _HEIGHT + FOOT) + _KEY
    for line, items in enumerate(_key(panel, room)):
        for at, item in items:
            item.draw(axes, at, below + (line + 0.5) * _LINE)
