"""The built-in data set: sentence pairs whose label hangs on who did what to whom."""

from amplify_viz.reading.roles.pairs import LABEL_NAMES, RECORD_SEED, SIZES, Breach, Edit, Pair, generate

__all__ = ["LABEL_NAMES", "RECORD_SEED", "SIZES", "Breach", "Edit", "Pair", "generate"]
