"""Ray: started here or joined, and the worker processes on it that train one run after another.

Public names: `Share`, `Pool`, `Ended`, `connected`.
"""

import contextlib
import gc
import os
import secrets
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amplify_viz import InputError, RunConfig

_OBJECT_STORE = 80 * 2**20  # bytes: near the least that Ray takes; what goes through it is small
_SOCKETS = "/tmp"  # a socket's path has at most 107 characters
_END_WITHIN = 15.0  # seconds
_HEARD_WITHIN = 10.0  # seconds
_STOPS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Share:
    """What one run gets: CPUs (also torch's threads) and GPUs (None: 1 where there are any); workers: at most so many."""

    cpus: int = 1
    gpus: float | None = None
    workers: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("cpus-per-run", self.cpus), ("workers", self.workers)):
            if value is not None and value < 1:
                raise InputError(f"--{name} is 1 or more, got {value}: choose a number of CPUs or processes.")
        if self.gpus is not None and not (0 <= self.gpus <= 1 or self.gpus == round(self.gpus) > 1):
            raise InputError(
                f"--gpus-per-run is a share of one GPU or a whole number, got {self.gpus}: 0.5 lets two runs share one."
            )

    def gpus_of(self, resources: Mapping[str, float]) -> float:
        """GPUs that a run gets of these resources."""
        return float(resources.get("GPU", 0) >= 1) if self.gpus is None else self.gpus

    def n_workers(self, resources: Mapping[str, float]) -> int:
        """How many runs fit on these CPUs and GPUs at a time, and are wanted.

        A share of a GPU lies on one GPU.  Raises InputError where no run fits.
        """
        gpus, fitting = self.gpus_of(resources), int(resources.get("CPU", 0) / self.cpus)
        seen = int(resources.get("GPU", 0))
        if gpus:
            fitting = min(fitting, seen * int(1 / gpus + 1e-9) if gpus <= 1 else int(seen / gpus))
        if fitting == 0:
            raise InputError(
                f"A run needs {self.cpus} CPUs and {gpus:g} GPUs, Ray has {resources.get('CPU', 0):g} and {seen} here: lower "
                f"--cpus-per-run or --gpus-per-run."
            )
        return fitting if self.workers is None else min(fitting, self.workers)


class Worker:
    """The process that trains: torch is loaded once for all of its runs.  Made by Ray; one run at a time."""

    def __init__(self, folder: str, n_threads: int, *, hide_gpus: bool) -> None:
        os.chdir(folder)  # the paths of data and backbones may be relative
        if hide_gpus:
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        import torch

        from training.loop import train

        torch.set_num_threads(n_threads)
        self._train, self._cuda = train, torch.cuda

    def ready(self) -> None:
        """Returns when the process is up."""

    def train(self, config: RunConfig, root: Path) -> float:
        """Returns the run's test accuracy, in [0, 1].  Raises what training raises."""
        try:
            return self._train(config, root).metrics["test"]["accuracy"]
        finally:
            gc.collect()
            if self._cuda.is_initialized():
                self._cuda.empty_cache()  # others may share the GPU


@dataclass(frozen=True)
class Ended:
    """How a worker's run ended: with an accuracy or with a reason; died: the worker itself ended, not the run."""

    number: int
    accuracy: float | None = None
    reason: str = ""
    died: bool = False
    traceback: str = ""


