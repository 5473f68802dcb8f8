"""Loading beside the server's start."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from amplify_viz.ui import warm


def _serve() -> None:
    async def run() -> None:
        async with warm.lifespan(None):
            await asyncio.to_thread(warm.loaded)

    with ThreadPoolExecutor(1) as aside:  # a browser test may have left an event loop in this thread
        aside.submit(asyncio.run, run()).result()


def test_a_page_waits_for_what_the_server_began_to_load(monkeypatch: pytest.MonkeyPatch) -> None:
    loading: list[object] = []
    monkeypatch.setattr(warm, "_loading", loading)
    monkeypatch.setattr(warm, "_HEAVY", ("colorsys",))
    _serve()
    assert [future.result().__name__ for future in loading] == ["colorsys"]  # type: ignore[attr-defined]


def test_an_import_that_fails_fails_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "_loading", [])
    monkeypatch.setattr(warm, "_HEAVY", ("no_such_module",))
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        _serve()


def test_the_server_starts_without_torch() -> None:
    code = "import sys, app; assert app.app; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
