"""Heads switched off, as a person sees them in a real Chromium: marked in each view, and told what it means."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from amplify_viz import show
from tests.browser.harness import painted
from tests.browser.test_standalone import VIEW, quiet
from tests.tiny import random_record

WHOLE = random_record(n_layers=2, n_heads=3, checkpoint="whole")
LESS = replace(WHOLE, off=((1, 2),), checkpoint="less")  # with the same weights: only marks tell them apart
SENTENCE = "In “less” head 3 is switched off. The output of a head switched off is zero; its weights show where it"


def _pictures(page: Page) -> list[str]:
    return [
        canvas.evaluate("canvas => canvas.toDataURL()") for canvas in page.locator(f"{VIEW} canvas.av-canvas").all()
    ]


@pytest.mark.parametrize("view", [show.head_view, show.neuron_view, show.word_graph])
def test_the_panel_has_a_badge_and_a_sentence_in_that_layer_alone(
    browser: Browser, tmp_path: Path, view: Callable[..., show.Display]
) -> None:
    with quiet(browser, view([WHOLE, LESS], layer=1, head=2).save(tmp_path / "view.html")) as page:
        painted(page, VIEW)
        badges = page.locator(f"{VIEW} .av-badge")
        expect(badges).to_have_text(["", "head 3 off"])
        expect(page.locator(f"{VIEW} .av-note")).to_contain_text(SENTENCE)
        page.get_by_role("slider", name="Layer").press("Home")
        expect(badges).to_have_text(["", ""])
        expect(page.locator(f"{VIEW} .av-note")).not_to_contain_text("switched off")


def test_the_head_view_dashes_its_lines_and_strikes_out_its_chip(browser: Browser, tmp_path: Path) -> None:
    with quiet(browser, show.head_view([WHOLE, LESS], layer=1).save(tmp_path / "view.html")) as page:
        stamp = painted(page, VIEW)
        whole, less = _pictures(page)
        assert whole != less
        expect(page.get_by_role("button", name="Head 3, switched off in less")).to_have_css(
            "text-decoration-line", "line-through"
        )
        expect(page.get_by_role("button", name="Head 2", exact=True)).to_have_css("text-decoration-line", "none")
        page.get_by_role("slider", name="Layer").press("Home")
        painted(page, VIEW, after=stamp)
        expect(page.get_by_role("button", name="Head 3", exact=True)).to_be_visible()
        whole, less = _pictures(page)
        assert whole == less


def test_the_model_view_strikes_the_head_out(browser: Browser, tmp_path: Path) -> None:
    with quiet(browser, show.model_view([WHOLE, LESS]).save(tmp_path / "view.html")) as page:
        painted(page, VIEW)
        expect(page.locator(f"{VIEW} .av-badge")).to_have_text(["", "head 2.3 off"])
        whole, less = _pictures(page)
        assert whole != less
