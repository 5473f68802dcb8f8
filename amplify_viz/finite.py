"""Numbers that must be finite: the weights of a checkpoint, and what it made of a text.

Public names: `check_weights`, `check_tensors`.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from amplify_viz.checkpoints import Checkpoint
from amplify_viz.errors import InputError

_LAYER = re.compile(r"(?:^|\.)(\d+)\.")


def check_weights(checkpoint: Checkpoint) -> None:
    """Raises InputError, naming the layer, where a weight is NaN or infinite: every number after it would be."""
    for name, parameter in checkpoint.model.named_parameters():
        if not torch.isfinite(parameter).all():
            layer = _LAYER.search(name)
            where = f"layer {int(layer.group(1)) + 1} ({name})" if layer else name
            raise InputError(
                f"Weights are finite numbers, but {checkpoint.name} ({checkpoint.source}) has NaN or infinity in {where}: its "
                f"training went wrong; train the run again, with a lower learning rate."
            )


def check_tensors(checkpoint: Checkpoint, by_layer: Mapping[str, Tensor], logits: Tensor | None) -> None:
    """Raises InputError, naming the first layer, where the checkpoint made NaN or infinity of a text.

    by_layer: what must be finite in each layer, [layer, …], by name and in the order in which a layer makes it; not the masks,
    which may hold −inf.
    Where the weights themselves are not finite, the message is that of `check_weights`.
    """
    wrong = {name: tensor for name, tensor in by_layer.items() if not _finite(tensor)}
    if not wrong and (logits is None or _finite(logits)):
        return
    check_weights(checkpoint)
    firsts = {name: _first_layer(tensor) for name, tensor in wrong.items()}
    where = "its logits"
    if firsts:
        name = min(firsts, key=lambda name: firsts[name])
        where = f"the {name} of layer {firsts[name] + 1}"
    raise InputError(
        f"What a model makes of a text is finite numbers, but {checkpoint.name} ({checkpoint.source}) gives NaN or infinity in "
        f"{where}: its weights are finite and too large; train the run again, with a lower learning rate."
    )


def _finite(tensor: Tensor) -> bool:
    """Whether all numbers are.  Their sum tells it at a fraction of the cost, except where it overflows itself."""
    return bool(tensor.sum().isfinite()) or bool(tensor.isfinite().all())


def _first_layer(tensor: Tensor) -> int:
    """The first layer that is not finite."""
    return int(tensor.isfinite().flatten(start_dim=1).all(dim=1).logical_not().nonzero()[0])
