"""What keeps a run's folder sound while it is trained: its lock, what it was begun on, where it resumes, how it fails.

Public names: `locked`, `queue`, `explained`, `recorded_failure`, `Inputs`, `trainer_state`, `last_checkpoint`, `resuming`,
`completed`, `appear`, `tidy`.
"""

import contextlib
import errno
import fcntl
import json
import os
import pickle
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from safetensors import SafetensorError

from amplify_viz import InputError, Run, RunConfig
from amplify_viz.checkpoints import Source, weights_sha256
from amplify_viz.runs import PartialRun, inspect_folder, partial_folder, read_run, write_json, write_status

_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
_UNREADABLE = (RuntimeError, ValueError, KeyError, EOFError, OSError, pickle.UnpicklingError, SafetensorError)
_ONLY_WHILE_IN_PROGRESS = ("status.json", "inputs.json")


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Within the block nobody else can train the run of this folder.  Raises InputError where another process does.

    The lock is the hidden file `.<run>.lock` beside the folder, which stays: a file that is deleted and made again could
    be locked twice.  It ends with the process, however that ends.
    """
    path = folder.with_name(f".{folder.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        _take(file, folder)
        yield


def _take(file: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        raise InputError(
            f"{folder} is being trained by another process ({file.read().strip() or 'just begun'}): wait for it or end it."
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()


def queue(config: RunConfig, root: Path) -> None:
    """Lists a run as queued by this process, unless another living process works on it or has it queued."""
    partial = partial_folder(root, config)
    found = inspect_folder(partial)
    free = (None, os.getpid())
    if isinstance(found, PartialRun) and found.state in ("queued", "running") and found.owner not in free:
        return
    with explained(partial):
        write_status(partial, config, "queued", message="waits for the run before it", queued_at=time.time())


@contextlib.contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Within the block what a person can mend on the disk is raised as InputError."""
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        if _disk_is_full(error):
            raise InputError(
                f"Saving the run failed ({_first_line(error)}): make room on the disk and start it again, it goes on from the "
                f"last epoch."
            ) from error
        if _errno(error) is not None or isinstance(error, OSError):
            place = getattr(error, "filename", None) or folder
            said = getattr(error, "strerror", None) or _first_line(error)
            raise InputError(
                f"{place} cannot be read or written ({said}): check the folder and its permissions."
            ) from error
        raise


def _disk_is_full(error: Exception) -> bool:
    """Whether writing failed for want of room: torch and safetensors say so in their own ways."""
    if isinstance(error, (OSError, SafetensorError)):
        return _errno(error) in _FULL
    said = str(error)
    return "PytorchStreamReader" not in said and ("PytorchStreamWriter" in said or "inline_container" in said)


def _errno(error: Exception) -> int | None:
    """The system's number of an error; safetensors only writes it into its message."""
    if isinstance(error, OSError):
        return error.errno
    number = re.search(r"\(os error (\d+)\)", str(error))
    return int(number[1]) if number else None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(" .:")


@contextlib.contextmanager
def recorded_failure(partial: Path, config: RunConfig) -> Iterator[None]:
    """Writes why a run failed into its status; what a person can mend is raised as InputError."""
    try:
        with explained(partial):
            yield
    except KeyboardInterrupt:
        _say_failed(partial, config, "stopped by the user", state="interrupted")
        raise
    except Exception as error:
        _say_failed(partial, config, str(error) or type(error).__name__)
        raise


def _say_failed(partial: Path, config: RunConfig, message: str, *, state: Any = "failed") -> None:
    with contextlib.suppress(OSError):  # a full disk must not hide the error itself
        write_status(partial, config, state, message=message)


