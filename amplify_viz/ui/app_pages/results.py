"""Results: what came of the runs, as tables, comparisons and figures, beside the paper's own numbers."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from amplify_viz.errors import InputError
from amplify_viz.ui import training
from amplify_viz.ui.resources import runs_folder
from amplify_viz.ui.results_compare import draw_comparison
from amplify_viz.ui.results_figures import draw_figures
from amplify_viz.ui.results_filters import Look, choose_look, list_broken
from amplify_viz.ui.results_paper import draw_paper
from amplify_viz.ui.results_runs import SHIPPED, has_shipped, partial_runs, read_runs, state_of
from amplify_viz.ui.results_table import draw_runs
from amplify_viz.ui.state import BOUND, plain
from amplify_viz.ui.training import Entry

_EVERY = 4.0  # seconds


def page() -> None:
    """The page, from the sidebar's choices down to the open section."""
    root = runs_folder()
    with st.sidebar:
        roots = _choose_roots(root)
        found = read_runs(*roots)
        look = choose_look(found) if found.runs else None
        list_broken(found)
    _draw_progress(root, len(found.frame))
    if look is None:
        _draw_empty(root)
    elif look.shown.empty:
        st.info("No run is left by the choices on the left: take one back.")
    else:
        _draw_sections(look, root)


def _choose_roots(root: Path) -> list[Path]:
    """The runs folder, and the results that come with the project where there are any and they are wanted."""
    shipped = has_shipped() and st.toggle(
        "Include the project’s results",
        value=True,
        key="shipped",
        bind=BOUND,
        help="Runs whose results come with the project, without weights. One that is in the runs folder too counts once.",
    )
    return [root, SHIPPED] if shipped else [root]


def _draw_empty(root: Path) -> None:
    st.info(plain(f"No finished run below {root}: train one on the page Train, and its results are shown here."))
    st.page_link("app_pages/train.py", label="Train", icon=":material/model_training:")


def _draw_sections(look: Look, root: Path) -> None:
    sections: dict[str, Callable[[Look], None]] = {
        "Runs": partial(draw_runs, root=root),
        "Paper tables": draw_paper,
        "Against none": draw_comparison,
        "Figures": draw_figures,
    }
    for tab, draw in zip(st.tabs(list(sections), key="section", bind=BOUND), sections.values(), strict=True):
        if tab.open:
            with tab:
                _draw(draw, look)


def _draw(draw: Callable[[Look], None], look: Look) -> None:
    """The section, or in one sentence why it cannot be drawn."""
    try:
        draw(look)
    except InputError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _draw_progress(root: Path, n_runs: int) -> None:
    """Draws how many runs there are, again every four seconds while something is trained."""
    busy = _is_busy(_begun(root))
    st.fragment(_live, run_every=_EVERY if busy else None)(root, n_runs, state_of(root), busy=busy)


def _live(root: Path, n_runs: int, state: str, *, busy: bool) -> None:
    """The whole page runs again where a run is finished, or where training begins or ends."""
    begun = _begun(root)
    if state_of(root) != state or _is_busy(begun) != busy:
        st.rerun()
    st.caption(_words(begun, n_runs))


def _begun(root: Path) -> Sequence[Entry]:
    """The runs that are not finished, as the page Train has them."""
    return training.entries(partial_runs(root), works=training.is_working(root))


def _is_busy(begun: Sequence[Entry]) -> bool:
    return any(run.state in ("running", "queued") for run in begun)


def _words(begun: Sequence[Entry], n_runs: int) -> str:
    named = {"running": "in training"} | {name: name for name in ("queued", "waiting", "interrupted", "failed")}
    counts = {words: sum(run.state == state for run in begun) for state, words in named.items()}
    finished = f"**{n_runs} finished {'run' if n_runs == 1 else 'runs'}**"
    return " · ".join([finished, *(f"{n} {words}" for words, n in counts.items() if n)])


page()
