"""The neuron view draws the record's vectors, and its weights are the softmax of its scores."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from amplify_viz.colours import FOCUS
from amplify_viz.errors import InputError
from amplify_viz.figures import neuron_view
from amplify_viz.records import AttentionRecord
from tests.figures.boxes import artists, texts
from tests.tiny import random_record

PAIR = ("the cartoonish rabbit hopped", "the turtle slowly crawled")
RECORDS = [random_record(PAIR, seed=0), random_record(PAIR, seed=1, checkpoint="none · seed 0")]


def strips(figure: Figure, gid: str) -> list[NDArray[np.float64]]:
    """For each panel the numbers drawn, one row a token."""
    drawn = []
    for image in artists(figure, gid, AxesImage):
        pixels = image.get_array()
        assert isinstance(pixels, np.ma.MaskedArray)
        filled = ~np.ma.getmaskarray(pixels).all(axis=1)
        starts = np.flatnonzero(filled & ~np.roll(filled, 1))
        drawn.append(np.asarray(pixels.data)[starts])
    return drawn


def numbers(figure: Figure, gid: str) -> list[float]:
    return [float(text.get_text().replace("−", "-")) for text in texts(figure, gid)]


def test_the_vectors_drawn_are_the_records() -> None:
    figure = neuron_view(RECORDS, layer=1, head=2, focus=2)
    token = RECORDS[0].words.index(2)
    for panel, record in enumerate(RECORDS):
        query, keys = record.queries[1, 2, token], record.keys[1, 2]
        np.testing.assert_array_equal(strips(figure, "query")[panel][0], query.numpy())
        np.testing.assert_array_equal(strips(figure, "keys")[panel], keys.numpy())
        np.testing.assert_allclose(strips(figure, "products")[panel], (query * keys).numpy(), atol=1e-6)


def test_the_products_sum_to_the_scores_and_their_softmax_is_the_weights() -> None:
    record = RECORDS[0]
    figure = neuron_view([record], layer=1, head=2, focus=2)
    scores = record.scaling[1].item() * strips(figure, "products")[0].sum(axis=1)
    assert numbers(figure, "score") == pytest.approx(scores.tolist(), abs=0.0501)
    weights = torch.from_numpy(scores).softmax(dim=0)
    token = record.words.index(2)
    assert torch.allclose(weights.float(), record.weights[1, 2, token], atol=1e-6)
    assert numbers(figure, "weight") == pytest.approx(weights.tolist(), abs=0.00501)


def test_one_scale_for_each_column_over_all_panels() -> None:
    loud = replace(RECORDS[1], queries=RECORDS[1].queries * 3)
    figure = neuron_view([RECORDS[0], loud], layer=0, head=0, focus=0)
    for gid in ("keys", "products"):
        limits = [image.get_clim() for image in artists(figure, gid, AxesImage)]
        assert limits[0] == limits[1] and limits[0][0] == -limits[0][1]
    top = max(record.keys[0, 0].abs().max().item() for record in RECORDS)
    query = loud.queries[0, 0, 1].abs().max().item()
    assert artists(figure, "keys", AxesImage)[0].get_clim()[1] == pytest.approx(max(top, query))
    lengths = [
        patch.get_extents().width for bars in artists(figure, "weights", PatchCollection) for patch in bars.get_paths()
    ]
    weights = torch.cat([record.weights[0, 0, 1] for record in (RECORDS[0], loud)])
    assert np.array(lengths) / max(lengths) == pytest.approx((weights / weights.max()).numpy(), abs=1e-6)


def test_positive_is_blue_and_negative_is_orange() -> None:
    figure = neuron_view(RECORDS[:1], layer=0, head=0, focus=0)
    (image,) = artists(figure, "keys", AxesImage)
    low, zero, high = image.to_rgba(np.array([[image.get_clim()[0], 0, image.get_clim()[1]]]))[0][:, :3]
    assert high[2] > high[0] and low[0] > low[2]
    assert zero.min() > 0.98


def test_scores_and_weights_are_called_what_they_are_called_on_screen() -> None:
    def written(record: AttentionRecord) -> list[str]:
        return [text.get_text() for text in texts(neuron_view([record], layer=0, head=0, focus=1))]

    record = RECORDS[0]
    by_root = replace(record, scaling=torch.full_like(record.scaling, record.keys.shape[-1] ** -0.5))
    assert written(by_root).count("q·k/√d") == 2, "above the column and in the legend"
    assert "softmax" in written(by_root)
    assert "scaled q·k" in written(replace(by_root, scaling=by_root.scaling / 2))
    assert "score" in written(replace(by_root, mask=torch.full_like(record.mask, -0.5)))


def test_a_mask_is_part_of_the_score_and_a_forbidden_key_is_masked() -> None:
    record = RECORDS[0]
    mask = torch.full_like(record.mask, torch.finfo(torch.float32).min).triu(diagonal=1)
    mask[:, 3, 1] = 2.5
    scores = record.scaling[:, None, None, None] * record.queries @ record.keys.transpose(-1, -2) + mask[:, None]
    figure = neuron_view([replace(record, mask=mask, weights=scores.softmax(dim=-1))], layer=0, head=0, focus=1)
    shown = [text.get_text().replace("−", "-") for text in texts(figure, "score")]
    token = record.words.index(1)
    assert shown[: token + 1] == [f"{score:.1f}" for score in scores[0, 0, token, : token + 1].tolist()]
    assert set(shown[token + 1 :]) == {"masked"}
    assert numbers(figure, "weight")[token + 1 :] == [0.0] * (record.n_tokens - token - 1)


def test_a_word_of_several_tokens_asks_with_its_first_and_it_is_said() -> None:
    figure = neuron_view(RECORDS[:1], layer=0, head=0, focus=1)
    assert [text.get_text() for text in texts(figure, "from")] == ["carto"]
    assert any("query is that of the first" in text.get_text() for text in texts(figure))
    assert not any("of the first" in text.get_text() for text in texts(neuron_view(RECORDS, layer=0, head=0, focus=2)))


def test_equal_words_are_told_apart_by_position() -> None:
    first, second = (strips(neuron_view(RECORDS[:1], layer=0, head=0, focus=focus), "query")[0] for focus in (0, 4))
    assert RECORDS[0].word_texts[0] == RECORDS[0].word_texts[4]
    assert not np.array_equal(first, second)


def test_of_a_long_text_the_tokens_of_the_largest_weights_are_shown_and_it_is_said() -> None:
    record = random_record(("a b c d e f g h i j k l m n o p q r s t u v w x y z " * 4,))
    figure = neuron_view([record], layer=0, head=0, focus=80)
    ranked = [token for token in record.weights[0, 0, 81].argsort(descending=True).tolist() if token != 81]
    kept = sorted([81, *ranked[:59]])
    assert [text.get_text() for text in texts(figure, "to")] == [record.shown[token] for token in kept]
    np.testing.assert_array_equal(strips(figure, "keys")[0], record.keys[0, 0, kept].numpy())
    assert any(text.get_text().startswith("60 of 106 tokens are shown") for text in texts(figure))
    assert [text.get_color() for text in texts(figure, "to")].count(FOCUS) == 1


def test_the_title_counts_from_one() -> None:
    assert (
        neuron_view(RECORDS, layer=2, head=3, focus=2).get_label()
        == "Query, keys and attention of “rabbit” in layer 3, head 4"
    )


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"layer": 3, "head": 0, "focus": 0}, "no layer 4 of 3"),
        ({"layer": 0, "head": 4, "focus": 0}, "no head 5 of 4"),
        ({"layer": 0, "head": 0, "focus": 8}, "no word 9 of 8"),
    ],
)
def test_what_there_is_not_is_refused(choice: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        neuron_view(RECORDS, **choice)
