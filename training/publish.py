"""Results kept without their weights, so that they can be committed, compared and skipped.

Public names: `publish`, `published`.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from amplify_viz import InputError, Run, RunConfig
from amplify_viz.runs import find_runs, read_result, run_folder, write_json

KEPT = ("predictions-dev.parquet", "predictions-test.parquet", "steps.jsonl", "epochs.jsonl")


def publish(root: Path, to: Path, *, data: Iterable[str] = ()) -> list[Path]:
    """Copies what came of each finished run below `root` to the same place below `to`; returns the new folders.

    data: names of data sets, all where there are none.  A run that is there already is left as it is.  run.json names data
    and backbone by the last part of a path: a machine's own paths mean nothing elsewhere.  Raises InputError where there
    is no runs folder.
    """
    if not root.is_dir():
        raise InputError(f"Runs lie in a runs folder, there is none at {root}: check --runs.")
    names = set(data)
    runs = [run for run in find_runs(root) if isinstance(run, Run) and (not names or run.config.data_name in names)]
    return [_copy(run, run_folder(to, run.config)) for run in runs if not published(run.config, to)]


def published(config: RunConfig, to: Path) -> bool:
    """Whether the results of this config are kept below `to`."""
    return (run_folder(to, config) / "run.json").is_file()


def _copy(run: Run, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        if (run.folder / name).is_file():
            shutil.copyfile(run.folder / name, folder / name)
    content = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    content["config"]["data"] = Path(run.config.data).name
    if run.config.backbone.count("/") != 1 or run.config.backbone[0] in "./~":  # what is left is a hub name
        content["config"]["backbone"] = Path(run.config.backbone).name
    write_json(folder / "run.json", content)
    read_result(folder)
    return folder
