"""The browser tests' own guards can fail; the security policy lets through what the app needs, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.browser.harness import Problem, Server, painted, serving, wait_idle, watched_page

APP = """
from pathlib import Path
import streamlit as st
from amplify_viz.ui import server
web = server.WebFolder.read(Path(__file__).with_name("web"))
app = st.App("main.py", routes=server.routes(web=web), middleware=server.middleware())
"""

MAIN = """
from pathlib import Path
import streamlit as st
from amplify_viz.ui import server
LOADER = '''
export default async function ({ data, parentElement }) {
  const { draw } = await import(new URL(data.module, document.baseURI))
  draw(parentElement.querySelector("canvas"), new Uint8Array(await (await fetch(data.page)).arrayBuffer()))
}
'''
web = server.WebFolder.read(Path(__file__).with_name("web"))
page = server.publish_page("\\n" * 4200)
view = st.components.v2.component("view", html="<canvas></canvas>\\n", js=LOADER)
st.title("A tiny app")
with st.container(key="view"):
    view(key="v", data={"module": web.path("view.js"), "page": page})
"""

BROKEN = """
import streamlit as st
st.title("A tiny app")
if st.button("break"):
    raise RuntimeError("broken on purpose")
"""

VIEW_JS = """
import { total } from './total.js'
export function draw(canvas, bytes) { canvas.dataset.ready = String(total(bytes)) }
"""

TOTAL_JS = "export const total = (bytes) => bytes.reduce((sum, byte) => sum + byte, 0)\n"

Open = Callable[[], AbstractContextManager[Page]]


@pytest.fixture(scope="module")
def tiny_app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "web").mkdir()
    for name, text in {"app.py": APP, "main.py": MAIN, "web/view.js": VIEW_JS, "web/total.js": TOTAL_JS}.items():
        (folder / name).write_text(text)
    return folder / "app.py"


@pytest.fixture(scope="module")
def tiny_server(tiny_app: Path) -> Iterator[Server]:
    with serving(tiny_app, tiny_app.parent) as server:
        yield server


@pytest.fixture
def opened(browser: Browser, tiny_server: Server) -> Open:
    return lambda: watched_page(browser, tiny_server)


def visit(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="A tiny app")).to_be_visible()
    wait_idle(page)


def test_a_component_imports_served_modules_and_fetches_published_bytes(opened: Open) -> None:
    with opened() as page:
        visit(page)
        assert painted(page, ".st-key-view") == "42000"


def test_the_policy_lets_no_other_inline_script_run(opened: Open) -> None:
    with pytest.raises(Problem, match="Content Security Policy"), opened() as page:
        visit(page)
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = true'}))"
        )
        assert page.evaluate("window.ran") is None


def test_a_subresource_of_another_host_is_caught(opened: Open) -> None:
    with pytest.raises(Problem, match=r"request to another host: http://elsewhere\.test/a\.png"), opened() as page:
        page.set_content("<img src='http://elsewhere.test/a.png'>")


def test_going_to_another_host_is_caught_and_told_beside_the_tests_own_error(opened: Open) -> None:
    with pytest.raises(Error, match="ERR_FAILED") as caught, opened() as page:
        page.goto("http://elsewhere.test/")
    assert any("request to another host: http://elsewhere.test/" in note for note in caught.value.__notes__)


def test_a_console_error_is_caught(opened: Open) -> None:
    with pytest.raises(Problem, match="console error: on purpose"), opened() as page:
        page.evaluate("console.error('on purpose')")


def test_an_uncaught_error_in_the_page_is_caught(opened: Open) -> None:
    with pytest.raises(Problem, match=r"uncaught error in the page: .*on purpose"), opened() as page:
        page.evaluate("new Promise(done => { setTimeout(() => { done(); throw new Error('on purpose') }) })")


def test_a_traceback_in_the_servers_log_fails_the_test_and_the_run(browser: Browser, tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text(BROKEN)
    fails_run, fails_test = (pytest.raises(Problem, match="broken on purpose") for _ in range(2))
    with fails_run, serving(script, tmp_path) as server, fails_test, watched_page(browser, server) as page:
        visit(page)
        page.get_by_role("button", name="break").click()
        expect(page.get_by_test_id("stException")).to_contain_text("RuntimeError")


def test_an_app_that_does_not_start_is_told_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"(?s)did not answer.*missing\.py"), serving(tmp_path / "missing.py", tmp_path):
        pass
