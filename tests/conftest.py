"""What every test stands on: no network, one thread a worker, and the browser's tests together on one worker."""

import os

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

if "PYTEST_XDIST_WORKER" in os.environ:
    import torch

    torch.set_num_threads(1)


class FilesTogether(LoadScopeScheduling):  # type: ignore[misc]  # xdist comes without types
    """Each file's tests stay on one worker, and all of the browser's: they share one served app."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "tests/browser" if file.startswith("tests/browser/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesTogether:
    """Groups the tests that share what is slow to make."""
    return FilesTogether(config, log)
