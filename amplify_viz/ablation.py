"""Heads switched off within a block.

Public names: `switching_off`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from transformers import PreTrainedModel

from amplify_viz.attention import Head, depth, editing
from amplify_viz.errors import InputError


@contextmanager
def switching_off(model: PreTrainedModel, heads: Iterable[Head]) -> Iterator[None]:
    """Within the block the attention output of these heads is zero in every forward call of `model`.

    heads: (layer, head), zero-based; layers in call order, so that ALBERT's repetitions are layers of their own; query
    heads, where several share their keys and values.  Without heads nothing changes.  Raises InputError for a layer or
    head that the model lacks, for an encoder-decoder, for a model that computes attention in some of its layers only (when
    the block ends), and as `editing` does.
    The output projection then gets exactly zero from them, as if their part of its matrix were zero.
    """
    off, n_layers = _by_layer(model, heads), depth(model)
    if not off:
        yield
        return

    n_seen = 0

    def silence(layer: int, output: Tensor) -> Tensor:
        nonlocal n_seen
        n_seen = layer + 1
        silent = off.get(layer % n_layers)
        return output if silent is None else output.index_fill(2, torch.tensor(silent, device=output.device), 0)

    with editing(model, silence):
        yield
    if n_seen % n_layers:
        raise InputError(
            f"{type(model).__name__} has {n_layers} layers and computed attention {n_seen} times, so that its layers cannot be "
            f"told apart: switch off heads of a model with attention in every layer."
        )


def _by_layer(model: PreTrainedModel, heads: Iterable[Head]) -> dict[int, list[int]]:
    """The heads of each layer, checked."""
    config = model.config
    if config.is_encoder_decoder:
        raise InputError(
            f"{type(model).__name__} is an encoder-decoder model, whose heads are not counted through: use an encoder or a "
            f"decoder."
        )
    off: dict[int, list[int]] = {}
    for layer, head in heads:
        for name, index, count in (("Layers", layer, depth(model)), ("Heads", head, config.num_attention_heads)):
            if not 0 <= index < count:
                raise InputError(
                    f"{name} go from 1 to {count} in this {config.model_type}, got {index + 1}: choose among these (from 0 in "
                    f"code)."
                )
        off.setdefault(layer, []).append(head)
    return off
