"""Every cache of the app: the loaded checkpoints and the records of recent texts, shared by all sessions.

Keys are short strings: a source with the state of its files, and the texts.  Checkpoints are bounded by number, records
by the bytes of their tensors.
"""

import gc
import os
from dataclasses import replace
from pathlib import Path
from threading import Lock

import streamlit as st
from cachetools import LRUCache
from torch import Tensor

from amplify_viz.checkpoints import Checkpoint, load
from amplify_viz.records import AttentionRecord, capture

MAX_CHECKPOINTS = 8
MAX_RECORD_BYTES = 2**30


def runs_folder() -> Path:
    """Where the app looks for runs: the environment's AMPLIFY_VIZ_RUNS, by default `runs`."""
    return Path(os.environ.get("AMPLIFY_VIZ_RUNS", "runs"))


def allowed_roots() -> list[Path]:
    """Folders below which a path that a person types may lie: runs, the app's own, and those in AMPLIFY_VIZ_ROOTS."""
    more = os.environ.get("AMPLIFY_VIZ_ROOTS", "")
    return [runs_folder(), Path.cwd(), *(Path(root) for root in more.split(os.pathsep) if root)]


def record_of(source: str, text: str, text_pair: str | None, *, name: str) -> AttentionRecord:
    """The record of a text or pair, captured once for all sessions, its checkpoint called `name`.

    A source whose files have changed since is loaded again.  Raises InputError as `load` and `capture` do.
    """
    key = (source, _state_of(source), text, text_pair)
    records, lock = _records()
    with lock:
        found = records.get(key)
    if found is None:
        found = capture(_checkpoint(*key[:2]), text, text_pair)
        with lock:
            if _n_bytes(found) <= MAX_RECORD_BYTES:
                records[key] = found
    return replace(found, checkpoint=name)


@st.cache_resource(max_entries=MAX_CHECKPOINTS, show_spinner=False)
def _checkpoint(source: str, state: str) -> Checkpoint:  # noqa: ARG001 - a part of the cache's key
    checkpoint = load(source)
    _settle()
    return checkpoint


def _settle() -> None:
    """Moves what is loaded out of the garbage collector's sight, what was evicted before collected.

    Streamlit collects after each run of the script, before the browser gets the run's last elements: over the objects of
    torch and transformers that takes a third of a second, each time.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False)
def _records() -> tuple[LRUCache[tuple[str, str, str, str | None], AttentionRecord], Lock]:
    return LRUCache(MAX_RECORD_BYTES, getsizeof=_n_bytes), Lock()


def _state_of(source: str) -> str:
    """Size and time of each file of a local source that decides what it is, "" for others."""
    folder = Path(source).expanduser()
    paths = sorted(path for kind in ("*.safetensors", "*.json", "*.txt", "*.model") for path in folder.glob(kind))
    return ";".join(f"{path.stat().st_size}@{path.stat().st_mtime_ns}" for path in paths)


def _n_bytes(record: AttentionRecord) -> int:
    return sum(value.nbytes for value in vars(record).values() if isinstance(value, Tensor))
