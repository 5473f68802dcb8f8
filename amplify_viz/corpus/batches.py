"""Texts in, padded batches out, ordered by length inside a window.

Public names: `Batch`, `Encodings`, `encode_all`, `batches`.

What is in a batch follows from the texts, the tokenizer and the model's size alone: the same texts make the same batches
in every process.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from amplify_viz.attention import depth
from amplify_viz.checkpoints import Checkpoint
from amplify_viz.encoding import Encoded, encode
from amplify_viz.reading.columns import Input
from amplify_viz.records import MAX_BYTES, check_size

MAX_ROWS = 16
BATCH_BYTES = 8 * 2**20
"""Most bytes that the attention weights of one checkpoint take for a batch of more than one text."""

SPECIAL, PADDING = -1, -2


@dataclass(frozen=True, eq=False)
class Batch:
    """Some texts of a window, padded on the right to the longest of them.

    rows: their places in the window; inputs: [row, token] by name, as the model reads them; lengths: [row], without
    padding; segments: [row, token], each token's sentence, 0 or 1, SPECIAL or PADDING.
    """

    rows: tuple[int, ...]
    inputs: dict[str, Tensor]
    lengths: Tensor
    segments: Tensor


Encodings = Sequence[Encoded]


def encode_all(checkpoint: Checkpoint, inputs: Sequence[Input]) -> list[Encoded]:
    """Returns each text as the checkpoint reads it.  Raises InputError as `capture` does for text that it cannot show."""
    encoded = [encode(checkpoint, [text for text in texts if text is not None]) for texts in inputs]
    check_size(checkpoint, max(len(one.token_ids) for one in encoded), MAX_BYTES)
    return encoded


def batches(checkpoint: Checkpoint, encoded: Encodings) -> Iterator[Batch]:
    """Yields the texts in batches, shortest first: at most MAX_ROWS whose weights fit BATCH_BYTES, at least one.

    Each text is in one batch.
    """
    for rows in _by_length(checkpoint, encoded):
        yield _padded(checkpoint, [encoded[row] for row in rows], rows)


def _by_length(checkpoint: Checkpoint, encoded: Encodings) -> Iterator[tuple[int, ...]]:
    each = 4 * depth(checkpoint.model) * checkpoint.model.config.num_attention_heads
    most = MAX_ROWS if _padding_id(checkpoint) is not None else 1
    rows: list[int] = []
    for row in sorted(range(len(encoded)), key=lambda row: (len(encoded[row].token_ids), row)):
        n_bytes = (len(rows) + 1) * each * len(encoded[row].token_ids) ** 2
        if rows and (len(rows) == most or n_bytes > BATCH_BYTES):
            yield tuple(rows)
            rows = []
        rows.append(row)
    if rows:
        yield tuple(rows)


def _padding_id(checkpoint: Checkpoint) -> int | None:
    """The model's own, by which decoders find a text's end; without one they take one text at a time."""
    found: int | None = getattr(checkpoint.model.config, "pad_token_id", None)
    return found


def _padded(checkpoint: Checkpoint, encoded: Encodings, rows: tuple[int, ...]) -> Batch:
    lengths = [len(one.token_ids) for one in encoded]
    longest, device = max(lengths), checkpoint.model.device

    def table(lists: Sequence[Sequence[int]], filling: int) -> Tensor:
        return torch.tensor([[*ids, *[filling] * (longest - len(ids))] for ids in lists], device=device)

    padding = {"input_ids": _padding_id(checkpoint) or 0}
    inputs = {name: table([one.inputs[name] for one in encoded], padding.get(name, 0)) for name in encoded[0].inputs}
    inputs["attention_mask"] = table([[1] * length for length in lengths], 0)
    segments = [[SPECIAL if segment is None else segment for segment in one.token_map.segments] for one in encoded]
    return Batch(rows, inputs, torch.tensor(lengths, device=device), table(segments, PADDING))
