"""See, compare and test what training did to a text classifier's attention.

    import amplify_viz as av

    mixed, plain = av.load("runs/mrpc/minilm/amplify-seed0"), av.load("runs/mrpc/minilm/none-seed0")
    a, b = (av.capture(model, "the rabbit quickly hopped", "the turtle slowly crawled") for model in (mixed, plain))
    av.statistics.layer_tests(a, b)           # tidy DataFrame
    av.figures.head_view([a, b], layer=3)     # matplotlib Figure
    av.show.head_view([a, b], layer=3)        # interactive, in a notebook or saved as one HTML file
    av.METHODS["amplify"]                     # Mixup(site="attention", …)

The names below are the public ones, loaded when first used; `checkpoints`, `figures`, `graph`, `results`, `show` and
`statistics` are modules.
"""

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from amplify_viz.version import __version__ as __version__

if TYPE_CHECKING:
    from amplify_viz import checkpoints, figures, graph, results, show, statistics
    from amplify_viz.ablation import switching_off
    from amplify_viz.attention import editing, prepare, recording
    from amplify_viz.checkpoints import Checkpoint, load
    from amplify_viz.config import RunConfig
    from amplify_viz.errors import InputError
    from amplify_viz.mixlab import MixedPass, capture_mixed
    from amplify_viz.mixup import METHODS, Mix, Mixup
    from amplify_viz.records import AttentionRecord, capture
    from amplify_viz.runs import Run, find_runs
    from amplify_viz.sites import mixing

__all__ = [
    "METHODS",
    "AttentionRecord",
    "Checkpoint",
    "InputError",
    "Mix",
    "MixedPass",
    "Mixup",
    "Run",
    "RunConfig",
    "capture",
    "capture_mixed",
    "checkpoints",
    "editing",
    "figures",
    "find_runs",
    "graph",
    "load",
    "mixing",
    "prepare",
    "recording",
    "results",
    "show",
    "statistics",
    "switching_off",
]

# Each name's module, imported when the name is first used: the app's server starts without torch.
_HOMES = MappingProxyType(
    {
        "switching_off": "ablation",
        **dict.fromkeys(("editing", "prepare", "recording"), "attention"),
        **dict.fromkeys(("AttentionRecord", "capture"), "records"),
        **dict.fromkeys(("Checkpoint", "load"), "checkpoints"),
        "InputError": "errors",
        **dict.fromkeys(("MixedPass", "capture_mixed"), "mixlab"),
        **dict.fromkeys(("METHODS", "Mix", "Mixup"), "mixup"),
        **dict.fromkeys(("Run", "find_runs"), "runs"),
        "RunConfig": "config",
        "mixing": "sites",
    }
)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"amplify_viz.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    if name in __all__:
        return import_module(f"amplify_viz.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
