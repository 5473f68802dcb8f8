"""The word graph in a real Chromium: its numbers are the library's, and a word is refocused by mouse and keyboard."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networkx import get_edge_attributes
from playwright.sync_api import Browser, Page, expect

from amplify_viz import find_runs, graph, load, show
from amplify_viz.colours import POSITIVE
from amplify_viz.records import AttentionRecord, capture
from tests.browser.harness import painted, wait_idle
from tests.browser.reading import VIEW, canvas, caption, number, opened, pixel, point, rows, seriously_wrong
from tests.tiny import random_record

TEXTS = ("the rabbit quickly hopped", "the turtle slowly crawled")
QUERY = f"?view=Word+graph&a={TEXTS[0].replace(' ', '+')}&b={TEXTS[1].replace(' ', '+')}"
LAYER, WORD = 1, 1  # zero-based
LAYOUTS = ("Arc", "Circle", "Radial")


@pytest.fixture(scope="module")
def records(runs_folder: Path) -> list[AttentionRecord]:
    """What the panels of the app show."""
    runs = sorted(find_runs(runs_folder), key=lambda run: run.folder.name, reverse=True)
    return [capture(load(run.folder), *TEXTS) for run in runs]


def opened_app(page: Page, more: str = "") -> str:
    page.goto(f"/{QUERY}&layer={LAYER + 1}&focus={WORD + 1}{more}")
    stamp = painted(page, VIEW)
    expect(caption(page)).to_contain_text("Attention from")
    wait_idle(page)
    return stamp


def check_table(page: Page, record: AttentionRecord, panel: int = 0, **choices: Any) -> None:
    """The panel's table holds the weights from the focus word and to it."""
    word = choices.pop("focus", WORD)
    found = graph.word_graph(record, layer=LAYER, focus=word, **choices)
    focus = found.graph["focus"]
    weights = get_edge_attributes(found, "weight")
    expected = [[weights[focus, node], weights[node, focus]] for node in found]
    shown = [[number(cell) for cell in cells] for cells in rows(page, panel).values()]
    np.testing.assert_allclose(shown, expected, rtol=6e-3, atol=1e-4)


def test_the_numbers_are_those_of_the_librarys_graph(page: Page, records: list[AttentionRecord]) -> None:
    stamp = opened_app(page)
    for panel, record in enumerate(records):
        check_table(page, record, panel)
    page.get_by_role("combobox", name="Head").select_option("3")
    painted(page, VIEW, after=stamp)
    expect(caption(page)).to_contain_text("head 3")
    for panel, record in enumerate(records):
        check_table(page, record, panel, head=2)


def test_the_mean_is_of_the_heads_that_are_chosen(page: Page, records: list[AttentionRecord]) -> None:
    stamp = opened_app(page)
    for head in (2, 4):
        page.get_by_role("button", name=f"Head {head}", exact=True).click()
        stamp = painted(page, VIEW, after=stamp)
    expect(caption(page)).to_contain_text("mean over heads 1, 3, none")
    check_table(page, records[0], head=[0, 2])
    expect(page).to_have_url(re.compile("heads=1%2C3"))
    page.get_by_role("button", name="None", exact=True).click()
    expect(page.locator(f"{VIEW} .av-note")).to_contain_text("No head is chosen")


def test_a_click_on_a_word_makes_it_the_focus_in_all_panels(page: Page, records: list[AttentionRecord]) -> None:
    stamp = opened_app(page)
    x, y = spots(page)["turtle"]
    canvas(page).click(position={"x": x, "y": y})
    painted(page, VIEW, after=stamp)
    word = records[0].word_texts.index("turtle")
    for panel, record in enumerate(records):
        expect(caption(page, panel)).to_contain_text("from and to turtle")
        check_table(page, record, panel, focus=word)
    expect(page).to_have_url(re.compile(f"focus={word + 1}"))
    expect(page.locator(f"{VIEW} .av-legend")).to_contain_text("turtle")


def test_of_several_pinned_words_the_last_is_in_focus(page: Page) -> None:
    opened_app(page, "%2C7")
    expect(caption(page)).to_contain_text("from and to slowly")


def spots(page: Page, panel: int = 0) -> dict[str, tuple[float, float]]:
    """Where in a panel's picture the pointer first meets each word; equal words have their number behind them."""
    box = canvas(page, panel).bounding_box()
    assert box is not None
    found: dict[str, tuple[float, float]] = {}
    for y in range(6, int(box["height"]), 8):
        for x in range(6, int(box["width"]), 8):
            lines = point(page, (x, y), panel).split("\n")
            if len(lines) > 1:
                name = f"{lines[0]} {lines[1]}" if lines[0] == "the" else lines[0]
                found.setdefault(name, (x, y))
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_words_stand_at_the_same_place_in_all_panels(browser: Browser, tmp_path: Path, layout: str) -> None:
    texts = ("the rabbit hopped", "the turtle")
    pair = [random_record(texts, seed=seed, checkpoint=name) for seed, name in enumerate(("mixed", "plain"))]
    display = show.word_graph(pair, layer=LAYER, focus=WORD, layout=layout.lower(), difference=(0, 1))
    with opened(browser, display, tmp_path, viewport={"width": 900, "height": 900}) as page:
        expect(page.get_by_role("radio", name=layout)).to_be_checked()
        here, *others = (spots(page, panel) for panel in range(3))
        assert len(here) == 5
        assert others == [here, here]


