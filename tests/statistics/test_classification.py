"""Scores of a classifier against scikit-learn's and against formulas written out."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from amplify_viz import InputError
from amplify_viz.statistics import classification as c

RNG = np.random.default_rng(0)


def _rows(n: int = 400, n_labels: int = 5) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    logits = RNG.normal(size=(n, n_labels)) * 2
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return p, np.array([RNG.choice(n_labels, p=row) for row in p])


@pytest.fixture(scope="module")
def rows() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return _rows()


def test_all_equals_scikit_learn(rows: tuple[NDArray[np.float64], NDArray[np.int64]]) -> None:
    p, y = rows
    predicted, counts = p.argmax(axis=1), c.confusion(p, y)
    assert c.accuracy(p, y) == metrics.accuracy_score(y, predicted)
    np.testing.assert_array_equal(counts, metrics.confusion_matrix(y, predicted))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(y, predicted)
    table = c.by_class(counts)
    for name, theirs in (("precision", precision), ("recall", recall), ("f1", f1), ("rows", support)):
        np.testing.assert_allclose(table[name], theirs, atol=1e-12)
    assert c.macro_f1(counts) == pytest.approx(metrics.f1_score(y, predicted, average="macro"), abs=1e-12)
    assert c.nll(p, y) == pytest.approx(metrics.log_loss(y, p), abs=1e-12)
    assert c.brier(p, y) == pytest.approx(metrics.brier_score_loss(y, p, scale_by_half=False), abs=1e-12)


def test_macro_f1_is_over_the_classes_that_have_rows() -> None:
    p = np.eye(4)[[0, 1, 1, 3]]
    y = np.array([0, 0, 1, 1])  # class 2 never occurs at all, class 3 is only predicted
    counts = c.confusion(p, y)
    expected = metrics.f1_score(y, p.argmax(axis=1), average="macro", labels=[0, 1])
    assert c.macro_f1(counts) == pytest.approx(expected, abs=1e-12)
    table = c.by_class(counts)
    assert table["recall"].isna().tolist() == table["f1"].isna().tolist() == [False, False, True, True]
    assert table["precision"].isna().tolist() == [False, False, True, False]


def test_a_class_that_is_never_predicted_counts_as_zero() -> None:
    p, y = np.eye(2)[[0, 0, 0]], np.array([0, 1, 0])
    assert c.macro_f1(c.confusion(p, y)) == pytest.approx((2 * 2 / 5) / 2)


def test_ece_is_the_mean_gap_of_confidence_and_accuracy(rows: tuple[NDArray[np.float64], NDArray[np.int64]]) -> None:
    p, y = rows
    confidence, right = p.max(axis=1), p.argmax(axis=1) == y
    expected = 0.0
    for k in range(15):  # the definition, bin by bin
        inside = (confidence > k / 15) & (confidence <= (k + 1) / 15)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    table = c.reliability(p, y)
    assert c.ece(table) == pytest.approx(expected, abs=1e-12)
    assert table["rows"].sum() == len(y) and len(table) == 15
    assert table.loc[table["rows"] == 0, ["confidence", "accuracy"]].isna().all(axis=None)


def test_a_calibrated_classifier_by_hand() -> None:
    p, y = np.array([[0.75, 0.25]] * 4), np.array([0, 0, 0, 1])
    assert c.ece(c.reliability(p, y)) == 0
    assert c.brier(p, y) == pytest.approx((3 * 2 * 0.0625 + 2 * 0.5625) / 4)


def test_a_label_with_probability_0_has_infinite_nll() -> None:
    assert c.nll([[1.0, 0.0]], [1]) == np.inf


@pytest.mark.parametrize(
    ("p", "y", "message"),
    [
        ([0.5, 0.5], [0], r"\[row, label\]"),
        ([[0.5, 0.5]], [0, 1], "one label a row"),
        (np.zeros((0, 2)), [], "at least one row"),
        ([[0.5, 0.5]], [2], "from 0 to 1"),
        ([[0.5, 0.5]], [-1], "class ids"),
        ([[3.0, -1.0]], [0], "softmax"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(p: list[list[float]], y: list[int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        c.brier(p, y)
