"""Any number of texts through any number of checkpoints: `measure`.

Public names: `measure`, `Measured`, `Corpus`, `Progress`, `WINDOW`.

The texts go by in windows of WINDOW.  What a window gives is written as soon as it is there, and only then the next one
begins: memory does not grow with the corpus, and a pass that was interrupted goes on from its last finished window.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from amplify_viz.attention import depth
from amplify_viz.checkpoints import Checkpoint
from amplify_viz.corpus.masked import HEAD_MEASURES, PAIR_HEAD_MEASURES, PAIR_LAYER_MEASURES
from amplify_viz.corpus.parts import (
    content_key,
    default_cache,
    is_whole,
    pair_key,
    part_path,
    read_column,
    read_names,
    texts_key,
    write_part,
)
from amplify_viz.corpus.windows import Columns, Subject, measure_window
from amplify_viz.corpus.workers import Work, measured_on_workers
from amplify_viz.errors import InputError
from amplify_viz.finite import check_weights
from amplify_viz.reading.columns import Input
from amplify_viz.sites import changing

WINDOW = 256

Progress = Callable[[int, int, float | None], object]
"""Called with what is done of how much (texts times checkpoints), and the seconds left, None before they are known.

Whatever it raises ends the pass; what is finished stays.
"""

_one_at_a_time = threading.Lock()  # torch's number of threads belongs to the process


@dataclass(frozen=True)
class Measured:
    """The numbers of one checkpoint, or of two, on each text, read from their files when asked for.

    measures: what `values` takes; n_texts: how many texts.
    """

    parts: tuple[Path, ...]
    measures: tuple[str, ...]
    n_texts: int

    def values(self, measure: str) -> NDArray[np.float64]:
        """One measure in the texts' order: [text, layer, head], or [text, layer].  Raises InputError for another."""
        if measure not in self.measures:
            raise InputError(f"Measured here are {', '.join(self.measures)}, got {measure!r}: choose one of these.")
        return self._column(measure).astype(np.float64)

    @property
    def probabilities(self) -> NDArray[np.float64] | None:
        """Of each label, [text, label]; None for a backbone and for a score."""
        there = "probabilities" in read_names(self.parts[0])
        return self._column("probabilities").astype(np.float64) if there else None

    @property
    def n_tokens(self) -> NDArray[np.int64]:
        """Tokens of each text as one checkpoint reads it, special ones included: [text]."""
        return self._column("n_tokens").astype(np.int64)

    @property
    def n_cut(self) -> int:
        """How many texts were longer than one checkpoint reads, and so measured without the rest."""
        return int(self._column("cut").sum())

    def _column(self, name: str) -> NDArray[np.generic]:
        return read_column(self.parts, name)[: self.n_texts]


@dataclass(frozen=True)
class Corpus:
    """What came of a pass: singles, one for each checkpoint in order; pairs, by their numbers (i, j)."""

    singles: tuple[Measured, ...]
    pairs: Mapping[Subject, Measured]


