"""Two checkpoints, or two groups of runs, over a corpus: tables, and what they say in plain words."""

from amplify_viz.comparison.files import write
from amplify_viz.comparison.tables import MEASURES, Choices, Comparison, compare
from amplify_viz.comparison.wording import summary

__all__ = ["MEASURES", "Choices", "Comparison", "compare", "summary", "write"]
