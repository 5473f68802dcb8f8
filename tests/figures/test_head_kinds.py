"""The map of kinds: each head in the colour and the word of its kind, counted, and readable in grey."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_hex

from amplify_viz.colours import KINDS
from amplify_viz.errors import InputError
from amplify_viz.figures import head_kinds
from tests.figures.boxes import artists, texts, vertices
from tests.figures.test_labels import check

HAND = pd.DataFrame(
    {
        "layer": [0, 0, 0, 1, 1, 1, 2, 2],
        "head": [0, 1, 2, 0, 1, 2, 0, 1],
        "kind": ["positional", "positional", "positional", "separator", "broad", "content", "first token", ""],
        "position": ["previous", "next", "self", "", "", "", "", ""],
        "status": ["measured"] * 7 + ["not finite"],
    }
)
ORDER = ["#56b4e9"] * 3 + ["#d55e00", "#bbbbbb", "#009e73", "#e69f00"]  # of Okabe and Ito (2008)


def _many(n_layers: int, n_heads: int) -> pd.DataFrame:
    places = list(product(range(n_layers), range(n_heads)))
    kinds = [(*KINDS, "")[(layer * 3 + head) % 6] for layer, head in places]
    return pd.DataFrame(places, columns=["layer", "head"]).assign(
        kind=kinds, position=["previous" if kind == "positional" else "" for kind in kinds], status="measured"
    )


def test_each_head_has_the_colour_and_the_word_of_its_kind_in_its_cell() -> None:
    figure = head_kinds({"a": HAND}, width=3.3)
    (cells,) = artists(figure, "cells", PatchCollection)
    assert [to_hex(tuple(colour)) for colour in np.asarray(cells.get_facecolor())] == ORDER
    words = texts(figure, "kind")
    assert [text.get_text() for text in words] == [
        "previous",
        "next",
        "itself",
        "separator",
        "broad",
        "content",
        "first",
    ]
    for text, corners in zip(words, vertices(cells), strict=True):
        x, y = text.get_position()
        assert corners[:, 0].min() < x < corners[:, 0].max() and corners[:, 1].min() < y < corners[:, 1].max()
    (holes,) = artists(figure, "holes", PatchCollection)
    assert len(vertices(holes)) == 1


def test_narrow_cells_have_letters_that_differ_and_the_legend_tells_them() -> None:
    wide = pd.concat([HAND.assign(head=HAND["head"] + 3 * step) for step in range(4)])
    figure = head_kinds({"a": wide}, width=3.3)
    assert {text.get_text() for text in texts(figure, "kind")} == set("pnisbcf")
    written = [text.get_text() for text in texts(figure)]
    assert "positional: p previous, n next, i itself" in written
    assert {"f first token", "s separator", "b broad", "c content"} <= set(written)


def test_a_line_counts_the_kinds_of_each_checkpoint() -> None:
    written = " ".join(text.get_text() for text in texts(head_kinds({"a": HAND, "b": HAND.head(5)})))
    assert "a: 3 positional, 1 first token, 1 separator, 1 broad, 1 content, 1 not measured." in written
    assert "b: 3 positional, 0 first token, 1 separator, 1 broad, 0 content." in written


@pytest.mark.parametrize("width", [2.5, 3.3, 6.9])
@pytest.mark.parametrize(("n_layers", "n_heads", "count"), [(3, 4, 1), (6, 12, 2), (12, 12, 4), (24, 16, 3)])
def test_labels_lie_on_nothing_else(n_layers: int, n_heads: int, count: int, width: float) -> None:
    name = "models/experiments/2024/bert-base-uncased-finetuned-on-roles-with-amplify-$\\alpha$=0.1-seed"
    check(
        head_kinds({f"{name} {i}": _many(n_layers, n_heads) for i in range(count)}, note="A. " * 60, width=width), width
    )


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "1 to 4 maps side by side, got 0"),
        ({str(i): HAND for i in range(5)}, "1 to 4 maps side by side, got 5"),
        ({"a": HAND.head(0)}, "the table of a has no rows"),
        ({"a": HAND.drop(columns="kind")}, "the table of a lacks kind"),
        ({"a": pd.concat([HAND, HAND])}, "has several of one"),
        ({"a": HAND.assign(kind="wise")}, "a has 'wise'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tables: dict[str, pd.DataFrame], message: str) -> None:
    with pytest.raises(InputError, match=message):
        head_kinds(tables)
