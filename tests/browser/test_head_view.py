"""The head view as a person uses it, in a real Chromium: each choice, each form, and the numbers it shows."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from amplify_viz import capture, load
from tests.browser.harness import painted, wait_idle

VIEW = '[data-view="heads"]'
TEXTS = ("the rabbit quickly hopped", "the turtle slowly crawled")
HALF = 2.0**-11  # relative error of float16; what is written has three digits
WRITTEN = 0.005
LONG = " ".join(["the rabbit hopped"] * 12)


def _open(page: Page, query: str = "") -> str:
    page.goto(f"/?{query}")
    stamp = painted(page, VIEW)
    wait_idle(page)
    return stamp


def _more(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^More")).click()


def _pixels(page: Page) -> str:
    pixels: str = page.locator(f"{VIEW} canvas.av-canvas").first.evaluate("canvas => canvas.toDataURL()")
    return pixels


def _table(page: Page) -> list[list[str]]:
    """The cells of the first panel's table of numbers, row by row, without headings."""
    rows: list[list[str]] = page.locator(f"{VIEW} .av-numbers").first.evaluate(
        "node => [...node.querySelectorAll('tbody tr')].map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent))"
    )
    return rows


def _record(runs_folder: Path, method: str = "none") -> Any:
    return capture(load(str(next(runs_folder.glob(f"animals/tiny/{method}*[0-9a-f]")))), *TEXTS)


def test_the_numbers_of_a_pinned_word_are_the_records(page: Page, runs_folder: Path) -> None:
    _open(page, "layer=2&focus=2")
    page.get_by_role("button", name="Numbers").click()
    page.locator(f"{VIEW} .av-numbers td").first.wait_for()
    record = _record(runs_folder)
    rows = [i for i, word in enumerate(record.words) if word == 1]
    expected = record.weights[1][:, rows].mean(dim=1).T.numpy()
    shown = [[0.0 if cell in ("0", "<0.0001") else float(cell) for cell in row] for row in _table(page)]
    np.testing.assert_allclose(shown, expected, rtol=WRITTEN + HALF, atol=1e-4)


@pytest.mark.parametrize(
    ("label", "option", "parameter"),
    [("Between", "A → B", "between=ab"), ("Strongest", "1", "top=1"), ("Special tokens", "hidden", "special=hidden")],
)
def test_a_choice_in_a_list_paints_other_pixels_and_is_in_the_link(
    page: Page, label: str, option: str, parameter: str
) -> None:
    stamp = _open(page, "layer=2")
    _more(page)
    before = _pixels(page)
    page.get_by_role("combobox", name=label).select_option(label=option)
    painted(page, VIEW, after=stamp)
    assert _pixels(page) != before
    expect(page).to_have_url(re.compile(parameter))


def test_a_click_on_a_heads_chip_shows_what_it_did_until_the_pointer_comes_anew(page: Page) -> None:
    stamp = _open(page, "layer=2&heads=1,2")
    whole, chip = _pixels(page), page.get_by_role("button", name="Head 2", exact=True)
    assert "double click shows it alone" in (chip.get_attribute("title") or "")
    chip.hover()
    stamp = painted(page, VIEW, after=stamp)
    alone = _pixels(page)
    assert alone != whole
    chip.click()
    expect(page).to_have_url(re.compile("heads=1(&|$)"))
    wait_idle(page)
    left = _pixels(page)
    assert left not in (alone, whole), "the other head is left"
    page.mouse.move(0, 0)
    stamp = painted(page, VIEW, after=stamp)
    assert _pixels(page) == left
    chip.hover()
    painted(page, VIEW, after=stamp)
    assert _pixels(page) != left


def test_only_lines_from_the_first_to_the_second_sentence_are_left(page: Page) -> None:
    _open(page, "layer=2&between=ab&focus=2")
    page.get_by_role("button", name="Numbers").click()
    page.locator(f"{VIEW} .av-numbers td").first.wait_for()
    zero = [all(cell == "0" for cell in row) for row in _table(page)]
    second = zero.index(False)
    assert second > 4
    assert all(zero[:second])
    page.goto("/?layer=2&between=ab&focus=6")
    painted(page, VIEW)
    page.get_by_role("button", name="Numbers").click()
    page.locator(f"{VIEW} .av-numbers td").first.wait_for()
    assert all(cell == "0" for row in _table(page) for cell in row)


