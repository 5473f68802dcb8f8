"""A figure's file: vectors, text as text, no date, the same bytes each time."""

import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_pgf import LatexError
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
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


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_the_resolution_is_that_of_a_png_alone(kind: str) -> None:
    figure = figures.head_matrix([random_record(TEXTS)], layer=0, width=3.3)
    assert to_bytes(figure, kind, dpi=170) == to_bytes(figure, kind, dpi=300) == to_bytes(figure, kind)
    assert to_bytes(figure, "png", dpi=170) != to_bytes(figure, "png", dpi=300)


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


@pytest.fixture
def as_tex(monkeypatch: pytest.MonkeyPatch) -> None:
    """TeX as far as these tests need it: of the figure that it is given a PGF is drawn as an SVG."""
    save = Figure.savefig

    def as_svg(figure: Figure, path: Any, **settings: Any) -> None:
        pgf = settings.get("format") == "pgf"
        save(figure, path, **({"format": "svg"} if pgf else settings))

    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/pdflatex")
    monkeypatch.setattr(Figure, "savefig", as_svg)


@pytest.mark.usefixtures("as_tex")
def test_a_pgf_has_text_that_latex_reads_literally_and_no_picture_beside_it() -> None:
    figure = figures.head_matrix([random_record(TEXTS)], layer=0)
    before = to_bytes(figure, "png", dpi=50)
    with mpl.rc_context({"svg.fonttype": "none"}):
        drawn = to_bytes(figure, "pgf", about="made by 50% of us").decode()
    about, svg = drawn.split("\n", 1)
    assert about == "% made by 50% of us"
    words = words_of(svg.encode())
    assert r"\$x\_1\$" in words and r"rab\&bit" in words and r"it\_" in words
    assert "<image" not in svg
    assert to_bytes(figure, "png", dpi=50) == before


@pytest.mark.usefixtures("as_tex")
def test_the_cells_of_a_pgf_have_the_colours_of_the_picture() -> None:
    record = random_record(("a b c",))
    figure = figures.head_matrix([record], layer=0)
    (image,) = figure.findobj(AxesImage)
    assert isinstance(image, AxesImage)
    colours = [to_hex(tuple(colour)) for colour in image.to_rgba(np.asarray(image.get_array())).reshape(-1, 4)]
    svg = to_bytes(figure, "pgf").decode()
    cells = re.findall(r'style="fill: (#[0-9a-f]{6}); stroke: \1', svg)
    assert " ".join(colours) in " ".join(cells)


@pytest.mark.usefixtures("as_tex")
def test_a_pgf_of_too_many_cells_is_refused_and_the_figure_stays_as_it_was() -> None:
    figure = figures.head_matrix([random_record((" ".join("a" * 80),))] * 4, layer=0)
    with pytest.raises(InputError, match=r"at most 10,000 cells, .* this figure has 14,400: take the PDF"):
        to_bytes(figure, "pgf")
    assert b"<image" in to_bytes(figure, "svg")


@pytest.mark.parametrize("error", [ValueError("no metrics"), LatexError("Fatal error")])  # type: ignore[no-untyped-call]
def test_a_pgf_whose_letters_tex_lacks_is_refused_by_name(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    figure = figures.head_view([random_record(("日本 α rabbit",))], layer=0)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/pdflatex")
    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(InputError, match=r"set by pdflatex, which has no letters for .* \(日 本\): take the PDF"):
        to_bytes(figure, "pgf")
