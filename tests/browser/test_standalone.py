"""A view as a file of its own, and in an executed notebook, in a real Chromium that can reach nothing else."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, expect

from amplify_viz import show
from tests.browser.harness import ROOT, painted
from tests.tiny import random_record

VIEW = ".av-view"
COLOURS = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let i = 0; i < data.length; i += 4) if (data[i + 3]) colours.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
  return colours.size;
}"""
TRIES_TO_LEAVE = """async () => {
  const blocked = [];
  document.addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
  const script = document.createElement("script");
  script.textContent = "globalThis.ran = true";
  document.body.append(script);
  const image = new Image();
  image.src = "http://127.0.0.1:9/picture.png";
  const answer = await fetch("http://127.0.0.1:9/").then(() => "answered", () => "refused");
  await new Promise((done) => setTimeout(done, 100));
  return { answer, ran: globalThis.ran === true, blocked: [...new Set(blocked)].sort() };
}"""
VIEWS: dict[str, Callable[..., show.Display]] = {
    "head_view": show.head_view,
    "model_view": show.model_view,
    "neuron_view": show.neuron_view,
    "word_graph": show.word_graph,
}
every_view = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
PAIR = ("a rabbit hopped <b>wholeheartedly</b>", "the rabbit </script><!-- شكرا 👩‍🔬 世界")


@dataclass
class Watched:
    """What went on around a page: addresses asked for outside it, errors in its console, what it threw."""

    asked: list[Request] = field(default_factory=list)
    errors: list[ConsoleMessage] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)


@contextmanager
def opened(browser: Browser, path: Path, **options: Any) -> Iterator[tuple[Page, Watched]]:
    """A file in a fresh page that can reach nothing but this file."""
    watched = Watched()
    with browser.new_context(**{"viewport": {"width": 1440, "height": 900}} | options) as context:
        _watch(context, path, watched)
        page = context.new_page()
        page.goto(path.as_uri())
        yield page, watched


def _watch(context: BrowserContext, path: Path, watched: Watched) -> None:
    def refuse(route: Route, request: Request) -> None:
        watched.asked.append(request)
        route.abort()

    context.route(re.compile(rf"^(?!data:|{re.escape(path.as_uri())}$)"), refuse)
    context.on("console", lambda message: watched.errors.append(message) if message.type == "error" else None)
    context.on("weberror", lambda error: watched.thrown.append(str(error.error)))


@contextmanager
def quiet(browser: Browser, path: Path, **options: Any) -> Iterator[Page]:
    """The same, for a page in which nothing may go wrong and which may ask for nothing."""
    with opened(browser, path, **options) as (page, watched):
        yield page
    assert [request.url for request in watched.asked] == []
    assert [message.text for message in watched.errors] == []
    assert watched.thrown == []


def saved(folder: Path, view: Callable[..., show.Display], **choices: Any) -> Path:
    records = [random_record(PAIR, seed=seed, checkpoint=name) for seed, name in enumerate(("mixed", "plain"))]
    return view(records, **{"layer": 1, "focus": 1} | choices).save(folder / "view.html")


@every_view
def test_a_file_opens_without_a_network_and_paints_every_panel(
    browser: Browser, tmp_path: Path, view: Callable[..., show.Display]
) -> None:
    with quiet(browser, saved(tmp_path, view)) as page:
        painted(page, VIEW)
        panels = page.locator(f"{VIEW} canvas.av-canvas")
        expect(panels).to_have_count(2)
        for panel in panels.all():
            assert panel.evaluate(COLOURS) > 10
        expect(page.get_by_text(PAIR[1], exact=True)).to_be_visible()
        assert page.locator("b").count() == 0


@pytest.mark.parametrize("view", [view for name, view in VIEWS.items() if name != "model_view"])
def test_it_is_used_by_keyboard_alone(browser: Browser, tmp_path: Path, view: Callable[..., show.Display]) -> None:
    with quiet(browser, saved(tmp_path, view)) as page:
        stamp = painted(page, VIEW)
        page.get_by_role("slider", name="Layer").press("ArrowRight")
        stamp = painted(page, VIEW, after=stamp)
        assert "layer=2" in stamp
        stage = page.locator(f"{VIEW} .av-stage").first
        stage.focus()
        for _ in range(4):
            stage.press("ArrowDown")
        expect(page.get_by_role("tooltip")).to_be_visible()
        expect(page.locator(f"{VIEW} [aria-live]")).not_to_be_empty()
        stage.press("Enter")
        expect(page.locator(f"{VIEW} canvas[data-ready]").first).not_to_have_attribute(
            "data-ready", re.compile("focus=1;")
        )


def test_a_head_of_the_model_view_is_chosen_by_keyboard_alone(browser: Browser, tmp_path: Path) -> None:
    with quiet(browser, saved(tmp_path, show.model_view)) as page:
        painted(page, VIEW)
        stage = page.locator(f"{VIEW} .av-stage").first
        stage.focus()
        for key in ("Home", "ArrowDown", "ArrowDown", "ArrowRight"):
            stage.press(key)
        expect(page.get_by_role("tooltip")).to_contain_text("Layer 3, head 2")
        expect(page.locator(f"{VIEW} [aria-live]")).to_contain_text("layer 3, head 2")
        stage.press("Enter")
        expect(page.locator(f"{VIEW} canvas[data-ready]").first).to_have_attribute("data-ready", re.compile("layer=2;"))


