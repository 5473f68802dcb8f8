"""Text in, AttentionRecord out: one forward call with everything about its attention kept.

Public names: `AttentionRecord`, `capture`; for the mix lab also the steps of a capture behind `encode`: `check_size`,
`forward`, `to_record`, `outputs_of`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from amplify_viz.ablation import switching_off
from amplify_viz.attention import Head, Recording, depth, recording
from amplify_viz.checkpoints import Checkpoint
from amplify_viz.encoding import Encoded, encode
from amplify_viz.errors import InputError
from amplify_viz.finite import check_tensors
from amplify_viz.sites import changing
from amplify_viz.text import groups

MAX_BYTES = 2 * 2**30
_FINITE = ("queries", "keys", "weights", "outputs")  # in the order in which a layer makes them; a mask may hold −inf


@dataclass(frozen=True, eq=False)
class AttentionRecord:
    """The attention of one model on one text or pair, in float32 on the CPU.

    checkpoint: its name; source: what `load` makes the same checkpoint of, "" where that and `capture` do not make the same
    record again (in the mix lab, say); texts: one or two; cut: for each text the part that did not fit the model, its end, or
    its beginning where the tokenizer cuts on the left ("" if all did).
    tokens, shown, words, word_texts, segments, unknown, unread: see `text.TokenMap`; token_ids: as the model read them.
    weights [layer, head, query, key]; mask [layer, query, key] and scaling [layer]; queries, keys and outputs
    [layer, head, token, dim]; logits [label], or None for a backbone without a classifier; label_names, () likewise;
    multi_label: whether each label is decided by itself; regression: whether the logits are scores, of no label.
    outputs: what the attention function returned, so after a mix, and zero for the heads of `off`; off: the (layer, head)
    that were switched off, zero-based and in order.  Weights, queries and keys of such a head say where it would have
    looked; the layers after it have read the changed stream.
    Rows of weights sum to 1, and softmax(scaling·q·k + mask) equals them.
    """

    checkpoint: str
    texts: tuple[str, ...]
    cut: tuple[str, ...]
    tokens: tuple[str, ...]
    token_ids: tuple[int, ...]
    shown: tuple[str, ...]
    words: tuple[int | None, ...]
    word_texts: tuple[str, ...]
    segments: tuple[int | None, ...]
    weights: Tensor
    mask: Tensor
    scaling: Tensor
    queries: Tensor
    keys: Tensor
    outputs: Tensor
    logits: Tensor | None
    label_names: tuple[str, ...]
    multi_label: bool = False
    regression: bool = False
    off: tuple[Head, ...] = ()
    source: str = ""
    unknown: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()

    @property
    def n_layers(self) -> int:
        """Number of layers: how often the model computed attention."""
        return self.weights.shape[0]

    @property
    def n_heads(self) -> int:
        """Number of heads in each layer."""
        return self.weights.shape[1]

    @property
    def n_tokens(self) -> int:
        """Number of tokens, special tokens included."""
        return len(self.tokens)

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Token positions of each word; a special token is a group by itself (see `text.groups`)."""
        return groups(self.words)

    @cached_property
    def group_labels(self) -> tuple[str, ...]:
        """The text of each group: a word as it was written, behind [UNK] where the tokenizer does not know all of it.

        A special token as it is.
        """
        return tuple(self._label(group) for group in self.groups)

    def _label(self, group: tuple[int, ...]) -> str:
        word = self.words[group[0]]
        if word is None:
            return self.shown[group[0]]
        strange = [self.tokens[token] for token in group if token in self.unknown]
        return " ".join([*strange[:1], self.word_texts[word]])

    @cached_property
    def unknown_words(self) -> tuple[str, ...]:
        """The words of which the model has read a part or all as unknown, each once, in the order of the text."""
        return tuple(dict.fromkeys(self.word_texts[word] for word in self.unread))

    @cached_property
    def probabilities(self) -> Tensor | None:
        """Softmax of the logits, [label], sums to 1; each label's sigmoid where several can hold at once.

        None for a backbone without a classifier and for a model whose outputs are scores: of regression, or a single one.
        """
        if self.logits is None or self.regression or len(self.logits) == 1:
            return None
        return self.logits.sigmoid() if self.multi_label else self.logits.softmax(dim=-1)


@dataclass(frozen=True, eq=False)
class Forward:
    """One forward call of a batch: what its attention did, and its logits [batch, label] or None."""

    recording: Recording
    logits: Tensor | None


