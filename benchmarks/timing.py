"""Seconds in Chromium until a picture is painted, for any page: opening it, changing a control, moving the pointer.

Painted means: what makes the picture is done, and two animation frames have begun since.  A control is changed on the
page's own clock; opening is timed here, because what Python does before it counts too.
"""

import time
from collections.abc import Callable

import psutil
from playwright.sync_api import Browser, Page

# stamps: what each canvas of ours says it has painted; a page of BertViz has none, and draws before an event returns.
_LIBRARY = """
  const frame = () => new Promise(requestAnimationFrame);
  const stamps = () => [...document.querySelectorAll("canvas.av-canvas")].map((canvas) => canvas.dataset.ready);
  const waits = () => document.querySelector('.av-view[aria-busy="true"]') !== null;
  const changed = (before) => !waits() && stamps().every((stamp) => stamp && !before.includes(stamp));
  const painted = async (isDone) => {
    const started = performance.now();
    while (!isDone()) {
      if (performance.now() - started > 3 * 60_000) throw new Error("Nothing was painted.");
      await frame();
    }
    await frame();
    return frame();
  };
"""
_OPENED = """async (selector) => {
  %s
  const isDone = () => document.querySelector(selector) !== null && stamps().every((stamp) => stamp);
  await painted(isDone);
}"""
_TURNED = """async ([selector, value, type, place]) => {
  %s
  const control = document.querySelectorAll(selector)[place];
  const before = stamps();
  const started = performance.now();
  control.value = value;
  control.dispatchEvent(new Event(type, { bubbles: true }));
  await painted(() => changed(before));
  return (performance.now() - started) / 1000;
}"""
_WATCH = """(type) => {
  %s
  window.measured = new Promise((done, failed) => {
    const start = (event) => {
      const before = stamps();
      const seconds = () => (performance.now() - event.timeStamp) / 1000;
      painted(() => changed(before)).then(() => done(seconds()), failed);
    };
    document.addEventListener(type, start, { capture: true, once: true });
  });
}"""
_HOVERED = """async (points) => {
  %s
  const canvas = document.querySelector("canvas.av-canvas");
  const { left, top } = canvas.getBoundingClientRect();
  const starts = [await frame()];
  for (const [x, y] of points) {
    const where = { clientX: left + x, clientY: top + y, bubbles: true, pointerType: "mouse" };
    canvas.dispatchEvent(new PointerEvent("pointermove", where));
    starts.push(await frame());
  }
  return starts.slice(1).map((start, i) => (start - starts[i]) / 1000);
}"""


def opening(page: Page, publish: Callable[[], str], selector: str) -> float:
    """Seconds from before `publish`, which makes the page and returns its address, until what the selector finds is painted."""
    started = time.perf_counter()
    page.goto(publish(), wait_until="commit")
    page.evaluate(_OPENED % _LIBRARY, selector)
    return time.perf_counter() - started


def turning(page: Page, selector: str, value: float, *, event: str, place: int = 0) -> float:
    """Seconds from giving a control a value, with its event, until everything is painted anew.

    place: which of those that the selector finds.
    """
    return float(page.evaluate(_TURNED % _LIBRARY, [selector, str(value), event, place]))


def acting(page: Page, event: str, act: Callable[[], object]) -> float:
    """Seconds from the moment of the first such event of a person's act until every canvas is painted anew."""
    page.evaluate(_WATCH % _LIBRARY, event)
    act()
    return float(page.evaluate("() => window.measured"))


def hovering(page: Page, points: list[tuple[float, float]]) -> list[float]:
    """Seconds of each animation frame while the pointer stands at another point of the first canvas in every frame."""
    return [float(seconds) for seconds in page.evaluate(_HOVERED % _LIBRARY, points)]


def tab_bytes(browser: Browser) -> int:
    """Memory that the largest tab has for itself (USS of its renderer process): all of it, the empty page's share too."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return max(psutil.Process(each["id"]).memory_full_info().uss for each in processes if each["type"] == "renderer")
