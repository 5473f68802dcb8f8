"""The matrix figure has the record's weights in its cells."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from amplify_viz.errors import InputError
from amplify_viz.figures import head_matrix, to_bytes
from amplify_viz.rows import shown
from tests.figures.boxes import artists, texts
from tests.tiny import random_record

PAIR = ("the cartoonish rabbit hopped", "the turtle slowly crawled")
RECORDS = [random_record(PAIR, seed=0), random_record(PAIR, seed=1, checkpoint="none · seed 0")]


def images(figure: Figure) -> list[AxesImage]:
    return artists(figure, "matrix", AxesImage)


def written(figure: Figure, gid: str | None = None) -> list[str]:
    return [text.get_text() for text in texts(figure, gid)]


@pytest.mark.parametrize("combine", ["mean", "max"])
def test_cells_are_the_heads_combined_on_one_scale(combine: str) -> None:
    figure = head_matrix(RECORDS, layer=1, combine=combine)  # type: ignore[arg-type]
    expected = [getattr(record.weights[1].double().numpy(), combine)(axis=0) for record in RECORDS]
    for image, weights in zip(images(figure), expected, strict=True):
        np.testing.assert_allclose(np.asarray(image.get_array()), weights, atol=1e-7)
        assert image.get_clim() == pytest.approx((0, max(each.max() for each in expected)))
    assert ("Mean of all 4 heads." if combine == "mean" else "At each place the strongest of all 4 heads.") in written(
        figure
    )


def test_a_difference_has_a_scale_of_its_own_around_zero() -> None:
    figure = head_matrix(RECORDS, layer=0, heads=[2], difference=(0, 1))
    change = (RECORDS[1].weights[0, 2] - RECORDS[0].weights[0, 2]).double().numpy()
    image = images(figure)[2]
    np.testing.assert_allclose(np.asarray(image.get_array()), change, atol=1e-7)
    assert image.get_clim() == pytest.approx((-np.abs(change).max(), np.abs(change).max()))
    assert written(figure, "name")[2] == "none · seed 0 − amplify · seed 0"


def test_colours_are_the_square_root_of_the_weight_and_it_is_said() -> None:
    figure = head_matrix(RECORDS, layer=0, heads=[2], difference=(0, 1))
    weight, _, change = images(figure)
    for image, end in ((weight, weight.get_clim()[1]), (change, change.get_clim()[1])):
        quarter = float(np.asarray(image.norm(np.array(end / 4))))
        assert quarter == pytest.approx(0.5 if image is weight else 0.75)
    assert float(np.asarray(change.norm(np.array(-change.get_clim()[1] / 4)))) == pytest.approx(0.25)
    assert "Colours follow the square root of a value" in " ".join(written(figure))


def test_a_filter_leaves_the_scale_of_a_head_as_it_is() -> None:
    ends = [images(head_matrix(RECORDS, layer=0, heads=[2], between=which))[0].get_clim() for which in ("all", "ab")]
    assert ends[0] == ends[1] == pytest.approx((0, max(record.weights[0, 2].max().item() for record in RECORDS)))


def test_cells_below_zero_have_a_minus_sign() -> None:
    figure = head_matrix(RECORDS, layer=0, heads=[2], difference=(0, 1))
    change = (RECORDS[1].weights[0, 2] - RECORDS[0].weights[0, 2]).double().numpy()
    (signs,) = artists(figure, "below 0", LineCollection)
    left, right, bottom, top = images(figure)[2].get_extent()
    n = len(change)
    marked = np.zeros((n, n), dtype=bool)
    for segment in signs.get_segments():
        x, y = np.asarray(segment).mean(axis=0)
        marked[int((y - top) / (bottom - top) * n), int((x - left) / (right - left) * n)] = True
    np.testing.assert_array_equal(marked, change <= -0.02 * np.abs(change).max())


def test_rows_look_and_columns_are_looked_at_in_the_order_of_the_text() -> None:
    figure = head_matrix(RECORDS[:1], layer=0, heads=[1], width=6.9)
    assert written(figure, "from") == written(figure, "to") == list(RECORDS[0].shown)
    (image,) = images(figure)
    left, right, bottom, top = image.get_extent()
    rows, columns = texts(figure, "from"), texts(figure, "to")
    n = len(rows)
    assert bottom > top  # y runs downwards
    for i in range(n):
        assert rows[i].get_position()[1] == pytest.approx(top + (i + 0.5) * (bottom - top) / n)
        assert columns[i].get_position()[0] == pytest.approx(left + (i + 0.5) * (right - left) / n)


def test_columns_without_room_for_labels_have_the_rows_numbers() -> None:
    words = "the quick rabbit hopped over a slow turtle because it was so very tired of running today"
    figure = head_matrix([random_record((words, words))], layer=0, width=3.3)
    n = len(written(figure, "from"))
    assert written(figure, "number") == [str(i + 1) for i in range(n)]
    assert set(written(figure, "to")) < set(written(figure, "number"))
    assert "a column's number is that of the row" in " ".join(written(figure))


def test_filters_and_treatments_are_those_of_the_head_view() -> None:
    figure = head_matrix(RECORDS[:1], layer=2, heads=[0], level="words", special="renormalised", between="ab", top=2)
    found = shown(RECORDS[0], layer=2, level="words", special="renormalised")
    weights = found.weights[0].double().numpy()
    for i, j in np.ndindex(weights.shape):
        weights[i, j] *= found.rows.segments[i] == 0 and found.rows.segments[j] == 1
    weights = np.where(weights >= np.sort(weights, axis=1)[:, -2:-1], weights, 0)
    np.testing.assert_allclose(np.asarray(images(figure)[0].get_array()), weights, atol=1e-7)


def test_of_more_than_sixty_rows_those_with_the_largest_weights_are_shown() -> None:
    many = random_record(("a b c d e f g h i j k l m n o p q r s t u v w x y z a b c " * 3,), n_heads=1)
    figure = head_matrix([many], layer=0)
    assert len(written(figure, "from")) == 60
    assert any(text.startswith("60 of 89 rows are shown") for text in written(figure))


@pytest.mark.parametrize(("kind", "most"), [("svg", 500_000), ("pdf", 200_000), ("png", 500_000)])
def test_it_is_a_small_file(kind: str, most: int) -> None:
    words = "the quick rabbit hopped over a slow turtle because it was so very tired of running today"
    record = random_record((words, words), n_layers=1, n_heads=12)
    assert len(to_bytes(head_matrix([record, record], layer=0), kind)) < most


def test_what_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match="no layer 4 of 3"):
        head_matrix(RECORDS, layer=3)
    with pytest.raises(InputError, match="between two of the 2 records"):
        head_matrix(RECORDS, layer=0, difference=(1, 1))


@pytest.mark.parametrize("choice", [{"least": 0.1}, {"top": 2}])
def test_what_a_weight_left_out_is_in_a_mean_is_said(choice: dict[str, float]) -> None:
    said = "A weight that is left out counts as 0 in the mean."
    assert said in written(head_matrix(RECORDS, layer=0, **choice))  # type: ignore[arg-type]
    without: list[dict[str, object]] = [{}, {"between": "ab"}, choice | {"combine": "max"}, choice | {"heads": [1]}]
    for other in without:
        assert said not in written(head_matrix(RECORDS, layer=0, **other))  # type: ignore[arg-type]
