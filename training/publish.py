"""Results kept without their weights, so that they can be committed, compared and skipped.

Public names: `publish`, `published`.
"""

import contextlib
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from amplify_viz import InputError, Run, RunConfig
from amplify_viz.runs import check_folder, find_runs, partial_folder, read_result, run_folder, write_json

KEPT = ("predictions-dev.parquet", "predictions-test.parquet", "steps.jsonl", "epochs.jsonl")


def publish(root: Path, to: Path, *, data: Iterable[str] = ()) -> list[Path]:
    """Copies what came of each finished run below `root` to the same place below `to`; returns the new folders.

    data: names of data sets, all where there are none.  A run that is there already is left as it is; one that is there and
    cannot be read is copied anew.  run.json names data and backbone by the last part of a path, or as the folders do where
    that is no name: a machine's own paths mean nothing elsewhere.  A run appears whole or not at all.  Raises InputError
    where there is no runs folder, and where `to` cannot be written.
    """
    if not root.is_dir():
        raise InputError(f"Runs lie in a runs folder, there is none at {root}: check --runs.")
    names = set(data)
    runs = [run for run in find_runs(root) if isinstance(run, Run) and (not names or run.config.data_name in names)]
    with _explained(to):
        check_folder(to)
        return [_copy(run, to) for run in runs if not published(run.config, to)]


def published(config: RunConfig, to: Path) -> bool:
    """Whether the results of this config are kept below `to` and can be read."""
    try:
        read_result(run_folder(to, config))
    except InputError:
        return False
    return True


@contextlib.contextmanager
def _explained(to: Path) -> Iterator[None]:
    """Within the block what the disk refuses is raised as InputError."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"Results are kept below {to}, but {error.filename or to} cannot be read or written ({error.strerror or error}): "
            f"check the folder, its permissions and the room on the disk, or choose another with --to."
        ) from error


def _copy(run: Run, to: Path) -> Path:
    """Copies into a partial folder, which gets its name when it has been read back."""
    folder, partial = run_folder(to, run.config), partial_folder(to, run.config)
    _clear(partial)
    partial.mkdir(parents=True)
    try:
        for name in KEPT:
            if (run.folder / name).is_file():
                shutil.copyfile(run.folder / name, partial / name)
        write_json(partial / "run.json", _without_paths(run))
        read_result(partial)
        _clear(folder)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _clear(folder: Path) -> None:
    """Deletes what an earlier try has left.  Raises InputError where more lies there than is published."""
    if not folder.exists():
        return
    other = [
        path.name for path in sorted(folder.iterdir()) if not path.name.lstrip(".").startswith(("run.json", *KEPT))
    ]
    if other:
        raise InputError(
            f"A run is published to a folder of its own, but {folder} is there, cannot be read as results, and holds "
            f"{other[0]!r}: move it, or choose another folder with --to."
        )
    shutil.rmtree(folder)


def _without_paths(run: Run) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    content["config"]["data"] = _last_part(run.config.data) or run.config.data_name
    if run.config.backbone.count("/") != 1 or run.config.backbone[0] in "./~":  # what is left is a hub name
        content["config"]["backbone"] = _last_part(run.config.backbone) or run.config.backbone_name
    return content


def _last_part(path: str) -> str:
    """The last part of a path, empty where it is no name, as of `.` and `..`."""
    name = Path(path).name
    return "" if name == ".." else name
