"""Every text has a font, a size and a cut."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.t2CharStringPen import T2CharStringPen  # type: ignore[import-untyped]
from matplotlib import font_manager
from matplotlib.figure import Figure

from amplify_viz import figures
from amplify_viz.figures import fonts, to_bytes
from tests.tiny import random_record

TEXTS = [
    "rabbit",
    "兔子",
    "الأرنب",
    "हिन्दी",
    "👨‍👩‍👧",
    "❤️",
    "▁the",
    "Ġthe",
    "\U0010ffff\ue000",
    "$x_1$",
    "é\u0301\u20dd",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_any_text_is_drawn_without_a_warning(text: str, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    figure = Figure((2, 1))
    figure.text(0.1, 0.5, fonts.clean(text), fontproperties=fonts.properties(text, size=8, bold=True), parse_math=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        to_bytes(figure, kind)
    assert not [record for record in caplog.records if "findfont" in record.message]


def test_what_no_font_has_is_named_once() -> None:
    figure = figures.head_view([random_record(("rabbit \U0010ffff café \U0010ffff",))], layer=0)
    assert figures.lacking(figure) == ("\U0010ffff",)
    assert figures.lacking(figures.head_view([random_record()], layer=0)) == ()


def test_the_last_resort_is_taken_only_for_what_no_font_has() -> None:
    assert "Last Resort High-Efficiency" not in fonts.families("rabbit")
    assert fonts.families("\U0010ffff")[-1] == "Last Resort High-Efficiency"


def test_a_text_is_as_wide_as_matplotlib_draws_it() -> None:
    width, height = fonts.extent("cartoonish", size=8)
    figure = Figure((4, 1), dpi=720)
    drawn = figure.text(0, 0.5, "cartoonish", fontproperties=fonts.properties("cartoonish", size=8)).get_window_extent()
    assert (drawn.width / 10, drawn.height / 10) == pytest.approx((width, height), rel=0.02)


def test_a_text_that_fits_is_kept_and_a_longer_one_ends_in_dots() -> None:
    assert fonts.fit("rabbit", fonts.extent("rabbit", size=7)[0] + 5.0 - 5.0, size=7) == "rabbit"
    for width in (12, 20, 40, 80):
        cut = fonts.fit("pneumonoultramicroscopicsilicovolcanoconiosis", width, size=7)
        assert cut.endswith("…")
        assert fonts.extent(cut, size=7)[0] <= width


def test_a_cut_keeps_visible_characters_whole() -> None:
    family = "👨‍👩‍👧"
    cut = fonts.fit(family * 6, 60, size=7).removesuffix("…")
    assert cut and cut == family * cut.count(family)
    assert fonts.fit(family * 6, 1, size=7) == family + "…"


def test_a_name_that_is_too_long_keeps_both_ends() -> None:
    names = [f"models/bert-base-uncased/amplify-seed-{seed}" for seed in (1, 2)]
    assert fonts.fit_name(names[0], 300, size=7) == names[0]
    for width in (20, 40, 80):
        short = [fonts.fit_name(name, width, size=7) for name in names]
        assert [text[-1] for text in short] == ["1", "2"]
        assert all(text.startswith("m") and "…" in text and fonts.extent(text, size=7)[0] <= width for text in short)


def test_lines_are_broken_at_spaces_and_lose_no_word() -> None:
    text = "Uncalibrated: elements are dependent, and only the two grand means are compared."
    lines = fonts.wrap(text, 90, size=7)
    assert " ".join(lines) == text
    assert len(lines) > 2
    assert all(fonts.extent(line, size=7)[0] <= 90 for line in lines)


def test_clean_text_is_one_line_that_xml_can_hold() -> None:
    assert fonts.clean("a\tb\nc\x00") == "a␉b␊c␀"
    assert fonts.clean("\ud800\ufffe\x85") == "���"
    assert fonts.clean("a\u2028b") == "a b"
    assert fonts.clean("👨‍👩‍👧 $x_1$ <b>") == "👨‍👩‍👧 $x_1$ <b>"


@pytest.fixture
def postscript_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A font with PostScript outlines that has one character nobody else has, installed for one test."""
    pen = T2CharStringPen(500, {})
    pen.moveTo((0, 0))
    pen.lineTo((400, 0))
    pen.lineTo((400, 700))
    pen.closePath()
    shape = pen.getCharString()
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder([".notdef", "one"])
    builder.setupCharacterMap({0xF1234: "one"})
    builder.setupCFF("Triangles", {}, {".notdef": shape, "one": shape}, {})
    builder.setupHorizontalMetrics({".notdef": (500, 0), "one": (500, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Triangles", "styleName": "Regular", "psName": "Triangles"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "triangles.otf")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", list(font_manager.fontManager.ttflist))
    font_manager.fontManager.addfont(tmp_path / "triangles.otf")
    forget()
    yield "\U000f1234"
    monkeypatch.undo()
    forget()


def forget() -> None:
    """Forgets which fonts are installed."""
    for cached in (fonts.families_after, fonts.extent_after, fonts.installed, fonts.candidates):
        cached.cache_clear()


def test_a_pdf_holds_postscript_outlines_as_type_3_and_others_as_type_42(postscript_font: str) -> None:
    for text, kind, other in ((postscript_font, b"/Type3", b"/CIDFontType2"), ("rabbit", b"/CIDFontType2", b"/Type3")):
        figure = Figure((2, 1))
        figure.text(0.1, 0.5, text, fontproperties=fonts.properties(text, size=8))
        assert fonts.have_postscript_outlines(fonts.families(text)) == (kind == b"/Type3")
        file = to_bytes(figure, "pdf")
        assert kind in file and other not in file
