"""What each head of a checkpoint does: its measures, and which of five kinds it is.

Public names: `head_measures`, `head_kinds`, `KindRules`, `Kind`.

The kinds are those that the literature keeps finding.  Clark et al. (2019, "What does BERT look at?", section 3) report
heads that put more than half of their attention on the previous or the next token, heads that put it on [CLS] (in early
layers) or on [SEP] (in the middle ones), and heads so broad that they average over the whole text.  In decoders the first
token is such a sink whatever it is (Xiao et al. 2024, "Efficient streaming language models with attention sinks").  Voita
et al. (2019, section 5.1) call a head positional whose largest weight is at one relative position in 90 % of cases, in
practice −1 or +1.  Kovaleva et al. (2019, section 4.1) call the same patterns diagonal (neighbours) and vertical (special
tokens), and what has neither heterogeneous, which they take for the pattern that may hold what the text means.  A kind says
what a head looks at, not what it is good for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.statistics.measures import (
    Rows,
    attention_distance,
    confidence,
    mean_entropy,
    relative_entropy,
    share_across,
    share_at,
    share_on,
)

Kind = Literal["positional", "first token", "separator", "broad", "content"]
_POSITIONAL, _FIRST, _SEPARATOR, _BROAD, _CONTENT = get_args(Kind)
_PLACES = ("previous", "next", "self")
_SINKS = ("share_first", "share_separator")
_HIDDEN = -1e4  # a mask at or below this leaves a softmax nothing, in every precision


@dataclass(frozen=True)
class KindRules:
    """From where on a head is of a kind; each number is a share from 0 to 1.

    positional: mean attention to the previous token, the next or itself ("more than half" in Clark et al. 2019, section 3.1,
    who count neighbours alone); special: mean attention to the first token and to separators, together ("often more than
    half" in their section 3.2; "vertical" in Kovaleva et al. 2019); broad: entropy relative to uniform attention (section 3.3
    of Clark et al. names no number: 0.9 is ours).
    """

    positional: float = 0.5
    special: float = 0.5
    broad: float = 0.9

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value <= 1:
                raise InputError(f"A rule for heads is a share from 0 to 1, {name} is {value}: 0.5 is usual.")


def head_measures(record: AttentionRecord, *more: AttentionRecord) -> pd.DataFrame:
    """One row for each layer and head: what it does with one text, or on average over several, each text counting the same.

    more: records of other texts with the same checkpoint.  Columns: checkpoint, layer and head (zero-based), inputs (how
    many texts), entropy (nats), relative_entropy (1 for uniform attention to all tokens that the model lets a query see),
    confidence (largest weight), distance (tokens), share_previous, share_self and share_next (at these places, of the queries
    that have such a token), share_first (the text's first token, special or not: [CLS] in BERT), share_special (all special
    tokens), share_separator (special tokens that come after a word, so not a [CLS] at the front), share_across (0 for a
    single text), all means over queries; status: "measured", or "not finite" where an attention weight is infinite or NaN,
    and then the measures are NaN.

    Raises InputError for records of several checkpoints or shapes.
    Shares lie between 0 and 1, share_separator never exceeds share_special, and share_first and share_separator together
    never exceed 1.
    """
    records = (record, *more)
    _check(records)
    tables = [_measures(each) for each in records]
    finite = torch.stack([_finite(each) for each in records]).all(dim=0).flatten()
    table = pd.DataFrame(
        {
            "checkpoint": record.checkpoint,
            "layer": np.repeat(np.arange(record.n_layers), record.n_heads),
            "head": np.tile(np.arange(record.n_heads), record.n_layers),
            "inputs": len(records),
        }
    )
    for name in tables[0]:
        mean = torch.stack([each[name] for each in tables]).double().mean(dim=0).flatten()
        table[name] = mean.where(finite, torch.nan).numpy()
    table["status"] = np.where(finite.numpy(), "measured", "not finite")
    return table


def head_kinds(table: pd.DataFrame, rules: KindRules | None = None) -> pd.DataFrame:
    """The table of `head_measures` with two columns more: kind, and position (where a positional head looks, "" for others).

    The first rule that holds decides: "positional" where share_previous, share_next or share_self is at least
    rules.positional (position: the largest of them, of equal ones the first in this order); where share_first and
    share_separator together are at least rules.special, "first token" or "separator", whichever has more of it (of equal ones
    the first); "broad" where relative_entropy is at least rules.broad; else "content".  A
    head that could not be measured has the kind "".  On a text of very few tokens every head has large shares: judge by the
    mean over texts.

    Raises InputError for a table that lacks a column.  Each measured head has exactly one kind.
    """
    rules = rules or KindRules()
    names = [f"share_{place}" for place in _PLACES]
    missing = [name for name in (*names, *_SINKS, "relative_entropy", "status") if name not in table]
    if missing:
        raise InputError(
            f"Kinds of heads are told by the columns of head_measures, this table lacks {', '.join(missing)}."
        )
    shares = table[names].to_numpy(dtype=np.float64)
    first, separator = (table[name] for name in _SINKS)
    special = first + separator >= rules.special
    holds = [
        table["status"] != "measured",
        (shares >= rules.positional).any(axis=1),
        special & (first >= separator),
        special,
        table["relative_entropy"] >= rules.broad,
    ]
    kind = np.select(holds, ["", _POSITIONAL, _FIRST, _SEPARATOR, _BROAD], default=_CONTENT)
    largest = np.array(_PLACES)[np.nan_to_num(shares).argmax(axis=1)]
    return table.assign(kind=kind, position=np.where(kind == _POSITIONAL, largest, ""))


def _check(records: Sequence[AttentionRecord]) -> None:
    first = records[0]
    for record in records:
        if _identity(record) != _identity(first):
            same = record.checkpoint == first.checkpoint and record.source != first.source
            names = [
                f"{one.checkpoint} ({one.source or 'no source'})" if same else one.checkpoint for one in (first, record)
            ]
            raise InputError(
                f"Measures are averaged over texts of one checkpoint, got {' and '.join(names)}: capture all texts with one, "
                f"and make a table of each checkpoint."
            )


def _identity(record: AttentionRecord) -> tuple[object, ...]:
    """Folders of two checkpoints can have one name: what tells them apart is where they are."""
    return record.checkpoint, record.source, record.weights.shape[:2]


def _finite(record: AttentionRecord) -> Tensor:
    """Whether all of a head's weights are numbers: [layer, head]."""
    return torch.stack([layer.isfinite().all(dim=-1).all(dim=-1) for layer in record.weights])


def _measures(record: AttentionRecord) -> dict[str, Tensor]:
    """Each measure of one record: [layer, head].  Layer by layer, so that what is in the making stays small and near."""
    layers = [_of_layer(record, layer) for layer in range(record.n_layers)]
    return {name: torch.stack([each[name] for each in layers]) for name in layers[0]}


def _of_layer(record: AttentionRecord, layer: int) -> dict[str, Tensor]:
    rows, special = Rows(record.weights[layer]), [i for i, segment in enumerate(record.segments) if segment is None]
    first_word = next((i for i, segment in enumerate(record.segments) if segment is not None), record.n_tokens)
    return {
        "entropy": mean_entropy(rows),
        "relative_entropy": relative_entropy(rows, record.mask[layer] > _HIDDEN),
        "confidence": confidence(rows),
        "distance": attention_distance(rows),
        "share_previous": share_at(rows, -1),
        "share_self": share_at(rows, 0),
        "share_next": share_at(rows, 1),
        "share_first": share_on(rows, [0]),
        "share_special": share_on(rows, special),
        "share_separator": share_on(rows, [i for i in special if i > first_word]),
        "share_across": share_across(rows, record.segments),
    }
