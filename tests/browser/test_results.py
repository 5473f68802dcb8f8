"""The Results page as a person uses it, in a real Chromium, with no way out to the network."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import wait_idle

FIGURE = "[class*='st-key-wide-'] img"
SMALL_FIGURE = "[class*='st-key-narrow-'] img"


def _open(page: Page) -> None:
    """By the navigation: Streamlit probes a page's own address for its server first, which counts as an error here."""
    page.goto("/")
    page.get_by_role("link", name="Results").click()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    wait_idle(page)


def _section(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")


def _saved(page: Page, kind: str, folder: Path) -> tuple[str, Path]:
    """Name and place of the file that the first export menu in the open section gives."""
    page.get_by_role("button", name="Export").first.click()
    with page.expect_download() as download:
        page.get_by_role("dialog", name="Export").get_by_role("button", name=kind).click()
    path = folder / "file"
    download.value.save_as(path)
    return download.value.suggested_filename, path


def test_the_runs_are_a_table_that_can_be_saved(page: Page, tmp_path: Path) -> None:
    _open(page)
    expect(page.get_by_text("finished runs")).to_be_visible()
    name, path = _saved(page, "CSV", tmp_path)
    assert name == "runs.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# amplify_viz_table: ")
    assert lines[1].startswith("method,data,backbone")
    assert any(line.startswith("amplify,animals,tiny") for line in lines)


def test_the_papers_table_is_shown_and_saved_for_latex(page: Page, tmp_path: Path) -> None:
    _open(page)
    _section(page, "Paper tables")
    page.get_by_role("radio", name="2", exact=True).click()
    expect(page.get_by_text("Table 2.")).to_be_visible()
    expect(page.get_by_role("table").get_by_text("animals")).to_be_visible()
    name, path = _saved(page, "LaTeX", tmp_path)
    assert name == "table-2.tex"
    assert r"\toprule" in path.read_text(encoding="utf-8")
    expect(page).to_have_url(re.compile(r"section=Paper\+tables"))


@pytest.mark.parametrize("figure", ["Loss curves", "Mixing weight"])
def test_a_figure_is_shown_and_saved_as_svg(page: Page, tmp_path: Path, figure: str) -> None:
    _open(page)
    _section(page, "Figures")
    page.get_by_role("radio", name=figure).click()
    _choose_animals(page)
    picture = page.locator(FIGURE).first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 400")
    name, path = _saved(page, "SVG", tmp_path)
    assert name == {"Loss curves": "loss-curves.svg", "Mixing weight": "lam-drawn.svg"}[figure]
    assert "amplify" in "".join(ElementTree.parse(path).getroot().itertext())


def _choose_animals(page: Page) -> None:
    """The tests' own runs, beside which others may come with the project."""
    page.get_by_role("combobox", name="Data and backbone").click()
    page.get_by_role("option", name="animals · tiny").click()
    wait_idle(page)


def test_at_390_pixels_nothing_is_wider_than_the_screen_and_figures_are_one_column_wide(page: Page) -> None:
    _open(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_test_id("stExpandSidebarButton").wait_for()
    for section in ("Runs", "Paper tables", "Against none", "Figures"):
        _section(page, section)
        wait_idle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, section
    _choose_animals(page)
    expect(page.locator(SMALL_FIGURE).first).to_be_visible()
    expect(page.locator(FIGURE).first).to_be_hidden()
    box = page.locator(SMALL_FIGURE).first.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
