"""What the browser's tests stand on: an app that is served while its log is watched, and pages that are watched too.

`serving` runs an app; `watched_page` opens a page on it.  Both raise `Problem` at their end if anything went wrong that
the test did not look at: a request to another host, a console error, an uncaught error, a traceback in the log.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Route,
    ViewportSize,
    WebError,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parents[2]
DEBIAN_CHROMIUM = Path("/usr/bin/chromium")
SECONDS_TO_START = 90
SECONDS_TO_STOP = 10
SECONDS_TO_SHOW = 20
TRACEBACK = "Traceback (most recent call last)"
ADDRESS = re.compile(r"URL: (http://\S+)")
QUIET = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


expect.set_options(timeout=1000 * SECONDS_TO_SHOW)


class Problem(AssertionError):
    """Something went wrong around a test: the message lists what."""


@dataclass(frozen=True)
class Server:
    """A served app: its address without a slash at the end, and the file that gets its output."""

    url: str
    log: Path

    def tracebacks(self, *, since: int = 0) -> list[str]:
        """What the log says of uncaught errors, from the given byte on."""
        text = self.log.read_bytes()[since:].decode(errors="replace")
        return [f"traceback in the server's log:\n{text[text.index(TRACEBACK) :]}"] if TRACEBACK in text else []


def chromium() -> Path | None:
    """Debian's Chromium, or else the one that Playwright has installed, or else None."""
    if DEBIAN_CHROMIUM.exists():
        return DEBIAN_CHROMIUM
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless Chromium that makes no requests of its own."""
    path = chromium()
    if path is None:
        raise Problem(
            "The browser's tests need Chromium: install Debian's package chromium, or run playwright install chromium."
        )
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*sandbox, "--disable-gpu", *QUIET])
        yield browser
        browser.close()


@contextmanager
def serving(script: Path, folder: Path, *, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """An app that `streamlit run` serves with the repository's settings until the block ends, on a port of its own.

    Its log goes to the folder.  Leaving the block stops it and raises `Problem` if the log holds a traceback.
    """
    log = folder / "server.log"
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(environment or {})}
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true", "--server.port=0"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        server = Server(_address(process, log), log)
        yield server
    finally:
        _stop(process)
    _raise_any(server.tracebacks())


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        found = ADDRESS.search(log.read_text(errors="replace"))
        if found is not None and _is_healthy(found[1]):
            return found[1]
        time.sleep(0.05)
    output = log.read_text(errors="replace")
    raise Problem(f"The app did not answer within {SECONDS_TO_START} s (exit code {process.poll()}):\n{output}")


def _is_healthy(url: str) -> bool:
    try:
        with urlopen(f"{url}/_stcore/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, HTTPException, ConnectionError, TimeoutError):
        return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Ends the server and what it started, which live in a process group of their own."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_STOP)
            return


@contextmanager
def watched_page(browser: Browser, server: Server) -> Iterator[Page]:
    """A fresh page of 1440 × 900 that cannot leave the server; leaving it raises `Problem` if anything went wrong."""
    problems: list[str] = []
    log_before = server.log.stat().st_size
    size = ViewportSize(width=1440, height=900)
    with browser.new_context(base_url=server.url, viewport=size, service_workers="block") as context:
        _watch(context, server.url, problems)
        try:
            yield context.new_page()
        except Exception as error:
            error.add_note("\n".join([*problems, *server.tracebacks(since=log_before)]))
            raise
    _raise_any([*problems, *server.tracebacks(since=log_before)])


def _watch(context: BrowserContext, url: str, problems: list[str]) -> None:
    def refuse(route: Route, request: Request) -> None:
        problems.append(f"request to another host: {request.url}")
        route.abort()

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"console error: {message.text} ({message.location})")

    def on_error(error: WebError) -> None:
        problems.append(f"uncaught error in the page: {error.error}")

    context.route(re.compile(rf"^(?!{re.escape(url)}(/|$))"), refuse)
    context.on("console", on_console)
    context.on("weberror", on_error)


def _raise_any(problems: list[str]) -> None:
    if problems:
        raise Problem("\n".join(problems))


def wait_idle(page: Page) -> None:
    """Returns when the script has finished; wait for the outcome first, or this may be the rest before the run."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def painted(page: Page, selector: str, *, after: str | None = None) -> str:
    """What the first canvas below the selector says it has painted (data-ready), once it says anything but `after`."""
    other = "" if after is None else f':not([data-ready="{after}"])'
    canvas = page.locator(f"{selector} canvas[data-ready]{other}").first
    canvas.wait_for()
    return canvas.get_attribute("data-ready") or ""
