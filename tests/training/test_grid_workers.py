"""Who trains what in a grid, on workers that only say so."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from amplify_viz import RunConfig
from amplify_viz.runs import partial_folder, read_partial, write_status
from training.grid_ray import Ended
from training.grid_table import Cell
from training.grid_workers import train_all


class Workers:
    """A pool whose runs end as a script says, in the order in which they were given."""

    def __init__(self, ends: list[Any], n: int = 1) -> None:
        self.ends, self.n_free, self.closed = ends, n, False
        self.given: list[int] = []

    def give(self, number: int, config: RunConfig, root: Path) -> None:
        self.n_free -= 1
        self.given.append(number)
        write_status(partial_folder(root, config), config, "running", progress=0.5, pid=0)  # of a process that is gone

    def ended(self, timeout: float) -> list[Ended]:
        self.n_free += 1
        end = self.ends.pop(0)
        if end is KeyboardInterrupt:
            raise KeyboardInterrupt
        return [replace(end, number=self.given[-1])]

    def close(self) -> None:
        self.closed = True


DONE, DIED, FAILED = Ended(0, accuracy=0.5), Ended(0, reason="killed", died=True), Ended(0, reason="too large")


def run_script(ends: list[Any], root: Path, *, retries: int = 2, n_cells: int = 2) -> tuple[list[Cell], Workers]:
    cells = [Cell(RunConfig(seed=seed)) for seed in range(n_cells)]
    workers = Workers(ends)
    return train_all(cells, root, pool=workers, retries=retries, show=lambda _: None), workers


def test_a_run_whose_worker_died_is_the_next_to_be_taken(tmp_path: Path) -> None:
    cells, workers = run_script([DIED, DIED, DONE, DONE], tmp_path)
    assert workers.given == [0, 0, 0, 1]
    assert [(each.state, each.tries, each.note) for each in cells] == [
        ("done", 3, "test accuracy 50.00 %"),
        ("done", 1, "test accuracy 50.00 %"),
    ]
    assert workers.closed


def test_after_too_many_deaths_a_run_has_failed_and_its_status_says_why(tmp_path: Path) -> None:
    cells, workers = run_script([DIED, DIED, DONE], tmp_path, retries=1)
    assert workers.given == [0, 0, 1]
    assert (cells[0].state, cells[0].note) == ("failed", "its worker died 2 times (killed)")
    partial = read_partial(partial_folder(tmp_path, cells[0].config))
    assert (partial.state, partial.message) == ("failed", "its worker died 2 times (killed)")
    assert cells[1].state == "done"


def test_a_run_that_failed_is_not_tried_again_and_the_rest_go_on(tmp_path: Path) -> None:
    cells, workers = run_script([FAILED, DONE], tmp_path)
    assert workers.given == [0, 1]
    assert [(each.state, each.note) for each in cells] == [("failed", "too large"), ("done", "test accuracy 50.00 %")]


def test_an_interruption_ends_the_workers_and_says_so_of_their_runs(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_script([DONE, KeyboardInterrupt], tmp_path, n_cells=3)
    partial = read_partial(partial_folder(tmp_path, RunConfig(seed=1)))
    assert (partial.state, partial.message, partial.progress) == ("interrupted", "stopped by the user", 0.5)
    assert not partial_folder(tmp_path, RunConfig(seed=2)).exists()
