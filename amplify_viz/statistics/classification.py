"""How good a classifier's probabilities are: accuracy, F1, negative log likelihood, Brier score, calibration.

probabilities: [row, label], rows sum to 1; labels: [row] of class ids.  Every function raises InputError for arrays that do
not fit together.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from amplify_viz.errors import InputError

N_BINS = 15
"""Bins of the reliability table, as in Guo et al. (2017), "On Calibration of Modern Neural Networks"."""

Floats = NDArray[np.float64]


def accuracy(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Share of the rows whose label has the largest probability, in [0, 1]."""
    p, y = _checked(probabilities, labels)
    return float((p.argmax(axis=-1) == y).mean())


def confusion(probabilities: ArrayLike, labels: ArrayLike) -> NDArray[np.int64]:
    """Counts [true label, predicted label]; the sum is the number of rows."""
    p, y = _checked(probabilities, labels)
    n_labels = p.shape[-1]
    return np.bincount(y * n_labels + p.argmax(axis=-1), minlength=n_labels**2).reshape(n_labels, n_labels)


def by_class(counts: NDArray[np.int64]) -> pd.DataFrame:
    """A row a class, of a confusion matrix: precision, recall and F1 in [0, 1], and rows, how many truly are of it.

    Precision is NaN for a class that is never predicted, recall and F1 for one that has no rows.
    """
    right, predicted, rows = np.diag(counts), counts.sum(axis=0), counts.sum(axis=1)
    return pd.DataFrame(
        {
            "precision": _share(right, predicted),
            "recall": _share(right, rows),
            "f1": np.where(rows > 0, _share(2 * right, predicted + rows), np.nan),
            "rows": rows,
        }
    )


def macro_f1(counts: NDArray[np.int64]) -> float:
    """Mean F1 over the classes that have rows, in [0, 1]: one without any is neither right nor wrong."""
    return float(by_class(counts)["f1"].mean())


def nll(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Mean negative log likelihood of the labels in nats: 0 if each has probability 1, log(n_labels) for a uniform guess."""
    p, y = _checked(probabilities, labels)
    with np.errstate(divide="ignore"):
        return float(-np.log(p[np.arange(len(y)), y]).mean())


def brier(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Mean squared distance of the probabilities from the one-hot label, in [0, 2] (Brier 1950, summed over classes)."""
    p, y = _checked(probabilities, labels)
    return float(np.square(p - np.eye(p.shape[-1])[y]).sum(axis=-1).mean())


def reliability(probabilities: ArrayLike, labels: ArrayLike, *, n_bins: int = N_BINS) -> pd.DataFrame:
    """A row a bin of confidence (the largest probability): low, high, rows, mean confidence and accuracy.

    Bins are of equal width, (low, high]; confidence and accuracy are NaN in an empty one.
    """
    p, y = _checked(probabilities, labels)
    confidence, right = p.max(axis=-1), (p.argmax(axis=-1) == y).astype(float)
    edges = np.linspace(0, 1, n_bins + 1)
    number = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, n_bins - 1)
    rows = np.bincount(number, minlength=n_bins)
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "rows": rows,
            "confidence": _share(np.bincount(number, confidence, n_bins), rows),
            "accuracy": _share(np.bincount(number, right, n_bins), rows),
        }
    )


def ece(table: pd.DataFrame) -> float:
    """Expected calibration error of a reliability table, in [0, 1]: |accuracy − confidence|, weighted by rows."""
    gaps = (table["accuracy"] - table["confidence"]).abs()
    return float((gaps.fillna(0) * table["rows"]).sum() / table["rows"].sum())


def _share(part: NDArray[Any], of: NDArray[Any]) -> Floats:
    """Returns part / of, NaN where there is nothing to share."""
    share: Floats = np.divide(part, of, out=np.full(len(of), np.nan), where=of > 0)
    return share


def _checked(probabilities: ArrayLike, labels: ArrayLike) -> tuple[Floats, NDArray[np.int64]]:
    p, y = np.asarray(probabilities, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    if p.ndim != 2 or y.shape != p.shape[:1] or not len(y):
        raise InputError(
            f"Probabilities are [row, label] and labels [row] with at least one row, got {p.shape} and {y.shape}: pass one label "
            f"a row."
        )
    if y.min() < 0 or y.max() >= p.shape[1]:
        raise InputError(f"Labels go from 0 to {p.shape[1] - 1}, got {y.min()} to {y.max()}: pass class ids.")
    if not np.allclose(p.sum(axis=-1), 1, atol=1e-3) or p.min() < 0:
        raise InputError("Probabilities are not below 0 and sum to 1 in each row: pass a softmax of the logits.")
    return p, y
