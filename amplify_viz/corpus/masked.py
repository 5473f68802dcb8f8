"""The measures of `amplify_viz.statistics` for a padded batch at once: [row, head], without what is padding.

Public names: `HEAD_MEASURES`, `PAIR_HEAD_MEASURES`, `PAIR_LAYER_MEASURES`, `Layer`, `Means`, `measure_layer`,
`compare_layers`.

A padded key gets no attention, so that sums over keys need no mask; queries do.  Each row of a softmax sums to 1, so it
is not divided by its sum again.  Equal to the functions of `statistics` on each text alone, within rounding in float32.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import torch
from torch import Tensor

HEAD_MEASURES = ("entropy", "distance", "share_special", "share_across", "output_norm")
"""Of one checkpoint, one number for each layer and head."""

PAIR_HEAD_MEASURES = ("mean_absolute_difference", "jensen_shannon")
"""Of two checkpoints, one number for each layer and head."""

PAIR_LAYER_MEASURES = ("cosine", "linear_cka")
"""Of two checkpoints' attention outputs, one number for each layer."""

_LEAST = torch.finfo(torch.float32).tiny


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of a recording: weights [row, head, query, key], outputs [row, token, head, dim], both in float32."""

    weights: Tensor
    outputs: Tensor


@dataclass(frozen=True, eq=False)
class Means:
    """What turns sums into means over a batch's real tokens.

    real: [row, token], whether it is no padding; queries: [row, token], 1 / n for a real token and 0 for padding;
    over_pairs: [row, query·key, 3], factors that give distance, share on special tokens and share across.
    """

    real: Tensor
    queries: Tensor
    over_pairs: Tensor

    @classmethod
    def of(cls, lengths: Tensor, segments: Tensor) -> "Means":
        """lengths: [row]; segments: [row, token] of 0 or 1, −1 for a special token, −2 for padding."""
        real = segments > -2
        queries = real / lengths[:, None]
        places = torch.arange(segments.shape[1], device=segments.device)
        distances = (places[:, None] - places).abs() * queries[:, :, None]
        special = queries[:, :, None] * (segments == -1)[:, None, :]
        words = segments >= 0
        crosses = words[:, :, None] & words[:, None, :] & (segments[:, :, None] != segments[:, None, :])
        across = crosses / words.sum(dim=1).clamp(min=1)[:, None, None]
        factors = torch.stack([distances, special, across], dim=-1)
        return cls(real, queries, factors.flatten(1, 2))


def measure_layer(layer: Layer, means: Means) -> tuple[dict[str, Tensor], Tensor]:
    """Returns each of HEAD_MEASURES, [row, head], and the queries' entropies in nats, [row, head, query]."""
    entropies = _entropy(layer.weights)
    distance, special, across = (layer.weights.flatten(2) @ means.over_pairs).unbind(dim=-1)
    found = {
        "entropy": _over_queries(entropies, means),
        "distance": distance,
        "share_special": special,
        "share_across": across,
        "output_norm": _over_queries(layer.outputs.norm(dim=-1).transpose(1, 2), means),
    }
    return found, entropies


def compare_layers(a: Layer, b: Layer, entropies: tuple[Tensor, Tensor], means: Means) -> dict[str, Tensor]:
    """Returns PAIR_HEAD_MEASURES, [row, head], and PAIR_LAYER_MEASURES, [row], of two checkpoints' layer.

    entropies: of both, as `measure_layer` gives them.
    """
    nats = _entropy((a.weights + b.weights) / 2) - (entropies[0] + entropies[1]) / 2
    changes = (b.weights - a.weights).abs().sum(dim=-1)
    x, y = (layer.outputs.flatten(2).double() for layer in (a, b))
    return {
        "mean_absolute_difference": _over_queries(changes * means.queries[:, None, :], means),
        "jensen_shannon": _over_queries((nats / log(2)).clamp(0, 1), means),
        "cosine": _cosine(x, y, means),
        "linear_cka": _linear_cka(x, y, means),
    }


def tables(found: list[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Each measure of all layers: [row, layer, head] or [row, layer]."""
    return {name: torch.stack([layer[name] for layer in found], dim=1) for name in found[0]}


def _entropy(weights: Tensor) -> Tensor:
    """−Σ w·log w; a third of the time of torch's entr."""
    return -(weights.clamp(min=_LEAST).log_().mul_(weights)).sum(dim=-1)


def _over_queries(values: Tensor, means: Means) -> Tensor:
    """Mean over real queries: [row, head, query] gives [row, head]."""
    return (values * means.queries[:, None, :]).sum(dim=-1)


def _cosine(x: Tensor, y: Tensor, means: Means) -> Tensor:
    """Padding is left out before the sum, where it may be NaN."""
    cosine: Tensor = ((x * y).sum(dim=-1) / (x.norm(dim=-1) * y.norm(dim=-1))).clamp(-1, 1)
    return cosine.where(means.real, 0).sum(dim=-1) / means.real.sum(dim=-1)


def _linear_cka(x: Tensor, y: Tensor, means: Means) -> Tensor:
    """From the products over dimensions, in which a padded token's row and column are 0."""
    grams = [centred @ centred.mT for centred in (_centred(x, means), _centred(y, means))]
    cross = (grams[0] * grams[1]).sum(dim=(-2, -1))
    norms = torch.linalg.matrix_norm(grams[0]) * torch.linalg.matrix_norm(grams[1])
    return torch.where(norms > 0, cross / norms, torch.nan).clamp(0, 1)


def _centred(x: Tensor, means: Means) -> Tensor:
    real = means.real[:, :, None]
    mean = x.where(real, 0).sum(dim=1, keepdim=True) / real.sum(dim=1, keepdim=True)
    return (x - mean).where(real, 0)
