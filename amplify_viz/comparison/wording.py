"""A comparison in plain words, and what its data can and cannot support.

Public names: `NAMES`, `TEST_NAMES`, `Said`, `said`, `summary`, `inputs_of`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from amplify_viz.comparison.tables import Comparison
from amplify_viz.statistics.groups import what_it_can_say

NAMES = {
    "entropy": "entropy of attention (nats)",
    "distance": "attention distance (tokens)",
    "share_special": "share of attention on special tokens",
    "share_across": "share of attention across the two sentences",
    "output_norm": "norm of attention outputs",
    "mean_absolute_difference": "mean absolute difference of weights",
    "jensen_shannon": "Jensen–Shannon divergence of weights (bits)",
    "cosine": "cosine of outputs",
    "linear_cka": "linear CKA of outputs",
    "1 − cosine": "1 − cosine of outputs",
    "1 − linear_cka": "1 − linear CKA of outputs",
}
TEST_NAMES = {"t": "paired t-test", "wilcoxon": "Wilcoxon signed-rank test", "sign-flip": "sign-flip permutation test"}
_CORRECTIONS = {"holm": "Holm", "bh": "Benjamini–Hochberg", "none": "no"}
_MANY = 60  # inputs from which 2 / 2ⁿ is no bound
_STATUSES = {
    "identical": "identical, to rounding, on every input",
    "constant": "one and the same difference on every input",
    "too few": "too few to be tested",
    "not finite": "not finite (NaN or infinity)",
}


@dataclass(frozen=True)
class Said:
    """The parts of a summary, each some lines of Markdown: what the data can support, a finding a measure, how to read it."""

    can_say: tuple[str, ...]
    found: tuple[str, ...]
    notes: tuple[str, ...]


def said(comparison: Comparison) -> Said:
    """What a comparison says in plain words.  Layers and heads count from one, and n is stated with every number."""
    return Said(tuple(_can_say(comparison)), tuple(map(_with_minus, _found(comparison))), tuple(_notes(comparison)))


def _with_minus(line: str) -> str:
    """With a minus sign instead of a hyphen before a number."""
    return re.sub(r"(?<=[ \[])-(?=\d)", "−", line)


def summary(comparison: Comparison) -> str:
    """Returns the comparison as Markdown: what was compared, what was found, and what the data can and cannot say."""
    parts = said(comparison)
    return "\n".join(
        [
            *_what(comparison),
            "",
            "## What this can say",
            "",
            "\n\n".join(parts.can_say),
            "",
            "## What was found",
            "",
            *(f"- {line}" for line in parts.found),
            "",
            "## How to read it",
            "",
            *(f"- {line}" for line in parts.notes),
            "- The tables count layers and heads from 0, this text from 1.",
            "",
        ]
    )


def _what(comparison: Comparison) -> Iterator[str]:
    yield f"# {'Two groups of runs' if comparison.of_groups else 'Two checkpoints'} compared"
    yield ""
    for side, names in (("A", comparison.a), ("B", comparison.b)):
        yield f"- {side}: {', '.join(names)}" + (f" ({len(names)} runs)" if comparison.of_groups else "")
    yield f"- Inputs: n = {inputs_of(comparison)} from {comparison.origin}; differences are B − A"
    yield from (f"- {line}" for line in lengths_of(comparison))


def inputs_of(comparison: Comparison) -> str:
    """How many inputs: "1 text", "1,725 sentence pairs"."""
    inputs = "sentence pair" if comparison.are_pairs else "text"
    return f"{comparison.n_inputs:,} {inputs}{'s' * (comparison.n_inputs != 1)}"


def lengths_of(comparison: Comparison) -> Iterator[str]:
    """A sentence on inputs that were cut, and one on those that a run reads further than in its training and test."""
    if n := comparison.n_cut:
        one, more = (
            "input was longer than a checkpoint reads, and was",
            "inputs were longer than a checkpoint reads, and were",
        )
        yield f"{n:,} {one if n == 1 else more} measured without the rest."
    if n := comparison.n_beyond:
        beyond = "more tokens than a run was trained and tested with (its max_length)"
        one, more = f"input has {beyond}, and was", f"inputs have {beyond}, and were"
        yield f"{n:,} {one if n == 1 else more} read further here: predictions may differ from those in the run's results."


def _can_say(comparison: Comparison) -> Iterator[str]:
    if comparison.of_groups:
        yield from _groups_can_say(comparison)
        return
    yield (
        "These tests take the inputs as a sample and the two checkpoints as they are. They say whether these two checkpoints "
        "differ on inputs like these, never whether methods do: two seeds of one method usually differ as well. To compare "
        "methods, give several seeds on each side."
    )
    yield from _inputs_can_say(comparison)


def _groups_can_say(comparison: Comparison) -> Iterator[str]:
    """For each number of places that a measure has: layers × heads, or layers alone."""
    sizes: dict[int, list[str]] = {}
    for measure, rows in (*_by_measure(comparison.tests), *_by_measure(comparison.distances)):
        sizes.setdefault(len(rows) if comparison.choices.correction == "holm" else 1, []).append(NAMES[measure])
    say = partial(what_it_can_say, len(comparison.a), len(comparison.b), level=comparison.choices.level)
    sentences: dict[str, list[str]] = {}
    for n_tests, names in sizes.items():
        sentences.setdefault(say(n_tests=n_tests), []).extend(names)
    for sentence, names in sentences.items():
        yield sentence if len(sentences) == 1 else f"{sentence} This is of {', '.join(names)}."
    if comparison.choices.correction == "bh":
        yield (
            "Under Benjamini–Hochberg correction so small a p-value must come in many places at once to count: at the smallest "
            "possible one, in as many as the number of places times it, over the level."
        )


def _inputs_can_say(comparison: Comparison) -> Iterator[str]:
    """What too few inputs, or the same ones again and again, do to the tests."""
    n, distinct = comparison.n_inputs, len(set(comparison.texts.inputs))
    if n < 2:
        yield "With n = 1 input nothing can be tested: give a file with more."
        return
    if distinct < n:
        yield (
            f"Of the {n:,} inputs {distinct:,} are distinct: the others count again as if they were independent, so that p-values "
            f"are too small and intervals too narrow. Leave repeated inputs out."
        )
    n_places = max((len(rows) for _, rows in _by_measure(comparison.tests)), default=0)
    least = 2 / 2**n if n < _MANY else 0.0
    corrected = least * n_places if comparison.choices.correction == "holm" else least
    if comparison.choices.test in ("wilcoxon", "sign-flip") and n_places and corrected > comparison.choices.level:
        after = f", {min(corrected, 1):.2g} after Holm's correction of {n_places}" if corrected > least else ""
        yield (
            f"With n = {n} inputs the smallest possible p-value of this test is {least:.2g}{after}: nothing can be significant at "
            f"{comparison.choices.level:g}. Give more inputs, or read the effect sizes."
        )


def _found(comparison: Comparison) -> Iterator[str]:
    for measure, table in _by_measure(comparison.tests):
        yield _tested(comparison, measure, table)
    for measure, table in _by_measure(comparison.distances):
        yield _tested(comparison, measure, table) if comparison.of_groups else _estimated(comparison, measure, table)


def _by_measure(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    if len(table):
        yield from ((str(name), rows) for name, rows in table.groupby("measure", sort=False))


def _tested(comparison: Comparison, measure: str, table: pd.DataFrame) -> str:
    """How many places differ, which one does most clearly, and what was not tested.

    The clearest has the smallest corrected p-value, of equal ones the smallest p-value, then the largest effect; that of
    distances is one-sided, as their test is: groups further apart than runs of one group are.
    """
    n = _sizes(comparison)
    tested = table[table["status"] == "tested"]
    unit = "layers × heads" if table["head"].notna().all() else "layers"
    others = table["status"][table["status"] != "tested"].value_counts()
    apart = "".join(f"; {count} {_STATUSES[str(status)]}" for status, count in others.items())
    if tested.empty:
        return f"**{NAMES[measure]}**: none of {len(table)} {unit} could be tested ({n}){apart}."
    many = int((tested["p_corrected"] <= comparison.choices.level).sum())
    size = tested["effect_size"].abs() if "effect_size" in tested else tested["excess"]
    order = tested.assign(size=-size).sort_values(["p_corrected", "p_value", "size"], kind="stable")
    best = order.iloc[0]
    return (
        f"**{NAMES[measure]}**: {many} of {len(tested)} tested {unit} differ at {comparison.choices.level:g} after "
        f"{_CORRECTIONS[comparison.choices.correction]} correction ({n}){apart}. Clearest: {_place(best)}, {_numbers(best)}."
    )


def _sizes(comparison: Comparison) -> str:
    runs = f"{len(comparison.a)} against {len(comparison.b)} runs, " if comparison.of_groups else ""
    return f"{runs}n = {inputs_of(comparison)}"


def _numbers(row: Any) -> str:
    p = f"p = {row['p_value']:.2g}, corrected {row['p_corrected']:.2g}"
    if "excess" in row:
        return (
            f"between groups {row['between']:.3g}, within A {row['within_a']:.3g}, within B {row['within_b']:.3g}, {p} "
            f"(smallest possible {row['p_smallest']:.2g})"
        )
    return (
        f"A {row['mean_a']:.4g}, B {row['mean_b']:.4g}, difference {row['mean_difference']:.3g} "
        f"[{row['low']:.3g}, {row['high']:.3g}], effect size {row['effect_size']:.2f}, {p}"
    )


def _estimated(comparison: Comparison, measure: str, table: pd.DataFrame) -> str:
    good = table[table["status"] != "not finite"]
    lost = f"; {len(table) - len(good)} {_STATUSES['not finite']}" if len(good) < len(table) else ""
    if good.empty:
        return f"**{NAMES[measure]}**: not finite in any place ({_sizes(comparison)})."
    order = good.sort_values("mean", ascending=measure in ("cosine", "linear_cka"))
    far = order.iloc[0]
    interval = "" if far["status"] == "too few" else f" [{far['low']:.3g}, {far['high']:.3g}]"
    return (
        f"**{NAMES[measure]}**: mean {good['mean'].mean():.3g} ({_sizes(comparison)}){lost}. Furthest apart: {_place(far)}, "
        f"{far['mean']:.3g}{interval}. An estimate; it is tested only between groups of runs, against the distances between seeds."
    )


def _place(row: Any) -> str:
    head = "" if pd.isna(row["head"]) else f", head {int(row['head']) + 1}"
    return f"layer {int(row['layer']) + 1}{head}"


def _notes(comparison: Comparison) -> Iterator[str]:
    choices = comparison.choices
    share = f"{100 * choices.confidence:g} %"
    if choices.correction == "none":
        yield (
            f"No correction for the number of layers and heads: of those without a difference, {100 * choices.level:g} % come out "
            f"significant at {choices.level:g} by chance alone."
        )
    else:
        yield (
            f"{_CORRECTIONS[choices.correction]} correction is over the layers and heads of one measure; who looks at several "
            f"measures looks more often."
        )
    if comparison.of_groups:
        yield (
            "The run is the unit: p-values come from exchanging the labels of runs, and suppose that under no difference the "
            "runs of both groups could have been drawn from one. Effect size is the difference over the pooled standard deviation "
            "between runs."
        )
        yield f"Intervals ({share}) are percentiles of a bootstrap of runs, then inputs; with few runs they are too narrow."
        yield "Distances between groups are tested one-sided against those inside them; they have no interval."
    else:
        yield (
            f"{TEST_NAMES[choices.test or 't'].capitalize()} over inputs, two-sided, which supposes that inputs are independent of "
            f"each other. Effect size is the mean difference over the differences' standard deviation (Cohen's d_z)."
        )
        yield f"Intervals ({share}) are t intervals over inputs, not corrected for the number of places."
