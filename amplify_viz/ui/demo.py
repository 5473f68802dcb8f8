"""The demo's training, as a process beside the app: start it, see how far it is, cancel it.

The process is `python -m training demo`; the app knows of it only what the run folders say, so it survives a reload of
the page and is found again after a restart of the app.
"""

import contextlib
import os
import threading
from pathlib import Path

import psutil
import streamlit as st

from amplify_viz.config import RunConfig, demo_configs
from amplify_viz.errors import InputError
from amplify_viz.runs import (
    BrokenRun,
    PartialRun,
    Run,
    find_runs,
    inspect_folder,
    partial_folder,
    run_folder,
    write_status,
)
from amplify_viz.ui import training

LOG = "demo.log"


def missing(root: Path) -> list[RunConfig]:
    """The demo's runs that are not complete, in the order in which they are trained."""
    states = zip(demo_configs(), progress(root), strict=True)
    return [config for config, state in states if not isinstance(state, Run)]


def progress(root: Path) -> list[Run | PartialRun | BrokenRun | None]:
    """How far each of the demo's runs is; None for one that was never begun."""
    places = ((run_folder(root, config), partial_folder(root, config)) for config in demo_configs())
    return [next((inspect_folder(folder) for folder in pair if folder.exists()), None) for pair in places]


def is_running(root: Path) -> bool:
    """Whether some process is training the demo, or is about to."""
    return any(isinstance(state, PartialRun) and state.state in ("queued", "running") for state in progress(root))


def start(root: Path) -> None:
    """Begins what is missing of the demo at low priority, as "queued" from this moment; nothing where it runs already.

    Raises InputError where the runs folder cannot be written or the process not be begun.
    """
    with _starting():
        if is_running(root) or not missing(root):
            return
        try:
            root.mkdir(parents=True, exist_ok=True)
            _queue(root, os.getpid())
            _queue(root, training.begin("demo", root, log=LOG, stays=False).pid)
        except OSError as error:
            _say_failed(root, str(error))
            raise InputError(
                f"The demo needs a runs folder that it can write, {root} is not ({error}): set AMPLIFY_VIZ_RUNS to another."
            ) from error


@st.cache_resource(show_spinner=False)
def _starting() -> threading.Lock:
    """Held while the demo is begun: two tabs must not begin it twice."""
    return threading.Lock()


def _queue(root: Path, pid: int) -> None:
    started = psutil.Process(pid).create_time()
    for config in missing(root):
        folder = partial_folder(root, config)
        write_status(folder, config, "queued", message="waits its turn", pid=pid, pid_started=started)


def _say_failed(root: Path, message: str) -> None:
    with contextlib.suppress(OSError):
        for config in missing(root):
            write_status(partial_folder(root, config), config, "failed", message=message)


def cancel(root: Path) -> None:
    """Ends the demo's process; what it has saved stays, and `start` goes on from there."""
    owners = {state.owner for state in progress(root) if isinstance(state, PartialRun) and state.owner is not None}
    for owner in owners - {os.getpid()}:
        with contextlib.suppress(InputError):  # another process that a status file names
            training.end_training(owner)
    for state in progress(root):
        if isinstance(state, PartialRun) and state.owner is None:
            training.take_out(state)


@st.cache_resource(show_spinner=False)
def start_once(root: Path) -> None:
    """Begins the demo at the app's first page, where `make app` asks for it and there is no other run to look at."""
    asked = os.environ.get("AMPLIFY_VIZ_DEMO") == "auto"
    begun = any(partial_folder(root, config).exists() for config in missing(root))
    if asked and (begun or not any(isinstance(run, Run) for run in find_runs(root))):
        start(root)
