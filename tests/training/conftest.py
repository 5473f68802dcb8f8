"""A short run of amplify on a tiny backbone."""

import json
from pathlib import Path

import pytest

from amplify_viz import RunConfig
from tests.tiny import save_tiny
from training.loop import train


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny BERT checkpoint."""
    return str(save_tiny(tmp_path_factory.mktemp("backbone")))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Sixty sentences in two classes that a glance tells apart."""
    folder = tmp_path_factory.mktemp("data") / "animals"
    folder.mkdir()
    animals = ("rabbit", "turtle")
    for split, n in (("train", 40), ("dev", 10), ("test", 10)):
        lines = [
            json.dumps(
                {"text": f"the {animals[i % 2]} {'quickly ' * (i % 5)}crawled {i} {split}", "label": animals[i % 2]}
            )
            for i in range(n)
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return str(folder)


@pytest.fixture(scope="module")
def config(backbone: str, data: str) -> RunConfig:
    """A short run of amplify."""
    return RunConfig("amplify", data, backbone, epochs=3, batch_size=8, learning_rate=1e-3)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, config: RunConfig) -> Path:
    """A runs folder with that run in it."""
    root = tmp_path_factory.mktemp("runs")
    train(config, root)
    return root
