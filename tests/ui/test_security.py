"""Which hosts and origins the app answers to, the headers of its answers, and its settings."""

import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket
from streamlit import config

from amplify_viz.ui.security import HostGuard, SecurityHeaders, inline_script_hashes, is_allowed, security_headers

SETTINGS = Path(__file__).parents[2] / ".streamlit" / "config.toml"


@pytest.fixture
def options() -> Iterator[dict[str, Any]]:
    """What the settings say; a test may change it before it makes a client."""
    values: dict[str, Any] = {"server.address": "127.0.0.1", "browser.serverAddress": "localhost"}
    values |= {"server.allowedHosts": [], "server.corsAllowedOrigins": [], "server.enableCORS": True}
    before = {name: config.get_option(name) for name in values}
    yield values
    for name, value in before.items():
        config.set_option(name, value)


def client_with(options: dict[str, Any]) -> TestClient:
    for name, value in options.items():
        config.set_option(name, value)

    async def say_hello(request: Request) -> PlainTextResponse:
        return PlainTextResponse("hello", headers={"Referrer-Policy": "same-origin"})

    async def accept(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    routes = [Route("/", say_hello), WebSocketRoute("/", accept)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(SecurityHeaders), Middleware(HostGuard)]))


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8501", "localhost.", "127.0.0.1:8501", "[::1]:8501"])
def test_this_machines_own_names_are_answered(options: dict[str, Any], host: str) -> None:
    assert client_with(options).get("/", headers={"Host": host}).text == "hello"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:8501", "me@localhost", "localhost/", "[::1", ""]
)
def test_any_other_name_is_refused_with_the_setting_that_would_allow_it(options: dict[str, Any], host: str) -> None:
    answer = client_with(options).get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert (
        answer.text
        == f"This app does not answer to the host name {host!r}: start it with --server.allowedHosts=<that name>."
    )


def test_the_names_in_the_settings_are_answered(options: dict[str, Any]) -> None:
    options |= {
        "server.address": "10.0.0.7",
        "browser.serverAddress": "lab.example.org/attention",
        "server.allowedHosts": ["*.uni.example"],
    }
    client = client_with(options)
    for host in ("10.0.0.7:8501", "lab.example.org", "gpu3.uni.example:8600", "localhost"):
        assert client.get("/", headers={"Host": host}).status_code == 200
    for host in ("uni.example", "notuni.example", "example.org"):
        assert client.get("/", headers={"Host": host}).status_code == 400


def test_listening_on_every_interface_allows_no_further_name(options: dict[str, Any]) -> None:
    client = client_with(options | {"server.address": "0.0.0.0"})
    assert client.get("/", headers={"Host": "0.0.0.0:8501"}).status_code == 400


def test_a_star_allows_every_well_formed_name() -> None:
    assert is_allowed("anything.example:1", {"*"})
    assert not is_allowed("any thing", {"*"})


def test_a_websocket_is_accepted_from_this_apps_pages_and_from_programs(options: dict[str, Any]) -> None:
    client = client_with(options | {"server.corsAllowedOrigins": ["https://portal.example"]})
    for origin in ("http://localhost:8501", "http://127.0.0.1:8501", "https://portal.example"):
        with client.websocket_connect("/", headers={"Host": "localhost:8501", "Origin": origin}):
            pass
    with client.websocket_connect("/", headers={"Host": "localhost:8501"}):
        pass


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example", "https://portal.example:444"]
)
def test_a_websocket_from_another_sites_page_is_refused(options: dict[str, Any], origin: str) -> None:
    client = client_with(options | {"server.corsAllowedOrigins": ["https://portal.example"]})
    with pytest.raises(WebSocketDenialResponse) as refused:
        client.websocket_connect("/", headers={"Host": "localhost:8501", "Origin": origin}).__enter__()
    assert refused.value.status_code == 400
    assert (
        refused.value.text
        == f"Pages of {origin!r} may not use this app: start it with --server.corsAllowedOrigins=<that origin>."
    )


def test_a_websocket_to_a_foreign_host_name_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(WebSocketDenialResponse) as refused:
        client_with(options).websocket_connect("/", headers={"Host": "evil.example"}).__enter__()
    assert refused.value.status_code == 400
    assert "host name 'evil.example'" in refused.value.text


@pytest.mark.parametrize(("path", "host"), [("/", "localhost"), ("/missing", "localhost"), ("/", "evil.example")])
def test_every_answer_carries_the_headers(options: dict[str, Any], path: str, host: str) -> None:
    headers = client_with(options).get(path, headers={"Host": host}).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_a_header_that_an_answer_already_has_stays(options: dict[str, Any]) -> None:
    client = client_with(options)
    assert client.get("/", headers={"Host": "localhost"}).headers["Referrer-Policy"] == "same-origin"
    assert client.get("/missing", headers={"Host": "localhost"}).headers["Referrer-Policy"] == "no-referrer"


def test_the_hash_is_the_one_of_the_specifications_example() -> None:
    """Content Security Policy Level 3, section 2.3.1."""
    assert inline_script_hashes("<script>alert('Hello, world.');</script>") == [
        "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
    ]


def test_each_inline_script_counts_and_one_with_a_source_does_not() -> None:
    one, two = "<script>\n if (1 < 2 && '&amp;') {}\n</script>", "<script>two()</script>"
    page = f"<p>text</p><script type=module src='a.js'></script>{one}<b>x</b>{two}"
    assert inline_script_hashes(page) == inline_script_hashes(one) + inline_script_hashes(two)
    assert len(set(inline_script_hashes(page))) == 2


def test_the_policy_allows_exactly_the_inline_scripts_of_the_installed_streamlit() -> None:
    page = resources.files("streamlit").joinpath("static/index.html").read_text("utf-8")
    inline = re.findall(r"<script>.*?</script>", page, flags=re.DOTALL)
    policy = security_headers(page)["Content-Security-Policy"]
    assert set(re.findall(r"'(sha256-[^']+)'", policy)) == {
        digest for script in inline for digest in inline_script_hashes(script)
    }
    assert len(inline) > 0
    assert "unsafe-eval" not in policy
    assert re.search(r"script-src [^;]*unsafe-inline", policy) is None


def flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, other: str) -> float:
    """WCAG 2.2's contrast ratio, from 1 to 21."""
    low, high = sorted((luminance(colour), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_streamlit_knows_every_setting() -> None:
    known = config.get_config_options()
    assert [name for name, _ in flat(tomllib.loads(SETTINGS.read_text())) if name not in known] == []


def test_the_app_stays_on_this_machine_and_tells_nobody() -> None:
    settings = dict(flat(tomllib.loads(SETTINGS.read_text())))
    assert settings["server.address"] == "127.0.0.1"
    assert settings["browser.gatherUsageStats"] is False
    assert not any("://" in str(value) for value in settings.values())


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_and_accents_can_be_read_on_every_surface(mode: str) -> None:
    theme = tomllib.loads(SETTINGS.read_text())["theme"][mode]
    for section in (theme, theme["sidebar"]):
        for surface in (section["backgroundColor"], section["secondaryBackgroundColor"]):
            assert contrast(theme["textColor"], surface) >= 7
            assert contrast(theme["linkColor"], surface) >= 4.5
            assert contrast(theme["primaryColor"], surface) >= 3
    assert contrast(theme["primaryColor"], "#ffffff") >= 4.5, "Streamlit writes white on it"
