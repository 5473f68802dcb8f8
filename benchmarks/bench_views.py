"""The views beside BertViz 1.4.1: bytes, seconds until painted, layer change; long texts; four checkpoints at once.

A pair of sentences, 12 layers with 12 heads, random weights.  BertViz gets all layers and heads, as it does in its
documentation, and its scripts are served from here.  Neither side's model runs: both begin with the record.  Our code
is in the browser's cache, as it is for ever after the first visit; what the first visit takes is printed beside it.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Browser, Page

from amplify_viz.records import AttentionRecord
from benchmarks import bertviz_side, our_side
from benchmarks.measure import Result, report
from benchmarks.our_side import Site, pair_record
from benchmarks.timing import acting, hovering, tab_bytes, turning
from tests.browser.harness import launched

VIEWS = {"head": "head_view", "model": "model_view", "neuron": "neuron_view", "graph": "word_graph"}
LAYERED = ("head", "neuron", "graph")  # the model view shows all layers
N_OPENINGS = 5
_SLIDER = '.av-controls input[type="range"]'
N_FRAMES = 60
LAYERS = (0, 5, 7, 9, 11, 2, 8)  # each new, so that its numbers are fetched; a view begins with 3
LONG, SHORT = 512, 128


@dataclass(frozen=True)
class Ours:
    """Seconds from record to painted, on the first visit and later; bytes of the picture; seconds of a layer change."""

    first: float
    opened: float
    n_bytes: int
    change: float | None


def main() -> None:
    """Measures it all; about four minutes, nearly all of them BertViz's."""
    with tempfile.TemporaryDirectory() as scratch, launched() as browser, our_side.serving_views() as site:
        report(chain(_beside_bertviz(browser, site, Path(scratch)), _long_texts(browser, site), _four(browser, site)))


def _beside_bertviz(browser: Browser, site: Site, scratch: Path) -> Iterator[Result]:
    record = pair_record(SHORT, seed=0)
    served = bertviz_side.scripts(scratch)
    for view, share_of_bytes in (("head", 1 / 500), ("model", 1 / 80)):
        ours = _ours(browser, site, view, record)
        with bertviz_side.fresh_page(browser, served) as page:
            theirs = bertviz_side.shown(page, record, view, scratch)
            their_change = bertviz_side.layer_change(page, 5) if view == "head" else None
        print(
            f"{view} view, {SHORT} tokens: BertViz {theirs.n_bytes / 1e6:.1f} MB, Python {theirs.python:.1f} s, "
            f"browser {theirs.browser:.1f} s; ours {ours.n_bytes / 1e6:.3f} MB, together {1000 * ours.opened:.0f} ms, "
            f"on the first visit {1000 * ours.first:.0f} ms"
        )
        yield Result(f"{view} view: bytes, share of BertViz's", ours.n_bytes / theirs.n_bytes, share_of_bytes)
        yield Result(f"{view} view: record to painted, share of BertViz's", ours.opened / theirs.seconds, 1 / 50)
        if their_change is not None and ours.change is not None:
            print(f"layer change: BertViz {their_change:.1f} s, ours {1000 * ours.change:.0f} ms")
            yield Result(f"{view} view: layer change, share of BertViz's", ours.change / their_change, 1 / 20)


def _ours(browser: Browser, site: Site, view: str, record: AttentionRecord) -> Ours:
    with _page(browser) as page:
        first, *opened = (our_side.shown(page, site, VIEWS[view], [_copy(record)]) for _ in range(1 + N_OPENINGS))
        n_bytes = our_side.n_bytes(page)
        change = median(our_side.layer_change(page, layer) for layer in LAYERS) if view in LAYERED else None
    return Ours(first, median(opened), n_bytes, change)


def _copy(record: AttentionRecord) -> AttentionRecord:
    """The same numbers in a record that no cache knows."""
    return pair_record(record.n_tokens, seed=next(_SEEDS))


_SEEDS = iter(range(100, 10_000))


