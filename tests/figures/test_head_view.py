"""The head view draws the record's weights, all panels on one scale."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import PatchCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from numpy.typing import NDArray

from amplify_viz.colours import FOCUS, NEGATIVE, POSITIVE, head_colour
from amplify_viz.errors import InputError
from amplify_viz.figures import head_view, to_bytes
from amplify_viz.figures.style import INK
from amplify_viz.filters import drawn
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import shown
from amplify_viz.text import to_words
from tests.figures.boxes import artists, texts
from tests.tiny import random_record

PAIR = ("the cartoonish rabbit hopped", "the turtle slowly crawled")
RECORDS = [random_record(PAIR, seed=0), random_record(PAIR, seed=1, checkpoint="none · seed 0")]


def opacities(figure: Figure) -> list[NDArray[np.float64]]:
    """For each panel the opacities of its lines, in ascending order."""
    return [colours[:, 3] for colours in map(colours_of, artists(figure, "lines", PathCollection))]


def colours_of(lines: PathCollection) -> NDArray[np.float64]:
    """The colour of each line of a panel, [line, 4]; lines that look alike are one path."""
    counts = [len(path) // 2 for path in lines.get_paths()]
    return np.repeat(np.asarray(lines.get_edgecolor()).reshape(-1, 4), counts, axis=0)


def expected_of(weights: NDArray[Any], scale: float) -> NDArray[np.float64]:
    """The opacities of weights on a scale, by the rule: 32 steps, each drawn in the middle, the last in full."""
    shares = np.abs(weights).ravel() / scale
    steps = np.floor(shares[shares >= 1 / 255] * 32)
    return np.sort(np.where(steps >= 31, 1.0, (steps + 0.5) / 32))


def means(figure: Figure) -> list[str]:
    return [text.get_text() for text in texts(figure, "mean")]


def labels(figure: Figure, gid: str) -> list[str]:
    return [text.get_text() for text in texts(figure, gid)]


def test_opacity_is_the_weight_on_one_scale_over_all_panels() -> None:
    figure = head_view(RECORDS, layer=1)
    scale = max(record.weights[1].max().item() for record in RECORDS)
    for lines, record in zip(opacities(figure), RECORDS, strict=True):
        weights = record.weights[1].numpy()
        np.testing.assert_allclose(lines, expected_of(weights, scale), atol=1e-6)
        drawn = np.sort(weights[weights >= scale / 255])
        np.testing.assert_allclose(lines, drawn / scale, atol=1 / 32)
    assert max(lines.max() for lines in opacities(figure)) == 1


def test_the_largest_weight_is_stated() -> None:
    figure = head_view(RECORDS, layer=1)
    largest = max(record.weights[1].max().item() for record in RECORDS)
    assert f"{largest:.2f}" in [text.get_text() for text in texts(figure)]


def test_a_line_leads_from_its_query_to_its_key_in_its_heads_colour() -> None:
    record = RECORDS[0]
    weights = record.weights.clone()
    weights[0] = 0
    weights[0, 2, 3, 7] = 0.5
    figure = head_view([replace(record, weights=weights)], layer=0)
    (lines,) = artists(figure, "lines", PathCollection)
    (path,) = lines.get_paths()
    start, stop = np.asarray(path.vertices)
    rows = {gid: [text.get_position()[1] for text in texts(figure, gid)] for gid in ("from", "to")}
    pitch = rows["to"][1] - rows["to"][0]
    assert abs(start[1] - rows["from"][3]) < pitch / 2
    assert abs(stop[1] - rows["to"][7]) < pitch / 2
    assert start[0] < stop[0]
    (colour,) = colours_of(lines)
    assert to_hex(tuple(colour)) == head_colour(2)
    assert colour[3] == pytest.approx(1)


def test_weights_are_never_divided_by_the_number_of_heads() -> None:
    few, many = (opacities(head_view(RECORDS[:1], layer=0, heads=heads))[0] for heads in ([0], [0, 1, 2, 3]))
    weights = RECORDS[0].weights[0].numpy()
    np.testing.assert_allclose(few, expected_of(weights[0], weights[0].max()))
    np.testing.assert_allclose(many, expected_of(weights, weights.max()))


def test_the_columns_say_who_looks_and_who_is_looked_at() -> None:
    figure = head_view(RECORDS[:1], layer=0)
    assert labels(figure, "from") == labels(figure, "to") == list(RECORDS[0].shown)
    headings = [text.get_text() for text in texts(figure) if text.get_text() in ("from", "to")]
    assert headings == ["from", "to"]


def test_the_title_and_the_legend_count_from_one() -> None:
    figure = head_view(RECORDS, layer=2, heads=[3, 1])
    words = [text.get_text() for text in texts(figure)]
    assert figure.get_label() == words[0] == "Attention in layer 3"
    assert words[words.index("head") + 1 :][:2] == ["2", "4"]
    assert [text.get_text() for text in texts(figure, "name")] == ["amplify · seed 0", "none · seed 0"]


def test_a_focus_draws_only_its_words_lines_and_its_targets_weights() -> None:
    record = RECORDS[0]
    figure = head_view([record], layer=0, focus=1)
    tokens = [token for token, word in enumerate(record.words) if word == 1]
    assert len(tokens) == 2
    weights = record.weights[0][:, tokens]
    scale = (
        record.weights[0].max().item()
    )  # of all words, as in the browser: the scale stays when another word is chosen
    (drawn,) = opacities(figure)
    np.testing.assert_allclose(drawn, expected_of(weights.numpy(), scale))
    assert means(figure) == [f"{mean:.2f}" for mean in weights.double().mean(dim=(0, 1)).tolist()]
    (cells,) = artists(figure, "weights", PatchCollection)
    expected = weights.mean(dim=1).T.flatten().numpy() / scale
    np.testing.assert_allclose(np.asarray(cells.get_facecolor())[:, 3], expected, atol=1e-6)
    assert [text.get_text() for text in texts(figure, "from") if text.get_color() == FOCUS] == ["carto", "##onish"]


def test_words_are_told_apart_by_position() -> None:
    first, second = (head_view(RECORDS[:1], layer=0, focus=focus) for focus in (0, 4))
    assert RECORDS[0].word_texts[0] == RECORDS[0].word_texts[4] == "the"
    places = [
        next(i for i, text in enumerate(texts(figure, "from")) if text.get_color() == FOCUS)
        for figure in (first, second)
    ]
    assert places == [1, 7]
    assert means(first) != means(second)


def test_words_are_drawn_by_the_word_rule() -> None:
    record = RECORDS[0]
    figure = head_view([record], layer=0, heads=[1], level="words", focus=1)
    weights = to_words(record.weights[0, 1], record.groups)
    assert labels(figure, "to") == list(record.group_labels)
    assert means(figure) == [f"{weight:.2f}" for weight in weights[2].tolist()]


def test_special_tokens_can_be_left_out_and_leave_a_gap() -> None:
    figure = head_view(RECORDS[:1], layer=0, special="hidden")
    assert labels(figure, "to") == [token for token in RECORDS[0].shown if not token.startswith("[")]
    heights = [text.get_position()[1] for text in texts(figure, "to")]
    steps = np.diff(heights)
    assert np.argmax(steps) == 4 and (np.delete(steps, 4) < steps[4] - 1).all()


def test_all_sixty_rows_are_shown_and_of_more_the_strongest_and_it_is_said() -> None:
    sixty = random_record(("a b c d e f g h i j k l m n o p q r s t u v w x y z a b c " * 2,), n_heads=1)
    assert sixty.n_tokens == 60
    figure = head_view([sixty], layer=0)
    assert len(labels(figure, "to")) == 60
    assert not any("rows are shown" in text.get_text() for text in texts(figure))
    many = random_record(("a b c d e f g h i j k l m n o p q r s t u v w x y z a b c " * 3,), n_heads=1)
    figure = head_view([many], layer=0, focus=70)
    assert len(labels(figure, "to")) == 60
    assert any(text.get_text().startswith("60 of 89 rows are shown") for text in texts(figure))
    ranked = [token for token in many.weights[0, 0, 71].argsort(descending=True).tolist() if token != 71]
    assert labels(figure, "to") == [many.shown[token] for token in sorted([71, *ranked[:59]])]
    assert [text.get_text() for text in texts(figure, "from") if text.get_color() == FOCUS] == [many.shown[71]]


def test_panels_of_other_models_keep_their_own_tokens() -> None:
    other = random_record(
        ("the cartoons rabbit hopped", "the turtle slowly crawled away"), n_heads=2, checkpoint="small"
    )
    figure = head_view([RECORDS[0], other], layer=0)
    assert labels(figure, "to") == [*RECORDS[0].shown, *other.shown]


def test_panels_wrap_into_rows_where_the_figure_is_narrow() -> None:
    wide, narrow = (head_view(RECORDS * 2, layer=0, focus=0, width=width) for width in (6.9, 3.3))
    tops = [{round(axes.get_position().y1, 6) for axes in figure.axes[1:]} for figure in (wide, narrow)]
    assert len(tops[0]) < len(tops[1])
    assert narrow.get_size_inches()[0] == pytest.approx(3.3)


def test_colours_that_repeat_are_announced() -> None:
    figure = head_view([random_record(PAIR, n_heads=17)], layer=0)
    assert any(text.get_text() == "Colours repeat after head 16." for text in texts(figure))


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"layer": 3}, "no layer 4 of 3"),
        ({"layer": 0, "heads": [4]}, "no head 5 of 4"),
        ({"layer": 0, "heads": []}, "at least one head"),
        ({"layer": 0, "focus": 8}, "no word 9 of 8"),
        ({"layer": 0, "level": "sentences"}, "one of tokens, words, got 'sentences'"),
        ({"layer": 0, "width": 1.0}, "2.5 to 40 inches wide, got 1:"),
    ],
)
def test_what_there_is_not_is_refused(choice: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        head_view(RECORDS, **choice)  # type: ignore[arg-type]


@pytest.mark.parametrize("records", [[], RECORDS * 3])
def test_no_record_and_more_than_four_are_refused(records: list[AttentionRecord]) -> None:
    with pytest.raises(InputError, match=f"1 to 4 records side by side, got {len(records)}"):
        head_view(records, layer=0)


def test_a_focus_in_other_texts_is_refused() -> None:
    other = random_record(("a quick turtle hopped", "the turtle slowly crawled"))
    with pytest.raises(InputError, match="same word at the focus, word 2 is 'cartoonish' and 'quick'"):
        head_view([RECORDS[0], other], layer=0, focus=1)


def test_filters_draw_what_the_filtered_weights_say() -> None:
    choice: dict[str, Any] = {"between": "ab", "least": 0.05, "top": 2}
    figure = head_view(RECORDS, layer=1, heads=[0, 2], **choice)
    left = [drawn(shown(record, layer=1), (0, 2), **choice).weights.numpy() for record in RECORDS]
    scale = max(record.weights[1, [0, 2]].max().item() for record in RECORDS)  # a filter leaves the scale as it is
    for lines, weights in zip(opacities(figure), left, strict=True):
        np.testing.assert_allclose(lines, expected_of(weights, scale))
    notes = " ".join(text.get_text() for text in texts(figure))
    assert "Attention from the first to the second sentence alone." in notes
    assert "Weights below 0.05 are left out." in notes
    assert "Of each row and head the 2 strongest are drawn." in notes


def test_heads_combined_are_one_line_in_the_colour_of_text() -> None:
    figure = head_view(RECORDS[:1], layer=0, combine="mean")
    (lines,) = artists(figure, "lines", PathCollection)
    mean = RECORDS[0].weights[0].mean(dim=0).numpy()
    np.testing.assert_allclose(opacities(figure)[0], expected_of(mean, mean.max()))
    assert {to_hex(tuple(colour[:3])) for colour in colours_of(lines)} == {INK}
    assert "Mean of all 4 heads." in [text.get_text() for text in texts(figure)]


def test_some_heads_combined_are_named_and_so_is_what_their_numbers_are() -> None:
    figure = head_view(RECORDS[:1], layer=0, heads=[3, 0], combine="max", focus=1)
    words = [text.get_text() for text in texts(figure)]
    assert "At each place the strongest of heads 1 and 4 of 4." in words
    assert "max" in words and "of all" not in words


def test_what_a_weight_left_out_is_in_a_mean_of_lines_or_beside_them_is_said() -> None:
    said = "A weight that is left out counts as 0 in the mean."
    means: list[dict[str, Any]] = [{"combine": "mean", "least": 0.1}, {"focus": 1, "top": 2}]
    others: list[dict[str, Any]] = [
        {"combine": "mean"},
        {"top": 2},
        {"focus": 1, "top": 2, "combine": "max"},
        {"focus": 1},
    ]
    for choice in means:
        assert said in [text.get_text() for text in texts(head_view(RECORDS, layer=0, **choice))]
    for choice in others:
        assert said not in [text.get_text() for text in texts(head_view(RECORDS, layer=0, **choice))]


def test_a_difference_is_one_more_panel_with_a_scale_of_its_own_dashed_below_zero() -> None:
    figure = head_view(RECORDS, layer=2, heads=[1], difference=(0, 1))
    assert [text.get_text() for text in texts(figure, "name")][2] == "none · seed 0 − amplify · seed 0"
    lines = artists(figure, "lines", PathCollection)[2]
    change = (RECORDS[1].weights[2, 1] - RECORDS[0].weights[2, 1]).numpy()
    most = np.abs(change).max()
    np.testing.assert_allclose(opacities(figure)[2], expected_of(change, most), atol=1e-6)
    kinds = [to_hex(tuple(colour[:3])) for colour in colours_of(lines)]
    assert kinds.count(POSITIVE) == (change >= most / 255).sum()
    assert kinds.count(NEGATIVE) == (change <= -most / 255).sum()
    colours = [to_hex(tuple(colour[:3])) for colour in np.asarray(lines.get_edgecolor())]
    dashes: list[Any] = list(lines.get_linestyle())
    assert [dash is not None for _, dash in dashes] == [colour == NEGATIVE for colour in colours]
    words = [text.get_text() for text in texts(figure)]
    assert words[words.index("difference") + 1 :][:2] == [f"−{most:.2f}", f"{most:.2f}"]
    assert "below 0: dashed" in words


def test_the_least_weight_leaves_differences_as_they_are_and_it_is_said() -> None:
    figure = head_view(RECORDS, layer=2, heads=[1], difference=(0, 1), least=0.2)
    change = (RECORDS[1].weights[2, 1] - RECORDS[0].weights[2, 1]).numpy()
    assert len(opacities(figure)[2]) == (np.abs(change) >= np.abs(change).max() / 255).sum()
    assert "Weights below 0.20 are left out, differences are not." in [text.get_text() for text in texts(figure)]


def test_what_became_of_special_tokens_words_and_heads_is_said() -> None:
    off = replace(RECORDS[0], off=((0, 2), (1, 0)))
    words = [text.get_text() for text in texts(head_view([off], layer=0, level="words", special="renormalised"))]
    assert "Rows are words: weights to a word's tokens are summed, those from them averaged." in words
    assert "Special tokens are hidden, and each row sums to 1 without them." in words
    assert "Switched off: heads 1.3 and 2.1 (layer.head)." in words
    both = [text.get_text() for text in texts(head_view([off, RECORDS[1]], layer=0))]
    assert "Switched off in amplify · seed 0: heads 1.3 and 2.1 (layer.head)." in both
    assert not any("witched off" in text.get_text() for text in texts(head_view(RECORDS, layer=0)))


def test_sentences_of_a_text_that_has_one_are_refused() -> None:
    with pytest.raises(InputError, match="needs a pair of them, got between='ab' for one text"):
        head_view([random_record(PAIR[:1])], layer=0, between="ab")


def test_several_words_can_be_in_focus() -> None:
    figure = head_view(RECORDS[:1], layer=0, focus=[1, 5])
    tokens = [token for token, word in enumerate(RECORDS[0].words) if word in (1, 5)]
    weights = RECORDS[0].weights[0][:, tokens]
    assert means(figure) == [f"{mean:.2f}" for mean in weights.double().mean(dim=(0, 1)).tolist()]
    assert figure.get_label() == "Attention in layer 1 from “cartoonish” “turtle”"


@pytest.mark.parametrize("difference", [(0, 0), (0, 2), (-1, 0)])
def test_a_difference_needs_two_of_the_records(difference: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="between two of the 2 records"):
        head_view(RECORDS, layer=0, difference=difference)


def test_no_panel_draws_more_than_three_thousand_lines_with_one_floor_for_all_panels() -> None:
    words = "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j"
    records = [random_record((words,), n_layers=1, n_heads=12, seed=seed) for seed in range(2)]
    figure = head_view(records, layer=0)
    strengths = [np.sort(record.weights[0].numpy().ravel())[::-1] for record in records]
    scale = max(one[0] for one in strengths)
    least = max(one[3000] for one in strengths)  # the strongest one that may not be drawn
    grain = scale / 2048
    for lines, one in zip(opacities(figure), strengths, strict=True):
        assert (one >= least + grain).sum() <= len(lines) <= min((one > least).sum(), 3000)
    assert max(map(len, opacities(figure))) > 2900
    said = " ".join(text.get_text() for text in texts(figure))
    assert "are left out: a panel draws at most 3,000 lines." in said
    assert len(to_bytes(figure, "svg")) < 500_000


def test_a_figure_taller_than_a_page_says_so_and_what_to_do() -> None:
    words = (
        "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j a b c d e f g h i j k l m n o p q r"
    )
    record = random_record((words,), n_layers=1, n_heads=1)
    tall, usual = (head_view([record] * count, layer=0, width=3.3) for count in (3, 1))
    assert tall.get_size_inches()[1] > 9 > usual.get_size_inches()[1]
    said = [" ".join(text.get_text() for text in texts(figure)) for figure in (tall, usual)]
    assert "taller than a page: a shorter text, fewer checkpoints or a wider figure makes it fit." in said[0]
    assert "taller than a page" not in said[1]
