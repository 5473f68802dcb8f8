"""A grid on two workers of Ray, with a failure, a kill and Ctrl-C."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil
import pytest
import torch

from amplify_viz import RunConfig, find_runs
from amplify_viz.checkpoints import weights_sha256
from amplify_viz.runs import PartialRun, inspect_folder, partial_folder, read_partial, read_run, run_folder
from tests.tiny import save_tiny
from tests.tiny_runs import save_pairs
from training.__main__ import main
from training.grid import Grid, GridCommand, Shared
from training.loop import train
from training.state import last_checkpoint, trainer_state

WITHIN = 300.0  # seconds; a grid of these takes a tenth of it on a machine that has nothing else to do


def until(what: Callable[[], bool], seconds: float = WITHIN) -> None:
    """Waits for what becomes true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    """A short run of amplify; tiny has three layers."""
    folder = tmp_path_factory.mktemp("sources")
    data, backbone = save_pairs(folder / "animals"), save_tiny(folder / "tiny")
    return RunConfig("amplify", str(data), str(backbone), epochs=12, patience=12, batch_size=8, learning_rate=1e-3)


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory, config: RunConfig) -> Iterator[Path]:
    """A runs folder with what the grid below is to train, trained here one after another on one thread."""
    root, n_threads = tmp_path_factory.mktemp("serial"), torch.get_num_threads()
    torch.set_num_threads(1)
    for method, seed in (("none", 0), ("amplify", 0), ("none", 1), ("amplify", 1)):
        train(replace(config, method=method, seed=seed), root)
    yield root
    torch.set_num_threads(n_threads)


@dataclass(frozen=True)
class Grown:
    """What a grid left: its runs folder, exit code, outputs, and the processes that it had begun."""

    root: Path
    code: int
    out: str
    err: str
    processes: tuple[psutil.Process, ...]


