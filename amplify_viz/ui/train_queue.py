"""The runs in progress, live: how far each is, its curves, what to do with it; and those that are finished."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from amplify_viz.config import RunConfig
from amplify_viz.errors import InputError
from amplify_viz.runs import Run
from amplify_viz.ui import training
from amplify_viz.ui.state import choices, plain
from amplify_viz.ui.train_curves import draw_curves
from amplify_viz.ui.train_estimate import spell
from amplify_viz.ui.training import Entry, Overview

_EVERY = 2.0  # seconds
_MOST_FINISHED = 8
_MOST_CURVES = 3
_ERROR = "_train_error"
_BADGES: dict[str, dict[str, Any]] = {
    "running": {"icon": ":material/play_arrow:", "color": "green"},
    "queued": {"icon": ":material/schedule:", "color": "blue"},
    "waiting": {"icon": ":material/pause:", "color": "orange"},
    "interrupted": {"icon": ":material/stop:", "color": "orange"},
    "failed": {"icon": ":material/error:", "color": "red"},
}
_PAUSE_HELP = (
    "Ends the run that is being trained; it goes on later from the last epoch that was saved. What is queued stays queued. "
    "Training does not end with the page, nor with the app."
)


def draw_queue(root: Path) -> None:
    """Draws the runs, again every two seconds while something is trained."""
    now = training.overview(root)
    st.fragment(_live, run_every=_EVERY if now.is_busy else None)(root, now)
    _draw_finished(now.finished)


def _live(root: Path, before: Overview) -> None:
    """What changes by itself; the whole page runs again where something begins, ends or is finished."""
    now = training.overview(root)
    if _folders(now) != _folders(before) or now.is_busy != before.is_busy:
        st.rerun()
    _draw_head(now, root)
    if _ERROR in st.session_state:
        st.error(plain(st.session_state[_ERROR]), icon=":material/error:")
    running = [entry for entry in now.entries if entry.state == "running"]
    for entry in now.entries:
        _draw_entry(entry, root, curves=entry in running[:_MOST_CURVES])


def _folders(overview: Overview) -> list[Path]:
    return [run.folder for run in overview.finished]


def _draw_head(now: Overview, root: Path) -> None:
    n_waiting = sum(entry.state == "waiting" for entry in now.entries)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("In progress")
        if n_waiting:
            _button("Go on", "resume_queue", training.start_worker, root, icon=":material/play_arrow:", type="primary")
        else:
            look: dict[str, Any] = {"icon": ":material/pause:", "help": _PAUSE_HELP, "disabled": not now.is_working}
            _button("Pause", "pause_queue", training.pause, root, **look)
    if said := _words(now, n_waiting, root):
        st.caption(said)


def _words(now: Overview, n_waiting: int, root: Path) -> str:
    """What the list does not say by itself."""
    if not now.entries:
        return "Nothing is being trained. What you start is shown here; several runs form a queue."
    if n_waiting:
        said = training.last_words(root)
        why = f" The last attempt ended with: {plain(said)}" if said else ""
        return f"{'1 run waits' if n_waiting == 1 else f'{n_waiting} runs wait'}, and nothing works on the queue.{why}"
    if now.entries[0].state == "queued":
        return "The first run begins in a moment: its process is loading the libraries."
    return ""


def _button(label: str, key: str, act: Callable[..., object], *arguments: object, **look: Any) -> None:
    """A button that acts before the page is drawn again; what goes wrong is shown until the next one is pressed."""

    def pressed() -> None:
        st.session_state.pop(_ERROR, None)
        try:
            act(*arguments)
        except InputError as error:
            st.session_state[_ERROR] = str(error)

    st.button(label, key=key, on_click=pressed, **look)


def _draw_entry(entry: Entry, root: Path, *, curves: bool) -> None:
    run, key = entry.run, entry.run.config.hash[:16]
    with st.container(border=True, key=f"entry_{key}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(gap=None, width="stretch"):
                st.markdown(f"**{_title(run.config)}**")
                st.caption(_about(run.config))
            st.badge(entry.state, **_BADGES[entry.state])
            _draw_buttons(entry, root, key)
        _draw_state(entry)
        if curves:
            draw_curves(run.folder, key=key)


def _title(config: RunConfig) -> str:
    return plain(f"{config.method} · seed {config.seed}")


def _about(config: RunConfig) -> str:
    changed = [f"{name.replace('_', ' ')} {value}" for name, value in config.changed.items()]
    return plain(" · ".join([f"{config.data_name}/{config.backbone_name}", *changed]))


def _draw_state(entry: Entry) -> None:
    run = entry.run
    if entry.state == "failed":
        st.error(plain(run.message or "It says nothing about why."), icon=":material/error:")
    elif entry.state == "running" or run.progress > 0:
        left = (
            "" if run.seconds_left is None or entry.state != "running" else f" · about {spell(run.seconds_left)} left"
        )
        st.progress(run.progress, plain(f"{run.message or 'begins'}{left}"))
    elif entry.state == "interrupted":
        st.caption(plain(run.message))


def _draw_buttons(entry: Entry, root: Path, key: str) -> None:
    config = entry.run.config
    if entry.state == "running":
        _button("Cancel", f"cancel_{key}", training.cancel, entry)
        return
    if entry.state in ("queued", "waiting"):
        if entry.was_begun:
            _button("Take out", f"out_{key}", training.take_out, entry.run, help="What it has saved stays.")
            return
    else:
        label = "Try again" if entry.state == "failed" else "Go on"
        _button(label, f"resume_{key}", training.enqueue, [config], root)
    if entry.was_begun:
        with st.popover("Remove", key=f"ask_{key}"):
            st.markdown("Delete what was trained of this run? It cannot be brought back.")
            _button("Delete it", f"remove_{key}", training.remove, entry, root, type="primary")
    else:
        _button("Remove", f"remove_{key}", training.remove, entry, root)


def _draw_finished(runs: Sequence[Run]) -> None:
    if not runs:
        return
    newest = sorted(runs, key=lambda run: run.created, reverse=True)[:_MOST_FINISHED]
    labels = {choice.run.folder: label for label, choice in choices(runs).items() if choice.run}
    st.subheader("Finished")
    for run in newest:
        with st.container(horizontal=True, vertical_alignment="center"):
            dev, test = (100 * run.metrics[split]["accuracy"] for split in ("dev", "test"))
            with st.container(gap=None, width="stretch"):
                st.markdown(f"**{_title(run.config)}** · dev {dev:.1f} % · test {test:.1f} %")
                st.caption(_about(run.config))
            st.page_link(
                "app_pages/explore.py",
                label="Explore",
                icon=":material/visibility:",
                help="Opens the page Explore with this run.",
                query_params={"run": labels[run.folder]},
            )
    if len(runs) > len(newest):
        st.caption(f"The newest {len(newest)} of {len(runs)}; all of them can be chosen on the page Explore.")
