"""The queue of a runs folder: what waits to be trained, and the worker that trains it, one run after another.

Public names: `Waiting`, `waiting`, `work`, `on_sigterm_exit`, `train_queued`.

A run waits where the status of its partial says "queued" and no living process has it for itself, as a demo or a grid has
what it lists.  Each run is trained by a process of its own: one that the system ends for want of memory ends alone.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from amplify_viz import InputError, Run, RunConfig
from amplify_viz.runs import PartialRun, State, find_runs, inspect_folder, read_partial, write_status
from training.state import recorded_failure

WORKER = ".worker.lock"  # in the runs folder: locked by the worker, whose process it names
_SECONDS_TO_END = 20.0


@dataclass(frozen=True)
class Waiting:
    """A run that waits, and since when (seconds since 1970)."""

    run: PartialRun
    queued_at: float


def waiting(root: Path) -> list[Waiting]:
    """The runs that wait below the runs folder, in the order in which they were queued."""
    partials = [run for run in find_runs(root) if isinstance(run, PartialRun) and run.owner is None]
    found = [Waiting(run, at) for run in partials if (at := _queued_at(run.folder)) is not None]
    return sorted(found, key=lambda one: (one.queued_at, one.run.folder))


def _queued_at(partial: Path) -> float | None:
    """When the run was queued, 0 where its status does not say; None where it is not queued."""
    state, at = _raw_state(partial)
    return at if state == "queued" else None


def _raw_state(partial: Path) -> tuple[str, float]:
    """The state that the status itself names, whether or not its process lives, and since when it is queued."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        status = json.loads((partial / "status.json").read_text(encoding="utf-8"))
        return str(status["state"]), float(status.get("queued_at", 0.0))
    return "", 0.0


def work(root: Path, begin: "Callable[[Path, Path], subprocess.Popen[Any]] | None" = None) -> bool:
    """Trains what waits, also what is queued meanwhile, until nothing is left; False where another worker does so.

    begin: called with the runs folder and a partial, begins the process that trains it; by default this program.
    A run that fails says so in its status, and the next begins.  A worker that is ended ends the run's process: that run
    is interrupted, the others wait.
    """
    tried: set[tuple[Path, float]] = set()
    while _untried(root, tried):  # asked again after the lock is free: what came in between has found it taken
        with _only_worker(root) as alone:
            if not alone:
                return False
            while left := _untried(root, tried):
                tried.add((left[0].run.folder, left[0].queued_at))
                _supervise(left[0], (begin or _begin)(root, left[0].run.folder))
    return True


def _untried(root: Path, tried: set[tuple[Path, float]]) -> list[Waiting]:
    """What waits and was not begun by this worker since it was queued: a status that cannot be written must not loop."""
    return [one for one in waiting(root) if (one.run.folder, one.queued_at) not in tried]


@contextlib.contextmanager
def _only_worker(root: Path) -> Iterator[bool]:
    """Yields whether this process is the folder's worker within the block; the lock ends with the process."""
    with (root / WORKER).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        _sign(file, at_work=True)
        yield True
        _sign(file, at_work=False)  # the process takes a moment to end, and will not look at the queue again


def _sign(file: IO[str], *, at_work: bool) -> None:
    file.truncate(0)
    json.dump({"pid": os.getpid(), "pid_started": psutil.Process().create_time(), "at_work": at_work}, file)
    file.flush()


def _begin(root: Path, partial: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "training", "work", "--runs", str(root), "--only", str(partial)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


def _supervise(one: Waiting, process: "subprocess.Popen[Any]") -> None:
    try:
        process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_SECONDS_TO_END)
            process.kill()
            process.wait()
    _explain_end(one, process.returncode)


def _explain_end(one: Waiting, code: int) -> None:
    """Says in the status of a run whose process ended without a word why it did."""
    folder = one.run.folder
    found, raw = inspect_folder(folder), _raw_state(folder)
    never_begun = raw == ("queued", one.queued_at)
    if isinstance(found, PartialRun) and found.owner is None and (never_begun or raw[0] == "running"):
        state: State = "failed" if never_begun and code != -signal.SIGTERM else "interrupted"
        with contextlib.suppress(OSError):  # on a full disk the run stays as it is
            write_status(folder, found.config, state, progress=found.progress, message=_why(code))


def _why(code: int) -> str:
    if code == -signal.SIGTERM:
        return "stopped by the user"
    if code == -signal.SIGKILL:
        return "its process was killed, as the system does when the memory is used up"
    return f"its process ended with code {code} and no other word"


@contextlib.contextmanager
def on_sigterm_exit() -> Iterator[None]:
    """Within the block SIGTERM is an ordinary exit, so that what the process has begun is ended too."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def train_queued(partial: Path, root: Path, reporting: Callable[[RunConfig], Any]) -> Run:
    """Trains the run that waits in a partial; whatever ends it is in its status.

    reporting: gives the report of a config, as `train` takes it.  Raises InputError where the run does not wait, and
    what `train` raises.
    """
    from training.loop import train

    config = read_partial(partial).config
    if _queued_at(partial) is None:
        raise InputError(f"{partial} is not queued: queue it on the page Train, or use the command run.")
    with recorded_failure(partial, config):
        return train(config, root, report=reporting(config))
