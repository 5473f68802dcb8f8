"""The heat map shows the numbers of the table, and says what they are not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure

from amplify_viz.errors import InputError
from amplify_viz.figures import p_values
from amplify_viz.statistics import data_tests, head_tests, layer_tests
from tests.figures.boxes import artists, misplaced, texts
from tests.tiny import random_record

REFERENCE = random_record(checkpoint="amplify")
NONE = random_record(seed=1, checkpoint="none")
MIXED = replace(NONE, checkpoint="embedmix", outputs=NONE.outputs.clone())
MIXED.outputs[0] = REFERENCE.outputs[0]
MIXED.outputs[1] += 0.5
MIXED.outputs[2] += 1e4
TABLE = layer_tests(REFERENCE, NONE, MIXED)


def cells(figure: Figure) -> list[str]:
    return [text.get_text().replace("−", "-") for text in texts(figure, "cell")]


def test_each_cell_shows_p_the_standardised_difference_and_how_far_the_elements_are_apart() -> None:
    tested = TABLE[(TABLE["status"] == "tested") & (TABLE["p_value"] > 0.001)]
    expected = [
        (f"{row.p_value:.3f}", f"{row.standardised_difference:+.3f}", f"|Δ| {row.mean_absolute_difference:.2f}")
        for row in tested.itertuples()
    ]
    shown = cells(p_values(TABLE))
    triples = list(zip(shown, shown[1:], shown[2:], strict=False))
    assert len(expected) >= 3
    assert all(triple in triples for triple in expected)


def test_small_p_values_are_powers_of_ten_and_what_float64_cannot_hold_is_said_so() -> None:
    for p, shown in (
        (4.2e-7, "4e-7"),
        (3e-110, "3e-110"),
        (0.0, "<1e-300"),
        (0.0007, "7e-4"),
        (0.00096, "0.001"),
        (1.0, "1.000"),
        (5e-324, "5e-324"),
    ):
        table = TABLE[:1].assign(p_value=p)
        assert cells(p_values(table))[0] == shown


def test_colours_are_the_logarithm_of_p_on_the_scale_of_every_map() -> None:
    table = pd.concat(
        [TABLE[:1].assign(layer=layer, p_value=p) for layer, p in enumerate([1.0, 1e-1, 1e-2, 1e-4, 1e-99, 0.0])]
    )
    (drawn,) = artists(p_values(table), "tested", PatchCollection)
    assert np.asarray(drawn.get_array()).tolist() == pytest.approx([0, 0.25, 0.5, 1, 1, 1])
    assert drawn.get_clim() == (0, 1)


def test_identical_layers_are_hatched_and_named() -> None:
    figure = p_values(TABLE)
    (hatched,) = artists(figure, "untested", PatchCollection)
    assert len(hatched.get_paths()) == 1
    assert hatched.get_hatch()
    assert cells(figure).count("identical") == 1
    assert "nan" not in " ".join(cells(figure))


def test_other_states_are_named_too() -> None:
    table = TABLE.assign(status=["constant", "not finite"] + ["identical"] * 4, p_value=np.nan)
    assert cells(p_values(table)) == ["constant", "not finite"] + ["identical"] * 4


def test_layers_run_to_the_right_where_they_fit_and_else_down() -> None:
    table = pd.concat([TABLE[:1].assign(layer=layer) for layer in range(12)])
    wide, narrow = p_values(table, width=6.9), p_values(table, width=3.3)
    numbers = [str(number) for number in range(1, 13)]
    assert [text.get_text() for text in texts(wide, "column")] == numbers
    assert [text.get_text() for text in texts(wide, "row")] == ["none"]
    assert [text.get_text() for text in texts(narrow, "row")] == numbers
    assert [text.get_text() for text in texts(narrow, "column")] == ["none"]
    assert cells(wide) == cells(narrow)


def test_many_checkpoints_are_shown_in_bands_and_none_is_lost() -> None:
    table = pd.concat(
        [
            TABLE[:1].assign(checkpoint=f"run {run}", layer=layer, p_value=0.5 + run / 1000)
            for run in range(9)
            for layer in range(12)
        ]
    )
    figure = p_values(table, width=3.3)
    assert len(figure.axes) > 2
    assert [text.get_text() for text in texts(figure, "column")] == [f"run {run}" for run in range(9)]
    shown = [text for text in cells(figure) if text.startswith("0.5")]
    assert sorted(shown) == sorted(f"{0.5 + run / 1000:.3f}" for run in range(9) for _ in range(12))


def test_the_caption_says_what_the_test_is_and_is_not() -> None:
    caption = " ".join(text.get_text() for text in texts(p_values(TABLE)))
    assert "Welch’s t-test" in caption
    assert f"n = {REFERENCE.outputs[0].numel()} elements" in caption
    assert "each minus amplify" in caption
    assert "Only the grand means are tested" in caption
    assert "Uncalibrated, for elements are dependent, and not corrected for the number of tests" in caption


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (TABLE.drop(columns=["p_value"]), "lacks p_value"),
        (TABLE[:0], "has no rows"),
        (TABLE.assign(reference=["a", "b"] * 3), "one reference, the table has a, b"),
        (pd.concat([TABLE, TABLE]), "none is there twice in layer 1"),
        (head_tests(REFERENCE, NONE), "twice in layer 1.* one head"),
    ],
)
def test_a_table_of_something_else_is_refused(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        p_values(table)


@pytest.mark.parametrize("width", [3.3, 6.9])
def test_methods_stand_against_data_sets(width: float) -> None:
    names = ("mrpc", "sst2", "trec_coarse/minilm", "imdb", "yelp")
    table = data_tests({name: [REFERENCE, NONE, MIXED] for name in names})
    figure = p_values(table, width=width)
    shown = {text.get_text() for gid in ("row", "column") for text in texts(figure, gid)}
    assert {"none", "embedmix", "mrpc", "sst2", "imdb", "yelp"} <= shown
    assert len(cells(figure)) == 3 * len(table)
    assert "data set" in {text.get_text() for text in texts(figure)}
    assert misplaced(figure) == []
