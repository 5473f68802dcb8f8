"""A figure's file says how it was made, and is made again from it."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pypdf import PdfReader
from safetensors.torch import load_file, save_file

import amplify_viz as av
from amplify_viz.__main__ import main
from amplify_viz.errors import InputError
from amplify_viz.recipes import (
    FORMATS,
    KINDS,
    HeadMatrix,
    HeadView,
    LayerTests,
    OfText,
    Recipe,
    provenance_of,
    read_provenance,
    recipe_of,
    remake,
    to_file,
    write,
)
from tests.corpus.brute import save_seeds
from tests.recipes.of_texts import OTHERS, PAIR, TEXT, recipe

pytestmark = pytest.mark.usefixtures("inside")


def test_every_kind_is_tested_here() -> None:
    assert {kind for kind in KINDS.values() if issubclass(kind, OfText)} == set(OTHERS)


@pytest.mark.parametrize("kind", OTHERS)
def test_a_recipe_is_read_back_from_its_arguments(kind: type[Recipe]) -> None:
    for changed in ({}, OTHERS[kind], OTHERS[kind] | {"width": 3.3, "off": ("1.2", "2:2.1"), "name": ("a b", "--c")}):
        one = recipe(kind, **changed)
        assert recipe_of(one.arguments) == one
        assert recipe_of(shlex.split(shlex.join(one.arguments))) == one


def test_none_is_a_sentence_as_any_other() -> None:
    one = HeadView(run=("seed0",), text="None", pair="None")
    alone = replace(one, pair=None)
    assert recipe_of(one.arguments) == one and recipe_of(alone.arguments) == alone


@pytest.mark.parametrize("kind", OTHERS)
def test_every_kind_is_drawn_with_its_numbers_and_a_caption(kind: type[Recipe]) -> None:
    made = recipe(kind, **OTHERS[kind]).make()
    assert made.figure.get_size_inches()[0] == pytest.approx(6.9)
    assert len(made.table) and "checkpoint" in made.table
    assert "seed0" in made.caption and "seed1" in made.caption and made.caption.endswith(".")
    assert [source.source for source in made.sources] == ["seed0", "seed1"]
    assert all(len(source.weights_sha256) == 64 for source in made.sources)


def entry_of(path: Path) -> str:
    """What a file says of itself, found by other means than the library's."""
    content = path.read_bytes()
    text = "" if path.suffix in (".pdf", ".png") else content.decode()
    readers: dict[str, Callable[[], str]] = {
        ".pdf": lambda: str((PdfReader(BytesIO(content)).metadata or {})["/Keywords"]),  # type: ignore[index]
        ".png": lambda: str(Image.open(BytesIO(content)).info["amplify_viz"]),
        ".svg": lambda: "".join(
            element.text or ""
            for element in ElementTree.fromstring(text).iter()
            if element.tag.endswith("}description")
        ),
        ".json": lambda: json.dumps(json.loads(text)["provenance"]),
        ".html": lambda: text.split('id="amplify_viz">')[1].split("</script>")[0],
    }
    entry = readers.get(path.suffix, lambda: text.splitlines()[0].lstrip("#% "))()
    return entry.removeprefix("amplify_viz: ")


@pytest.mark.parametrize("end", [end for end in FORMATS if end != "pgf"])
def test_each_file_says_how_it_was_made_and_is_made_again(folder: Path, end: str) -> None:
    one = recipe(HeadView, focus=(1,), difference=(1, 2))
    path = write(one, one.make(), folder / f"heads.{end}", dpi=72)
    said = json.loads(entry_of(path))
    assert said["arguments"] == list(one.arguments)
    assert said["texts"] == [TEXT, PAIR]
    assert [run["source"] for run in said["runs"]] == ["seed0", "seed1"]
    assert said["versions"]["torch"].split("+")[0] and said["versions"]["python"]
    (folder / "again").mkdir(exist_ok=True)
    done = remake(path, folder / "again" / path.name)
    assert done.identical and done.holds and done.distance == 0 and not done.changed
    assert done.path.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("kind", OTHERS)
def test_every_kind_is_made_again(folder: Path, kind: type[Recipe]) -> None:
    one = recipe(kind, **OTHERS[kind])
    path = write(one, one.make(), folder / f"{one.KIND}.csv")
    done = remake(path, folder / "again.csv")
    assert done.identical and (folder / "again.csv").read_bytes() == path.read_bytes()


