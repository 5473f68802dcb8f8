"""The methods of a comparison as a paragraph for a paper, its numbers filled in.

Public names: `methods_paragraph`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from amplify_viz.comparison import NAMES, Choices, Comparison, lengths_of
from amplify_viz.comparison.wording import inputs_of
from amplify_viz.recipes.recipe import Source, listed

_TESTS = {
    "t": "a paired t-test",
    "wilcoxon": "Wilcoxon's signed-rank test",
    "sign-flip": "a sign-flip permutation test",
}
_CORRECTIONS = {
    "holm": "Holm's method (Holm, 1979)",
    "bh": "the method of Benjamini and Hochberg (1995)",
    "none": "no correction",
}


def methods_paragraph(
    found: Comparison, a: Sequence[Source], b: Sequence[Source], *, versions: Mapping[str, str]
) -> str:
    """What was done, in full sentences.  a, b: the checkpoints of both sides; versions: of the libraries that were used."""
    return " ".join(_sentences(found, a, b, versions))


def _sentences(
    found: Comparison, a: Sequence[Source], b: Sequence[Source], versions: Mapping[str, str]
) -> Iterator[str]:
    if found.of_groups:
        first, second = (f"{len(side)} runs ({_described(side)})" for side in (a, b))
    else:
        first, second = _described(a), _described(b)
    yield f"We compared the attention of {first} with that of {second} on {inputs_of(found)}."
    yield _shape(found)
    if len(found.tests):
        yield f"For each layer and head we measured {_measures(found.tests['measure'])}, on each input, as a mean over its tokens."
        yield _test(found)
    if len(found.distances):
        yield f"As distances between two checkpoints we computed {_measures(found.distances['measure'])}."
        yield _distances(found)
    yield from lengths_of(found)
    made = listed(
        [f"{name} {version}" for name, version in versions.items() if name in ("transformers", "torch", "scipy")]
    )
    yield f"Attention was recorded in float32 with Amplify-Viz {versions['amplify_viz']}, {made}."


def _described(sources: Sequence[Source]) -> str:
    return listed([_one(source) for source in sources])


def _one(source: Source) -> str:
    weights = f", weights {source.weights_sha256[:8]}" if source.weights_sha256 else ""
    if source.run is None:
        return f"{source.name}{weights}"
    config = source.run.config
    how = "without mixup" if config.method == "none" else f"with {config.method}"
    return f"{config.backbone_name} trained on {config.data_name} {how}, seed {config.seed}{weights}"


def _shape(found: Comparison) -> str:
    tests = found.tests if len(found.tests) else found.distances
    layers, heads = int(tests["layer"].max()) + 1, tests["head"].dropna()
    count = _count(int(heads.max()) + 1) if len(heads) else ""
    return f"The models have {layers} layer{'s' * (layers > 1)}{count}."


def _count(heads: int) -> str:
    return f" of {heads} head{'s' * (heads > 1)}"


def _measures(names: Iterable[str]) -> str:
    return listed([NAMES[name] for name in dict.fromkeys(names)])


def _distances(found: Comparison) -> str:
    if not found.of_groups:
        return "They are estimates with intervals over inputs, not tests."
    if not (found.distances["status"] == "tested").any():
        return "They could not be tested against the distances between runs of one group."
    return "They are tested against the distances between runs of one group."


def _test(found: Comparison) -> str:
    choices = found.choices
    n_tested = int((found.tests["status"] == "tested").sum())
    if not n_tested:
        return "No difference could be tested."
    return " ".join([_how_tested(found, choices), *_untested(len(found.tests) - n_tested)])


def _untested(n: int) -> Iterator[str]:
    if n:
        which = "One combination" if n == 1 else f"{n:,} combinations"
        yield f"{which} of measure, layer and head could not be tested."


def _how_tested(found: Comparison, choices: Choices) -> str:
    corrected = (
        f"p-values were corrected over the layers and heads of each measure by {_CORRECTIONS[choices.correction]}"
    )
    if choices.correction == "none":
        corrected = "p-values were not corrected"
    if found.of_groups:
        return (
            f"Means of runs were compared between the groups by exchanging the labels of runs, the run being the unit; "
            f"{corrected}. Effect sizes are differences over the pooled standard deviation between runs; "
            f"{100 * choices.confidence:g} % intervals are percentiles of a bootstrap of runs, then inputs."
        )
    return (
        f"Differences over inputs were tested with {_TESTS[choices.test or 't']}, two-sided, the input being the unit; "
        f"{corrected}. Effect sizes are Cohen's d_z, with {100 * choices.confidence:g} % t intervals of the mean difference. "
        f"These tests say whether the two checkpoints differ, not whether methods do."
    )
