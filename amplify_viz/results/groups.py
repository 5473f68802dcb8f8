"""Runs that belong into one figure: those of one data set and backbone, each method under its name.

Public names: `Group`, `groups_of`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from amplify_viz.results.paper import data_title
from amplify_viz.results.settings import differing
from amplify_viz.results.tables import rank
from amplify_viz.runs import Run


@dataclass(frozen=True, eq=False)
class Group:
    """Finished runs of one data set and backbone, by method and seed.

    frame: a row a run as `gather` gives it, and a column `label`: the method, and what else tells its runs from the
    others; runs: by folder.
    """

    frame: pd.DataFrame
    runs: Mapping[str, Run]

    @property
    def data(self) -> str:
        """The data set's name in titles."""
        return data_title(self.frame["data"].iloc[0])

    @property
    def title(self) -> str:
        """The data set and the backbone."""
        return f"{self.data} · {self.frame['backbone'].iloc[0]}"

    @property
    def seeds(self) -> list[int]:
        """The seeds that a run has, ascending."""
        return sorted(self.frame["seed"].unique().tolist())

    @property
    def names(self) -> list[str]:
        """Each run's label and seed, in the frame's order."""
        return [f"{label} · seed {seed}" for label, seed in zip(self.frame["label"], self.frame["seed"], strict=True)]

    @property
    def all_runs(self) -> list[Run]:
        """The runs in the frame's order."""
        return [self.runs[folder] for folder in self.frame["folder"]]

    def by_label(self) -> dict[str, list[Run]]:
        """The runs of each label, in the frame's order."""
        found: dict[str, list[Run]] = {}
        for label, run in zip(self.frame["label"], self.all_runs, strict=True):
            found.setdefault(label, []).append(run)
        return found

    def named(self, names: Collection[str]) -> "Group":
        """Those runs alone whose label and seed are among the names."""
        return replace(self, frame=self.frame[[name in names for name in self.names]])

    def with_seed(self, seed: int) -> "Group":
        """The runs of one seed alone."""
        return replace(self, frame=self.frame[self.frame["seed"] == seed])


def groups_of(frame: pd.DataFrame, runs: Mapping[str, Run]) -> dict[str, Group]:
    """The runs of each data set and backbone, by title, in the paper's order.

    frame: as `gather` gives it; runs: by folder, at least those of the frame.
    """
    pairs = sorted(
        set(zip(frame["data"], frame["backbone"], strict=True)), key=lambda pair: (rank("data", pair[0]), pair[1])
    )
    groups = [
        Group(_labelled(frame[(frame["data"] == data) & (frame["backbone"] == backbone)]), runs)
        for data, backbone in pairs
    ]
    return {group.title: group for group in groups}


def _labelled(runs: pd.DataFrame) -> pd.DataFrame:
    settings = differing(runs, ("method", "data", "backbone"))["settings"]
    labels = [", ".join(filter(None, names)) for names in zip(runs["method"], settings, strict=True)]
    places = [
        (rank("method", method), label, seed)
        for method, label, seed in zip(runs["method"], labels, runs["seed"], strict=True)
    ]
    return runs.assign(label=labels).iloc[sorted(range(len(runs)), key=places.__getitem__)]
