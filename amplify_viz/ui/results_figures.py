"""The figures of the Results page: drawn when they are looked at, and kept for as long as the runs stay as they are."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import streamlit as st

import amplify_viz as av
from amplify_viz.results import data_title
from amplify_viz.results.settings import differing
from amplify_viz.results.tables import rank
from amplify_viz.runs import Run
from amplify_viz.ui.export import export_menu
from amplify_viz.ui.results_curves import (
    WINDOW,
    accuracies_by_noise,
    as_curve,
    pooled_lam,
    read_curve,
    reliability_of,
    setting_of,
    thinned,
)
from amplify_viz.ui.results_export import beside
from amplify_viz.ui.results_filters import Look, forget_some
from amplify_viz.ui.results_runs import identity
from amplify_viz.ui.state import BOUND, forget_unknown

_WIDE, _NARROW = 6.9, 3.3  # inches
# Both widths are on the page: a phone shows the figure that is made for one column.
_STYLE = """<style>
[class*="st-key-wide-"] img, [class*="st-key-narrow-"] img { background: white; border-radius: 6px; }
@media (max-width: 640px) { [class*="st-key-wide-"] { display: none; } }
@media (min-width: 641px) { [class*="st-key-narrow-"] { display: none; } }
</style>"""

Drawn = Callable[[float], Any]
"""Gives the matplotlib Figure of a width in inches."""


def draw_figures(look: Look) -> None:
    """Draws the choice of a figure and of a data set with its backbone, and the figure."""
    st.html(_STYLE)
    groups = _groups(look.shown)
    forget_unknown("of", list(groups))
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    names = [name for name in FIGURES if name != "Noise" or (look.shown["noise"] != "none").any()]
    forget_unknown("figure", names)
    chosen = left.segmented_control(
        "Figure", names, default=names[0], required=True, key="figure", bind=BOUND, wrap=True
    )
    most = max(groups, key=lambda name: len(groups[name]))
    of = right.selectbox("Data and backbone", list(groups), index=list(groups).index(most), key="of", bind=BOUND)
    FIGURES[chosen](look, groups[of])


def _groups(runs: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The runs of each data set and backbone, by method and seed, with a column `label`: the method, and what else differs."""
    pairs = set(zip(runs["data"], runs["backbone"], strict=True))
    return {
        f"{data_title(data)} · {backbone}": _labelled(runs[(runs["data"] == data) & (runs["backbone"] == backbone)])
        for data, backbone in sorted(pairs, key=lambda pair: (rank("data", pair[0]), pair[1]))
    }


def _labelled(runs: pd.DataFrame) -> pd.DataFrame:
    settings = differing(runs, ("method", "data", "backbone"))["settings"]
    labels = [", ".join(filter(None, names)) for names in zip(runs["method"], settings, strict=True)]
    places = [
        (rank("method", method), label, seed)
        for method, label, seed in zip(runs["method"], labels, runs["seed"], strict=True)
    ]
    return runs.assign(label=labels).iloc[sorted(range(len(runs)), key=places.__getitem__)]


def _runs_of(look: Look, group: pd.DataFrame) -> dict[str, list[Run]]:
    """The runs of each label, in the group's order."""
    found: dict[str, list[Run]] = {}
    for label, folder in zip(group["label"], group["folder"], strict=True):
        found.setdefault(label, []).append(look.found.runs[folder])
    return found


def _show(
    name: str, runs: Mapping[str, Sequence[Run]], draw: Drawn, *, alt: str, more: tuple[object, ...] = ()
) -> None:
    """The figure in the width that the screen has room for, and its export menu.  more: what decides it beside the runs."""
    key = (tuple((label, *map(identity, several)) for label, several in runs.items()), more)
    with beside(lambda: st.caption(alt, width="content")):
        export_menu(name, draw)
    for place, width, shown in (("wide", _WIDE, 880), ("narrow", _NARROW, 420)):
        with st.container(key=f"{place}-{name}"):
            st.image(_svg(name, key, width, draw), width=shown, alt=alt)


@st.cache_data(max_entries=64, show_spinner="Drawing…")
def _svg(name: str, key: tuple[object, ...], width: float, _draw: Drawn) -> str:  # noqa: ARG001 - the cache's key
    return av.figures.to_bytes(_draw(width), "svg").decode()


def _say_left_out(n: int, of: int, lack: str) -> None:
    if n:
        st.caption(f"{n} of {of} runs left out: without {lack}.")


