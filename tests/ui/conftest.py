"""Two tiny runs, or none, and an app that looks at them; and the workers that it would begin."""

from pathlib import Path

import pytest

from amplify_viz.ui import training
from tests.tiny_runs import train_tiny_runs
from tests.ui.train_page import Begun


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


@pytest.fixture
def no_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty runs folder, the app's."""
    monkeypatch.setenv("AMPLIFY_VIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.delenv("AMPLIFY_VIZ_DEMO", raising=False)
    monkeypatch.delenv("AMPLIFY_VIZ_ROOTS", raising=False)
    return tmp_path / "runs"


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Begun:
    """The workers that the page has begun: only noted."""
    noted: Begun = []
    monkeypatch.setattr(training, "begin", lambda command, root, **_: noted.append((command, root)))
    return noted
