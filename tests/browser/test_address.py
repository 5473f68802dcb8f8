"""The address bar and the copied link, in a real Chromium: after changes, Back and Forward, and visits to other pages."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import Server, painted, wait_idle, watched_page

VIEW = ".av-view"


@pytest.fixture
def page(browser: Browser, app_server: Server) -> Iterator[Page]:
    """A fresh page that may read what was copied."""
    with watched_page(browser, app_server) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield page


def _look(address: str) -> dict[str, str]:
    """The address's parameters, without the runs'."""
    return {name: value for name, value in parse_qsl(urlsplit(address).query) if name != "run"}


def _copied(page: Page) -> str:
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    copied: str = page.evaluate("navigator.clipboard.readText()")
    return copied


def _open(page: Page, query: str = "") -> None:
    page.goto(f"/{query}")
    painted(page, VIEW)
    wait_idle(page)


def _press(page: Page, key: str, layer: int) -> None:
    page.get_by_role("slider", name="Layer").press(key)
    expect(page).to_have_url(re.compile(f"layer={layer}(&|$)"))
    wait_idle(page)


def _visit(page: Page, name: str) -> None:
    page.get_by_test_id("stTopNav").get_by_role("link", name=re.compile(f"^{name}")).click()
    expect(page).to_have_url(re.compile(f"/{name.lower()}$"))
    page.locator(VIEW).wait_for(state="detached")
    wait_idle(page)


def _come_back(page: Page) -> None:
    page.get_by_test_id("stTopNav").get_by_role("link", name="Explore").click()
    painted(page, VIEW)
    wait_idle(page)


def _shows(page: Page, layer: int) -> None:
    expect(page.get_by_role("slider", name="Layer")).to_have_attribute("aria-valuetext", re.compile(f"^{layer} of"))
    painted(page, VIEW)
    wait_idle(page)


def test_back_and_forward_lead_the_view_the_address_and_the_link(page: Page) -> None:
    _open(page, "?layer=3")
    _press(page, "ArrowLeft", 2)
    _press(page, "ArrowLeft", 1)
    for go, layer in ((page.go_back, 2), (page.go_back, 3), (page.go_forward, 2), (page.go_forward, 1)):
        go()
        _shows(page, layer)
        assert _look(page.url)["layer"] == _look(_copied(page))["layer"] == str(layer)


@pytest.mark.parametrize("other", ["Compare", "Tray"])
def test_a_visit_to_another_page_keeps_the_look_the_address_and_the_way_back(page: Page, other: str) -> None:
    _open(page, "?layer=3&focus=3&difference=1,2")
    _press(page, "ArrowLeft", 2)
    look = {"layer": "2", "focus": "3", "difference": "1,2"}
    _visit(page, other)
    _come_back(page)
    expect(page).to_have_url(re.compile("difference="))
    assert _look(page.url) == _look(_copied(page)) == look
    page.reload()
    _shows(page, 2)
    assert _look(page.url) == look
    page.go_back()
    expect(page).to_have_url(re.compile(f"/{other.lower()}$"))
    wait_idle(page)


def test_the_first_look_comes_back_with_an_address_that_names_none(page: Page) -> None:
    _open(page)
    layer = page.get_by_role("slider", name="Layer").get_attribute("aria-valuetext")
    assert _look(page.url) == {} and _look(_copied(page))["focus"] == "2"
    _press(page, "ArrowLeft", 2)
    page.go_back()
    expect(page.get_by_role("slider", name="Layer")).to_have_attribute("aria-valuetext", layer or "")
    wait_idle(page)
    assert _look(page.url) == {}


def test_what_is_changed_at_once_is_one_step_of_back(page: Page) -> None:
    page.goto("/?view=Heads&layer=1")
    page.locator("[data-view='cell-map'][data-ready]").first.wait_for()
    wait_idle(page)
    steps = page.evaluate("history.length")
    page.get_by_role("button", name=re.compile("^Layer 3, head 2:")).first.click()
    painted(page, '[data-view="heads"]')
    wait_idle(page)
    assert page.evaluate("history.length") - steps <= 2, "the look, and the tab that Streamlit writes"
