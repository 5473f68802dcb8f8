"""The route of BertViz's pages: what it serves, and the policy that keeps a page away from the app."""

from collections.abc import Iterator

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
    for path in (server.WEB.path("views.css"), f"/blob/{'0' * 64}", "/nothing"):
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
