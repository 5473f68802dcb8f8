"""What a table's file says of itself: it can be read, and no text gets out of its comment."""

import json
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from amplify_viz.errors import InputError
from amplify_viz.recipes import remake
from amplify_viz.recipes.recipe import Source
from amplify_viz.recipes.tables import TABLE, TableKind, about_table, with_about
from amplify_viz.results import to_csv, to_latex, to_markdown

FRAME = pd.DataFrame({"layer": [1, 2], "p value": [0.25, 1 / 3], "text": ["a # b", 'say "so"']})
EVIL = "it --> <script>alert(1)</script>\n% \\input{x}\u2028| 1 | 2 |"
ABOUT = about_table(
    "Tests",
    sources=[Source("minilm", "MiniLM", "abc")],
    texts=[EVIL],
    test="Paired t",
    command="python -m amplify_viz compare",
    lam=0.7,
)


def said(file: str, kind: TableKind) -> dict[str, object]:
    """The line, read back as a program would."""
    line = file.splitlines()[0]
    begin, end = {"csv": ("# ", ""), "md": ("<!-- ", " -->"), "tex": ("% ", "")}[kind]
    assert line.startswith(f"{begin}{TABLE}: ") and line.endswith(end)
    found: dict[str, object] = json.loads(line[len(f"{begin}{TABLE}: ") : len(line) - len(end)])
    return found


@pytest.mark.parametrize(
    ("kind", "table"),
    [("csv", to_csv(FRAME)), ("md", to_markdown(FRAME)), ("tex", to_latex(FRAME, caption="x", label="tab:x"))],
)
def test_the_line_above_a_table_says_how_it_came_about(kind: TableKind, table: str) -> None:
    file = with_about(table, kind, ABOUT)
    found = said(file, kind)
    assert (found["table"], found["texts"], found["test"], found["lam"]) == ("Tests", [EVIL], "Paired t", 0.7)
    assert found["runs"] == [{"source": "minilm", "name": "MiniLM", "weights_sha256": "abc"}]
    assert found["command"] == "python -m amplify_viz compare"
    assert found["versions"]["torch"].startswith("2.")  # type: ignore[index]
    assert file.endswith(table)
    assert with_about(table, kind, "") == table


def test_what_is_not_known_is_not_said() -> None:
    assert set(json.loads(about_table("x"))) == {"table", "versions", "runs"}
    assert json.loads(about_table("x", folders=["runs/a", "runs/b"]))["runs"] == ["runs/a", "runs/b"]


def test_the_numbers_of_a_csv_are_read_as_they_were() -> None:
    file = with_about(to_csv(FRAME), "csv", ABOUT)
    pd.testing.assert_frame_equal(pd.read_csv(StringIO(file), skiprows=1), FRAME, check_dtype=False)


def test_a_text_stays_inside_a_comment_of_markdown() -> None:
    tokens = MarkdownIt().enable("table").parse(with_about(to_markdown(FRAME), "md", ABOUT))
    comment, *rest = tokens
    assert comment.type == "html_block" and comment.content.count("-->") == 1
    assert comment.content.strip().endswith("-->") and "<script" not in comment.content
    assert rest[0].type == "table_open"


def test_a_text_stays_inside_a_comment_of_latex() -> None:
    first, second, *_ = with_about("\\begin{table}\n", "tex", ABOUT).split("\n")
    assert first.startswith("% ") and second == "\\begin{table}"
    assert first.isascii() and not any(sign in first for sign in "\r\x0b\x0c\x85")


def test_a_table_is_not_taken_for_a_figure(tmp_path: Path) -> None:
    path = tmp_path / "tests.csv"
    path.write_text(with_about(to_csv(FRAME), "csv", ABOUT))
    with pytest.raises(InputError, match=r"A figure made here says how it was made, .*tests\.csv does not"):
        remake(path)
