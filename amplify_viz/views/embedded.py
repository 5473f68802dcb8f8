"""The chunks that a page holds: those that its look shows, then those to which a person turns next, up to a size.

In which ways a view of `web/` can be turned, and what it then asks for, is one entry in WAYS.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from types import MappingProxyType
from typing import TypeVar, get_args

from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference, Level, Special, Subject
from amplify_viz.views.chunks import chunk
from amplify_viz.views.documents import digest
from amplify_viz.views.look import Look

MAX_BYTES = 12 * 10**6
T = TypeVar("T")
Ways = Iterator[list[str]]
"""Names of chunks, a list for each way to look at the numbers, the likeliest way and name first."""


@dataclass(frozen=True)
class Embedded:
    """The chunks that a page holds, by "<panel's id>/<name>", and whether these are all that its view can ask for."""

    chunks: Mapping[str, bytes]
    whole: bool


def embedded(view: str, records: Sequence[AttentionRecord], look: Look, *, max_bytes: int = MAX_BYTES) -> Embedded:
    """Returns the chunks for a page with a view of records: what the look shows, and what is near it up to max_bytes.

    A layer, head or difference that there is not is replaced as the view replaces it.
    What the look shows is always there, and a chunk is there for every panel that has such a layer and head, or for none.
    """
    found: dict[str, bytes] = {}
    size = 0
    for subjects, name in _wanted(view, records, look):
        more = {f"{id_}/{name}": chunk(subject, name) for id_, subject in subjects.items() if _has(subject, name)}
        size += sum(map(len, more.values()))
        if found and size > max_bytes:
            return Embedded(found, whole=False)
        found |= more
    return Embedded(found, whole=True)


def _wanted(view: str, records: Sequence[AttentionRecord], look: Look) -> Iterator[tuple[dict[str, Subject], str]]:
    """Panels by the id under which the view asks for them, and a chunk's name."""
    if not records:
        return
    panels: dict[str, Subject] = {digest(record): record for record in records}
    first, *others = _differences(records, look) if view in DIFFERENCES else [{}]
    for names in WAYS[view](look, *_counts(records)):
        for subjects in (panels | first, *others):
            yield from ((subjects, name) for name in names)


def _counts(records: Sequence[AttentionRecord]) -> tuple[int, int]:
    """How many layers and heads there are to choose from: those that any record has."""
    return max(record.n_layers for record in records), max(record.n_heads for record in records)


def _has(subject: Subject, name: str) -> bool:
    """Whether a panel has the layer and head that a chunk's name says: in a page, panels may have different shapes."""
    kind, *parts = name.split("/")
    if kind == "thumbnails":
        return True
    return int(parts[0]) < subject.n_layers and (kind != "neurons" or int(parts[1]) < subject.n_heads)


def _differences(records: Sequence[AttentionRecord], look: Look) -> list[dict[str, Subject]]:
    """The chosen difference, or nothing, and then all others that can be chosen."""
    pairs = [
        pair for pair in permutations(range(len(records)), 2) if len({_counts([records[place]]) for place in pair}) == 1
    ]
    chosen = look.difference if look.difference in pairs else None
    found = {pair: _difference(*(records[place] for place in pair)) for pair in pairs}
    return [found.pop(chosen) if chosen else {}, *found.values()]


def _difference(a: AttentionRecord, b: AttentionRecord) -> dict[str, Subject]:
    return {f"{digest(b)}-{digest(a)}": Difference(a, b)}


def _heads(look: Look, n_layers: int, _n_heads: int) -> Ways:
    """Each layer as it is looked at, then each of tokens and words with special tokens treated otherwise."""
    for level, special in _first((look.level, look.special), product(get_args(Level), get_args(Special))):
        yield [f"heads/{layer}/{level}/{special}" for layer in _layers(look, n_layers)]


def _thumbnails(look: Look, _n_layers: int, _n_heads: int) -> Ways:
    """All layers and heads as they are looked at, then each of tokens and words with special tokens treated otherwise."""
    for level, special in _first((look.level, look.special), product(get_args(Level), get_args(Special))):
        yield [f"thumbnails/{level}/{special}"]


def _neurons(look: Look, n_layers: int, n_heads: int) -> Ways:
    """Each head of the layer, then of the others."""
    head = min(look.head or 0, n_heads - 1)
    for layer in _layers(look, n_layers):
        yield [f"neurons/{layer}/{each}" for each in _first(head, range(n_heads))]


def _graph(look: Look, n_layers: int, _n_heads: int) -> Ways:
    yield [f"heads/{layer}/words/hidden" for layer in _layers(look, n_layers)]


def _layers(look: Look, n_layers: int) -> list[int]:
    return _first(min(look.layer, n_layers - 1), range(n_layers))


def _first(chosen: T, others: Iterable[T]) -> list[T]:
    return [chosen, *(other for other in others if other != chosen)]


WAYS: Mapping[str, Callable[[Look, int, int], Ways]] = MappingProxyType(
    {"head_view": _heads, "model_view": _thumbnails, "neuron_view": _neurons, "word_graph": _graph}
)
DIFFERENCES = frozenset({"head_view", "model_view", "word_graph"})
"""The views that can show a difference between two panels."""
