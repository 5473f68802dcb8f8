"""Tensors in, tables out: what differs between records, and what a head does.  No model, no axes, no labels."""

from amplify_viz.statistics.measures import entropy
from amplify_viz.statistics.movement import cosine_similarity, head_movement, layer_movement, relative_distance
from amplify_viz.statistics.welch import head_tests, layer_tests

__all__ = [
    "cosine_similarity",
    "entropy",
    "head_movement",
    "head_tests",
    "layer_movement",
    "layer_tests",
    "relative_distance",
]
