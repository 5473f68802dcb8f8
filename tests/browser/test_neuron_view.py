"""The neuron view in a real Chromium: its numbers and its colours are the record's, and it is used by mouse and keyboard."""

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect

from amplify_viz import find_runs, load, show
from amplify_viz.colours import NEGATIVE, POSITIVE
from amplify_viz.records import AttentionRecord, capture
from tests.browser.harness import painted, wait_idle
from tests.browser.reading import (
    VIEW,
    away,
    canvas,
    caption,
    number,
    opened,
    picture,
    pixel,
    point,
    rows,
    seriously_wrong,
)
from tests.tiny import random_record, tiny_checkpoint

TEXTS = ("the rabbit quickly hopped", "the turtle slowly crawled")
QUERY = f"?view=Neuron+view&a={TEXTS[0].replace(' ', '+')}&b={TEXTS[1].replace(' ', '+')}"
LAYER, HEAD, WORD = 1, 2, 1  # zero-based


@pytest.fixture(scope="module")
def record(runs_folder: Path) -> AttentionRecord:
    """What the first panel of the app shows."""
    (folder,) = (run.folder for run in find_runs(runs_folder) if run.folder.name.startswith("none"))
    return capture(load(folder), *TEXTS)


def opened_app(page: Page, more: str = "") -> str:
    page.goto(f"/{QUERY}&layer={LAYER + 1}&head={HEAD + 1}&focus={WORD + 1}{more}")
    stamp = painted(page, VIEW)
    expect(caption(page)).to_contain_text("From")
    wait_idle(page)
    return stamp


def scores_of(record: AttentionRecord, query: int, *, head: int = HEAD) -> NDArray[np.float64]:
    queries, keys = (side[LAYER, head].double().numpy() for side in (record.queries, record.keys))
    return np.asarray(float(record.scaling[LAYER]) * (queries[query] * keys).sum(axis=-1))


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    exponentials = np.exp(scores - scores.max())
    return np.asarray(exponentials / exponentials.sum())


def test_scores_and_softmax_in_the_page_are_those_of_numpy_and_of_the_record(
    page: Page, record: AttentionRecord
) -> None:
    opened_app(page)
    query = record.words.index(WORD)
    found = np.array([[number(cell) for cell in cells] for cells in rows(page).values()])
    expected = scores_of(record, query)
    np.testing.assert_allclose(found[:, 0], expected, rtol=6e-4, atol=1e-3)
    np.testing.assert_allclose(found[:, 1], softmax(expected + record.mask[LAYER, query].numpy()), rtol=6e-3, atol=1e-4)
    np.testing.assert_allclose(found[:, 1], record.weights[LAYER, HEAD, query].numpy(), rtol=6e-3, atol=1e-4)


def test_the_legend_calls_the_scores_what_the_table_calls_them(page: Page) -> None:
    opened_app(page)
    expect(page.locator(".av-legend")).to_contain_text("q·k/√d")
    expect(page.locator(".av-legend")).to_contain_text("softmax")


