"""Collected figures as one zip and one page: whole, in order, the same bytes each time, and each can be made again."""

import re
import shlex
from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pytest

from amplify_viz.recipes import Densities, HeadMatrix, LayerTests, Recipe, recipe_of, remake
from amplify_viz.report.bundle import Item, keep, to_page, to_zip
from tests.corpus.brute import save_seeds

TEXT = r"\begin{figure} CAPTION of NAME <b> & it's"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tiny checkpoints, seed0 and seed1."""
    folder = tmp_path_factory.mktemp("bundled")
    save_seeds(folder, 2)
    return folder


@pytest.fixture(autouse=True)
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def kept(kind: type[Recipe] = HeadMatrix, **options: Any) -> Item:
    recipe: Any = kind(**options) if kind is Densities else kind(run=("seed0", "seed1"), text=TEXT, **options)  # type: ignore[call-arg]
    return keep(recipe, recipe.make())


@pytest.fixture(scope="module")
def items(folder: Path) -> list[Item]:
    """A matrix of many numbers, tests of few, and a figure of no run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return [kept(layer=1), kept(LayerTests), kept(Densities, width=3.3)]


def read(content: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_zip_holds_each_figure_in_order_with_its_words(items: list[Item]) -> None:
    names = ["01-head-matrix", "02-layer-tests", "03-densities"]
    files = read(to_zip(items))
    figures = [f"figures/{name}.{kind}" for name in names for kind in ("pdf", "svg", "csv")]
    assert list(files) == [*figures, "figures.tex", "commands.sh", "README.txt"]
    assert files["figures/01-head-matrix.pdf"].startswith(b"%PDF")
    latex = files["figures.tex"].decode()
    assert re.findall(r"\\includegraphics\[.*?\]\{(.*?)\}", latex) == [f"figures/{name}.pdf" for name in names]
    assert re.findall(r"\\label\{(.*?)\}", latex) == [f"fig:{name}" for name in names]
    assert latex.count("\\begin{figure*}") == 2 and latex.count("\\begin{figure}[t]") == 1, "one is a column wide"
    assert files["README.txt"].startswith(b"3 figures")
    turned = read(to_zip(items[::-1]))
    assert turned["figures/03-head-matrix.csv"] == files["figures/01-head-matrix.csv"]


def test_the_same_items_give_the_same_bytes_and_another_caption_others(items: list[Item]) -> None:
    assert to_zip(items) == to_zip([kept(layer=1), kept(LayerTests), kept(Densities, width=3.3)])
    assert to_zip(items) != to_zip([replace(items[0], caption="another"), *items[1:]])
    assert to_page(items) == to_page(items)


def test_captions_stay_text_in_latex(items: list[Item]) -> None:
    caption = "100 % of $x_1$ & #{~^\\ “NAME”\nCAPTION fig:NAME"
    latex = read(to_zip([replace(items[0], caption=caption)]))["figures.tex"].decode()
    written = r"100 \% of \$x\_1\$ \& \#\{\textasciitilde{}\textasciicircum{}\textbackslash{} ``NAME'' CAPTION fig:NAME"
    assert f"\\caption{{{written}}}\n" in latex
    code = [line for line in latex.splitlines() if line and not line.startswith("%")]
    assert len(code) == 6 and code[0].startswith("\\begin{figure*}"), "the text that was read stays in the comment"


def test_a_caption_that_plain_latex_cannot_set_is_warned_of(items: list[Item]) -> None:
    plain, rare = (replace(items[0], caption=text) for text in ("é — “x” α ≤ 1 …", "an 兔 and an 兔"))
    assert "needs XeLaTeX" not in read(to_zip([plain]))["figures.tex"].decode()
    latex = read(to_zip([plain, rare]))["figures.tex"].decode()
    assert latex.count("% This caption needs XeLaTeX or LuaLaTeX and a font for: 兔\n") == 1


def test_every_command_makes_the_figure_it_stands_for(items: list[Item]) -> None:
    lines = read(to_zip(items))["commands.sh"].decode().splitlines()
    commands = [shlex.split(line) for line in lines if line.startswith("python")]
    for command, item in zip(commands, items, strict=True):
        assert command[:4] == ["python", "-m", "amplify_viz", "figure"]
        assert command[-2:-1] == ["--out"] and command[-1].startswith("remade/0")
        assert recipe_of(command[4:-2]).arguments == item.about.arguments


@pytest.mark.parametrize("kind", ["pdf", "svg", "csv"])
def test_a_figure_of_the_zip_is_made_again(items: list[Item], tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"figure.{kind}"
    path.write_bytes(read(to_zip(items))[f"figures/01-head-matrix.{kind}"])
    assert remake(path).identical


def test_the_id_is_of_the_choices_and_numbers_alone(items: list[Item]) -> None:
    assert kept(layer=1).id == replace(items[0], caption="another").id == items[0].id
    assert len({item.id for item in [*items, kept(layer=2), kept(layer=1, width=3.3)]}) == 5


def test_an_item_says_what_it_is_of(items: list[Item]) -> None:
    assert [item.title for item in items] == ["Head matrix", "Layer tests", "Densities"]
    assert [item.shown for item in items] == ["seed0 and seed1", "seed0 and seed1", ""]
    runs = [{"name": f"run{i}"} for i in (1, 2, 3, 4, 5, 5)]
    counts = [replace(items[0], about=replace(items[0].about, runs=tuple(runs[:n]))).shown for n in (4, 6)]
    assert counts == ["run1, run2, run3 and run4", "run1, run2, run3 and 2 more"]


def test_the_page_loads_nothing_and_has_captions_commands_and_numbers(items: list[Item]) -> None:
    caption = "<script>alert(1)</script> & more"
    html = to_page([replace(items[0], caption=caption), *items[1:]])
    assert "<script" not in html and "&lt;script&gt;alert(1)" in html
    addresses = re.findall(r'(?:src|href)="(.*?)"', html)
    assert addresses and all(address.startswith(("data:image/svg+xml;", "data:text/csv;")) for address in addresses)
    assert not re.search(r"(?:src|href|url\()\s*=?\s*[\"']?(?:https?:)?//", html)
    assert re.findall("<h2>(.*?)</h2>", html) == ["1. Head matrix", "2. Layer tests", "3. Densities"]
    assert html.count("<pre>python -m amplify_viz figure ") == 3


def test_few_numbers_are_a_folded_table_and_many_a_file(items: list[Item]) -> None:
    html = to_page(items[:2])
    assert html.count("<details><summary>The numbers</summary>") == 1
    saved = re.findall(r'<a download="(.*?)" href="data:text/csv;base64,(.*?)"', html)
    assert [name for name, _ in saved] == ["01-head-matrix.csv"]
    rows = pd.read_csv(BytesIO(b64decode(saved[0][1])), skiprows=1)
    made: Any = recipe_of(items[0].about.arguments).make()
    assert len(rows) == len(made.table) > 200
    heavy = replace(items[0], files={**items[0].files, "csv": bytes(5 * 10**6)})
    html = to_page([heavy])
    assert "data:text/csv" not in html and "too many for this page" in html
