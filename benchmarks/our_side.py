"""The app's views in Chromium, by the app's own routes but without Streamlit's script: document, page, chunks, canvas."""

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

import uvicorn
from playwright.sync_api import Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from amplify_viz.records import AttentionRecord
from amplify_viz.ui.chunks import RECORDS
from amplify_viz.ui.server import chunks_url, routes, web_url
from amplify_viz.views.documents import document
from amplify_viz.views.look import Look
from benchmarks.timing import opening, turning
from tests.tiny import random_record

PANEL = "canvas.av-canvas[data-ready]"
LAYER = '.av-controls input[type="range"]'  # the first of the sliders
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>View</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href={styles}>
<main></main>
<script type="module">
  import {{ mount }} from {module};
  const answer = await fetch({document});
  mount(document.querySelector("main"), new Uint8Array(await answer.arrayBuffer()));
</script>
"""
_NUMBERS = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => /^.(chunk|document)./.test(new URL(name).pathname))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
_PHRASE, _PHRASE_TOKENS = "the rabbit wholeheartedly hopped ", 5


def pair_record(n_tokens: int, *, seed: int, checkpoint: str = "random") -> AttentionRecord:
    """A record with random weights: a pair of so many tokens, some of them parts of words, 12 layers, 12 heads of 64."""
    n_phrases, n_words = divmod(n_tokens - 3, _PHRASE_TOKENS)  # beside [CLS] and twice [SEP]
    texts = (_PHRASE * (n_phrases // 2), _PHRASE * (n_phrases - n_phrases // 2) + "it " * n_words)
    return random_record(texts, n_layers=12, n_heads=12, dim=64, seed=seed, checkpoint=checkpoint)


class Site:
    """A server of pages with one view each: its address, without a slash at the end, and what it has published."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._documents: list[tuple[str, bytes]] = []

    def publish(self, view: str, records: Sequence[AttentionRecord]) -> str:
        """The address of a page with a view of some records, after all that the app's page does for one."""
        payload = document(records, Look(), base=chunks_url())
        for record in records:
            RECORDS.put(record)
        self._documents.append((view, payload))
        return f"{self._url}/page/{len(self._documents) - 1}"

    async def page(self, request: Request) -> Response:
        """A page that mounts its view."""
        number = request.path_params["number"]
        view, _ = self._documents[number]
        addresses = {"styles": web_url("views.css"), "module": web_url(f"{view}.js"), "document": f"/document/{number}"}
        return HTMLResponse(_PAGE.format(**{name: json.dumps(address) for name, address in addresses.items()}))

    async def document(self, request: Request) -> Response:
        """What Streamlit would send through its socket."""
        _, payload = self._documents[request.path_params["number"]]
        return Response(payload, media_type="application/octet-stream")


@contextmanager
def serving_views() -> Iterator[Site]:
    """A site on a port of its own until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    site = Site(f"http://127.0.0.1:{listening.getsockname()[1]}")
    pages = [Route("/page/{number:int}", site.page), Route("/document/{number:int}", site.document)]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[*pages, *routes()]), log_level="warning"))
    thread = Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield site
    finally:
        server.should_exit = True
        thread.join()


def shown(page: Page, site: Site, view: str, records: Sequence[AttentionRecord]) -> float:
    """Seconds from the records, whose numbers were not looked at before, until a view of them is painted."""
    return opening(page, lambda: site.publish(view, records), PANEL)


def layer_change(page: Page, layer: int) -> float:
    """Seconds from choosing a layer until it is painted."""
    return turning(page, LAYER, layer, event="input")


def n_bytes(page: Page) -> int:
    """Bytes of the document and of all chunks that an open view has fetched; code is left out."""
    return int(page.evaluate(_NUMBERS))
