"""The README's code runs as it stands, Python and commands."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import amplify_viz as av
from tests.code_blocks import ROOT, Block, blocks_of, run_block
from tests.tiny import tiny_model, tiny_tokenizer
from tests.tiny_runs import save_pairs, train_tiny_runs

README = ROOT / "README.md"
BLOCKS = blocks_of(README)
PYTHON = [block for block in BLOCKS if block.language == "python"]
COMMANDS = [block for block in BLOCKS if block.language == "bash"]


@pytest.mark.filterwarnings("ignore:'pin_memory' argument")  # Trainer's default, on a machine without a GPU
@pytest.mark.parametrize("block", PYTHON, ids=str)
def test_each_block_runs(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_block(block, {"__name__": "readme", **_yours()})
    assert block is not PYTHON[0] or (tmp_path / "rabbit.svg").stat().st_size > 1000


def _yours() -> dict[str, Any]:
    """What the README says that the reader has."""
    rows = [{"input_ids": [5, 6, 7 + i] + [8] * i, "attention_mask": [1] * (3 + i), "labels": i % 3} for i in range(8)]
    return {"model": av.prepare(tiny_model("bert")), "tokenizer": tiny_tokenizer("bert"), "rows": rows}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the README's commands speak of, under the names that it gives them."""
    home = tmp_path_factory.mktemp("readme")
    save_pairs(home / "path/to/data", n_train=8, n_other=4)
    train_tiny_runs(home / "trained", home / "scratch")
    for run in (run for run in av.find_runs(home / "trained") if isinstance(run, av.Run)):
        shutil.copytree(run.folder, home / f"runs/…/{run.config.method}-seed0")
    (home / "pairs.jsonl").write_bytes((home / "path/to/data/test.jsonl").read_bytes())
    return home


@pytest.mark.parametrize("block", COMMANDS, ids=str)
def test_each_command_runs(block: Block, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for Ray's workers: the reader stands in the project's folder
    run_block(block, {})


def test_there_are_blocks_to_run() -> None:
    assert (len(PYTHON), len(COMMANDS)) == (5, 5)


@pytest.mark.parametrize("block", PYTHON[3:5], ids=str)
def test_mixing_in_a_loop_of_ones_own_takes_under_ten_lines(block: Block) -> None:
    lines = [line for line in block.code.splitlines() if line and not line.startswith(("import", "from"))]
    assert len(lines) < 10


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((assets/[^)]+)\)", README.read_text(encoding="utf-8")))))
def test_every_picture_is_there(path: str) -> None:
    assert (README.parent / path).is_file()
