"""Tensors in, tables out: what differs between records, and what a head does.  No model, no axes, no labels."""

from amplify_viz.statistics.measures import entropy
from amplify_viz.statistics.welch import head_tests, layer_tests

__all__ = ["entropy", "head_tests", "layer_tests"]