def shades(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The colours of numbers whose scale ends where 99 % of all lie within, on white paper."""
    ends = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in (NEGATIVE, POSITIVE)]
    share = np.clip(np.abs(values), 0, 1)[:, None]
    return 255 + share * (np.where(values[:, None] < 0, ends[0], ends[1]) - 255)


def test_the_colours_of_keys_and_products_are_the_records_numbers(browser: Browser, tmp_path: Path) -> None:
    record = random_record(TEXTS)
    display = show.neuron_view(record, layer=LAYER, head=HEAD, focus=WORD)
    query, key = record.words.index(WORD), 4
    vectors = [side[LAYER, HEAD].double().numpy() for side in (record.queries, record.keys)]
    products = vectors[0][:, None] * vectors[1]  # so few tokens are all in the sample of which the scale is made
    limit = max(limit_of(values) for values in vectors)
    with opened(browser, display, tmp_path) as page:
        y = next(y for y in range(4, 400, 4) if f"→ {record.shown[key]}" in point(page, (1, y)))
        spots: list[tuple[int, int]] = []  # the middles of the elements, and which element each is
        for x in range(1, 1000, 3):
            found = re.search(r"dimension (\d+)", point(page, (x, y + 6)))
            spots += [(x, int(found[1]) - 1)] if found else []
        away(page)
        half = len(spots) // 2
        strips = ((spots[:half], vectors[1][key] / limit), (spots[half:], products[query, key] / limit_of(products)))
        for strip, shares in strips:
            colours = np.array([pixel(page, (x, y + 6)) for x, _ in strip], float)
            parts = np.array([part for _, part in strip])
            inner = np.flatnonzero((np.diff(parts, prepend=-1) == 0) & (np.diff(parts, append=99) == 0))
            assert set(parts[inner]) == set(range(8))
            np.testing.assert_allclose(colours[inner], shades(shares[parts[inner]]), atol=2)


def limit_of(values: NDArray[np.float64]) -> float:
    return float(np.quantile(np.abs(values), 0.99, method="lower"))


def test_a_click_on_a_key_makes_it_the_query_everywhere(page: Page, record: AttentionRecord) -> None:
    stamp = opened_app(page)
    expect(caption(page)).to_contain_text("From rabbit")
    y = next(y for y in range(4, 400, 4) if "→ slowly" in point(page, (1, y)))
    canvas(page).click(position={"x": 2, "y": y})
    painted(page, VIEW, after=stamp)
    for panel in (0, 1):
        expect(caption(page, panel)).to_contain_text("From slowly")
    word = record.word_texts.index("slowly")
    expect(page).to_have_url(re.compile(f"focus={word + 1}"))
    query = record.words.index(word)
    found = [number(cells[1]) for cells in rows(page).values()]
    np.testing.assert_allclose(found, record.weights[LAYER, HEAD, query].numpy(), rtol=6e-3, atol=1e-4)


def test_arrow_keys_reach_every_row_and_element_and_enter_makes_a_query(page: Page, record: AttentionRecord) -> None:
    stamp = opened_app(page)
    stage = page.locator(f"{VIEW} .av-stage").first
    stage.focus()
    for arrow in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"):
        stage.press(arrow)
    tip = page.get_by_role("tooltip")
    expect(tip).to_contain_text("dimension 3")
    query, key = record.words.index(WORD), 2
    q, k = (float(side[LAYER, HEAD, at, 2]) for side, at in ((record.queries, query), (record.keys, key)))
    cells = tip.locator("tbody tr").evaluate_all("rows => rows.map(row => row.children[1].textContent)")
    assert [number(cell) for cell in cells[:3]] == pytest.approx([q, k, q * k], rel=6e-4, abs=1e-3)
    expect(page.locator(f"{VIEW} [aria-live]").first).to_contain_text("dimension 3")
    stage.press("Enter")
    painted(page, VIEW, after=stamp)
    expect(caption(page)).to_contain_text(f"From {record.shown[key]}")


def test_another_head_shows_its_numbers(page: Page, record: AttentionRecord) -> None:
    stamp = opened_app(page)
    page.get_by_role("combobox", name="Head").select_option("1")
    painted(page, VIEW, after=stamp)
    expect(caption(page)).to_contain_text("head 1")
    found = [number(cells[1]) for cells in rows(page).values()]
    expected = record.weights[LAYER, 0, record.words.index(WORD)].numpy()
    np.testing.assert_allclose(found, expected, rtol=6e-3, atol=1e-4)
    expect(page).to_have_url(re.compile("head=1"))


def test_keys_are_sorted_and_the_strongest_shown_alone(page: Page, record: AttentionRecord) -> None:
    stamp = opened_app(page)
    weights = record.weights[LAYER, HEAD, record.words.index(WORD)]
    page.get_by_label("Strongest first").check()
    stamp = painted(page, VIEW, after=stamp)
    expect(page.locator(f"{VIEW} .av-numbers tbody th").first).to_have_text(record.shown[int(weights.argmax())])
    found = [number(cells[1]) for cells in rows(page).values()]
    assert found == sorted(found, reverse=True) and len(found) == record.n_tokens
    page.get_by_role("combobox", name="Keys").select_option("5 strongest")
    painted(page, VIEW, after=stamp)
    expect(page.locator(f"{VIEW} .av-note")).to_contain_text(f"the 5 strongest of {record.n_tokens} keys")
    expect(page.locator(f"{VIEW} .av-numbers").first.locator("tbody tr")).to_have_count(5)
    expect(page).to_have_url(re.compile("order=weight"))
    expect(page).to_have_url(re.compile("top=5"))


def test_a_key_that_is_hovered_in_one_panel_is_lit_in_all(page: Page) -> None:
    opened_app(page)
    before = picture(page, 1)
    point(page, (150, 60))
    expect(page.get_by_role("tooltip")).to_be_visible()
    assert picture(page, 1, after=before) != before
    assert len(page.get_by_role("tooltip").locator("thead th").all()) == 3


def test_a_difference_that_is_chosen_elsewhere_is_said_to_have_no_panel(page: Page) -> None:
    opened_app(page, "&difference=1,2")
    expect(page.locator(f"{VIEW} .av-note")).to_contain_text("has no panel here")
    expect(page.locator(f"{VIEW} canvas.av-canvas")).to_have_count(2)


def test_keys_that_a_causal_model_may_not_look_at_are_named(browser: Browser, tmp_path: Path) -> None:
    record = capture(tiny_checkpoint("gpt2"), *TEXTS)
    with opened(browser, show.neuron_view(record, layer=0, head=1, focus=2), tmp_path) as page:
        expect(caption(page)).to_contain_text("From")
        query = record.words.index(2)
        expected = ["masked" if key > query else "" for key in range(record.n_tokens)]
        assert ["masked" if cells[0] == "masked" else "" for cells in rows(page).values()] == expected
        later = record.n_tokens - query - 1
        expect(page.locator(f"{VIEW} .av-note")).to_contain_text(f"{later} keys are masked")


def test_of_a_long_text_what_is_in_sight_is_painted_and_the_query_stays(browser: Browser, tmp_path: Path) -> None:
    record = random_record((" ".join(f"word{i}" for i in range(400)),), n_layers=1, n_heads=1, dim=32)
    with opened(browser, show.neuron_view([record, record], layer=0, head=0, focus=3), tmp_path) as page:
        stage = page.locator(f"{VIEW} .av-stage").first
        assert canvas(page).evaluate("canvas => canvas.height") <= 744
        assert stage.evaluate("stage => stage.scrollHeight") > 5000
        top = page.locator(f"{VIEW} canvas.av-head").first
        before = (
            top.bounding_box(),
            canvas(page).bounding_box(),
            canvas(page).evaluate("canvas => canvas.toDataURL()"),
        )
        stage.evaluate("stage => stage.scrollTop = 3000")
        page.wait_for_function("before => document.querySelector('.av-canvas').toDataURL() !== before", arg=before[2])
        assert (top.bounding_box(), canvas(page).bounding_box()) == before[:2]
        expect(page.locator(f"{VIEW} .av-stage").nth(1)).to_have_js_property("scrollTop", 3000)
        word = re.search(r"→ word(\d+)", point(page, (1, 300)))
        assert word and 200 < int(word[1]) < 300
        stage.focus()
        stage.press("Enter")
        expect(caption(page)).to_contain_text(f"From word{word[1]}")


def test_axe_finds_nothing_serious(page: Page) -> None:
    opened_app(page)
    page.get_by_role("button", name="Numbers").click()
    assert seriously_wrong(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_odd_words_on_a_narrow_screen_keep_the_layout_whole(browser: Browser, tmp_path: Path, scheme: str) -> None:
    texts = ("שלום 👩‍👩‍👧‍👦 世界 Donaudampfschifffahrtsgesellschaftskapitänsmütze", "مرحبا بالعالم é́́")
    display = show.neuron_view(random_record(texts), focus=1)
    size = {"width": 390, "height": 844}
    with opened(browser, display, tmp_path, viewport=size, color_scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert seriously_wrong(page) == []
