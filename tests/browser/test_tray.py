"""The tray as a person uses it, in a real Chromium: figures are added in Explore, ordered, captioned, downloaded."""

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import Page, expect

from amplify_viz.recipes import read_provenance
from tests.browser.harness import painted, wait_idle
from tests.browser.reading import seriously_wrong

VIEW = ".av-view"


def _add(page: Page, number: int) -> None:
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Add to tray").click()
    expect(page.get_by_text(f"Added to the tray as figure {number}.")).to_be_visible()
    expect(page.get_by_role("link", name=f"Tray ({number})")).to_be_visible()
    wait_idle(page)
    page.keyboard.press("Escape")


def _saved(page: Page, button: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return Path(download.value.path()).read_bytes()


def _titles(page: Page) -> list[str]:
    return page.locator("strong", has_text=re.compile(r"^\d+ · ")).all_inner_texts()


def _collect(page: Page) -> None:
    """Adds a head view and a word graph, and opens the tray."""
    page.goto("/?view=Head+view&layer=2&focus=2+%C2%B7+rabbit")
    painted(page, VIEW)
    wait_idle(page)
    _add(page, 1)
    page.get_by_role("tab", name="Word graph").click()
    painted(page, '[data-view="graph"]')
    wait_idle(page)
    _add(page, 2)
    page.get_by_role("link", name="Tray (2)").click()
    expect(page.get_by_text("browser session only")).to_be_visible()
    wait_idle(page)


def test_adding_and_a_visit_to_the_tray_leave_the_view_as_it_was(page: Page) -> None:
    page.goto("/?view=Word+graph&layer=2&focus=2+%C2%B7+rabbit")
    painted(page, '[data-view="graph"]')
    wait_idle(page)
    link, view = page.url, page.locator(VIEW).first
    view.evaluate("view => { view.dataset.before = 'adding' }")
    _add(page, 1)
    assert page.url == link
    assert view.get_attribute("data-before") == "adding", "it is neither drawn anew nor reset"
    page.get_by_role("link", name="Tray (1)").click()
    page.get_by_label("Caption").fill("The rabbit")
    page.keyboard.press("Tab")
    expect(page.get_by_role("img", name="The rabbit")).to_be_visible()
    wait_idle(page)
    page.get_by_role("link", name="Explore").click()
    painted(page, '[data-view="graph"]')
    expect(page.get_by_role("tab", name="Word graph")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("slider", name="Layer")).to_have_attribute("aria-valuetext", re.compile("2"))
    page.get_by_role("link", name="Tray (1)").click()
    expect(page.get_by_label("Caption")).to_have_value("The rabbit")


def test_figures_are_ordered_captioned_and_downloaded_also_on_a_phone(page: Page, tmp_path: Path) -> None:
    _collect(page)
    assert _titles(page) == ["1 · Head view", "2 · Word graph"]
    page.get_by_role("button", name="Up").nth(1).click()
    expect(page.locator("strong", has_text="1 · Word graph")).to_be_visible()
    wait_idle(page)
    page.get_by_label("Caption").first.fill("Who looks at the rabbit, 100 %")
    with ZipFile(BytesIO(_saved(page, "Zip for LaTeX"))) as archive:
        figures = [name for name in archive.namelist() if name.endswith(".pdf")]
        latex = archive.read("figures.tex").decode()
        pdf = Path(archive.extract("figures/02-head-view.pdf", tmp_path))
    assert figures == ["figures/01-word-graph.pdf", "figures/02-head-view.pdf"]
    assert r"\caption{Who looks at the rabbit, 100 \%}" in latex, "also where the cursor was still in it"
    assert "--layer=2" in read_provenance(pdf).arguments
    html = _saved(page, "One page, HTML").decode()
    assert html.index("1. Word graph") < html.index("Who looks at the rabbit") < html.index("2. Head view")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_test_id("stExpandSidebarButton").wait_for()
    _check_phone(page)
    page.get_by_role("button", name="Remove all").click()
    page.get_by_role("button", name="Bring back").click()
    expect(page.get_by_label("Caption")).to_have_count(2)


def _check_phone(page: Page) -> None:
    """Nothing is wider than the screen, and axe finds nothing serious once Streamlit's own toasts are gone."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    rights = page.locator("[data-testid='stMain'] :is(img, button, textarea)").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().right)"
    )
    assert len(rights) > 10 and max(rights) <= 390
    expect(page.get_by_test_id("stToast")).to_have_count(0)
    assert seriously_wrong(page) == []
