"""The figures of the Results page: drawn when they are looked at, and kept for as long as the runs stay as they are."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import streamlit as st

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.recipes import AccuracyByNoise, Densities, LamDrawn, LossCurves, Made, Recipe, Reliability
from amplify_viz.recipes.runs import options_of
from amplify_viz.results.groups import Group, groups_of
from amplify_viz.ui.export import made_menu
from amplify_viz.ui.results_export import beside
from amplify_viz.ui.results_filters import Look, forget_some
from amplify_viz.ui.results_runs import identity
from amplify_viz.ui.state import BOUND, forget_unknown, plain

_WIDE, _NARROW = 6.9, 3.3  # inches
# Both widths are on the page: a phone shows the figure that is made for one column.
_STYLE = """<style>
[class*="st-key-wide-"] img, [class*="st-key-narrow-"] img { background: white; border-radius: 6px; }
@media (max-width: 640px) { [class*="st-key-wide-"] { display: none; } }
@media (min-width: 641px) { [class*="st-key-narrow-"] { display: none; } }
</style>"""

OfWidth = Callable[[float], Recipe]
"""Gives the recipe of a width in inches."""
Make = Callable[[Any], Made]
"""Makes such a recipe."""


def draw_figures(look: Look) -> None:
    """Draws the choice of a figure and of a data set with its backbone, and the figure."""
    groups = groups_of(look.shown, look.found.runs)
    forget_unknown("of", list(groups))
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    names = [name for name in FIGURES if name != "Noise" or (look.shown["noise"] != "none").any()]
    forget_unknown("figure", names)
    chosen = left.segmented_control(
        "Figure", names, default=names[0], required=True, key="figure", bind=BOUND, wrap=True
    )
    most = max(groups, key=lambda name: len(groups[name].frame))
    of = right.selectbox("Data and backbone", list(groups), index=list(groups).index(most), key="of", bind=BOUND)
    FIGURES[chosen](look, groups[of])


def show_figure(recipe: OfWidth, make: Make, key: tuple[str, ...] = ()) -> None:
    """The figure in the width that the screen has room for, and its export menu; or in a sentence why there is none.

    key: names what it is drawn of, beside what the recipe says of itself.
    """
    name = recipe(_WIDE).KIND
    try:
        drawn = {width: _drawn(key, recipe(width).arguments, make, recipe(width)) for width in (_WIDE, _NARROW)}
    except InputError as error:
        st.info(plain(str(error)))
        return
    st.html(_STYLE)
    with beside(lambda: st.caption(plain(drawn[_WIDE][1]), width="content")):
        made_menu(recipe, make)
    for place, width, shown in (("wide", _WIDE, 880), ("narrow", _NARROW, 420)):
        svg, said = drawn[width]
        with st.container(key=f"{place}-{name}"):
            st.image(svg, width=shown, alt=said)


def _show(recipe: OfWidth, make: Make, group: Group) -> None:
    """The figure of a group of runs."""
    show_figure(recipe, make, (*map(identity, group.all_runs), *group.frame["label"]))


@st.cache_data(max_entries=64, show_spinner="Drawing…")
def _drawn(key: tuple[str, ...], arguments: tuple[str, ...], _make: Make, _recipe: Recipe) -> tuple[str, str]:  # noqa: ARG001 - the cache's key
    """The figure as SVG, and its caption."""
    made = _make(_recipe)
    return av.figures.to_bytes(made.figure, "svg").decode(), made.caption


def draw_losses(_look: Look, group: Group) -> None:
    """The paper's Figure 4: training loss by step and dev accuracy by epoch of the chosen runs."""
    names = group.names
    forget_some("curves", names)
    asked = st.multiselect("Runs", names, key="curves", placeholder="All", help="Nothing chosen: all of them.") or names
    chosen = group.named(asked)
    _show(lambda width: LossCurves(**options_of(chosen), width=width), partial(LossCurves.made, group=chosen), chosen)


def draw_reliability(look: Look, group: Group) -> None:
    """How often each method is right, by how sure it is, for the runs of one seed."""
    seeds = group.seeds
    forget_unknown("seed", seeds)
    seed = seeds[0]
    if len(seeds) > 1:
        seed = st.pills("Seed", seeds, default=seed, required=True, key="seed", bind=BOUND, wrap=True)
    chosen = group.with_seed(seed)
    _show(
        lambda width: Reliability(**options_of(chosen), split=look.split, width=width),
        partial(Reliability.made, group=chosen),
        chosen,
    )


def draw_lam(_look: Look, group: Group) -> None:
    """What λ the runs drew beside what is expected, and the paper's Figure 2."""
    _show(lambda width: LamDrawn(**options_of(group), width=width), partial(LamDrawn.made, group=group), group)
    show_figure(lambda width: Densities(width=width), Densities.make)


def draw_noise(look: Look, group: Group) -> None:
    """Accuracy by share of noise in the training text."""
    _show(
        lambda width: AccuracyByNoise(**options_of(group), split=look.split, width=width),
        partial(AccuracyByNoise.made, group=group),
        group,
    )


FIGURES: Mapping[str, Callable[[Look, Group], None]] = MappingProxyType(
    {
        "Loss curves": draw_losses,
        "Reliability": draw_reliability,
        "Mixing weight": draw_lam,
        "Noise": draw_noise,
    }
)
"""Every figure by the name of its choice."""
