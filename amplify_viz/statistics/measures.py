"""What one head does, as numbers."""

import torch
from torch import Tensor


def entropy(weights: Tensor) -> Tensor:
    """Entropy of each query's attention in nats: 0 if one-hot, log(n_keys) if uniform.

    weights: [..., query, key], rows sum to 1.  Returns [..., query].
    """
    terms: Tensor = torch.special.entr(weights)
    return terms.sum(dim=-1)
