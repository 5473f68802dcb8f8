"""The app's side of training: what waits, runs or was stopped below a runs folder, and the processes that train it.

The processes are `python -m training …` beside the app, which knows of them only what their folders say: so they are
found again after a reload of the page or a restart of the app.  The queue's worker lives on when the app ends.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil
import streamlit as st

from amplify_viz.config import RunConfig
from amplify_viz.errors import InputError
from amplify_viz.runs import (
    PARTIAL,
    PartialRun,
    Run,
    find_runs,
    inspect_folder,
    partial_folder,
    run_folder,
    write_status,
)

PROJECT = Path(__file__).parents[2]
LOG = "queue.log"
_WORK = "work"  # the worker's command
_WORKER = ".worker.lock"  # written by the worker: its process
_SECONDS_TO_END = 10.0

State = Literal["running", "queued", "waiting", "interrupted", "failed"]
_ORDER: tuple[State, ...] = ("running", "queued", "waiting", "failed", "interrupted")


@dataclass(frozen=True)
class Entry:
    """A run that is not finished.

    state: "queued" where a process will come to it, "waiting" where it is queued and nobody works on the queue; the
    others are those of PartialRun.  queued_at: since when (seconds since 1970), 0 where it is not.
    """

    run: PartialRun
    state: State
    queued_at: float = 0.0

    @property
    def was_begun(self) -> bool:
        """Whether some of it was trained, which removing it would lose."""
        return any((self.run.folder / "trainer").glob("checkpoint-*"))


@dataclass(frozen=True)
class Overview:
    """What there is below a runs folder at one moment.

    entries: every run that is not finished: running, then queued in their order, then failed and interrupted.
    is_working: whether a worker trains what is queued, or is about to.
    """

    entries: tuple[Entry, ...]
    finished: tuple[Run, ...]
    is_working: bool

    @property
    def is_busy(self) -> bool:
        """Whether anything changes by itself."""
        return self.is_working or any(entry.state == "running" for entry in self.entries)


def overview(root: Path) -> Overview:
    """Reads every run's folder; nothing in them can make this raise."""
    works, runs = is_working(root), find_runs(root)
    begun = entries([run for run in runs if isinstance(run, PartialRun)], works=works)
    return Overview(begun, tuple(run for run in runs if isinstance(run, Run)), works)


def entries(runs: Sequence[PartialRun], *, works: bool) -> tuple[Entry, ...]:
    """The runs that are not finished, in the order of an Overview.  works: see `is_working`."""
    found = [_entry(run, works=works) for run in runs]
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.state), one.queued_at, one.run.folder)))


def _entry(run: PartialRun, *, works: bool) -> Entry:
    at = _queued_at(run.folder)
    if at is None:
        return Entry(run, run.state)
    return Entry(run, "queued" if works or run.owner is not None else "waiting", at)


