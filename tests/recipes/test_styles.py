"""A style file changes letters, colours and lines as it says, nothing else; files say it, and `remake` uses it."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from PIL import Image
from pypdf import PdfReader

import amplify_viz as av
from amplify_viz.__main__ import main
from amplify_viz.errors import InputError
from amplify_viz.recipes import (
    KINDS,
    DataTests,
    Densities,
    HeadKinds,
    HeadMatrix,
    HeadTests,
    HeadView,
    ModelView,
    NeuronView,
    OfText,
    Recipe,
    Rollout,
    WordGraph,
    read_provenance,
    recipe_of,
    remake,
    to_file,
    write,
)
from amplify_viz.recipes.folders import OfFolders
from amplify_viz.recipes.recipe import WIDTHS
from tests.figures.boxes import misplaced, texts

TEXTS: dict[str, Any] = {"run": ("seed0", "seed1"), "text": "the rabbit hopped", "pair": "it was tired"}
RECIPES: list[Recipe] = [
    Densities(alpha=(0.1, 3.0), draws=(2,)),
    HeadView(**TEXTS, layer=1),
    HeadMatrix(**TEXTS, layer=1),
    ModelView(**TEXTS),
    NeuronView(**TEXTS, layer=1),
    WordGraph(**TEXTS, layer=1, layout="radial"),
    HeadTests(**TEXTS),
    HeadKinds(**TEXTS),
    Rollout(**TEXTS),
]
LARGER = 9.1 / 7  # of letters of 7 points in the sheet "large"


@pytest.fixture(autouse=True)
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(folder)
    for name, content in SHEETS.items():
        Path(f"{name}.mplstyle").write_text(content, encoding="utf-8")
    yield
    assert av.figures.chosen.chosen() == av.figures.Style(), "no style is left behind"


SHEETS = {
    "large": "font.size: 9.1\n",
    "small": "font.size: 4\n",
    "serif": "# a journal's\n\nfont.family: serif\nfont.serif: No Such Font, STIXGeneral, DejaVu Serif  # in this order\n",
    "coloured": 'text.color: 000080\naxes.edgecolor: black\ngrid.color: "#00ff00"\naxes.grid: True\n',
    "lines": "axes.linewidth: 1.5\ngrid.linewidth: 0.9\nlines.linewidth: 2.5\nfont.size: 14\n",
}


def drawn(recipe: Recipe, style: str, **changed: Any) -> Figure:
    return replace(recipe, style=f"{style}.mplstyle", **changed).make().figure


def pixels(figure: Figure, dpi: float) -> Any:
    return np.asarray(Image.open(BytesIO(av.figures.to_bytes(figure, "png", dpi=dpi))).convert("RGB"), dtype=float)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda one: one.KIND)
def test_larger_letters_are_the_figure_of_a_narrower_page_enlarged(recipe: Recipe) -> None:
    large = drawn(recipe, "large", width=6.5)
    narrow = replace(recipe, width=6.5 / LARGER).make().figure
    np.testing.assert_allclose(large.get_size_inches(), LARGER * narrow.get_size_inches())
    sizes = [float(text.get_fontsize()) for text in texts(large)]
    assert min(sizes) == pytest.approx(9.1) and misplaced(large) == []
    ours, theirs = pixels(large, 100), pixels(narrow, 100 * LARGER)
    rows, columns = (min(pair) for pair in zip(ours.shape[:2], theirs.shape[:2], strict=True))
    assert abs(ours.shape[0] - theirs.shape[0]) <= 1 and abs(ours.shape[1] - theirs.shape[1]) <= 1
    differs = np.abs(ours[:rows, :columns] - theirs[:rows, :columns]).max(axis=-1) > 128
    assert differs.mean() < 0.0005, "only edges are rounded otherwise"


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda one: one.KIND)
def test_all_text_is_in_the_first_font_that_is_installed(recipe: Recipe) -> None:
    figure = drawn(recipe, "serif")
    assert {findfont(text.get_fontproperties()).rsplit("/", 1)[-1].split(".")[0] for text in texts(figure)} <= {
        "STIXGeneral",
        "STIXGeneralBol",
    }
    assert misplaced(figure) == []
    assert "STIXGeneral" in av.figures.to_bytes(figure, "svg").decode()


def test_fonts_are_embedded_as_type_42_as_ours_are_and_svgs_keep_their_text() -> None:
    one = replace(RECIPES[0], style="serif.mplstyle")
    made = one.make()
    page = PdfReader(BytesIO(to_file(one, made, "pdf"))).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert any("STIX" in str(font["/BaseFont"]) for font in fonts)
    assert all(font["/Subtype"] != "/Type3" for font in fonts)
    assert ">Densities" in to_file(one, made, "svg").decode() or "<text" in to_file(one, made, "svg").decode()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda one: one.KIND)
def test_the_colour_of_text_is_that_of_all_text_on_white(recipe: Recipe) -> None:
    ours, theirs = texts(recipe.make().figure), texts(drawn(recipe, "coloured"))
    assert [text.get_text() for text in ours] == [text.get_text() for text in theirs]
    mapped = {"#222222": "#000080", "#666666": "#000080"}
    for before, after in zip(ours, theirs, strict=True):
        was, now = to_hex(before.get_color()), to_hex(after.get_color())
        assert now == mapped.get(was, was) or (now in ("#000080", "#ffffff") and was in ("#222222", "#ffffff"))
    assert "#000080" in {to_hex(text.get_color()) for text in theirs}


def test_axes_grid_and_curves_have_the_colours_and_widths_asked_for() -> None:
    for style, frame, line, grid, behind, curve in (
        ("coloured", "#000000", 0.5, "#00ff00", 0.4, 1.3),
        ("lines", "#666666", 1.5, "#cccccc", 0.9, 2.5),
    ):
        plots = [axes for axes in drawn(RECIPES[0], style).axes if str(axes.get_gid()).endswith("plot")]
        scale = 2.0 if style == "lines" else 1.0
        assert plots
        for axes in plots:
            assert to_hex(axes.spines["left"].get_edgecolor()) == frame
            assert axes.spines["left"].get_linewidth() == pytest.approx(line)
            (tick, *_) = axes.xaxis.get_ticklines()
            assert tick.get_markeredgewidth() == pytest.approx(line) and tick.get_markersize() == pytest.approx(
                2.5 * scale
            )
            (first, *_) = axes.get_ygridlines()
            assert to_hex(first.get_color()) == grid and first.get_linewidth() == pytest.approx(behind)
            assert {round(one.get_linewidth(), 6) for one in axes.lines} == {curve}


def test_a_style_changes_no_number_and_none_is_our_own(folder: Path) -> None:
    for one in RECIPES:
        plain, styled = one.make(), replace(one, style="large.mplstyle").make()
        assert plain.table.equals(styled.table) and plain.caption == styled.caption
    assert "style" not in " ".join(RECIPES[0].arguments)


def test_every_kind_takes_a_style_on_the_command_line() -> None:
    for kind in KINDS.values():
        needed: dict[str, Any] = {"run": ("a",)} if issubclass(kind, OfText | OfFolders | DataTests) else {}
        needed |= {"text": "x"} if issubclass(kind, OfText | DataTests) else {}
        needed |= {"a": ("a",), "b": ("b",)} if kind.KIND == "comparison-map" else {}
        one = kind(**needed, style="large.mplstyle")
        assert "--style=large.mplstyle" in one.arguments and recipe_of(one.arguments) == one


@pytest.mark.parametrize("end", ["svg", "pdf", "png", "tex"])
def test_files_say_the_style_and_are_made_again_with_it(folder: Path, end: str) -> None:
    one = replace(RECIPES[0], style=str(folder / "serif.mplstyle"))
    path = write(one, one.make(), folder / f"styled.{end}")
    said = read_provenance(path)
    assert "--style=serif.mplstyle" in said.arguments, "as it is called from here"
    assert said.style_sha256 == hashlib.sha256(SHEETS["serif"].encode()).hexdigest()
    (folder / "again").mkdir(exist_ok=True)
    done = remake(path, folder / "again" / path.name)
    assert done.identical and not done.restyled and done.path.read_bytes() == path.read_bytes()
    Path("serif.mplstyle").write_text("font.size: 8\n", encoding="utf-8")
    done = remake(path)
    assert done.holds and done.restyled and "its style file has changed since" in done.said
    moved = Path("serif.mplstyle").replace(folder / "again" / "moved.mplstyle")
    with pytest.raises(InputError, match=r"none at .* names its style sheet from the folder .*, or give --style\.$"):
        remake(path)
    moved.write_text(SHEETS["serif"], encoding="utf-8")
    assert remake(path, style=moved).identical and not remake(path, style=moved).restyled
    assert main(["remake", str(path), "--style", str(moved)]) == 0


@pytest.mark.parametrize("end", ["csv", "json"])
def test_numbers_need_no_style_sheet(folder: Path, end: str) -> None:
    one = replace(RECIPES[0], style="large.mplstyle")
    path = write(one, one.make(), folder / f"numbers.{end}")
    assert read_provenance(path).style_sha256 == "" and "--style" not in read_provenance(path).command
    assert path.read_bytes() == write(RECIPES[0], RECIPES[0].make(), folder / f"ours.{end}").read_bytes()
    Path("large.mplstyle").unlink()
    assert remake(path).identical


def test_the_narrowest_figure_of_a_style_grows_with_its_letters() -> None:
    for scale, narrowest in ((0.5, 1.25), (2.0, 5.0)):
        style = av.figures.Style(scale=scale)
        assert av.figures.fitting(style, narrowest) == 2.5 and av.figures.fitting(style, 8.0) == 8.0 / scale
        with pytest.raises(InputError, match=f"is {narrowest:g} inches wide or more, got"):
            av.figures.fitting(style, narrowest - 0.01)
    assert av.figures.fitting(av.figures.Style(), 3.3) == 3.3


@pytest.mark.parametrize("points", [4, 7, 9])
@pytest.mark.parametrize("n_words", [20, 50, 75])
def test_a_figure_says_how_tall_it_is_when_it_is_finished(folder: Path, points: int, n_words: int) -> None:
    Path("sized.mplstyle").write_text(f"font.size: {points}\n", encoding="utf-8")
    one = HeadView(run=(str(folder / "seed0"),), text="rabbit " * n_words, layer=1, width=6.0, style="sized.mplstyle")
    figure = one.make().figure
    height = 72 * float(figure.get_size_inches()[1])
    said = [re.search(r"At (\d+) in this is taller", text.get_text()) for text in texts(figure)]
    found = [int(match[1]) for match in said if match]
    if height > 648 + 30:  # the note itself takes two lines
        assert found and abs(found[0] - height / 72) <= 1.0
    elif height <= 648:
        assert not found


def test_a_wide_figure_of_small_letters_is_refused_by_its_own_width() -> None:
    with pytest.raises(InputError, match=r"is 2\.5 to 40 inches wide, got 41"):
        drawn(RECIPES[0], "small", width=41.0)
    drawn(RECIPES[0], "small", width=39.0)


def test_a_file_of_before_there_were_styles_is_made_again(folder: Path) -> None:
    path = write(RECIPES[0], RECIPES[0].make(), folder / "plain.csv")
    content = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r', "style_sha256": ""', "", content), encoding="utf-8")
    assert "style_sha256" in content and "style_sha256" not in path.read_text(encoding="utf-8")
    assert remake(path).holds and not remake(path).restyled


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"there is none at bad\.mplstyle: check the path"),
        (b"\xff\xfe", "is text in UTF-8"),
        (b"font.sise: 9\n", r"line 1 of bad\.mplstyle is 'font\.sise: 9'"),
        (b"# fine\nfont.size 9\n", "line 2 of"),
        (b"font.size: large\n", "has values that matplotlib takes"),
        (b"font.size: 2\n", r"font\.size of a figure is 4 to 30 points, bad\.mplstyle has 2"),
        (b"font.size: nan\n", "font.size of a figure is 4 to 30 points"),
        (b"lines.linewidth: -1\n", "0 to 10 points"),
        (b"text.color: 0.6\n", r"contrast of 7 or more to be read, text\.color of bad\.mplstyle has 2\.8"),
        (b"text.color: nocolour\n", "has values that matplotlib takes"),
        (b"font.family: No Such Font\n", "has none of No Such Font"),
        (b"xtick.direction: in\n", "sets none of them"),
        (b"", "sets none of them"),
        (b"\xef\xbb\xbffont.sise: 9\n", r"line 1 of bad\.mplstyle is 'font\.sise: 9'"),
        (b"font.size: 20\n", r"is 7\.14 inches wide or more, got 6\.9: choose a wider one, or a smaller font\.size"),
    ],
)
def test_a_style_that_cannot_be_followed_is_refused(
    folder: Path, content: bytes | None, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path("bad.mplstyle")
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        replace(RECIPES[0], style=str(path)).make()
    assert main(["figure", "densities", "--style", str(path), "--out", "bad.svg"]) == 2
    assert "Traceback" not in capsys.readouterr().err and not Path("bad.svg").exists()


@pytest.mark.parametrize(("name", "inches"), [("one-column", 3.3), ("two-column", 6.9), ("slide", 5.0), ("4.5", 4.5)])
def test_a_width_has_a_name_or_a_number_of_inches(name: str, inches: float) -> None:
    assert main(["figure", "densities", "--width", name, "--out", "wide.svg"]) == 0
    view = re.search(r'width="([0-9.]+)pt"', Path("wide.svg").read_text(encoding="utf-8"))
    assert view is not None and float(view[1]) == pytest.approx(72 * inches)
    said = read_provenance(Path("wide.svg")).arguments
    assert recipe_of(said) == Densities(width=inches)
    assert not set(said) & set(WIDTHS)


def test_another_name_of_a_width_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["figure", "densities", "--width", "poster", "--out", "wide.svg"])
    assert "one-column, two-column, slide, got 'poster'" in " ".join(
        re.sub("[│─]", " ", capsys.readouterr().err).split()
    )