def test_the_layout_is_changed_in_the_view_and_kept_in_the_link(page: Page) -> None:
    stamp = opened_app(page)
    for layout in ("Circle", "Radial"):
        page.get_by_label(layout, exact=True).check()
        stamp = painted(page, VIEW, after=stamp)
        expect(page).to_have_url(re.compile(f"layout={layout.lower()}"))


def test_a_words_depth_is_its_share_of_the_focus_words_largest_weight(browser: Browser, tmp_path: Path) -> None:
    record = random_record(TEXTS)
    display = show.word_graph(record, layer=LAYER, focus=WORD)
    weights = [cells["weight"] for _, cells in graph.word_graph(record, layer=LAYER, focus=WORD).nodes(data=True)]
    blue = np.array([int(POSITIVE[i : i + 2], 16) for i in (1, 3, 5)])
    with opened(browser, display, tmp_path) as page:
        box = canvas(page).bounding_box()
        assert box is not None
        left = next(x for x in range(1, 1440) if point(page, (x, 14)))
        heights = [y for y in range(4, int(box["height"]), 2) if point(page, (left + 4, y))]
        page.mouse.move(0, 0)
        page.wait_for_timeout(100)
        colours = [pixel(page, (left + 5, y)) for y in heights]
        for weight in weights:
            share = weight / max(weights)
            if share < 0.7:  # deeper ones turn to the text's colour
                expected = 255 + (0.04 + share / 0.7 * 0.96) * (blue - 255)
                assert any(np.abs(np.array(colour) - expected).max() <= 3 for colour in colours), weight


def counts(page: Page) -> dict[str, int]:
    """The kinds of lines in the legend, and how many there are of each."""
    keys = page.locator(f"{VIEW} .av-key:has(.av-line)")
    pairs = keys.evaluate_all("keys => keys.map(key => [...key.children].slice(1).map(part => part.textContent))")
    return {name: int(count) for name, count in pairs}


def expected_counts(a: AttentionRecord, b: AttentionRecord, threshold: float) -> dict[str, int]:
    found = graph.compare(a, b, layer=LAYER, focus=WORD, threshold=threshold)
    kinds = Counter(kind for (one, other), kind in get_edge_attributes(found, "kind").items() if one != other)
    names = {"shared": "shared", "only a": f"only {a.checkpoint}", "only b": f"only {b.checkpoint}"}
    return {name: kinds[kind] for kind, name in names.items()}


def other_models() -> tuple[AttentionRecord, AttentionRecord]:
    return random_record(TEXTS, seed=6, checkpoint="mixed"), random_record(TEXTS, seed=7, checkpoint="plain")


def test_a_comparison_tells_what_two_models_share_at_every_threshold(browser: Browser, tmp_path: Path) -> None:
    pair = other_models()
    with opened(browser, show.word_graph(pair, layer=LAYER, focus=WORD, edge=0.05), tmp_path) as page:
        stamp = painted(page, VIEW)
        expect(page.locator(f"{VIEW} canvas.av-canvas")).to_have_count(2)
        page.get_by_role("combobox", name="Difference").select_option("plain − mixed")
        stamp = painted(page, VIEW, after=stamp)
        expect(page.locator(f"{VIEW} canvas.av-canvas")).to_have_count(3)
        assert counts(page) == expected_counts(*pair, 0.05)
        slider = page.get_by_role("slider", name="Lines from weight")
        for threshold in (0.075, 0.1, 0.15):
            slider.press("ArrowRight")
            stamp = painted(page, VIEW, after=stamp)
            expect(slider).to_have_attribute("aria-valuetext", str(threshold))
            assert counts(page) == expected_counts(*pair, threshold)
        assert "only" in (canvas(page, 2).get_attribute("aria-label") or "")


def test_the_comparisons_table_has_both_weights_and_the_kind_of_each_line(browser: Browser, tmp_path: Path) -> None:
    pair = other_models()
    display = show.word_graph(pair, layer=LAYER, focus=WORD, edge=0.1, difference=(0, 1))
    found = graph.compare(*pair, layer=LAYER, focus=WORD, threshold=0.1)
    kinds = get_edge_attributes(found, "kind")
    names = {"shared": "shared", "only a": "only mixed", "only b": "only plain", None: "none"}
    with opened(browser, display, tmp_path) as page:
        expect(caption(page, 2)).to_contain_text("plain − mixed")
        for node, cells in zip(found, rows(page, 2).values(), strict=True):
            a, b = found.nodes[node]["weight_a"], found.nodes[node]["weight_b"]
            assert [number(cell) for cell in cells[:3]] == pytest.approx([a, b, b - a], rel=7e-3, abs=1e-4)
            focus = found.graph["focus"]
            assert cells[3] == names[None if node == focus else kinds.get((focus, node))]


