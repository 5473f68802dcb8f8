"""Two tiny runs, and an app that looks at them."""

from pathlib import Path

import pytest

from tests.tiny_runs import train_tiny_runs


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs' data and backbone are."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, scratch: Path) -> Path:
    """A runs folder with a run of none and one of amplify."""
    return train_tiny_runs(tmp_path_factory.mktemp("runs"), scratch)


@pytest.fixture
def app_at_root(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app shows these runs, and no demo."""
    monkeypatch.setenv("AMPLIFY_VIZ_RUNS", str(root))
    monkeypatch.delenv("AMPLIFY_VIZ_DEMO", raising=False)
