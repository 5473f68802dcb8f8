"""What a map or table of a comparison must say to be understood alone.

Public names: `title_of`, `sides_of`, `plain_measure`, `joined`, `note_of`, `tested_by`.
"""

from collections.abc import Sequence
from typing import Any

from amplify_viz.comparison.tables import SIMILARITIES, Comparison
from amplify_viz.comparison.wording import NAMES, TEST_NAMES, inputs_of
from amplify_viz.corpus import PAIR_HEAD_MEASURES, PAIR_LAYER_MEASURES

_OF_TWO = (*PAIR_HEAD_MEASURES, *PAIR_LAYER_MEASURES)


def title_of(found: Comparison, measure: str) -> str:
    """The measure, what is compared, and of how much: "Entropy …, B − A, 3 against 3 runs, n = 200 pairs"."""
    name = NAMES[measure]
    runs = f"{len(found.a)} against {len(found.b)} runs, " if found.of_groups else ""
    return f"{name[0].upper()}{name[1:]}, {sides_of(measure)}, {runs}n = {inputs_of(found)}"


def sides_of(measure: str) -> str:
    """How the sides stand in a measure: its difference, or what lies between them."""
    return "A against B" if plain_measure(measure) in _OF_TWO else "B − A"


def plain_measure(measure: str) -> Any:
    """The measure itself, of what is missing of a similarity."""
    return next((name for name in SIMILARITIES if measure.endswith(name)), measure)


def joined(labels: Sequence[str]) -> str:
    """The labels of a side's checkpoints; runs that differ in their seed alone are named once, with all seeds."""
    parts = [label.split(" · ") for label in labels]
    seeds = [[part for part in one if part.startswith("seed ")] for one in parts]
    others = {tuple("seed" if part.startswith("seed ") else part for part in one) for one in parts}
    if len(labels) < 2 or len(others) > 1 or any(len(one) != 1 for one in seeds):
        return ", ".join(labels)
    written = ", ".join(one[0].removeprefix("seed ") for one in seeds)
    return " · ".join(f"seeds {written}" if part == "seed" else part for part in others.pop())


def note_of(found: Comparison, measure: str, column: str, *, a: Sequence[str], b: Sequence[str]) -> str:
    """What a figure of a column says below: measure, n, sides, texts, and the test with its correction.  a, b: labels."""
    said = f"{title_of(found, measure)}. A: {joined(a)}. B: {joined(b)}. Texts: {found.origin}."
    return " ".join(filter(None, (said, _column_note(found, column))))


def tested_by(found: Comparison, *, corrected: bool) -> str:
    """The test and its correction, in a sentence."""
    choices = found.choices
    test = "exchanging the labels of runs" if found.of_groups else f"{TEST_NAMES[choices.test or 't']} over inputs"
    correction = {"holm": "Holm", "bh": "Benjamini–Hochberg"}.get(choices.correction) if corrected else None
    how = f"corrected by {correction} over layers and heads" if correction else "not corrected"
    return f"{test[0].upper()}{test[1:]}, two-sided, {how}."


def _column_note(found: Comparison, column: str) -> str:
    deviation = (
        "pooled standard deviation between runs"
        if found.of_groups
        else "standard deviation of the differences (Cohen's d_z)"
    )
    return {
        "effect_size": f"Effect size: mean difference over the {deviation}.",
        "mean_difference": "Differences of means over inputs.",
        "p_value": tested_by(found, corrected=False),
        "p_corrected": tested_by(found, corrected=True),
    }.get(column, "")
