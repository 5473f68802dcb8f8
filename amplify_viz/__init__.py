"""See, compare and test what training did to a text classifier's attention.

    import amplify_viz as av

    mixed, plain = av.load("runs/mrpc/minilm/amplify-seed0"), av.load("runs/mrpc/minilm/none-seed0")
    a, b = (av.capture(model, "the rabbit quickly hopped", "the turtle slowly crawled") for model in (mixed, plain))
    av.statistics.layer_tests(a, b)           # tidy DataFrame
    av.figures.head_view([a, b], layer=3)     # matplotlib Figure
    av.METHODS["amplify"]                     # Mixup(site="attention", …)

The names below are the public ones; `figures`, `graph` and `statistics` are modules, loaded when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from amplify_viz.attention import editing, prepare, recording
from amplify_viz.capture import AttentionRecord, capture
from amplify_viz.checkpoints import Checkpoint, load
from amplify_viz.errors import InputError
from amplify_viz.mixup import METHODS, Mix, Mixup, mixing
from amplify_viz.runs import Run, RunConfig, find_runs

if TYPE_CHECKING:
    from amplify_viz import figures, graph, statistics

__all__ = [
    "METHODS",
    "AttentionRecord",
    "Checkpoint",
    "InputError",
    "Mix",
    "Mixup",
    "Run",
    "RunConfig",
    "capture",
    "editing",
    "figures",
    "find_runs",
    "graph",
    "load",
    "mixing",
    "prepare",
    "recording",
    "statistics",
]


def __getattr__(name: str) -> Any:
    if name in ("figures", "graph", "statistics"):
        return import_module(f"amplify_viz.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