class Pool:
    """Workers on a Ray that is connected.  Public: `n_workers`, `n_free`, `give`, `ended`, `close`.

    Raises InputError where no run fits.
    """

    def __init__(self, share: Share, *, n_runs: int) -> None:
        import ray

        resources: Mapping[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        self.n_workers = min(n_runs, share.n_workers(resources))
        gpus = share.gpus_of(resources)
        options = {"num_cpus": share.cpus, "num_gpus": gpus, "max_restarts": 0, "max_task_retries": 0}
        self._kind: Any = ray.remote(Worker).options(**options)
        self._settings: tuple[tuple[str, int], dict[str, bool]] = (
            (str(Path.cwd()), share.cpus),
            {"hide_gpus": not gpus},
        )
        self._free: list[Any] = []
        self._starting: dict[Any, Any] = {}  # an answer that is awaited -> the worker
        self._busy: dict[Any, tuple[Any, int]] = {}  # … -> the worker and the number of its run
        self._stillborn = 0
        for _ in range(self.n_workers):
            self._start()

    @property
    def n_free(self) -> int:
        """Workers that wait for a run."""
        return len(self._free)

    def _start(self) -> None:
        worker = self._kind.remote(*self._settings[0], **self._settings[1])
        self._starting[worker.ready.remote()] = worker

    def give(self, number: int, config: RunConfig, root: Path) -> None:
        """Lets a free worker train a run, which is called by its number from now on."""
        worker = self._free.pop()
        self._busy[worker.train.remote(config, root)] = (worker, number)

    def ended(self, timeout: float) -> list[Ended]:
        """The runs that have ended, waiting up to timeout (in seconds) for the first.

        Raises InputError where workers die again and again before they are up.
        """
        import ray

        answers, _ = ray.wait([*self._starting, *self._busy], num_returns=1, timeout=timeout)
        return [ended for answer in answers if (ended := self._take(answer)) is not None]

    def _take(self, answer: Any) -> Ended | None:
        import ray

        worker, number = self._busy.pop(answer, (self._starting.pop(answer, None), None))
        try:
            accuracy = ray.get(answer)
        except ray.exceptions.RayTaskError as error:
            self._after_error(worker, sound=isinstance(error.cause, InputError))
            return None if number is None else _failed(number, error)
        except ray.exceptions.RayError as error:
            self._after_error(worker, sound=False)
            if number is None:
                self._count_stillborn(error)
                return None
            return Ended(number, reason=_cause_of_death(error), died=True)
        self._stillborn = 0
        self._free.append(worker)
        return None if number is None else Ended(number, accuracy=accuracy)

    def _after_error(self, worker: Any, *, sound: bool) -> None:
        """A worker goes on after what a person can mend; after anything else a new process takes its place."""
        import ray

        if sound:
            self._free.append(worker)
        else:
            ray.kill(worker)
            self._start()

    def _count_stillborn(self, error: Exception) -> None:
        self._stillborn += 1
        if self._stillborn > 2 * self.n_workers:
            raise InputError(
                f"No worker comes up ({_cause_of_death(error)}): on a cluster all machines share the code, its libraries and "
                f"this folder, under the same paths."
            ) from error

    def close(self) -> None:
        """Ends all workers, whatever they do; from now on nobody hears Ctrl-C.  Does nothing the second time."""
        import ray

        _on_stop(lambda _: signal.SIG_IGN)
        workers = [*self._free, *self._starting.values(), *(worker for worker, _ in self._busy.values())]
        for worker in workers:
            ray.kill(worker)
        if self._busy:
            ray.wait(list(self._busy), num_returns=len(self._busy), timeout=_END_WITHIN)
        self._free, self._starting, self._busy = [], {}, {}


def _failed(number: int, error: Any) -> Ended:
    cause = error.cause
    if isinstance(cause, InputError):
        return Ended(number, reason=str(cause))
    return Ended(number, reason=f"{type(cause).__name__}: {cause}", traceback=str(error))


def _cause_of_death(error: Exception) -> str:
    """The last line that Ray says of it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[-1].rstrip(".")


@contextlib.contextmanager
def connected(share: Share, address: str | None, *, n_runs: int) -> Iterator[Pool]:
    """Within the block, a Pool for so many runs, on the cluster at an address or on a Ray started here.

    Leaving it ends every worker, and the Ray that was started here.  SIGTERM is raised as KeyboardInterrupt.  Raises
    InputError where the cluster is not reached and where no run fits.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    before = {number: signal.getsignal(number) for number in _STOPS}
    with contextlib.ExitStack() as stack:
        stack.callback(_on_stop, before.get)
        _on_stop(lambda _: signal.default_int_handler)
        _connect_aside(stack.enter_context(ThreadPoolExecutor(1)), share, address, stack)
        pool = Pool(share, n_runs=n_runs)
        stack.callback(pool.close)
        yield pool


def _on_stop(handler: Callable[[signal.Signals], Any]) -> None:
    """Has a handler for each of the signals that end a grid; only a main thread may."""
    if threading.current_thread() is threading.main_thread():
        for number in _STOPS:
            signal.signal(number, handler(number))


def _connect_aside(aside: Executor, share: Share, address: str | None, stack: contextlib.ExitStack) -> None:
    """Connects in another thread, to be able to stop: in the main one Ray takes SIGTERM and may lose Ctrl-C as it starts.

    The thread has to stay: Ray's processes end with the one that began them.
    """
    connecting = aside.submit(_connect, share, address, stack)
    try:
        connecting.result()
    except KeyboardInterrupt:
        _on_stop(lambda _: signal.SIG_IGN)
        wait([connecting])
        raise
    _on_stop(lambda _: signal.default_int_handler)  # once more: Ray's own come with it


def _connect(share: Share, address: str | None, stack: contextlib.ExitStack) -> None:
    """Starts or joins Ray; leaving the stack undoes it."""
    import ray

    quiet: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False}
    if address is None:
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # or Ray would write one to the home folder
        folder = tempfile.mkdtemp(prefix="grid-", dir=_SOCKETS)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(ray.shutdown)
        local: dict[str, Any] = {
            "num_cpus": share.cpus * share.workers if share.workers else None,
            "include_dashboard": False,
            "object_store_memory": _OBJECT_STORE,
            "_temp_dir": folder,
        }
        ray.init("local", **local, **quiet)
        return
    stack.callback(ray.shutdown)
    try:
        _check_heard(address)
        ray.init(address, **quiet)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise InputError(
            f"There is no Ray cluster to join at {address!r} ({_cause_of_death(error)}): check --address and, where the cluster "
            f"asks for one, the token in RAY_AUTH_TOKEN."
        ) from error


def _check_heard(address: str) -> None:
    """Raises OSError where nobody listens at host:port: Ray would ask for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=_HEARD_WITHIN).close()
