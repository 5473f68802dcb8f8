"""The route of BertViz's pages: what it serves, and the policy that keeps a page away from the app."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import config
from streamlit.web.server.starlette.starlette_app import create_streamlit_middleware

from amplify_viz.bertviz_pages import SCRIPTS
from amplify_viz.ui import server
from amplify_viz.ui.security import inline_script_hashes, page_headers
from amplify_viz.ui.server import PageStore

PAGE = "<!doctype html><title>é</title><script src='https://elsewhere.example/a.js'></script><script>draw()</script>"


@pytest.fixture
def pages() -> PageStore:
    return PageStore(10_000)


@pytest.fixture
def client(pages: PageStore) -> TestClient:
    """The routes behind our middleware and Streamlit's own, as `st.App` puts them together."""
    middleware = [*server.middleware(), *create_streamlit_middleware()]
    return TestClient(Starlette(routes=server.routes(pages=pages), middleware=middleware), "http://localhost:8501")


def policy_of(text: str) -> dict[str, list[str]]:
    """The sources of each directive of a content security policy."""
    return {name: sources for name, *sources in (part.split() for part in text.split(";"))}


def test_a_published_page_comes_back_as_html_for_ever(client: TestClient, pages: PageStore) -> None:
    answer = client.get(f"/page/{pages.put(PAGE.encode())}", headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "identity"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_may_load_the_scripts_of_bertviz_and_do_nothing_else(client: TestClient, pages: PageStore) -> None:
    answer = client.get(f"/page/{pages.put(PAGE.encode())}")
    policy = policy_of(answer.headers["Content-Security-Policy"])
    assert policy == {
        "default-src": ["'none'"],
        "script-src": [*(f"'{digest}'" for digest in inline_script_hashes("<script>draw()</script>")), *SCRIPTS],
        "style-src": ["'unsafe-inline'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-scripts"],
    }


def test_a_page_without_scripts_may_run_none() -> None:
    assert policy_of(page_headers("<p>text</p>", ())["Content-Security-Policy"])["script-src"] == ["'none'"]


def test_no_other_answer_has_a_pages_policy(client: TestClient, pages: PageStore) -> None:
    pages.put(PAGE.encode())
    for path in (server.WEB.path("views.css"), "/chunk/nothing/heads/0/tokens/shown", "/nothing"):
        policy = policy_of(client.get(path).headers["Content-Security-Policy"])
        assert policy["frame-ancestors"] == ["'none'"]
        assert [source for sources in policy.values() for source in sources if "cloudflare" in source] == []


def test_a_page_that_had_to_go_is_told_of_in_its_frame(client: TestClient) -> None:
    answer = client.get(f"/page/{'0' * 64}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert answer.text == "This page is no longer kept: press the button above it again."
    assert policy_of(answer.headers["Content-Security-Policy"])["frame-ancestors"] == ["'self'"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_route_only_reads(client: TestClient, pages: PageStore, method: str) -> None:
    path = f"/page/{pages.put(PAGE.encode())}"
    assert client.request(method, path).status_code == 405
    assert client.head(path).status_code == 200


def test_equal_bytes_have_one_address_their_sha256(pages: PageStore) -> None:
    assert pages.put(b"numbers") == pages.put(b"num" + b"bers") == hashlib.sha256(b"numbers").hexdigest()


def test_the_least_recently_used_goes_first() -> None:
    pages = PageStore(30)
    first, second, third = (pages.put(bytes([k]) * 10) for k in range(3))
    pages.get(first)
    fourth = pages.put(bytes([3]) * 10)
    assert [pages.get(digest) is not None for digest in (first, second, third, fourth)] == [True, False, True, True]
    pages.put(bytes([4]) * 25)
    assert [pages.get(digest) for digest in (first, third, fourth)] == [None, None, None]


def test_publishing_the_same_bytes_again_keeps_them_and_pushes_nothing_out() -> None:
    pages = PageStore(20)
    first, second = pages.put(b"a" * 10), pages.put(b"b" * 10)
    assert pages.put(b"a" * 10) == first
    pages.put(b"c" * 10)
    assert (pages.get(first), pages.get(second)) == (b"a" * 10, None)


def test_bytes_above_the_limit_are_refused_with_the_rule_and_the_remedy() -> None:
    pages = PageStore(1000)
    kept = pages.put(b"small")
    with pytest.raises(
        ValueError, match=r"At most 1,000 bytes can be published at once, not 1,001: choose fewer heads"
    ):
        pages.put(bytes(1001))
    assert pages.get(kept) == b"small"


def test_eight_threads_never_exceed_the_limit_nor_mix_up_their_bytes() -> None:
    pages = PageStore(2000)

    def publish_and_fetch(seed: int) -> set[str]:
        random, digests = Random(seed), set()
        for _ in range(300):
            data = random.randbytes(random.randint(1, 200))
            digest = pages.put(data)
            assert pages.get(digest) in {data, None}
            digests.add(digest)
        return digests

    with ThreadPoolExecutor(8) as pool:
        digests = set[str]().union(*pool.map(publish_and_fetch, [seed // 2 for seed in range(8)]))
    assert 0 < sum(len(pages.get(digest) or b"") for digest in digests) <= 2000
    last = [pages.put(bytes([k]) * 200) for k in range(10)]
    assert all(pages.get(digest) is not None for digest in last), "bytes that are gone must not count"


@pytest.fixture
def below() -> Iterator[str]:
    """A base path that the app is served below."""
    before = config.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", "/lab/")
    yield "/lab"
    config.set_option("server.baseUrlPath", before)


def test_a_pages_address_stands_below_the_base_path(
    below: str, pages: PageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PAGES", pages)
    address = server.publish_page(PAGE)
    assert address == server.publish_page(PAGE) == f"{below}/page/{pages.put(PAGE.encode())}"
    application = Starlette(routes=server.routes(pages=pages), middleware=server.middleware())
    assert TestClient(application, "http://localhost").get(address).text == PAGE
