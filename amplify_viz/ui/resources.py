"""Every cache of the app: the loaded checkpoints, the records of recent texts and mixes, what heads do; shared by all sessions.

Keys are short strings: a source with the state of its files, and the texts.  Checkpoints and tables are bounded by
number, records by the bytes of their tensors.
"""

import gc
import os
from dataclasses import replace
from pathlib import Path
from threading import Lock

import pandas as pd
import streamlit as st
from cachetools import LRUCache

from amplify_viz.attention import Head
from amplify_viz.checkpoints import Checkpoint, load
from amplify_viz.config import parse_layers
from amplify_viz.mixlab import MixedPass, capture_mixed
from amplify_viz.recipes.recipe import Source, source_of
from amplify_viz.records import AttentionRecord, capture
from amplify_viz.statistics import head_kinds, head_measures
from amplify_viz.ui.chunks import MAX_RECORD_BYTES, n_bytes
from amplify_viz.views.documents import digest

MAX_CHECKPOINTS = 8
MAX_MIXES = 16
MAX_KINDS = 64
Key = tuple[str, str, str, str | None, tuple[Head, ...], str]


def runs_folder() -> Path:
    """Where the app looks for runs: the environment's AMPLIFY_VIZ_RUNS, by default `runs`."""
    return Path(os.environ.get("AMPLIFY_VIZ_RUNS", "runs"))


def allowed_roots() -> list[Path]:
    """Folders below which a path that a person types may lie: runs, the app's own, and those in AMPLIFY_VIZ_ROOTS."""
    more = os.environ.get("AMPLIFY_VIZ_ROOTS", "")
    return [runs_folder(), Path.cwd(), *(Path(root) for root in more.split(os.pathsep) if root)]


def record_of(
    source: str, text: str, text_pair: str | None, *, name: str, off: tuple[Head, ...] = ()
) -> AttentionRecord:
    """The record of a text or pair with some heads off, captured once for all sessions, its checkpoint called `name`.

    A source whose files have changed since is loaded again.  Raises InputError as `load` and `capture` do.
    """
    state = state_of(source)
    key = (source, state, text, text_pair, off, name)
    records, lock = _records()
    with lock:
        found = records.get(key)
    if found is None:
        found = replace(capture(_checkpoint(source, state), text, text_pair, off=off), checkpoint=name)
        with lock:
            if n_bytes(found) <= MAX_RECORD_BYTES:
                records[key] = found
    return found


def checkpoint_of(source: str) -> Checkpoint:
    """The checkpoint of a source, loaded once for all sessions.  Raises InputError as `load` does."""
    return _checkpoint(source, state_of(source))


def origin_of(source: str) -> Source:
    """What files say of a source: its name, the hash of its weights, and its run.  Raises InputError as `load` does."""
    return _origin(source, state_of(source))


@st.cache_resource(max_entries=128, show_spinner=False)
def _origin(source: str, state: str) -> Source:
    return source_of(_checkpoint(source, state))


def kinds_of(record: AttentionRecord) -> pd.DataFrame:
    """The table of `statistics.head_kinds` of a record, measured once for all sessions: leave it as it is."""
    return _kinds(digest(record), record.checkpoint, record)


@st.cache_resource(max_entries=MAX_KINDS, show_spinner=False)
def _kinds(content: str, checkpoint: str, _record: AttentionRecord) -> pd.DataFrame:  # noqa: ARG001 - the cache's key
    return head_kinds(head_measures(_record))


def mixed_pass(
    source: str, texts: tuple[str, ...], partner: tuple[str, ...], *, method: str, layers: str, lam: float
) -> MixedPass:
    """The pass of a text mixed with a partner, and both unmixed; layers: as `parse_layers` reads them, "" for the method's.

    Raises InputError as `load` and `capture_mixed` do.
    """
    return _mixed(source, state_of(source), texts, partner, (method, layers, lam))


@st.cache_resource(max_entries=MAX_MIXES, show_spinner=False)
def _mixed(
    source: str, state: str, texts: tuple[str, ...], partner: tuple[str, ...], settings: tuple[str, str, float]
) -> MixedPass:
    method, layers, lam = settings
    acting = parse_layers(layers) if layers else None
    return capture_mixed(_checkpoint(source, state), texts, partner, mixup=method, lam=lam, layers=acting)


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
def _records() -> tuple[LRUCache[Key, AttentionRecord], Lock]:
    return LRUCache(MAX_RECORD_BYTES, getsizeof=n_bytes), Lock()


def state_of(source: str) -> str:
    """Size and time of each file of a local source that decides what it is, "" for others."""
    folder = Path(source).expanduser()
    paths = sorted(path for kind in ("*.safetensors", "*.json", "*.txt", "*.model") for path in folder.glob(kind))
    return ";".join(f"{path.stat().st_size}@{path.stat().st_mtime_ns}" for path in paths)
