"""A grid: which runs it has, who trains them, and a real one on two workers of Ray with a failure, a kill and Ctrl-C."""

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
import tyro

from amplify_viz import InputError, RunConfig, find_runs
from amplify_viz.checkpoints import weights_sha256
from amplify_viz.runs import (
    PartialRun,
    inspect_folder,
    partial_folder,
    read_partial,
    read_run,
    run_folder,
    write_status,
)
from tests.tiny import save_tiny
from tests.tiny_runs import save_pairs
from training.__main__ import main
from training.grid import Grid, GridCommand, Shared
from training.grid_ray import Ended, Share
from training.grid_table import Cell, last_table, seconds_left, shown
from training.grid_workers import train_all
from training.loop import train
from training.state import last_checkpoint, trainer_state

WITHIN = 300.0  # seconds; a grid of these takes a tenth of it on a machine that has nothing else to do


def until(what: Callable[[], bool], seconds: float = WITHIN) -> None:
    """Waits for what becomes true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


# Which runs a grid has


def names(**axes: Any) -> list[str]:
    """Method, seed and what differs from the defaults, of each run of a grid."""
    hidden = ("noise_share",)
    return [
        " ".join(
            [config.method, str(config.seed), *(f"{k}={v}" for k, v in config.changed.items() if k not in hidden)]
        ).replace("fold=False ", "")
        for config in Grid(**axes).configs()
    ]


def test_a_grid_has_every_combination_the_first_seed_first() -> None:
    configs = Grid(
        methods=("none", "tmix"),
        data=("roles", "a/b"),
        backbones=("minilm", "x/y"),
        seeds=(3, 1),
        noise=("none", "swap:0.1"),
    ).configs()
    assert len({config.name + config.data + config.backbone for config in configs}) == len(configs) == 2**5
    assert [config.seed for config in configs] == [3] * 16 + [1] * 16
    assert {(config.noise, config.noise_share) for config in configs} == {("none", 0.0), ("swap", 0.1)}
    assert all(type(config) is RunConfig for config in configs)


def test_a_method_without_layers_is_trained_once_whatever_they_are() -> None:
    assert names(methods=("none", "embedmix", "tmix"), layers=("default", "2-3")) == [
        "none 0",
        "embedmix 0",
        "tmix 0",
        "tmix 0 layers=2,3",
    ]


def test_settings_of_lam_are_left_out_where_no_lam_is_drawn() -> None:
    shared = Shared(alpha=0.3, labels="independent", smoothing=0.1)
    assert names(methods=("none", "lam1", "amplify"), shared=shared) == [
        "none 0 smoothing=0.1",
        "lam1 0 labels=independent smoothing=0.1",
        "amplify 0 alpha=0.3 labels=independent smoothing=0.1",
    ]


def test_runs_that_are_the_same_in_other_words_are_one() -> None:
    assert names(methods=("amplify", "amplify"), layers=("default", "all", "1-2", "1,2"), seeds=(0, 0)) == [
        "amplify 0",
        "amplify 0 layers=1,2",
    ]
    assert names(methods=("amplify",), shared=Shared(alpha=0.1, draws=5)) == ["amplify 0"]


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({"methods": ()}, "Each axis of a grid has a value or more, methods has none"),
        ({"methods": ("mixup",)}, "A method is one of none"),
        ({"seeds": (0, -1)}, "seed goes from 0"),
        ({"noise": ("delete",)}, "Noise is none or a kind and a share, such as delete:0.05, got 'delete'"),
        ({"noise": ("delete:much",)}, "Noise is none or a kind and a share"),
        ({"noise": ("delete:1.5",)}, "noise_share goes from 0 to 1"),
        ({"noise": ("shout:0.1",)}, "noise is one of none, delete"),
        ({"noise": ("delete:0",)}, "Noise has a kind and a share"),
        ({"layers": ("0",)}, "Layers are one-based"),
        (
            {"data": ("a/animals", "b/animals")},
            "a/animals with minilm and b/animals with minilm would share animals/minilm",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_before_anything_starts(axes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Grid(**axes).configs()


def test_every_setting_is_an_axis_or_an_option() -> None:
    command = tyro.cli(
        GridCommand, args=["--methods", "none", "--seeds", "0", "1", "--epochs", "4", "--noise", "flip:0.2"]
    )
    assert command.grid == Grid(("none",), seeds=(0, 1), noise=("flip:0.2",), shared=Shared(epochs=4))
    of_the_grid = {"method", "backbone", "seed", "noise_share", "processes"}
    help_text = io.StringIO()
    with contextlib.redirect_stdout(help_text), pytest.raises(SystemExit):
        tyro.cli(GridCommand, args=["--help"])
    options = set(re.findall(r"--([a-z-]+)", help_text.getvalue()))
    assert {name.replace("_", "-") for name in {field.name for field in fields(RunConfig)} - of_the_grid} <= options
    assert not {name.replace("_", "-") for name in of_the_grid} & options


# How many at a time, how long, how it looks


@pytest.mark.parametrize(
    ("share", "resources", "expected"),
    [
        (Share(), {"CPU": 8.0}, 8),
        (Share(cpus=3), {"CPU": 8.0}, 2),
        (Share(workers=2), {"CPU": 8.0}, 2),
        (Share(workers=20), {"CPU": 8.0}, 8),
        (Share(), {"CPU": 8.0, "GPU": 2.0}, 2),
        (Share(gpus=0.5), {"CPU": 8.0, "GPU": 2.0}, 4),
        (Share(gpus=0.4), {"CPU": 8.0, "GPU": 3.0}, 6),
        (Share(gpus=0.1), {"CPU": 8.0, "GPU": 1.0}, 8),
        (Share(gpus=0.3333333), {"CPU": 8.0, "GPU": 1.0}, 3),
        (Share(gpus=2), {"CPU": 8.0, "GPU": 5.0}, 2),
        (Share(gpus=0), {"CPU": 8.0, "GPU": 2.0}, 8),
    ],
)
def test_as_many_runs_at_a_time_as_fit(share: Share, resources: Mapping[str, float], expected: int) -> None:
    assert share.n_workers(resources) == expected


def test_a_run_that_fits_nowhere_is_refused() -> None:
    with pytest.raises(InputError, match=r"needs 1 CPUs and 0.5 GPUs, Ray has 4 and 0 here: lower --cpus-per-run or"):
        Share(gpus=0.5).n_workers({"CPU": 4.0})
    for settings in ({"cpus": 0}, {"workers": 0}, {"gpus": 1.5}, {"gpus": -1.0}):
        with pytest.raises(InputError, match=r"--(cpus-per-run|workers|gpus-per-run) is"):
            Share(**settings)


def cell(state: Any, data: str = "roles", **what: Any) -> Cell:
    return Cell(RunConfig(data=data), state, **what)


def test_the_time_left_is_what_the_running_have_and_the_mean_of_the_same_data_for_those_that_wait() -> None:
    running = cell("running", seconds=10.0, seconds_left=50.0)  # 60 in all
    slow = cell("done", "slow", seconds=600.0)
    assert seconds_left([running, cell("waiting"), cell("waiting")], 1) == 50 + 60 + 60
    assert seconds_left([running, cell("waiting"), cell("waiting")], 2) == (50 + 60 + 60) / 2
    assert seconds_left([running, running, slow, cell("waiting", "slow")], 10) == pytest.approx(70)
    assert seconds_left([running, slow, cell("waiting", "other")], 1) == 50 + 330  # as all do: (60 + 600) / 2
    assert seconds_left([cell("done", seconds=60.0), cell("running", seconds=20.0)], 1) == 40
    assert seconds_left([running], 8) == 50
    assert seconds_left([cell("waiting"), cell("failed"), cell("skipped")], 2) is None
    assert seconds_left([cell("done", seconds=5.0), cell("failed"), cell("skipped")], 2) == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_live_table_has_the_running_runs_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("LINES", "12")
    running = cell("running", progress=0.4, note="epoch 2 of 5, step 8", seconds=60.0, seconds_left=90.0)
    with shown(lambda: 1) as show:
        show([*[cell("waiting", f"data{i}") for i in range(50)], running])
    text = terminal.getvalue()
    assert re.search(r"roles/minilm/amplify-seed0.*running.*40 %.*1\.5 min.*epoch 2 of 5, step 8", text)
    assert "1 running, 50 waiting of 51 runs, 2 h 6 min left" in text  # 90 s and 50 times 150 s
    assert text.count("data") < 12


def test_without_a_terminal_each_end_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with shown(lambda: 1) as show:
        for _ in range(3):
            show([cell("failed", note="no room"), cell("running", "other", note="epoch 1")])
    assert capsys.readouterr().err == "failed: roles/minilm/amplify-seed0: no room\n"


def test_the_last_table_has_every_run_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    noisy = Cell(RunConfig(noise="swap", noise_share=0.05, layers="1-2"), "done", "test accuracy 81.00 %", seconds=90.0)
    last_table([noisy, cell("failed", note="[no] markup", traceback="Traceback: KeyError")])
    captured = capsys.readouterr()
    assert re.search(r"amplify-seed0-\w+ +swap 5 % +1-2 +done +1\.5 +test accuracy 81\.00 %", captured.out)
    assert re.search(r"amplify-seed0 +failed +\[no\] markup", captured.out)
    assert "1 failed, 1 done of 2 runs." in captured.out
    assert captured.err == "\nroles/minilm/amplify-seed0:\nTraceback: KeyError\n"


# Who trains what, on workers that only say so


class Workers:
    """A pool whose runs end as a script says, in the order in which they were given."""

    def __init__(self, ends: list[Any], n: int = 1) -> None:
        self.ends, self.n_free, self.closed = ends, n, False
        self.given: list[int] = []

    def give(self, number: int, config: RunConfig, root: Path) -> None:
        self.n_free -= 1
        self.given.append(number)
        write_status(partial_folder(root, config), config, "running", progress=0.5, pid=0)  # of a process that is gone

    def ended(self, timeout: float) -> list[Ended]:
        self.n_free += 1
        end = self.ends.pop(0)
        if end is KeyboardInterrupt:
            raise KeyboardInterrupt
        return [replace(end, number=self.given[-1])]

    def close(self) -> None:
        self.closed = True


DONE, DIED, FAILED = Ended(0, accuracy=0.5), Ended(0, reason="killed", died=True), Ended(0, reason="too large")


def run_script(ends: list[Any], root: Path, *, retries: int = 2, n_cells: int = 2) -> tuple[list[Cell], Workers]:
    cells = [Cell(RunConfig(seed=seed)) for seed in range(n_cells)]
    workers = Workers(ends)
    return train_all(cells, root, pool=workers, retries=retries, show=lambda _: None), workers


def test_a_run_whose_worker_died_is_the_next_to_be_taken(tmp_path: Path) -> None:
    cells, workers = run_script([DIED, DIED, DONE, DONE], tmp_path)
    assert workers.given == [0, 0, 0, 1]
    assert [(each.state, each.tries, each.note) for each in cells] == [
        ("done", 3, "test accuracy 50.00 %"),
        ("done", 1, "test accuracy 50.00 %"),
    ]
    assert workers.closed


def test_after_too_many_deaths_a_run_has_failed_and_its_status_says_why(tmp_path: Path) -> None:
    cells, workers = run_script([DIED, DIED, DONE], tmp_path, retries=1)
    assert workers.given == [0, 0, 1]
    assert (cells[0].state, cells[0].note) == ("failed", "its worker died 2 times (killed)")
    partial = read_partial(partial_folder(tmp_path, cells[0].config))
    assert (partial.state, partial.message) == ("failed", "its worker died 2 times (killed)")
    assert cells[1].state == "done"


def test_a_run_that_failed_is_not_tried_again_and_the_rest_go_on(tmp_path: Path) -> None:
    cells, workers = run_script([FAILED, DONE], tmp_path)
    assert workers.given == [0, 1]
    assert [(each.state, each.note) for each in cells] == [("failed", "too large"), ("done", "test accuracy 50.00 %")]


def test_an_interruption_ends_the_workers_and_says_so_of_their_runs(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_script([DONE, KeyboardInterrupt], tmp_path, n_cells=3)
    partial = read_partial(partial_folder(tmp_path, RunConfig(seed=1)))
    assert (partial.state, partial.message, partial.progress) == ("interrupted", "stopped by the user", 0.5)
    assert not partial_folder(tmp_path, RunConfig(seed=2)).exists()


# On Ray


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
