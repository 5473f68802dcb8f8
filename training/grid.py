"""A grid of runs: every combination of methods, data, backbones, seeds, noise and layers, trained on Ray.

Public names: `Grid`, `GridCommand`, `Shared`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import tyro

from amplify_viz import InputError, Run, RunConfig
from amplify_viz.checkpoints import locate
from amplify_viz.config import Noise, without_meaning
from amplify_viz.runs import read_result, read_run, run_folder
from training.data import load_dataset
from training.grid_ray import Share, connected
from training.grid_table import Cell, last_table, shown
from training.grid_workers import train_all
from training.state import Inputs

OWN = "default"
"""The layers that are a method's own."""


@dataclass(frozen=True)
class Shared(RunConfig):
    """The settings that all runs of a grid share; those that are hidden come from the grid."""

    method: tyro.conf.Fixed[tyro.conf.Suppress[str]] = "amplify"
    data: Annotated[tyro.conf.Fixed[tyro.conf.Suppress[str]], tyro.conf.arg(name="one-data")] = "roles"
    backbone: tyro.conf.Fixed[tyro.conf.Suppress[str]] = "minilm"
    seed: tyro.conf.Fixed[tyro.conf.Suppress[int]] = 0
    layers: Annotated[tyro.conf.Fixed[tyro.conf.Suppress[str | None]], tyro.conf.arg(name="one-layers")] = None
    noise: Annotated[tyro.conf.Fixed[tyro.conf.Suppress[Noise]], tyro.conf.arg(name="one-noise")] = "none"
    noise_share: tyro.conf.Fixed[tyro.conf.Suppress[float]] = 0.0
    processes: tyro.conf.Fixed[tyro.conf.Suppress[int]] = 1


@dataclass(frozen=True)
class Grid:
    """Every combination of the values on six axes, and the settings that all of them share."""

    methods: tuple[str, ...] = ("none", "amplify")  # what is mixed and how: methods and controls
    data: tuple[str, ...] = ("roles",)  # names of data sets, folders and data files
    backbones: tuple[str, ...] = ("minilm",)  # "minilm", checkpoint folders and hub names
    seeds: tuple[int, ...] = (0,)  # all runs of the first seed come first
    noise: tuple[str, ...] = ("none",)  # none, or a kind and a share: delete:0.05, swap:0.1, flip:0.2
    layers: tuple[str, ...] = (OWN,)  # default (the method's own), or 4, 4-12, 4,8,12, all, early, middle, last
    shared: Annotated[Shared, tyro.conf.arg(name="")] = Shared()

    def configs(self) -> tuple[RunConfig, ...]:
        """The RunConfig of each combination, seed by seed, none twice.

        What has no meaning for a method (layers, alpha, draws, fold, labels) is left out for it, and two configs that say
        the same in other words (amplify mixes in all layers by default) are one.  Raises InputError for an axis without
        values, for a value that no run can have, and where two configs would share a folder.
        """
        for field in fields(self):
            if not getattr(self, field.name):
                raise InputError(
                    f"Each axis of a grid has a value or more, {field.name} has none: name some or leave it out."
                )
        found: dict[tuple[str, str, str], RunConfig] = {}
        for config in self._combinations():
            found.setdefault((config.data, config.backbone, config.hash), config)
        configs = tuple(found.values())
        _check_folders(configs)
        return configs

    def _combinations(self) -> Iterator[RunConfig]:
        settings = {field.name: getattr(self.shared, field.name) for field in fields(RunConfig)}
        axes = (self.seeds, self.data, self.backbones, self.noise, self.layers, self.methods)
        for seed, data, backbone, noise, layers, method in product(*axes):
            kind, share = _noise(noise)
            cell = {"seed": seed, "data": data, "backbone": backbone, "noise": kind, "noise_share": share}
            cell |= {"method": method, "layers": None if layers == OWN else layers}
            yield RunConfig(**{**settings, **cell, **without_meaning(method)})


def _noise(text: str) -> tuple[Any, float]:
    kind, _, share = text.partition(":")
    try:
        return kind, 0.0 if text == "none" else float(share)
    except ValueError:
        raise InputError(f"Noise is none or a kind and a share, such as delete:0.05, got {text!r}.") from None


