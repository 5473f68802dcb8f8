"""The Train page as a person uses it, with real tiny runs: begin, watch, close, restart, cancel, go on, look at."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.harness import ROOT, painted, serving, wait_idle, watched_page
from tests.tiny import save_tiny
from tests.tiny_runs import save_pairs

SLOW = 120_000  # ms: a worker and a run load the libraries first


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A runs folder with tiny data and a tiny backbone beside its runs; whatever works on it is ended afterwards."""
    root = tmp_path / "runs"
    save_pairs(root / ".given" / "animals")
    save_pairs(root / ".given" / "many-animals", n_train=8000)
    save_tiny(root / ".given" / "tiny")
    yield root
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if str(root) in process.cmdline():
                process.kill()


@contextmanager
def _train_page(browser: Browser, root: Path, folder: Path) -> Iterator[Page]:
    """The Train page of an app of its own, which ends with the block."""
    folder.mkdir()
    environment = {"AMPLIFY_VIZ_RUNS": str(root), "AMPLIFY_VIZ_DEMO": ""}
    with serving(ROOT / "app.py", folder, environment=environment) as server, watched_page(browser, server) as page:
        _go_to_train(page)
        yield page


def _go_to_train(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Train").click()
    page.get_by_role("heading", name="New runs").wait_for()
    wait_idle(page)


def _choose(page: Page, label: str, value: str) -> None:
    box = page.get_by_role("combobox", name=label, exact=True)
    box.fill(value)
    box.press("Enter")
    expect(
        page.get_by_text("no run of this backbone").or_(page.get_by_text(re.compile("of steps at most")))
    ).to_be_visible()
    wait_idle(page)


def _fill(page: Page, label: str, value: str) -> None:
    field = page.get_by_role("spinbutton", name=label)
    field.fill(value)
    field.press("Enter")
    wait_idle(page)


def _describe(page: Page, root: Path, *, epochs: int, data: str = "animals") -> None:
    _choose(page, "Data", str(root / ".given" / data))
    _choose(page, "Backbone", str(root / ".given" / "tiny"))
    _fill(page, "Epochs", str(epochs))
    _fill(page, "Batch size", "8")


def _cards(page: Page) -> Locator:
    return page.locator('[class*="st-key-entry_"]')


def _card(page: Page, method: str) -> Locator:
    """The run's card; where the order changes, its old place is shown for a moment too."""
    return _cards(page).filter(has_text=f"{method} · seed 0").first


def test_two_runs_are_queued_trained_and_explored(browser: Browser, root: Path, tmp_path: Path) -> None:
    with _train_page(browser, root, tmp_path / "server") as page:
        _describe(page, root, epochs=1)
        page.get_by_role("button", name="Train 2 runs, one after another").click()
        expect(_cards(page)).to_have_count(2)
        _go_to_train(page)  # a fresh session, as after a reload
        finished = page.get_by_text("dev", exact=False).filter(has_text="none · seed 0 · dev")
        expect(finished).to_be_visible(timeout=SLOW)
        expect(_cards(page)).to_have_count(0, timeout=SLOW)
        expect(page.get_by_text("Nothing is being trained.")).to_be_visible()
        page.get_by_role("link", name="Explore", exact=True).last.click()
        painted(page, ".av-view")
        expect(page.get_by_text("none · seed 0 · animals/tiny").first).to_be_visible()


def test_training_goes_on_while_the_app_is_closed_and_is_cancelled_and_resumed_in_the_next(
    browser: Browser, root: Path, tmp_path: Path
) -> None:
    with _train_page(browser, root, tmp_path / "first") as page:
        _describe(page, root, epochs=2000, data="many-animals")
        page.get_by_role("button", name="Train 2 runs").click()
        expect(page.get_by_text(re.compile("epoch .* of 2000"))).to_be_visible(timeout=SLOW)
        expect(page.locator('[data-testid="stVegaLiteChart"]').first).to_be_visible(timeout=SLOW)
    before = _worker(root)
    with _train_page(browser, root, tmp_path / "second") as page:
        expect(_cards(page).nth(0)).to_contain_text("running")
        expect(_cards(page).nth(1)).to_contain_text("queued")
        assert _worker(root) == before
        page.get_by_role("button", name="Cancel").click()
        first = _card(page, "none")
        expect(first).to_contain_text("interrupted", timeout=SLOW)
        expect(_card(page, "amplify")).to_contain_text("running", timeout=SLOW)
        first.get_by_role("button", name="Go on").click()
        expect(first).to_contain_text("queued")
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("1 run waits, and nothing works on the queue.")).to_be_visible(timeout=SLOW)
        assert not any("training" in process for process in _commands(root))


def _worker(root: Path) -> int:
    return int(json.loads((root / ".worker.lock").read_text(encoding="utf-8"))["pid"])


def _commands(root: Path) -> list[list[str]]:
    """The commands of the processes that work on the runs folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if str(root) in process.cmdline():
                found.append(process.cmdline())
    return found


def test_what_is_wrong_stands_above_a_button_that_does_nothing(browser: Browser, root: Path, tmp_path: Path) -> None:
    with _train_page(browser, root, tmp_path / "server") as page:
        page.get_by_text("All other settings").click()
        page.get_by_role("textbox", name="Layers").fill("0")
        page.get_by_role("textbox", name="Layers").press("Enter")
        expect(page.get_by_text("Layers are one-based numbers")).to_be_visible()
        expect(page.get_by_role("button", name="Nothing to train")).to_be_disabled()
        page.get_by_role("button", name="Reset").click()
        expect(page.get_by_role("button", name="Train 2 runs")).to_be_enabled()
        expect(page.get_by_role("textbox", name="Layers")).to_have_value("")


def test_at_390_pixels_nothing_is_wider_than_the_screen(browser: Browser, root: Path, tmp_path: Path) -> None:
    with _train_page(browser, root, tmp_path / "server") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.get_by_role("heading", name="In progress").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