def test_a_csv_holds_the_table_to_the_last_digit(folder: Path) -> None:
    one = recipe(HeadMatrix)
    made = one.make()
    path = write(one, made, folder / "matrix.csv")
    found = pd.read_csv(path, skiprows=1)
    np.testing.assert_array_equal(found["weight"].to_numpy(np.float32), made.table["weight"].to_numpy(np.float32))
    rows = json.loads(to_file(one, made, "json"))["rows"]
    assert [row["weight"] for row in rows] == pytest.approx(made.table["weight"].tolist(), rel=1e-12)


def test_a_page_is_the_view_with_the_same_choices(folder: Path) -> None:
    one = recipe(HeadView, heads=(2,), focus=(2,))
    page = to_file(one, one.make(), "html").decode()
    assert page.startswith("<!doctype html>") and "rabbit" in page
    assert "Made again by: <code>python -m amplify_viz figure head-view" in page
    with pytest.raises(InputError, match="A page shows a view, layer-tests is none"):
        to_file(recipe(LayerTests), recipe(LayerTests).make(), "html")


def test_latex_writes_what_a_caption_says_literally() -> None:
    one = recipe(HeadView, focus=(3,), name=("50 % of_it", "$b$ & {c}"), width=3.3)
    text = to_file(one, one.make(), "tex").decode()
    assert (
        "\\begin{figure}[t]" in text
        and "[width=\\columnwidth,height=0.9\\textheight,keepaspectratio]{head-view.pdf}" in text
    )
    assert "of 50 \\% of\\_it and \\$b\\$ \\& \\{c\\}." in text
    assert "\\begin{figure*}" in to_file(replace(one, width=6.9), one.make(), "tex").decode()


def test_heads_can_be_off_in_all_or_in_one() -> None:
    made = recipe(HeadView, off=("1.1", "2:1.2")).make()
    plain, off = recipe(HeadView, layer=2).make(), recipe(HeadView, layer=2, off=("1.1", "2:1.2")).make()
    assert made.table["weight"].tolist() == recipe(HeadView).make().table["weight"].tolist()  # the first layer's own
    names = plain.table["checkpoint"]
    for name in ("seed0", "seed1"):
        assert not np.allclose(plain.table[names == name]["weight"], off.table[names == name]["weight"])
    only = recipe(HeadView, layer=2, off=("2:1.2",)).make()
    assert np.array_equal(only.table[names == "seed0"]["weight"], plain.table[names == "seed0"]["weight"])


def test_other_weights_than_those_shown_are_refused(folder: Path, tmp_path: Path, monkeypatch: Any) -> None:
    save_seeds(tmp_path, 1)
    monkeypatch.chdir(tmp_path)
    one = HeadView(run=("seed0",), text=TEXT, layer=1)
    path = write(one, one.make(), tmp_path / "heads.svg")
    weights = load_file(tmp_path / "seed0" / "model.safetensors")
    save_file(
        {name: tensor + 1e-6 for name, tensor in weights.items()},
        tmp_path / "seed0" / "model.safetensors",
        {"format": "pt"},
    )
    with pytest.raises(InputError, match="seed0 has others now"):
        remake(path)
    assert not (tmp_path / "heads-remade.svg").exists()


