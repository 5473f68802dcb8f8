"""The output projections of transformers' own attention, for references that act on their input: the heads, concatenated."""

import re
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

_PATHS = r"(attention\.output\.dense|attention\.out_lin|attention\.dense|attn\.c_proj|attn\.Wo|self_attn\.o_proj)$"


def projections(model: Any) -> list[nn.Module]:
    """The output projection of each layer that has weights of its own, in order."""
    return [module for name, module in model.named_modules() if re.search(_PATHS, name)]


def without_heads(model: Any, heads: Iterable[tuple[int, int]], *, dim: int = 8) -> Any:
    """The model with eager attention, in which these heads' part of the output projection's matrix is zero."""
    model.set_attn_implementation("eager")
    for layer, head in heads:
        projection: Any = projections(model)[layer]
        part = slice(head * dim, (head + 1) * dim)
        with torch.no_grad():
            (projection.weight[part] if isinstance(projection, Conv1D) else projection.weight[:, part]).zero_()
    return model
