"""Two tiny checkpoints, and tests that run in their folder."""

from pathlib import Path

import pytest

from tests.corpus.brute import save_seeds


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tiny checkpoints, seed0 and seed1."""
    folder = tmp_path_factory.mktemp("drawn")
    save_seeds(folder, 2)
    return folder


@pytest.fixture
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test runs in their folder."""
    monkeypatch.chdir(folder)
