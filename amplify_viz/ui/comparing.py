"""Comparisons in the background: one at a time, shared by all sessions, found again after a reload of the page.

Their numbers are kept on disk by content, so one that was ended goes on from there, even after a restart of the app.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

import streamlit as st
import torch
from cachetools import LRUCache

from amplify_viz.checkpoints import load
from amplify_viz.comparison import Choices, Comparison, compare
from amplify_viz.errors import InputError
from amplify_viz.reading import Texts
from amplify_viz.ui.resources import state_of

MOST_KEPT = 12
_FAULT = "The comparison ended with an unexpected error, which is in the log of the app: please report it."


@dataclass(frozen=True)
class Request:
    """What is compared: the sources of both sides, the texts, and how."""

    a: tuple[str, ...]
    b: tuple[str, ...]
    texts: Texts
    choices: Choices


class _Cancelled(Exception):
    """Ends a pass from within its progress."""


@dataclass
class Job:
    """A comparison that waits, runs or has ended.

    done, total: texts × checkpoints, 0 before it begins; seconds_left: None before it is known; result, or message: why there
    is none, "" while it goes on and after it was cancelled.
    """

    request: Request
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    result: Comparison | None = None
    message: str = ""
    ended: Event = field(default_factory=Event)
    cancelled: Event = field(default_factory=Event)

    def cancel(self) -> None:
        """Ends it after the batch at hand; what was measured stays on disk."""
        self.cancelled.set()

    def run(self) -> None:
        """Does the work; nothing is raised."""
        try:
            self._advance(0, 0, None)
            request = self.request
            a, b = ([load(source) for source in side] for side in (request.a, request.b))
            threads = torch.get_num_threads()  # all cores: on a page nobody waits for the bits of one thread
            self.result = compare(
                a, b, request.texts, choices=request.choices, n_threads=threads, progress=self._advance
            )
        except _Cancelled:
            pass
        except InputError as error:
            self.message = str(error)
        except Exception:
            logging.getLogger(__name__).exception("A comparison failed")
            self.message = _FAULT
        finally:
            self.ended.set()

    def _advance(self, done: int, total: int, seconds_left: float | None) -> None:
        if self.cancelled.is_set():
            raise _Cancelled
        self.done, self.total, self.seconds_left = done, total, seconds_left


class Board:
    """The recent comparisons by what they are of."""

    def __init__(self) -> None:
        self._jobs: LRUCache[tuple[Request, str], Job] = LRUCache(MOST_KEPT)
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="compare")

    def find(self, request: Request) -> Job | None:
        """The comparison of this request as its files are now, unless it was cancelled."""
        with self._lock:
            job = self._jobs.get(_key(request))
        return None if job is None or job.cancelled.is_set() else job

    def submit(self, request: Request) -> Job:
        """The comparison of this request: the one that there is, or a new one if there is none or it failed."""
        key = _key(request)
        with self._lock:
            known = self._jobs.get(key)
            if known is not None and not known.cancelled.is_set() and not known.message:
                return known
            job = self._jobs[key] = Job(request)
        self._pool.submit(job.run)
        return job


def _key(request: Request) -> tuple[Request, str]:
    return request, "|".join(state_of(source) for source in (*request.a, *request.b))


@st.cache_resource(show_spinner=False)
def board() -> Board:
    """The one board of the app."""
    return Board()
