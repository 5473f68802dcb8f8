"""Bars of rollout and flow are as long as their numbers say, in reading order, and nothing lies on anything else."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_hex

from amplify_viz.colours import FOCUS
from amplify_viz.errors import InputError
from amplify_viz.figures import rollout
from tests.figures.boxes import artists, texts, vertices
from tests.figures.test_labels import TEXTS, check

WORDS = ("[CLS]", "the", "rabbit", "[SEP]")
HAND = pd.DataFrame(
    {
        "checkpoint": ["a"] * 4 + ["b"] * 4,
        "to_text": WORDS * 2,
        "is_focus": [False, False, True, False] * 2,
        "rollout": [0.1, 0.2, 0.4, 0.3, 0.0, 0.8, 0.15, 0.05],
        "flow": [1.0, 0.5, 0.25, 0.0, 0.75, 0.0625, 0.125, 0.5],
    }
)
draw = partial(rollout, title="From “rabbit” in layer 2")


def _lengths(figure: Any, quantity: str) -> list[float]:
    bars = artists(figure, f"bars of {quantity}", PatchCollection)
    return [float(np.ptp(corners[:, 0])) for panel in bars for corners in vertices(panel)]


@pytest.mark.parametrize("width", [3.3, 6.9])
@pytest.mark.parametrize("quantity", ["rollout", "flow"])
def test_each_bar_is_its_share_of_the_largest_one_of_all_panels(quantity: str, width: float) -> None:
    lengths = _lengths(draw(HAND, width=width), quantity)
    np.testing.assert_allclose(np.array(lengths) / max(lengths), HAND[quantity] / HAND[quantity].max(), atol=1e-9)


def test_the_number_stands_at_the_end_of_its_bar() -> None:
    figure = draw(HAND)
    assert [text.get_text() for text in texts(figure, "number of rollout")] == [
        f"{value:.3f}" for value in HAND["rollout"]
    ]
    for bars, axes in zip(artists(figure, "bars of rollout", PatchCollection), figure.axes[1:], strict=True):
        numbers = [text for text in axes.texts if text.get_gid() == "number of rollout"]
        for corners, number in zip(vertices(bars), numbers, strict=True):
            x, y = number.get_position()
            assert x == pytest.approx(corners[:, 0].max() + 2) and y == pytest.approx(corners[:4, 1].mean())


def test_words_stand_in_reading_order_and_the_focus_is_in_bold_and_in_colour() -> None:
    figure = draw(HAND[HAND["checkpoint"] == "a"])
    written = [text for text in texts(figure) if text.get_gid() in ("to", "focus")]
    heights = [float(text.get_position()[1]) for text in written]
    assert [text.get_text() for text in written] == list(WORDS) and heights == sorted(heights)
    (focus,) = texts(figure, "focus")
    assert focus.get_text() == "rabbit" and to_hex(focus.get_color()) == FOCUS and focus.get_fontweight() == "bold"


def test_a_long_text_goes_on_in_further_panels_and_every_word_stays() -> None:
    table = pd.DataFrame(
        {
            "checkpoint": "a",
            "to_text": [f"w{i}" for i in range(130)],
            "is_focus": False,
            "rollout": np.linspace(0, 1, 130),
        }
    )
    figure = draw(table)
    assert [text.get_text() for text in texts(figure, "to")] == [f"w{i}" for i in range(130)]
    assert [text.get_text() for text in texts(figure, "name")] == [f"a ({i} of 3)" for i in (1, 2, 3)]
    assert figure.get_size_inches()[1] <= 9


@pytest.mark.parametrize("width", [2.5, 3.3, 6.9])
@pytest.mark.parametrize("quantities", [("rollout",), ("flow",), ("rollout", "flow")])
@pytest.mark.parametrize("words", TEXTS)
def test_labels_lie_on_nothing_else(words: str, quantities: tuple[str, ...], width: float) -> None:
    labels = " ".join(TEXTS[words]).split()
    generator = np.random.default_rng(0)
    for count in (1, 2, 4):
        rows = [
            {"checkpoint": f"models/2024/bert-base-uncased-{number}", "to_text": label, "is_focus": place == 1}
            for number in range(count)
            for place, label in enumerate(labels)
        ]
        values = {name: generator.dirichlet(np.ones(len(rows))) for name in quantities}
        check(draw(pd.DataFrame(rows).assign(**values), note="One note. " * 20, width=width), width)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (HAND.head(0), "has no rows"),
        (HAND.drop(columns="to_text"), "lacks to_text"),
        (HAND.drop(columns=["rollout", "flow"]), "lacks rollout or flow"),
        (HAND.assign(rollout=-0.5), "numbers from 0 up, got -0.5"),
        (HAND.assign(flow=float("nan")), "numbers from 0 up, got nan"),
        (pd.concat([HAND.assign(checkpoint=str(i)) for i in range(5)]), "1 to 4 checkpoints side by side, got 5"),
    ],
)
def test_what_cannot_be_drawn_is_refused(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        draw(table)
