"""The doors of the browser views: what is mounted, what is refused, what a change gives back."""

from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from amplify_viz import statistics
from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.ui.components.door import Change, read_change
from amplify_viz.ui.components.p_values import p_value_payload
from amplify_viz.views.packing import unpack
from tests.tiny import random_record

PAIR = ("a rabbit hopped wholeheartedly", "the rabbit hopped")


def two_records() -> list[AttentionRecord]:
    return [random_record(PAIR, seed=seed, checkpoint=name) for seed, name in enumerate(("mixed", "plain"))]


def tables() -> pd.DataFrame:
    return statistics.layer_tests(*two_records())


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
    ("sent", "change"),
    [
        ({"look": {"layer": 3}}, Change({"layer": 3})),
        ({"look": {"heads": [1]}, "view": "Head view"}, Change({"heads": [1]}, "Head view")),
        (None, Change()),
        ({"look": [1, 2], "view": 3}, Change()),
        ({"other": 7}, Change()),
        ("look", Change()),
    ],
)
def test_what_the_browser_sends_is_a_change_or_nothing(sent: object, change: Change) -> None:
    assert read_change(sent) == change


def page() -> None:
    from amplify_viz import statistics
    from amplify_viz.ui import components
    from amplify_viz.views.look import Look
    from tests.tiny import random_record

    records = [random_record(seed=seed, checkpoint=str(seed)) for seed in range(2)]
    look = Look(layer=0, focus=(1,))
    for view in (components.head_view, components.neuron_view, components.word_graph):
        view(records, look, key=view.module)
    components.p_value_map(statistics.layer_tests(*records), key="p")


def test_every_view_is_mounted() -> None:
    app = AppTest.from_function(page).run(timeout=30)
    assert not app.exception
    views = [element.proto for element in app.get("bidi_component")]
    modules = ["head_view", "neuron_view", "word_graph", "p_value_map"]
    assert [view.component_name for view in views] == [f"amplify_viz_{module}" for module in modules]
    for view, module in zip(views, modules, strict=True):
        assert f"/{module}.js" in view.js_content
        assert ".av-view" in view.css_content
        assert unpack(view.bytes)[0]["colours"]["focus"]


def test_a_view_of_records_is_sent_no_number_and_the_route_has_them() -> None:
    from amplify_viz.ui.chunks import RECORDS

    app = AppTest.from_function(page).run(timeout=30)
    blob = app.get("bidi_component")[0].proto.bytes
    meta, arrays = unpack(blob)
    assert not arrays
    assert len(blob) < 5000
    assert meta["base"] == "/chunk"
    for panel in meta["panels"]:
        found = RECORDS.subject(panel["id"])
        assert isinstance(found, AttentionRecord)
        assert found.n_tokens == panel["n_tokens"]
