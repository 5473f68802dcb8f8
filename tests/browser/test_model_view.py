"""The model view in a real Chromium: its numbers are the library's, and a head is opened by mouse and keyboard."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from amplify_viz import find_runs, load, show, statistics
from amplify_viz.records import AttentionRecord, capture
from tests.browser.harness import painted, wait_idle
from tests.browser.reading import VIEW, away, canvas, caption, number, opened, pixel, point, rows, seriously_wrong
from tests.tiny import random_record, tiny_checkpoint

TEXTS = ("the rabbit quickly hopped", "the turtle slowly crawled")
QUERY = f"?view=Model+view&a={TEXTS[0].replace(' ', '+')}&b={TEXTS[1].replace(' ', '+')}"
LEFT, TOP = 34, 36  # of the grid in a panel


@pytest.fixture(scope="module")
def records(runs_folder: Path) -> list[AttentionRecord]:
    """What the panels of the app show."""
    runs = sorted(find_runs(runs_folder), key=lambda run: run.folder.name, reverse=True)
    return [capture(load(run.folder), *TEXTS) for run in runs]


def opened_app(page: Page, more: str = "") -> str:
    page.goto(f"/{QUERY}{more}")
    stamp = painted(page, VIEW)
    expect(caption(page)).to_contain_text("Measures of every head")
    wait_idle(page)
    return stamp


def pair_of_records() -> list[AttentionRecord]:
    return [random_record(TEXTS, seed=seed, checkpoint=name) for seed, name in enumerate(("mixed", "plain"))]


def heads_under_the_pointer(page: Page, n_layers: int, panel: int = 0) -> list[list[str]]:
    """What the tooltip calls each head, in the order in which a panel shows them."""
    box = canvas(page, panel).bounding_box()
    assert box is not None
    found: list[list[str]] = []
    for layer in range(n_layers):
        y = TOP + (layer + 0.5) * (box["height"] - TOP) / n_layers
        names = [point(page, (x, y), panel).split("\n")[0] for x in range(LEFT + 7, int(box["width"]), 10)]
        found.append(list(dict.fromkeys(name for name in names if name)))
    return found


def test_every_head_of_both_runs_has_the_librarys_measures(page: Page, records: list[AttentionRecord]) -> None:
    opened_app(page)
    for panel, record in enumerate(records):
        special = [i for i, segment in enumerate(record.segments) if segment is None]
        expected = [
            statistics.mean_entropy(record.weights),
            statistics.attention_distance(record.weights),
            statistics.share_on(record.weights, special),
            statistics.share_on(record.weights, [0]),
            statistics.share_across(record.weights, record.segments),
        ]
        shown = rows(page, panel)
        assert len(shown) == record.n_layers * record.n_heads
        found = [[number(cell) for cell in cells] for cells in shown.values()]
        np.testing.assert_allclose(found, np.stack(expected, axis=-1).reshape(len(shown), -1), rtol=6e-3)


def test_screen_readers_find_the_table_that_is_not_seen(page: Page, records: list[AttentionRecord]) -> None:
    """What Chromium tells them, for a table that is in the document can still be kept from them by style."""
    opened_app(page)
    rows(page, 0)
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    headings = sum(node.get("role", {}).get("value") == "rowheader" for node in nodes)
    assert headings == sum(record.n_layers * record.n_heads for record in records)


def test_the_tooltip_has_the_measures_of_the_same_head_in_all_panels(page: Page) -> None:
    opened_app(page)
    lines = point(page, (LEFT + 10, TOP + 10)).splitlines()
    assert lines[0] == "Layer 1, head 1"
    said = next(line for line in lines if line.startswith("entropy (nats)")).split("\t")[1:]
    assert said == [rows(page, panel)["layer 1, head 1"][0] for panel in (0, 1)]


def test_hovering_lights_up_the_head_in_all_panels(page: Page) -> None:
    opened_app(page)
    edge = (LEFT - 1, TOP + 12)
    before = [pixel(page, edge, panel) for panel in (0, 1)]
    point(page, (LEFT + 10, TOP + 10))
    page.wait_for_timeout(100)
    after = [pixel(page, edge, panel) for panel in (0, 1)]
    assert after[0] == after[1]
    assert sum(after[0]) < sum(before[0]) - 200
    away(page)
    assert [pixel(page, edge, panel) for panel in (0, 1)] == before


def test_a_click_opens_the_head_alone_in_the_head_view(page: Page) -> None:
    opened_app(page)
    point(page, (LEFT + 10, TOP + 10))
    for _ in range(2):
        page.locator(f"{VIEW} .av-stage").first.press("ArrowRight")
    canvas(page).click(position={"x": LEFT + 10, "y": TOP + 10})
    expect(page.get_by_role("tab", name="Head view")).to_have_attribute("aria-selected", "true")
    expect(page.locator('.av-view[data-view="heads"]')).to_be_visible()
    expect(page).to_have_url(re.compile("heads=1(&|$)"))
    expect(page).to_have_url(re.compile("layer=1(&|$)"))
    expect(page.get_by_role("button", name="Head 1", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Head 2", exact=True)).to_have_attribute("aria-pressed", "false")


def test_arrow_keys_walk_through_the_heads_and_enter_opens_one(page: Page, records: list[AttentionRecord]) -> None:
    opened_app(page)
    stage = page.locator(f"{VIEW} .av-stage").first
    stage.focus()
    for key in ("ArrowDown", "ArrowDown", "End"):
        stage.press(key)
    name = f"layer 2, head {records[0].n_heads}"
    expect(page.locator(f"{VIEW} [aria-live]").first).to_contain_text(name)
    expect(page.get_by_role("tooltip")).to_contain_text(name.capitalize())
    stage.press("Escape")
    expect(page.get_by_role("tooltip")).to_be_hidden()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        stage.press(key)
    expect(page.get_by_role("tab", name="Head view")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile("layer=2(&|$)"))
    expect(page).to_have_url(re.compile("heads=1(&|$)"))


def test_heads_are_sorted_by_a_measure_and_keep_their_number(page: Page, records: list[AttentionRecord]) -> None:
    stamp = opened_app(page)
    page.get_by_role("combobox", name="Measure").select_option(label="entropy")
    stamp = painted(page, VIEW, after=stamp)
    page.get_by_label("by measure").check()
    painted(page, VIEW, after=stamp)
    expect(page.locator(f"{VIEW} .av-note")).to_contain_text("heads stand by entropy")
    expect(page).to_have_url(re.compile("measure=entropy.*arrange=measure|arrange=measure.*measure=entropy"))
    record = records[0]
    order = statistics.mean_entropy(record.weights).argsort(dim=1, descending=True, stable=True)
    expected = [[f"Layer {layer + 1}, head {head + 1}" for head in heads] for layer, heads in enumerate(order.tolist())]
    for panel in (0, 1):
        assert heads_under_the_pointer(page, record.n_layers, panel) == expected


def test_the_strips_range_is_that_of_all_panels(browser: Browser, tmp_path: Path) -> None:
    pair = pair_of_records()
    values = np.stack([statistics.attention_distance(record.weights) for record in pair])
    with opened(browser, show.model_view(pair, measure="distance"), tmp_path) as page:
        key = page.locator(f"{VIEW} .av-key", has_text="distance")
        low, high = (number(text) for text in key.locator(".av-number").all_inner_texts())
    np.testing.assert_allclose([low, high], [values.min(), values.max()], rtol=6e-3)


def test_each_cells_shade_is_the_root_of_its_weight(browser: Browser, tmp_path: Path) -> None:
    record = random_record(TEXTS)
    with opened(browser, show.model_view(record), tmp_path) as page:
        box = canvas(page).bounding_box()
        assert box is not None
        side = 84  # of the largest matrix
        for layer, head, query, key in [(0, 0, 0, 0), (1, 3, 4, 2), (2, 1, 10, 9)]:
            x = LEFT + head * 88 + (key + 0.5) * side / record.n_tokens
            y = TOP + layer * 88 + (query + 0.5) * side / record.n_tokens
            white, ink = np.array([255, 255, 255]), np.array([0x1B, 0x25, 0x29])
            expected = white + (ink - white) * np.sqrt(record.weights[layer, head, query, key].item())
            steps = 255 * (np.sqrt(1 / 255 + 1e-3) if record.weights[layer, head, query, key] < 0.01 else 0.02)
            np.testing.assert_allclose(pixel(page, (x, y)), expected, atol=steps)


def test_a_difference_has_its_panel_its_scale_and_its_measures(browser: Browser, tmp_path: Path) -> None:
    a, b = pair_of_records()
    display = show.model_view([a, b], difference=(0, 1), measure="divergence")
    with opened(browser, display, tmp_path) as page:
        assert page.locator(f"{VIEW} canvas.av-canvas").count() == 3
        limit = number(
            page.locator(f"{VIEW} .av-key", has_text="√ difference").locator(".av-number").last.inner_text()[1:]
        )
        assert limit == pytest.approx(float((b.weights - a.weights).abs().max()), rel=6e-3)
        found = [[number(cell) for cell in cells] for cells in rows(page, 2).values()]
        measures = [
            statistics.mean_absolute_difference(a.weights, b.weights),
            statistics.jensen_shannon(a.weights, b.weights),
        ]
        np.testing.assert_allclose(found, np.stack(measures, axis=-1).reshape(-1, 2), rtol=6e-3)
        page.get_by_role("combobox", name="Difference").select_option("0")
        expect(page.locator(f"{VIEW} canvas.av-canvas")).to_have_count(2)
        expect(page.get_by_role("combobox", name="Measure")).to_have_value("0")


def test_models_of_other_tokenizers_are_compared_by_their_words(browser: Browser, tmp_path: Path) -> None:
    pair = [capture(tiny_checkpoint(family), *TEXTS) for family in ("bert", "gpt2")]
    with opened(browser, show.model_view(pair, difference=(0, 1)), tmp_path) as page:
        expect(page.locator(f"{VIEW} .av-note")).to_contain_text("their difference is of words")


def test_a_page_of_its_own_marks_the_head_that_is_clicked(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, show.model_view(pair_of_records()), tmp_path) as page:
        edge = (LEFT - 1, TOP + 12)
        away_from = pixel(page, edge, 1)
        stamp = painted(page, VIEW)
        canvas(page).click(position={"x": LEFT + 10, "y": TOP + 10})
        painted(page, VIEW, after=stamp)
        away(page)
        assert pixel(page, edge, 1) != away_from
        assert point(page, (LEFT + 10, TOP + 10)).startswith("Layer 1, head 1")


def test_a_long_text_says_how_many_rows_are_in_a_cell(browser: Browser, tmp_path: Path) -> None:
    record = random_record((" ".join(["rabbit"] * 500),), n_layers=2, n_heads=2)
    with opened(browser, show.model_view(record), tmp_path) as page:
        expect(page.locator(f"{VIEW} .av-note")).to_contain_text("largest weight of 4 × 4 rows")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_screen_keeps_the_layout_whole(browser: Browser, tmp_path: Path, scheme: str) -> None:
    pair = [random_record(TEXTS, n_layers=6, n_heads=12, seed=seed, checkpoint=str(seed)) for seed in (0, 1)]
    display = show.model_view(pair, difference=(0, 1), measure="entropy", arrange="measure")
    size = {"width": 390, "height": 844}
    with opened(browser, display, tmp_path, viewport=size, color_scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.locator(f"{VIEW} .av-stage").evaluate_all("all => all.every(s => s.scrollWidth <= s.clientWidth)")
        assert seriously_wrong(page) == []


def test_axe_finds_nothing_serious(page: Page) -> None:
    opened_app(page, "&difference=1,2&measure=entropy&arrange=measure")
    page.get_by_role("button", name="Numbers").click()
    assert seriously_wrong(page) == []
