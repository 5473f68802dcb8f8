"""A figure's file: vectors, text as text, no date, the same bytes each time."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from PIL import Image

from amplify_viz import figures
from amplify_viz.errors import InputError
from amplify_viz.figures import to_bytes
from tests.tiny import random_record

KINDS = ("svg", "pdf", "png")
TEXTS = ("the <script>alert(1)</script> $x_1$ rab&bit", 'it_ costs 5$ "quoted" \x01 ]]>')


def draw() -> Figure:
    return figures.head_view([random_record(TEXTS)], layer=0, focus=1)


def words_of(svg: bytes) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_figure_gives_the_same_bytes(kind: str) -> None:
    figure = draw()
    assert to_bytes(figure, kind) == to_bytes(figure, kind) == to_bytes(draw(), kind)


def test_an_svg_parses_and_holds_text_as_text_literally() -> None:
    words = words_of(to_bytes(draw(), "svg"))
    for word in ("$x_1$", "rab&bit", "it_", '"quot', '##ed"', "␁", "]]>"):
        assert word in words
    assert any(word.startswith("<scri") for word in words)


def test_an_svg_has_a_title_and_no_date_and_runs_nothing() -> None:
    root = ElementTree.fromstring(to_bytes(draw(), "svg"))
    tags = {element.tag.split("}")[-1] for element in root.iter()}
    assert "script" not in tags and "date" not in tags
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "Attention in layer 1 from “<”"


def test_a_pdf_embeds_type_42_and_has_a_title_and_no_date() -> None:
    pdf = to_bytes(draw(), "pdf")
    assert pdf.startswith(b"%PDF")
    assert b"/CIDFontType2" in pdf and b"/Type3" not in pdf
    assert b"/Title" in pdf and b"/CreationDate" not in pdf


def test_a_png_has_the_resolution_asked_for() -> None:
    figure = draw()
    image = Image.open(BytesIO(to_bytes(figure, "png", dpi=100)))
    assert image.size == pytest.approx(tuple(figure.get_size_inches() * 100), abs=1)
    assert image.info["Title"] == figure.get_label()


def test_settings_of_the_process_stay_as_they_were() -> None:
    before = dict(mpl.rcParams)
    to_bytes(draw(), "svg")
    assert dict(mpl.rcParams) == before


def test_threads_that_save_at_once_get_the_bytes_they_would_get_alone() -> None:
    alone = [to_bytes(draw(), kind, dpi=72) for kind in KINDS]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda kind: to_bytes(draw(), kind, dpi=72), KINDS * 2))
    assert together == alone * 2


def test_another_kind_is_refused() -> None:
    with pytest.raises(InputError, match="saved as svg, pdf, png, pgf, got 'jpg'"):
        to_bytes(draw(), "jpg")


@pytest.mark.parametrize("dpi", [0, 49, 1201, float("nan")])
def test_a_resolution_that_nobody_needs_is_refused(dpi: float) -> None:
    with pytest.raises(InputError, match="50 to 1200 dots an inch"):
        to_bytes(draw(), "png", dpi=dpi)


def test_a_pgf_without_tex_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match=r"needs TeX .* take the PDF"):
        to_bytes(draw(), "pgf")
