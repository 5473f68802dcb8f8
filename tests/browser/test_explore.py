"""The Explore page as a person uses it, in a real Chromium, with no way out to the network."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page, expect

from amplify_viz.recipes import HeadView, read_provenance, recipe_of, remake
from tests.browser.harness import Server, painted, wait_idle, watched_page
from tests.browser.reading import seriously_wrong

VIEW = ".av-view"
INK = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 40) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  return colours.size;
}"""


def _open(page: Page, query: str = "") -> str:
    page.goto(f"/{query}")
    stamp = painted(page, VIEW)
    wait_idle(page)
    return stamp


def _query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_two_runs_on_a_typed_pair_are_both_painted_and_the_link_brings_everything_back(page: Page) -> None:
    stamp = _open(page)
    page.get_by_label("Sentence A").fill("the old turtle slowly crawled")
    page.get_by_label("Sentence A").press("Control+Enter")
    stamp = painted(page, VIEW, after=stamp)
    panels = page.locator(f"{VIEW} canvas.av-canvas")
    expect(panels).to_have_count(2)
    for panel in panels.all():
        assert panel.evaluate(INK) > 50, "a head view has many shades of many colours"
    wait_idle(page)
    page.get_by_role("slider", name="Layer").press("ArrowLeft")
    painted(page, VIEW, after=stamp)
    wait_idle(page)
    expect(page).to_have_url(re.compile("layer=2"))
    link = page.url
    page.reload()
    painted(page, VIEW)
    wait_idle(page)
    assert page.url == link
    assert page.get_by_label("Sentence A").input_value() == "the old turtle slowly crawled"
    expect(page.get_by_role("slider", name="Layer")).to_have_attribute("aria-valuetext", re.compile("2"))


def test_changing_the_layer_paints_other_pixels(page: Page) -> None:
    stamp = _open(page)
    canvas = page.locator(f"{VIEW} canvas.av-canvas").first
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    page.get_by_role("slider", name="Layer").press("ArrowLeft")
    painted(page, VIEW, after=stamp)
    assert canvas.evaluate("canvas => canvas.toDataURL()") != before


@pytest.mark.parametrize(
    ("view", "name"), [("Head view", "head-view"), ("Neuron view", "neuron-view"), ("Word graph", "word-graph")]
)
def test_each_view_exports_an_svg_that_parses_and_holds_the_words(
    page: Page, tmp_path: Path, view: str, name: str
) -> None:
    _open(page, f"?view={view.replace(' ', '+')}&focus=2+%C2%B7+rabbit")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    assert download.value.suggested_filename == f"{name}.svg"
    path = tmp_path / "figure.svg"
    download.value.save_as(path)
    text = "".join(ElementTree.parse(path).getroot().itertext())
    assert "rabbit" in text
    assert "turtle" in text


def _saved_svg(page: Page) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    return download.value.path().read_text(encoding="utf-8")


def test_files_follow_a_style_sheet_until_it_is_removed(page: Page, tmp_path: Path) -> None:
    sheet, other = tmp_path / "journal.mplstyle", tmp_path / "letters.mplstyle"
    sheet.write_text("font.size: 7\ntext.color: 0a3d62\n")
    other.write_text("font.size: none at all\n")
    _open(page, "?view=Head+view&focus=2+%C2%B7+rabbit")
    page.get_by_role("button", name="Export").click()
    assert "#0a3d62" not in _saved_svg(page)
    page.get_by_text("Style sheet", exact=True).click()
    page.locator("input[type=file]").set_input_files(other)
    expect(page.get_by_role("alert").filter(has_text="font.size")).to_be_visible()
    page.locator("input[type=file]").set_input_files(sheet)
    expect(page.get_by_text("In the style of journal.mplstyle")).to_be_visible()
    wait_idle(page)
    assert "#0a3d62" in _saved_svg(page)
    expect(page.locator("code", has_text="--style=journal.mplstyle")).to_be_visible()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("Style sheet", exact=True)).to_be_visible()
    wait_idle(page)
    assert "#0a3d62" not in _saved_svg(page)


def test_what_is_exported_is_what_is_shown_and_is_made_again(page: Page, tmp_path: Path) -> None:
    _open(page, "?view=Head+view&layer=2&heads=1,3&top=2&level=words&difference=1,2")
    page.get_by_role("button", name="Export").click()
    saved = {}
    for kind in ("PDF", "CSV", "JSON", "LaTeX", "HTML, interactive"):
        with page.expect_download() as download:
            page.get_by_role("button", name=kind, exact=True).click()
        saved[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[kind])
    abouts = [read_provenance(path) for path in saved.values()]
    assert all(about == abouts[0] for about in abouts)
    recipe = recipe_of(abouts[0].arguments)
    assert isinstance(recipe, HeadView)
    assert (recipe.layer, recipe.heads, recipe.top, recipe.level, recipe.difference) == (2, (1, 3), 2, "words", (1, 2))
    assert recipe.text == "the rabbit quickly hopped" and recipe.pair == "the turtle slowly crawled"
    assert page.get_by_text(abouts[0].command, exact=False).count() == 1
    for kind in ("PDF", "CSV"):
        assert remake(saved[kind]).identical


