"""How far attention outputs have moved from where they were, layer by layer and head by head.

For outputs x that were r, both taken as one long vector (the Frobenius norm of the whole array):

- distance = ‖x − r‖ / ‖r‖: 0 where nothing has moved, 1 where the change is as large as what was there;
- cosine = x·r / (‖x‖ ‖r‖): 1 where the direction is the same, 0 where it is at right angles, −1 where it is opposite.
"""

import pandas as pd
import torch
from torch import Tensor


def relative_distance(x: Tensor, reference: Tensor) -> Tensor:
    """‖x − reference‖ / ‖reference‖ over the last dimension, in float64: [..., n] gives [...].

    0 where both are equal, also where both are zero; infinite where the reference alone is zero.
    """
    change = torch.linalg.vector_norm(x.double() - reference.double(), dim=-1)
    return torch.where(change == 0, change, change / torch.linalg.vector_norm(reference.double(), dim=-1))


def cosine_similarity(x: Tensor, reference: Tensor) -> Tensor:
    """x·reference / (‖x‖ ‖reference‖) over the last dimension, in float64: [..., n] gives [...], between −1 and 1.

    NaN where either is zero, which has no direction (a head switched off).
    """
    x, reference = x.double(), reference.double()
    sizes = torch.linalg.vector_norm(x, dim=-1) * torch.linalg.vector_norm(reference, dim=-1)
    cosine: Tensor = (x * reference).sum(dim=-1) / sizes
    return cosine.clamp(-1, 1)


def layer_movement(before: Tensor, after: Tensor, reference: Tensor) -> pd.DataFrame:
    """One row for each layer: how far its attention output is from the reference, before and after a mix.

    before, after, reference: [layer, head, token, dim] of the same tokens.  Columns: layer (zero-based),
    distance_before, cosine_before, distance_after, cosine_after, over all heads, tokens and dimensions (formulas: see
    the module).
    Squared, a layer's distance is the mean of its heads' squared, weighted by the reference's squared norms.
    """
    columns = _columns(*(outputs.flatten(1) for outputs in (before, after, reference)))
    return pd.DataFrame({"layer": range(len(reference)), **columns})


def head_movement(before: Tensor, after: Tensor, reference: Tensor) -> pd.DataFrame:
    """One row for each layer and head: as `layer_movement`, over tokens and dimensions, with a column head (zero-based)."""
    n_layers, n_heads = reference.shape[:2]
    places = {
        "layer": [layer for layer in range(n_layers) for _ in range(n_heads)],
        "head": [*range(n_heads)] * n_layers,
    }
    return pd.DataFrame(
        {**places, **_columns(*(outputs.flatten(2).flatten(0, 1) for outputs in (before, after, reference)))}
    )


def _columns(before: Tensor, after: Tensor, reference: Tensor) -> dict[str, list[float]]:
    return {
        "distance_before": relative_distance(before, reference).tolist(),
        "cosine_before": cosine_similarity(before, reference).tolist(),
        "distance_after": relative_distance(after, reference).tolist(),
        "cosine_after": cosine_similarity(after, reference).tolist(),
    }
