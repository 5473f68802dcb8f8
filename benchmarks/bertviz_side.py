"""BertViz 1.4.1 in Chromium as in a notebook or a saved page, its scripts answered from this machine."""

import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from bertviz import head_view, model_view
from playwright.sync_api import Browser, Page, Route

from amplify_viz.bertviz_pages import HOST, SCRIPTS, second_start
from amplify_viz.records import AttentionRecord
from benchmarks.timing import opening, turning

# The npm registry has no jQuery 2.0.0; 2.1.0 is the nearest of its major version.
PACKAGES = (("requirejs@2.3.6", "require.js"), ("jquery@2.1.0", "dist/jquery.min.js"), ("d3@5.7.0", "dist/d3.min.js"))
VIEWS = {"head": head_view, "model": model_view}
DRAWN = "#vis svg"  # drawn at a stretch, so that it is whole when an animation frame finds it
MINUTES = 15


@dataclass(frozen=True)
class Took:
    """What BertViz needs for one view: bytes of HTML without its own code, seconds in Python, seconds until painted."""

    n_bytes: int
    python: float
    browser: float

    @property
    def seconds(self) -> float:
        """From record to painted."""
        return self.python + self.browser


def scripts(folder: Path) -> dict[str, bytes]:
    """What BertViz's pages load, by address, from the npm packages; ends the process with 2 where they cannot be had."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), *(name for name, _ in PACKAGES)]
    try:
        subprocess.run(command, check=True, cwd=folder, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"BertViz's scripts come from npm packages, and `npm pack` failed: install npm, or connect it. ({error})")
        sys.exit(2)
    return {
        address: _member(folder / f"{name.replace('@', '-')}.tgz", f"package/{path}")
        for address, (name, path) in zip(SCRIPTS, PACKAGES, strict=True)
    }


def _member(archive: Path, name: str) -> bytes:
    with tarfile.open(archive) as packed:
        found = packed.extractfile(name)
        if found is None:
            raise RuntimeError(f"{archive.name} must have {name} as a file.")
        return found.read()


@contextmanager
def fresh_page(browser: Browser, served: dict[str, bytes]) -> Iterator[Page]:
    """A page whose requests to BertViz's host are answered from what is given."""

    def answer(route: Route) -> None:
        route.fulfill(body=served[route.request.url], content_type="text/javascript")

    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(MINUTES * 60_000)
        context.route(f"{HOST}/**", answer)
        yield context.new_page()


def shown(page: Page, record: AttentionRecord, view: str, folder: Path) -> Took:
    """Opens BertViz's view of a pair, all of its layers and heads, as a file."""
    started = time.perf_counter()
    given = {"attention": list(record.weights[:, None]), "tokens": list(record.tokens)}
    html = VIEWS[view](**given, sentence_b_start=second_start(record.segments), html_action="return").data
    python = time.perf_counter() - started
    path = folder / f"{view}.html"
    path.write_text(f'<!doctype html><meta charset="utf-8">{html}', encoding="utf-8")
    code = resources.files("bertviz").joinpath(f"{view}_view.js").read_bytes()
    return Took(len(html.encode()) - len(code), python, opening(page, path.as_uri, DRAWN))


def layer_change(page: Page, layer: int) -> float:
    """Seconds from choosing a layer in an open head view until it is painted."""
    return turning(page, "#layer", layer, event="change")
