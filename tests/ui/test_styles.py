"""A style sheet given in an export menu: what files and commands become of it, and what is refused."""

import hashlib
import shlex
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from streamlit.testing.v1 import AppTest

from amplify_viz.__main__ import main
from amplify_viz.recipes import read_provenance, recipe_of, remake
from amplify_viz.report.bundle import to_zip
from tests.ui.table_files import catch_files, shown_command

MAIN = str(Path(__file__).parents[2] / "amplify_viz" / "ui" / "main.py")
SHEET = b"font.family: STIXGeneral\nfont.size: 14\ntext.color: 000080\n"
HEADS = {"a": "the rabbit hopped", "view": "Head view"}


@pytest.fixture(autouse=True)
def app_looks_there(app_at_root: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception and not app.error
    return app


def given(app: AppTest, sheet: bytes, name: str = "journal.mplstyle") -> AppTest:
    app.file_uploader(key="head-view-style").set_value((name, sheet, "text/plain")).run()
    assert not app.exception
    return app


def unescaped(markdown: object) -> str:
    return str(markdown).replace("\\", "")


def said(app: AppTest) -> str:
    return " ".join(unescaped(caption.value) for caption in app.caption)


def test_files_follow_the_sheet_name_it_and_are_made_again_where_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = catch_files(monkeypatch)
    app = opened(**HEADS)
    ours = files["head-view.svg"]().decode()
    assert "STIXGeneral" not in ours and "--style" not in shown_command(app)
    given(app, SHEET)
    styled = files["head-view.svg"]()
    assert "STIXGeneral" in styled.decode() and "#000080" in styled.decode()
    assert "--style=journal.mplstyle" in shown_command(app) and "In the style of journal.mplstyle" in said(app)
    path = tmp_path / "figure.svg"
    path.write_bytes(styled)
    about = read_provenance(path)
    assert about.style_sha256 == hashlib.sha256(SHEET).hexdigest()
    assert recipe_of(about.arguments).style == "journal.mplstyle"
    (tmp_path / "journal.mplstyle").write_bytes(SHEET)
    again = remake(path)
    assert again.identical and not again.restyled and again.path.read_bytes() == styled


def test_it_holds_in_other_menus_until_it_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    files = catch_files(monkeypatch)
    app = given(opened(**HEADS), SHEET)
    app.session_state["view"] = "Layer tests"
    app.run()
    assert "--style=journal.mplstyle" in shown_command(app) and "STIXGeneral" in files["layer-tests.svg"]().decode()
    app.button(key="layer-tests-unstyle").click().run()
    assert "--style" not in shown_command(app) and "STIXGeneral" not in files["layer-tests.svg"]().decode()


def test_a_sheet_that_was_removed_does_not_come_back_in_the_same_menu() -> None:
    app = given(opened(**HEADS), SHEET)
    app.button(key="head-view-unstyle").click().run()
    assert "--style" not in shown_command(app.run())
    given(app, b"font.size: 8\n", "other.mplstyle")
    assert "--style=other.mplstyle" in shown_command(app)


def test_a_figure_in_a_style_goes_into_the_tray_with_it() -> None:
    app = given(opened(**HEADS), SHEET)
    next(button for button in app.button if button.label == "Add to tray").click().run()
    (item,) = app.session_state["_tray"].items
    assert item.about.style_sha256 == hashlib.sha256(SHEET).hexdigest() and b"STIXGeneral" in item.files["svg"]
    assert item.sheet == SHEET


def test_the_trays_zip_has_the_sheet_of_each_command_also_where_two_have_one_name(tmp_path: Path) -> None:
    app = opened(**HEADS)
    sheets = (SHEET, b"text.color: 000080\n")
    for sheet in sheets:
        given(app, sheet)
        next(button for button in app.button if button.label == "Add to tray").click().run()
        app.button(key="head-view-unstyle").click().run()
    with ZipFile(BytesIO(to_zip(app.session_state["_tray"].items))) as archive:
        archive.extractall(tmp_path)
        assert "styles/" in archive.read("README.txt").decode()
    commands = [
        line for line in (tmp_path / "commands.sh").read_text().splitlines() if "figure" in line and "#" not in line
    ]
    for number, (line, sheet) in enumerate(zip(commands, sheets, strict=True), start=1):
        words = shlex.split(line)
        (style,) = [word.partition("=")[2] for word in words if word.startswith("--style=")]
        assert (tmp_path / style).read_bytes() == sheet
        assert main([*words[3:-1], str(tmp_path / "again.svg")]) == 0
        ours, again = (
            ElementTree.parse(path)
            for path in (next((tmp_path / "figures").glob(f"0{number}-*.svg")), tmp_path / "again.svg")
        )
        drawn = [[(one.tag, sorted(one.attrib.items())) for one in tree.getroot()[-1].iter()] for tree in (ours, again)]
        assert drawn[0] == drawn[1]


def test_letters_too_large_for_the_width_are_said_and_the_sheet_can_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    files = catch_files(monkeypatch)
    app = given(opened(**HEADS), SHEET)
    files.clear()
    app.radio(key="head-view-width").set_value("One column (3.3 in)").run()
    assert not app.exception and not {"head-view.svg", "head-view.tex"} & set(files) and not app.code
    assert files["head-view.csv"]() and files["head-view.html"](), "numbers and views have no letters of a style"
    assert any("is 5 inches wide or more, got 3.3" in unescaped(warning.value) for warning in app.warning)
    app.button(key="head-view-unstyle").click().run()
    assert "head-view.svg" in files and not app.warning


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        (b"\xff\xfe", "A style sheet is text in UTF-8, bad.mplstyle is not"),
        (b"", "sets one of"),
        (b"font.size: large\n", "bad.mplstyle has not"),
        (b"<script>alert(1)</script>: 1\n", "line 1 of bad.mplstyle is"),
        (b"font.family: No Such Font\n", "asked for by bad.mplstyle"),
        (b"font.size: 30\n", "The widest figure here has 6.9 inches. A figure whose letters are 4.3 times"),
    ],
)
def test_a_sheet_that_cannot_be_followed_is_refused_by_its_name(sheet: bytes, message: str) -> None:
    app = given(opened(**HEADS), sheet, "bad.mplstyle")
    (error,) = app.error
    shown = unescaped(error.value)
    assert message in shown and "tmp" not in shown
    assert "--style" not in shown_command(app)


def test_a_long_name_is_shown_short_and_is_no_file_here(monkeypatch: pytest.MonkeyPatch) -> None:
    files = catch_files(monkeypatch)
    app = given(opened(**HEADS), SHEET, f"{'ä' * 300}.mplstyle")
    assert "ä" * 60 + "…" in said(app) and "ä" * 61 not in said(app)
    assert "STIXGeneral" in files["head-view.svg"]().decode()


def test_the_mix_lab_takes_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    files = catch_files(monkeypatch)
    app = given(opened(**HEADS), SHEET)
    app.switch_page("app_pages/mix_lab.py").run()
    assert not app.exception
    assert "STIXGeneral" in files["head-view.svg"]().decode()
    files.clear()
    app.radio(key="head-view-width").set_value("One column (3.3 in)").run()
    assert set(files) == {"head-view.html"} and "is 5 inches wide or more" in unescaped(app.warning[0].value)
