"""Which weights of a layer are drawn: between which sentences, how strong, of heads by themselves or combined.

Public names: `drawn`, `Drawn`, `Between`, `Combine`.

The browser's head view does the same with the same words (`ui/web/head_values.js`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from amplify_viz.errors import InputError
from amplify_viz.rows import Rows, Shown

Between = Literal["all", "aa", "ab", "ba", "bb"]
Combine = Literal["each", "mean", "max"]

_SENTENCES = {"a": 0, "b": 1}


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is drawn of a layer: weights [head, from, to], 0 where nothing is; heads: whose, () where they are combined.

    kept: [head, from, to], whether the filters left a weight there, of combined heads of one at least; a 0 there is measured.
    """

    weights: Tensor
    heads: tuple[int, ...]
    kept: Tensor


def drawn(
    shown: Shown,
    heads: Sequence[int],
    *,
    signed: bool = False,
    between: Between = "all",
    least: float = 0.0,
    top: int | None = None,
    combine: Combine = "each",
) -> Drawn:
    """Returns the weights of some heads that a view draws; what is left of them stays as it is.

    between: which sentence looks at which ("ab": from the first to the second); of a single text all is kept.  least: smaller
    weights are left out, except in a difference (`signed`), which is no weight.  top: at most so many weights a row and head,
    the strongest by their distance from 0, and equals of the last one.  combine: "mean" over the heads, or "max", at each place
    the weight furthest from 0; both of what the filters left, so that a weight left out is a 0 in the mean.  Raises InputError
    for another between or combine, a least outside 0 to 1 and a negative top.
    """
    for name, value, known in (("between", between, Between), ("combine", combine, Combine)):
        if value not in get_args(known):
            raise InputError(f"{name} is one of {', '.join(get_args(known))}, got {value!r}: choose one of these.")
    if not 0 <= least <= 1:
        raise InputError(f"The least weight drawn lies in 0 to 1, got least={least}: 0 draws all.")
    if top is not None and top < 0:
        raise InputError(f"Each row draws 0 or more of its weights, got top={top}: leave it out for all.")
    weights = shown.weights[list(heads)]
    kept = torch.ones_like(weights, dtype=torch.bool)
    if between != "all" and 1 in shown.rows.segments:
        kept &= _between(shown.rows, between)
    if least > 0 and not signed:
        kept &= weights >= least
    if top is not None and top < weights.shape[-1]:
        strengths = weights.where(kept, 0).abs()
        kept &= strengths >= _strength(strengths, top)
    weights = weights.where(kept, 0)
    if combine == "each" or len(heads) < 2:
        return Drawn(weights, tuple(heads), kept)
    combined = weights.mean(dim=0, keepdim=True) if combine == "mean" else _furthest(weights)
    return Drawn(combined, (), kept.any(dim=0, keepdim=True))


def _between(rows: Rows, between: Between) -> Tensor:
    """Whether a row of one sentence looks at one of the other, or its own, as asked; [from, to]."""
    looking, looked = (torch.tensor([segment == _SENTENCES[letter] for segment in rows.segments]) for letter in between)
    return looking[:, None] & looked


def _strength(strengths: Tensor, top: int) -> Tensor:
    """The top-th strongest of each row, [head, from, 1]; infinite for none."""
    if top == 0:
        return torch.full_like(strengths[..., :1], torch.inf)
    return strengths.topk(top, dim=-1).values[..., -1:]


def _furthest(weights: Tensor) -> Tensor:
    """At each place the weight of the head that is furthest from 0, [1, from, to]."""
    places = weights.abs().argmax(dim=0, keepdim=True)
    return weights.gather(0, places)