def measure(
    checkpoints: Sequence[Checkpoint],
    inputs: Sequence[Input],
    *,
    pairs: Sequence[tuple[int, int]] = (),
    cache: Path | None = None,
    workers: int = 0,
    n_threads: int = 1,
    address: str | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Measures every checkpoint on every text, and the pairs of them (by number) as well.

    inputs: (text, None) or (text, text_pair), all of one kind.  cache: where the numbers are kept, by content; the
    user's cache folder by default.  workers: 0 for this process, else so many processes through Ray (see
    `workers.measured_on_workers` for address); n_threads: torch's in each, here too while the pass lasts.
    Raises InputError where there is nothing to measure, a weight is NaN, the checkpoints of a pair have other layers,
    heads or tokens, inside a block that changes attention (its numbers would be kept as the checkpoint's own), and as
    `capture` does.
    Each number equals the one from `capture` of that text alone, within rounding in float32; the same with any number of
    workers, to the last bit; what was measured before is not measured again.
    """
    _check(checkpoints, inputs, pairs, workers, n_threads)
    keys = {number: content_key(checkpoint) for number, checkpoint in enumerate(checkpoints)}
    subjects: list[Subject] = [*((number,) for number in keys), *dict.fromkeys(pairs)]
    windows = [inputs[first : first + WINDOW] for first in range(0, len(inputs), WINDOW)]
    plan = _Plan(cache or default_cache(), keys, subjects, [texts_key(window) for window in windows])
    todo = {number: (lacking, windows[number]) for number in range(len(windows)) if (lacking := plan.missing(number))}
    meter = _Meter(progress, _n_forwards([(subjects, window) for window in windows]), _n_forwards(todo.values()))
    needed = sorted({number for lacking, _ in todo.values() for subject in lacking for number in subject})
    for number in needed:
        check_weights(checkpoints[number])
    if not workers or not todo:
        with _threads(n_threads):
            for number, (lacking, window) in todo.items():
                plan.keep(number, measure_window(checkpoints, lacking, window, on_rows=meter.advance))
    else:
        sources = {number: checkpoints[number].source for number in needed}
        options: dict[str, Any] = {"n_workers": workers, "n_threads": n_threads, "address": address}
        for number, found in measured_on_workers(sources, keys, todo, **options):
            plan.keep(number, found)
            meter.advance(_n_forwards([todo[number]]))
    return plan.corpus(len(inputs))


@dataclass(frozen=True)
class _Plan:
    """Where everything is or will be."""

    cache: Path
    keys: Mapping[int, str]
    subjects: Sequence[Subject]
    texts: Sequence[str]

    def path(self, subject: Subject, window: int) -> Path:
        first, *others = (self.keys[number] for number in subject)
        return part_path(self.cache, pair_key(first, others[0]) if others else first, self.texts[window])

    def keep(self, window: int, found: Mapping[Subject, Columns]) -> None:
        for subject, columns in found.items():
            write_part(self.path(subject, window), columns)

    def missing(self, window: int) -> list[Subject]:
        """What is not measured of a window; of checkpoints with one content, one is enough."""
        paths = {self.path(subject, window): subject for subject in reversed(self.subjects)}
        return sorted(subject for path, subject in paths.items() if not is_whole(path))

    def corpus(self, n_texts: int) -> Corpus:
        found = {subject: self._measured(subject, n_texts) for subject in self.subjects}
        singles = tuple(found[number,] for number in self.keys)
        return Corpus(singles, {subject: one for subject, one in found.items() if len(subject) == 2})

    def _measured(self, subject: Subject, n_texts: int) -> Measured:
        parts = tuple(self.path(subject, window) for window in range(len(self.texts)))
        known = (*HEAD_MEASURES, *PAIR_HEAD_MEASURES, *PAIR_LAYER_MEASURES)
        there = read_names(parts[0])
        return Measured(parts, tuple(name for name in known if name in there), n_texts)


class _Meter:
    """Counts what is done, and says so."""

    def __init__(self, progress: Progress | None, total: int, left: int) -> None:
        self._progress, self._total, self._left = progress, total, left
        self._began, self._done = time.monotonic(), 0
        if progress is not None:
            progress(total - left, total, None if left else 0.0)

    def advance(self, n: int) -> None:
        """Says that n more are done."""
        self._done += n
        if self._progress is not None:
            seconds = time.monotonic() - self._began
            behind = self._left - self._done
            self._progress(self._total - behind, self._total, seconds / self._done * behind)


def _n_forwards(work: Collection[Work]) -> int:
    return sum(len({number for subject in subjects for number in subject}) * len(window) for subjects, window in work)


@contextmanager
def _threads(n: int) -> Iterator[None]:
    """Within the block torch uses n threads: another number may add up in another order."""
    with _one_at_a_time:
        before = torch.get_num_threads()
        torch.set_num_threads(n)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def _check(
    checkpoints: Sequence[Checkpoint],
    inputs: Sequence[Input],
    pairs: Sequence[tuple[int, int]],
    workers: int,
    n_threads: int,
) -> None:
    if changing():
        raise InputError(
            "What is measured is kept as the checkpoint's own numbers, and here a block of mixing, editing or switching_off "
            "changes them: leave the block, or use capture."
        )
    if not checkpoints or not inputs:
        raise InputError(
            f"A pass needs at least one checkpoint and one text, got {len(checkpoints)} and {len(inputs)}: add some."
        )
    if any((pair is None) != (inputs[0][1] is None) for _, pair in inputs):
        raise InputError(
            "All inputs are pairs or none is, these are mixed: measure single texts and pairs one after the other."
        )
    if workers < 0 or n_threads < 1:
        raise InputError(
            f"Workers are 0 or more and their threads 1 or more, got {workers} and {n_threads}: choose other numbers."
        )
    for i, j in pairs:
        if not (0 <= i < len(checkpoints) and 0 <= j < len(checkpoints)) or i == j:
            raise InputError(
                f"A pair is two of the {len(checkpoints)} checkpoints by number, got {(i, j)}: choose two."
            )
        check_same_shape(checkpoints[i], checkpoints[j])


def check_same_shape(a: Checkpoint, b: Checkpoint) -> None:
    """Raises InputError for two checkpoints with other numbers of layers or heads."""
    shapes = [(depth(one.model), one.model.config.num_attention_heads) for one in (a, b)]
    if shapes[0] != shapes[1]:
        said = " and ".join(
            f"{one.name} has {layers} layers of {heads} heads"
            for one, (layers, heads) in zip((a, b), shapes, strict=True)
        )
        raise InputError(
            f"Checkpoints are compared layer by layer and head by head, but {said}: compare checkpoints of one backbone."
        )


def check_same_tokens(a: Checkpoint, b: Checkpoint) -> None:
    """Raises InputError for two checkpoints whose tokenizers have other vocabularies or limits."""
    if a.tokenizer.get_vocab() != b.tokenizer.get_vocab() or a.max_tokens != b.max_tokens:
        raise InputError(
            f"Weights and outputs are compared token by token, but {a.name} and {b.name} have different tokenizers or text limits: "
            f"compare checkpoints of one backbone, or measures of one checkpoint alone."
        )
