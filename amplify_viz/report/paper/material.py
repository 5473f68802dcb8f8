"""What there is to make the paper's figures and tables of: trained checkpoints that can be compared, and results.

Public names: `Material`, `METHODS`, `chosen`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from amplify_viz.errors import InputError
from amplify_viz.recipes.recipe import portable
from amplify_viz.results.gather import find_results, gather
from amplify_viz.results.settings import COMMON, IDENTITIES, variant
from amplify_viz.results.tables import rank
from amplify_viz.runs import BrokenRun, Run, find_runs

METHODS = ("none", "embedmix", "amplify")
"""The methods whose attention the paper's Figures 5 to 8 show."""


@dataclass(frozen=True, eq=False)
class Material:
    """Runs with weights by method (empty where no such set is complete), and results as `gather` gives them.

    roots: the two folders; broken: why runs are left out.
    """

    runs: Mapping[str, Run]
    results: pd.DataFrame
    roots: tuple[Path, Path]
    broken: tuple[str, ...] = ()

    @classmethod
    def of(cls, runs: Path, results: Path) -> "Material":
        """What lies below the two folders, either of which may be missing."""
        trained, kept = find_runs(runs), find_results(results)
        finished = [run for run in trained if isinstance(run, Run)]
        broken = tuple(run.reason for run in (*trained, *kept) if isinstance(run, BrokenRun))
        return cls(chosen(finished), gather(run for run in kept if isinstance(run, Run)), (runs, results), broken)

    def folders(self, *methods: str) -> tuple[str, ...]:
        """The run folders of these methods.  Raises InputError where there are no checkpoints to compare."""
        if not self.runs:
            raise InputError(
                f"Attention is read from trained weights, and no runs of {', '.join(METHODS)} that differ in nothing but their "
                f"method lie below {self.roots[0]}: train them with `python -m training demo`."
            )
        return tuple(portable(self.runs[method].folder) for method in methods)


def chosen(runs: Sequence[Run]) -> dict[str, Run]:
    """A run of each of METHODS, all with the same data, backbone, settings and seed; empty where there are no such runs.

    Of several such sets: the first in the paper's order of data sets, then by backbone, seed and folder.
    """
    frame = gather(runs)
    plain = frame[[run["method"] in METHODS and not variant(run) for run in frame.to_dict("records")]]
    if plain.empty:
        return {}
    keys = [*COMMON, *IDENTITIES, "train_hash", "seed"]
    sets = [part for _, part in plain.groupby(keys, dropna=False, sort=False) if set(part["method"]) == set(METHODS)]
    if not sets:
        return {}
    folders = min(sets, key=_place).set_index("method")["folder"]
    by_folder = {str(run.folder): run for run in runs}
    return {method: by_folder[folders[method]] for method in METHODS}


def _place(part: pd.DataFrame) -> tuple[tuple[float, str], str, int, str]:
    first = part.iloc[0]
    return rank("data", first["data"]), first["backbone"], int(first["seed"]), min(part["folder"])
