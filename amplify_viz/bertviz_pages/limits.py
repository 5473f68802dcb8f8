"""How much of a record BertViz bears: it writes every number as text and draws it as an SVG element."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.selection import check_heads, check_layer

View = Literal["head", "model", "neuron"]
VIEWS: tuple[View, ...] = get_args(View)
MAX_BYTES = 20_000_000
MAX_MARKS = 200_000
_BYTES_PER_NUMBER = 11  # "0.1234567, "
_BYTES_OF_SCRIPT = 50_000
_LIMIT = f"{MAX_BYTES // 10**6} MB and {MAX_MARKS:,} SVG elements"


@dataclass(frozen=True)
class Extent:
    """What of a record a page of BertViz shows, and an estimate of what it takes.

    view: which of its three; layers: those in the page, zero-based; layer: the one shown first; heads: the chosen ones.
    n_bytes: of the document; n_marks: SVG elements drawn at a time.
    note: "" if the page has every layer, else one sentence that says why it has not.
    """

    view: View
    layers: tuple[int, ...]
    layer: int
    heads: tuple[int, ...]
    n_bytes: int
    n_marks: int
    note: str = ""

    @property
    def is_bearable(self) -> bool:
        """Whether a browser can be expected to draw it within seconds."""
        return self.n_bytes <= MAX_BYTES and self.n_marks <= MAX_MARKS


def extent(record: AttentionRecord, view: View, *, layer: int, heads: Sequence[int] | None = None) -> Extent:
    """How much of the record a page of BertViz can show: all its layers, or else the one layer alone.

    layer, heads: as for `bertviz_html`.  Raises InputError for a view, layer or head that is not there, and where one layer
    is already too much.  What is returned is bearable.
    """
    if view not in VIEWS:
        raise InputError(f"BertViz has the views {', '.join(VIEWS)}, not {view!r}: choose one of them.")
    chosen = check_heads(record, heads)
    alone = Extent(view, (check_layer(record, layer),), layer, chosen, 0, 0)
    whole = _sized(record, replace(alone, layers=tuple(range(record.n_layers))), record.n_tokens)
    if whole.is_bearable:
        return whole
    alone = _sized(record, alone, record.n_tokens)
    if not alone.is_bearable:
        raise InputError(_too_much(record, alone))
    note = f"Only the chosen layer: all {record.n_layers} would take {_takes(whole)}, and a page of BertViz may take {_LIMIT}."
    return replace(alone, note=note)


def _sized(record: AttentionRecord, part: Extent, n_tokens: int) -> Extent:
    """The part with its estimates, at a number of tokens.  A pair has each weight twice, queries and keys thrice."""
    pair, dim = len(record.texts) > 1, record.queries.shape[-1]
    n_layers, n_heads = len(part.layers), len(part.heads) if part.view == "model" else record.n_heads
    numbers = n_layers * n_heads * n_tokens**2 * (2 if pair else 1)
    if part.view == "neuron":
        numbers += n_layers * n_heads * n_tokens * 2 * dim * (3 if pair else 1)
    marks = {
        "head": n_heads * n_tokens * (n_tokens + 2),
        "model": n_layers * n_heads * n_tokens**2,
        "neuron": 7 * n_tokens**2 + 3 * n_tokens * dim,
    }
    return replace(part, n_bytes=_BYTES_OF_SCRIPT + _BYTES_PER_NUMBER * numbers, n_marks=marks[part.view])


def _takes(part: Extent) -> str:
    return f"{part.n_bytes / 1e6:.3g} MB and {part.n_marks:,} SVG elements"


def _too_much(record: AttentionRecord, alone: Extent) -> str:
    fitting = (n for n in range(record.n_tokens, 0, -1) if _sized(record, alone, n).is_bearable)
    return (
        f"A page of BertViz may take {_LIMIT}; one layer of its {alone.view} view of {record.n_tokens:,} tokens takes "
        f"{_takes(alone)}: shorten the text to {next(fitting, 0):,} tokens, or use this app's own view."
    )
