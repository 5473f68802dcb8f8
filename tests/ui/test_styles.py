"""A style sheet given in an export menu: what files and commands become of it, and what is refused."""

import hashlib
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from streamlit.testing.v1 import AppTest

from amplify_viz.recipes import read_provenance, recipe_of, remake
from amplify_viz.report.bundle import to_zip
from tests.ui.table_files import catch_files

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


def command(app: AppTest) -> str:
    (shown,) = [str(code.value) for code in app.code if " figure " in str(code.value)]
    return shown


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
    assert "STIXGeneral" not in ours and "--style" not in command(app)
    given(app, SHEET)
    styled = files["head-view.svg"]()
    assert "STIXGeneral" in styled.decode() and "#000080" in styled.decode()
    assert "--style=journal.mplstyle" in command(app) and "In the style of journal.mplstyle" in said(app)
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
    assert "--style=journal.mplstyle" in command(app) and "STIXGeneral" in files["layer-tests.svg"]().decode()
    app.button(key="layer-tests-unstyle").click().run()
    assert "--style" not in command(app) and "STIXGeneral" not in files["layer-tests.svg"]().decode()
    assert app.file_uploader(key="layer-tests-style").value is None


def test_a_figure_in_a_style_goes_into_the_tray_with_it() -> None:
    app = given(opened(**HEADS), SHEET)
    next(button for button in app.button if button.label == "Add to tray").click().run()
    (item,) = app.session_state["_tray"].items
    assert item.about.style_sha256 == hashlib.sha256(SHEET).hexdigest() and b"STIXGeneral" in item.files["svg"]
    with ZipFile(BytesIO(to_zip([item]))) as archive:
        assert "with the style sheets that they name" in archive.read("README.txt").decode()


def test_letters_too_large_for_the_width_are_said_and_the_sheet_can_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    files = catch_files(monkeypatch)
    app = given(opened(**HEADS), SHEET)
    files.clear()
    app.radio(key="head-view-width").set_value("One column (3.3 in)").run()
    assert not app.exception and "head-view.svg" not in files
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
    ],
)
def test_a_sheet_that_cannot_be_followed_is_refused_by_its_name(sheet: bytes, message: str) -> None:
    app = given(opened(**HEADS), sheet, "bad.mplstyle")
    (error,) = app.error
    shown = unescaped(error.value)
    assert message in shown and "tmp" not in shown
    assert "--style" not in command(app)


def test_the_mix_lab_takes_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    files = catch_files(monkeypatch)
    app = given(opened(**HEADS), SHEET)
    app.switch_page("app_pages/mix_lab.py").run()
    assert not app.exception
    assert "STIXGeneral" in files["head-view.svg"]().decode()