def _check_folders(configs: Sequence[RunConfig]) -> None:
    found = Counter(run_folder(Path(), config) for config in configs)
    folder, n = found.most_common(1)[0]
    if n > 1:
        sources = sorted(
            {f"{each.data} with {each.backbone}" for each in configs if run_folder(Path(), each) == folder}
        )
        raise InputError(
            f"Data and backbones of a grid have different names, {' and '.join(sources)} would share {folder}: rename one."
        )


@dataclass(frozen=True)
class GridCommand:
    """Train a grid of runs on Ray: every combination of methods, data, backbones, seeds, noise and layers.

    Runs that are finished are skipped, one that fails stops no other, and after Ctrl-C the same command goes on from each
    run's last epoch.  Settings that a method has no use for (--layers, --alpha, --draws, --fold, --labels) are left out for
    it: `none` is trained once.  On a cluster all machines share the runs, the data, the code and this folder, under the
    same paths.  Exit code: 0 where all runs are finished, 1 where one failed (the table and its status.json say why), 2 for
    bad input, 130 when interrupted.
    """

    grid: Annotated[Grid, tyro.conf.arg(name="")]
    runs: Path = Path("runs")  # the folder that holds the runs; all machines of a cluster share it
    published: Path = Path("assets/results")  # results kept without weights: those runs count as finished, too
    address: str | None = None  # of a Ray cluster, such as 10.0.0.1:6379; else Ray is started on this machine
    workers: int | None = None  # how many runs at a time; else as many as the CPUs and GPUs allow
    cpus_per_run: int = 1  # also the number of torch's threads
    gpus_per_run: float | None = None  # 0.5 lets two runs share a GPU; else 1 where there is one
    retries: int = 2  # how often a run goes on in a new worker where its own was killed

    def __call__(self) -> None:
        """Trains what is missing and writes the table of all runs.  Ends the process with 1 where a run failed."""
        if self.retries < 0:
            raise InputError(f"--retries is 0 or more, got {self.retries}: 0 tries each run once.")
        share = Share(self.cpus_per_run, self.gpus_per_run, self.workers)
        cells = _checked(self.grid.configs(), {self.runs: read_run, self.published: read_result})
        missing = [cell for cell in cells if cell.state != "skipped"]
        if missing:
            with connected(share, self.address, n_runs=len(missing)) as pool, shown(lambda: pool.n_workers) as show:
                cells = train_all(cells, self.runs.resolve(), pool=pool, retries=self.retries, show=show)
        last_table(cells)
        if any(cell.state == "failed" for cell in cells):
            raise SystemExit(1)


def _checked(configs: Sequence[RunConfig], roots: Mapping[Path, Callable[[Path], Run]]) -> list[Cell]:
    """A Cell for each config, those whose results lie below one of the roots "skipped".

    roots: each with the function that reads a run there.  Raises InputError for bad data or a bad backbone.
    """
    hashes, source = cache(_hashes), cache(locate)
    for config in configs:
        hashes(replace(config, **_NOT_DATA, seed=0, noise="none", noise_share=0.0))
        source(config.backbone)

    def finished(root: Path, config: RunConfig) -> bool:
        """Whether the run there is of these data and this backbone; where it is not, its worker says what is wrong."""
        seed = 0 if config.noise == "none" else config.seed  # which decides the noise
        try:
            run = roots[root](run_folder(root, config))
            Inputs.of(hashes(replace(config, **_NOT_DATA, seed=seed)), source(config.backbone)).check_run(run)
        except InputError:
            return False
        return True

    def cell(config: RunConfig) -> Cell:
        found = [root for root in roots if finished(root, config)]
        return Cell(config, "skipped", f"was finished, in {found[0]}") if found else Cell(config)

    return [cell(config) for config in configs]


_NOT_DATA: Mapping[str, Any] = {
    "method": "none", "backbone": "minilm", "layers": None, "alpha": None, "draws": None, "fold": None, "labels": "partner",
    "smoothing": None,
}  # fmt: skip
"""Settings that do not decide what is read, so that data are read once for all of them."""


def _hashes(config: RunConfig) -> Mapping[str, str]:
    return load_dataset(config).hashes
