"""The map of heads shows the numbers of its tables, in colours of one scale."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PatchCollection

from amplify_viz.errors import InputError
from amplify_viz.figures import head_map
from amplify_viz.statistics import head_measures, head_tests
from tests.figures.boxes import artists, misplaced, texts
from tests.tiny import random_record

ONE, OTHER = (random_record(seed=seed, checkpoint=name) for seed, name in enumerate(("amplify · seed 0", "none")))
TABLES = {record.checkpoint: head_measures(record) for record in (ONE, OTHER)}
TESTS = head_tests(ONE, OTHER)


def cells(table: pd.DataFrame, column: str, **choices: Any) -> list[float]:
    """The place of each cell on the colours."""
    (found,) = artists(head_map({"one": table}, column, caption=column, **choices), "cells", PatchCollection)
    return [float(value) for value in np.asarray(found.get_array())]


def test_every_number_stands_in_its_cell_where_there_is_room() -> None:
    figure = head_map(TABLES, "entropy", caption="entropy (nats)")
    shown = [float(text.get_text()) for text in texts(figure, "number")]
    expected = [value for table in TABLES.values() for value in table["entropy"]]
    np.testing.assert_allclose(shown, expected, rtol=0.05)


def test_no_number_is_written_where_one_has_no_room() -> None:
    places = np.indices((2, 16)).reshape(2, -1)
    table = pd.DataFrame({"layer": places[0], "head": places[1], "value": np.linspace(0, 1, 32)})
    assert texts(head_map({"one": table}, "value", caption="value", width=2.5), "number") == []
    assert len(texts(head_map({"one": table}, "value", caption="value", width=6.9), "number")) == 32


def test_amounts_run_from_zero_to_the_largest_of_all_tables() -> None:
    largest = max(table["entropy"].max() for table in TABLES.values())
    figure = head_map(TABLES, "entropy", caption="entropy")
    for found, table in zip(artists(figure, "cells", PatchCollection), TABLES.values(), strict=True):
        np.testing.assert_allclose(np.asarray(found.get_array()), table["entropy"] / largest)


def test_signed_numbers_have_zero_in_the_middle() -> None:
    values = TESTS["mean_difference"]
    expected = (values / values.abs().max() + 1) / 2
    np.testing.assert_allclose(cells(TESTS, "mean_difference", kind="signed"), expected)
    np.testing.assert_allclose(
        cells(TESTS, "mean_difference", kind="signed", full=100.0), (values / 100 + 1) / 2, atol=1e-9
    )


def test_p_values_are_logarithmic_to_four_decades() -> None:
    table = TESTS.assign(p_value=[1.0, 0.1, 0.01, 1e-4, 1e-9, 0.0, *[0.5] * 6])
    np.testing.assert_allclose(cells(table, "p_value", kind="p")[:6], [0, 0.25, 0.5, 1, 1, 1], atol=1e-12)


def test_what_was_not_tested_is_hatched_and_said() -> None:
    table = TESTS.assign(p_value=[np.nan, *[0.5] * 11])
    figure = head_map({"one": table}, "p_value", caption="p", kind="p")
    (holes,) = artists(figure, "holes", PatchCollection)
    assert len(holes.get_paths()) == 1
    assert "hatched: no number" in {text.get_text() for text in texts(figure)}


def test_a_number_of_a_layer_has_one_column() -> None:
    table = pd.DataFrame({"layer": [0, 1, 2], "head": [pd.NA] * 3, "mean": [0.1, 0.2, 0.4]})
    np.testing.assert_allclose(cells(table, "mean"), [0.25, 0.5, 1])


@pytest.mark.parametrize("width", [2.5, 3.3, 6.9])
@pytest.mark.parametrize(("n_layers", "n_heads"), [(3, 4), (12, 12), (24, 16)])
def test_labels_lie_on_nothing_else(n_layers: int, n_heads: int, width: float) -> None:
    places = np.indices((n_layers, n_heads)).reshape(2, -1)
    table = pd.DataFrame({"layer": places[0], "head": places[1], "value": np.linspace(-9, 9, n_layers * n_heads)})
    tables = {f"models/experiments/bert-base-uncased-with-amplify-seed-{seed}": table for seed in range(4)}
    figure = head_map(tables, "value", caption="value", kind="signed", note="Holm over layers and heads.", width=width)
    assert misplaced(figure) == []


@pytest.mark.parametrize(
    ("tables", "choices", "message"),
    [
        ({}, {}, "1 to 4 maps side by side, got 0"),
        ({"a": TESTS.drop(columns="head")}, {}, "the table of a lacks head"),
        ({"a": TESTS[:0]}, {}, "the table of a has no rows"),
        ({"a": pd.concat([TESTS, TESTS])}, {}, "the table of a has several"),
        ({"a": TESTS}, {"kind": "warm"}, "got 'warm'"),
    ],
)
def test_what_is_no_map_is_refused(tables: Any, choices: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        head_map(tables, "mean_difference", caption="difference", **choices)