def test_lines_of_each_kind_have_their_colour(browser: Browser, tmp_path: Path) -> None:
    display = show.word_graph(other_models(), layer=LAYER, focus=WORD, edge=0.1, difference=(0, 1))
    hues = """canvas => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let [blue, orange] = [0, 0];
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] < 100) continue;
        if (data[i + 2] > data[i] + 60) blue += 1;
        if (data[i] > data[i + 2] + 60) orange += 1;
      }
      return [blue, orange];
    }"""
    with opened(browser, display, tmp_path) as page:
        page.get_by_label("Circle", exact=True).check()
        expect(page.get_by_label("Circle", exact=True)).to_be_checked()
        page.wait_for_timeout(200)
        blue, orange = canvas(page, 2).evaluate(hues)
        assert blue > 100 and orange > 100


def test_the_app_compares_two_runs(page: Page, records: list[AttentionRecord]) -> None:
    opened_app(page, "&difference=1,2&edge=0.05")
    expect(page.locator(f"{VIEW} canvas.av-canvas")).to_have_count(3)
    found = {name.partition(" ·")[0]: count for name, count in counts(page).items()}
    expected = {
        name.split("/")[0].partition(" ·")[0]: n for name, n in expected_counts(records[0], records[1], 0.05).items()
    }
    assert list(found.values()) == list(expected.values())


def test_models_of_other_tokenizers_are_compared_by_their_words(browser: Browser, tmp_path: Path) -> None:
    from tests.tiny import tiny_checkpoint

    pair = (capture(tiny_checkpoint("bert"), *TEXTS), capture(tiny_checkpoint("gpt2"), *TEXTS))
    display = show.word_graph(pair, layer=LAYER, focus=WORD, edge=0.05, difference=(0, 1))
    with opened(browser, display, tmp_path) as page:
        expect(page.locator(f"{VIEW} .av-note")).to_contain_text("words are compared")
        assert counts(page) == expected_counts(*pair, 0.05)
        assert [list(rows(page, panel)) for panel in (0, 1)] == [list(rows(page, 2))] * 2


def test_arrow_keys_walk_through_the_words_and_enter_focuses_one(page: Page, records: list[AttentionRecord]) -> None:
    stamp = opened_app(page)
    stage = page.locator(f"{VIEW} .av-stage").first
    stage.focus()
    stage.press("End")
    expect(page.get_by_role("tooltip")).to_contain_text("crawled")
    expect(page.locator(f"{VIEW} [aria-live]").first).to_contain_text("crawled, word 8")
    stage.press("ArrowUp")
    stage.press("Enter")
    painted(page, VIEW, after=stamp)
    expect(caption(page)).to_contain_text("from and to slowly")
    check_table(page, records[0], focus=records[0].word_texts.index("slowly"))


def long_text(count: int) -> tuple[str]:
    return (" ".join(f"word{i}" for i in range(count)),)


def test_five_hundred_words_scroll_as_arcs_and_fit_as_a_ring(browser: Browser, tmp_path: Path) -> None:
    pair = [random_record(long_text(500), n_layers=1, n_heads=1, seed=seed, checkpoint=str(seed)) for seed in (0, 1)]
    display = show.word_graph(pair, layer=0, focus=3, edge=0.0, difference=(0, 1))
    with opened(browser, display, tmp_path) as page:
        stage = page.locator(f"{VIEW} .av-stage").first
        assert stage.evaluate("stage => stage.scrollHeight") > 7000
        assert canvas(page).evaluate("canvas => canvas.height") <= 744
        expect(page.locator(f"{VIEW} .av-note")).to_contain_text("are left out")
        stage.focus()
        stage.press("End")
        expect(page.get_by_role("tooltip")).to_contain_text("word499")
        stamp = painted(page, VIEW)
        page.get_by_label("Circle", exact=True).check()
        painted(page, VIEW, after=stamp)
        expect(page.locator(f"{VIEW} .av-note")).to_contain_text("no room for a label")
        assert stage.evaluate(
            "stage => [stage.scrollHeight - stage.clientHeight, stage.scrollWidth - stage.clientWidth]"
        ) == [0, 0]


@pytest.mark.parametrize("layout", ["arc", "circle", "radial"])
def test_odd_words_on_a_narrow_screen_keep_the_layout_whole(browser: Browser, tmp_path: Path, layout: str) -> None:
    texts = ("שלום 👩‍👩‍👧‍👦 世界 Donaudampfschifffahrtsgesellschaftskapitänsmütze", "مرحبا بالعالم é́́")
    pair = [random_record(texts, seed=seed, checkpoint=str(seed)) for seed in (0, 1)]
    display = show.word_graph(pair, focus=1, layout=layout, difference=(0, 1))
    size = {"width": 390, "height": 844}
    with opened(browser, display, tmp_path, viewport=size, color_scheme="dark") as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.locator(f"{VIEW} .av-stage").evaluate_all("all => all.every(s => s.scrollWidth <= s.clientWidth)")


def test_axe_finds_nothing_serious(page: Page) -> None:
    opened_app(page, "&difference=1,2")
    page.get_by_role("button", name="Numbers").click()
    assert seriously_wrong(page) == []