@every_view
def test_every_control_is_answered_from_the_file(
    browser: Browser, tmp_path: Path, view: Callable[..., show.Display]
) -> None:
    with quiet(browser, saved(tmp_path, view)) as page:
        painted(page, VIEW)
        message = page.locator(f"{VIEW} .av-message")
        for more in page.get_by_role("button", name="More").all():
            more.click()
        for choice in page.locator(f"{VIEW} .av-controls select").all():
            for value in range(choice.locator("option").count()):
                choice.select_option(str(value))
                expect(page.locator(f"{VIEW}[aria-busy=false]")).to_have_count(1)
                expect(message).to_be_empty()
        for segment in page.locator(f"{VIEW} .av-controls .av-segment").all():
            segment.click()
            expect(page.locator(f"{VIEW}[aria-busy=false]")).to_have_count(1)
            expect(message).to_be_empty()


def test_what_a_small_file_lacks_is_said_and_the_way_back_is_open(browser: Browser, tmp_path: Path) -> None:
    with quiet(browser, saved(tmp_path, show.head_view, max_bytes=0)) as page:
        painted(page, VIEW)
        layer = page.get_by_role("slider", name="Layer")
        layer.press("ArrowRight")
        expect(page.locator(f"{VIEW} .av-message")).to_contain_text("not in this page")
        layer.press("ArrowLeft")
        expect(page.locator(f"{VIEW} .av-message")).to_be_empty()
        expect(page.locator(f"{VIEW} canvas.av-canvas").first).to_be_visible()


def test_the_policy_of_the_file_stops_whatever_would_leave_it(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, saved(tmp_path, show.head_view)) as (page, watched):
        painted(page, VIEW)
        found = page.evaluate(TRIES_TO_LEAVE)
        assert found == {"answer": "refused", "ran": False, "blocked": ["connect-src", "img-src", "script-src-elem"]}
        assert watched.asked == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
@every_view
def test_it_follows_light_and_dark_and_fits_a_phone_without_serious_findings(
    browser: Browser, tmp_path: Path, view: Callable[..., show.Display], scheme: str, width: int
) -> None:
    size = {"width": width, "height": 844}
    with quiet(browser, saved(tmp_path, view), color_scheme=scheme, viewport=size) as page:
        painted(page, VIEW)
        shade = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (shade == "rgb(255, 255, 255)") == (scheme == "light")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page).response["violations"]
        serious = [
            (each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")
        ]
        assert serious == []


# In a notebook

CELLS = (
    "import amplify_viz as av\nfrom tests.tiny import random_record",
    'records = [random_record(seed=0, checkpoint="mixed"), random_record(seed=1, checkpoint="plain")]',
    "av.show.head_view(records, layer=1, focus=1)",
    "av.show.word_graph(records[0], layer=1, focus=1)",
)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook with two displays, executed and written as HTML by nbconvert, as a person would."""
    folder = tmp_path_factory.mktemp("notebook")
    written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbformat.write(written, folder / "views.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", str(folder / "views.ipynb")]
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder), "IPYTHONDIR": str(folder)}
    done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "views.html"


def stamp_in(page: Page, place: int) -> str:
    """What a display says it has painted; it paints when it comes into sight."""
    page.locator("iframe").nth(place).scroll_into_view_if_needed()
    canvas = page.frame_locator("iframe").nth(place).locator(f"{VIEW} canvas[data-ready]").first
    canvas.wait_for()
    return canvas.get_attribute("data-ready") or ""


def test_an_executed_notebook_shows_its_views_without_a_network(browser: Browser, notebook: Path) -> None:
    with opened(browser, notebook) as (page, watched):
        expect(page.locator("iframe")).to_have_count(2)
        for place, count in enumerate((2, 1)):
            stamp_in(page, place)
            panels = page.frame_locator("iframe").nth(place).locator(f"{VIEW} canvas.av-canvas")
            expect(panels).to_have_count(count)
            for panel in panels.all():
                assert panel.evaluate(COLOURS) > 10
    # nbconvert's own page asks for MathJax and the like; ours, inside the frames, for nothing.
    assert {request.frame.parent_frame for request in watched.asked} <= {None}
    outside = {request.url for request in watched.asked}
    assert [message.text for message in watched.errors if message.location["url"] not in outside] == []
    assert watched.thrown == []


def test_displays_of_one_notebook_do_not_disturb_each_other(browser: Browser, notebook: Path) -> None:
    with opened(browser, notebook) as (page, _):
        other, before = stamp_in(page, 1), stamp_in(page, 0)
        first = page.frame_locator("iframe").first
        first.get_by_role("slider", name="Layer").press("ArrowRight")
        expect(first.locator(f"{VIEW} canvas[data-ready]").first).to_have_attribute("data-ready", re.compile("layer=2"))
        assert stamp_in(page, 0) != before
        assert stamp_in(page, 1) == other
