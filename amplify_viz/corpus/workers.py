"""Windows of texts on several processes, through Ray, which is imported only here.

Public names: `measured_on_workers`.
"""

import contextlib
import os
import secrets
import shutil
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from amplify_viz.corpus.windows import Columns, Subject
from amplify_viz.errors import InputError
from amplify_viz.reading.columns import Input

_OBJECT_STORE = 80 * 2**20  # bytes: near the least that Ray takes; what goes through it is small
_SOCKETS = "/tmp"  # a socket's path has at most 107 characters
_LOOK_EVERY = 1.0  # seconds

Work = tuple[Sequence[Subject], Sequence[Input]]
"""What is missing of a window, and its texts."""


class Worker:
    """The process that measures: torch and the checkpoints are loaded once for all of its windows.  Made by Ray."""

    def __init__(self, folder: str, sources: Mapping[int, str], keys: Mapping[int, str], n_threads: int) -> None:
        os.chdir(folder)  # sources may be relative
        import torch

        from amplify_viz.checkpoints import load
        from amplify_viz.corpus.parts import content_key
        from amplify_viz.corpus.windows import measure_window

        torch.set_num_threads(n_threads)
        self._measure = measure_window
        self._checkpoints = {number: load(source) for number, source in sources.items()}
        self._changed = [
            sources[number] for number, one in self._checkpoints.items() if content_key(one) != keys[number]
        ]

    def measure(self, subjects: Sequence[Subject], inputs: Sequence[Input]) -> dict[Subject, Columns]:
        """Returns what `measure_window` does.  Raises InputError as it does, and where a checkpoint's files were changed."""
        if self._changed:
            raise InputError(
                f"Workers load checkpoints from their files, and {self._changed[0]} holds other weights or settings than those "
                f"that are compared: load it again, save it first, or measure without workers."
            )
        checkpoints = [self._checkpoints.get(number) for number in range(max(self._checkpoints) + 1)]
        return self._measure(checkpoints, subjects, inputs)  # type: ignore[arg-type]  # only those that are needed


def measured_on_workers(
    sources: Mapping[int, str],
    keys: Mapping[int, str],
    work: Mapping[int, Work],
    *,
    n_workers: int,
    n_threads: int,
    address: str | None,
) -> Iterator[tuple[int, dict[Subject, Columns]]]:
    """Measures each window on one of n_workers processes, and yields its number and what came of it, as they end.

    sources, keys: where the checkpoints' files are, and their content keys.  address: of a Ray cluster to join, whose
    machines share the code, its libraries and these paths; None starts Ray here.  Raises what measuring raises, and
    InputError where a worker dies; all workers end with the last window, or with the caller.
    Each window is measured whole by one process: the numbers are those of this one, to the last bit, for the same
    n_threads.
    """
    with _connected(min(n_workers, len(work)), n_threads, address) as ray:
        kind: Any = ray.remote(Worker).options(num_cpus=n_threads, max_restarts=0, max_task_retries=0)
        settings = (str(Path.cwd()), dict(sources), dict(keys), n_threads)
        free = [kind.remote(*settings) for _ in range(min(n_workers, len(work)))]
        waiting = deque(work.items())
        busy: dict[Any, tuple[Any, int]] = {}
        while waiting or busy:
            while free and waiting:
                number, (subjects, inputs) = waiting.popleft()
                worker = free.pop()
                busy[worker.measure.remote(subjects, inputs)] = (worker, number)
            for answer in ray.wait([*busy], num_returns=1, timeout=_LOOK_EVERY)[0]:
                worker, number = busy.pop(answer)
                found = _answer(ray, answer)
                free.append(worker)
                yield number, found


def _answer(ray: Any, answer: Any) -> dict[Subject, Columns]:
    try:
        found: dict[Subject, Columns] = ray.get(answer)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, InputError):
            raise error.cause from None
        raise
    except ray.exceptions.RayError as error:
        raise InputError(
            f"A worker ended while it measured ({_last_line(error)}): run the same again, with fewer workers where memory is "
            f"short; it goes on from what is finished."
        ) from error
    return found


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[-1].rstrip(".")


@contextlib.contextmanager
def _connected(n_workers: int, n_threads: int, address: str | None) -> Iterator[Any]:
    """Within the block Ray runs, started here or joined; leaving it ends the workers, and the Ray that was started here."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    with contextlib.ExitStack() as stack:
        stack.enter_context(_signals_kept())
        # In a thread of its own, which stays: in the main one Ray takes SIGTERM, and its processes end with their beginner.
        aside = stack.enter_context(ThreadPoolExecutor(1))
        aside.submit(_connect, n_workers * n_threads, address, stack).result()
        import ray

        yield ray


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    """What SIGINT and SIGTERM do is afterwards as it was; only a main thread may say so."""
    is_main = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)} if is_main else {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _connect(n_cpus: int, address: str | None, stack: contextlib.ExitStack) -> None:
    import ray

    quiet: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False}
    if address is not None:
        stack.callback(ray.shutdown)
        try:
            ray.init(address, **quiet)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            raise InputError(
                f"There is no Ray cluster to join at {address!r} ({_last_line(error)}): check the address."
            ) from error
        return
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # or Ray would write one to the home folder
    folder = tempfile.mkdtemp(prefix="corpus-", dir=_SOCKETS)
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    stack.callback(ray.shutdown)
    ray.init(
        "local",
        num_cpus=n_cpus,
        include_dashboard=False,
        object_store_memory=_OBJECT_STORE,
        _temp_dir=folder,
        **quiet,
    )
