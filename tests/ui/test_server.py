"""The app's own routes: what they serve, for how long, and what they refuse."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import config
from streamlit.web.server.starlette.starlette_app import create_streamlit_middleware

from amplify_viz.ui import server
from amplify_viz.ui.server import BlobStore, WebFolder

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


def client_of(web: WebFolder, blobs: BlobStore) -> TestClient:
    """The routes behind our middleware and Streamlit's own, as `st.App` puts them together."""
    middleware = [*server.middleware(), *create_streamlit_middleware()]
    return TestClient(
        Starlette(routes=server.routes(web=web, blobs=blobs), middleware=middleware), "http://localhost:8501"
    )


@pytest.fixture
def web(folder: Path) -> WebFolder:
    return WebFolder.read(folder)


@pytest.fixture
def blobs() -> BlobStore:
    return BlobStore(10_000)


@pytest.fixture
def client(web: WebFolder, blobs: BlobStore) -> TestClient:
    return client_of(web, blobs)


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
def test_the_routes_only_read(client: TestClient, web: WebFolder, blobs: BlobStore, method: str) -> None:
    for path in (web.path("head.js"), f"/blob/{blobs.put(b'numbers')}"):
        assert client.request(method, path).status_code == 405
        assert client.head(path).status_code == 200


def test_published_bytes_come_back_as_they_are(client: TestClient, blobs: BlobStore) -> None:
    data = bytes(5000)
    answer = client.get(f"/blob/{blobs.put(data)}", headers={"Accept-Encoding": "gzip"})
    assert answer.content == data
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Encoding"] == "identity"
    assert answer.headers["Content-Length"] == "5000"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"


def test_modules_are_compressed_where_the_browser_accepts_it(client: TestClient, web: WebFolder) -> None:
    assert client.get(web.path("head.js"), headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"


def test_bytes_that_had_to_go_are_told_of_in_one_sentence(client: TestClient) -> None:
    answer = client.get(f"/blob/{'0' * 64}")
    assert answer.status_code == 404
    assert answer.text == "The numbers of this view are no longer kept: choose the layer again, or reload the page."


def test_equal_bytes_have_one_address_their_sha256(blobs: BlobStore) -> None:
    assert blobs.put(b"numbers") == blobs.put(b"num" + b"bers") == hashlib.sha256(b"numbers").hexdigest()


def test_the_least_recently_used_goes_first() -> None:
    blobs = BlobStore(30)
    first, second, third = (blobs.put(bytes([k]) * 10) for k in range(3))
    blobs.get(first)
    fourth = blobs.put(bytes([3]) * 10)
    assert [blobs.get(digest) is not None for digest in (first, second, third, fourth)] == [True, False, True, True]
    blobs.put(bytes([4]) * 25)
    assert [blobs.get(digest) for digest in (first, third, fourth)] == [None, None, None]


def test_publishing_the_same_bytes_again_keeps_them_and_pushes_nothing_out() -> None:
    blobs = BlobStore(20)
    first, second = blobs.put(b"a" * 10), blobs.put(b"b" * 10)
    assert blobs.put(b"a" * 10) == first
    blobs.put(b"c" * 10)
    assert (blobs.get(first), blobs.get(second)) == (b"a" * 10, None)


def test_bytes_above_the_limit_are_refused_with_the_rule_and_the_remedy() -> None:
    blobs = BlobStore(1000)
    kept = blobs.put(b"small")
    with pytest.raises(ValueError, match=r"At most 1,000 bytes can be published at once, not 1,001: send one layer"):
        blobs.put(bytes(1001))
    assert blobs.get(kept) == b"small"


def test_eight_threads_never_exceed_the_limit_nor_mix_up_their_bytes() -> None:
    blobs = BlobStore(2000)

    def publish_and_fetch(seed: int) -> set[str]:
        random, digests = Random(seed), set()
        for _ in range(300):
            data = random.randbytes(random.randint(1, 200))
            digest = blobs.put(data)
            assert blobs.get(digest) in {data, None}
            digests.add(digest)
        return digests

    with ThreadPoolExecutor(8) as pool:
        digests = set[str]().union(*pool.map(publish_and_fetch, [seed // 2 for seed in range(8)]))
    assert 0 < sum(len(blobs.get(digest) or b"") for digest in digests) <= 2000
    last = [blobs.put(bytes([k]) * 200) for k in range(10)]
    assert all(blobs.get(digest) is not None for digest in last), "bytes that are gone must not count"


@pytest.mark.parametrize("base", ["", "lab", "/lab/attention/"])
def test_addresses_and_routes_stand_below_the_base_path(
    web: WebFolder, monkeypatch: pytest.MonkeyPatch, set_option: SetOption, base: str
) -> None:
    blobs = BlobStore(1000)
    monkeypatch.setattr(server, "WEB", web)
    monkeypatch.setattr(server, "BLOBS", blobs)
    set_option("server.baseUrlPath", base)
    client = client_of(web, blobs)
    for address in (server.web_url("head.js"), server.publish(b"numbers")):
        assert address.startswith(f"/{base.strip('/')}/" if base else "/")
        assert "//" not in address
        assert client.get(address).status_code == 200
