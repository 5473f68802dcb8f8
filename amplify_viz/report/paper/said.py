"""What our figures show, in sentences whose numbers are computed from the tables of the figures.

Every function takes the tables of one figure's pictures by name, as the recipes make them.
"""

from collections.abc import Mapping

import pandas as pd

from amplify_viz.recipes.recipe import listed
from amplify_viz.results.compare import signed

Tables = Mapping[str, pd.DataFrame]

_ONE_SEED = "One text and one seed of each method: this says nothing about methods."
_MOST = 3
_LARGE = 0.95  # of λ: where the last bin of what was drawn begins


def densities(tables: Tables) -> str:
    """Where λ lies, by its distribution and as it was drawn in training."""
    table = tables["figure-2"]
    rows = table[table["alpha"] == 0.1]
    below = dict(zip(zip(rows["draws"], rows["lam"], strict=True), rows["share_below"], strict=True))
    inside, low, high = (_percent(share) for share in (below[1, 0.9] - below[1, 0.1], below[5, 0.5], 1 - below[5, 0.9]))
    said = (
        f"With α = 0.1 one draw lies between 0.1 and 0.9 in {inside} of cases; the largest of five is above 0.9 in {high} and "
        f"below 0.5 in {low}."
    )
    return f"{said} {_drawn(tables['figure-2-drawn'])}" if "figure-2-drawn" in tables else said


def _drawn(table: pd.DataFrame) -> str:
    """How often training drew a large λ; methods that drew the same together."""
    steps = table.groupby("method", sort=False)["steps"].sum().to_dict()
    large = table[table["low"] > _LARGE - 1e-9].groupby("method", sort=False)["share"].sum()
    methods: dict[str, list[str]] = {}
    for name, share in large.items():
        methods.setdefault(f"{_percent(share)} of {steps[name]:,} steps", []).append(str(name))
    return f"Training drew λ above {_LARGE} in {listed([f'{how} with {listed(names)}' for how, names in methods.items()])}."


def layer_tests(tables: Tables) -> str:
    """How many of the tests are below 0.05, and the smallest."""
    table = tables["figure-3"]
    tested = table[table["status"] == "tested"]
    if tested.empty:
        return "The outputs are equal, and nothing was tested."
    least = tested.sort_values("p_value", kind="stable").iloc[0]
    counts = [
        f"{int((rows['p_value'] < 0.05).sum())} of {len(rows)} layers against {name}"
        for name, rows in tested.groupby("checkpoint", sort=False)
    ]
    return (
        f"p < 0.05 in {listed(counts)}; the smallest p is "
        f"{least['p_value']:.2g}, in layer {least['layer']} against {least['checkpoint']}, at a standardised difference of "
        f"{signed(least['standardised_difference'], 3)} and a mean absolute difference of "
        f"{least['mean_absolute_difference']:.2g}. The test compares grand means, not outputs, and takes dependent elements as "
        f"independent, so that its p-values are uncalibrated; nothing is corrected for their number. {_ONE_SEED}"
    )


def loss_curves(tables: Tables) -> str:
    """Mean and spread of the loss in the last quarter of each curve, and the last dev accuracy."""
    table = tables["figure-4"]
    loss = table[table["quantity"] == "loss"]
    lengths = loss.groupby(["method", "seed"], sort=False)["at"].transform("max")  # a run may have stopped early
    late = loss[loss["at"] > 0.75 * lengths].groupby(["method", "seed"], sort=False)["value"]
    means, spreads = late.mean(), late.std(ddof=1)
    amounts = [
        f"{method} {_over_seeds(means[method], 3)} (sd along the curve {spreads[method].mean():.3f})"
        for method in dict.fromkeys(loss["method"])
    ]
    steps = f"{int(lengths.max()):,} steps"
    if lengths.min() < lengths.max():
        steps = f"each run's {int(lengths.min()):,} to {steps}"
    said = f"Loss in the last quarter of {steps}, {_spread(means)}: {listed(amounts)}."
    dev = table[table["quantity"] == "dev accuracy"]
    if not dev.empty:
        last = dev.sort_values("at", kind="stable").groupby(["method", "seed"], sort=False)["value"].last() * 100
        rates = [f"{method} {_over_seeds(last[method], 2)}" for method in dict.fromkeys(dev["method"])]
        said += f" Dev accuracy (%) after the last epoch: {listed(rates)}."
    return (
        f"{said} A method that mixes is trained on mixed labels, so that levels of its loss compare neither with none nor across "
        f"methods whose λ differ. The paper's seconds have no counterpart here: `benchmarks/bench_training_step.py` measures them."
    )


