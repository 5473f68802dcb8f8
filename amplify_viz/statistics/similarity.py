"""How alike the attention outputs of two models are, on the same tokens.

Public names: `linear_cka`, `mean_cosine`.
"""

import torch
from torch import Tensor

from amplify_viz.errors import InputError


def linear_cka(x: Tensor, y: Tensor) -> Tensor:
    """Linear centred kernel alignment of two representations of the same tokens, in float64, between 0 and 1.

    x, y: [..., token, dim] with the same tokens; the dimensions may differ.  With X and Y centred over tokens it is
    ‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖), Frobenius norms (Kornblith et al. 2019, Eq. 4, linear kernel).  Returns [...].  NaN where either
    is the same for all tokens.
    1 for equal ones; unchanged by rotating, shifting or scaling the dimensions of either.
    """
    _check(x, y)
    a, b = (values.double() - values.double().mean(dim=-2, keepdim=True) for values in (x, y))
    if a.shape[-2] < min(a.shape[-1], b.shape[-1]):  # the same number from the smaller of both products
        grams = [values @ values.mT for values in (a, b)]
        cross = (grams[0] * grams[1]).sum(dim=(-2, -1))
        norms = [torch.linalg.matrix_norm(gram) for gram in grams]
    else:
        cross = torch.linalg.matrix_norm(b.mT @ a).square()
        norms = [torch.linalg.matrix_norm(values.mT @ values) for values in (a, b)]
    found: Tensor = torch.where(norms[0] * norms[1] > 0, cross / (norms[0] * norms[1]), torch.nan)
    return found.clamp(0, 1)


def mean_cosine(x: Tensor, y: Tensor) -> Tensor:
    """Cosine similarity of each token's two vectors, averaged over tokens, in float64: [..., token, dim] gives [...].

    NaN where a token's vector is zero.  Between −1 and 1; 1 for vectors of one direction.
    """
    _check(x, y)
    a, b = x.double(), y.double()
    cosine: Tensor = (a * b).sum(dim=-1) / (a.norm(dim=-1) * b.norm(dim=-1))
    return cosine.clamp(-1, 1).mean(dim=-1)


def _check(x: Tensor, y: Tensor) -> None:
    if x.dim() < 2 or x.shape[:-1] != y.shape[:-1] or x.shape[-2] == 0:
        raise InputError(
            f"Two representations are [..., token, dim] of the same tokens, got {tuple(x.shape)} and {tuple(y.shape)}: capture "
            f"the same text with models of one tokenizer."
        )
