"""Tensors in, tables out: what differs between records, and what a head does.  No model, no axes, no labels."""

from amplify_viz.statistics.measures import (
    attention_distance,
    entropy,
    jensen_shannon,
    mean_absolute_difference,
    mean_entropy,
    share_across,
    share_on,
)
from amplify_viz.statistics.movement import cosine_similarity, head_movement, layer_movement, relative_distance
from amplify_viz.statistics.welch import head_tests, layer_tests

__all__ = [
    "attention_distance",
    "cosine_similarity",
    "entropy",
    "head_movement",
    "head_tests",
    "jensen_shannon",
    "layer_movement",
    "layer_tests",
    "mean_absolute_difference",
    "mean_entropy",
    "relative_distance",
    "share_across",
    "share_on",
]
