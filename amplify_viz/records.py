"""Text in, AttentionRecord out: one forward call with everything about its attention kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from amplify_viz.attention import Recording, recording
from amplify_viz.checkpoints import Checkpoint
from amplify_viz.errors import InputError
from amplify_viz.text import TokenMap, groups, map_tokens

MAX_BYTES = 2 * 2**30


@dataclass(frozen=True, eq=False)
class AttentionRecord:
    """The attention of one model on one text or pair, in float32 on the CPU.

    checkpoint: its name; texts: one or two; cut: for each text the end that did not fit the model ("" if all did).
    tokens, shown, words, word_texts, segments: see `text.TokenMap`; token_ids: as the model read them.
    weights [layer, head, query, key]; mask [layer, query, key] and scaling [layer]; queries, keys and outputs
    [layer, head, token, dim]; logits [label], or None for a backbone without a classifier; label_names, () likewise;
    multi_label: whether each label is decided by itself.
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
        """The text of each group: a word as it was written, a special token as it is."""
        firsts = ((self.words[group[0]], group[0]) for group in self.groups)
        return tuple(self.shown[token] if word is None else self.word_texts[word] for word, token in firsts)

    @cached_property
    def probabilities(self) -> Tensor | None:
        """Softmax of the logits, [label], sums to 1; each label's sigmoid where several can hold at once.

        None for a backbone without a classifier and for a model with one output, which is a score.
        """
        if self.logits is None or len(self.logits) == 1:
            return None
        return self.logits.sigmoid() if self.multi_label else self.logits.softmax(dim=-1)


def capture(
    checkpoint: Checkpoint, text: str, text_pair: str | None = None, *, max_bytes: int = MAX_BYTES
) -> AttentionRecord:
    """Returns the AttentionRecord of one text or pair; a text over the model's limit is cut, and `cut` says what fell away.

    Dropout is off (`load` puts the model in evaluation mode).  Safe to call from several threads on one checkpoint.
    Raises InputError for a text that is empty or only white space, for one whose weights would take more than max_bytes
    (all layers and heads in float32), for an encoder-decoder model and for one that fails on the text.
    """
    texts = (text,) if text_pair is None else (text, text_pair)
    _check(checkpoint, texts)
    token_ids, inputs, token_map, cut = _encode(checkpoint, texts)
    _check_size(checkpoint, len(token_ids), max_bytes)
    try:
        with torch.inference_mode(), recording(checkpoint.model) as record:
            result = checkpoint.model(**inputs)
    except InputError:
        raise
    except Exception as error:  # a foreign checkpoint can fail in any way
        raise InputError(
            f"{checkpoint.name} fails on this text ({error}): see whether it works in transformers."
        ) from error
    logits = getattr(result, "logits", None)
    return AttentionRecord(
        checkpoint=checkpoint.name,
        texts=texts,
        cut=cut,
        token_ids=token_ids,
        **vars(token_map),
        **_tensors(record, n_tokens=len(token_ids)),
        logits=None if logits is None else logits[0].float().cpu().clone(),
        label_names=checkpoint.label_names,
        multi_label=checkpoint.model.config.problem_type == "multi_label_classification",
    )


def _check(checkpoint: Checkpoint, texts: Sequence[str]) -> None:
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            raise InputError(
                f"A sentence needs at least one visible character, sentence {number} is {text!r}: type some text."
            )
    if checkpoint.model.config.is_encoder_decoder:
        raise InputError(
            f"{checkpoint.name} is an encoder-decoder model, whose cross-attention a record cannot hold: use an encoder "
            f"or a decoder."
        )
    if checkpoint.model.training:
        raise InputError(
            f"{checkpoint.name} is in training mode, where dropout changes its attention: call model.eval() first."
        )


def _check_size(checkpoint: Checkpoint, n_tokens: int, max_bytes: int) -> None:
    config = checkpoint.model.config
    each = 4 * config.num_hidden_layers * config.num_attention_heads
    if each * n_tokens**2 > max_bytes:
        raise InputError(
            f"The attention weights of a text may take {max_bytes / 2**30:.3g} GiB, those of {n_tokens:,} tokens in "
            f"{checkpoint.name} take {each * n_tokens**2 / 2**30:.3g}: shorten it to {int((max_bytes / each) ** 0.5):,} tokens."
        )


def _encode(
    checkpoint: Checkpoint, texts: Sequence[str]
) -> tuple[tuple[int, ...], dict[str, Tensor], TokenMap, tuple[str, ...]]:
    encoded = checkpoint.encode(texts)
    encoding = encoded[0]
    segments = encoding.sequence_ids
    if all(segment is None for segment in segments):
        raise InputError(f"The tokenizer of {checkpoint.name} makes no token of {texts!r}: type other text.")
    token_map = map_tokens(encoding.tokens, encoding.offsets, segments, texts)
    inputs = {name: torch.tensor([ids], device=checkpoint.model.device) for name, ids in checkpoint.inputs(encoded)}
    return tuple(encoding.ids), inputs, token_map, _cut(texts, encoding.offsets, segments)


def _cut(texts: Sequence[str], spans: Sequence[tuple[int, int]], segments: Sequence[int | None]) -> tuple[str, ...]:
    """For each text what lies behind its last token."""
    ends = [0] * len(texts)
    for (_, end), segment in zip(spans, segments, strict=True):
        if segment is not None:
            ends[segment] = max(ends[segment], end)
    return tuple(text[end:].strip() for text, end in zip(texts, ends, strict=True))


def _tensors(record: Recording, *, n_tokens: int) -> dict[str, Any]:
    def stack(layers: Sequence[Tensor]) -> Tensor:
        return torch.stack([layer[0] for layer in layers]).float().cpu()

    zeros = torch.zeros(1, 1, n_tokens, n_tokens, device=record.weights[0].device)
    masks = [zeros if mask is None else mask.expand(-1, -1, n_tokens, -1) for mask in record.masks]
    return {
        "weights": stack(record.weights),
        "mask": stack(masks)[:, 0],
        "scaling": torch.tensor(record.scalings, dtype=torch.float32),
        "queries": stack(record.queries),
        "keys": stack(record.keys),
        "outputs": stack([output.transpose(1, 2) for output in record.outputs]),
    }
