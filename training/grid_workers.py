"""Who trains what: the runs of a grid go to the workers of a Pool until each is finished or has failed.

Public names: `train_all`.
"""

import contextlib
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from amplify_viz import RunConfig
from amplify_viz.runs import PartialRun, inspect_folder, partial_folder, run_folder, write_status
from training.grid_ray import Ended
from training.grid_table import Cell, Show

LOOK_EVERY = 1.0  # seconds
_GONE_WITHIN = 10.0  # seconds: from the end of a worker to that of its process


class Workers(Protocol):
    """What is needed of a Pool."""

    @property
    def n_free(self) -> int:
        """Workers that wait for a run."""

    def give(self, number: int, config: RunConfig, root: Path) -> None:
        """Lets a free one train."""

    def ended(self, timeout: float) -> list[Ended]:
        """The runs that have ended since."""

    def close(self) -> None:
        """Ends all of them."""


def train_all(cells: Sequence[Cell], root: Path, *, pool: Workers, retries: int, show: Show) -> list[Cell]:
    """Returns the cells when each is "done", "skipped" or "failed"; those that wait are trained, in their order.

    A run whose worker died goes on in another, `retries` times.  Where this is interrupted the workers end and what they
    trained is left as "interrupted".
    """
    work = _Work(list(cells), root, retries)
    try:
        while work.is_left:
            while pool.n_free and work.waiting:
                pool.give(*work.take(), root)
            for ended in pool.ended(LOOK_EVERY):
                work.note_end(ended)
            work.look()
            show(work.cells)
    finally:
        pool.close()
        work.note_interrupted()
    return work.cells


class _Work:
    """The cells and which of them waits."""

    def __init__(self, cells: list[Cell], root: Path, retries: int) -> None:
        self.cells, self.root, self.retries = cells, root, retries
        self.waiting = deque(number for number, cell in enumerate(cells) if cell.state == "waiting")
        self.began: dict[int, float] = {}  # the running ones, and when a worker took them

    @property
    def is_left(self) -> bool:
        return bool(self.waiting or self.began)

    def take(self) -> tuple[int, RunConfig]:
        """The next that waits is running from now on."""
        number = self.waiting.popleft()
        self.began[number] = time.monotonic()
        self._change(number, state="running", tries=self.cells[number].tries + 1)
        return number, self.cells[number].config

    def note_end(self, ended: Ended) -> None:
        """Notes what came of a run; one whose worker died is the next to be taken, unless it has been so too often."""
        number, seconds = ended.number, time.monotonic() - self.began.pop(ended.number)
        cell, over = self.cells[number], {"seconds": seconds, "seconds_left": None}
        if ended.accuracy is not None:
            self._change(number, state="done", note=f"test accuracy {100 * ended.accuracy:.2f} %", progress=1.0, **over)
        elif ended.died and cell.tries <= self.retries:
            self.waiting.appendleft(number)
            self._change(
                number, state="waiting", note=f"its worker died ({ended.reason})", seconds=0.0, seconds_left=None
            )
        else:
            reason = f"its worker died {cell.tries} times ({ended.reason})" if ended.died else ended.reason
            _record(cell.config, self.root, reason, worker_died=ended.died)
            self._change(number, state="failed", note=reason, traceback=ended.traceback, **over)

    def look(self) -> None:
        """Reads from the folders how far the running ones are."""
        for number, began in self.began.items():
            found = inspect_folder(partial_folder(self.root, self.cells[number].config))
            what: dict[str, Any] = {"note": "starting", "seconds_left": None}
            if isinstance(found, PartialRun):
                what = {"progress": found.progress, "note": found.message, "seconds_left": found.seconds_left}
            self._change(number, seconds=time.monotonic() - began, **what)

    def note_interrupted(self) -> None:
        """Says of what is still running, whose workers have ended, that it was interrupted."""
        for number in self.began:
            config = self.cells[number].config
            partial = partial_folder(self.root, config)
            found = _without_owner(partial)
            if found is not None and not run_folder(self.root, config).exists():
                with contextlib.suppress(OSError):  # nobody works on it in any case
                    write_status(partial, config, "interrupted", progress=found.progress, message="stopped by the user")

    def _change(self, number: int, **what: Any) -> None:
        self.cells[number] = replace(self.cells[number], **what)


def _without_owner(partial: Path) -> PartialRun | None:
    """The run that was in progress in a folder, once its process is gone; None where there is none or it stays."""
    end = time.monotonic() + _GONE_WITHIN
    while time.monotonic() < end:
        found = inspect_folder(partial)
        if not isinstance(found, PartialRun):
            return None
        if found.owner is None:
            return found
        time.sleep(0.05)
    return None


def _record(config: RunConfig, root: Path, reason: str, *, worker_died: bool) -> None:
    """Writes why a run failed into its status where training did not: the worker died, or nothing was begun."""
    partial = partial_folder(root, config)
    if not run_folder(root, config).exists() and (worker_died or not partial.exists()):
        with contextlib.suppress(OSError):  # the table says it too
            write_status(partial, config, "failed", message=reason)
