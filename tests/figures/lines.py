"""What the tests of line charts look at: lines by name, and labels that lie on nothing else."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from tests.figures.boxes import misplaced, texts

WIDTHS = [2.5, 3.3, 6.9]
METHODS = ["none", "embedmix", "sentencemix", "tmix", "amplify", "amplify-postln"]
LONG = "models/experiments/2024/bert-base-uncased-finetuned-with-$\\alpha$=0.1-兔子-seed-0"


def lines(figure: Figure, gid: str) -> list[Line2D]:
    """The lines of one name, panel by panel, in the order in which they were drawn."""
    return [line for axes in figure.axes for line in axes.get_lines() if line.get_gid() == gid]


def points(line: Line2D) -> NDArray[np.float64]:
    """The line's points, [point, 2]."""
    return np.column_stack([np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float)])


def words(figure: Figure) -> str:
    """Everything that is written in the figure."""
    return " ".join(text.get_text() for text in texts(figure))


def check(figure: Figure, width: float) -> None:
    """Labels lie on nothing else, inside the figure, between 7 and 9 points."""
    assert figure.get_size_inches()[0] == pytest.approx(width)
    assert misplaced(figure) == []
    assert all(7 <= float(text.get_fontsize()) <= 9 for text in texts(figure))
