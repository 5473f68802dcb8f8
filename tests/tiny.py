"""Small things the tests build themselves: records with known numbers and tiny random models."""

from itertools import pairwise

import torch

from amplify_viz.capture import AttentionRecord
from amplify_viz.text import groups, map_tokens


def random_record(
    texts: tuple[str, ...] = ("the rabbit quickly hopped", "the turtle slowly crawled"),
    *,
    n_layers: int = 3,
    n_heads: int = 4,
    dim: int = 8,
    seed: int = 0,
    checkpoint: str = "amplify · seed 0",
) -> AttentionRecord:
    """A record of a made-up model whose tokenizer splits at white space, and long words once with ##; the laws of a record hold."""
    tokens, spans, segments = ["[CLS]"], [(0, 0)], [None]
    for segment, text in enumerate(texts):
        position = 0
        for word in text.split():
            start = text.index(word, position)
            position = start + len(word)
            cuts = [start, start + 5, position] if len(word) > 7 else [start, position]
            for left, right in pairwise(cuts):
                tokens.append(text[left:right] if left == start else "##" + text[left:right])
                spans.append((left, right))
                segments.append(segment)
        tokens.append("[SEP]")
        spans.append((0, 0))
        segments.append(None)
    generator = torch.Generator().manual_seed(seed)
    n_tokens = len(tokens)
    shape = (n_layers, n_heads, n_tokens, dim)
    queries, keys, values = (2 * torch.randn(shape, generator=generator) for _ in range(3))
    scaling = torch.full((n_layers,), dim**-0.5)
    weights = (scaling[0] * queries @ keys.transpose(-1, -2)).softmax(dim=-1)
    token_map = map_tokens(tokens, spans, segments, texts)
    assert len(groups(token_map.words)) <= n_tokens
    return AttentionRecord(
        checkpoint=checkpoint,
        texts=texts,
        cut=("",) * len(texts),
        token_ids=tuple(range(n_tokens)),
        **vars(token_map),
        weights=weights,
        mask=torch.zeros(n_layers, n_tokens, n_tokens),
        scaling=scaling,
        queries=queries,
        keys=keys,
        outputs=weights @ values,
        logits=torch.randn(2, generator=generator),
        label_names=("different", "paraphrase"),
    )
