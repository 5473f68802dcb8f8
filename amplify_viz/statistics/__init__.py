"""Tensors in, tables out: what differs between records, runs and methods, and what a head does.  No model, no axes, no labels.

- One text, two records: `layer_tests`, `head_tests` and (by data set) `data_tests`, the paper's; `layer_movement`,
  `head_movement`; where they differ most: `differing_heads`, `differing_words`.
- Many texts, two checkpoints, the text as the unit: `paired_tests` with `TESTS` and `CORRECTIONS`, `adjusted`;
  `differing_inputs` ranks the texts; distances between two are estimated: `estimates`.
- Groups of runs, the run as the unit, the only tests that speak of methods: `group_tests`, `distance_tests`, `smallest_p`,
  `what_it_can_say`; how often each kind of test is wrong or right: `rejection_rates`, `power_rates`.
- One head, one number: `entropy` (of each query), `mean_entropy`, `relative_entropy`, `confidence`, `attention_distance`,
  `share_at`, `share_on`, `share_across`; two heads: `mean_absolute_difference`, `jensen_shannon`; two sets of outputs:
  `mean_cosine`, `linear_cka`, `cosine_similarity`, `relative_distance`.
- All heads of a checkpoint: `head_measures`, `head_kinds` with `KindRules`; through the layers: `rollout`, and `flow` up to
  `MAX_FLOW_TOKENS`.
- More values than are held at once: `Moments`.
"""

from amplify_viz.statistics.distances import distance_tests, estimates
from amplify_viz.statistics.groups import group_tests, smallest_p, what_it_can_say
from amplify_viz.statistics.heads import KindRules, head_kinds, head_measures
from amplify_viz.statistics.inputs import CORRECTIONS, TESTS, adjusted, paired_tests
from amplify_viz.statistics.measures import (
    attention_distance,
    confidence,
    entropy,
    jensen_shannon,
    mean_absolute_difference,
    mean_entropy,
    relative_entropy,
    share_across,
    share_at,
    share_on,
)
from amplify_viz.statistics.moments import Moments
from amplify_viz.statistics.movement import cosine_similarity, head_movement, layer_movement, relative_distance
from amplify_viz.statistics.ranking import differing_heads, differing_inputs, differing_words
from amplify_viz.statistics.rollouts import MAX_FLOW_TOKENS, flow, rollout
from amplify_viz.statistics.similarity import linear_cka, mean_cosine
from amplify_viz.statistics.simulation import power_rates, rejection_rates
from amplify_viz.statistics.welch import data_tests, head_tests, layer_tests

__all__ = [
    "CORRECTIONS",
    "MAX_FLOW_TOKENS",
    "TESTS",
    "KindRules",
    "Moments",
    "adjusted",
    "attention_distance",
    "confidence",
    "cosine_similarity",
    "data_tests",
    "differing_heads",
    "differing_inputs",
    "differing_words",
    "distance_tests",
    "entropy",
    "estimates",
    "flow",
    "group_tests",
    "head_kinds",
    "head_measures",
    "head_movement",
    "head_tests",
    "jensen_shannon",
    "layer_movement",
    "layer_tests",
    "linear_cka",
    "mean_absolute_difference",
    "mean_cosine",
    "mean_entropy",
    "paired_tests",
    "power_rates",
    "rejection_rates",
    "relative_distance",
    "relative_entropy",
    "rollout",
    "share_across",
    "share_at",
    "share_on",
    "smallest_p",
    "what_it_can_say",
]
