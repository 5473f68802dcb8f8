"""The files and commands that the menus on a page would give, without a browser to press the buttons."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest


def catch_files(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """A dict that fills with what makes each offered file, by the file's name."""
    files: dict[str, Callable[[], bytes]] = {}

    def button(_label: str, *, data: Callable[[], bytes], file_name: str, **_: Any) -> None:
        files[file_name] = data

    monkeypatch.setattr("streamlit.download_button", button)
    return files


def about_of(file: bytes) -> dict[str, Any]:
    """What a table's file says of itself, in its first line."""
    line = file.decode().splitlines()[0]
    found: dict[str, Any] = json.loads(line[line.index("{") : line.rindex("}") + 1])
    return found


def shown_command(app: AppTest) -> str:
    """The command that the export menu on the page shows."""
    (shown,) = [str(code.value) for code in app.code if " figure " in str(code.value)]
    return shown
