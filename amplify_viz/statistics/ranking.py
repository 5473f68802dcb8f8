"""Where two checkpoints differ most: which heads, which words, which texts.  Each row has what a link to a view needs.

Public names: `differing_heads`, `differing_words`, `differing_inputs`.

A ranking picks the largest of many numbers, and the largest are partly so by chance: it says where to look, and tests
nothing.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference, Level, Rows, Shown, shown
from amplify_viz.selection import check_head, check_layer
from amplify_viz.statistics.inputs import Numbers
from amplify_viz.statistics.measures import jensen_shannon, mean_absolute_difference

HeadMeasure = Literal["jensen_shannon", "mean_absolute_difference"]
_MEASURES: Mapping[HeadMeasure, Callable[[Tensor, Tensor], Tensor]] = MappingProxyType(
    {"jensen_shannon": jensen_shannon, "mean_absolute_difference": mean_absolute_difference}
)
By = Literal["mean", "largest"]


def differing_heads(
    a: AttentionRecord, b: AttentionRecord, *, measure: HeadMeasure = "jensen_shannon", level: Level = "tokens"
) -> pd.DataFrame:
    """One row for each layer and head, the largest difference first: rank (from 1), layer, head (zero-based), difference.

    a, b: of one text.  measure: "jensen_shannon" (bits, mean over queries) or "mean_absolute_difference" of the attention
    weights; level: between tokens, or between words (to a word summed, from a word averaged).  Models of different
    tokenizers are compared by the words that both have, without special tokens.  Equal ones stay in the order of layers and
    heads.

    Raises InputError for records of different texts, models that differ in layers or heads, weights that are infinite or
    NaN, and another measure.
    The order does not change when a and b are exchanged.
    """
    if measure not in _MEASURES:
        raise InputError(f"A measure of heads is one of {', '.join(_MEASURES)}, got {measure!r}: choose one of these.")
    difference = _difference(a, b)
    pairs = (_both(difference, layer, level=level) for layer in range(difference.n_layers))
    found = torch.stack([_MEASURES[measure](*weights) for *weights, _ in pairs])
    places = np.indices(found.shape).reshape(2, -1)
    table = pd.DataFrame({"layer": places[0], "head": places[1], "difference": found.flatten().double().numpy()})
    return _ranked(table, -table["difference"])


def differing_words(
    a: AttentionRecord,
    b: AttentionRecord,
    *,
    n: int = 20,
    layer: int | None = None,
    head: int | None = None,
    special: bool = False,
) -> pd.DataFrame:
    """One row for each of the n pairs of words, in any layer and head, between which attention differs most.

    a, b: of one text; layer, head: look in these alone (zero-based).  Columns: rank (from 1), layer, head, from_word and
    to_word (indices into word_texts, to choose them in a view; NA for a special token), from_text, to_text, weight_a,
    weight_b and difference (b − a), sorted by its absolute value; of equal ones the earlier layer, head and words come
    first, and pairs that do not differ are left out.  Attention to a word is summed over its tokens, from a word averaged.
    special: keep special tokens, each as a word by itself; not for models of different tokenizers.

    Raises InputError as `differing_heads` does, for a layer or head that there is not, and for n below 1.
    The differences between words are those of `rows.shown(Difference(a, b), level="words")`.
    """
    if n < 1:
        raise InputError(f"A ranking has at least one row, n is {n}: 20 is usual.")
    difference = _difference(a, b)
    layers = range(difference.n_layers) if layer is None else [check_layer(a, layer)]
    heads = None if head is None else check_head(a, head)
    found = pd.concat([_largest(difference, each, heads, n, special) for each in layers], ignore_index=True)
    return _ranked(found, -found["difference"].abs()).head(n)


def differing_inputs(
    values: ArrayLike, *, n: int = 20, by: By = "mean", layer: int | None = None, head: int | None = None
) -> pd.DataFrame:
    """One row for each of the n inputs on which two checkpoints differ most, and the layer and head where they do so most.

    values: a two-checkpoint measure that is large where they differ, [input, layer, head] or [input, layer] (of a similarity
    such as CKA pass 1 − values).  by: rank by the mean over layers and heads, or by the largest of them; layer, head: look
    in these alone.  Columns: rank (from 1), input (zero-based), mean, layer and head (zero-based; where the largest is; head
    is NA for [input, layer]), largest, status: "ranked", or "not finite" where a value is infinite or NaN; those come last
    and have no mean and no place.  `differing_words` then says between which words.

    Raises InputError for another shape, a layer or head that there is not, another `by` and n below 1.
    Of inputs that differ equally the earlier comes first.
    """
    x = _chosen(values, by, n, layer=layer, head=head)
    flat = x.reshape(len(x), -1)
    finite = np.asarray(np.isfinite(flat).all(axis=1))
    safe = np.where(finite[:, None], flat, 0.0)
    place = safe.argmax(axis=1)
    table = pd.DataFrame(
        {
            "input": np.arange(len(x)),
            "mean": np.where(finite, safe.mean(axis=1), np.nan),
            "layer": (layer or 0) + place // x.shape[2],
            "head": (head or 0) + place % x.shape[2],
            "largest": np.where(finite, safe.max(axis=1), np.nan),
            "status": np.where(finite, "ranked", "not finite"),
        }
    ).astype({"layer": "Int64", "head": "Int64"})
    table.loc[~finite, ["layer", "head"]] = pd.NA
    if np.ndim(values) == 2:
        table["head"] = pd.array([pd.NA] * len(table), dtype="Int64")
    return _ranked(table, -table[by]).head(n)


def _difference(a: AttentionRecord, b: AttentionRecord) -> Difference:
    found = Difference(a, b)  # raises for records that cannot be compared
    for record in (a, b):
        bad = (~record.weights.isfinite()).flatten(2).any(dim=-1).nonzero()
        if len(bad):
            layer, head = (int(place) + 1 for place in bad[0])
            raise InputError(
                f"Only finite attention weights can be ranked, {record.checkpoint} has infinite ones or NaN in layer {layer}, head "
                f"{head}: look at how it was trained."
            )
    return found


def _both(difference: Difference, layer: int, *, level: Level, special: bool = True) -> tuple[Tensor, Tensor, Rows]:
    """One layer's weights of a and b, [head, row, row], between the same rows, and these rows."""
    both = shown(difference, layer=layer, level=level, special="shown" if special else "hidden")
    sides = (shown(each, layer=layer, level=both.level, special=both.special) for each in (difference.a, difference.b))
    a, b = (each.weights if difference.same_tokens else _only(each, both.rows) for each in sides)
    return a, b, both.rows


