"""Two checkpoints, or two groups of runs, over a corpus: tables, and what they say in plain words."""

from amplify_viz.comparison.files import write
from amplify_viz.comparison.predictions import predictions
from amplify_viz.comparison.rankings import pair_values, ranked_texts
from amplify_viz.comparison.tables import MEASURES, Choices, Comparison, compare
from amplify_viz.comparison.wording import NAMES, Said, lengths_of, said, summary

__all__ = [
    "MEASURES",
    "NAMES",
    "Choices",
    "Comparison",
    "Said",
    "compare",
    "lengths_of",
    "pair_values",
    "predictions",
    "ranked_texts",
    "said",
    "summary",
    "write",
]
