"""The command line of training: `python -m training run --method amplify --data roles --backbone minilm --seed 0`."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import tyro

from amplify_viz import InputError, Run, RunConfig
from amplify_viz.config import demo_configs
from amplify_viz.runs import run_folder
from training.grid import GridCommand
from training.loop import train
from training.processes import Team
from training.publish import publish
from training.queue import on_sigterm_exit, train_queued, work
from training.results import ResultsCommand
from training.state import queue

RUNS = Path("runs")


@dataclass(frozen=True)
class RunCommand:
    """Train one run, or resume it; a finished one is left as it is."""

    config: Annotated[RunConfig, tyro.conf.arg(name="")]
    runs: Path = RUNS  # the folder that holds the runs

    def __call__(self) -> None:
        """Trains the run, with the other processes where torchrun has begun several, and prints what came out."""
        team = Team.of_environment()
        config = self.config if self.config.processes > 1 else replace(self.config, processes=team.size)
        run = train(config, self.runs, report=_Line(config))
        if team.is_first:
            _print_run(run)


@dataclass(frozen=True)
class DemoCommand:
    """Train the demo's three runs on the built-in data: none, embedmix and amplify."""

    runs: Path = RUNS  # the folder that holds the runs
    nice: int = 0  # lowers the priority, as the command nice does (the app uses 10)

    def __call__(self) -> None:
        """Trains what is missing of the demo, in order."""
        if self.nice:
            os.nice(self.nice)
        missing = [config for config in demo_configs() if not run_folder(self.runs, config).exists()]
        for config in missing:
            queue(config, self.runs)
        for config in demo_configs():
            _print_run(train(config, self.runs, report=_Line(config)))


@dataclass(frozen=True)
class WorkCommand:
    """Train what waits in the queue of a runs folder, in order, each run in a process of its own, until nothing is left."""

    runs: Path = RUNS  # the folder that holds the runs
    nice: int = 0  # lowers the priority, as the command nice does (the app uses 10)
    only: Path | None = None  # train this run of the queue alone, in this process: its .partial folder

    def __call__(self) -> None:
        """Trains, and says where another worker does so already."""
        if not self.runs.is_dir():
            raise InputError(f"The queue lies in a runs folder, there is none at {self.runs}: check --runs.")
        if self.nice:
            os.nice(self.nice)
        if self.only is not None:
            _print_run(train_queued(self.only, self.runs, reporting=_Line))
            return
        with on_sigterm_exit():
            if not work(self.runs.resolve()):
                print(f"Another process trains the queue of {self.runs}.")


@dataclass(frozen=True)
class PublishCommand:
    """Keep the results of finished runs without their weights: run.json, predictions, steps and epochs."""

    runs: Path = RUNS  # the folder that holds the runs
    to: Path = Path("assets/results")  # where the results are kept; what is there already is left as it is
    data: tuple[str, ...] = ()  # names of data sets; all where there are none

    def __call__(self) -> None:
        """Copies, and prints the new folders."""
        for folder in publish(self.runs, self.to, data=self.data):
            print(folder)


class _Line:
    """One line of progress on the terminal, rewritten in place; every 30 s a new line where it is no terminal."""

    def __init__(self, config: RunConfig) -> None:
        self.name, self.last = (f"{config.data_name} {config.backbone_name} {config.name}", 0.0)

    def __call__(self, progress: float, message: str, seconds_left: float | None) -> None:
        """Prints the line."""
        left = "" if seconds_left is None else f", {seconds_left / 60:.1f} min left"
        line = f"{self.name}: {100 * progress:3.0f} %  {message}{left}"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[2K{line}")
            sys.stderr.flush()
        elif time.monotonic() - self.last > 30:
            self.last = time.monotonic()
            sys.stderr.write(line + "\n")


def _print_run(run: Run) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[2K")
    dev, test = (run.metrics[split]["accuracy"] for split in ("dev", "test"))
    print(
        f"{run.folder}: dev accuracy {100 * dev:.2f} %, test accuracy {100 * test:.2f} %, "
        f"{run.details['epochs_run']} epochs, {run.details['seconds_per_step']:.3f} s a step"
    )


def main(arguments: list[str] | None = None) -> int:
    """Exit code of the command: 0, 2 for bad input (one sentence on stderr), 130 when interrupted."""
    commands: dict[str, Callable[..., object]] = {
        "run": RunCommand,
        "demo": DemoCommand,
        "work": WorkCommand,
        "results": ResultsCommand,
        "grid": GridCommand,
        "publish": PublishCommand,
    }
    try:
        command = tyro.extras.subcommand_cli_from_dict(commands, prog="python -m training", args=arguments)
        command()
    except InputError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted: the same command goes on from the last epoch.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
