"""What the compared checkpoints predict on the texts: agreement, and where the texts have labels, accuracy and calibration.

Public names: `predictions`.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from amplify_viz.comparison.tables import Comparison
from amplify_viz.statistics import classification


def predictions(comparison: Comparison) -> pd.DataFrame:
    """One row for each checkpoint that has label probabilities, a's first.

    Columns: side, checkpoint, inputs, confidence (mean of the largest probability), agree_a and agree_b (share of texts on
    which it predicts what the other runs of that side do, mean over them; NaN where there are none), and, where every text
    has a label of the checkpoint, accuracy, nll (nats), brier and ece (15 bins), else NaN.  Labels are matched by name.
    """
    rows = []
    names = (*comparison.a, *comparison.b)
    found = [single.probabilities for single in comparison.corpus.singles]
    named = [_predicted(p, labels) for p, labels in zip(found, comparison.label_names, strict=True)]
    for number, probabilities in enumerate(found):
        if probabilities is None:
            continue
        row: dict[str, object] = {
            "side": "A" if number < len(comparison.a) else "B",
            "checkpoint": names[number],
            "inputs": len(probabilities),
            "confidence": probabilities.max(axis=-1).mean(),
        }
        row |= {f"agree_{side}": _agreement(named, number, others) for side, others in _sides(comparison).items()}
        rows.append(row | _quality(probabilities, comparison.label_names[number], comparison.texts.labels))
    return pd.DataFrame(rows)


def _predicted(probabilities: NDArray[np.float64] | None, labels: tuple[str, ...]) -> NDArray[np.str_] | None:
    return None if probabilities is None else np.array(labels)[probabilities.argmax(axis=-1)]


def _sides(comparison: Comparison) -> dict[str, range]:
    n_a = len(comparison.a)
    return {"a": range(n_a), "b": range(n_a, n_a + len(comparison.b))}


def _agreement(named: list[NDArray[np.str_] | None], number: int, others: range) -> float:
    own = named[number]
    compared = [named[other] for other in others if other != number]
    shares = [np.equal(own, found).mean() for found in compared if own is not None and found is not None]
    return float(np.mean(shares)) if shares else np.nan


def _quality(
    probabilities: NDArray[np.float64], names: tuple[str, ...], labels: tuple[str, ...] | None
) -> dict[str, float]:
    known = {name: number for number, name in enumerate(names)}
    if labels is None or not set(labels) <= set(known) or not np.allclose(probabilities.sum(axis=-1), 1, atol=1e-3):
        return dict.fromkeys(("accuracy", "nll", "brier", "ece"), np.nan)
    true = np.array([known[label] for label in labels])
    return {
        "accuracy": classification.accuracy(probabilities, true),
        "nll": classification.nll(probabilities, true),
        "brier": classification.brier(probabilities, true),
        "ece": classification.ece(classification.reliability(probabilities, true)),
    }