def _long_texts(browser: Browser, site: Site) -> Iterator[Result]:
    for view, module in VIEWS.items():
        with _page(browser) as page:
            seconds = our_side.shown(page, site, module, [pair_record(LONG, seed=next(_SEEDS))])
            yield Result(f"{view} view, {LONG} tokens: first paint", seconds, 2, "s")
            if view in LAYERED:
                change = median(our_side.layer_change(page, layer) for layer in LAYERS)
                yield Result(f"{view} view, {LONG} tokens: layer change", 1000 * change, 500, "ms")
            frames = hovering(page, _points(page))
            worst = quantiles(frames, n=20)[-1]
            yield Result(f"{view} view, {LONG} tokens: hover, 95 % of frames", 1000 * worst, 33, "ms")
            yield Result(f"{view} view, {LONG} tokens: memory of the tab", tab_bytes(browser) / 2**20, 500, "MB")


def _points(page: Page) -> list[tuple[float, float]]:
    """A way over the first canvas, as far as it is in sight."""
    box = page.locator("canvas.av-canvas").first.bounding_box()
    if box is None:
        raise RuntimeError("The view's first canvas must be in sight.")
    height = min(box["height"], 900 - box["y"])
    steps = [(i + 1) / (N_FRAMES + 1) for i in range(N_FRAMES)]
    return [(share * box["width"], share * height) for share in steps]


def _four(browser: Browser, site: Site) -> Iterator[Result]:
    """Every kind of act in every view of four checkpoints; each is the median of several, each new to the page."""
    for view, module in VIEWS.items():
        records = [pair_record(SHORT, seed=next(_SEEDS), checkpoint=f"run {i}") for i in range(4)]
        with _page(browser) as page:
            our_side.shown(page, site, module, records)
            for name, act in _acts(page, view).items():
                yield Result(f"{view} view, four checkpoints: {name}", 1000 * act(), 200, "ms")
            frames = hovering(page, _points(page))
            yield Result(f"{view} view, four checkpoints: hover, a frame", 1000 * median(frames), 200, "ms")


def _acts(page: Page, view: str) -> Mapping[str, Callable[[], float]]:
    acts: dict[str, Callable[[], float]] = {}
    if view in LAYERED:
        acts["layer"] = lambda: median(our_side.layer_change(page, layer) for layer in LAYERS)
    if view == "head":
        acts |= {
            "a head off and on": lambda: _clicks(page, ["Head 2", "Head 2", "Head 5", "Head 5"]),
            "threshold": lambda: _slides(page, "Least weight", (0.02, 0.05, 0.1)),
        }
    if view == "graph":
        acts["threshold"] = lambda: _slides(page, "Lines from weight", (2, 4, 6))
    if view == "neuron":
        acts["head"] = lambda: _selects(page, "Head", ("2", "5", "9"))
    if view == "model":
        acts["measure"] = lambda: _selects(page, "Measure", ("1", "2", "3"))
    if view in ("head", "graph", "neuron"):
        acts["a word pinned"] = lambda: _pins(page)
    if page.get_by_role("combobox", name="Difference").count():
        acts["difference"] = lambda: _selects(page, "Difference", ("1", "2", "3"))
    return acts


def _clicks(page: Page, names: Sequence[str]) -> float:
    buttons = [page.get_by_role("button", name=name, exact=True) for name in names]
    return median(acting(page, "click", button.click) for button in buttons)


def _slides(page: Page, label: str, values: Sequence[float]) -> float:
    names = page.locator('.av-controls label:has(input[type="range"]) .av-control-name').all_inner_texts()
    place = [name.casefold() for name in names].index(label.casefold())
    return median(turning(page, _SLIDER, value, event="input", place=place) for value in values)


def _selects(page: Page, label: str, values: Sequence[str]) -> float:
    select = page.get_by_role("combobox", name=label, exact=True)
    return median(acting(page, "change", partial(select.select_option, value)) for value in values)


def _pins(page: Page) -> float:
    return median(_pin(page) for _ in range(3))


def _pin(page: Page) -> float:
    stage = page.locator(".av-stage").first
    for _ in range(2):
        stage.press("ArrowDown")
    return acting(page, "keydown", partial(stage.press, "Enter"))


@contextmanager
def _page(browser: Browser) -> Iterator[Page]:
    """A page that has seen nothing before."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        yield context.new_page()


if __name__ == "__main__":
    main()
