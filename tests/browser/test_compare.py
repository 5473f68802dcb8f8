"""The page Compare as a person uses it, in a real Chromium: compare, read the map, open a head in Explore."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import painted, wait_idle
from tests.browser.reading import seriously_wrong

VIEW = ".av-view"
MAP = '[data-view="cell-map"]'
HEADS = '[data-view="heads"]'


def _compared(page: Page) -> None:
    """By the navigation: Streamlit probes a page's own address for its server first, which counts as an error here."""
    page.goto("/")
    painted(page, VIEW)
    page.get_by_role("link", name="Compare").click()
    offer = page.get_by_test_id("stBaseButton-primary")
    expect(offer.or_(page.get_by_role("tab", name="Map"))).to_be_visible(timeout=60_000)
    if offer.is_visible():
        offer.click()
    _drawn(page)
    wait_idle(page)


def _drawn(page: Page) -> None:
    page.locator(f"{MAP}[data-ready]").wait_for(timeout=60_000)


def _back_to_compare(page: Page) -> None:
    """Streamlit makes up to three entries of history of one page change; how many of them are Explore's, is a race."""
    for _ in range(3):
        page.go_back()
        wait_idle(page)
        if "/compare" in page.url:
            break
    _drawn(page)


def test_a_cell_says_what_it_holds_and_opens_its_head_in_explore(page: Page) -> None:
    _compared(page)
    cell = page.get_by_role("button", name=re.compile("^Layer 2, head 1:"))
    cell.hover()
    expect(page.locator(".av-tip:visible")).to_contain_text("effect size")
    cell.click()
    painted(page, HEADS)
    wait_idle(page)
    expect(page).to_have_url(re.compile(r"layer=2.*heads=1|heads=1.*layer=2"))
    expect(page.locator(f"{HEADS} canvas.av-canvas")).to_have_count(3)  # both runs and their difference
    assert page.get_by_label("Sentence A").input_value().startswith("the ")
    _back_to_compare(page)


def test_the_map_is_walked_with_the_keyboard(page: Page) -> None:
    _compared(page)
    first = page.get_by_role("button", name=re.compile("^Layer 1, head 1:"))
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name=re.compile("^Layer 2, head 2:"))).to_be_focused()
    page.keyboard.press("Enter")
    painted(page, HEADS)
    expect(page).to_have_url(re.compile("heads=2"))


def test_parts_and_measures_are_in_the_link(page: Page) -> None:
    _compared(page)
    page.get_by_role("combobox", name="Measure").fill("Jensen")
    page.keyboard.press("Enter")
    expect(page.locator(MAP)).to_contain_text("Jensen–Shannon")
    expect(page).to_have_url(re.compile("measured=Jensen"))
    page.get_by_role("tab", name="Where they differ").click()
    expect(page.get_by_role("combobox", name="Word pairs of")).to_be_visible()
    expect(page).to_have_url(re.compile("part=Where"))


def test_the_map_is_exported_as_a_figure(page: Page, tmp_path: Path) -> None:
    _compared(page)
    page.get_by_role("button", name="Export").first.click()
    menu = page.get_by_role("dialog", name="Export")
    menu.get_by_text("one column").click()
    wait_idle(page)
    with page.expect_download() as download:
        menu.get_by_role("button", name="SVG").click()
    path = tmp_path / "map.svg"
    download.value.save_as(path)
    written = " ".join(ElementTree.parse(path).getroot().itertext())
    assert "effect size" in written and "n = 10 sentence pairs" in written and "Cohen" in written


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious_and_the_map_fits(page: Page, width: int) -> None:
    _compared(page)
    page.set_viewport_size({"width": width, "height": 900})
    wait_idle(page)
    assert seriously_wrong(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
