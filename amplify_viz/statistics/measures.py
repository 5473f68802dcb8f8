"""What one head does, as numbers: one for each matrix of attention weights [..., query, key].

A mean over queries is one over those that look at anything: a row that sums to 0, or holds NaN, is left out, and where
every row is, the measure is 0.  Rows are divided by their sum first, so that hidden tokens change no unit; for several
measures of one matrix that is done once, by `Rows`, which each of them takes in the place of weights.
"""

from collections.abc import Sequence
from functools import cached_property
from math import log

import torch
from torch import Tensor


class Rows:
    """Attention weights [..., query, key] as shares: rows that sum to 1; NaN where a row does not look at anything.

    looks: which rows do, [..., query].
    """

    def __init__(self, weights: Tensor) -> None:
        sums = weights.sum(dim=-1, keepdim=True)
        self.shares = weights / sums
        self.looks = (sums > 0)[..., 0]  # not so for NaN

    @cached_property
    def entropy(self) -> Tensor:
        """Entropy of each row in nats, [..., query]."""
        return entropy(self.shares)


def entropy(weights: Tensor) -> Tensor:
    """Entropy of each query's attention in nats: 0 if one-hot, log(n_keys) if uniform.

    weights: [..., query, key], rows sum to 1.  Returns [..., query].
    """
    logs = weights.clamp(min=torch.finfo(weights.dtype).tiny).log()  # five times as fast as special.entr
    return 0 - (weights * logs).sum(dim=-1)


def mean_entropy(weights: Tensor | Rows) -> Tensor:
    """Mean over queries of −Σ w·log w in nats: 0 if all are one-hot, log(n_keys) if all are uniform.

    weights: [..., query, key].  Returns [...].
    """
    rows = _rows(weights)
    return _mean(rows.entropy, rows.looks)


def attention_distance(weights: Tensor | Rows) -> Tensor:
    """Mean over queries of Σ w·|query − key|: how many tokens away a head looks, from 0 to n − 1.

    weights: [..., token, token].  Returns [...].  Transposing the text's order leaves it as it is.
    """
    rows = _rows(weights)
    shares = rows.shares
    queries, keys = (torch.arange(size, dtype=shares.dtype, device=shares.device) for size in shares.shape[-2:])
    return _mean((shares * (queries[:, None] - keys).abs()).sum(dim=-1), rows.looks)


def share_on(weights: Tensor | Rows, keys: Sequence[int]) -> Tensor:
    """Mean over queries of Σ w over some keys, given by position: the share of attention they get, from 0 to 1.

    weights: [..., query, key].  Returns [...].  The shares of all keys add up to 1.
    """
    rows = _rows(weights)
    return _mean(rows.shares[..., list(keys)].sum(dim=-1), rows.looks)


def share_across(weights: Tensor | Rows, segments: Sequence[int | None]) -> Tensor:
    """Mean over the tokens of a sentence of Σ w over the other sentence's: attention from A to B and back, from 0 to 1.

    weights: [..., token, token]; segments: each token's sentence, None for a special token.  Returns [...], 0 for one
    sentence.  With `share_on` special tokens and within the sentence it adds up to 1.
    """
    rows = _rows(weights)
    sentences = torch.tensor([-1 if segment is None else segment for segment in segments], device=rows.shares.device)
    known = sentences >= 0
    crosses = known[:, None] & known & (sentences[:, None] != sentences)
    return _mean((rows.shares * crosses).sum(dim=-1), rows.looks & known)


def share_at(weights: Tensor | Rows, offset: int) -> Tensor:
    """Mean over queries of the weight of the key so many places after them: 1 for the next token, −1 for the previous, 0 itself.

    weights: [..., token, token].  Returns [...], from 0 to 1; queries for which there is no such token are left out, so that
    a head that always looks there has 1.  Reversing the text changes the sign of the offset alone.
    """
    rows = _rows(weights)
    first = max(-offset, 0)
    there = rows.shares.diagonal(offset, dim1=-2, dim2=-1)
    return _mean(there, rows.looks[..., first : first + there.shape[-1]])


def confidence(weights: Tensor | Rows) -> Tensor:
    """Mean over queries of the largest weight: from 1 / n_keys if all are uniform to 1 if all are one-hot.

    weights: [..., query, key].  Returns [...].  The order of keys changes nothing.
    """
    rows = _rows(weights)
    return _mean(rows.shares.amax(dim=-1), rows.looks)


def relative_entropy(weights: Tensor | Rows, visible: Tensor) -> Tensor:
    """Mean over queries of their entropy over log k, k being the keys that a query may look at: 0 if one-hot, 1 if uniform.

    weights: [..., query, key]; visible: whether a query may look at a key, of a shape that fits.  Returns [...]; queries
    with one key are left out, as they have no choice.  It does not grow with the length of the text, as entropy does.
    """
    rows = _rows(weights)
    n_keys = visible.sum(dim=-1)
    most = n_keys.clamp(min=2).to(rows.shares.dtype).log()
    return _mean(rows.entropy / most, rows.looks & (n_keys > 1))


def mean_absolute_difference(a: Tensor, b: Tensor) -> Tensor:
    """Mean over queries and keys of |b − a|, from 0 for equal weights to 2 / n_keys for heads that share no key.

    a, b: weights [..., query, key] of one shape, taken as they are; NaN counts as 0.  Returns [...].  Symmetric.
    """
    return (b.nan_to_num() - a.nan_to_num()).abs().mean(dim=(-2, -1))


def jensen_shannon(a: Tensor, b: Tensor) -> Tensor:
    """Mean over queries of the Jensen–Shannon divergence, H((a + b) / 2) − (H(a) + H(b)) / 2, in bits: from 0 to 1.

    a, b: weights [..., query, key] of one shape.  Returns [...].  Symmetric; 0 for equal rows, 1 for rows that share no
    key; the square of scipy's `jensenshannon` in base 2.
    """
    first, second = _rows(a), _rows(b)
    nats = entropy((first.shares + second.shares) / 2) - (first.entropy + second.entropy) / 2
    return _mean((nats / log(2)).clamp(0, 1), first.looks & second.looks)


def _rows(weights: Tensor | Rows) -> Rows:
    return weights if isinstance(weights, Rows) else Rows(weights)


def _mean(values: Tensor, counted: Tensor) -> Tensor:
    """Mean over the last dimension of the values that count, 0 for none."""
    return values.where(counted, 0).sum(dim=-1) / counted.sum(dim=-1).clamp(min=1)
