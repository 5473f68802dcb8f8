"""Runs: the folder that holds what came of a RunConfig.

Public names: `Run`, `PartialRun`, `BrokenRun`, `find_runs`, `inspect_folder`, `kept_epochs`, `read_run`, `read_result`,
`run_folder`, `partial_folder`, `write_status`, `tabulate`.

A run folder is `runs/<data>/<backbone>/<method>-seed<k>[-<hash>]/`, a Hugging Face checkpoint plus `run.json`.  It
appears whole or not at all: while in progress it is `….partial/` with a `status.json`.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import psutil

from amplify_viz.config import RunConfig, read_config
from amplify_viz.errors import InputError

SCHEMA = 1
PARTIAL = ".partial"

State = Literal["queued", "running", "interrupted", "failed"]


@dataclass(frozen=True)
class Run:
    """A finished run: its folder and what `run.json` says of it.  metrics: {"dev": {"accuracy": …}, "test": …}."""

    folder: Path
    config: RunConfig
    label_names: tuple[str, ...]
    metrics: Mapping[str, Mapping[str, float]]
    weights_sha256: str
    created: str
    details: Mapping[str, Any]

    @property
    def title(self) -> str:
        """How the run is called on screen and in figures."""
        return f"{self.config.method} · seed {self.config.seed}"


@dataclass(frozen=True)
class PartialRun:
    """A run in progress, or what is left of one.

    progress is in [0, 1]; message says what it is doing or why it failed; owner is the id of the process that works on
    it, None where that is gone.
    """

    folder: Path
    config: RunConfig
    state: State
    progress: float
    message: str
    seconds_left: float | None = None
    owner: int | None = None


@dataclass(frozen=True)
class BrokenRun:
    """A folder that looks like a run and cannot be used, with the reason."""

    folder: Path
    reason: str


def kept_epochs(run: Run) -> dict[int, Path]:
    """The checkpoint folder of each epoch whose weights the run has kept, by epoch, counted from one, in order."""
    folders = sorted((run.folder / "epochs").glob("[0-9]*"))
    return {int(folder.name): folder for folder in folders if folder.name.isdecimal()}


def run_folder(root: Path, config: RunConfig) -> Path:
    """Where the finished run of this config lies below the runs folder."""
    return root / config.data_name / config.backbone_name / config.name


def partial_folder(root: Path, config: RunConfig) -> Path:
    """Where the run of this config lies while it is in progress."""
    folder = run_folder(root, config)
    return folder.with_name(folder.name + PARTIAL)


def find_runs(root: Path) -> list[Run | PartialRun | BrokenRun]:
    """Every run below the runs folder, sorted by path; nothing in a folder can make this raise.

    A folder counts as a run where it holds `run.json` or weights, or is a partial with `status.json`; a complete run
    hides its partial.
    """
    return [inspect_folder(folder) for folder in sorted(_candidates(root))]


def _candidates(root: Path) -> Iterator[Path]:
    for folder in root.glob("*/*/*"):
        if folder.name.endswith(PARTIAL):
            whole = folder.with_name(folder.name.removesuffix(PARTIAL))
            if (folder / "status.json").exists() and not whole.exists():
                yield folder
        elif any((folder / name).exists() for name in ("run.json", "model.safetensors")):
            yield folder


def inspect_folder(folder: Path) -> Run | PartialRun | BrokenRun:
    """What a folder that should be a run is; nothing in it can make this raise."""
    try:
        return read_partial(folder) if folder.name.endswith(PARTIAL) else read_run(folder)
    except InputError as error:
        return BrokenRun(folder, str(error))


def read_run(folder: Path) -> Run:
    """Returns the finished run in a folder, its `run.json` validated.

    Raises InputError where run.json is missing, unreadable, of another schema or lacks a field, and where the folder
    holds no safetensors weights.
    """
    run = read_result(folder)
    if not (folder / "model.safetensors").is_file():
        raise InputError(
            f"{folder.name}: a run holds model.safetensors, which is missing: copy the folder again, or delete it and "
            f"train the run again."
        )
    return run


def read_result(folder: Path) -> Run:
    """Returns what the `run.json` of a folder says, validated, whether or not the weights are there.

    Raises InputError where run.json is missing, unreadable, of another schema or lacks a field.
    """
    content = _read_json(folder / "run.json")
    if content.get("schema") != SCHEMA:
        raise InputError(
            f"{folder.name}: run.json has schema {content.get('schema')!r}, this version reads {SCHEMA}: use the version "
            f"that made it, or delete the folder and train the run again."
        )
    try:
        run = Run(
            folder,
            read_config(content["config"]),
            tuple(str(name) for name in content["label_names"]),
            {split: {k: float(v) for k, v in values.items()} for split, values in content["metrics"].items()},
            str(content["weights_sha256"]),
            str(content["created"]),
            content,
        )
        for split in ("dev", "test"):
            if not 0 <= run.metrics[split]["accuracy"] <= 1:
                raise ValueError(f"{split} accuracy {run.metrics[split]['accuracy']}")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(
            f"{folder.name}: run.json is not as this version writes it ({_said(error)}): delete the folder and train the run again."
        ) from error
    return run


def read_partial(folder: Path) -> PartialRun:
    """Returns the run in progress in a folder; one whose process is gone is "interrupted".  Raises InputError as read_run."""
    content = _read_json(folder / "status.json")
    try:
        state, left = content["state"], content.get("seconds_left")
        if state not in ("queued", "running", "interrupted", "failed"):
            raise ValueError(f"state {state!r}")
        owner = int(content["pid"]) if _alive(content["pid"], content["pid_started"]) else None
        return PartialRun(
            folder,
            read_config(content["config"]),
            "interrupted" if owner is None and state in ("queued", "running") else state,
            min(1.0, max(0.0, float(content["progress"]))),
            str(content["message"]),
            None if left is None else float(left),
            owner,
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"{folder.name}: status.json is not as this version writes it ({_said(error)}): delete the folder."
        ) from error


def write_status(folder: Path, config: RunConfig, state: State, **what: Any) -> None:
    """Writes `status.json` of a run in progress, whole or not at all.

    what: progress in [0, 1], message, seconds_left, and pid with pid_started where another process does the work.
    """
    folder.mkdir(parents=True, exist_ok=True)
    this = {"pid": os.getpid(), "pid_started": psutil.Process().create_time()}
    content = {
        "schema": SCHEMA,
        "state": state,
        "config": asdict(config),
        "progress": 0.0,
        "message": "",
        **this,
        **what,
    }
    write_json(folder / "status.json", content)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes JSON, whole or not at all."""
    write_whole(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes text or bytes beside the path, then moves it there, so that neither a reader nor a crash ever sees half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def check_folder(folder: Path) -> None:
    """Raises InputError where a folder is none, or cannot be made or written to.  Nothing is made."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        why = "is not writable" if there.is_dir() else "is a file"
        raise InputError(
            f"Files are written to a folder, {folder} cannot be written to ({there} {why}): choose another."
        )


def tabulate(runs: list[Run]) -> pd.DataFrame:
    """One row a run: method, data, backbone, seed, dev and test accuracy in [0, 1], epochs, seconds a step, created, folder."""
    rows = [
        {
            "method": run.config.method,
            "data": run.config.data_name,
            "backbone": run.config.backbone_name,
            "seed": run.config.seed,
            "dev_accuracy": run.metrics.get("dev", {}).get("accuracy"),
            "test_accuracy": run.metrics.get("test", {}).get("accuracy"),
            "epochs": run.details.get("epochs_run"),
            "seconds_per_step": run.details.get("seconds_per_step"),
            "created": run.created,
            "folder": str(run.folder),
        }
        for run in runs
    ]
    return pd.DataFrame(rows)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{path.parent.name}: {path.name} is missing: this is no run folder, or it was not copied whole."
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"{path.parent.name}: {path.name} cannot be read ({_said(error)}): copy it again or train the run again."
        ) from error
    if not isinstance(content, dict):
        raise InputError(
            f"{path.parent.name}: {path.name} holds {type(content).__name__}, not an object: train the run again."
        )
    return content


def _said(error: BaseException) -> str:
    return f"lacks {error}" if isinstance(error, KeyError) else str(error)


def _alive(pid: Any, started: Any) -> bool:
    """Whether the process is still the one that wrote the status (process ids are used again)."""
    try:
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(started)) < 1.0
        return same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, TypeError, ValueError, OverflowError):
        return False
