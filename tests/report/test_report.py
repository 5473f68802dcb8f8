"""A report holds the comparison: its numbers, figures, words and how it was made, in one page that loads nothing."""

import json
import re
import shlex
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from amplify_viz.__main__ import main
from amplify_viz.checkpoints import load
from amplify_viz.comparison import compare
from amplify_viz.reading import read_texts
from amplify_viz.recipes import remake
from amplify_viz.report import Report, report, write
from amplify_viz.report.references import ENTRIES, bibtex, references
from tests.corpus.brute import save_seeds, some_inputs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four tiny checkpoints, seed0 to seed3, and twelve pairs, one with markup."""
    folder = tmp_path_factory.mktemp("reported")
    save_seeds(folder, 4)
    pairs = [*some_inputs(11), ("the <script>alert(1)</script> & “rabbit”", "a turtle $x_1$")]
    rows = [json.dumps({"text": text, "text_pair": pair, "label": 1}) + "\n" for text, pair in pairs]
    (folder / "pairs.jsonl").write_text("".join(rows), encoding="utf-8")
    return folder


class Page(HTMLParser):
    """Headings, what is loaded, pictures and rows of tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def made(folder: Path, a: str, b: str) -> Report:
    first, second = ([load(folder / f"seed{seed}") for seed in side] for side in (a, b))
    found = compare(first, second, read_texts(folder / "pairs.jsonl"), cache=folder / "cache")
    reading = {"data": str(folder / "pairs.jsonl")}
    return report(
        found, first, second, reading=reading, command=["python", "-m", "amplify_viz", "report", "--out", "a b"]
    )


@pytest.fixture(scope="module")
def two(folder: Path) -> Report:
    """One checkpoint against another."""
    return made(folder, "0", "1")


def test_the_page_is_whole_and_loads_nothing(two: Report) -> None:
    page = Page(two.html)
    assert "script" not in page.tags and "link" not in page.tags
    assert page.addresses and all(address.startswith("data:image/svg+xml;base64,") for address in page.addresses)
    assert "default-src 'none'" in two.html
    for address in page.addresses:
        picture = ElementTree.fromstring(b64decode(address.partition(",")[2]))
        assert picture.tag.endswith("svg")


def test_markup_in_texts_stays_text(two: Report) -> None:
    assert "<script>" not in two.html
    everything = " ".join(
        content.decode() for name, content in two.files.items() if name.endswith((".tex", ".txt", ".bib"))
    )
    assert "the <script>" not in everything


def test_it_has_every_measure_in_words_maps_and_tables(folder: Path, two: Report) -> None:
    found = compare(
        [load(folder / "seed0")], [load(folder / "seed1")], read_texts(folder / "pairs.jsonl"), cache=folder / "cache"
    )
    for table in (found.tests, found.distances):
        for measure, rows in table.groupby("measure"):
            name = str(measure).replace("1 − ", "one-minus-").replace("_", "-")
            written = pd.read_csv(BytesIO(two.files[f"tables/{name}.csv"]), skiprows=1)
            assert written["layer"].tolist() == (rows["layer"] + 1).tolist()  # as the page counts
            np.testing.assert_allclose(
                written.select_dtypes("float"), rows[written.select_dtypes("float").columns].astype(float)
            )
            assert two.files[f"figures/{name}.svg"].startswith(b"<?xml")
            assert two.files[f"figures/{name}.pdf"].startswith(b"%PDF")
            assert b"\\toprule" in two.files[f"tables/{name}.tex"]
    text = Page(two.html).text
    assert "never whether methods do" in text
    assert "n = 12 sentence pairs" in text
    assert "figures/entropy-sides.svg" in two.files


def test_the_maps_of_the_sides_are_the_measured_means(folder: Path, two: Report) -> None:
    found = compare(
        [load(folder / "seed0")], [load(folder / "seed1")], read_texts(folder / "pairs.jsonl"), cache=folder / "cache"
    )
    mean = found.corpus.singles[0].values("share_special").mean(axis=0)
    svg = two.files["figures/share-special-sides.svg"].decode()
    written = re.findall(r">(\.\d+)</text>", svg)
    for value in mean.ravel():
        assert any(abs(float(one) - value) <= 0.5 * 10 ** -len(one[1:]) + 1e-9 for one in written)


def test_the_methods_are_sentences_with_the_numbers_filled_in(two: Report) -> None:
    assert two.methods.startswith("We compared the attention of seed0, weights ")
    assert "on 12 sentence pairs." in two.methods
    assert re.search(r"The models have \d+ layers of \d+ heads\.", two.methods)
    assert "paired t-test, two-sided" in two.methods and "Holm's method (Holm, 1979)" in two.methods
    assert "not whether methods do" in two.methods
    assert two.files["methods.txt"].decode().strip() == two.methods
    assert "@article{holm1979," in two.files["references.bib"].decode()
    assert "yang2023amplify" not in two.files["references.bib"].decode()  # nothing was trained with it


