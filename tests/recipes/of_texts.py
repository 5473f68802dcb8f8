"""Recipes of two tiny checkpoints and a pair of texts that is hard to write down."""

from dataclasses import fields
from typing import Any

from amplify_viz.recipes import (
    HeadKinds,
    HeadMatrix,
    HeadMeasures,
    HeadTests,
    HeadView,
    LayerTests,
    ModelView,
    NeuronView,
    Recipe,
    Rollout,
    WordGraph,
)

TEXT, PAIR = "the rabbit's “quick” hop & $x_1$ <b>", "--run it_ 🙂 兔子 \\n {}"
OTHERS: dict[type[Recipe], dict[str, Any]] = {
    HeadView: {
        "layer": 2, "heads": (1, 2), "focus": (2, 3), "level": "words", "special": "hidden", "between": "ab",
        "least": 0.01, "top": 3, "combine": "max", "difference": (1, 2),
    },
    HeadMatrix: {"layer": 1, "heads": (2,), "special": "renormalised", "combine": "max", "difference": (2, 1)},
    ModelView: {"level": "words", "special": "hidden", "difference": (1, 2)},
    NeuronView: {"layer": 2, "head": 2, "focus": 3},
    WordGraph: {"layer": 2, "heads": (1, 2), "focus": 2, "threshold": 0.125, "layout": "radial", "difference": (1, 2)},
    LayerTests: {},
    HeadTests: {"show": "p"},
    HeadMeasures: {"measure": "share-previous"},
    HeadKinds: {},
    Rollout: {"focus": 3, "through": 2},
}  # fmt: skip


def recipe(kind: type[Any], **changed: Any) -> Any:
    return kind(run=("seed0", "seed1"), text=TEXT, pair=PAIR, **{"layer": 1} | changed if _has_layer(kind) else changed)


def _has_layer(kind: type[Any]) -> bool:
    return "layer" in {field.name for field in fields(kind)}
