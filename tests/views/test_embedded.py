"""The chunks that a page holds: what is shown first, then what is near, and never half of a comparison."""

from dataclasses import replace

import pytest

from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference
from amplify_viz.views.chunks import chunk
from amplify_viz.views.documents import digest
from amplify_viz.views.embedded import DIFFERENCES, WAYS, embedded
from amplify_viz.views.look import Look
from tests.tiny import random_record

ALL = 10**9
FIRST = {
    "head_view": "heads/1/words/hidden",
    "model_view": "thumbnails/words/hidden",
    "neuron_view": "neurons/1/2",
    "word_graph": "heads/1/words/hidden",
}
COUNTS = {"head_view": 6 * 3, "model_view": 6, "neuron_view": 3 * 4, "word_graph": 3}
LOOK = Look(layer=1, head=2, level="words", special="hidden")
every_view = pytest.mark.parametrize("view", WAYS)


def two_records() -> tuple[AttentionRecord, AttentionRecord]:
    return random_record(seed=0, checkpoint="mixed"), random_record(seed=1, checkpoint="plain")


@every_view
def test_what_the_look_shows_comes_first_and_is_there_however_little_may_be(view: str) -> None:
    record = random_record()
    name = f"{digest(record)}/{FIRST[view]}"
    held = embedded(view, [record], LOOK, max_bytes=0)
    assert held.chunks == {name: chunk(record, FIRST[view])}
    assert not held.whole
    assert next(iter(embedded(view, [record], LOOK, max_bytes=ALL).chunks)) == name


@every_view
def test_a_page_with_room_holds_every_layer_and_head_in_every_way(view: str) -> None:
    record = random_record()
    held = embedded(view, [record], LOOK, max_bytes=ALL)
    assert held.whole
    assert len(held.chunks) == COUNTS[view]
    for name, data in held.chunks.items():
        assert data == chunk(record, name.removeprefix(f"{digest(record)}/"))


@every_view
def test_more_room_adds_chunks_and_takes_none_away(view: str) -> None:
    record = random_record()
    whole = embedded(view, [record], LOOK, max_bytes=ALL).chunks
    before: list[str] = []
    for max_bytes in range(0, sum(map(len, whole.values())) + 1, 997):
        held = embedded(view, [record], LOOK, max_bytes=max_bytes)
        assert list(held.chunks)[: len(before)] == before
        assert len(held.chunks) == 1 or sum(map(len, held.chunks.values())) <= max_bytes
        assert held.whole == (held.chunks.keys() == whole.keys())
        before = list(held.chunks)


@every_view
@pytest.mark.parametrize("max_bytes", [0, 5_000, 20_000])
def test_a_chunk_is_there_for_every_panel_or_for_none(view: str, max_bytes: int) -> None:
    a, b = two_records()
    shown = {digest(a), digest(b)} | ({f"{digest(b)}-{digest(a)}"} if view in DIFFERENCES else set())
    held = embedded(view, [a, b], replace(LOOK, difference=(0, 1)), max_bytes=max_bytes).chunks
    panels: dict[str, set[str]] = {}
    for name in held:
        panel, _, numbers = name.partition("/")
        panels.setdefault(numbers, set()).add(panel)
    assert all(shown <= found for found in panels.values())


def test_layers_come_before_other_ways_to_show_them() -> None:
    record = random_record()
    names = [name.partition("/")[2] for name in embedded("head_view", [record], LOOK, max_bytes=ALL).chunks]
    assert names[:3] == [f"heads/{layer}/words/hidden" for layer in (1, 0, 2)]
    names = [name.partition("/")[2] for name in embedded("neuron_view", [record], LOOK, max_bytes=ALL).chunks]
    assert names[:5] == [f"neurons/1/{head}" for head in (2, 0, 1, 3)] + ["neurons/0/2"]


@pytest.mark.parametrize("view", sorted(DIFFERENCES))
def test_differences_are_there_under_the_names_of_both(view: str) -> None:
    a, b = two_records()
    held = embedded(view, [a, b], LOOK, max_bytes=ALL)
    for one, other in ((a, b), (b, a)):
        name = f"{digest(other)}-{digest(one)}/{FIRST[view]}"
        assert held.chunks[name] == chunk(Difference(one, other), FIRST[view])


@every_view
def test_models_of_other_shapes_have_no_difference_and_each_all_of_its_own(view: str) -> None:
    small, large = random_record(n_layers=2, n_heads=2), random_record(n_layers=4, n_heads=3)
    held = embedded(view, [small, large], replace(LOOK, layer=3, difference=(0, 1)), max_bytes=ALL)
    alone = [embedded(view, [record], LOOK, max_bytes=ALL) for record in (small, large)]
    assert held.chunks == {**alone[0].chunks, **alone[1].chunks}


@pytest.mark.parametrize("difference", [(0, 1), (0, 0), (5, 6)])
def test_a_difference_that_there_is_not_is_left_out(difference: tuple[int, int]) -> None:
    held = embedded("head_view", [random_record()], replace(LOOK, difference=difference), max_bytes=ALL)
    assert len(held.chunks) == COUNTS["head_view"]


@every_view
def test_no_records_have_no_chunks(view: str) -> None:
    held = embedded(view, [], LOOK)
    assert (held.chunks, held.whole) == ({}, True)
