"""The blocks of code on a page of Markdown, run in order as a reader would."""

import contextlib
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amplify_viz.__main__ import main as amplify_viz
from training.__main__ import main as training

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_PYTHON = re.compile(r"(?:\.venv/bin/)?python -m (amplify_viz|training) ")
_PROGRAMS = {"amplify_viz": amplify_viz, "training": training}
NOT_RUN: Mapping[str, str] = {
    "git clone": "needs the address that the project is published under",
    "make ": "the installation, which the tests themselves run in",
    "source ": "concerns the reader's shell",
}
"""Commands that are not run, by how they begin, and why."""


@dataclass(frozen=True)
class Block:
    """A block of code, its language and its place on the page."""

    page: Path
    line: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """The page's blocks in order."""
    text = page.read_text(encoding="utf-8")
    return [Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2]) for found in _BLOCK.finditer(text)]


def run_block(block: Block, names: dict[str, Any]) -> None:
    """Runs it in the present folder; names: what Python knows, from the blocks before it, and after it.

    Fails where a command does not end well, or is neither one of ours nor in NOT_RUN.
    """
    if block.language == "python":
        exec(compile("\n" * block.line + block.code, str(block), "exec"), names)  # noqa: S102 - our own pages
        return
    assert block.language == "bash", f"{block}: nobody runs {block.language}"
    for command in _commands(block.code):
        _run(command, str(block))


def _commands(code: str) -> Iterator[str]:
    for line in re.sub(r"\\\n\s*", "", code).splitlines():
        command = line.partition(" #")[0].strip()
        if command and not command.startswith("#"):
            yield command


def _run(command: str, where: str) -> None:
    found = _PYTHON.match(command)
    if found is None:
        assert command.startswith(tuple(NOT_RUN)), f"{where}: nobody runs {command!r}"
        return
    words, _, out = command[found.end() :].partition(" > ")
    arguments = [path for word in shlex.split(words) for path in _globbed(word)]
    file = Path(out).open("w", encoding="utf-8") if out else contextlib.nullcontext()  # noqa: SIM115 - closed below
    with file as stdout, contextlib.redirect_stdout(stdout) if stdout else contextlib.nullcontext():
        try:
            code = _PROGRAMS[found[1]](arguments)
        except SystemExit as end:  # --help
            code = int(end.code or 0)
    assert code == 0, f"{where}: {command} ended with {code}"


def _globbed(word: str) -> list[str]:
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]