def test_the_mean_over_heads_is_one_column_of_the_records_means(page: Page, runs_folder: Path) -> None:
    stamp = _open(page, "layer=2&focus=2")
    _more(page)
    page.get_by_role("radio", name="mean").check()
    painted(page, VIEW, after=stamp)
    page.get_by_role("button", name="Numbers").click()
    expect(page.locator(f"{VIEW} .av-numbers th", has_text="mean of 4 heads").first).to_be_visible()
    record = _record(runs_folder)
    rows = [i for i, word in enumerate(record.words) if word == 1]
    expected = record.weights[1][:, rows].mean(dim=(0, 1)).numpy()
    np.testing.assert_allclose([float(row[0]) for row in _table(page)], expected, rtol=WRITTEN + HALF, atol=1e-4)


def test_heads_are_taken_away_shown_alone_and_brought_back(page: Page) -> None:
    stamp = _open(page, "layer=2")
    page.get_by_role("button", name="Head 2", exact=True).click()
    stamp = painted(page, VIEW, after=stamp)
    expect(page).to_have_url(re.compile("heads=1%2C3%2C4|heads=1,3,4"))
    page.get_by_role("button", name="None", exact=True).click()
    expect(page.get_by_text("No head is chosen")).to_be_visible()
    page.get_by_role("button", name="Head 3", exact=True).click()
    painted(page, VIEW)
    expect(page).to_have_url(re.compile("heads=3"))
    page.get_by_role("button", name="All", exact=True).click()
    expect(page).not_to_have_url(re.compile("heads="))


def test_several_words_are_pinned_by_keyboard(page: Page) -> None:
    _open(page, "layer=2")
    stage = page.locator(f"{VIEW} .av-stage").first
    stage.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Enter", "ArrowDown", "Shift+Enter"):
        stage.press(key)
    expect(page).to_have_url(re.compile(r"focus=2(%2C|,)3"))
    stage.press("Escape")
    stage.press("Escape")
    expect(page).not_to_have_url(re.compile("focus="))


def test_hovering_a_word_shows_the_exact_weights_and_lights_it_in_every_panel(page: Page) -> None:
    _open(page, "layer=2&focus=2")
    canvases = page.locator(f"{VIEW} canvas.av-canvas")
    before = [canvas.evaluate("canvas => canvas.toDataURL()") for canvas in canvases.all()]
    box = canvases.first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 100, box["y"] + 40)
    expect(page.locator(f"{VIEW} .av-tip")).to_be_visible()
    expect(page.locator(f"{VIEW} .av-tip")).to_contain_text("rabbit →")
    after = [canvas.evaluate("canvas => canvas.toDataURL()") for canvas in canvases.all()]
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_the_difference_of_two_runs_is_a_third_panel_with_signed_numbers(page: Page, runs_folder: Path) -> None:
    stamp = _open(page, "layer=2&focus=2")
    page.get_by_label("Difference").select_option(index=1)
    painted(page, VIEW, after=stamp)
    expect(page.locator(f"{VIEW} canvas.av-canvas")).to_have_count(3)
    page.get_by_role("button", name="Numbers").click()
    records = [_record(runs_folder, method) for method in ("none", "amplify")]
    rows = [i for i, word in enumerate(records[0].words) if word == 1]
    expected = (records[1].weights[1] - records[0].weights[1])[:, rows].mean(dim=1).T.numpy()
    table = page.locator(f"{VIEW} .av-numbers").nth(2)
    table.locator("td").first.wait_for()
    cells: list[str] = table.locator("td").all_text_contents()
    shown = np.array([float(cell.replace("−", "-")) for cell in cells]).reshape(expected.shape)
    np.testing.assert_allclose(shown, expected, rtol=WRITTEN + HALF, atol=1e-7)


