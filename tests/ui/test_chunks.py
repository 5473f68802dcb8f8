"""The route of the views' numbers."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from amplify_viz.rows import Difference
from amplify_viz.ui import server
from amplify_viz.ui.chunks import RECORDS, RecordStore, n_bytes
from amplify_viz.views.chunks import chunk
from tests.tiny import random_record

CLIENT = TestClient(Starlette(routes=server.routes()))
NAME = "heads/1/tokens/shown"


def test_a_records_chunk_is_served_under_its_digest() -> None:
    record = random_record(seed=11)
    answer = CLIENT.get(f"/chunk/{RECORDS.put(record)}/{NAME}")
    assert answer.status_code == 200
    assert answer.content == chunk(record, NAME)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "immutable" in answer.headers["cache-control"]


def test_two_digests_are_the_difference_of_the_first_minus_the_second() -> None:
    a, b = random_record(seed=12), random_record(seed=13)
    answer = CLIENT.get(f"/chunk/{RECORDS.put(b)}-{RECORDS.put(a)}/{NAME}")
    assert answer.content == chunk(Difference(a, b), NAME)


def test_what_is_not_there_is_one_sentence() -> None:
    record = RECORDS.put(random_record(seed=14))
    for address in ("0" * 32, f"{record}-{'0' * 32}", "..", f"{record}-{record}-{record}"):
        answer = CLIENT.get(f"/chunk/{address}/{NAME}")
        assert answer.status_code == 404
    answer = CLIENT.get(f"/chunk/{record}/heads/99/tokens/shown")
    assert (answer.status_code, "no layer 100 of 3" in answer.text) == (404, True)
    assert answer.headers["cache-control"] == "no-store"


def test_records_of_different_shapes_have_no_difference_to_serve() -> None:
    names = [RECORDS.put(random_record(seed=15, n_heads=n)) for n in (2, 4)]
    answer = CLIENT.get(f"/chunk/{'-'.join(names)}/{NAME}")
    assert (answer.status_code, "of one shape" in answer.text) == (404, True)


def test_the_least_recently_used_records_go_first_and_the_limit_holds() -> None:
    records = [random_record(seed=seed) for seed in range(4)]
    store = RecordStore(3 * n_bytes(records[0]))
    names = [store.put(record) for record in records[:3]]
    assert store.subject(names[0]) is records[0]
    store.put(records[3])
    assert [store.subject(name) is None for name in names] == [False, True, False]


def test_a_record_larger_than_the_store_is_not_kept() -> None:
    record = random_record()
    store = RecordStore(n_bytes(record) - 1)
    assert store.subject(store.put(record)) is None
