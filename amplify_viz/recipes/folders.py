"""What recipes of runs share: the folders that hold the runs, and what is said of those that are left out."""

from abc import ABC
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from amplify_viz.errors import InputError
from amplify_viz.recipes.recipe import EACH, FILES, Each, Recipe
from amplify_viz.results.gather import find_results, gather
from amplify_viz.results.paper import data_title
from amplify_viz.runs import BrokenRun, Run


@dataclass(frozen=True, kw_only=True)
class OfFolders(Recipe, ABC):
    """Drawn of finished runs, wherever they lie."""

    run: Each = field(metadata=EACH | FILES)  # a run folder, or a folder with runs below it; give it once for each
    data: str | None = None  # the data set, where there are runs of several
    backbone: str | None = None  # the backbone, where there are runs of several

    def found(self) -> tuple[pd.DataFrame, dict[str, Run]]:
        """The runs asked for, a row a run as `gather` gives it, and by folder.

        Raises InputError for no folder, a missing one, one without a finished run, a broken run, and another data set or
        backbone.
        """
        if not self.run:
            raise InputError("A figure of runs needs a run, got none: give --run FOLDER, once for each.")
        runs = {str(run.folder): run for source in self.run for run in _read(source)}
        return self._narrowed(gather(runs.values())), runs

    def _narrowed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The runs of the data set, by its name or title, and of the backbone."""
        for name in ("data", "backbone"):
            asked, known = getattr(self, name), sorted(frame[name].unique())
            kept = [one for one in known if asked is None or asked.lower() in (one.lower(), data_title(one).lower())]
            if not kept:
                raise InputError(f"--{name} is one that these runs have, {', '.join(known)}; got {asked!r}.")
            frame = frame[frame[name].isin(kept)]
        return frame


def _read(source: str) -> list[Run]:
    folder = Path(source)
    if not folder.is_dir():
        raise InputError(
            f"--run is a run folder or a folder with runs below it, there is no folder {source}: check the path."
        )
    found = find_results(folder)
    broken = [run.reason for run in found if isinstance(run, BrokenRun)]
    if broken:
        raise InputError(broken[0])
    runs = [run for run in found if isinstance(run, Run)]
    if not runs:
        raise InputError(
            f"--run is a run folder or a folder with runs below it, {source} holds no finished run: train one."
        )
    return runs


def name_of(run: Run) -> str:
    """How a figure's files call a run."""
    return f"{run.title} · {run.config.data_name}/{run.config.backbone_name}"


def left_out(n: int, of: int, lack: str) -> str:
    """How many runs are not in the figure, and what they are without; "" for none."""
    return f"{n} of {of} runs left out: without {lack}." if n else ""


def said(*sentences: str) -> str:
    """The sentences that are not empty."""
    return " ".join(filter(None, sentences))
