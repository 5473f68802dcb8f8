"""Attention flow in the background, one at a time, shared by all sessions: it takes seconds, and can be cancelled."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

import streamlit as st
from cachetools import LRUCache
from torch import Tensor

from amplify_viz.attention import Head
from amplify_viz.recipes.rollouts import flow_from
from amplify_viz.records import AttentionRecord
from amplify_viz.statistics.rollouts import Cancelled
from amplify_viz.views.documents import digest

MOST_KEPT = 64
_FAULT = "Attention flow ended with an unexpected error, which is in the log of the app: please report it."
Key = tuple[str, tuple[Head, ...], tuple[int, ...], int]


@dataclass
class Flow:
    """One flow that waits, runs or has ended.

    tokens: of the word that it starts from, whose mean it is; layers: how many it goes through; share: done, 0 to 1; result:
    [group of the record], None until then and where it was cancelled; message: why there is none.
    """

    record: AttentionRecord
    tokens: tuple[int, ...]
    layers: int
    share: float = 0.0
    result: Tensor | None = None
    message: str = ""
    ended: Event = field(default_factory=Event)
    cancelled: Event = field(default_factory=Event)

    def run(self) -> None:
        """Does the work; nothing is raised."""
        try:
            self.result = flow_from(self.record, self.tokens, self.layers, progress=self._advance)
        except Cancelled:
            pass
        except Exception:
            logging.getLogger(__name__).exception("Attention flow failed")
            self.message = _FAULT
        finally:
            self.ended.set()

    def _advance(self, share: float) -> bool:
        self.share = share
        return self.cancelled.is_set()


class Flows:
    """The recent flows by what they are of."""

    def __init__(self) -> None:
        self._known: LRUCache[Key, Flow] = LRUCache(MOST_KEPT)
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="flow")

    def find(self, record: AttentionRecord, tokens: tuple[int, ...], layers: int) -> Flow | None:
        """The flow of these, unless it was cancelled."""
        with self._lock:
            found = self._known.get((digest(record), record.off, tokens, layers))
        return None if found is None or found.cancelled.is_set() else found

    def submit(self, record: AttentionRecord, tokens: tuple[int, ...], layers: int) -> Flow:
        """The flow of these: the one that there is, or a new one if there is none or it failed."""
        known = self.find(record, tokens, layers)
        if known is not None and not known.message:
            return known
        found = Flow(record, tokens, layers)
        with self._lock:
            self._known[digest(record), record.off, tokens, layers] = found
        self._pool.submit(found.run)
        return found


@st.cache_resource(show_spinner=False)
def flows() -> Flows:
    """The one of the app."""
    return Flows()
