"""What the app serves beside Streamlit: the browser's modules, the views' numbers, and pages of BertViz.

`app.py` mounts `routes()` and `middleware()`; components ask `web_url` for a module's address and `chunks_url` for that
of the numbers.  The routes only read and are keyed by content, so an address never changes its meaning and may be cached
for ever.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Self

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit import config

from amplify_viz.ui.security import HostGuard, SecurityHeaders, page_headers

MAX_PAGES_BYTES = 128 * 2**20
FOREVER = "max-age=31536000, immutable"
MEDIA_TYPES: Mapping[str, str] = MappingProxyType({".js": "text/javascript", ".css": "text/css"})


@dataclass(frozen=True)
class WebFolder:
    """A folder's modules and styles, as they were when the app started.

    files: content by path below the folder, nothing but .js and .css.  digest: names the whole content.
    They are held in memory, so an address always serves what its digest says, and no request reaches the disk.
    """

    files: Mapping[str, bytes]
    digest: str

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The modules and styles below a folder; a digest that changes with any name or byte of them."""
        paths = sorted(path for path in folder.rglob("*") if path.suffix in MEDIA_TYPES and path.is_file())
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        listing = "\n".join(f"{hashlib.sha256(data).hexdigest()} {name}" for name, data in files.items())
        return cls(MappingProxyType(files), hashlib.sha256(listing.encode()).hexdigest()[:16])

    def path(self, name: str) -> str:
        """Where one of the files is served, below the app's base path; ValueError if there is no such file."""
        if name not in self.files:
            known = ", ".join(self.files) or "none"
            raise ValueError(f"The browser's files are {known}; {name!r} is not one of them: correct the name.")
        return f"/web/{self.digest}/{name}"

    async def respond(self, request: Request) -> Response:
        """One file, or 404 in one sentence."""
        name = request.path_params["name"]
        if request.path_params["digest"] != self.digest or name not in self.files:
            return _not_found("This version of the app has no such file: reload the page.")
        headers = {"Cache-Control": f"public, {FOREVER}"}
        return Response(self.files[name], media_type=MEDIA_TYPES[Path(name).suffix], headers=headers)


class PageStore:
    """Published pages of BertViz by their SHA-256, each served so that it can do nothing to the app around it.

    The least recently used go first, so they never exceed `max_bytes` together.  Safe to use from several threads.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._pages: OrderedDict[str, bytes] = OrderedDict()
        self._n_bytes = 0
        self._lock = Lock()

    def put(self, page: bytes) -> str:
        """The SHA-256 under which the page can now be had; ValueError if it alone exceeds the limit."""
        if len(page) > self.max_bytes:
            raise ValueError(
                f"At most {self.max_bytes:,} bytes can be published at once, not {len(page):,}: "
                "choose fewer heads or a shorter text."
            )
        digest = hashlib.sha256(page).hexdigest()
        with self._lock:
            if digest not in self._pages:
                self._pages[digest] = page
                self._n_bytes += len(page)
            self._pages.move_to_end(digest)
            while self._n_bytes > self.max_bytes:
                self._n_bytes -= len(self._pages.popitem(last=False)[1])
        return digest

    def get(self, digest: str) -> bytes | None:
        """The page with this SHA-256, now the most recently used, or None if it was never there or had to go."""
        with self._lock:
            if digest in self._pages:
                self._pages.move_to_end(digest)
            return self._pages.get(digest)

    async def respond(self, request: Request) -> Response:
        """One page under a policy of its own, or 404 in one sentence; see `page_headers`.

        It says `Content-Encoding: identity`: compressing takes longer than sending to a browser on the same machine.
        """
        return await run_in_threadpool(self._answer, request.path_params["digest"])

    def _answer(self, digest: str) -> Response:
        data = self.get(digest)
        if data is None:
            reason = "This page is no longer kept: press the button above it again."
            return _not_found(reason, headers=page_headers("", ()))
        from amplify_viz.bertviz_pages import SCRIPTS  # it comes with torch, without which the server starts

        headers = {"Cache-Control": f"private, {FOREVER}", "Content-Encoding": "identity"}
        return Response(data, media_type="text/html", headers={**headers, **page_headers(data.decode(), SCRIPTS)})


def _not_found(reason: str, *, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    return PlainTextResponse(reason, status_code=404, headers={"Cache-Control": "no-store", **headers})


WEB = WebFolder.read(Path(__file__).with_name("web"))
PAGES = PageStore(MAX_PAGES_BYTES)


def web_url(name: str) -> str:
    """The address of a module or style in `web/`, such as "head_view.js", without the host.

    It starts with the app's base path.  Inline JavaScript of a component is a `blob:` module, so it says
    `import(new URL(address, document.baseURI))`; from there on, modules import each other relatively.
    """
    return _base_path() + WEB.path(name)


def publish_page(html: str) -> str:
    """An address, without the host, of a page of BertViz, to be shown in a frame: equal pages, equal address.

    Only recent pages are kept, 128 MB in all; ValueError for one above that.
    """
    return f"{_base_path()}/page/{PAGES.put(html.encode())}"


def routes(*, web: WebFolder = WEB, pages: PageStore = PAGES) -> list[BaseRoute]:
    """The read-only routes, for `st.App(routes=...)`: the browser's modules, published pages, chunks of numbers."""
    base = _base_path()
    return [
        Route(base + "/web/{digest}/{name:path}", web.respond, methods=["GET"]),
        Route(base + "/page/{digest}", pages.respond, methods=["GET"]),
        Route(base + "/chunk/{subject}/{name:path}", _chunk, methods=["GET"]),
    ]


async def _chunk(request: Request) -> Response:
    """One chunk of a view's numbers.  Its module is imported by then: the server starts without torch."""
    from amplify_viz.ui.chunks import RECORDS

    return await RECORDS.respond(request)


def chunks_url() -> str:
    """The address below which chunks are had, without the host: `…/<panel's id>/<chunk's name>`."""
    return f"{_base_path()}/chunk"


def middleware() -> list[Middleware]:
    """What guards every answer, for `st.App(middleware=...)`: headers on all of them, and only known host names."""
    return [Middleware(SecurityHeaders), Middleware(HostGuard)]


def _base_path() -> str:
    base = str(config.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}" if base else ""