def _only(side: Shown, rows: Rows) -> Tensor:
    """A side's weights between the words that both have."""
    places = [side.rows.words.index(word) for word in rows.words]
    return side.weights[:, places][:, :, places]


def _largest(difference: Difference, layer: int, head: int | None, n: int, special: bool) -> pd.DataFrame:
    """The n pairs of words of one layer that differ most, the largest difference first."""
    a, b, rows = _both(difference, layer, level="words", special=special)
    if head is not None:
        a, b = a[head : head + 1], b[head : head + 1]
    change = (b - a).abs()
    least = change.flatten().topk(min(n, change.numel())).values.min() if change.numel() else 0.0
    found = ((change >= least) & (change > 0)).nonzero()  # in order, so that of equal ones the first are kept
    found = found[change[tuple(found.T)].argsort(descending=True, stable=True)[:n]]
    table = _named(a[tuple(found.T)], b[tuple(found.T)], found, rows)
    return table.assign(layer=layer, head=found[:, 0].numpy() + (head or 0))


def _named(a: Tensor, b: Tensor, found: Tensor, rows: Rows) -> pd.DataFrame:
    sides = dict(zip(("from", "to"), found[:, 1:].T.tolist(), strict=True))
    columns: dict[str, object] = {"layer": 0, "head": 0}
    columns |= {f"{side}_word": pd.array([rows.words[i] for i in places], "Int64") for side, places in sides.items()}
    columns |= {f"{side}_text": [rows.labels[i] for i in places] for side, places in sides.items()}
    weights = {"weight_a": a.double().numpy(), "weight_b": b.double().numpy(), "difference": (b - a).double().numpy()}
    return pd.DataFrame(columns | weights, index=range(len(found)))


def _ranked(table: pd.DataFrame, key: pd.Series) -> pd.DataFrame:
    """The table in order of the key, of equal ones as it was, with a rank from 1 in front."""
    ordered = table.loc[key.sort_values(kind="stable", na_position="last").index].reset_index(drop=True)
    ordered.insert(0, "rank", np.arange(1, len(ordered) + 1))
    return ordered


def _chosen(values: ArrayLike, by: str, n: int, *, layer: int | None, head: int | None) -> Numbers:
    """The values asked for, [input, layer, head]."""
    x = np.asarray(values, dtype=np.float64)
    if x.ndim not in (2, 3) or x.size == 0:
        raise InputError(
            f"Differences of inputs are [input, layer, head] or [input, layer], got {x.shape}: measure a text at least."
        )
    if by not in get_args(By) or n < 1:
        raise InputError(f"Inputs are ranked by {' or '.join(get_args(By))}, at least one, got by={by!r} and n={n}.")
    x = x[..., None] if x.ndim == 2 else x
    for axis, (what, index) in enumerate((("layer", layer), ("head", head)), start=1):
        if index is not None and not 0 <= index < x.shape[axis]:
            raise InputError(f"There is no {what} {index + 1} of {x.shape[axis]}: choose {what} 1 to {x.shape[axis]}.")
        if index is not None:
            x = x.take([index], axis=axis)
    return x
