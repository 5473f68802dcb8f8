"""What a view shows, read from its page: tables, tooltips, pixels; and a view as a file in a page that is watched."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from amplify_viz.show import Display
from tests.browser.harness import painted

VIEW = ".av-view"
Rgb = tuple[int, int, int]
_PIXEL = """(canvas, [x, y]) => {
  const ratio = canvas.width / canvas.getBoundingClientRect().width;
  return [...canvas.getContext("2d").getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data].slice(0, 3);
}"""


@contextmanager
def opened(browser: Browser, display: Display, folder: Path, **options: Any) -> Iterator[Page]:
    """A display as a file in a fresh page that can reach nothing else; nothing may go wrong in it."""
    path = display.save(folder / "view.html")
    wrong: list[str] = []
    with browser.new_context(**{"viewport": {"width": 1440, "height": 900}} | options) as context:
        context.route(re.compile(rf"^(?!data:|{re.escape(path.as_uri())}$)"), lambda route: route.abort())
        context.on("requestfailed", lambda request: wrong.append(f"asked for {request.url}"))
        context.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        page = context.new_page()
        page.goto(path.as_uri())
        painted(page, VIEW)
        yield page
    assert wrong == []


def rows(page: Page, panel: int = 0) -> dict[str, list[str]]:
    """The cells of a panel's table of numbers by the row's label; a label that comes again has its count behind it."""
    found: dict[str, list[str]] = {}
    table = page.locator(f"{VIEW} .av-numbers table").nth(panel)
    for label, *cells in table.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    ):
        count = sum(name.split("#")[0] == label for name in found)
        found[f"{label}#{count + 1}" if count else label] = cells
    return found


def caption(page: Page, panel: int = 0) -> Locator:
    """What a panel's table says that it is."""
    return page.locator(f"{VIEW} .av-numbers caption").nth(panel)


def canvas(page: Page, panel: int = 0) -> Locator:
    """A panel's picture."""
    return page.locator(f"{VIEW} canvas.av-canvas").nth(panel)


def number(text: str) -> float:
    """A number as the views write it."""
    return float(text.replace("−", "-").removeprefix("<"))


def point(page: Page, at: tuple[float, float], panel: int = 0) -> str:
    """What the tooltip says when the pointer stands at a point of a panel's picture; "" for nothing."""
    box = canvas(page, panel).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + at[0], box["y"] + at[1])
    tip = page.get_by_role("tooltip")
    return tip.inner_text() if tip.is_visible() else ""


def away(page: Page) -> None:
    """Moves the pointer off the picture and waits until it is painted without it."""
    before = picture(page)
    page.mouse.move(0, 0)
    picture(page, after=before)


def picture(page: Page, panel: int = 0, *, after: str | None = None) -> str:
    """A panel's picture as an address, once it is another one than `after`."""
    handle = canvas(page, panel).element_handle()
    page.wait_for_function("([canvas, after]) => canvas.toDataURL() !== after", arg=[handle, after])
    return str(handle.evaluate("canvas => canvas.toDataURL()"))


def pixel(page: Page, at: tuple[float, float], panel: int = 0) -> Rgb:
    """The colour at a point of a panel's picture."""
    red, green, blue = canvas(page, panel).evaluate(_PIXEL, list(at))
    return red, green, blue


def seriously_wrong(page: Page) -> list[str]:
    """What axe finds serious or worse."""
    found = Axe().run(page).response["violations"]
    return [violation["id"] for violation in found if violation["impact"] in ("serious", "critical")]