def test_a_long_text_is_a_matrix_that_zooms_by_keyboard_and_buttons_and_lines_can_be_asked_for(page: Page) -> None:
    stamp = _open(page, f"layer=2&a={LONG}&b=&special=shown&form=matrix")
    whole = _pixels(page)
    stage = page.locator(f"{VIEW} .av-stage").first
    stage.focus()
    stage.press("+")
    stamp = painted(page, VIEW, after=stamp)
    zoomed = _pixels(page)
    assert zoomed != whole
    stage.press("ArrowDown")
    stage.press("ArrowRight")
    expect(page.locator(f"{VIEW} .av-tip")).to_be_visible()
    stage.press("Escape")
    page.get_by_role("button", name="Show the whole matrix").click()
    painted(page, VIEW, after=stamp)
    page.get_by_role("radio", name="lines").check()
    expect(page.get_by_role("button", name="Show the whole matrix")).to_have_count(0)


def test_a_matrix_is_panned_by_dragging_and_a_drag_is_no_click(page: Page) -> None:
    _open(page, f"layer=2&a={LONG}&b=&form=matrix")
    page.locator(f"{VIEW} .av-stage").first.press("+")
    page.locator(f"{VIEW} .av-stage").first.press("+")
    page.wait_for_timeout(100)
    before = _pixels(page)
    box = page.locator(f"{VIEW} canvas.av-canvas").first.bounding_box()
    assert box is not None
    x, y = box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 80, y - 60, steps=5)
    page.mouse.up()
    page.wait_for_timeout(100)
    assert _pixels(page) != before
    expect(page).not_to_have_url(re.compile("focus="))


def test_a_cell_of_the_matrix_is_the_root_of_its_weight_on_the_scale_of_all_panels(
    page: Page, runs_folder: Path
) -> None:
    _open(page, "layer=2&heads=1&form=matrix")
    weights = np.stack([_record(runs_folder, method).weights[1, 0].numpy() for method in ("none", "amplify")])
    shades = page.locator(f"{VIEW} canvas.av-canvas").evaluate_all(
        """(canvases, size) => canvases.map((canvas) => {
      const ratio = canvas.width / canvas.clientWidth;
      const corner = Math.min(Math.max(canvas.clientWidth * 0.24, 64), 104);
      const side = Math.min(Math.max(canvas.clientWidth - corner, 160), 640);
      const at = (place) => (corner + (side * (place + 0.3)) / size) * ratio;
      const context = canvas.getContext("2d");
      const cells = Array.from({ length: size }, (_, i) => i);
      return cells.map((row) => cells.map((column) => context.getImageData(at(column), at(row), 1, 1).data[0]));
    })""",
        weights.shape[-1],
    )
    red = 0x11
    shown = (255 - np.array(shades)) / (255 - red)
    expected = np.sqrt(weights / np.float16(weights.max()))
    np.testing.assert_allclose(shown, expected, atol=1.5 / 255 + 1 / (255 - red))


def test_there_is_no_serious_fault_for_readers_and_nothing_is_too_wide(page: Page) -> None:
    _open(page, "layer=2&difference=1,2&least=0.05")
    found = [one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    page.set_viewport_size({"width": 390, "height": 844})
    wait_idle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    "text",
    [
        "مرحبا بالعالم العربي",
        "日本語の文章です",
        "👩‍👩‍👧 went 🇫🇷 home",
        "e\u0301te\u0301 na\u0308ive",
        "x" * 40 + " y",
        "<b>&amp;",
    ],
)
def test_any_script_keeps_the_layout_whole(page: Page, text: str) -> None:
    stamp = _open(page)
    page.get_by_label("Sentence A").fill(text)
    page.get_by_label("Sentence A").press("Control+Enter")
    painted(page, VIEW, after=stamp)
    wait_idle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    ends = page.locator(f"{VIEW} canvas.av-canvas").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().right)"
    )
    assert len(ends) == 2 and max(ends) <= 1440
