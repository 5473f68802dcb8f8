"""Any number of texts through any number of checkpoints: a number for each text, layer and head, kept by content."""

from amplify_viz.corpus.masked import HEAD_MEASURES, PAIR_HEAD_MEASURES, PAIR_LAYER_MEASURES
from amplify_viz.corpus.parts import content_key
from amplify_viz.corpus.passes import Corpus, Measured, Progress, check_same_shape, check_same_tokens, measure

__all__ = [
    "HEAD_MEASURES",
    "PAIR_HEAD_MEASURES",
    "PAIR_LAYER_MEASURES",
    "Corpus",
    "Measured",
    "Progress",
    "check_same_shape",
    "check_same_tokens",
    "content_key",
    "measure",
]
