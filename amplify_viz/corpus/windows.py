"""One window of texts through some checkpoints: every number of it, in memory.

Public names: `Subject`, `Columns`, `measure_window`.
"""

import ctypes
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from amplify_viz.checkpoints import Checkpoint
from amplify_viz.corpus.batches import Batch, Encodings, batches, encode_all
from amplify_viz.corpus.masked import Layer, Means, compare_layers, measure_layer, tables
from amplify_viz.errors import InputError
from amplify_viz.reading.columns import Input
from amplify_viz.records import Forward, forward

Subject = tuple[int, ...]
"""What is measured: one checkpoint by its number, (i,), or two, (i, j)."""

Columns = Mapping[str, NDArray[np.generic]]
"""The numbers of one subject by name: the first axis is the text."""


def measure_window(
    checkpoints: Sequence[Checkpoint],
    subjects: Collection[Subject],
    inputs: Sequence[Input],
    *,
    on_rows: Callable[[int], object] | None = None,
) -> dict[Subject, Columns]:
    """Returns the numbers of each subject on each text, in the order of the texts.

    Columns of one checkpoint: n_tokens, cut (whether a part of a text did not fit), probabilities [text, label] where it has
    some, and HEAD_MEASURES [text, layer, head], without share_across for single texts.  Of two: the pair measures.
    on_rows: called after each batch with its number of texts times the checkpoints that have read them.
    Raises InputError as `capture` does, and where the checkpoints of a pair read a text as other tokens.
    A text's numbers do not depend on the texts beside it, within rounding.
    """
    needed = sorted({number for subject in subjects for number in subject})
    encoded = {number: encode_all(checkpoints[number], inputs) for number in needed}
    for subject in subjects:
        _check_same_tokens(subject, checkpoints, encoded)
    found: dict[Subject, dict[str, NDArray[np.generic]]] = {subject: {} for subject in subjects}
    for group in _together(needed, subjects):
        members = [checkpoints[number] for number in group]
        wanted = [subject for subject in subjects if subject[0] in group]
        for batch in batches(members[0], encoded[group[0]]):
            for subject, columns in _measure_batch(dict(zip(group, members, strict=True)), wanted, batch):
                _put(found[subject], columns, batch.rows, len(inputs))
            if on_rows is not None:
                on_rows(len(batch.rows) * len(group))
    for number in needed:
        if (number,) in found:
            found[number,].update(_facts(encoded[number]))
            if inputs[0][1] is None:
                found[number,].pop("share_across")
    _release_memory()
    return {**found}


def _release_memory() -> None:
    """Gives freed memory back to the system where the C library can: its heap grows with every new shape of batch."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl has not
        if trim is not None:
            trim(0)


def _together(needed: Sequence[int], subjects: Collection[Subject]) -> list[list[int]]:
    """The checkpoints whose recordings are compared, and so held at the same time, in order."""
    groups: list[list[int]] = []
    for number in needed:
        partners = {other for subject in subjects if number in subject for other in subject}
        touching = [group for group in groups if partners & set(group)]
        merged = sorted({number, *(other for group in touching for other in group)})
        groups = [*(group for group in groups if group not in touching), merged]
    return groups


def _measure_batch(
    checkpoints: Mapping[int, Checkpoint], subjects: Collection[Subject], batch: Batch
) -> Iterator[tuple[Subject, dict[str, Tensor]]]:
    means = Means.of(batch.lengths, batch.segments)
    done = {number: forward(checkpoint, batch.inputs) for number, checkpoint in checkpoints.items()}
    with torch.inference_mode():
        layers = {number: _layers(one) for number, one in done.items()}
        measured = {number: [measure_layer(layer, means) for layer in each] for number, each in layers.items()}
        for subject in subjects:
            if len(subject) == 1:
                (number,) = subject
                columns = tables([numbers for numbers, _ in measured[number]])
                yield subject, {**columns, **_probabilities(checkpoints[number], done[number])}
                continue
            i, j = subject
            rows = zip(layers[i], layers[j], measured[i], measured[j], strict=True)
            yield subject, tables([compare_layers(a, b, (at[1], bt[1]), means) for a, b, at, bt in rows])


def _layers(done: Forward) -> list[Layer]:
    record = done.recording
    return [
        Layer(weights.float(), outputs.float()) for weights, outputs in zip(record.weights, record.edited, strict=True)
    ]


def _probabilities(checkpoint: Checkpoint, done: Forward) -> dict[str, Tensor]:
    """As `AttentionRecord.probabilities`, [row, label]; nothing for a backbone or a score."""
    task = checkpoint.model.config.problem_type
    if done.logits is None or task == "regression" or done.logits.shape[-1] == 1:
        return {}
    logits, several = done.logits.float(), task == "multi_label_classification"
    return {"probabilities": logits.sigmoid() if several else logits.softmax(dim=-1)}


def _put(
    columns: dict[str, NDArray[np.generic]], found: Mapping[str, Tensor], rows: Sequence[int], n_texts: int
) -> None:
    for name, values in found.items():
        if name not in columns:
            columns[name] = np.empty((n_texts, *values.shape[1:]), dtype=np.float32)
        columns[name][list(rows)] = values.float().cpu().numpy()


def _facts(encoded: Encodings) -> dict[str, NDArray[np.generic]]:
    return {
        "n_tokens": np.array([len(one.token_ids) for one in encoded], dtype=np.int32),
        "cut": np.array([any(one.cut) for one in encoded], dtype=np.bool_),
    }


def _check_same_tokens(subject: Subject, checkpoints: Sequence[Checkpoint], encoded: Mapping[int, Encodings]) -> None:
    a, b = encoded[subject[0]], encoded[subject[-1]]
    for one, other in zip(a, b, strict=True):
        if one.token_ids != other.token_ids:
            names = " and ".join(checkpoints[number].name for number in subject)
            raise InputError(
                f"Two checkpoints are compared token by token, but {names} read {one.texts[0][:40]!r} as other tokens: compare "
                f"checkpoints of one backbone, or measures of one checkpoint alone."
            )