def capture(
    checkpoint: Checkpoint,
    text: str,
    text_pair: str | None = None,
    *,
    off: Iterable[Head] = (),
    max_bytes: int = MAX_BYTES,
) -> AttentionRecord:
    """Returns the AttentionRecord of one text or pair; a text over the model's limit is cut, and `cut` says what fell away.

    off: heads to switch off, as (layer, head), zero-based (see `ablation.switching_off`).
    Dropout is off (`load` puts the model in evaluation mode).  Safe to call from several threads on one checkpoint.
    Raises InputError for a text that is empty or only white space, for one whose weights would take more than max_bytes
    (all layers and heads in float32), for a head that the model lacks, for an encoder-decoder model and for one that
    fails on the text, or makes NaN or infinity of it.
    """
    encoded = encode(checkpoint, (text,) if text_pair is None else (text, text_pair))
    check_size(checkpoint, len(encoded.token_ids), max_bytes)
    inputs = {name: torch.tensor([ids], device=checkpoint.model.device) for name, ids in encoded.inputs.items()}
    heads = tuple(sorted({(int(layer), int(head)) for layer, head in off}))
    with switching_off(checkpoint.model, heads):
        done = forward(checkpoint, inputs)
    source = "" if changing() else checkpoint.source
    return replace(to_record(checkpoint, encoded, done, off=heads), source=source)


def check_size(checkpoint: Checkpoint, n_tokens: int, max_bytes: int, *, n_copies: int = 1) -> None:
    """Raises InputError where the weights of so many tokens, kept n_copies times, would take more than max_bytes."""
    each = 4 * n_copies * depth(checkpoint.model) * checkpoint.model.config.num_attention_heads
    if each * n_tokens**2 > max_bytes:
        times = f", kept {n_copies} times," if n_copies > 1 else ""
        raise InputError(
            f"The attention weights of a text may take {max_bytes / 2**30:.3g} GiB, those of {n_tokens:,} tokens in "
            f"{checkpoint.name}{times} take {each * n_tokens**2 / 2**30:.3g}: shorten it to "
            f"{int((max_bytes / each) ** 0.5):,} tokens."
        )


def forward(checkpoint: Checkpoint, inputs: dict[str, Tensor]) -> Forward:
    """Runs the checkpoint once on a batch, recorded, inside whatever blocks are open.  Raises InputError where it fails."""
    try:
        with torch.inference_mode(), recording(checkpoint.model) as record:
            result = checkpoint.model(**inputs)
    except InputError:
        raise
    except Exception as error:  # a foreign checkpoint can fail in any way
        raise InputError(
            f"{checkpoint.name} fails on this text ({error}): see whether it works in transformers."
        ) from error
    return Forward(record, getattr(result, "logits", None))


def to_record(
    checkpoint: Checkpoint, encoded: Encoded, done: Forward, *, row: int = 0, off: tuple[Head, ...] = ()
) -> AttentionRecord:
    """Returns the AttentionRecord of one row of a batch, which began with the encoded text; padding after it is left out.

    Raises InputError where its numbers, or its logits, are not finite.
    """
    tensors = _tensors(done.recording, row, len(encoded.token_ids))
    logits = None if done.logits is None else done.logits[row].float().cpu().clone()
    check_tensors(checkpoint, {name: tensors[name] for name in _FINITE}, logits)
    return AttentionRecord(
        checkpoint=checkpoint.name,
        texts=encoded.texts,
        cut=encoded.cut,
        token_ids=encoded.token_ids,
        **vars(encoded.token_map),
        **tensors,
        logits=logits,
        label_names=checkpoint.label_names,
        multi_label=checkpoint.model.config.problem_type == "multi_label_classification",
        regression=checkpoint.model.config.problem_type == "regression",
        off=off,
    )


def outputs_of(layers: Sequence[Tensor], row: int, n_tokens: int) -> Tensor:
    """One row's first n_tokens attention outputs [layer, head, token, dim], from a Recording's `outputs` or `edited`."""
    return _stack([layer[row, :n_tokens].transpose(0, 1) for layer in layers])


def _tensors(record: Recording, row: int, n: int) -> dict[str, Any]:
    """The fields of a record that are the first n tokens of one row of a recording."""
    n_rows, _, n_padded, _ = record.weights[0].shape
    zeros = torch.zeros(1, 1, 1, 1, device=record.weights[0].device)
    masks = [(zeros if mask is None else mask).expand(n_rows, -1, n_padded, n_padded) for mask in record.masks]
    if any(mask.shape[1] > 1 for mask in masks):
        raise InputError(
            "A record holds one mask for all heads of a layer, this model has one for each: use another family."
        )
    return {
        "weights": _stack([layer[row, :, :n, :n] for layer in record.weights]),
        "mask": _stack([mask[row, 0, :n, :n] for mask in masks]),
        "scaling": torch.tensor(record.scalings, dtype=torch.float32),
        "queries": _stack([layer[row, :, :n] for layer in record.queries]),
        "keys": _stack([layer[row, :, :n] for layer in record.keys]),
        "outputs": outputs_of(record.edited, row, n),
    }


def _stack(layers: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(layers)).float().cpu()
