"""What every test stands on: no network, one thread a worker, and the browser's tests together on one worker."""

import os
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

if "PYTEST_XDIST_WORKER" in os.environ:
    import torch

    torch.set_num_threads(1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each file's tests stay on one worker, and all of the browser's: they share one served app."""
    here = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(here)
        group = "browser" if place.parts[0] == "browser" else place.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))
