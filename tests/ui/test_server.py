"""The app's own routes: what they serve, for how long, and what they refuse."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import config
from streamlit.web.server.starlette.starlette_app import create_streamlit_middleware

from amplify_viz.ui import server
from amplify_viz.ui.server import PageStore, WebFolder

HEAD_JS = "import { softmax } from './maths/softmax.js'\n" * 50
SetOption = Callable[[str, Any], None]


@pytest.fixture
def set_option() -> Iterator[SetOption]:
    before: dict[str, Any] = {}

    def set_and_remember(name: str, value: Any) -> None:
        before.setdefault(name, config.get_option(name))
        config.set_option(name, value)

    yield set_and_remember
    for name, value in before.items():
        config.set_option(name, value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "maths").mkdir()
    texts = {
        "head.js": HEAD_JS,
        "maths/softmax.js": "export {}",
        "app.css": "p {}",
        "README.md": "private",
        "secret.py": "private",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def client_of(web: WebFolder, pages: PageStore) -> TestClient:
    """The routes behind our middleware and Streamlit's own, as `st.App` puts them together."""
    middleware = [*server.middleware(), *create_streamlit_middleware()]
    return TestClient(
        Starlette(routes=server.routes(web=web, pages=pages), middleware=middleware), "http://localhost:8501"
    )


@pytest.fixture
def web(folder: Path) -> WebFolder:
    return WebFolder.read(folder)


@pytest.fixture
def client(web: WebFolder) -> TestClient:
    return client_of(web, PageStore(10_000))


def test_only_modules_and_styles_are_held(web: WebFolder) -> None:
    assert set(web.files) == {"head.js", "maths/softmax.js", "app.css"}


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("head.js", "text/javascript"), ("maths/softmax.js", "text/javascript"), ("app.css", "text/css")],
)
def test_a_file_is_served_with_its_type_for_ever(
    client: TestClient, web: WebFolder, folder: Path, name: str, media_type: str
) -> None:
    answer = client.get(web.path(name))
    assert answer.status_code == 200
    assert answer.content == (folder / name).read_bytes()
    assert answer.headers["Content-Type"].split(";")[0] == media_type
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_an_address_always_serves_what_its_digest_says(client: TestClient, web: WebFolder, folder: Path) -> None:
    (folder / "head.js").write_text("changed while the app runs")
    assert client.get(web.path("head.js")).text == HEAD_JS


def test_the_digest_changes_with_every_name_and_byte(web: WebFolder, folder: Path) -> None:
    digests = {web.digest}
    (folder / "app.css").write_text("q {}")
    digests.add(WebFolder.read(folder).digest)
    (folder / "app.css").rename(folder / "all.css")
    digests.add(WebFolder.read(folder).digest)
    (folder / "README.md").write_text("what is not served does not count")
    digests.add(WebFolder.read(folder).digest)
    assert len(digests) == 3


def test_an_unknown_file_is_named_with_those_that_exist(web: WebFolder) -> None:
    with pytest.raises(ValueError, match=r"app\.css, head\.js, .*'haed\.js' is not one of them"):
        web.path("haed.js")


@pytest.mark.parametrize(
    "name",
    ["secret.py", "README.md", "nothing.js", "", "%2e%2e/app.py", "maths/%2e%2e/secret.py", "/etc/passwd", "%00"],
)
def test_nothing_else_can_be_had(client: TestClient, web: WebFolder, name: str) -> None:
    answer = client.get(f"/web/{web.digest}/{name}")
    assert answer.status_code in {400, 404}
    assert "private" not in answer.text


def test_a_page_of_an_older_version_is_told_to_reload(client: TestClient) -> None:
    answer = client.get("/web/0123456789abcdef/head.js")
    assert (answer.status_code, answer.text) == (404, "This version of the app has no such file: reload the page.")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_route_only_reads(client: TestClient, web: WebFolder, method: str) -> None:
    path = web.path("head.js")
    assert client.request(method, path).status_code == 405
    assert client.head(path).status_code == 200


def test_modules_are_compressed_where_the_browser_accepts_it(client: TestClient, web: WebFolder) -> None:
    assert client.get(web.path("head.js"), headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("base", ["", "lab", "/lab/attention/"])
def test_addresses_and_routes_stand_below_the_base_path(
    web: WebFolder, monkeypatch: pytest.MonkeyPatch, set_option: SetOption, base: str
) -> None:
    pages = PageStore(1000)
    monkeypatch.setattr(server, "WEB", web)
    monkeypatch.setattr(server, "PAGES", pages)
    set_option("server.baseUrlPath", base)
    client = client_of(web, pages)
    for address in (server.web_url("head.js"), server.publish_page("<p>numbers</p>")):
        assert address.startswith(f"/{base.strip('/')}/" if base else "/")
        assert "//" not in address
        assert client.get(address).status_code == 200


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not made for Windows")
def test_answers_leave_at_once() -> None:
    """Asyncio leaves Nagle's algorithm on for Streamlit's socket: 40 ms for each answer after the first; uvloop does not."""
    factory = uvicorn.Config(lambda: None).get_loop_factory()
    assert factory is not None
    assert factory.__module__.partition(".")[0] == "uvloop"
