"""The queue's worker: order, one at a time, failures that do not stop it, and ends that leave nothing half."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import training.queue
from amplify_viz import InputError, Run, RunConfig, find_runs
from amplify_viz.runs import PartialRun, partial_folder, read_partial, run_folder, write_status
from tests.tiny import save_tiny
from tests.tiny_runs import save_pairs
from training.__main__ import main
from training.queue import WORKER, Waiting, train_queued, waiting, work
from training.state import queue

NOBODY = {"pid": None, "pid_started": None}


def _queue(root: Path, *, seed: int, at: float = 0.0, **owner: Any) -> Path:
    """The partial of a run that waits since a moment; without an owner it is nobody's."""
    config = RunConfig(seed=seed)
    partial = partial_folder(root, config)
    write_status(partial, config, "queued", queued_at=at, **(owner or NOBODY))
    return partial


def _seeds(root: Path) -> list[int]:
    return [one.run.config.seed for one in waiting(root)]


def _stub(code: str, begun: list[Path]) -> Callable[[Path, Path], "subprocess.Popen[bytes]"]:
    """Begins a process that only runs a line of code, and notes for which partial."""

    def begin(_root: Path, partial: Path) -> "subprocess.Popen[bytes]":
        begun.append(partial)
        return subprocess.Popen([sys.executable, "-S", "-c", code, str(partial)])

    return begin


def test_runs_wait_in_the_order_in_which_they_were_queued(tmp_path: Path) -> None:
    for seed, at in ((0, 30.0), (1, 10.0), (2, 20.0)):
        _queue(tmp_path, seed=seed, at=at)
    assert _seeds(tmp_path) == [1, 2, 0]


def test_only_what_is_queued_and_nobodys_waits(tmp_path: Path) -> None:
    _queue(tmp_path, seed=0)
    _queue(tmp_path, seed=1, pid=os.getpid(), pid_started=psutil.Process().create_time())
    _queue(tmp_path, seed=2, pid=os.getpid(), pid_started=1.0)
    for seed, state in enumerate(("running", "interrupted", "failed"), 3):
        write_status(partial_folder(tmp_path, RunConfig(seed=seed)), RunConfig(seed=seed), state, **NOBODY)  # type: ignore[arg-type]
    assert _seeds(tmp_path) == [0, 2], "a run that another living process has for itself is left to it"


def test_what_a_command_queues_has_its_time(tmp_path: Path) -> None:
    before = time.time()
    queue(RunConfig(), tmp_path)
    status = json.loads((partial_folder(tmp_path, RunConfig()) / "status.json").read_text(encoding="utf-8"))
    assert before <= status["queued_at"] <= time.time()


def test_a_run_that_ends_without_a_word_has_failed_and_the_next_begins(tmp_path: Path) -> None:
    partials = [_queue(tmp_path, seed=seed, at=float(seed)) for seed in (0, 1)]
    begun: list[Path] = []
    assert work(tmp_path, _stub("raise SystemExit(3)", begun))
    assert begun == partials
    for partial in partials:
        assert (read_partial(partial).state, read_partial(partial).message) == (
            "failed",
            "its process ended with code 3 and no other word",
        )


def test_what_a_run_says_of_its_failure_is_kept(tmp_path: Path) -> None:
    partial = _queue(tmp_path, seed=0)
    code = (
        "import json, pathlib, sys; path = pathlib.Path(sys.argv[1]) / 'status.json'\n"
        "path.write_text(json.dumps({**json.loads(path.read_text()), 'state': 'failed', 'message': 'no such data'}))\n"
        "raise SystemExit(2)"
    )
    work(tmp_path, _stub(code, []))
    assert (read_partial(partial).state, read_partial(partial).message) == ("failed", "no such data")


RUNNING = (
    "import json, os, pathlib, signal, sys; path = pathlib.Path(sys.argv[1]) / 'status.json'\n"
    "path.write_text(json.dumps({**json.loads(path.read_text()), 'state': 'running', 'progress': 0.5, 'message': 'epoch 2'}))\n"
)


@pytest.mark.parametrize(("sent", "message"), [("SIGKILL", "when the memory is used up"), ("SIGTERM", "by the user")])
def test_a_run_that_is_ended_is_interrupted_where_it_was_and_the_next_begins(
    tmp_path: Path, sent: str, message: str
) -> None:
    partials = [_queue(tmp_path, seed=seed, at=float(seed)) for seed in (0, 1)]
    begun: list[Path] = []
    work(tmp_path, _stub(f"{RUNNING}os.kill(os.getpid(), signal.{sent})", begun))
    found = read_partial(partials[0])
    assert (found.state, found.progress) == ("interrupted", 0.5)
    assert message in found.message
    assert begun == partials


