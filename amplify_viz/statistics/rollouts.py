"""How attention adds up through the layers: rollout and flow (Abnar and Zuidema 2020).

Public names: `rollout`, `flow`, `MAX_FLOW_TOKENS`.

Both treat the residual connection as half of each token's next value: Â = (A + I) / 2, with A the mean over heads; a head
that is switched off passes nothing on, and is left out of the mean (A = I in a layer without any).
They follow attention weights alone, and know nothing of values, feed-forward layers or directions.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import networkx as nx
import torch
from torch import Tensor

from amplify_viz.attention import Head
from amplify_viz.errors import InputError

MAX_FLOW_TOKENS = 32
"""Above this, exact maximum flows take minutes: one problem with layers × tokens² edges for each token."""

Progress = Callable[[float], bool]
"""Called with the share that is done; returning True ends the work."""


class Cancelled(Exception):
    """The work was ended from outside."""


def rollout(weights: Tensor, *, off: Iterable[Head] = ()) -> Tensor:
    """Attention of each layer's tokens to the input tokens, through all layers below: [layer, query, input token].

    weights: [layer, head, query, key], rows sum to 1; off: (layer, head) of those that are switched off.  The product
    Â_l ⋯ Â_1 of (A + I) / 2, A the mean over the other heads, in float64.  Rows sum to 1.
    """
    mixed = _with_residual(weights, off)
    found = [mixed[0]]
    for layer in mixed[1:]:
        found.append(layer @ found[-1])
    return torch.stack(found)


def flow(
    weights: Tensor,
    token: int,
    *,
    groups: Sequence[Sequence[int]] | None = None,
    off: Iterable[Head] = (),
    progress: Progress | None = None,
) -> Tensor:
    """Attention flow from one token of the last layer to each input token, or to each group of them: [group], in float64.

    weights: [layer, head, query, key], rows sum to 1.  The value is the largest flow in the graph whose edges are the
    entries of (A + I) / 2 of each layer as capacities, from the token's node above the last layer to the input token's.
    groups: positions of the tokens of each, such as those of a word: the largest flow into all of them together, which is
    less than the sum of the flows to each.  off: as for rollout.
    progress: called after each of them; returning True raises Cancelled.
    Raises InputError for more than 32 tokens and for a token that there is not.
    Each value lies between 0 and 1, the capacity that leaves the token.
    """
    n_tokens = weights.shape[-1]
    if n_tokens > MAX_FLOW_TOKENS:
        raise InputError(
            f"Attention flow is computed exactly for up to {MAX_FLOW_TOKENS} tokens, this text has {n_tokens}: a maximum flow "
            f"for each token would take minutes. Shorten the text, or use rollout."
        )
    if not 0 <= token < n_tokens:
        raise InputError(f"There is no token {token + 1} of {n_tokens}: choose one from 1 to {n_tokens}.")
    graph = _graph(_with_residual(weights, off))
    targets = [(target,) for target in range(n_tokens)] if groups is None else [tuple(group) for group in groups]
    found = []
    for number, group in enumerate(targets):
        sink = (-1, number)
        graph.add_edges_from(((0, target), sink) for target in group)  # without a capacity: as much as comes
        found.append(nx.maximum_flow_value(graph, (len(weights), token), sink))
        graph.remove_node(sink)
        if progress is not None and progress((number + 1) / len(targets)):
            raise Cancelled
    return torch.tensor(found, dtype=torch.float64)


def _with_residual(weights: Tensor, off: Iterable[Head]) -> Tensor:
    if weights.dim() != 4 or weights.shape[-1] != weights.shape[-2]:
        raise InputError(
            f"Attention weights are [layer, head, query, key] of the same tokens, got {tuple(weights.shape)}: pass a record's."
        )
    identity = torch.eye(weights.shape[-1], dtype=torch.float64)
    silent = set(off)
    return torch.stack(
        [(_mean_of_on(layer, i, silent, identity) + identity) / 2 for i, layer in enumerate(weights.double())]
    )


def _mean_of_on(heads: Tensor, layer: int, off: Collection[Head], without: Tensor) -> Tensor:
    """The mean over the heads of a layer that are on; `without` where none is."""
    on = [head for head in range(len(heads)) if (layer, head) not in off]
    return heads[on].mean(dim=0) if on else without


def _graph(mixed: Tensor) -> "nx.DiGraph[tuple[int, int]]":
    """Nodes (layer, token), 0 for the input; edges from each layer's token to those below that it looks at."""
    graph: nx.DiGraph[tuple[int, int]] = nx.DiGraph()
    graph.add_edges_from(_edges(mixed))
    return graph


def _edges(mixed: Tensor) -> Iterator[tuple[tuple[int, int], tuple[int, int], dict[str, float]]]:
    for layer, capacities in enumerate(mixed.tolist()):
        for query, row in enumerate(capacities):
            for key, capacity in enumerate(row):
                yield (layer + 1, query), (layer, key), {"capacity": capacity}
