"""The tables of a comparison: tests of each measure at each layer and head, and distances.

Public names: `MEASURES`, `SIMILARITIES`, `Choices`, `Comparison`, `compare`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from amplify_viz.checkpoints import Checkpoint
from amplify_viz.corpus import (
    HEAD_MEASURES,
    PAIR_HEAD_MEASURES,
    PAIR_LAYER_MEASURES,
    Corpus,
    Progress,
    check_same_shape,
    check_same_tokens,
    content_key,
    measure,
)
from amplify_viz.errors import InputError
from amplify_viz.reading import Texts
from amplify_viz.statistics.distances import distance_tests, estimates
from amplify_viz.statistics.groups import group_tests, what_it_can_say
from amplify_viz.statistics.inputs import CORRECTIONS, TESTS, Correction, Test, paired_tests

Measure = Literal[
    "entropy",
    "distance",
    "share_special",
    "share_across",
    "output_norm",
    "mean_absolute_difference",
    "jensen_shannon",
    "cosine",
    "linear_cka",
]
MEASURES: tuple[Measure, ...] = get_args(Measure)
_ROUNDING = 1e-6  # of a value, about eight times float32's machine epsilon
_OF_TWO = (*PAIR_HEAD_MEASURES, *PAIR_LAYER_MEASURES)
SIMILARITIES = PAIR_LAYER_MEASURES
"""1 where nothing differs: the distance is what is missing of it."""


@dataclass(frozen=True)
class Choices:
    """What is asked of two sides.

    measures: of MEASURES, () for all that the texts have.  test: over inputs, for one run on each side; "t" by default,
    while groups of runs are judged by relabelling the runs.  correction: for the layers and heads of each measure;
    level: of a corrected p-value that is called significant; confidence: of intervals.
    """

    measures: tuple[Measure, ...] = ()
    test: Test | None = None
    correction: Correction = "holm"
    level: float = 0.05
    confidence: float = 0.95

    def __post_init__(self) -> None:
        known = {"measure": MEASURES, "test": (*TESTS, None), "correction": CORRECTIONS}
        given = [*(("measure", name) for name in self.measures), ("test", self.test), ("correction", self.correction)]
        for what, value in given:
            if value not in known[what]:
                listed = ", ".join(str(name) for name in known[what] if name is not None)
                raise InputError(f"A {what} is one of {listed}, got {value!r}: choose one of these.")
        for what, share in (("level", self.level), ("confidence", self.confidence)):
            if not 0 < share < 1:
                raise InputError(f"A {what} lies between 0 and 1, got {share}: 0.05 and 0.95 are usual.")


@dataclass(frozen=True)
class Comparison:
    """What came of comparing two sides, each one run or a group of them.

    a, b: the checkpoints' names with their sources; label_names: of each checkpoint, a's first; n_cut: texts longer than a
    checkpoint reads; n_beyond: texts of more tokens than one of the runs was trained and tested with, which it reads whole
    here; corpus: what was measured, the checkpoints of a first.
    tests: one row for each one-checkpoint measure, layer and head, with the columns of `paired_tests` or `group_tests`;
    distances: one row for each two-checkpoint measure, layer and, where it has one, head, with the columns of `estimates`
    or `distance_tests`.  Layers and heads count from zero in both.
    """

    a: tuple[str, ...]
    b: tuple[str, ...]
    label_names: tuple[tuple[str, ...], ...]
    texts: Texts
    n_cut: int
    n_beyond: int
    choices: Choices
    tests: pd.DataFrame
    distances: pd.DataFrame
    corpus: Corpus

    @property
    def origin(self) -> str:
        """Where the texts are from."""
        return self.texts.origin

    @property
    def n_inputs(self) -> int:
        """How many texts, or pairs of them, both sides read."""
        return len(self.texts.inputs)

    @property
    def are_pairs(self) -> bool:
        """Whether each input has two sentences."""
        return self.texts.are_pairs

    @property
    def of_groups(self) -> bool:
        """Whether the sides are groups of runs, which alone can speak of methods."""
        return len(self.a) > 1


def compare(
    a: Sequence[Checkpoint],
    b: Sequence[Checkpoint],
    texts: Texts,
    *,
    choices: Choices | None = None,
    cache: Path | None = None,
    workers: int = 0,
    n_threads: int = 1,
    progress: Progress | None = None,
) -> Comparison:
    """Returns the Comparison of one checkpoint with another, or of a group of runs with another, on the same texts.

    One on each side: paired tests over inputs, and the distances between both with intervals.  Several on each side:
    tests between groups of runs, and the distances between groups against those inside them.  cache, workers, n_threads
    and progress: see `corpus.measure`.
    Raises InputError for a side without runs, one run against several, a run that is given twice, other layers, heads or
    (for two-checkpoint measures) tokenizers, and as `corpus.measure` does.
    """
    asked = choices or Choices()
    measures = _measures(asked, texts)
    checkpoints = [*a, *b]
    _check(a, b, asked, measures)
    pairs = list(combinations(range(len(checkpoints)), 2)) if set(measures) & set(_OF_TWO) else []
    corpus = measure(
        checkpoints, texts.inputs, pairs=pairs, cache=cache, workers=workers, n_threads=n_threads, progress=progress
    )
    tests = (_tests(corpus, name, len(a), asked) for name in measures if name in HEAD_MEASURES)
    distances = (_distances(corpus, name, len(a), asked) for name in measures if name in _OF_TWO)
    names = [f"{one.name} ({one.source})" for one in checkpoints]
    return Comparison(
        tuple(names[: len(a)]),
        tuple(names[len(a) :]),
        tuple(one.label_names for one in checkpoints),
        texts,
        max(single.n_cut for single in corpus.singles),
        _n_beyond(checkpoints, corpus),
        asked,
        _joined(tests),
        _joined(distances),
        corpus,
    )


def _n_beyond(checkpoints: Sequence[Checkpoint], corpus: Corpus) -> int:
    """Texts of more tokens than the max_length of one of the runs."""
    limits = (
        (one.run.config.max_length if one.run else None, single)
        for one, single in zip(checkpoints, corpus.singles, strict=True)
    )
    beyond = [single.n_tokens > limit for limit, single in limits if limit is not None]
    return int(np.any(beyond, axis=0).sum()) if beyond else 0


def _measures(choices: Choices, texts: Texts) -> tuple[Measure, ...]:
    if not choices.measures:
        return tuple(name for name in MEASURES if texts.are_pairs or name != "share_across")
    if "share_across" in choices.measures and not texts.are_pairs:
        raise InputError(
            f"The share across is that between two sentences, and {texts.origin} has single texts: choose another measure."
        )
    return tuple(dict.fromkeys(choices.measures))


def _check(a: Sequence[Checkpoint], b: Sequence[Checkpoint], choices: Choices, measures: Sequence[str]) -> None:
    if not a or not b or (len(a) == 1) != (len(b) == 1):
        raise InputError(
            f"Two runs are compared, or two groups of at least two runs each, got {len(a)} and {len(b)}. "
            f"{what_it_can_say(len(a), len(b)) if a and b else 'Add some.'}"
        )
    if len(a) > 1 and choices.test is not None:
        raise InputError(
            f"A test over inputs is for one run on each side, and groups are judged by relabelling their runs, got "
            f"{choices.test!r}: leave the test out."
        )
    everyone = [*a, *b]
    keys = Counter(content_key(one) for one in everyone)
    (key, n), *_ = keys.most_common(1)
    if n > 1:
        twice = " and ".join(one.source for one in everyone if content_key(one) == key)
        raise InputError(
            f"Compared runs are different ones, but {twice} are identical in weights, settings and tokenizer: choose another run, "
            f"each counts once."
        )
    for other in everyone[1:]:
        check_same_shape(everyone[0], other)
        if set(measures) & set(_OF_TWO):
            check_same_tokens(everyone[0], other)


def _tests(corpus: Corpus, name: str, n_a: int, choices: Choices) -> pd.DataFrame:
    values = [single.values(name) for single in corpus.singles]
    kinds: dict[str, Any] = {"correction": choices.correction, "confidence": choices.confidence}
    if n_a == 1:
        return _placed(name, paired_tests(values[0], _settled(*values), test=choices.test or "t", **kinds))
    return _placed(name, group_tests(np.stack(values[:n_a]), np.stack(values[n_a:]), **kinds))


def _settled(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """b, with a's values in the places where all differences over inputs are no more than float32's rounding.

    Measures come from float32 forwards, and what is left of two equal numbers there must not be tested.
    """
    rounding = np.abs(a - b) <= _ROUNDING * np.maximum(np.abs(a), np.abs(b))
    return np.where(rounding.all(axis=0), a, b)


def _distances(corpus: Corpus, name: str, n_a: int, choices: Choices) -> pd.DataFrame:
    """The distances' means over texts, or of groups: what is missing of a similarity counts as its distance there."""
    if n_a == 1:
        return _placed(name, estimates(corpus.pairs[0, 1].values(name), confidence=choices.confidence))
    n = len(corpus.singles)
    means = {pair: one.values(name).mean(axis=0) for pair, one in corpus.pairs.items()}
    table = np.zeros((n, n, *next(iter(means.values())).shape))
    for (i, j), mean in means.items():
        table[i, j] = table[j, i] = 1 - mean if name in SIMILARITIES else mean
    found = distance_tests(table, n_a, correction=choices.correction)
    found.insert(len(table.shape) - 2, "inputs", len(next(iter(corpus.pairs.values())).values(name)))
    return _placed(f"1 − {name}" if name in SIMILARITIES else name, found)


def _placed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """With the measure's name, and layer and head instead of axes; no head (NA) where a number is a layer's."""
    table = table.rename(columns={"axis_0": "layer", "axis_1": "head"})
    table.insert(0, "measure", name)
    if "head" not in table:
        table.insert(2, "head", [pd.NA] * len(table))
    return table.astype({"head": "Int64"})


def _joined(tables: Iterator[pd.DataFrame]) -> pd.DataFrame:
    found = list(tables)
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()
