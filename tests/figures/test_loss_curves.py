"""Loss curves show each run and their mean, and say how they are smoothed."""

from math import nan

import numpy as np
import pytest

from amplify_viz.errors import InputError
from amplify_viz.figures import loss_curves, to_bytes
from amplify_viz.figures.series import looks
from amplify_viz.statistics.curves import Curve
from tests.figures.boxes import texts
from tests.figures.lines import LONG, METHODS, WIDTHS, check, lines, points, words

RNG = np.random.default_rng(0)


def run(length: int = 60, start: float = 1.8) -> Curve:
    steps = np.arange(1, length + 1)
    return steps.tolist(), (start * np.exp(-steps / 30) + RNG.gamma(1, 0.1, length)).tolist()


CURVES = {"none": [run(), run(50)], "amplify": [run()]}
EPOCHS: dict[str, list[Curve]] = {
    "none": [([1, 2, 3], [0.8, 0.85, 0.9]), ([1, 2], [0.82, 0.89])],
    "amplify": [([1], [0.7])],
}


def test_thin_lines_are_running_means_of_the_runs() -> None:
    thin = lines(loss_curves(CURVES, window=5), "run")
    assert len(thin) == 2
    for line, (steps, losses) in zip(thin, CURVES["none"], strict=True):
        expected = [np.mean(losses[max(0, end - 5) : end]) for end in range(1, len(steps) + 1)]
        np.testing.assert_allclose(points(line), np.column_stack([steps, expected]), rtol=1e-12)


def test_the_thick_line_is_the_mean_as_far_as_all_runs_go() -> None:
    none, amplify = lines(loss_curves(CURVES, window=1), "mean")
    first, second = (np.array(losses)[:50] for _, losses in CURVES["none"])
    np.testing.assert_allclose(points(none)[:, 1], (first + second) / 2)
    np.testing.assert_allclose(points(amplify)[:, 1], CURVES["amplify"][0][1])
    assert none.get_linewidth() > 2 * lines(loss_curves(CURVES), "run")[0].get_linewidth()


def test_runs_of_one_method_share_its_colour() -> None:
    figure = loss_curves(CURVES)
    seen = looks(CURVES)
    for line in [*lines(figure, "run"), *lines(figure, "mean")]:
        assert line.get_color() == seen[str(line.get_label())].colour


@pytest.mark.parametrize(("window", "label"), [(25, "loss, running mean of 25 steps"), (1, "loss")])
def test_the_axis_states_the_window(window: int, label: str) -> None:
    assert [text.get_text() for text in texts(loss_curves(CURVES, window=window), "y")] == [label]


def test_a_second_panel_shows_the_accuracies_in_per_cent_unsmoothed() -> None:
    figure = loss_curves(CURVES, accuracies=EPOCHS, split="dev", data="trec-coarse")
    thick = lines(figure, "mean")[2:]
    np.testing.assert_allclose(points(thick[0]), [[1, 81], [2, 87]])
    np.testing.assert_allclose(points(thick[1]), [[1, 70]])
    (plot,) = [axes for axes in figure.axes if thick[0] in axes.get_lines()]
    assert plot.get_ylim()[0] < 70
    assert plot.get_ylim()[1] > 90
    assert [text.get_text() for text in texts(figure, "name")] == ["Loss · train split", "Accuracy · dev split"]
    assert "Training on trec-coarse" in words(figure)


def test_everything_drawn_lies_inside_the_axes_which_are_linear_from_0() -> None:
    figure = loss_curves(CURVES, accuracies=EPOCHS, window=1)
    for line in [*lines(figure, "run"), *lines(figure, "mean"), *lines(figure, "mark")]:
        assert line.axes is not None
        (left, right), (low, high) = line.axes.get_xlim(), line.axes.get_ylim()
        at = points(line)
        assert ((at >= [left, low]) & (at <= [right, high])).all()
        assert (line.axes.get_xscale(), line.axes.get_yscale()) == ("linear", "linear")
    assert lines(figure, "run")[0].axes.get_ylim()[0] == 0  # type: ignore[union-attr]


def test_losses_of_methods_that_mix_come_with_a_warning() -> None:
    assert "do not compare across methods" in words(loss_curves(CURVES))
    assert "do not compare" not in words(loss_curves({"none": [run()]}))


def test_a_loss_that_is_not_finite_is_left_out_and_said() -> None:
    figure = loss_curves({"none": [([1, 2, 3], [1.0, nan, 2.0])]}, window=1)
    assert np.isnan(points(lines(figure, "mean")[0])[1, 1])
    assert "not finite" in words(figure)
    assert "not finite" not in words(loss_curves(CURVES))
    assert to_bytes(loss_curves({"none": [([1], [nan])]}), "png", dpi=50)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("names", [METHODS, [f"{LONG}{place}" for place in range(4)]])
@pytest.mark.parametrize("length", [1, 12_000])
def test_labels_lie_on_nothing_else(length: int, names: list[str], width: float) -> None:
    curves = {name: [run(length)] for name in names}
    check(loss_curves(curves, accuracies=EPOCHS, data=LONG, width=width), width)


def test_colours_that_repeat_are_said_so() -> None:
    many = {f"run {place}": [run(2)] for place in range(17)}
    assert "Colours repeat after 16 methods" in words(loss_curves(many))
    del many["run 16"]
    assert "Colours repeat" not in words(loss_curves(many))


@pytest.mark.parametrize("scale", [0.0, 1e-4, 1.0, 1e5])
def test_any_size_of_loss_has_numbers_at_its_axis(scale: float) -> None:
    figure = loss_curves({"none": [([1, 2, 3], [scale, scale, scale / 2])]}, window=1)
    check(figure, 3.3)
    numbers = [text.get_text() for text in texts(figure, "number of y")]
    assert len(set(numbers)) == len(numbers) >= 2


@pytest.mark.parametrize(
    ("curves", "message"),
    [({}, "got none"), ({"none": []}, "got none of none"), ({"none": [([2, 1], [1.0, 1.0])]}, "ascend")],
)
def test_curves_that_are_none_are_refused(curves: dict[str, list[Curve]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        loss_curves(curves)
    with pytest.raises(InputError, match=message):
        loss_curves(CURVES, accuracies=curves)
