"""What guards the app: which host names and origins it answers to, and the headers of every answer."""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from importlib import resources

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
EVERY_INTERFACE = ("0.0.0.0", "::")
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^][:/@?#\s]+)(?::\d+)?")


class SecurityHeaders:
    """ASGI middleware that adds `security_headers()` to every answer; a header that the answer already has stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = security_headers(resources.files("streamlit").joinpath("static/index.html").read_text("utf-8"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the app does, with the headers."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_guarded)


def security_headers(page: str) -> Mapping[str, str]:
    """The headers of every answer; the page is Streamlit's index.html, whose own inline scripts alone may run.

    Scripts, styles, fonts and connections come from this host only, and nothing may frame the app.
    """
    policy = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", "blob:", *(f"'{digest}'" for digest in inline_script_hashes(page))]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self' data: blob:",
        "worker-src": "'self' blob:",
        "frame-src": "'self' data: blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {sources}" for name, sources in policy.items()),
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def page_headers(page: str, scripts: Iterable[str]) -> Mapping[str, str]:
    """The headers of a page that is shown in a frame of the app and may load scripts from elsewhere.

    page: its HTML, whose own inline scripts may run; scripts: the only addresses that it may load anything from.
    It is in an origin of its own (sandbox), so its scripts can neither reach the app nor send anything anywhere.
    """
    policy = {
        "default-src": "'none'",
        "script-src": " ".join([*(f"'{digest}'" for digest in inline_script_hashes(page)), *scripts]) or "'none'",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "allow-scripts",
    }
    return {"Content-Security-Policy": "; ".join(f"{name} {sources}" for name, sources in policy.items())}


def inline_script_hashes(page: str) -> list[str]:
    """The hash of each script written into an HTML page, as a content security policy names it: "sha256-<base64>"."""
    finder = _InlineScripts()
    finder.feed(page)
    finder.close()
    digests = (hashlib.sha256(script.encode()).digest() for script in finder.scripts)
    return [f"sha256-{base64.b64encode(digest).decode()}" for digest in digests]


class _InlineScripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and "src" not in dict(attrs):
            self._inside = True
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"


class HostGuard:
    """ASGI middleware that refuses, with 400 and one sentence, what was not addressed to this app.

    A name that some other site's DNS points at this machine is refused (DNS rebinding), and so is a WebSocket that a
    page of another origin opens, before Streamlit would look up its own public address over the internet to compare.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._hosts = allowed_hosts()
        self._origins = frozenset(config.get_option("server.corsAllowedOrigins"))
        self._any_origin = not config.get_option("server.enableCORS")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the app does, or with the refusal."""
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse(refusal, status_code=400)(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        if scope["type"] not in {"http", "websocket"}:
            return None
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not is_allowed(host, self._hosts):
            return (
                f"This app does not answer to the host name {host!r}: start it with --server.allowedHosts=<that name>."
            )
        if scope["type"] == "websocket" and origin is not None and not self._knows(origin):
            return f"Pages of {origin!r} may not use this app: start it with --server.corsAllowedOrigins=<that origin>."
        return None

    def _knows(self, origin: str) -> bool:
        return self._any_origin or origin in self._origins or is_allowed(origin.partition("://")[2], self._hosts)


def allowed_hosts() -> frozenset[str]:
    """The host names the app answers to: this machine's own, and those that its settings name.

    The settings are server.address, server.allowedHosts ("*.example.org" stands for every name below, "*" for any
    name) and browser.serverAddress.
    """
    named = [config.get_option("server.address"), config.get_option("browser.serverAddress")]
    chosen = [name.partition("/")[0] for name in named if name and name not in EVERY_INTERFACE]
    patterns = [*THIS_MACHINE, *chosen, *config.get_option("server.allowedHosts")]
    return frozenset(pattern.strip().lower().rstrip(".") for pattern in patterns)


def is_allowed(host: str, patterns: Iterable[str]) -> bool:
    """Whether a Host header, with or without a port, names one of the hosts; a malformed one never does."""
    match = HOST.fullmatch(host)
    if match is None:
        return False
    name = match[1].strip("[]").lower().rstrip(".")
    return any(p in {name, "*"} or (p.startswith("*.") and name.endswith(p[1:])) for p in patterns)
