"""The doors of the browser views: what travels, what is refused, what a click gives back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from amplify_viz import statistics
from amplify_viz.colours import head_colour
from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.text import to_words
from amplify_viz.ui.components import Selection
from amplify_viz.ui.components.door import read_selection
from amplify_viz.ui.components.heads import head_payload
from amplify_viz.ui.components.neurons import neuron_payload
from amplify_viz.ui.components.p_values import p_value_payload
from amplify_viz.ui.components.packing import Arrays, pack, unpack
from amplify_viz.ui.components.word_graphs import graph_payload
from tests.tiny import random_record

PAIR = ("a rabbit hopped wholeheartedly", "the rabbit hopped")
HALF = 2.0**-11  # relative error of float16


def two_records() -> list[AttentionRecord]:
    return [random_record(PAIR, seed=seed, checkpoint=name) for seed, name in enumerate(("mixed", "plain"))]


def tables() -> pd.DataFrame:
    return statistics.layer_tests(*two_records())


PAYLOADS: dict[str, Callable[..., bytes]] = {
    "heads": lambda records, layer=1, focus=1: head_payload(records, layer=layer, focus=focus),
    "neurons": lambda records, layer=1, focus=1: neuron_payload(records, layer=layer, head=2, focus=focus),
    "graph": lambda records, layer=1, focus=1: graph_payload(records, layer=layer, focus=focus, threshold=0.1),
}
every_view = pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)


# Packing


def test_unpacking_gives_back_what_was_packed() -> None:
    arrays: Arrays = {
        "halves": np.linspace(-2, 2, 15, dtype=np.float16).reshape(3, 5),
        "bytes": np.arange(7, dtype=np.uint8),
        "turned": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "none": np.zeros((0, 4), dtype=np.float16),
    }
    meta, read = unpack(pack({"title": "世界", "focus": None}, arrays))
    assert meta == {"title": "世界", "focus": None}
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        assert read[name].dtype == array.dtype
        np.testing.assert_array_equal(read[name], array)


@pytest.mark.parametrize("title", ["", "a", "ab", "abc", "abcdefgh", "é"])
def test_arrays_begin_at_multiples_of_eight_bytes(title: str) -> None:
    blob = pack({"title": title}, {"a": np.ones(3, np.uint8), "b": np.ones(1, np.float32)})
    assert (4 + int.from_bytes(blob[:4], "little")) % 8 == 0
    assert len(blob) % 8 == 0


def test_python_still_writes_the_blob_that_the_browser_tests_read() -> None:
    blob = pack(
        {"title": "naïve · 世界", "focus": None},
        {
            "weights": np.array([[[0.25, 0.75], [0.5, 0.5]]], np.float16),
            "masked": np.array([1, 0, 1], np.uint8),
            "exact": np.array([0.1, -3], np.float32),
            "none": np.zeros((0, 2), np.float16),
        },
    )
    fixture = Path(__file__).parents[1].joinpath("web", "blob.hex").read_text()
    assert blob == bytes.fromhex(fixture)


def test_a_dtype_that_the_browser_cannot_read_is_refused() -> None:
    with pytest.raises(ValueError, match=r"travels as float16, float32, uint8, and 'a' is int64"):
        pack({}, {"a": np.arange(3)})


# Every view of records


@every_view
def test_no_record_makes_an_empty_view(payload: Callable[..., bytes]) -> None:
    meta, arrays = unpack(payload([]))
    assert meta["panels"] == []
    assert not arrays


@every_view
def test_panels_are_named_after_checkpoints_and_predictions(payload: Callable[..., bytes]) -> None:
    records = two_records()
    meta, _ = unpack(payload([records[0], replace(records[1], logits=None, label_names=())]))
    assert [panel["title"] for panel in meta["panels"]] == ["mixed", "plain"]
    probabilities = records[0].probabilities
    assert probabilities is not None
    best = int(probabilities.argmax())
    assert meta["panels"][0]["prediction"] == {
        "label": records[0].label_names[best],
        "probability": pytest.approx(float(probabilities[best])),
    }
    assert meta["panels"][1]["prediction"] is None


@every_view
def test_more_than_four_records_are_refused(payload: Callable[..., bytes]) -> None:
    with pytest.raises(InputError, match="at most 4 checkpoints side by side, got 5"):
        payload([random_record()] * 5)


@every_view
def test_records_of_different_texts_are_refused(payload: Callable[..., bytes]) -> None:
    with pytest.raises(InputError, match="records of one text"):
        payload([random_record(PAIR), random_record(("another text", "of two"))])


@every_view
def test_a_layer_or_word_that_a_record_lacks_is_refused(payload: Callable[..., bytes]) -> None:
    with pytest.raises(InputError, match="no layer 4 of 3 in mixed"):
        payload(two_records(), layer=3)
    with pytest.raises(InputError, match="no word 8 of 7 in mixed"):
        payload(two_records(), focus=7)


# Head view


def test_head_weights_are_the_records_in_half_precision_on_one_scale() -> None:
    records = two_records()
    meta, arrays = unpack(head_payload(records, layer=1, heads=[3, 0], focus=None))
    assert meta["heads"] == [{"head": head, "colour": head_colour(head)} for head in (0, 3)]
    for i, record in enumerate(records):
        np.testing.assert_allclose(arrays[f"weights{i}"], record.weights[1, [0, 3]].numpy(), rtol=HALF, atol=1e-7)
    assert meta["scale"] == max(float(array.max()) for array in arrays.values())


def test_attention_between_words_is_made_in_full_precision() -> None:
    record = random_record(PAIR)
    meta, arrays = unpack(head_payload([record], layer=0, focus=3, level="words"))
    expected = to_words(record.weights[0], record.groups).numpy()
    np.testing.assert_allclose(arrays["weights0"], expected, rtol=HALF, atol=1e-7)
    assert meta["panels"][0]["labels"] == list(record.group_labels)


@pytest.mark.parametrize("level", ["tokens", "words"])
def test_hidden_special_tokens_leave_the_other_weights_as_they_are(level: Any) -> None:
    record = random_record(PAIR)
    whole, with_special = unpack(head_payload([record], layer=1, focus=1, level=level))
    part, without = unpack(head_payload([record], layer=1, focus=1, level=level, special=False))
    kept = [i for i, word in enumerate(whole["panels"][0]["words"]) if word is not None]
    assert len(kept) < len(whole["panels"][0]["words"])
    assert None not in part["panels"][0]["words"]
    np.testing.assert_array_equal(without["weights0"], with_special["weights0"][:, kept][:, :, kept])


def test_without_a_choice_all_heads_that_the_records_share_are_sent() -> None:
    records = [random_record(PAIR, n_heads=n_heads) for n_heads in (4, 2)]
    meta, arrays = unpack(head_payload(records, layer=0, focus=None))
    assert [chosen["head"] for chosen in meta["heads"]] == [0, 1]
    assert {len(array) for array in arrays.values()} == {2}


def test_a_head_or_level_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match="no head 5 of 4 in mixed"):
        head_payload(two_records(), layer=0, heads=[4], focus=None)
    with pytest.raises(InputError, match="at least one head"):
        head_payload(two_records(), layer=0, heads=[], focus=None)
    level: Any = "sentences"
    with pytest.raises(InputError, match="'tokens' or 'words', got 'sentences'"):
        head_payload(two_records(), layer=0, focus=None, level=level)


def test_one_layer_of_twelve_heads_at_128_tokens_stays_below_0_43_megabytes() -> None:
    record = random_record((" ".join(["rabbit"] * 62), " ".join(["turtle"] * 63)), n_layers=1, n_heads=12)
    assert record.n_tokens == 128
    assert len(head_payload([record], layer=0, focus=0)) <= 0.43e6


# Neuron view


def test_the_softmax_of_the_scores_that_may_be_looked_at_is_the_weights() -> None:
    record = random_record(PAIR, n_layers=1)
    causal = torch.full((record.n_tokens, record.n_tokens), float("-inf")).triu(1)
    scores = record.scaling[0] * record.queries[0] @ record.keys[0].transpose(-1, -2) + causal
    masked = replace(record, mask=causal[None], weights=scores.softmax(dim=-1)[None])
    meta, arrays = unpack(neuron_payload([masked], layer=0, head=2, focus=0))
    sent = np.where(arrays["masked0"] == 1, -np.inf, arrays["scores0"].astype(np.float32))
    np.testing.assert_allclose(torch.tensor(sent).softmax(dim=-1).numpy(), arrays["weights0"], atol=0.01)
    assert arrays["masked0"].sum() == record.n_tokens * (record.n_tokens - 1) / 2
    assert meta["panels"][0]["by_root"] is True


def test_only_the_chosen_heads_queries_and_keys_travel() -> None:
    record = random_record(PAIR)
    _, arrays = unpack(neuron_payload([record], layer=2, head=3, focus=0))
    np.testing.assert_allclose(arrays["queries0"], record.queries[2, 3].numpy(), rtol=HALF, atol=1e-6)
    np.testing.assert_allclose(arrays["keys0"], record.keys[2, 3].numpy(), rtol=HALF, atol=1e-6)
    assert set(arrays) == {"queries0", "keys0", "scores0", "weights0", "masked0"}


def test_neuron_scales_hold_for_all_records_and_do_not_follow_outliers() -> None:
    records = two_records()
    loud = replace(records[1], queries=3 * records[1].queries)
    scales = unpack(neuron_payload([records[0], loud], layer=0, head=0, focus=0))[0]["scales"]
    alone = [unpack(neuron_payload([record], layer=0, head=0, focus=0))[0]["scales"] for record in (records[0], loud)]
    assert scales == {name: max(scale[name] for scale in alone) for name in scales}
    outlier = loud.queries.clone()
    outlier[0, 0, 0, 0] = 1000.0
    spiked = unpack(neuron_payload([replace(loud, queries=outlier)], layer=0, head=0, focus=0))[0]["scales"]
    assert spiked["vector"] < 2 * alone[1]["vector"]


# Word graph


@pytest.mark.parametrize("layout", ["arc", "circle", "radial"])
def test_a_word_has_the_same_place_in_all_panels(layout: Any) -> None:
    whole = random_record(PAIR)
    cut = replace(whole, words=tuple(None if word == 2 else word for word in whole.words), checkpoint="cut")
    meta, _ = unpack(graph_payload([whole, cut], layer=0, focus=1, threshold=0.1, layout=layout))
    first, second = (dict(zip(panel["words"], panel["places"], strict=True)) for panel in meta["panels"])
    assert 2 in first
    assert second == {word: at for word, at in first.items() if word != 2}


def test_graph_weights_are_those_between_words_without_special_tokens() -> None:
    record = random_record(PAIR)
    expected = to_words(record.weights[1].mean(dim=0), record.groups)
    kept = [row for row, group in enumerate(record.groups) if record.words[group[0]] is not None]
    meta, arrays = unpack(graph_payload([record], layer=1, focus=1, threshold=0.1))
    np.testing.assert_allclose(arrays["weights0"], expected[kept][:, kept].numpy(), rtol=HALF, atol=1e-7)
    assert meta["panels"][0]["words"] == list(range(7))


def test_a_threshold_or_layout_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match=r"weight from 0 to 1, got 1\.5"):
        graph_payload(two_records(), layer=0, focus=0, threshold=1.5)
    layout: Any = "spring"
    with pytest.raises(InputError, match="one of arc, circle, radial, got 'spring'"):
        graph_payload(two_records(), layer=0, focus=0, threshold=0.1, layout=layout)


# Map of p-values


def test_the_map_holds_the_tables_numbers() -> None:
    table = tables()
    meta, _ = unpack(p_value_payload(table, layer=2))
    assert meta["layer"] == 2
    for sent, (_, row) in zip(meta["rows"], table.iterrows(), strict=True):
        assert sent == {name: pytest.approx(row[name]) if isinstance(row[name], float) else row[name] for name in sent}


def test_identical_records_are_sent_as_such_and_never_as_not_a_number() -> None:
    record = random_record(PAIR)
    meta, _ = unpack(p_value_payload(statistics.layer_tests(record, replace(record, checkpoint="twin"))))
    assert {row["status"] for row in meta["rows"]} == {"identical"}
    assert {row["p_value"] for row in meta["rows"]} == {None}


def test_a_table_that_is_not_one_of_layer_tests_is_refused() -> None:
    table = tables()
    with pytest.raises(InputError, match="lacks p_value"):
        p_value_payload(table.drop(columns="p_value"))
    with pytest.raises(InputError, match="one reference, the table has mixed, other"):
        p_value_payload(pd.concat([table, table.assign(reference="other")]))
    with pytest.raises(InputError, match="twice"):
        p_value_payload(pd.concat([table, table]))


# The door


@pytest.mark.parametrize(
    ("picked", "selection"),
    [
        ({"focus": 3}, Selection(focus=3)),
        ({"layer": 0}, Selection(layer=0)),
        (None, Selection()),
        ({"focus": -1}, Selection()),
        ({"focus": True, "layer": "2"}, Selection()),
        ({"focus": 1.5, "other": 7}, Selection()),
        ([1, 2], Selection()),
    ],
)
def test_what_the_browser_sends_is_a_position_or_nothing(picked: object, selection: Selection) -> None:
    assert read_selection(picked) == selection


def page() -> None:
    import streamlit as st

    from amplify_viz import statistics
    from amplify_viz.ui import components
    from tests.tiny import random_record

    records = [random_record(seed=seed, checkpoint=str(seed)) for seed in range(2)]
    picked = [
        components.head_view(records, layer=0, focus=1, key="heads"),
        components.neuron_view(records, layer=0, head=1, focus=1, key="neurons"),
        components.word_graph(records, layer=0, focus=1, threshold=0.1, key="graph"),
        components.p_value_map(statistics.layer_tests(*records), key="p"),
    ]
    st.write(str(picked))


def test_every_view_is_mounted_and_nothing_is_clicked_at_first() -> None:
    app = AppTest.from_function(page).run(timeout=30)
    assert not app.exception
    views = [element.proto for element in app.get("bidi_component")]
    modules = ["head_view", "neuron_view", "word_graph", "p_value_map"]
    assert [view.component_name for view in views] == [f"amplify_viz_{module}" for module in modules]
    for view, module in zip(views, modules, strict=True):
        assert f"/{module}.js" in view.js_content
        assert ".av-view" in view.css_content
        assert unpack(view.bytes)[0]["colours"]["focus"]
    assert app.markdown[0].value == str([Selection()] * 4)


def test_a_large_payload_is_fetched_and_arrives_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    from amplify_viz.ui import server
    from amplify_viz.ui.components import door

    monkeypatch.setattr(door, "DIRECT_BYTES", 1000)
    app = AppTest.from_function(page).run(timeout=30)
    meta, arrays = unpack(app.get("bidi_component")[0].proto.bytes)
    assert not arrays
    assert meta["fetch"].startswith("/blob/")
    published = server.BLOBS.get(meta["fetch"].removeprefix("/blob/"))
    assert published is not None
    records = [random_record(seed=seed, checkpoint=str(seed)) for seed in range(2)]
    assert published == head_payload(records, layer=0, focus=1)