def _queued_at(partial: Path) -> float | None:
    """When the run was queued, also where the process that queued it is gone; None where it is not queued."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        status = json.loads((partial / "status.json").read_text(encoding="utf-8"))
        return float(status.get("queued_at", 0.0)) if status["state"] == "queued" else None
    return None


def is_working(root: Path) -> bool:
    """Whether a worker trains what is queued, or is about to."""
    said = _signature(root)
    ended = None if said.get("at_work") else said.get("pid")
    begun = any(child.poll() is None and child.pid != ended for child in _children(root, _WORK))
    return begun or _worker(root) is not None


def _signature(root: Path) -> dict[str, Any]:
    """What the last worker says of itself: its process, and whether it is still at work."""
    with contextlib.suppress(OSError, ValueError):
        said = json.loads((root / _WORKER).read_text(encoding="utf-8"))
        return said if isinstance(said, dict) else {}
    return {}


def _worker(root: Path) -> psutil.Process | None:
    said = _signature(root)
    with contextlib.suppress(ValueError, TypeError, KeyError, OverflowError, psutil.Error):
        process = psutil.Process(int(said["pid"]))
        same = abs(process.create_time() - float(said["pid_started"])) < 1.0
        alive = same and process.status() != psutil.STATUS_ZOMBIE and "training" in process.cmdline()
        return process if alive and said["at_work"] else None
    return None


def enqueue(configs: Sequence[RunConfig], root: Path) -> list[RunConfig]:
    """Queues the runs that are neither finished nor on their way, and begins a worker; returns those it has queued.

    Raises InputError where the runs folder cannot be written or the worker not be begun.
    """
    with _writing(root):
        new = [config for config in configs if is_new(config, root)]
        for config in new:
            _write_queued(config, root)
    start_worker(root)
    return new


def is_new(config: RunConfig, root: Path) -> bool:
    """Whether a run is neither finished nor being trained nor queued."""
    if run_folder(root, config).exists():
        return False
    partial = partial_folder(root, config)
    return not _is_held(partial) and _queued_at(partial) is None


def _is_held(partial: Path) -> bool:
    """Whether a living process trains the run or has it for itself; who has only said why it ended does not."""
    found = inspect_folder(partial)
    return isinstance(found, PartialRun) and found.state in ("queued", "running") and found.owner is not None


def _write_queued(config: RunConfig, root: Path) -> None:
    partial = partial_folder(root, config)
    before = inspect_folder(partial)
    progress = before.progress if isinstance(before, PartialRun) else 0.0
    nobody = {"pid": None, "pid_started": None}
    write_status(
        partial, config, "queued", message="waits its turn", progress=progress, queued_at=time.time(), **nobody
    )


@contextlib.contextmanager
def _writing(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"Training needs a runs folder that it can write, {root} is not ({error}): set AMPLIFY_VIZ_RUNS to another."
        ) from error


def start_worker(root: Path) -> None:
    """Begins a worker where something waits and there is none.  Raises InputError as `enqueue`."""
    with _starting(), _writing(root):
        now = overview(root)
        if not now.is_working and any(entry.state == "waiting" for entry in now.entries):
            begin(_WORK, root, log=LOG, stays=True)


def begin(command: str, root: Path, *, log: str, stays: bool) -> "subprocess.Popen[bytes]":
    """The process of a training command at low priority, its output in the log of the runs folder.

    stays: whether it lives on when the app is ended in its terminal.  Raises OSError where it cannot be begun.
    """
    line = [sys.executable, "-m", "training", command, "--runs", str(root.resolve()), "--nice", "10"]
    with (root / log).open("a", encoding="utf-8") as file:
        process = subprocess.Popen(
            line, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=stays
        )
    kept = _children(root, command)
    kept[:] = [*(child for child in kept if child.poll() is None), process]
    return process


@st.cache_resource(show_spinner=False)
def _children(root: Path, command: str) -> "list[subprocess.Popen[bytes]]":  # noqa: ARG001 - the cache's key
    """The processes that this app began: kept so that they are waited for when they end."""
    return []


@st.cache_resource(show_spinner=False)
def _starting() -> threading.Lock:
    """Held while a worker is begun: two tabs must not begin two."""
    return threading.Lock()


def last_words(root: Path) -> str:
    """The log's last line where the newest worker of this app ended with an error, else ""."""
    children = _children(root, _WORK)
    if not children or children[-1].poll() in (None, 0, -15, 143):
        return ""
    with contextlib.suppress(OSError):
        lines = (root / LOG).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1][:500] if lines else ""
    return ""


def pause(root: Path) -> None:
    """Ends the worker and the run that it trains; what waits stays queued."""
    worker = _worker(root)
    ending = [psutil.Process(child.pid) for child in _children(root, _WORK) if child.poll() is None]
    _end([*ending, *([] if worker is None else [worker])])
    for child in _children(root, _WORK):
        child.poll()


def cancel(entry: Entry) -> None:
    """Ends the process that trains a run; what it has saved stays, and a worker goes on with the next.

    Raises InputError where the process is none of this program's: it is never ended.
    """
    if entry.run.owner is not None:
        end_training(entry.run.owner)


def end_training(pid: int) -> None:
    """Ends a process of the training program.  Raises InputError for another one: a status file may name any."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if pid == os.getpid() or "training" not in process.cmdline():
            raise InputError(
                f"This run is trained by process {pid}, which is no training of this program: end it there."
            )
        _end([process])


def _end(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=_SECONDS_TO_END)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def remove(entry: Entry, root: Path) -> None:
    """Deletes what there is of a run that nobody trains.  Raises InputError for one that is being trained."""
    folder = entry.run.folder
    if _is_held(folder):
        raise InputError(f"{folder.name.removesuffix(PARTIAL)} is being trained: cancel it first.")
    if not folder.name.endswith(PARTIAL) or folder.is_symlink() or root.resolve() not in folder.resolve().parents:
        raise InputError(f"{folder} is no run in progress of this runs folder: delete it by hand.")
    with _writing(root), contextlib.suppress(FileNotFoundError):
        beside = folder.with_name(f".removed-{folder.name}-{time.time_ns()}")
        folder.rename(beside)  # at once, so that a worker finds all of it or nothing
        shutil.rmtree(beside)


def take_out(run: PartialRun) -> None:
    """Takes a run that waits out of the queue; what it has saved stays."""
    if _queued_at(run.folder) is not None:
        write_status(run.folder, run.config, "interrupted", message="taken out of the queue", progress=run.progress)