def draw_losses(look: Look, group: pd.DataFrame) -> None:
    """The paper's Figure 4: training loss by step and dev accuracy by epoch of the chosen runs."""
    names = [f"{label} · seed {seed}" for label, seed in zip(group["label"], group["seed"], strict=True)]
    forget_some("curves", names)
    asked = st.multiselect("Runs", names, key="curves", placeholder="All", help="Nothing chosen: all of them.") or names
    runs = _runs_of(look, group[[name in asked for name in names]])
    losses, accuracies = _curves(runs, "steps.jsonl", "loss"), _curves(runs, "epochs.jsonl", "dev_accuracy")
    if not losses:
        st.info("None of these runs has a steps.jsonl, from which the curves are drawn.")
        return
    _say_left_out(len(asked) - sum(map(len, losses.values())), len(asked), "steps.jsonl")
    curves, window = thinned(losses)
    shown: dict[str, Any] = {
        "accuracies": {name: list(map(as_curve, several)) for name, several in accuracies.items()} or None,
        "window": window,
        "data": data_title(group["data"].iloc[0]) + ("" if window > 1 else f" · running means of {WINDOW} steps"),
    }
    _show(
        "loss-curves",
        runs,
        lambda width: av.figures.loss_curves(curves, **shown, width=width),
        alt="Training loss by step, and dev accuracy by epoch.",
    )


def _curves(runs: Mapping[str, Sequence[Run]], file: str, value: str) -> dict[str, list["pd.Series[float]"]]:
    """The curves of each label that are there."""
    along = "step" if value == "loss" else "epoch"
    found = {
        label: [curve for run in several if len(curve := _curve(identity(run), str(run.folder / file), along, value))]
        for label, several in runs.items()
    }
    return {label: several for label, several in found.items() if several}


@st.cache_resource(max_entries=1024, show_spinner="Reading the curves…")
def _curve(key: str, path: str, along: str, value: str) -> "pd.Series[float]":  # noqa: ARG001 - the cache's key
    return read_curve(Path(path), along, value)


def draw_reliability(look: Look, group: pd.DataFrame) -> None:
    """How often each method is right, by how sure it is, for the runs of one seed."""
    seeds = sorted(group["seed"].unique().tolist())
    forget_unknown("seed", seeds)
    seed = seeds[0]
    if len(seeds) > 1:
        seed = st.pills("Seed", seeds, default=seed, required=True, key="seed", bind=BOUND, wrap=True)
    runs = _runs_of(look, group[group["seed"] == seed])
    found = {label: measured for label, (run, *_) in runs.items() if (measured := reliability_of(run, look.split))}
    if not found:
        st.info(f"None of these runs has measured its reliability on {look.split}: train newer ones.")
        return
    _say_left_out(len(runs) - len(found), len(runs), "reliability in run.json")
    tables, errors = {label: one[0] for label, one in found.items()}, {label: one[1] for label, one in found.items()}
    _show(
        "reliability",
        runs,
        lambda width: av.figures.reliability(tables, ece=errors, split=f"seed {seed}, {look.split}", width=width),
        alt=f"Accuracy against confidence in 15 bins, with the rows of each, on {look.split}, seed {seed}.",
        more=(look.split,),
    )


def draw_lam(look: Look, group: pd.DataFrame) -> None:
    """What λ the runs drew beside what is expected, and the paper's Figure 2."""
    found = {label: lam for label, runs in _runs_of(look, group).items() if (lam := pooled_lam(runs))}
    if found:
        runs_of = {label: runs for label, runs in _runs_of(look, group).items() if label in found}
        settings = {label: setting_of(runs[0]) for label, runs in runs_of.items()}
        _show(
            "lam-drawn",
            runs_of,
            lambda width: av.figures.lam_drawn(found, settings, width=width),
            alt="The share of training steps by drawn λ, all seeds together, and the share expected of the settings.",
        )
    else:
        st.caption("None of these runs drew λ.")
    _show(
        "densities",
        {},
        lambda width: av.figures.densities(width=width),
        alt="The paper’s Figure 2: densities of Beta(α, α) and of the largest of n draws, and their distributions.",
    )


def draw_noise(look: Look, group: pd.DataFrame) -> None:
    """Accuracy by share of noise in the training text."""
    table = accuracies_by_noise(group, look.split)
    if table.empty:
        st.info("None of these runs was trained with noise: deleted or swapped words, or flipped labels.")
        return
    _show(
        "accuracy-by-noise",
        _runs_of(look, group),
        lambda width: av.figures.accuracy_by_noise(table, bars="mean ± sd over seeds", split=look.split, width=width),
        alt=f"Accuracy on {look.split} by the share of noise in training; bars: mean ± sd over seeds.",
        more=(look.split,),
    )


FIGURES: Mapping[str, Callable[[Look, pd.DataFrame], None]] = MappingProxyType(
    {
        "Loss curves": draw_losses,
        "Reliability": draw_reliability,
        "Mixing weight": draw_lam,
        "Noise": draw_noise,
    }
)
"""Every figure by the name of its choice."""