def test_numbers_of_other_versions_may_be_near_and_are_said_to_be(folder: Path) -> None:
    one = recipe(HeadMatrix)
    made = one.make()
    about = provenance_of(one, made)

    def as_if(move: float, **versions: str) -> Path:
        sample = [value if value is None else value + move for value in about.numbers["sample"]]
        changed = replace(
            about,
            numbers={**about.numbers, "sha256": "0" * 64, "sample": sample},
            versions={**about.versions, **versions},
        )
        path = folder / "moved.tex"
        path.write_text(f"% amplify_viz: {changed.to_json()}\n", encoding="utf-8")
        return path

    near = remake(as_if(5e-6, torch="2.0.0"))
    assert near.holds and not near.identical and near.n_compared == min(64, near.n)
    assert "within 1e-05" in near.said and "torch 2.0.0 then" in near.said
    far = remake(as_if(1e-3))
    assert not far.holds and "not the same figure (largest distance 0.001" in far.said
    with pytest.raises(SystemExit) as ended:
        main(["remake", str(as_if(1e-3)), "--out", str(folder / "far.csv")])
    assert ended.value.code == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.pdf", None, "there is none at"),
        ("empty.pdf", b"", "does not"),
        ("other.pdf", b"%PDF-1.4\n%%EOF", "does not"),
        ("other.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "does not"),
        ("broken.svg", b"<svg", "does not"),
        ("other.csv", b"a,b\n1,2\n", "does not"),
        ("list.csv", b"# amplify_viz: [1]\n", "does not"),
        ("other.json", b"[]", "does not"),
        ("other.html", b"<p>", "does not"),
        ("latin.tex", b"% amplify_viz: {\xff}", "does not"),
        ("other.png", b"\x89PNG", "does not"),
        ("other.docx", b"PK", "does not"),
    ],
)
def test_files_that_say_nothing_are_refused(
    tmp_path: Path, name: str, content: bytes | None, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_provenance(path)
    assert main(["remake", str(path)]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "got ''"),
        (["no-such"], "got 'no-such'"),
        (["head-view", "--text=a", "--layer=x"], "cannot be read"),
        (["head-view", "--nothing"], "cannot be read"),
        (["--help"], "got '--help'"),
    ],
)
def test_arguments_that_are_no_recipe_are_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        recipe_of(arguments)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"run": ()}, "got none: give --run"),
        ({"run": ("seed0",) * 5, "name": tuple("abcde")}, "1 to 4 records side by side, got 5"),
        ({"run": ("seed0", "seed0")}, "seed0 is there twice: give another --run, or switch heads off in one"),
        ({"name": ("a", "a")}, "a name of its own, got 'a' and 'a'"),
        ({"layer": 0}, "Each layer counts from 1, got 0"),
        ({"layer": 9}, "no layer 9 of"),
        ({"heads": (99,)}, "no head 99 of"),
        ({"focus": (99,)}, "no word 99 of"),
        ({"difference": (1, 3)}, "counted from 1, got 1 and 3 for 2 checkpoints: give two numbers from 1 to 2"),
        ({"difference": (2, 2)}, "got 2 and 2 for 2 checkpoints: give two numbers from 1 to 2"),
        ({"run": ("seed0",), "difference": (1, 2)}, "got 1 and 2 for 1 checkpoint: give --run twice or more"),
        ({"pair": None, "between": "ab"}, "needs a pair of them, got between='ab' for one text"),
        ({"name": ("a",)}, "got 1 names for 2"),
        ({"off": ("1-2",)}, "got '1-2'"),
        ({"off": ("3:1.1",)}, "got '3:1.1' and 2 checkpoints: give 1.1 for all of them"),
        ({"run": ("seed0",), "off": ("2:1.1",)}, "got '2:1.1' and 1 checkpoint: give 1.1 for all of them"),
        ({"off": ("0.1",)}, "got '0.1'"),
        ({"text": "  "}, "text"),
        ({"text": "caf\udce9 bad"}, "whole characters, but sentence A holds half of one"),  # a terminal's Latin-1
        ({"run": ("nowhere/at/all",)}, "nothing is found"),
        ({"width": 1.0}, "2.5 to 40 inches"),
        ({"width": float("nan")}, "2.5 to 40 inches wide, got nan"),
        ({"least": float("nan")}, "lies in 0 to 1, got least=nan"),
    ],
)
def test_choices_that_there_are_not_are_refused(changed: dict[str, Any], message: str) -> None:
    one = replace(recipe(HeadView), **changed)
    with pytest.raises(InputError, match=message):
        one.make()


@pytest.mark.parametrize("kind", [kind for kind in OTHERS if issubclass(kind, OfText)])
def test_no_figure_of_a_text_is_of_a_width_that_is_no_number(kind: type[OfText]) -> None:
    with pytest.raises(InputError, match="40 inches wide, got nan"):
        recipe(kind, width=float("nan")).make()


def test_the_command_line_writes_and_refuses_in_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["figure", "head-view", "--run", "seed0", "--run", "seed1", "--text", TEXT, "--pair", "the turtle"]
    assert main([*command, "--layer", "1", "--heads", "1", "2", "--out", "by-command.pdf"]) == 0
    assert capsys.readouterr().out == "by-command.pdf\n"
    said = read_provenance(folder / "by-command.pdf")
    assert said.command.startswith("python -m amplify_viz figure head-view --run=seed0 --run=seed1")
    assert main([*shlex.split(said.command)[3:], "by-itself.csv"]) == 0
    assert read_provenance(folder / "by-itself.csv").numbers == said.numbers
    for end, message in (("nowhere/x.pdf", "there is none at nowhere"), ("x.bmp", "got 'bmp'"), ("x", "got ''")):
        capsys.readouterr()
        assert main([*command, "--layer", "1", "--out", end]) == 2
        assert message in capsys.readouterr().err
    assert not list(folder.glob(".x*"))


def test_help_teaches_without_loading_a_model() -> None:
    done = partial(subprocess.run, capture_output=True, text=True, check=True, cwd=Path(av.__file__).parents[1])
    top = done([sys.executable, "-m", "amplify_viz", "--help"]).stdout
    assert "figure" in top and "remake" in top
    one = done([sys.executable, "-m", "amplify_viz", "figure", "word-graph", "--help"]).stdout
    assert "--threshold" in one and "--out" in one and "weaker relations have no line" in " ".join(one.split())
