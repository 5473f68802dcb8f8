"""The app in a real Chromium: one server and one browser for all tests, a fresh watched page for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.harness import ROOT, Server, launched, serving, watched_page
from tests.tiny_runs import train_tiny_runs


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the served app looks for runs: one of none and one of amplify, of a tiny model."""
    return train_tiny_runs(tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="session")
def app_server(runs_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, served with the runs of `runs_folder`; a traceback in its log fails the test run."""
    environment = {"AMPLIFY_VIZ_RUNS": str(runs_folder), "AMPLIFY_VIZ_DEMO": ""}
    with serving(ROOT / "app.py", tmp_path_factory.mktemp("server"), environment=environment) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with launched() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, app_server: Server) -> Iterator[Page]:
    """A fresh page on the app; the test fails if it leaves this host or anything goes wrong in it or in the server."""
    with watched_page(browser, app_server) as page:
        yield page