@contextlib.contextmanager
def growing(config: RunConfig, root: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m training grid` in a process group of its own, with two workers, ended at the latest with the block."""
    shared = ("epochs", "patience", "batch_size", "learning_rate")
    settings = [part for name in shared for part in (f"--{name.replace('_', '-')}", str(getattr(config, name)))]
    sources = ["--data", config.data, "--backbones", config.backbone, "--runs", str(root), "--workers", "2"]
    command = [sys.executable, "-m", "training", "grid", *sources, *settings, *options]
    process = subprocess.Popen(
        command,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()


def begun(root: Path, config: RunConfig) -> int | None:
    """The process that trains a run, once it can go on from a checkpoint."""
    partial = partial_folder(root, config)
    found = inspect_folder(partial)
    checkpoints = list(trainer_state(partial).glob("checkpoint-*/trainer_state.json"))
    return found.owner if isinstance(found, PartialRun) and found.state == "running" and checkpoints else None


def wait_for_owner(process: subprocess.Popen[str], root: Path, config: RunConfig) -> int:
    """The process that trains a run which can go on, as soon as there is one."""
    until(lambda: begun(root, config) is not None or process.poll() is not None)
    owner = begun(root, config)
    assert owner is not None, process.communicate(timeout=WITHIN)
    return owner


def end_of(process: subprocess.Popen[str], root: Path, processes: list[psutil.Process]) -> Grown:
    out, err = process.communicate(timeout=WITHIN)
    return Grown(root, process.returncode, out, err, tuple(processes))


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, config: RunConfig, serial: Path) -> Grown:
    """A grid of six runs on two workers: one was finished, two must fail, and one has its worker killed on the way."""
    root = tmp_path_factory.mktemp("grid")
    finished = replace(config, method="none", seed=0)
    run_folder(root, finished).parent.mkdir(parents=True)
    run_folder(root, finished).symlink_to(run_folder(serial, finished))
    with growing(config, root, "--seeds", "0", "1", "--layers", "default", "9") as process:
        owner = wait_for_owner(process, root, config)
        processes = psutil.Process(process.pid).children(recursive=True)
        os.kill(owner, signal.SIGKILL)
        return end_of(process, root, processes)


def test_all_but_the_failing_runs_are_finished_and_the_table_says_so(grown: Grown, config: RunConfig) -> None:
    assert grown.code == 1, grown.err
    assert "2 failed, 3 done, 1 skipped of 6 runs." in grown.out
    assert re.search(r"none-seed0-\w+ .*skipped +was finished", grown.out)
    assert len(re.findall(r" 9 +failed .*Layers go from 1 to 3 in this bert, got 9", grown.out)) == 2
    assert len(re.findall(r" done +\d.* test accuracy \d+\.\d\d %", grown.out)) == 3
    assert "Traceback" not in grown.out + grown.err


def test_a_run_that_fails_has_its_reason_in_its_status(grown: Grown, config: RunConfig) -> None:
    for seed in (0, 1):
        partial = read_partial(partial_folder(grown.root, replace(config, seed=seed, layers="9")))
        assert partial.state == "failed"
        assert "Layers go from 1 to 3" in partial.message


@pytest.mark.parametrize(("method", "seed"), [("amplify", 0), ("none", 1), ("amplify", 1)])
def test_the_weights_are_those_of_serial_runs_bit_for_bit_also_where_a_worker_was_killed(
    grown: Grown, serial: Path, config: RunConfig, method: str, seed: int
) -> None:
    each = replace(config, method=method, seed=seed)
    assert weights_sha256(run_folder(grown.root, each)) == weights_sha256(run_folder(serial, each))
    assert not partial_folder(grown.root, each).exists()


def test_a_run_of_a_grid_says_the_same_config_as_a_serial_one(grown: Grown, serial: Path, config: RunConfig) -> None:
    of_grid, of_serial = (read_run(run_folder(root, config)) for root in (grown.root, serial))
    assert of_grid.details["config"] == of_serial.details["config"] == asdict(config)


def test_nothing_of_ray_is_left(grown: Grown) -> None:
    assert len(grown.processes) > 4  # Ray's own and the workers
    _, alive = psutil.wait_procs(grown.processes, timeout=30)
    assert alive == []


def test_finished_runs_need_no_ray(
    serial: Path, config: RunConfig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("training.grid.connected", None)
    shared = Shared(epochs=12, patience=12, batch_size=8, learning_rate=1e-3)
    GridCommand(Grid(data=(config.data,), backbones=(config.backbone,), seeds=(0, 1), shared=shared), serial)()
    assert "4 skipped of 4 runs." in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_leave_nothing_half_and_no_process(
    number: signal.Signals, config: RunConfig, tmp_path: Path
) -> None:
    long = replace(config, epochs=2000, patience=2000)
    both = [replace(long, method=method) for method in ("none", "amplify")]
    with growing(long, tmp_path) as process:
        owners = [wait_for_owner(process, tmp_path, each) for each in both]
        assert len(set(owners)) == 2
        processes = psutil.Process(process.pid).children(recursive=True)
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.send_signal(number)
        left = end_of(process, tmp_path, processes)
    assert left.code == 130, left.err
    assert "the same command goes on from the last epoch" in left.err
    assert psutil.wait_procs(processes, timeout=30)[1] == []
    found = find_runs(tmp_path)
    assert [(each.state, each.message) for each in found if isinstance(each, PartialRun)] == [
        ("interrupted", "stopped by the user")
    ] * 2
    assert len(found) == 2
    assert all(last_checkpoint(trainer_state(partial_folder(tmp_path, each))) for each in both)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--methods", "mixup"], "A method is one of none"),
        (["--data", "roles", "nowhere/at/all"], "nowhere/at/all"),
        (["--backbones", "minilm", "./nowhere"], "nothing is found at './nowhere'"),
        (["--epochs", "0"], "epochs goes from 1"),
        (["--workers", "0"], "--workers is 1 or more"),
        (["--retries", "-1"], "--retries is 0 or more"),
    ],
)
def test_bad_input_is_exit_code_2_and_nothing_is_begun(
    options: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("training.grid.connected", None)
    assert main(["grid", *options, "--runs", str(tmp_path / "runs")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_an_address_where_no_cluster_is_is_refused_at_once(
    config: RunConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sources = ["--data", config.data, "--backbones", config.backbone, "--runs", str(tmp_path)]
    assert main(["grid", *sources, "--address", "127.0.0.1:9"]) == 2
    assert "There is no Ray cluster to join at '127.0.0.1:9'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
