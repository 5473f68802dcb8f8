"""Pages of BertViz in a real Chromium with the network cut: what they say, what they ask for, what they cannot reach."""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from amplify_viz.bertviz_pages import SCRIPTS, VIEWS, View, bertviz_html
from tests.browser.harness import Server, serving
from tests.tiny import random_record

pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed file .*bertviz:ResourceWarning"
)  # BertViz leaves its scripts open
SAYS = "The scripts of BertViz could not be loaded from cdnjs.cloudflare.com: connect to the internet and open this page again."
HOSTILE = "</script><script>document.title='broken'</script>"


@pytest.fixture
def asked() -> list[str]:
    """The addresses of other hosts that the page has asked for."""
    return []


@pytest.fixture
def errors() -> list[str]:
    """What was thrown in the page."""
    return []


@pytest.fixture
def offline(browser: Browser, asked: list[str], errors: list[str]) -> Iterator[Page]:
    """A page that gets nothing from another host."""

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    with browser.new_context() as context:
        context.route(re.compile("^https:"), refuse)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        yield context.new_page()


@pytest.mark.parametrize("view", VIEWS)
def test_a_document_without_a_network_says_what_is_missing(
    view: View, offline: Page, asked: list[str], errors: list[str], tmp_path: Path
) -> None:
    document = tmp_path / "view.html"
    document.write_text(bertviz_html(random_record((HOSTILE,)), view, layer=0), encoding="utf-8")
    offline.goto(document.as_uri())
    expect(offline.get_by_role("status")).to_have_text(SAYS)
    expect(offline).to_have_title(f"BertViz 1.4.1: {view} view of amplify · seed 0")
    assert asked == [SCRIPTS[0]]
    assert errors == []


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An app whose one page is the tab."""
    folder = tmp_path_factory.mktemp("tab")
    texts = {
        "main.py": """
            from amplify_viz.ui.bertviz_tab import draw_bertviz
            from tests.tiny import random_record

            draw_bertviz([random_record()], layer=0, heads=(0, 1))
            """,
        "app.py": f"""
            import streamlit as st
            from amplify_viz.ui import server

            app = st.App({str(folder / "main.py")!r}, routes=server.routes(), middleware=server.middleware())
            """,
    }
    for name, text in texts.items():
        (folder / name).write_text(dedent(text))
    with serving(folder / "app.py", folder) as server:
        yield server


_REACH = """async () => {
  const blocked = [];
  try { void parent.document.title; } catch { blocked.push("app"); }
  try { void document.cookie; } catch { blocked.push("cookies"); }
  try { await fetch(new URL("/_stcore/health", location.href)); } catch { blocked.push("server"); }
  return [self.origin, ...blocked];
}"""


def test_the_tab_asks_for_nothing_until_it_is_told_to_and_its_page_cannot_reach_the_app(
    offline: Page, asked: list[str], errors: list[str], tab: Server
) -> None:
    offline.goto(tab.url)
    button = offline.get_by_role("button", name="Load BertViz")
    expect(button).to_be_visible()
    expect(offline.locator("iframe")).to_have_count(0)
    assert asked == []
    button.click()
    frame = offline.frame_locator('iframe[title="BertViz\'s head view of amplify · seed 0"]')
    expect(frame.get_by_role("status")).to_have_text(SAYS)
    assert asked == [SCRIPTS[0]]
    [inner] = [each for each in offline.frames if "/page/" in each.url]
    assert inner.evaluate(_REACH) == ["null", "app", "cookies", "server"]
    assert errors == []
