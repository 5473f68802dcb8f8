"""Files read by transformers, without its talk, and with its errors in one sentence.

Public names: `reading`.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import get_session, try_to_load_from_cache
from huggingface_hub.constants import ENDPOINT
from transformers.utils import logging as transformers_logging

from amplify_viz.errors import InputError

_HUB_SECONDS = 10


class _Silence:
    """Transformers' verbosity and progress bar, which are global: off while anyone is reading, then as they were."""

    def __init__(self) -> None:
        self._lock, self._n_readers, self._before = threading.Lock(), 0, (logging.WARNING, True)

    def __enter__(self) -> None:
        with self._lock:
            if self._n_readers == 0:
                self._before = transformers_logging.get_verbosity(), transformers_logging.is_progress_bar_enabled()
                transformers_logging.set_verbosity(logging.CRITICAL)
                transformers_logging.disable_progress_bar()
            self._n_readers += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._n_readers -= 1
            if self._n_readers == 0:
                transformers_logging.set_verbosity(self._before[0])
                if self._before[1]:
                    transformers_logging.enable_progress_bar()


_SILENCE = _Silence()


@contextmanager
def reading(where: str, source: str) -> Iterator[None]:
    """Within the block transformers reads files quietly, and whatever it raises becomes an InputError of one sentence.

    A hub name that is not in the local cache is first asked for once, with a short limit: transformers alone retries
    for half a minute where there is no network.
    """
    try:
        with _SILENCE:
            if not Path(where).is_dir() and try_to_load_from_cache(where, "config.json") is None:
                get_session().head(f"{ENDPOINT}/{where}/resolve/main/config.json", timeout=_HUB_SECONDS)
            yield
    except InputError:
        raise
    except Exception as error:  # a foreign folder or the hub can make transformers raise anything
        raise InputError(_why(where, source, error)) from error


def _why(where: str, source: str, error: Exception) -> str:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(" .:")
    if Path(where).is_dir():
        return f"{source} is not a checkpoint that transformers can load ({said}): save the model and its tokenizer there again."
    return (
        f"{source!r} is no local folder, and the hub could not give it ({said}): check the name and the network, or give a "
        f"local folder; 'minilm' needs no network."
    )
