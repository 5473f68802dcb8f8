"""The panel that shows the demo's training, live, until its models are there."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from amplify_viz.config import RunConfig, demo_configs
from amplify_viz.errors import InputError
from amplify_viz.runs import BrokenRun, PartialRun, Run
from amplify_viz.ui import demo
from amplify_viz.ui.state import plain
from amplify_viz.ui.train_estimate import spell

_EVERY = 2.0  # seconds
_ABOUT = (
    "three small classifiers to compare, trained here on sentence pairs that the app makes itself: without mixup, with "
    "embedding mixup and with AMPLIFY. It takes about eight minutes on two cores."
)


def demo_panel(root: Path) -> None:
    """Draws the panel where the demo is not complete: its progress with cancel, or the offer to train it."""
    _begin(demo.start_once, root)
    if not demo.missing(root):
        return
    if demo.is_running(root):
        _live(root, demo.missing(root))
    else:
        _offer(root)


def _offer(root: Path) -> None:
    begun = [state for state in demo.progress(root) if isinstance(state, PartialRun)]
    with st.container(border=True):
        said, button = st.columns([4, 1], vertical_alignment="center")
        said.markdown("**Demo models**: " + (_why_stopped(begun) if begun else _ABOUT))
        if button.button("Go on" if begun else "Train them", key="start_demo", width="stretch"):
            _begin(demo.start, root)
            st.rerun()


def _begin(start: Callable[[Path], None], root: Path) -> None:
    try:
        start(root)
    except InputError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _why_stopped(begun: list[PartialRun]) -> str:
    failed = next((state for state in begun if state.state == "failed"), None)
    if failed is not None:
        return f"{plain(failed.config.method)} failed: {plain(failed.message)}"
    return "their training was interrupted; it goes on from the last epoch that was saved."


@st.fragment(run_every=_EVERY)
def _live(root: Path, missing_at_first: list[RunConfig]) -> None:
    if demo.missing(root) != missing_at_first or not demo.is_running(root):
        st.rerun()
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown("**Demo models are being trained** in the background; explore the backbone meanwhile.")
            if st.button("Cancel", key="cancel_demo"):
                demo.cancel(root)
                st.rerun()
        for config, state in zip(demo_configs(), demo.progress(root), strict=True):
            _row(config.method, state)


def _row(method: str, state: Run | PartialRun | BrokenRun | None) -> None:
    name = f"**{plain(method)}**"
    if isinstance(state, Run):
        accuracy = 100 * state.metrics["test"]["accuracy"]
        st.progress(1.0, f"{name} · ready, test accuracy {accuracy:.1f} %")
    elif isinstance(state, PartialRun):
        left = "" if state.seconds_left is None else f" · about {spell(state.seconds_left)} left"
        st.progress(state.progress, f"{name} · {plain(state.message)}{left}")
    else:
        st.progress(0.0, f"{name} · {plain(state.reason) if state else 'waits its turn'}")
