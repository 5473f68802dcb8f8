"""What a file says of itself is checked before it is believed; a figure is made again where its runs are now."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from amplify_viz.__main__ import main
from amplify_viz.errors import InputError
from amplify_viz.recipes import HeadMatrix, provenance_of, remake, to_file, write
from amplify_viz.recipes.provenance import Provenance, numbers_of, rows_of, to_csv
from amplify_viz.recipes.remaking import Remade

pytestmark = pytest.mark.usefixtures("inside")


def matrix(**changed: Any) -> HeadMatrix:
    options: dict[str, Any] = {"run": ("seed0", "seed1"), "text": "it rains", "layer": 1, "width": 3.3}
    return HeadMatrix(**options | changed)


@pytest.mark.parametrize("end", ["csv", "json"])
def test_rows_that_were_changed_are_noticed(end: str, tmp_path: Path) -> None:
    one = matrix()
    path = write(one, one.make(), tmp_path / f"matrix.{end}")
    assert remake(path).holds
    text = path.read_text(encoding="utf-8")
    at = text.rindex("0.")
    path.write_text(text[:at] + "1." + text[at + 2 :], encoding="utf-8")
    done = remake(path)
    assert done.edited and not done.holds and "have been changed since it was made" in done.said


def test_a_csv_s_digest_is_that_of_its_rows_however_many_they_are(tmp_path: Path) -> None:
    table = pd.DataFrame({"word": [f'w{i}, "x"\n' for i in range(120_001)], "weight": np.linspace(0, 1, 120_001)})
    whole = table.to_csv(index=False, lineterminator="\n")
    assert to_csv(table) == whole
    assert numbers_of(table)["sha256"] == hashlib.sha256(whole.encode()).hexdigest()
    assert to_csv(table.iloc[:0]) == "word,weight\n"


def test_json_keeps_every_digit_and_says_what_is_missing() -> None:
    values = [0.1 + 0.2, 1e-300, float("nan"), float("inf")]
    table = pd.DataFrame(
        {"value": values, "count": pd.array([1, None, 3, 4], dtype="Int64"), "text": ["a", "", "兔", None]}
    )
    rows = json.loads(json.dumps(rows_of(table)))
    assert [row["value"] for row in rows] == [0.1 + 0.2, 1e-300, None, None]
    assert [row["count"] for row in rows] == [1, None, 3, 4]
    assert [row["text"] for row in rows] == ["a", "", "兔", None]


def test_line_breaks_in_a_text_stay_in_the_comments_of_latex() -> None:
    one = matrix(text="it\nrains \\end{document}\r\x0b\x85now \u2028 x", pair="a %\n\nb")
    lines = to_file(one, one.make(), "tex").decode().splitlines()
    begins = lines.index("\\begin{figure}[t]")
    assert all(line.startswith("%") for line in lines[:begins]) and begins > 3
    assert len(lines[begins:]) == 6  # the caption is one line


def test_latex_includes_the_file_of_its_own_name(tmp_path: Path) -> None:
    one = matrix()
    made = one.make()
    text = write(one, made, tmp_path / "fig_3.b.tex").read_text(encoding="utf-8")
    assert "]{fig_3.b.pdf}" in text and "\\label{fig:fig_3.b}" in text
    with pytest.raises(InputError, match=r"letters, digits.*got 'a%b': choose another name"):
        write(one, made, tmp_path / "a%b.tex")
    assert not (tmp_path / "a%b.tex").exists()


def test_a_png_is_made_again_with_its_resolution(tmp_path: Path) -> None:
    one = matrix()
    path = write(one, one.make(), tmp_path / "matrix.png", dpi=123)
    with Image.open(path) as before, Image.open(remake(path).path) as after:
        assert before.size == after.size


@pytest.mark.parametrize("end", ["svg", "pdf"])
def test_a_resolution_changes_no_vector_file_so_that_it_is_made_again_byte_by_byte(end: str, tmp_path: Path) -> None:
    one = matrix()
    path = write(one, one.make(), tmp_path / f"matrix.{end}", dpi=170)
    assert remake(path).path.read_bytes() == path.read_bytes()


def test_runs_may_lie_elsewhere_now(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = matrix()
    path = write(one, one.make(), tmp_path / "matrix.csv")
    for seed in ("seed0", "seed1"):
        shutil.copytree(folder / seed, tmp_path / "moved" / seed)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"from the folder where it was made: call remake there, or give --run\."):
        remake(path)
    assert remake(path, run=["moved/seed0", "moved/seed1"]).identical
    assert main(["remake", str(path), "--run", "moved/seed0", "--run", "moved/seed1"]) == 0
    with pytest.raises(InputError, match="it shows 2, got 1: give --run once for each"):
        remake(path, run=["moved/seed0"])
    with pytest.raises(InputError, match="moved/seed1 has others now"):
        remake(path, run=["moved/seed1", "moved/seed0"])


_BAD: dict[str, Callable[[dict[str, Any]], object]] = {
    "runs that are text": lambda about: about.update(runs=["a"]),
    "a run without weights": lambda about: about["runs"][0].pop("weights_sha256"),
    "versions as a list": lambda about: about.update(versions=["torch"]),
    "numbers as text": lambda about: about.update(numbers="64"),
    "a sample of texts": lambda about: about["numbers"].update(sample=["x"]),
    "a test that is none": lambda about: about.update(test=None),
    "arguments as one text": lambda about: about.update(arguments="head-view"),
}


@pytest.mark.parametrize("change", _BAD.values(), ids=_BAD)
def test_a_file_that_says_something_else_is_refused(
    change: Callable[[dict[str, Any]], object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = matrix()
    about = json.loads(provenance_of(one, one.make()).to_json())
    change(about)
    path = tmp_path / "changed.tex"
    path.write_text(f"% amplify_viz: {json.dumps(about)}\n", encoding="utf-8")
    assert main(["remake", str(path)]) == 2
    assert "says how it was made, " in capsys.readouterr().err


def test_a_sample_of_another_length_is_another_figure(tmp_path: Path) -> None:
    one = matrix()
    about = provenance_of(one, one.make())
    numbers = {**about.numbers, "sha256": "0" * 64, "sample": about.numbers["sample"][:-1]}
    path = tmp_path / "short.tex"
    path.write_text(f"% amplify_viz: {replace(about, numbers=numbers).to_json()}\n", encoding="utf-8")
    assert not remake(path).holds
    assert Provenance.from_json(about.to_json()) == about


def test_older_files_have_a_zero_where_a_weight_was_left_out_and_hold(tmp_path: Path) -> None:
    one = matrix(top=2)
    made = one.make()
    path = write(one, made, tmp_path / "matrix.json")
    assert made.table["weight"].isna().any() and remake(path).identical
    older = provenance_of(one, replace(made, table=made.table.fillna({"weight": 0.0})))
    old = tmp_path / "older.tex"
    old.write_text(f"% amplify_viz: {older.to_json()}\n", encoding="utf-8")
    done = remake(old)
    assert done.holds and not done.identical and done.distance == 0
    other = matrix(top=1)
    assert not remake_of(other, older, tmp_path).holds  # a weight that has gone is another figure


def remake_of(one: HeadMatrix, about: Provenance, folder: Path) -> Remade:
    """What comes of a file that says these numbers of another recipe."""
    path = folder / "other.tex"
    path.write_text(f"% amplify_viz: {replace(about, arguments=one.arguments).to_json()}\n", encoding="utf-8")
    return remake(path)


def test_where_nothing_can_be_written_is_said_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder.csv").mkdir()
    for out in (tmp_path / "folder.csv", tmp_path / "missing" / "a.csv", tmp_path / "a.xyz"):
        assert main(["figure", *matrix(run=("nowhere",)).arguments, "--out", str(out)]) == 2
        error = capsys.readouterr().err
        assert "nowhere" not in error and "A figure is written" in error
    assert main(["figure", *matrix().arguments, "--out", str(tmp_path / f"{'a' * 300}.csv")]) == 2
    assert "cannot be" in capsys.readouterr().err
