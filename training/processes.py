"""One run on several processes, begun by `torchrun`: who is the first, and what all must agree on.

Public names: `Team`.
"""

import atexit
import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
import torch.distributed as dist
from accelerate import PartialState

from amplify_viz import InputError, RunConfig


@dataclass(frozen=True)
class Team:
    """The processes of a run: this one's number, and how many there are."""

    rank: int
    size: int

    @classmethod
    def of_environment(cls) -> "Team":
        """The team that torchrun tells of in the environment; one process without it."""
        return cls(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))

    @property
    def is_first(self) -> bool:
        """Whether this process writes the run's folder."""
        return self.rank == 0

    def check(self, config: RunConfig) -> None:
        """Raises InputError where the config was made for another number of processes."""
        if config.processes != self.size:
            raise InputError(
                f"This run has processes={config.processes}, but {self.size} work on it: start it by "
                f"torchrun --nproc-per-node={config.processes} -m training run …, or leave --processes out."
            )

    def agreed(self, value: Any) -> Any:
        """The first process's value, in every process; each must call this, the others with anything."""
        if self.size == 1:
            return value
        _join()
        values = [value]
        dist.broadcast_object_list(values, src=0)
        return values[0]

    def scatter_dropout(self, seed: int) -> None:
        """Gives each process random numbers of its own from here on, so that no two drop the same units."""
        if self.size > 1:
            torch.manual_seed(seed)


@cache
def _join() -> None:
    """Joins the processes, until this one ends: a group that is left to the interpreter's end may abort there."""
    PartialState()
    atexit.register(_leave)


def _leave() -> None:
    if dist.is_initialized():
        dist.destroy_process_group()
