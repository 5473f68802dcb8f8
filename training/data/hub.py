"""The paper's data sets by name, from the Hugging Face hub.

The hub keeps every public data set as Parquet at the revision `refs/convert/parquet`, in `<config>/<split>/0000.parquet`
and, where one file is not enough, `0001.parquet` and so on.  What is once in the local cache is read from there.

SST-2 and SST-5 are those of SetFit: sentences only, the official splits with the labels of test, which GLUE hides.  What
the paper calls Yelp-5 has 560,000 rows of train and two labels: it is `yelp-polarity`, or `yelp` for short; `yelp-5` is the
set with five stars, which the paper does not use.  TREC, IMDB and both Yelps have no dev split: it is held out from train.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from huggingface_hub import get_session, snapshot_download
from huggingface_hub.constants import ENDPOINT
from huggingface_hub.errors import LocalEntryNotFoundError

from amplify_viz.errors import DataError
from amplify_viz.reading.columns import Labelled
from amplify_viz.reading.tables import Row, read_table
from training.data.assemble import assemble
from training.data.dataset import Dataset

_REVISION = "refs/convert/parquet"
_SECONDS = 8  # to answer a first question; the hub's own library retries for half a minute


@dataclass(frozen=True)
class HubData:
    """Where a data set lies on the hub.

    splits: our split -> its name there and its official number of rows.  text, text_pair, label: columns.
    label_names: the names that whole-number labels stand for; None where the numbers are the names.
    """

    hub_id: str
    config: str
    splits: Mapping[str, tuple[str, int]]
    text: str = "text"
    text_pair: str | None = None
    label: str = "label"
    label_names: tuple[str, ...] | None = None


def _splits(train: int, test: int, dev: int | None = None) -> dict[str, tuple[str, int]]:
    given = {"train": ("train", train), "test": ("test", test)}
    return given if dev is None else {**given, "dev": ("validation", dev)}


# In the hub's order: a label there is an index into these.
_TREC_COARSE = ("ABBR", "ENTY", "DESC", "HUM", "LOC", "NUM")
_TREC_FINE = {
    "ABBR": "abb exp",
    "ENTY": "animal body color cremat currency dismed event food instru lang letter other plant product religion sport "
    "substance symbol techmeth termeq veh word",
    "DESC": "def desc manner reason",
    "HUM": "gr ind title desc",
    "LOC": "city country mount other state",
    "NUM": "code count date dist money ord other period perc speed temp volsize weight",
}

_TREC = HubData("CogComp/trec", "default", _splits(5452, 500), label="coarse_label", label_names=_TREC_COARSE)

HUB_DATA: dict[str, HubData] = {
    "mrpc": HubData("nyu-mll/glue", "mrpc", _splits(3668, 1725, 408), text="sentence1", text_pair="sentence2"),
    "sst2": HubData("SetFit/sst2", "default", _splits(6920, 1821, 872)),
    "sst5": HubData("SetFit/sst5", "default", _splits(8544, 2210, 1101)),
    "trec-coarse": _TREC,
    "trec-fine": replace(
        _TREC,
        label="fine_label",
        label_names=tuple(f"{coarse}:{fine}" for coarse, fines in _TREC_FINE.items() for fine in fines.split()),
    ),
    "yelp-polarity": HubData("fancyzhx/yelp_polarity", "plain_text", _splits(560_000, 38_000)),
    "yelp-5": HubData("Yelp/yelp_review_full", "yelp_review_full", _splits(650_000, 50_000)),
    "imdb": HubData("stanfordnlp/imdb", "plain_text", _splits(25_000, 25_000)),
}
ALIASES = {"yelp": "yelp-polarity"}


def load_named(name: str, *, seed: int, dev_share: float, test_share: float) -> Dataset:
    """The data set of a name in HUB_DATA or ALIASES, downloaded once.

    facts["source"] says which version of the hub's it is.  Raises DataError where the hub cannot be reached, at most
    10 seconds after it was first asked, and where what it gave is not the official number of rows.
    """
    official = ALIASES.get(name, name)
    entry = HUB_DATA[official]
    snapshot = fetch(official, entry)
    labelled = {split: _read_split(snapshot, official, split=split) for split in entry.splits}
    data = assemble(
        labelled,
        {split: f"{split} of {official}" for split in entry.splits},
        name=official,
        seed=seed,
        dev_share=dev_share,
        test_share=test_share,
    )
    note = f"From the hub: {entry.hub_id}, {entry.config}, version {snapshot.name}."
    source = {"hub_id": entry.hub_id, "config": entry.config, "version": snapshot.name}
    return replace(data, notes=(note, *data.notes), facts={**data.facts, "source": source})


def fetch(name: str, entry: HubData) -> Path:
    """The folder in the hub's cache that holds `<config>/<split>/*.parquet`; its name is the version, a commit.

    Downloads what is missing.  Raises DataError where that fails.
    """
    patterns = [f"{entry.config}/{split}/*.parquet" for split, _ in entry.splits.values()]
    cached = _cached(entry, patterns)
    if cached is not None:
        return cached
    try:
        get_session().head(f"{ENDPOINT}/api/datasets/{entry.hub_id}", timeout=_SECONDS)
        return Path(snapshot_download(entry.hub_id, repo_type="dataset", revision=_REVISION, allow_patterns=patterns))
    except Exception as error:  # whatever goes wrong between here and the hub
        said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(" .:")
        raise DataError(
            f"{name!r} comes from the hub ({entry.hub_id}), which could not give it ({said}); connect to the network, or give "
            f"a local folder or file of it (a folder called {name} is ./{name})."
        ) from error


def _cached(entry: HubData, patterns: list[str]) -> Path | None:
    try:
        folder = Path(
            snapshot_download(
                entry.hub_id, repo_type="dataset", revision=_REVISION, allow_patterns=patterns, local_files_only=True
            )
        )
    except LocalEntryNotFoundError:
        return None
    return folder if all(any(folder.glob(pattern)) for pattern in patterns) else None


def _read_split(snapshot: Path, name: str, *, split: str) -> tuple[Labelled, ...]:
    entry = HUB_DATA[name]
    hub_split, count = entry.splits[split]
    folder = snapshot / entry.config / hub_split
    parts = [read_table(path) for path in sorted(folder.glob("*.parquet"))]
    n_rows = sum(len(part.rows) for part in parts)
    if n_rows != count:
        raise DataError(
            f"{name} has {count:,} rows of {split}, but the hub gave {n_rows:,} in {folder}; delete {snapshot} and start "
            "again, or give a local folder or file."
        )
    absent = {entry.text, entry.text_pair or entry.text, entry.label}.difference(*(part.columns for part in parts[:1]))
    if absent:
        raise DataError(
            f"{name} has the columns {', '.join(sorted(absent))}, but {folder} has {', '.join(parts[0].columns)}; give a local "
            "folder or file."
        )
    return tuple(_labelled(row, entry) for part in parts for row in part.rows)


def _labelled(row: Row, entry: HubData) -> Labelled:
    """Not `read_rows`: a text of the hub's that is blank stays, for nobody could mend it."""
    pair = None if entry.text_pair is None else str(row.values[entry.text_pair])
    label = row.values[entry.label]
    return (
        str(row.values[entry.text]),
        pair,
        str(label) if entry.label_names is None else entry.label_names[int(str(label))],
    )
