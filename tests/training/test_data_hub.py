"""The paper's data sets by name, read from a stand-in for the hub's cache; and no hub at all."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from amplify_viz.config import RunConfig
from tests.training.data_files import contents, is_one_sentence, records, sizes, write_parquet
from training.data import DataError, hub, load_dataset

VERSION = "0123456789abcdef0123456789abcdef01234567"
OFFICIAL = {
    "mrpc": (3668, 408, 1725),
    "sst2": (6920, 872, 1821),
    "sst5": (8544, 1101, 2210),
    "trec-coarse": (5452, None, 500),
    "trec-fine": (5452, None, 500),
    "yelp-polarity": (560_000, None, 38_000),
    "yelp-5": (650_000, None, 50_000),
    "imdb": (25_000, None, 25_000),
}


@pytest.fixture(autouse=True)
def no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the hub's cache: a new one, and nothing else of the hub can be reached."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def shrink(monkeypatch: pytest.MonkeyPatch, name: str, **counts: int) -> hub.HubData:
    """The entry of a data set, with other numbers of rows."""
    entry = hub.HUB_DATA[name]
    small = replace(entry, splits={split: (entry.splits[split][0], count) for split, count in counts.items()})
    monkeypatch.setitem(hub.HUB_DATA, name, small)
    return small


def snapshot(cache: Path, entry: hub.HubData) -> Path:
    """The folder of an entry's one version in the cache, where the hub's library finds it."""
    repository = cache / f"datasets--{entry.hub_id.replace('/', '--')}"
    reference = repository / "refs" / "refs" / "convert" / "parquet"
    reference.parent.mkdir(parents=True, exist_ok=True)
    reference.write_text(VERSION)
    return repository / "snapshots" / VERSION


def save(cache: Path, entry: hub.HubData, rows: dict[str, list[dict[str, Any]]]) -> None:
    for split, found in rows.items():
        write_parquet(snapshot(cache, entry) / entry.config / entry.splits[split][0] / "0000.parquet", found)


def test_the_sets_are_the_papers_with_their_official_sizes() -> None:
    found = {
        name: tuple((e.splits.get(s) or (s, None))[1] for s in ("train", "dev", "test"))
        for name, e in hub.HUB_DATA.items()
    }
    assert found == OFFICIAL and hub.ALIASES == {"yelp": "yelp-polarity"}
    assert len(hub.HUB_DATA["trec-coarse"].label_names or ()) == 6
    fine = hub.HUB_DATA["trec-fine"].label_names or ()
    assert len(fine) == 50 and (fine[0], fine[24], fine[31], fine[49]) == (
        "ABBR:abb",
        "DESC:def",
        "HUM:desc",
        "NUM:weight",
    )


def test_mrpc_has_pairs_and_all_three_splits(no_network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = shrink(monkeypatch, "mrpc", train=30, dev=6, test=8)
    rows = [{"sentence1": f"a {i}", "sentence2": f"b {i}", "label": i % 2, "idx": i} for i in range(44)]
    save(no_network, entry, {"train": rows[:30], "dev": rows[30:36], "test": rows[36:]})
    data = load_dataset(RunConfig(data="mrpc"))
    assert contents(data) == [(f"a {i}", f"b {i}", str(i % 2)) for i in range(44)]
    assert data.name == "mrpc" and sizes(data) == (30, 6, 8)
    assert data.facts["source"] == {"hub_id": "nyu-mll/glue", "config": "mrpc", "version": VERSION}
    assert data.notes == (f"From the hub: nyu-mll/glue, mrpc, version {VERSION}.",)


@pytest.mark.parametrize(
    ("name", "expected"), [("trec-coarse", ("ENTY", "DESC")), ("trec-fine", ("ABBR:exp", "ENTY:animal"))]
)
def test_trec_has_names_for_labels_and_dev_held_out(
    no_network: Path, monkeypatch: pytest.MonkeyPatch, name: str, expected: tuple[str, str]
) -> None:
    entry = shrink(monkeypatch, name, train=60, test=4)
    rows = [{"text": f"where {i} ?", "coarse_label": 1 + i % 2, "fine_label": 1 + i % 2} for i in range(64)]
    save(no_network, entry, {"train": rows[:60], "test": rows[60:]})
    data = load_dataset(RunConfig(data=name))
    assert sizes(data) == (54, 6, 4) and set(data.label_names) == set(expected)
    assert all(label == expected[int(text.split()[1]) % 2] for text, _, label in contents(data))
    assert f"6 of the 60 rows of train of {name} were held out as dev" in data.notes[1]


def test_yelp_is_polarity_and_the_five_stars_are_another_set(no_network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, n_labels in (("yelp-polarity", 2), ("yelp-5", 5)):
        entry = shrink(monkeypatch, name, train=100, test=10)
        save(
            no_network,
            entry,
            {"train": records(100, labels=range(n_labels)), "test": records(10, start=200, labels=(0, 1))},
        )
    alias, polarity, stars = (load_dataset(RunConfig(data=name)) for name in ("yelp", "yelp-polarity", "yelp-5"))
    assert alias == polarity and alias.name == "yelp-polarity"
    assert polarity.label_names == ("0", "1") and stars.label_names == ("0", "1", "2", "3", "4")


def test_a_split_in_several_files_is_read_in_their_order(no_network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = shrink(monkeypatch, "sst2", train=60, dev=4, test=4)
    save(no_network, entry, {"train": records(40), "dev": records(4, start=100), "test": records(4, start=200)})
    write_parquet(snapshot(no_network, entry) / "default" / "train" / "0001.parquet", records(20, start=40))
    data = load_dataset(RunConfig(data="sst2"))
    assert [row.text for row in data.splits["train"]] == [row["text"] for row in records(60)]


def test_a_blank_text_of_the_hubs_stays(no_network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = shrink(monkeypatch, "sst5", train=5, dev=4, test=4)
    train = [*records(4), {"text": " ", "label": "no"}]
    save(no_network, entry, {"train": train, "dev": records(4, start=100), "test": records(4, start=200)})
    assert load_dataset(RunConfig(data="sst5", noise="swap", noise_share=0.5)).splits["train"][-1].text == " "


def test_a_split_that_came_in_part_is_refused(no_network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = shrink(monkeypatch, "imdb", train=1000, test=4)
    save(no_network, entry, {"train": records(40), "test": records(4, start=200)})
    with pytest.raises(
        DataError, match=r"imdb has 1,000 rows of train, but the hub gave 40 in .*; delete .* and start again"
    ) as caught:
        load_dataset(RunConfig(data="imdb"))
    is_one_sentence(str(caught.value))


def test_other_columns_than_the_known_ones_are_named(no_network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = shrink(monkeypatch, "imdb", train=4, test=4)
    rows = [{"review": row["text"], "label": 0} for row in records(4)]
    save(no_network, entry, {"train": rows, "test": rows})
    with pytest.raises(DataError, match=r"imdb has the columns text, but .* has review, label; give a local folder"):
        load_dataset(RunConfig(data="imdb"))


@pytest.mark.parametrize("name", [*OFFICIAL, "yelp"])
def test_without_the_hub_the_remedy_is_told_at_once(name: str) -> None:
    start = time.perf_counter()
    with pytest.raises(
        DataError, match=r"comes from the hub \(.+\), which could not give it \(.+\); connect to the network, or"
    ) as caught:
        load_dataset(RunConfig(data=name))
    assert time.perf_counter() - start < 10
    is_one_sentence(str(caught.value))


def test_a_hub_that_does_not_answer_is_given_up_in_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes the call and says nothing, as behind a firewall."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub, "_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(hub, "ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        start = time.perf_counter()
        with pytest.raises(DataError, match=r"'mrpc' comes from the hub"):
            load_dataset(RunConfig(data="mrpc"))
        assert time.perf_counter() - start < 5


def test_a_folder_of_the_same_name_is_told_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_parquet(tmp_path / "sst2" / "train.parquet", records(60))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"\(a folder called sst2 is \./sst2\)"):
        load_dataset(RunConfig(data="sst2"))
    assert sizes(load_dataset(RunConfig(data="./sst2"))) == (48, 6, 6)
