"""The app in Chromium with two finished runs of the bundled backbone: size of a layer, layer change, and start.

The pair has 128 tokens; the bounds are those of a machine with two cores and nothing else to do.
"""

import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page

from amplify_viz import RunConfig, capture, load
from amplify_viz.views.chunks import chunk
from benchmarks.measure import Result, report
from tests.browser.harness import ROOT, launched, painted, serving, wait_idle
from tests.tiny_runs import save_pairs
from training.loop import train

SENTENCE = "the rabbit quickly hopped over the old street because it was too tired to go on " * 5
PAIR = (SENTENCE[:317].strip(), SENTENCE[:308].strip())
N_CHANGES = 20
# From the key that moves the slider to the frame after the canvas says it has painted, on the page's own clock.
CHANGE = """async ([label, key]) => {
  const view = document.querySelector(".av-view") ?? [...document.querySelectorAll("*")]
    .map((node) => node.shadowRoot?.querySelector(".av-view")).find(Boolean);
  const canvases = () => [...view.querySelectorAll("canvas.av-canvas")].map((canvas) => canvas.dataset.ready);
  const before = canvases();
  let started = 0;
  document.addEventListener("keydown", () => { started = performance.now(); }, { capture: true, once: true });
  await window.pressKey(label, key);
  while (canvases().some((stamp, i) => !stamp || stamp === before[i])) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - started;
}"""


def main() -> None:
    """Measures all three."""
    record = capture(load("minilm"), *PAIR)
    n_bytes = len(chunk(record, "heads/3/tokens/shown"))
    results = [Result(f"bytes of a layer, 12 heads × {record.n_tokens} tokens", n_bytes / 1e6, 0.43, "MB")]
    with tempfile.TemporaryDirectory() as scratch, launched() as browser:
        runs = _runs(Path(scratch))
        started = time.perf_counter()
        with serving(ROOT / "app.py", Path(scratch), environment={"AMPLIFY_VIZ_RUNS": str(runs)}) as server:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(server.url)
            painted(page, ".av-view")
            results.append(Result("app start to the first painted head view", time.perf_counter() - started, 12, "s"))
            results.append(Result("layer change to painted, two runs", _layer_change(browser, server.url), 300, "ms"))
    report(results)


def _runs(scratch: Path) -> Path:
    data = save_pairs(scratch / "animals", n_train=8, n_other=4)
    for method in ("none", "amplify"):
        train(RunConfig(method, str(data), epochs=1, batch_size=4), scratch / "runs")
    return scratch / "runs"


def _layer_change(browser: Browser, url: str) -> float:
    """Median milliseconds from the key press to both canvases painted."""
    page: Page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.expose_function("pressKey", lambda label, key: page.get_by_role("slider", name=label).press(key))
    page.goto(f"{url}/?{urlencode({'a': PAIR[0], 'b': PAIR[1], 'layer': 1})}")
    painted(page, ".av-view")
    wait_idle(page)
    times: list[float] = []
    for i in range(N_CHANGES):
        times.append(page.evaluate(CHANGE, ["Layer", "ArrowLeft" if i // 5 % 2 else "ArrowRight"]))
        wait_idle(page)
    return median(times[2:])


if __name__ == "__main__":
    main()
