"""The one attention function that is registered with transformers: plain, recorded or edited.

Public names: `prepare`, `recording`, `editing`, `is_editing`, `Recording`, `depth`, `refuse_recomputation`,
`keep_out_of_compilation`.

`prepare(model)` gives a transformers model our attention function.  By itself the function is fused SDPA.  A context
variable, local to the thread and the call, says otherwise:

- `with recording(model) as record:` uses eager arithmetic and keeps each layer's queries, keys, weights and outputs;
- `with editing(model, edit):` passes each layer's attention output through `edit(layer, output)`.

Both act on one model, compose, and leave nothing behind.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward
from transformers.masking_utils import eager_mask

from amplify_viz.errors import InputError

NAME = "amplify_viz"

Edit = Callable[[int, Tensor], Tensor]
Head = tuple[int, int]
"""A head as (layer, head), both zero-based; layers in call order."""
Model = TypeVar("Model", bound=PreTrainedModel)


@dataclass
class Recording:
    """What one recorded forward call did, a list entry per layer in call order.

    queries, keys: [batch, head, token, dim]; masks: [batch, 1 or head, query, key] or None, added to the scores;
    scalings: the factor on query·key; weights: [batch, head, query, key]; outputs and edited: [batch, token, head,
    dim], the attention output before and after the edits in force (the same tensor where there is none).
    """

    queries: list[Tensor] = field(default_factory=list)
    keys: list[Tensor] = field(default_factory=list)
    masks: list[Tensor | None] = field(default_factory=list)
    scalings: list[float] = field(default_factory=list)
    weights: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    edited: list[Tensor] = field(default_factory=list)


@dataclass
class _Tap:
    """One `with` block: whose attention it watches, what it does there, and how many layers it has seen."""

    modules: frozenset[int]
    edit: Edit | None = None
    record: Recording | None = None
    n_seen: int = 0


_taps: ContextVar[tuple[_Tap, ...]] = ContextVar("amplify_viz_taps", default=())


def prepare(model: Model) -> Model:
    """Returns the model itself, its attention now computed by our function: fused SDPA until a block asks for more.

    Raises InputError for a family that does not route its attention through transformers' AttentionInterface
    (DeBERTa-v2 and MPNet in the pinned version), or whose attention is more than SDPA computes (GPT-OSS's sinks).  Logits
    stay bit-identical to attn_implementation="sdpa".
    """
    parts = [part for part in model.modules() if isinstance(part, PreTrainedModel)]
    if not all(part._can_set_attn_implementation() for part in parts):
        raise InputError(
            f"{type(model).__name__} computes its attention itself, not through transformers' AttentionInterface, so it "
            f"cannot be recorded or mixed: use another family (BERT, DistilBERT, RoBERTa, ELECTRA, ALBERT, GPT-2, "
            f"ModernBERT, …)."
        )
    if not all(part._supports_sdpa for part in parts):
        raise InputError(
            f"{type(model).__name__} does not support SDPA in transformers: its attention is more than softmax(scaling·q·k + "
            f"mask), so it cannot be recorded or mixed: use another family (BERT, RoBERTa, GPT-2, ModernBERT, …)."
        )
    model.set_attn_implementation(NAME)
    return model


@contextmanager
def recording(model: PreTrainedModel) -> Iterator[Recording]:
    """Yields the Recording that forward calls of `model` inside the block fill, computed with eager arithmetic.

    Raises InputError on a model that was not prepared, and RuntimeError if the block saw no attention.
    The recorded weights are those before dropout; rows sum to 1.
    """
    record = Recording()
    with _tapping(model, _Tap(_attention_owners(model, _parts(model)), record=record)):
        yield record


@contextmanager
def editing(model: PreTrainedModel, edit: Edit) -> Iterator[None]:
    """Within the block each attention output of `model` is replaced by `edit(layer, output)`; SDPA still computes it.

    layer: zero-based, in call order; output: [batch, token, head, dim], before the output projection.
    Raises InputError on a model that was not prepared or that recomputes its forward pass in backward (activation
    checkpointing), where the block would be over; RuntimeError if the block saw no attention.
    """
    parts = _parts(model)
    _refuse_recomputation(model, parts)
    with _tapping(model, _Tap(_attention_owners(model, parts), edit=edit)):
        yield


def is_editing() -> bool:
    """Whether a block of `editing` is open here, whatever its model."""
    return any(tap.edit is not None for tap in _taps.get())


def depth(model: PreTrainedModel) -> int:
    """How often one forward call computes attention: its layers, each as often as it is run (ALBERT's inner groups)."""
    return int(model.config.num_hidden_layers * getattr(model.config, "inner_group_num", 1))


def refuse_recomputation(model: PreTrainedModel) -> None:
    """Raises InputError on a model that runs parts of its forward pass again in backward, after a `with` block's end."""
    _refuse_recomputation(model, _parts(model))


def _refuse_recomputation(model: PreTrainedModel, parts: list[nn.Module]) -> None:
    if model.training and any(vars(part).get("gradient_checkpointing") for part in parts):
        raise InputError(
            "A forward call cannot be changed under activation (gradient) checkpointing, which runs it again after the "
            "block has ended: call model.activation_checkpointing_disable()."
        )


@contextmanager
def _tapping(model: PreTrainedModel, tap: _Tap) -> Iterator[None]:
    token = _taps.set((*_taps.get(), tap))
    try:
        yield
    finally:
        _taps.reset(token)
    if tap.n_seen == 0:
        raise RuntimeError(
            f"The block saw no attention: run one forward call of this {type(model).__name__} inside it, in this thread."
        )


def _attention_owners(model: PreTrainedModel, parts: list[nn.Module]) -> frozenset[int]:
    if model.config._attn_implementation != NAME:
        raise InputError(
            f"This {type(model).__name__} uses attn_implementation={model.config._attn_implementation!r}, which cannot be "
            f"recorded or edited: call amplify_viz.prepare(model) once first."
        )
    return frozenset(map(id, parts))


def _parts(model: nn.Module) -> list[nn.Module]:
    """The model and all modules below it, a shared one as often as it is found.

    Each training step asks, and on a GPU waits for the answer: `modules()` takes twice as long.
    """
    parts = [model]
    for part in parts:
        parts.extend(child for child in part._modules.values() if child is not None)  # noqa: SLF001
    return parts


def _attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **kwargs: Any
) -> tuple[Tensor, Tensor | None]:
    """Attention output [batch, token, head, dim] and, when recorded, weights [batch, head, query, key]."""
    taps = [tap for tap in _taps.get() if id(module) in tap.modules]
    if not taps:
        return sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)
    records = [tap.record for tap in taps if tap.record is not None]
    weights: Tensor | None
    if records:
        output, weights = _eager(module, query, key, value, attention_mask, records=records, **kwargs)
    else:
        output, weights = sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)
    edited = _edited(taps, output)
    for record in records:
        record.outputs.append(output)
        record.edited.append(edited)
    return edited, weights


