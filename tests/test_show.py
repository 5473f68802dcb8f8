"""The views in a notebook and as files: what a display holds, what it is shown in, and which choices it takes."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from amplify_viz import show
from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.views.documents import digest
from amplify_viz.views.packing import Arrays, unpack
from tests.tiny import random_record

HALF = 2.0**-11  # relative error of float16
VIEWS: dict[str, Callable[..., show.Display]] = {
    "head_view": show.head_view,
    "model_view": show.model_view,
    "neuron_view": show.neuron_view,
    "word_graph": show.word_graph,
}
every_view = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)


class Frames(HTMLParser):
    """The attributes of each element of some HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def held(display: show.Display) -> dict[str, bytes]:
    """What a page holds, by the name of the chunk, the document as ""."""
    found = re.findall(r'<script type="application/octet-stream" data-(?:document|chunk="(.*?)")>(.*?)<', display.html)
    return {name: base64.b64decode(text) for name, text in found}


def look(display: show.Display) -> dict[str, Any]:
    return unpack(held(display)[""])[0]["look"]


def arrays(display: show.Display, record: AttentionRecord, name: str) -> Arrays:
    return unpack(held(display)[f"{digest(record)}/{name}"])[1]


def two_records() -> list[AttentionRecord]:
    return [random_record(seed=seed, checkpoint=name) for seed, name in enumerate(("mixed", "plain"))]


@every_view
def test_a_notebook_shows_the_page_in_a_frame_that_cannot_reach_the_notebook(view: Callable[..., show.Display]) -> None:
    display = view(random_record(), title='<b>"Rabbit"</b> & turtle')
    ((tag, attributes),) = Frames(display._repr_html_()).elements
    assert tag == "iframe"
    assert attributes["srcdoc"] == display.html
    assert attributes["title"] == '<b>"Rabbit"</b> & turtle'
    assert str(attributes["sandbox"]).split() == ["allow-scripts", "allow-downloads"]
    assert f"height: {display.height}px" in str(attributes["style"])


def test_the_plain_text_of_a_display_is_short() -> None:
    assert repr(show.head_view(random_record())) == "Display(title='Head view', height=644)"


def test_a_long_text_has_a_tall_frame_and_a_longer_one_no_taller() -> None:
    heights = [show.head_view(random_record(("word " * n,))).height for n in (1, 10, 15, 40, 80)]
    assert heights == sorted(heights)
    assert heights[0] == 480
    assert heights[-2:] == [900, 900]


@every_view
def test_one_record_is_a_list_of_one(view: Callable[..., show.Display]) -> None:
    record = random_record()
    assert view(record, layer=1) == view([record], layer=1)


def test_the_weights_in_a_page_are_those_of_the_record() -> None:
    records = two_records()
    display = show.head_view(records, layer=2)
    for record in records:
        weights = arrays(display, record, "heads/2/tokens/shown")["weights"]
        np.testing.assert_allclose(weights, record.weights[2].numpy(), rtol=HALF, atol=2**-25)


def test_the_numbers_in_a_neuron_view_are_those_of_the_record() -> None:
    record = random_record()
    found = arrays(show.neuron_view(record, layer=1, head=3, focus=1), record, "neurons/1/3")
    for name in ("queries", "keys", "weights"):
        np.testing.assert_allclose(found[name], getattr(record, name)[1, 3].numpy(), rtol=HALF, atol=2**-25)


def test_the_choices_reach_the_page() -> None:
    display = show.head_view(two_records(), layer=2, heads=[3, 1], focus=1, level="words", difference=(0, 1))
    chosen = {"layer": 2, "heads": [1, 3], "focus": [1], "level": "words", "difference": [0, 1]}
    assert chosen.items() <= look(display).items()
    assert look(show.head_view(random_record(), focus=[0, 2]))["focus"] == [0, 2]


def test_the_texts_stand_above_the_view_and_what_was_not_read_is_said() -> None:
    record = random_record(("a  rabbit\nhopped", "it <b>ran</b>"))
    text = show.head_view(record).html
    assert '<p dir="auto">a rabbit hopped</p>\n<p dir="auto">it &lt;b&gt;ran&lt;/b&gt;</p>' in text
    assert "Not read to the end" not in text
    assert "too long, by: amplify · seed 0." in show.head_view(replace(record, cut=("", "ran"))).html


def test_a_page_within_its_limit_says_so_and_one_beyond_it_too() -> None:
    record = random_record()
    assert "This page holds all its numbers" in show.head_view(record).html
    small = show.head_view(record, max_bytes=0)
    assert "not all" in small.html
    assert len(held(small)) == 2


def test_saving_writes_the_page_and_returns_its_path(tmp_path: Path) -> None:
    display = show.word_graph(random_record(), focus=1)
    path = display.save(str(tmp_path / "graph.html"))
    assert path == tmp_path / "graph.html"
    assert path.read_text(encoding="utf-8") == display.html
    assert [each.name for each in tmp_path.iterdir()] == ["graph.html"]


def test_saving_into_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is none at .*nowhere: make it"):
        show.head_view(random_record()).save(tmp_path / "nowhere" / "heads.html")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"layers": 3}, r"choices are layer, heads, .*, got 'layers': leave it out"),
        ({"layer": 3}, r"no layer 4 of 3"),
        ({"layer": "three"}, r"no layer 'three'"),
        ({"layer": True}, r"no layer True"),
        ({"heads": [4]}, r"no head 5 of 4"),
        ({"heads": []}, r"at least one head"),
        ({"head": 4}, r"no head 5 of 4"),
        ({"focus": 99}, r"no word 100 of 8"),
        ({"focus": "rabbit"}, r"no focus 'rabbit'"),
        ({"level": "letters"}, r"no level 'letters'"),
        ({"special": False}, r"no special False"),
        ({"difference": (0, 2)}, r"between two of the 2 records, got \(0, 2\)"),
        ({"difference": (1, 1)}, r"no difference \(1, 1\)"),
    ],
)
def test_a_choice_that_there_is_not_is_refused_by_name(choices: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        show.head_view(two_records(), **choices)


def test_a_layer_that_nobody_chose_need_not_be_there() -> None:
    assert show.head_view(random_record(n_layers=1)).html


def test_records_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(InputError, match="records of one text"):
        show.head_view([random_record(("a",)), random_record(("b",))])
    with pytest.raises(InputError, match="layers × heads"):
        show.head_view([random_record(), random_record(n_heads=2)], difference=(0, 1))


@every_view
def test_no_records_make_a_page_that_says_so(view: Callable[..., show.Display]) -> None:
    assert list(held(view([]))) == [""]


def test_records_of_other_shapes_stand_side_by_side_up_to_the_largest() -> None:
    wide, deep = random_record(n_layers=2, n_heads=4), random_record(n_layers=5, n_heads=1, checkpoint="deep")
    assert show.head_view([wide, deep], layer=4).html
    assert show.neuron_view([wide, deep], layer=1, head=3).html
    with pytest.raises(InputError, match="no layer 6 of 5"):
        show.head_view([wide, deep], layer=5)
    with pytest.raises(InputError, match="no head 5 of 4"):
        show.neuron_view([wide, deep], head=4)
