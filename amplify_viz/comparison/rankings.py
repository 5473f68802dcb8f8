"""Where the sides of a comparison differ most: which texts, and in which layer and head of them.

Public names: `pair_values`, `ranked_texts`.
"""

from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from amplify_viz.comparison.tables import SIMILARITIES, Comparison, Measure
from amplify_viz.errors import InputError
from amplify_viz.statistics.ranking import By, differing_inputs


def pair_values(comparison: Comparison, measure: Measure) -> NDArray[np.float64]:
    """How far the sides are apart on each text: [text, layer, head] or [text, layer], 0 where they agree.

    Of a one-checkpoint measure the absolute difference of the sides' means over their runs; of a two-checkpoint measure its
    mean over every run of a with every run of b (1 − it for a similarity).  Raises InputError for a measure that was not
    taken.
    """
    n_a, n_b = len(comparison.a), len(comparison.b)
    corpus = comparison.corpus
    if measure in corpus.singles[0].measures:
        values = [single.values(measure) for single in corpus.singles]
        difference: NDArray[np.float64] = np.abs(np.mean(values[n_a:], axis=0) - np.mean(values[:n_a], axis=0))
        return difference
    across = [corpus.pairs.get((i, n_a + j)) for i, j in product(range(n_a), range(n_b))]
    found = [one.values(measure) for one in across if one is not None]
    if not found:
        raise InputError(f"Texts are ranked by a measure that was taken, and {measure} was not: compare with it first.")
    mean: NDArray[np.float64] = np.mean(found, axis=0)
    return 1 - mean if measure in SIMILARITIES else mean


def ranked_texts(
    comparison: Comparison,
    measure: Measure,
    *,
    n: int = 20,
    by: By = "mean",
    layer: int | None = None,
    head: int | None = None,
) -> pd.DataFrame:
    """One row for each of the n texts on which the sides differ most, as `differing_inputs` ranks them, and their words.

    Columns: those of `differing_inputs`, then text and text_pair ("" for single texts).  Raises InputError for a measure that
    was not taken, and as `differing_inputs` does.
    """
    table = differing_inputs(pair_values(comparison, measure), n=n, by=by, layer=layer, head=head)
    texts = [comparison.texts.inputs[row] for row in table["input"]]
    return table.assign(text=[text for text, _ in texts], text_pair=[pair or "" for _, pair in texts])
