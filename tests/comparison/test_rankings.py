"""Which texts differ most, and what is predicted on them, against the plain computation on every text alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from amplify_viz.checkpoints import Checkpoint
from amplify_viz.comparison import Choices, compare, pair_values, predictions, ranked_texts
from amplify_viz.errors import InputError
from amplify_viz.reading import Texts
from tests.corpus.brute import captured, of_one, of_two, some_inputs, two_checkpoints


@pytest.fixture(scope="module")
def checkpoints() -> list[Checkpoint]:
    return two_checkpoints()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def texts_of(n: int, labels: tuple[str, ...] | None = None) -> Texts:
    return Texts(tuple(some_inputs(n)), labels, "made-up texts")


@pytest.mark.parametrize("measure", ["entropy", "jensen_shannon", "cosine"])
def test_texts_are_ranked_by_how_far_the_sides_are_apart(
    checkpoints: list[Checkpoint], cache: Path, measure: str
) -> None:
    texts = texts_of(9)
    found = compare(checkpoints[:1], checkpoints[1:], texts, cache=cache)
    first, second = (captured(one, texts.inputs) for one in checkpoints)
    if measure == "entropy":
        each = [(of_one(b)[measure] - of_one(a)[measure]).abs() for a, b in zip(first, second, strict=True)]
    else:
        each = [of_two(a, b)[measure] for a, b in zip(first, second, strict=True)]
    expected = torch.stack(each).numpy()
    expected = 1 - expected if measure == "cosine" else expected
    np.testing.assert_allclose(pair_values(found, measure), expected, atol=2e-5)  # type: ignore[arg-type]
    table = ranked_texts(found, measure, n=3)  # type: ignore[arg-type]
    order = np.argsort(-expected.reshape(9, -1).mean(axis=1))[:3]
    assert table["input"].tolist() == order.tolist()
    assert list(zip(table["text"], table["text_pair"], strict=True)) == [texts.inputs[row] for row in order]


def test_groups_are_ranked_by_the_distance_between_them_alone(cache: Path) -> None:
    from tests.tiny import tiny_checkpoint

    first = tiny_checkpoint(seed=0)
    four = [first, *(replace(tiny_checkpoint(seed=seed), tokenizer=first.tokenizer) for seed in (1, 2, 3))]
    texts = texts_of(4)
    found = compare(four[:2], four[2:], texts, cache=cache)
    records = [captured(one, texts.inputs) for one in four]
    expected = [
        np.mean([of_two(records[i][row], records[j][row])["jensen_shannon"].numpy() for i in (0, 1) for j in (2, 3)], 0)
        for row in range(4)
    ]
    np.testing.assert_allclose(pair_values(found, "jensen_shannon"), expected, atol=2e-5)


def test_a_measure_that_was_not_taken_is_refused(checkpoints: list[Checkpoint], cache: Path) -> None:
    found = compare(checkpoints[:1], checkpoints[1:], texts_of(3), choices=Choices(measures=("entropy",)), cache=cache)
    with pytest.raises(InputError, match="jensen_shannon was not"):
        pair_values(found, "jensen_shannon")


def test_predictions_agree_as_counted_and_are_judged_where_labels_are_known(
    checkpoints: list[Checkpoint], cache: Path
) -> None:
    names = checkpoints[0].label_names
    labels = tuple(names[i % 2] for i in range(8))
    texts = texts_of(8, labels)
    table = predictions(compare(checkpoints[:1], checkpoints[1:], texts, cache=cache))
    probabilities = []
    for one in checkpoints:
        found = [record.probabilities for record in captured(one, texts.inputs)]
        probabilities.append(np.array([None if p is None else p.numpy() for p in found], dtype=float))
    picked = [p.argmax(axis=1) for p in probabilities]
    assert table["agree_b"][0] == pytest.approx((picked[0] == picked[1]).mean())
    assert np.isnan(table["agree_a"][0])  # itself left out, there is no other run of its side
    true = np.array([names.index(label) for label in labels])
    np.testing.assert_allclose(table["accuracy"], [(one == true).mean() for one in picked])
    np.testing.assert_allclose(table["nll"], [-np.log(p[np.arange(8), true]).mean() for p in probabilities], rtol=1e-4)


@pytest.mark.parametrize("labels", [None, tuple("xyzxyzxy")])
def test_without_labels_of_the_checkpoints_nothing_is_said_of_accuracy(
    checkpoints: list[Checkpoint], cache: Path, labels: tuple[str, ...] | None
) -> None:
    table = predictions(compare(checkpoints[:1], checkpoints[1:], texts_of(8, labels), cache=cache))
    assert table[["accuracy", "nll", "brier", "ece"]].isna().all(axis=None)
    assert table["confidence"].between(0, 1).all()
