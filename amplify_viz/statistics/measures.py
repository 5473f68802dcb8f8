"""What one head does, as numbers: one for each matrix of attention weights [..., query, key].

A mean over queries is one over those that look at anything: a row that sums to 0, or holds NaN, is left out, and where
every row is, the measure is 0.  Rows are divided by their sum first, so that hidden tokens change no unit.
"""

from collections.abc import Sequence
from math import log

import torch
from torch import Tensor


def entropy(weights: Tensor) -> Tensor:
    """Entropy of each query's attention in nats: 0 if one-hot, log(n_keys) if uniform.

    weights: [..., query, key], rows sum to 1.  Returns [..., query].
    """
    terms: Tensor = torch.special.entr(weights)
    return terms.sum(dim=-1)


def mean_entropy(weights: Tensor) -> Tensor:
    """Mean over queries of −Σ w·log w in nats: 0 if all are one-hot, log(n_keys) if all are uniform.

    weights: [..., query, key].  Returns [...].
    """
    shares, looks = _shares(weights)
    return _mean(entropy(shares), looks)


def attention_distance(weights: Tensor) -> Tensor:
    """Mean over queries of Σ w·|query − key|: how many tokens away a head looks, from 0 to n − 1.

    weights: [..., token, token].  Returns [...].  Transposing the text's order leaves it as it is.
    """
    shares, looks = _shares(weights)
    queries, keys = (torch.arange(size, dtype=weights.dtype, device=weights.device) for size in weights.shape[-2:])
    return _mean((shares * (queries[:, None] - keys).abs()).sum(dim=-1), looks)


def share_on(weights: Tensor, keys: Sequence[int]) -> Tensor:
    """Mean over queries of Σ w over some keys, given by position: the share of attention they get, from 0 to 1.

    weights: [..., query, key].  Returns [...].  The shares of all keys add up to 1.
    """
    shares, looks = _shares(weights)
    return _mean(shares[..., list(keys)].sum(dim=-1), looks)


def share_across(weights: Tensor, segments: Sequence[int | None]) -> Tensor:
    """Mean over the tokens of a sentence of Σ w over the other sentence's: attention from A to B and back, from 0 to 1.

    weights: [..., token, token]; segments: each token's sentence, None for a special token.  Returns [...], 0 for one
    sentence.  With `share_on` special tokens and within the sentence it adds up to 1.
    """
    shares, looks = _shares(weights)
    sentences = torch.tensor([-1 if segment is None else segment for segment in segments], device=weights.device)
    known = sentences >= 0
    crosses = known[:, None] & known & (sentences[:, None] != sentences)
    return _mean((shares * crosses).sum(dim=-1), looks & known)


def share_at(weights: Tensor, offset: int) -> Tensor:
    """Mean over queries of the weight of the key so many places after them: 1 for the next token, −1 for the previous, 0 itself.

    weights: [..., token, token].  Returns [...], from 0 to 1; queries for which there is no such token are left out, so that
    a head that always looks there has 1.  Reversing the text changes the sign of the offset alone.
    """
    shares, looks = _shares(weights)
    first = max(-offset, 0)
    there = shares.diagonal(offset, dim1=-2, dim2=-1)
    return _mean(there, looks[..., first : first + there.shape[-1]])


def confidence(weights: Tensor) -> Tensor:
    """Mean over queries of the largest weight: from 1 / n_keys if all are uniform to 1 if all are one-hot.

    weights: [..., query, key].  Returns [...].  The order of keys changes nothing.
    """
    shares, looks = _shares(weights)
    return _mean(shares.amax(dim=-1), looks)


def relative_entropy(weights: Tensor, visible: Tensor) -> Tensor:
    """Mean over queries of their entropy over log k, k being the keys that a query may look at: 0 if one-hot, 1 if uniform.

    weights: [..., query, key]; visible: whether a query may look at a key, of a shape that fits.  Returns [...]; queries
    with one key are left out, as they have no choice.  It does not grow with the length of the text, as entropy does.
    """
    shares, looks = _shares(weights)
    n_keys = visible.sum(dim=-1)
    most = n_keys.clamp(min=2).to(weights.dtype).log()
    return _mean(entropy(shares) / most, looks & (n_keys > 1))


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
    (first, one), (second, other) = _shares(a), _shares(b)
    nats = entropy((first + second) / 2) - (entropy(first) + entropy(second)) / 2
    return _mean((nats / log(2)).clamp(0, 1), one & other)


def _shares(weights: Tensor) -> tuple[Tensor, Tensor]:
    """Rows that sum to 1, or are 0 where there is nothing to share; and which rows [..., query] look at anything."""
    sums = weights.sum(dim=-1, keepdim=True)
    looks = sums > 0  # not so for NaN
    return (weights / sums).where(looks, 0), looks[..., 0]


def _mean(values: Tensor, counted: Tensor) -> Tensor:
    """Mean over the last dimension of the values that count, 0 for none."""
    return values.where(counted, 0).sum(dim=-1) / counted.sum(dim=-1).clamp(min=1)
