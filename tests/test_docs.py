"""The documentation: its pages build without a warning, say nothing that does not run, and load nothing from elsewhere."""

import re
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import torch
from sphinx.application import Sphinx
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import amplify_viz as av
from tests.code_blocks import ROOT, Block, blocks_of, run_block

DOCS = ROOT / "docs"
pytestmark = pytest.mark.filterwarnings("ignore:.*Check CHANGES for Sphinx API")  # of MyST, which calls what is to go
PAGES = sorted(page for page in DOCS.glob("*.md") if blocks_of(page) and page.stem != "index")


@pytest.mark.filterwarnings("ignore:'pin_memory' argument")  # Trainer's default, on a machine without a GPU
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_of_a_page_runs_in_order(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if page.stem == "command-line":
        _yours(tmp_path)
    names: dict[str, Any] = {"__name__": "docs"}
    for block in blocks_of(page):
        run_block(block, names)


def _yours(folder: Path) -> None:
    """A checkpoint and a file of pairs, as the how-tos make them."""
    backbone = av.checkpoints.bundled_folder()
    model = AutoModelForSequenceClassification.from_pretrained(backbone, num_labels=2)
    torch.nn.init.normal_(next(model.parameters()), std=0.05)
    model.save_pretrained(folder / "mine")
    AutoTokenizer.from_pretrained(backbone).save_pretrained(folder / "mine")
    (folder / "pairs.txt").write_text("the rabbit hopped\tthe turtle crawled\nthe dog barked\tthe dog slept\n")


def test_there_are_pages_with_blocks_to_run() -> None:
    assert {page.stem for page in PAGES} == {
        "command-line",
        "howto-data",
        "howto-models",
        "paper",
        "statistics",
        "tutorial",
    }


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("python", "import nothing_of_this_name"),
        ("bash", "python -m amplify_viz figure no-such-kind --out x.pdf"),
        ("bash", "python -m amplify_viz remake not-there.pdf"),
        ("bash", "rm -rf /"),
        ("console", "$ anything"),
    ],
)
def test_a_block_that_does_not_run_is_found(
    language: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ModuleNotFoundError, AssertionError)):
        run_block(Block(DOCS / "tutorial.md", 1, language, code + "\n"), {})


def _built(source: Path, out: Path) -> str:
    """What Sphinx warns of."""
    warnings = StringIO()
    app = Sphinx(str(source), str(DOCS), str(out), str(out / ".doctrees"), "html", status=None, warning=warnings)
    app.build(force_all=True)
    return warnings.getvalue()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The pages, and what Sphinx warns of."""
    out = tmp_path_factory.mktemp("docs")
    return out, _built(DOCS, out)


def test_the_pages_build_without_a_warning(built: tuple[Path, str]) -> None:
    assert built[1] == ""


def test_a_page_with_a_broken_link_is_warned_of(tmp_path: Path) -> None:
    source = tmp_path / "docs"
    shutil.copytree(DOCS, source, ignore=shutil.ignore_patterns("reference", "_build"))
    (source / "index.md").write_text("# Index\n\n[nothing](not-there.md)\n")
    assert "not-there" in _built(source, tmp_path / "out")


def test_the_reference_has_every_public_name(built: tuple[Path, str]) -> None:
    described = set()
    for page in (built[0] / "reference").glob("*.html"):
        described |= {
            name.rpartition(".")[2] for name in re.findall(r'<dt class="sig[^"]*" id="([\w.]+)"', page.read_text())
        }
    names = [(module, name) for module in (av, av.figures, av.results, av.statistics) for name in module.__all__]
    named = {name for module, name in names if callable(getattr(module, name)) and name != "Figure"}
    assert len(named) > 80
    assert named - described == set()


def test_no_page_loads_anything_from_elsewhere(built: tuple[Path, str]) -> None:
    for page in built[0].rglob("*.html"):
        loaded = re.findall(r'<(?:script|link|img|iframe)[^>]*?(?:src|href)="(https?:[^"]+)"', page.read_text())
        assert loaded == [], page.name
