"""A grid on screen: what is known of each of its runs, the time left, the live table and the last one.

Public names: `Cell`, `Show`, `counts`, `seconds_left`, `shown`, `last_table`.
"""

import contextlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Literal

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from amplify_viz import RunConfig

State = Literal["waiting", "running", "done", "skipped", "failed"]
STATES: tuple[State, ...] = ("running", "failed", "waiting", "done", "skipped")
"""In the order of the live table, which is cut at the bottom of the terminal."""

LINES_EVERY = 30.0  # seconds, where there is no terminal
_STYLES = {"running": "cyan", "failed": "bold red", "done": "green", "skipped": "dim", "waiting": "dim"}
_FRAME = 6  # lines of the live table that are no runs


@dataclass(frozen=True)
class Cell:
    """One run of a grid.

    note: what it is doing, what came out or why it failed; progress in [0, 1]; seconds: since its worker took it, or how
    long it took in all; seconds_left: None while unknown; tries: workers that took it; traceback: of a fault of the program.
    """

    config: RunConfig
    state: State = "waiting"
    note: str = ""
    progress: float = 0.0
    seconds: float = 0.0
    seconds_left: float | None = None
    tries: int = 0
    traceback: str = ""

    @property
    def title(self) -> str:
        """Data, backbone and name, as in the path of its folder."""
        return f"{self.config.data_name}/{self.config.backbone_name}/{self.config.name}"


Show = Callable[[Sequence[Cell]], None]
"""Called with all the runs of a grid, several times a minute."""


def counts(cells: Sequence[Cell]) -> str:
    """How many runs there are in each state, such as "2 running, 3 done, 1 failed of 8 runs"."""
    found = Counter(cell.state for cell in cells)
    return ", ".join(f"{found[state]} {state}" for state in STATES if found[state]) + f" of {len(cells)} runs"


def seconds_left(cells: Sequence[Cell], n_workers: int) -> float | None:
    """Estimated seconds until the grid ends, None while nothing is known, 0 at the end.

    A run that waits takes as long as those on the same data and backbone do on average, or as all do; what is left is
    spread over the workers, and it is no less than the longest of the running ones.
    """
    unknown = [cell for cell in cells if cell.state in ("waiting", "running") and cell.seconds_left is None]
    known = [cell.seconds_left for cell in cells if cell.state == "running" and cell.seconds_left is not None]
    if unknown and not any(_total(cell) is not None for cell in cells):
        return None
    waiting = [max(0.0, _expected(cell, cells) - cell.seconds) for cell in unknown]
    return max([0.0, *known, (sum(known) + sum(waiting)) / max(1, n_workers)])


def _total(cell: Cell) -> float | None:
    """The seconds that a run took or will take in all, None where nothing is known."""
    if cell.state == "done":
        return cell.seconds
    return None if cell.state != "running" or cell.seconds_left is None else cell.seconds + cell.seconds_left


def _expected(cell: Cell, cells: Sequence[Cell]) -> float:
    known = [(other.config, total) for other in cells if (total := _total(other)) is not None]
    alike = [total for config, total in known if _kind(config) == _kind(cell.config)]
    return mean(alike or [total for _, total in known])


def _kind(config: RunConfig) -> tuple[str, str]:
    return config.data, config.backbone


@contextlib.contextmanager
def shown(n_workers: Callable[[], int]) -> Iterator[Show]:
    """Within the block, a Show: a live table on a terminal; elsewhere a line for each run that ends and one every 30 s."""
    if not sys.stderr.isatty():
        yield _Lines(n_workers)
        return
    console = Console(stderr=True)
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield lambda cells: live.update(
            _live_table(cells, n_workers(), height=max(1, console.height - _FRAME)), refresh=True
        )


class _Lines:
    def __init__(self, n_workers: Callable[[], int]) -> None:
        self.n_workers, self.last, self.ended = n_workers, time.monotonic(), frozenset[str]()

    def __call__(self, cells: Sequence[Cell]) -> None:
        for cell in cells:
            if cell.state in ("done", "skipped", "failed") and cell.title not in self.ended:
                self.ended |= {cell.title}
                sys.stderr.write(f"{cell.state}: {cell.title}: {cell.note}\n")
        if time.monotonic() - self.last > LINES_EVERY:
            self.last = time.monotonic()
            sys.stderr.write(_summary(cells, self.n_workers()) + "\n")
        sys.stderr.flush()


def _summary(cells: Sequence[Cell], n_workers: int) -> str:
    left = seconds_left(cells, n_workers)
    return counts(cells) + ("" if left is None else f", {_minutes(left)} left")


def _minutes(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{seconds / 60:.1f} min"


def _live_table(cells: Sequence[Cell], n_workers: int, *, height: int) -> Group:
    """The runs in the order of STATES, as many as the height (in lines) holds."""
    ordered = sorted(cells, key=lambda cell: STATES.index(cell.state))
    table = Table("run", "state", "", "left", "", box=box.SIMPLE_HEAD, expand=True)
    for column in table.columns:
        column.no_wrap, column.overflow = True, "ellipsis"
    for cell in ordered[:height]:
        left = "" if cell.seconds_left is None else _minutes(cell.seconds_left)
        share = f"{100 * cell.progress:.0f} %" if cell.state == "running" else ""
        table.add_row(cell.title, Text(cell.state, _STYLES[cell.state]), share, left, Text(cell.note))
    return Group(table, Text(_summary(cells, n_workers)))


def last_table(cells: Sequence[Cell]) -> None:
    """Writes the table of all runs to standard output: state, minutes, test accuracy or the reason of a failure.

    Tracebacks of faults of the program itself go to standard error.
    """
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
    table = Table("run", "noise", "layers", "state", "minutes", "", box=box.SIMPLE_HEAD)
    for cell in cells:
        config = cell.config
        noise = "" if config.noise == "none" else f"{config.noise} {100 * config.noise_share:g} %"
        took = f"{cell.seconds / 60:.1f}" if cell.seconds else ""
        state = Text(cell.state, _STYLES[cell.state])
        table.add_row(Text(cell.title), noise, config.layers or "", state, took, Text(cell.note))
    console.print(table)
    console.print(Text(counts(cells) + "."))
    for cell in cells:
        if cell.traceback:
            sys.stderr.write(f"\n{cell.title}:\n{cell.traceback}\n")
