"""Checkpoints of different shape side by side in a real Chromium: each shows its own, and says what it lacks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from amplify_viz import show
from tests.browser.harness import painted
from tests.browser.test_standalone import VIEW, quiet
from tests.tiny import random_record

WIDE, DEEP = (
    random_record(n_layers=2, n_heads=4, checkpoint="wide"),
    random_record(n_layers=5, n_heads=1, seed=1, checkpoint="deep"),
)
OF_LAYER: dict[str, Callable[..., show.Display]] = {
    "head_view": show.head_view,
    "neuron_view": show.neuron_view,
    "word_graph": show.word_graph,
}


@pytest.mark.parametrize("view", OF_LAYER.values(), ids=OF_LAYER)
def test_a_panel_comes_and_goes_with_the_layer_that_its_checkpoint_has(
    browser: Browser, tmp_path: Path, view: Callable[..., show.Display]
) -> None:
    path = view([WIDE, DEEP], layer=2, head=0, focus=1).save(tmp_path / "view.html")
    with quiet(browser, path) as page:
        stamp = painted(page, VIEW)
        panels, canvases = page.locator(f"{VIEW} .av-panel"), page.locator(f"{VIEW} canvas.av-canvas")
        expect(panels.nth(0)).to_have_text("wideNo layer 3: this checkpoint has 2.")
        expect(panels.nth(1)).to_contain_text("deep")
        expect(canvases).to_have_count(1)
        expect(page.get_by_text("3 of 5")).to_be_visible()
        page.get_by_role("slider", name="Layer").press("ArrowLeft")
        painted(page, VIEW, after=stamp)
        expect(canvases).to_have_count(2)
        expect(page.locator(f"{VIEW} .av-title")).to_have_text(["wide", "deep"])
        page.get_by_role("slider", name="Layer").press("End")
        expect(panels.nth(0)).to_have_text("wideNo layer 5: this checkpoint has 2.")


def test_where_no_panel_has_anything_each_says_so(browser: Browser, tmp_path: Path) -> None:
    path = show.word_graph([WIDE, DEEP], layer=1, head=3, focus=1).save(tmp_path / "view.html")
    with quiet(browser, path) as page:
        painted(page, VIEW)
        panels = page.locator(f"{VIEW} .av-panel")
        expect(panels.nth(1)).to_have_text("deepNo head 4: this checkpoint has 1.")
        page.get_by_role("slider", name="Layer").press("End")
        expect(panels).to_have_text(["wideNo layer 5: this checkpoint has 2.", "deepNo head 4: this checkpoint has 1."])
        page.get_by_role("slider", name="Layer").press("Home")
        expect(page.locator(f"{VIEW} canvas.av-canvas")).to_have_count(1)


def test_a_difference_that_cannot_be_is_said_in_its_control(browser: Browser, tmp_path: Path) -> None:
    with quiet(browser, show.head_view([WIDE, DEEP], layer=0).save(tmp_path / "view.html")) as page:
        painted(page, VIEW)
        control = page.get_by_role("combobox", name="Difference")
        expect(control).to_be_disabled()
        expect(control).to_have_text("none: layers or heads differ")