def _edited(taps: list[_Tap], output: Tensor) -> Tensor:
    for tap in taps:
        if tap.edit is not None:
            output = tap.edit(tap.n_seen, output)
        tap.n_seen += 1
    return output


def _eager(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    *,
    records: list[Recording],
    dropout: float = 0.0,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[Tensor, Tensor]:
    """The same numbers as transformers' eager attention, bit for bit, kept in each record on the way."""
    _refuse_what_a_record_cannot_hold(kwargs)
    n_groups = getattr(module, "num_key_value_groups", 1)
    key, value = repeat_kv(key, n_groups), repeat_kv(value, n_groups)
    scaling = query.size(-1) ** -0.5 if scaling is None else scaling
    weights = nn.functional.softmax(_scores(query, key, mask, scaling), dim=-1)
    for record in records:
        record.queries.append(query)
        record.keys.append(key)
        record.masks.append(mask)
        record.scalings.append(scaling)
        record.weights.append(weights)
    dropped = nn.functional.dropout(weights, p=dropout, training=module.training)
    return torch.matmul(dropped, value).transpose(1, 2).contiguous(), weights


def _scores(query: Tensor, key: Tensor, mask: Tensor | None, scaling: float) -> Tensor:
    """What the softmax takes; without gradients in one piece of memory, which saves a good part of a capture's cost."""
    scores = torch.matmul(query, key.transpose(2, 3))
    if scores.requires_grad:
        scores = scores * scaling
        return scores if mask is None else scores + mask
    scores *= scaling
    if mask is None:
        return scores
    return scores.add_(mask) if mask.dtype == scores.dtype else scores + mask


def _refuse_what_a_record_cannot_hold(kwargs: dict[str, Any]) -> None:
    for name in ("position_bias", "softcap", "s_aux"):
        if kwargs.get(name) is not None:
            raise InputError(
                f"This family adds {name!r} to its attention, and softmax(scaling·q·k + mask) would not be its weights: "
                f"it cannot be recorded; use a family without it."
            )


def keep_out_of_compilation() -> None:
    """From here on torch.compile calls the attention function and does not look into it.

    What it would make of a context variable holds for the block in which it compiled, and no other.
    """
    AttentionInterface.register(NAME, torch.compiler.disable(_attention))


AttentionInterface.register(NAME, _attention)
AttentionMaskInterface.register(NAME, eager_mask)
