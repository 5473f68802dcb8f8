"""The runs that the Results page shows: those of the runs folder, and those that come with the project.

Each `run.json` is read once: what was read is kept until a file is added, changed or removed.
"""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from amplify_viz.results import find_results, gather, repeats
from amplify_viz.runs import PARTIAL, BrokenRun, PartialRun, Run, inspect_folder
from amplify_viz.ui.state import choices

SHIPPED = Path(__file__).parents[2] / "assets" / "results"


@dataclass(frozen=True, eq=False)
class Found:
    """What lies below some folders.

    key: names the content, for caches; runs: the finished ones by folder; frame: one row a run as `gather` gives it, each
    run once; broken: what cannot be used, or is not.
    """

    key: str
    runs: Mapping[str, Run]
    frame: pd.DataFrame
    broken: tuple[BrokenRun, ...]


def read_runs(*roots: Path) -> Found:
    """Everything below the folders; of a run that lies in two of them the first is kept.  Nothing there can make this raise."""
    return _read(tuple(map(str, roots)), state_of(*roots))


@st.cache_resource(max_entries=4, show_spinner=False)
def _read(roots: tuple[str, ...], state: str) -> Found:
    found = find_results(*map(Path, roots))
    runs = {str(run.folder): run for run in found if isinstance(run, Run)}
    broken = [run for run in found if isinstance(run, BrokenRun)]
    return Found(state, runs, gather(runs.values()), (*broken, *repeats(runs.values())))


def state_of(*roots: Path) -> str:
    """Changes whenever a finished run is added, changed or removed."""
    return hashlib.sha256("\n".join(_stamps(roots)).encode()).hexdigest()[:16]


def _stamps(roots: Sequence[Path]) -> Iterator[str]:
    for path in (path for root in roots for path in sorted(root.rglob("run.json"))):
        with contextlib.suppress(OSError):  # gone since
            status = path.stat()
            yield f"{path}:{status.st_size}@{status.st_mtime_ns}"


def has_shipped() -> bool:
    """Whether results come with the project."""
    return next(SHIPPED.rglob("run.json"), None) is not None


def is_shipped(folder: str) -> bool:
    """Whether a run's folder came with the project."""
    return Path(folder).is_relative_to(SHIPPED)


def partial_runs(root: Path) -> list[PartialRun]:
    """The runs in progress, and what is left of others; read anew each time."""
    folders = (path for path in sorted(root.glob(f"*/*/*{PARTIAL}")) if _is_partial(path))
    return [run for run in map(inspect_folder, folders) if isinstance(run, PartialRun)]


def _is_partial(folder: Path) -> bool:
    whole = folder.with_name(folder.name.removesuffix(PARTIAL))
    return (folder / "status.json").exists() and not whole.exists()


def explore_labels(found: Found, root: Path) -> dict[str, str]:
    """What the page Explore calls each run that it can load, by folder: those of the runs folder that have weights."""
    runs = [run for run in found.runs.values() if _is_loadable(run.folder, root)]
    return {str(choice.run.folder): label for label, choice in choices(runs).items() if choice.run}


def _is_loadable(folder: Path, root: Path) -> bool:
    return folder.parent.parent.parent == root and (folder / "model.safetensors").is_file()


def identity(run: Run) -> str:
    """Names what a run holds, for caches: where it lies, its weights, and when its `run.json` was written."""
    try:
        written = (run.folder / "run.json").stat().st_mtime_ns
    except OSError:  # removed while the page is drawn
        written = 0
    return f"{run.folder}:{run.weights_sha256}@{written}"