def test_groups_are_described_and_tested_as_groups(folder: Path) -> None:
    groups = made(folder, "01", "23")
    assert "2 runs (seed0, weights" in groups.methods and "the run being the unit" in groups.methods
    text = Page(groups.html).text
    assert "Two groups of runs compared" in text and "With 2 against 2 runs" in text


def test_it_says_how_it_was_made_and_its_views_are_made_again(folder: Path, two: Report, tmp_path: Path) -> None:
    page = write(two, tmp_path / "out")
    assert page == tmp_path / "out" / "report.html" and page.read_text(encoding="utf-8") == two.html
    about = json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))
    assert about["command"] == "python -m amplify_viz report --out 'a b'"
    assert [len(run["weights_sha256"]) for run in about["runs"]] == [64, 64]
    for name in ("figures/head-view.pdf", "figures/layer-tests.svg", "figures/entropy-sides.svg", "tables/cosine.csv"):
        assert remake(tmp_path / "out" / name).identical
    assert set(about["files"]) == {
        str(file.relative_to(tmp_path / "out"))
        for file in (tmp_path / "out").rglob("*.*")
        if file.is_file() and "-remade" not in file.name
    } - {"provenance.json"}
    assert about["texts"].count("12 pairs, SHA-256") == 1
    assert two.files["tables/ranked.csv"].startswith(
        b"# Of the report made by: python -m amplify_viz report --out 'a b'\n"
    )
    assert two.files["tables/ranked.tex"].startswith(b"% Of the report made by: ")


def test_an_earlier_report_s_parts_go_and_other_files_stay(folder: Path, two: Report, tmp_path: Path) -> None:
    write(two, tmp_path)
    (tmp_path / "figures" / "mine.svg").write_text("", encoding="utf-8")
    fewer = replace(two, files={"provenance.json": b'{"files": ["../victim.txt"]}', "methods.txt": b""})
    write(fewer, tmp_path)
    kept = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.*") if file.is_file()}
    assert kept == {"provenance.json", "methods.txt", "report.html", "figures/mine.svg"}
    victim = tmp_path.parent / "victim.txt"
    victim.write_text("", encoding="utf-8")
    write(two, tmp_path)
    assert victim.exists()


def test_asterisks_in_texts_stay_asterisks(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "stars.jsonl"
    data.write_text(json.dumps({"text": "a **bold** <b>claim", "text_pair": "none"}) + "\n", encoding="utf-8")
    first, second = [load(folder / "seed0")], [load(folder / "seed1")]
    found = compare(first, second, read_texts(data), cache=folder / "cache")
    html = report(found, first, second, reading={"data": str(data)}).html
    assert '<blockquote dir="auto">a **bold** &lt;b&gt;claim</blockquote>' in html


def test_the_methods_claim_no_test_that_was_not_made(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "one.jsonl"
    data.write_text(json.dumps({"text": "a fox sees a hen"}) + "\n", encoding="utf-8")
    first, second = [load(folder / "seed0")], [load(folder / "seed1")]
    found = compare(first, second, read_texts(data), cache=folder / "cache")
    said = report(found, first, second, reading={"data": str(data)}).methods
    assert "on 1 text." in said and "No difference could be tested." in said and "t-test" not in said


def test_the_command_writes_it_and_refuses_in_one_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = ["--a", str(folder / "seed0"), "--b", str(folder / "seed1"), "--cache", str(folder / "cache")]
    data = ["--data", str(folder / "pairs.jsonl")]
    assert main(["report", *sides, *data, "--out", str(tmp_path / "out"), "--measure", "entropy"]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "out" / "report.html")
    (tmp_path / "file").write_text("", encoding="utf-8")
    missing = ["--a", str(folder / "nowhere"), "--b", str(folder / "seed1")]  # the folder is looked at first
    for command in ("report", "compare"):
        for out in (tmp_path / "file", tmp_path / "file" / "below"):
            assert main([command, *missing, *data, "--out", str(out)]) == 2
            assert "cannot be written to" in capsys.readouterr().err
    assert main(["report", *sides, "--data", str(tmp_path / "none.jsonl"), "--out", str(tmp_path / "other")]) == 2
    assert not (tmp_path / "other").exists()
    about = json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))
    assert main(shlex.split(about["command"])[3:]) == 0


def test_only_what_was_used_is_cited(folder: Path) -> None:
    found = compare(
        [load(folder / "seed0")], [load(folder / "seed1")], read_texts(folder / "pairs.jsonl"), cache=folder / "cache"
    )
    keys = references(found, methods=("none", "amplify-postln"))
    assert "chen2020mixtext" in references(found, methods=("tmix",))
    assert "guo2019augmenting" in references(found, methods=("embedmix",))
    assert keys[0] == "yang2023amplify" and {"holm1979", "lin1991", "kornblith2019"} <= set(keys)
    assert not {"wilcoxon1945", "benjamini1995"} & set(keys)
    assert bibtex(tuple(ENTRIES)).count("@") == len(ENTRIES)
    for key, entry in ENTRIES.items():
        assert re.match(rf"@\w+{{{key},\n", entry) and entry.count("{") == entry.count("}")