@dataclass(frozen=True)
class Inputs:
    """What a run is trained on beside its config: the data's hashes and the SHA-256 of the backbone's weights.

    Weights in several files or on a hub have no hash here: their name stands for it.
    A config names both by the last part of a path, so two that differ can share a run folder.
    """

    data: Mapping[str, str]
    backbone: str

    @classmethod
    def of(cls, hashes: Mapping[str, str], source: Source) -> "Inputs":
        """The inputs of a run on data with these hashes from this backbone."""
        return cls(dict(hashes), source.weights_sha256 or source.name)

    def check_run(self, run: Run) -> None:
        """Raises InputError where a finished run was trained on something else."""
        data, backbone = (run.details.get(part) for part in ("data", "backbone"))
        if not isinstance(data, dict) or not isinstance(backbone, dict):
            raise InputError(
                f"{run.folder.name}: run.json does not say what data and backbone it was trained on: delete {run.folder} and "
                f"start again."
            )
        weights = backbone.get("weights_sha256") or backbone.get("name")
        self._compare(data.get("hashes"), weights, folder=run.folder, remedy="rename {what}")

    def check_partial(self, partial: Path) -> None:
        """Raises InputError where a partial's checkpoint came of something else; without one, writes `inputs.json`."""
        path = partial / "inputs.json"
        if last_checkpoint(trainer_state(partial)) is None:
            write_json(path, asdict(self))
        try:
            begun = json.loads(path.read_text(encoding="utf-8"))
            data, backbone = begun["data"], begun["backbone"]
        except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{partial} does not say what data and backbone it was begun on: delete it and start again."
            ) from error
        self._compare(data, backbone, folder=partial, remedy=f"delete {partial} and start again")

    def _compare(self, data: Any, backbone: Any, *, folder: Path, remedy: str) -> None:
        for what, found, given in (("data", data, self.data), ("backbone", backbone, self.backbone)):
            if found != given:
                raise InputError(
                    f"{folder} was trained on {_OTHER[what]} that is also called {_called(folder, what)!r}: "
                    f"{remedy.format(what=f'the {what}')}, or give another runs folder with --runs."
                )


_OTHER = {"data": "other data", "backbone": "another backbone"}


def _called(folder: Path, what: str) -> str:
    return folder.parent.name if what == "backbone" else folder.parent.parent.name


def trainer_state(partial: Path) -> Path:
    """Where the trainer keeps what it needs to resume."""
    return partial / "trainer"


def last_checkpoint(state: Path) -> str | None:
    """The newest whole checkpoint in the trainer's folder, None where there is none; those cut off by a crash are deleted.

    A checkpoint is whole where it holds a readable trainer_state.json, which is written last.
    """
    whole = {}
    for path in state.glob("checkpoint-*"):
        if _is_whole(path):
            whole[int(path.name.removeprefix("checkpoint-"))] = path
        else:
            shutil.rmtree(path)
    return str(whole[max(whole)]) if whole else None


def _is_whole(checkpoint: Path) -> bool:
    try:
        return isinstance(json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8")), dict)
    except (FileNotFoundError, ValueError):
        return False


@contextlib.contextmanager
def resuming(checkpoint: str | None, begun: Callable[[], bool]) -> Iterator[None]:
    """Within the block a checkpoint that cannot be loaded is raised as InputError.

    begun: whether a step has been taken since; what is raised from then on is not about the checkpoint.
    """
    try:
        yield
    except InputError:
        raise
    except _UNREADABLE as error:
        if checkpoint is None or begun() or _disk_is_full(error):
            raise
        raise InputError(
            f"The run cannot go on from {checkpoint}, which is damaged ({_first_line(error)}): delete that folder and start it "
            f"again, it goes on from the checkpoint before or from the beginning."
        ) from error


def completed(partial: Path) -> bool:
    """Whether all that a finished run holds lies in a partial, so that it only needs to appear."""
    try:
        return read_run(partial).weights_sha256 == weights_sha256(partial)
    except InputError:
        return False


def appear(partial: Path, folder: Path) -> None:
    """Makes a completed partial the finished run.

    The status goes last, so that a reader sees at every moment either a partial with its status or a whole run; after a
    crash between any two lines the same call, or `tidy`, does the rest.
    """
    if trainer_state(partial).exists():
        shutil.rmtree(trainer_state(partial))
    partial.rename(folder)
    tidy(folder)


def tidy(folder: Path) -> None:
    """Deletes from a finished run's folder what belongs to a run in progress."""
    for name in _ONLY_WHILE_IN_PROGRESS:
        (folder / name).unlink(missing_ok=True)
    for beside in folder.glob(".*.*"):
        if beside.suffix[1:].isdecimal():  # what `write_whole` left, in a process that was killed as it wrote
            beside.unlink(missing_ok=True)