def test_what_is_queued_while_a_run_is_trained_is_taken_too(tmp_path: Path) -> None:
    first = _queue(tmp_path, seed=0)
    begun: list[Path] = []
    begin = _stub("raise SystemExit(1)", begun)

    def queue_another(root: Path, partial: Path) -> "subprocess.Popen[bytes]":
        if partial == first:
            _queue(tmp_path, seed=1, at=1.0)
        return begin(root, partial)

    work(tmp_path, queue_another)
    assert len(begun) == 2


def test_what_is_queued_in_the_workers_last_moment_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _queue(tmp_path, seed=0)
    begun: list[Path] = []

    def look(root: Path) -> list[Waiting]:
        found = waiting(root)
        if not found and len(begun) == 1:  # nothing is left, the lock is still held
            _queue(tmp_path, seed=1, at=1.0)
        return found

    monkeypatch.setattr(training.queue, "waiting", look)
    work(tmp_path, _stub("raise SystemExit(1)", begun))
    assert [partial.name for partial in begun] == ["amplify-seed0.partial", "amplify-seed1.partial"]


def test_a_second_worker_leaves_the_queue_to_the_first(tmp_path: Path) -> None:
    _queue(tmp_path, seed=0)
    others: list[bool] = []
    begin = _stub("raise SystemExit(1)", [])

    def meanwhile(root: Path, partial: Path) -> "subprocess.Popen[bytes]":
        _queue(tmp_path, seed=1, at=1.0)
        others.append(work(tmp_path, _stub("raise AssertionError", [])))
        signature = json.loads((tmp_path / WORKER).read_text(encoding="utf-8"))
        assert (signature["pid"], signature["at_work"]) == (os.getpid(), True)
        return begin(root, partial)

    assert work(tmp_path, meanwhile)
    assert others == [False, False]
    assert not json.loads((tmp_path / WORKER).read_text(encoding="utf-8"))["at_work"]


def test_a_status_that_cannot_be_written_does_not_make_the_worker_try_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    _queue(tmp_path, seed=0)
    monkeypatch.setattr(training.queue, "write_status", full)
    begun: list[Path] = []
    work(tmp_path, _stub("raise SystemExit(1)", begun))
    assert len(begun) == 1


def test_an_empty_folder_is_no_work(tmp_path: Path) -> None:
    assert work(tmp_path / "none", _stub("", []))
    assert not (tmp_path / "none").exists()


def test_a_run_that_does_not_wait_is_refused(tmp_path: Path) -> None:
    partial = partial_folder(tmp_path, RunConfig())
    write_status(partial, RunConfig(), "interrupted", message="taken out of the queue")
    with pytest.raises(InputError, match="is not queued"):
        train_queued(partial, tmp_path, lambda _: None)
    assert read_partial(partial).message == "taken out of the queue"


@contextlib.contextmanager
def _worker(root: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker in a process of its own whose runs only sleep."""
    code = (
        "import subprocess, sys; from pathlib import Path\n"
        "from training.queue import on_sigterm_exit, work\n"
        f"code = {RUNNING + 'import time; time.sleep(600)'!r}\n"
        "begin = lambda root, partial: subprocess.Popen([sys.executable, '-S', '-c', code, str(partial)])\n"
        "with on_sigterm_exit(): work(Path(sys.argv[1]), begin)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(root)])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_worker_that_is_ended_ends_its_run_and_the_others_wait(tmp_path: Path) -> None:
    partials = [_queue(tmp_path, seed=seed, at=float(seed)) for seed in (0, 1)]
    with _worker(tmp_path) as worker:
        deadline = time.monotonic() + 90
        while read_partial(partials[0]).progress == 0 and time.monotonic() < deadline:
            time.sleep(0.1)
        (child,) = psutil.Process(worker.pid).children()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 128 + signal.SIGTERM
        assert not child.is_running()
    assert read_partial(partials[0]).state == "interrupted"
    assert _seeds(tmp_path) == [1]


@pytest.mark.parametrize("name", ["file", "nowhere"])
def test_no_runs_folder_is_one_sentence(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["work", "--runs", str(tmp_path / name)]) == 2
    assert f"there is none at {tmp_path / name}: check --runs" in capsys.readouterr().err


def test_the_command_trains_what_waits_and_passes_over_what_fails(tmp_path: Path) -> None:
    root, data, backbone = tmp_path / "runs", save_pairs(tmp_path / "animals"), save_tiny(tmp_path / "tiny")
    missing = RunConfig("none", str(tmp_path / "nothing"), str(backbone))
    sound = RunConfig("amplify", str(data), str(backbone), epochs=1, batch_size=8)
    for at, config in enumerate((missing, sound)):
        write_status(partial_folder(root, config), config, "queued", queued_at=float(at), **NOBODY)
    assert main(["work", "--runs", str(root)]) == 0
    found = {type(run): run for run in find_runs(root)}
    assert set(found) == {Run, PartialRun}
    failed, finished = found[PartialRun], found[Run]
    assert isinstance(failed, PartialRun) and failed.state == "failed"
    assert "there is nothing at" in failed.message
    assert finished.folder == run_folder(root, sound)
