"""Loss curves (the paper's Figure 4): the training loss of each method, step by step, and its accuracy on the dev split."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from amplify_viz.colours import HEADS
from amplify_viz.errors import InputError
from amplify_viz.figures.chart import FOOT, HEAD, Axis, across, along, line_width, percent, plot, side_of, upward
from amplify_viz.figures.series import THICK, THIN, Look, looks, mark, stroke
from amplify_viz.figures.sheet import headline, panel_width, sheet
from amplify_viz.statistics.curves import Curve, mean_of, running_mean, series_of

_NAME, _HEIGHT, _SLIM = 14.0, 112.0, 300.0  # points: a panel's name, a plot, a figure whose panels stand one on another
_MARKS = 6  # markers on a curve
_Runs = Mapping[str, Sequence["pd.Series[float]"]]


def loss_curves(
    curves: Mapping[str, Sequence[Curve]],
    *,
    accuracies: Mapping[str, Sequence[Curve]] | None = None,
    window: int = 25,
    split: str = "dev",
    data: str = "",
    width: float = 3.3,
) -> Figure:
    """Loss against steps: thin lines for the runs of a method, a thick one for their mean, as running means.

    curves: for each method its runs, each (steps, losses); accuracies: the same as (epochs, shares in [0, 1]) for a
    second panel, without smoothing; window: steps in a running mean, 1 for none; split: the one of the accuracies;
    data: named in the title; width: in inches.  The mean ends where the first run ends.  A loss that is not finite is
    left out, and the figure says so.  Both axes are linear, and the loss starts at 0.

    Raises InputError for no methods, a method without runs, curves without steps or out of order, and a window below 1.
    The thick line is the mean of the thin ones at each step that all runs of the method have.
    """
    losses = _runs(curves)
    panels = [{name: [running_mean(run, window) for run in runs] for name, runs in losses.items()}]
    if accuracies is not None:
        panels.append({name: [100 * run for run in runs] for name, runs in _runs(accuracies).items()})
    seen = looks(name for panel in panels for name in panel)
    columns = 1 if width * 72 < _SLIM else len(panels)
    room = panel_width(columns, width=width)
    figure, axes = sheet(
        len(panels),
        columns=columns,
        height=_NAME + HEAD + _HEIGHT + FOOT,
        width=width,
        title=f"Training on {data}" if data else "Training",
        legend=[stroke(look, name) for name, look in seen.items()],
        notes=_notes(losses, panels),
    )
    names = ("Loss · train split", f"Accuracy · {split} split")
    rising = [_loss_axis(panels[0], window)] + [_accuracy_axis(panel) for panel in panels[1:]]
    side = side_of(rising)
    running = [
        _axis_of(panel, name, across(room, side)) for panel, name in zip(panels, ("step", "epoch"), strict=False)
    ]
    for ax, panel, name, x, y in zip(axes, panels, names, running, rising, strict=False):
        headline(ax, name)
        inner = plot(ax, x, y, box=(_NAME, _HEIGHT, room), side=side)
        _draw(inner, panel, seen)
    return figure


def _runs(curves: Mapping[str, Sequence[Curve]]) -> _Runs:
    idle = [name for name, runs in curves.items() if not runs]
    if idle or not curves:
        raise InputError(f"Curves need a run or more of each method, got none{' of ' * bool(idle)}{', '.join(idle)}.")
    return {name: [series_of(run) for run in runs] for name, runs in curves.items()}


def _notes(losses: _Runs, panels: Sequence[_Runs]) -> Iterator[str]:
    if any(len(runs) > 1 for panel in panels for runs in panel.values()):
        yield "Thin: single runs; thick: their mean, as far as all of them go."
    if len(losses) > 1:
        yield "A method that mixes is trained on mixed labels: levels of the train loss do not compare across methods."
    if any(run.isna().any() for panel in [losses, *panels[1:]] for runs in panel.values() for run in runs):
        yield "Values that are not finite are left out."
    if len({name for panel in panels for name in panel}) > len(HEADS):
        yield f"Colours repeat after {len(HEADS)} methods."


def _values(panel: _Runs) -> "pd.Series[float]":
    return pd.concat([run for runs in panel.values() for run in runs])


def _loss_axis(panel: _Runs, window: int) -> Axis:
    values = _values(panel).dropna()
    top = 1.04 * float(values.max()) if len(values) and values.max() > 0 else 1.0
    return upward("loss" if window == 1 else f"loss, running mean of {window} steps", 0.0, top, room=_HEIGHT)


def _accuracy_axis(panel: _Runs) -> Axis:
    return percent("accuracy, %", _values(panel) / 100, room=_HEIGHT)


def _axis_of(panel: _Runs, name: str, room: float) -> Axis:
    steps = _values(panel).index
    first, last = float(steps.min()), float(steps.max())
    low = 0.0 if name == "step" else first - 0.25
    return along(name, low, max(last, first + 1) if name == "step" else last + 0.25, room=room, whole=True)


def _draw(axes: Axes, panel: _Runs, seen: Mapping[str, Look]) -> None:
    for name, runs in panel.items():
        for run in runs if len(runs) > 1 else ():
            axes.plot(run.index, run, color=seen[name].colour, linewidth=THIN, alpha=0.45, gid="run", label=name)
    for place, (name, runs) in enumerate(panel.items()):
        look, mean = seen[name], mean_of(runs)
        axes.plot(
            mean.index,
            mean,
            color=look.colour,
            linestyle=look.dashes,
            linewidth=line_width(THICK),
            gid="mean",
            label=name,
            zorder=3,
        )
        marked = mean.iloc[_spread(len(mean), place / len(panel))]
        axes.plot(marked.index, marked, **mark(look), gid="mark", zorder=4, clip_on=False)


def _spread(length: int, shift: float) -> list[int]:
    """Places of markers along a curve, other ones for each method where there are many."""
    if length <= 2 * _MARKS:
        return list(range(length))
    return sorted({int(at) for at in (np.arange(_MARKS) + 0.2 + 0.6 * shift) / _MARKS * length})
