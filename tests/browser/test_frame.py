"""The app's own frame: what has the keyboard is seen, what is chosen is read whole, and nothing lies over what is next."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import painted, wait_idle

VIEW = ".av-view"
CHIP = "[data-tag]"
IN_SIGHT = "tab => { const box = tab.getBoundingClientRect(); return box.left >= 0 && box.right <= innerWidth; }"
IS_WHOLE = "chip => [...chip.querySelectorAll('span')].every(one => one.scrollWidth <= one.clientWidth + 1)"


def _open(page: Page, query: str = "") -> None:
    page.goto(f"/{query}")
    painted(page, VIEW)
    wait_idle(page)


def test_a_link_of_the_navigation_that_has_the_keyboard_is_outlined(page: Page) -> None:
    _open(page)
    link = page.get_by_test_id("stTopNavLink").filter(has_text="Compare")
    assert link.evaluate("link => getComputedStyle(link).outlineStyle") == "none"
    page.get_by_test_id("stTopNavLink").filter(has_text="Explore").focus()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    assert link.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"


def test_the_name_of_a_chosen_run_is_read_whole(page: Page) -> None:
    _open(page)
    chips = page.locator(CHIP)
    assert chips.count() == 2
    assert all(chip.evaluate(IS_WHOLE) for chip in chips.all())


@pytest.mark.parametrize("view", ["Head view", "Word graph"])
def test_at_390_pixels_every_tab_is_in_sight(page: Page, view: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, f"?view={view}")
    tabs = page.get_by_role("tab").all()
    assert len(tabs) == 8
    assert all(tab.evaluate(IN_SIGHT) for tab in tabs)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_export_menu_has_no_tooltip_over_the_tabs(page: Page) -> None:
    _open(page)
    page.get_by_role("button", name="Export").hover()
    page.wait_for_timeout(700)
    expect(page.get_by_role("tooltip")).to_have_count(0)


def test_no_empty_list_stays_over_the_next_field(page: Page) -> None:
    _open(page)
    chosen = page.get_by_role("combobox", name="Checkpoints")
    chosen.click()
    page.get_by_role("option", name="MiniLM backbone").click()
    wait_idle(page)
    expect(page.locator(CHIP)).to_have_count(3)
    expect(page.get_by_text("No results")).to_be_hidden()
