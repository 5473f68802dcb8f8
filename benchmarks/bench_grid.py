"""A grid on one worker of Ray against the same runs in one process, one after another.

Both begin with a new Python and end with it, so that all of a grid's overhead counts: Ray's start and end, the second import
of torch, the checks of data and backbone, and what lies between two runs.  The start is paid once, a quarter of a minute, so
the grid is as small as a useful one, two methods by three seeds, and its runs as short as real ones, above a minute each.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Result, report
from training.grid import Grid, Shared
from training.loop import train

GRID = Grid(methods=("none", "amplify"), seeds=(0, 1, 2), shared=Shared(epochs=6, fraction=0.25))


def main() -> None:
    """Measures both, on one thread each."""
    axes = ["--methods", *GRID.methods, "--seeds", *map(str, GRID.seeds)]
    settings = ["--epochs", str(GRID.shared.epochs), "--fraction", str(GRID.shared.fraction)]
    with tempfile.TemporaryDirectory() as folder:
        serial = _seconds("benchmarks.bench_grid", f"{folder}/serial")
        on_ray = _seconds("training", "grid", *axes, *settings, "--workers", "1", "--runs", f"{folder}/grid")
    print(f"one after another: {serial:.0f} s, grid: {on_ray:.0f} s")
    name = f"grid of {len(GRID.configs())} runs, one worker / one after another"
    report([Result(name, on_ray / serial, 1.05)])


def _seconds(*module: str) -> float:
    started = time.perf_counter()
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-m", *module], env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    if len(sys.argv) == 2:
        for config in GRID.configs():
            train(config, Path(sys.argv[1]))
    else:
        main()