@pytest.mark.parametrize(("kind", "magic"), [("PDF", b"%PDF"), ("PNG", b"\x89PNG")])
def test_the_layer_tests_export_as_pdf_and_png(page: Page, tmp_path: Path, kind: str, magic: bytes) -> None:
    page.goto("/?view=Layer+tests")
    page.locator(f"{VIEW} table[data-ready]").first.wait_for()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=kind).click()
    path = tmp_path / "figure"
    download.value.save_as(path)
    assert path.read_bytes().startswith(magic)


def test_a_click_on_a_word_is_the_focus_of_every_view(page: Page) -> None:
    stamp = _open(page)
    stage = page.locator(f"{VIEW} .av-stage").first
    stage.focus()
    for _ in range(4):
        stage.press("ArrowDown")
    stage.press("Enter")
    painted(page, VIEW, after=stamp)
    expect(page).to_have_url(re.compile("focus="))
    (focus,) = _query(page)["focus"]
    page.get_by_role("tab", name="Word graph").click()
    painted(page, '[data-view="graph"]')
    assert _query(page)["focus"] == [focus]


def test_markup_in_a_sentence_is_shown_as_text(page: Page) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    text = "<script>alert(1)</script> <img src=x onerror=alert(2)> **bold**"
    stamp = _open(page)
    page.get_by_label("Sentence A").fill(text)
    page.get_by_label("Sentence A").press("Control+Enter")
    painted(page, VIEW, after=stamp)
    wait_idle(page)
    assert page.get_by_label("Sentence A").input_value() == text
    assert page.locator("img[src=x], script:text('alert(1)')").count() == 0
    assert dialogs == []


def test_an_empty_sentence_is_one_clear_error_and_typing_mends_it(page: Page) -> None:
    _open(page)
    page.get_by_label("Sentence A").fill("   ")
    page.get_by_label("Sentence A").press("Control+Enter")
    expect(page.get_by_text("at least one visible character")).to_be_visible()
    page.get_by_label("Sentence A").fill("the rabbit hopped")
    page.get_by_label("Sentence A").press("Control+Enter")
    painted(page, VIEW)
    expect(page.get_by_text("at least one visible character")).to_have_count(0)


def test_two_tabs_keep_their_own_sentences(browser: Browser, app_server: Server) -> None:
    with watched_page(browser, app_server) as one, watched_page(browser, app_server) as other:
        _open(one, "?a=the+rabbit")
        _open(other, "?a=the+turtle")
        stamp = painted(one, VIEW)
        one.get_by_role("slider", name="Layer").press("ArrowLeft")
        painted(one, VIEW, after=stamp)
        assert one.get_by_label("Sentence A").input_value() == "the rabbit"
        assert other.get_by_label("Sentence A").input_value() == "the turtle"


def test_at_390_pixels_nothing_is_wider_than_the_screen(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    widths = page.locator(f"{VIEW} canvas.av-canvas").evaluate_all(
        "all => all.map(canvas => canvas.getBoundingClientRect().right)"
    )
    assert len(widths) == 2
    assert max(widths) <= 390


@pytest.mark.parametrize(
    ("query", "cell"),
    [("?view=Heads", "^Layer 3, head 2:"), ("?view=Layer+tests&tested_by=Layer+and+head", "^Layer 3, head 2:")],
)
def test_a_click_in_a_map_of_heads_opens_the_head(page: Page, query: str, cell: str) -> None:
    page.goto(f"/{query}")
    page.locator("[data-view='cell-map'][data-ready]").first.wait_for()
    wait_idle(page)
    page.get_by_role("button", name=re.compile(cell)).first.click()
    painted(page, '[data-view="heads"]')
    wait_idle(page)
    assert (_query(page)["layer"], _query(page)["heads"]) == (["3"], ["2"])


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("view", ["Heads", "Through the layers"])
def test_axe_finds_nothing_serious_in_the_measures(page: Page, view: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/?view={view.replace(' ', '+')}")
    page.locator("[data-view='cell-map'][data-ready]").first.wait_for()
    wait_idle(page)
    assert seriously_wrong(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_word_is_followed_through_the_layers(page: Page) -> None:
    page.goto("/?view=Through+the+layers&a=the+rabbit+hopped&b=")
    page.locator("[data-view='cell-map'][data-ready]").first.wait_for()
    page.get_by_role("button", name=re.compile("^hopped:")).first.click()
    expect(page.get_by_text("From hopped in layer 3")).to_be_visible()
    page.get_by_role("button", name="Compute flow").click()
    expect(page.locator("[data-view='cell-map'][data-ready]")).to_have_count(2)
