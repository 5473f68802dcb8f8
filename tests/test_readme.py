"""The README's Python runs as it stands."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_each_block_runs(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(BLOCKS[number], f"README block {number + 1}", "exec"), {"__name__": "readme"})  # noqa: S102 - ours
    assert number != 0 or (tmp_path / "rabbit.svg").stat().st_size > 1000


def test_there_are_blocks_to_run() -> None:
    assert len(BLOCKS) == 2


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((assets/[^)]+)\)", README.read_text(encoding="utf-8")))))
def test_every_picture_is_there(path: str) -> None:
    assert (README.parent / path).is_file()
