"""The README's Python runs as it stands."""

import re
from pathlib import Path
from typing import Any

import pytest

import amplify_viz as av
from tests.tiny import tiny_model

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.filterwarnings("ignore:'pin_memory' argument")  # Trainer's default, on a machine without a GPU
@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_each_block_runs(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(BLOCKS[number], f"README block {number + 1}", "exec"), {"__name__": "readme", **_yours()})  # noqa: S102 - ours
    assert number != 0 or (tmp_path / "rabbit.svg").stat().st_size > 1000


def _yours() -> dict[str, Any]:
    """What the README says that the reader has."""
    rows = [{"input_ids": [5, 6, 7 + i], "attention_mask": [1, 1, 1], "labels": i % 3} for i in range(8)]
    return {"model": av.prepare(tiny_model("bert")), "rows": rows}


def test_there_are_blocks_to_run() -> None:
    assert len(BLOCKS) == 5


@pytest.mark.parametrize("number", [3, 4])
def test_mixing_in_a_loop_of_ones_own_takes_under_ten_lines(number: int) -> None:
    lines = [line for line in BLOCKS[number].splitlines() if line and not line.startswith(("import", "from"))]
    assert len(lines) < 10


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((assets/[^)]+)\)", README.read_text(encoding="utf-8")))))
def test_every_picture_is_there(path: str) -> None:
    assert (README.parent / path).is_file()
