"""What if, the mix lab and the HTML export as a person uses them, in a real Chromium, with no way out to the network."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from amplify_viz import RunConfig
from tests.browser.harness import ROOT, Server, painted, serving, wait_idle, watched_page
from tests.tiny import save_tiny
from tests.tiny_runs import save_pairs
from training.loop import train

VIEW = ".av-view"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with one run of a tiny model that has kept its two epochs."""
    scratch, root = tmp_path_factory.mktemp("scratch"), tmp_path_factory.mktemp("runs")
    data, backbone = save_pairs(scratch / "animals"), save_tiny(scratch / "tiny")
    train(
        RunConfig("none", str(data), str(backbone), epochs=2, batch_size=8, learning_rate=1e-2, keep_epochs=True), root
    )
    environment = {"AMPLIFY_VIZ_RUNS": str(root), "AMPLIFY_VIZ_DEMO": ""}
    with serving(ROOT / "app.py", tmp_path_factory.mktemp("server"), environment=environment) as served:
        yield served


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    with watched_page(browser, server) as page:
        yield page


def _open(page: Page, address: str = "/") -> str:
    page.goto(address)
    stamp = painted(page, VIEW)
    wait_idle(page)
    return stamp


def _serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in serious]


def test_an_earlier_epoch_stands_beside_the_saved_weights_and_their_difference_is_a_panel(page: Page) -> None:
    _open(page)
    page.get_by_text("What if…").click()
    page.get_by_role("slider", name="Epoch").press("ArrowLeft")
    expect(page.locator(f"{VIEW} canvas.av-canvas")).to_have_count(2)
    expect(page.locator(f"{VIEW} .av-title").nth(1)).to_contain_text("epoch 2")
    expect(page).to_have_url(re.compile("epoch=2"))
    page.get_by_label("Difference").select_option(index=1)
    expect(page.locator(f"{VIEW} canvas.av-canvas")).to_have_count(3)
    expect(page).to_have_url(re.compile("difference="))


def test_the_heads_on_show_are_switched_off_and_come_back(page: Page) -> None:
    _open(page, "/?layer=2&heads=1")
    page.get_by_text("What if…").click()
    page.get_by_role("button", name="Switch off the heads on show").click()
    expect(page.locator(f"{VIEW} .av-title").nth(1)).to_contain_text("without head 2.1")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(f"{VIEW} canvas.av-canvas")).to_have_count(1)


def test_the_view_is_exported_as_a_page_that_works_alone(page: Page, browser: Browser, tmp_path: Path) -> None:
    _open(page, "/?layer=2&focus=2")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="HTML, interactive").click()
    assert download.value.suggested_filename == "head-view.html"
    path = tmp_path / "view.html"
    download.value.save_as(path)
    with browser.new_context(offline=True) as context:
        alone = context.new_page()
        errors: list[str] = []
        alone.on("pageerror", lambda error: errors.append(str(error)))
        alone.goto(path.as_uri())
        stamp = painted(alone, VIEW)
        assert "layer=1;focus=1" in stamp
        alone.get_by_role("slider", name="Layer").press("ArrowRight")
        assert "layer=2" in painted(alone, VIEW, after=stamp)
        assert errors == []


def test_a_mix_is_shown_beside_the_unmixed_pass(page: Page) -> None:
    page.goto("/")
    painted(page, VIEW)
    page.get_by_role("link", name="Mix lab").click()
    page.locator(f"{VIEW} .av-title", has_text="mixed, λ = 0.7").wait_for()
    expect(page.locator(f"{VIEW} canvas.av-canvas")).to_have_count(2)
    page.get_by_role("slider", name=re.compile("own share")).press("ArrowRight")
    expect(page.locator(f"{VIEW} .av-title").nth(1)).to_have_text("mixed, λ = 0.71")
    page.get_by_role("textbox", name="Layers").fill("9")
    page.get_by_role("textbox", name="Layers").press("Enter")
    expect(page.get_by_text("Layers go from 1 to 3")).to_be_visible()
    page.get_by_role("textbox", name="Layers").fill("2-3")
    page.get_by_role("textbox", name="Layers").press("Enter")
    expect(page.get_by_text("Layers go from 1 to 3")).to_have_count(0)
    painted(page, VIEW)
    wait_idle(page)


def test_the_mix_lab_fits_a_narrow_screen_and_has_no_serious_fault_for_readers(page: Page) -> None:
    page.goto("/")
    painted(page, VIEW)
    page.get_by_role("link", name="Mix lab").click()
    page.locator(f"{VIEW} .av-title", has_text="mixed, λ").wait_for()
    wait_idle(page)
    assert _serious(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    wait_idle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_explore_has_no_serious_fault_for_readers(page: Page) -> None:
    _open(page, "/?off=1.1&epoch=1")
    assert _serious(page) == []


def test_the_link_is_copied(page: Page) -> None:
    _open(page, "/?layer=2")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(page.url)
    assert parse_qs(urlsplit(link).query)["run"] == ["none · seed 0 · animals/tiny"]