def _spread(means: "pd.Series[float]") -> str:
    n = means.groupby(level=0).size().max()
    return f"mean ± sd over {n} seeds" if n > 1 else "one seed each"


def _over_seeds(values: "pd.Series[float]", digits: int) -> str:
    spread = f" ± {values.std(ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{values.mean():.{digits}f}{spread}"


def sentences_of_pair(table: pd.DataFrame, n_first: int) -> pd.DataFrame:
    """Where the attention of words goes, a row for each checkpoint: own sentence, other sentence, special tokens.

    n_first: words of the first sentence.  Means over heads and over tokens of words; each row sums to 1.
    """
    rows = table[table["from_word"].notna()]
    other = (rows["from_word"] <= n_first) != (rows["to_word"].fillna(0) <= n_first)
    goes = pd.Series("own", index=rows.index).mask(other, "other").mask(rows["to_word"].isna(), "special")
    sums = rows["weight"].groupby([rows["checkpoint"], goes], sort=False).sum().unstack().fillna(0.0)
    places = ["own", "other", "special"]
    return sums.div(sums.sum(axis=1), axis=0).reindex(index=_names(rows), columns=places, fill_value=0.0)


def head_view(tables: Tables, n_first: int) -> str:
    """How much attention of words stays in their sentence."""
    table = tables["figure-5"]
    shares = sentences_of_pair(table, n_first)
    parts = [
        f"{name}: {100 * row['own']:.0f} % in the word's own sentence, {100 * row['other']:.0f} % in the other, "
        f"{100 * row['special']:.0f} % on special tokens"
        for name, row in shares.iterrows()
    ]
    return f"Attention of words in layer {_layer(table)}, mean over heads and words: {'; '.join(parts)}. {_ONE_SEED}"


def focus_word(tables: Tables, word: int, text: str) -> str:
    """What the word in focus looks at most, and how much it gives to another.  word: that one's number; text: it."""
    table = tables["figure-6"]
    parts = []
    for name in _names(table):
        rows = table[table["checkpoint"] == name]
        place = rows["to_word"].fillna(-rows["to"])  # a word's pieces together, special tokens by themselves
        weights = rows.groupby(place)["weight"].sum() / rows.groupby(["head", "from"]).ngroups
        words, texts = weights[weights.index > 0], rows.groupby(place)["to_text"].first()
        top, rank = int(weights.to_numpy().argmax()), int((words > words[word]).sum()) + 1
        most = f"{texts.iloc[top]} {weights.iloc[top]:.2f}"
        parts.append(f"{name}: {most}, “{text}” {words[word]:.2f} (no. {rank} of {len(words)} words)")
    focus = table["from_text"].iloc[0]
    return f"In layer {_layer(table)}, mean over heads, “{focus}” gives most to, and to “{text}”: {'; '.join(parts)}. {_ONE_SEED}"


def neuron_view(tables: Tables, word: str) -> str:
    """What the word in focus looks at most in this head, and how much it gives to `word`, wherever that stands."""
    table = tables["figure-7"]
    head = f"head {table['head'].iloc[0]} of layer {_layer(table)}"
    return f"In {head}, both sentences together, “it” gives: {_most(table, word)}. {_ONE_SEED}"


def word_graph(tables: Tables, word: str) -> str:
    """What the word in focus looks at most in the mean over heads, and how much it gives to `word`."""
    table = tables["figure-8"]
    most = _most(table[table["kind"] == "word"], word)
    return (
        f"Mean over heads, both sentences together, “it” gives: {most}. Words are whole, “cartoonish” too. {_ONE_SEED}"
    )


def _most(table: pd.DataFrame, word: str) -> str:
    """For each checkpoint the words that get most, all places of a word together, and what `word` gets."""
    parts = []
    for name in _names(table):
        rows = table[table["checkpoint"] == name]
        texts = rows["to_text"].mask(
            ~rows["to_text"].str.startswith("["), rows["to_text"].str.lower()
        )  # “The” and “the”
        by_word = rows.groupby(texts)["weight"].sum().sort_values(ascending=False, kind="stable")
        top = [f"“{text}” {weight:.2f}" for text, weight in by_word.head(_MOST).items()]
        told = f"“{word}” {by_word.get(word, 0.0):.2f}"
        parts.append(f"{name}: {', '.join(top)}" + (f", and {told}" if told not in top else ""))
    return "; ".join(parts)


def _names(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(table["checkpoint"]))


def _layer(table: pd.DataFrame) -> int:
    return int(table["layer"].iloc[0])


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
