"""The paper's Figure 3: do the attention outputs of two models have the same mean?

Welch's t-test (`scipy.stats.ttest_ind` with `equal_var=False`) takes the elements of the attention output, over heads,
tokens and dimensions, as if they were independent draws.  They are not: elements of one token and one head hang
together, and the two records are of the same text, element for element.  So the p-values are uncalibrated: they can be
too small or too large, and a small one is no evidence that the models differ on other text.  Only the two grand means
are compared: outputs that differ everywhere but have equal means pass as equal, which `mean_absolute_difference` shows.
On attention weights the test would be void, because rows sum to 1 and both means are 1 / n_keys.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import nan, sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import ttest_ind

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.statistics.inputs import adjusted

Sample = NDArray[np.float64]
Row = dict[str, object]


def layer_tests(a: AttentionRecord, b: AttentionRecord, *more: AttentionRecord) -> pd.DataFrame:
    """One row for each record after the first and each layer: Welch's t-test of its attention outputs against a's.

    Columns: checkpoint, reference (a's checkpoint), layer (zero-based), n (elements on each side), statistic, df and
    p_value (two-sided; 0.0 where it is below the smallest float64), p_corrected (Holm, over the tested rows of one
    record), mean_absolute_difference (element by element), mean_difference (checkpoint minus reference, as is the
    sign of the statistic), standardised_difference (mean_difference over the root of the two variances' mean: Cohen's d
    for equal n), status.

    status: "tested"; "identical" where the outputs are equal element for element; "constant" where each side is one
    number throughout; "not finite" where an output is infinite or NaN.  Only "tested" rows have a statistic, df,
    p_value and p_corrected, elsewhere they are NaN.  What the p-value means and what it does not: see the module.

    Raises InputError for records that differ in tokens, layers, heads or dimensions.
    Each tested row equals scipy's ttest_ind(equal_var=False) on the two arrays in float64.
    """
    _check(a, (b, *more))
    return _corrected(
        {"of": number} | _names(a, record) | {"layer": layer} | _compare(sample, reference)
        for number, record in enumerate((b, *more))
        for layer, (sample, reference) in enumerate(_pairs(record, a))
    )


def head_tests(a: AttentionRecord, b: AttentionRecord, *more: AttentionRecord) -> pd.DataFrame:
    """One row for each record after the first, each layer and each head: as `layer_tests`, with a column head (zero-based)."""
    _check(a, (b, *more))
    return _corrected(
        {"of": number}
        | _names(a, record)
        | {"layer": place // a.n_heads, "head": place % a.n_heads}
        | _compare(sample, reference)
        for number, record in enumerate((b, *more))
        for place, (sample, reference) in enumerate(_pairs(record, a, by_head=True))
    )


def data_tests(records: Mapping[str, Sequence[AttentionRecord]], *, layer: int | None = None) -> pd.DataFrame:
    """One row for each data set and each record after its first: the layers' outputs together against the first one's.

    records: by data set, those of checkpoints trained on it, the reference first, all of one text; layer: one alone,
    zero-based, None for all.  Columns: data, and as `layer_tests`, without layer; p_corrected is over the data sets of one
    checkpoint name; where several records of a data set have one name, the first ones and the second ones are each by
    themselves.  The paper's text describes its Figure 3 by data set.

    Raises InputError for a data set without two records, a layer that there is not, and as `layer_tests` does.
    """
    rows = []
    for data, (reference, *others) in records.items():
        if not others:
            raise InputError(f"A data set is tested with two records or more, {data} has one: leave it out.")
        _check(reference, others)
        if layer is not None and not 0 <= layer < reference.n_layers:
            raise InputError(
                f"There is no layer {layer + 1} of {reference.n_layers} for {data}: choose one from 1 to {reference.n_layers}."
            )
        chosen = slice(None) if layer is None else slice(layer, layer + 1)
        origin, *samples = (r.outputs[chosen].flatten().double().numpy() for r in (reference, *others))
        names = [record.checkpoint for record in others]
        for number, (record, sample) in enumerate(zip(others, samples, strict=True)):
            of = (names[number], names[:number].count(names[number]))
            rows.append({"of": of, "data": data} | _names(reference, record) | _compare(sample, origin))
    return _corrected(rows)


def _corrected(rows: Iterable[Row]) -> pd.DataFrame:
    """The rows as a table, with each p-value corrected (Holm) for the number of tests of the record that it is `of`.

    Two records can have one name: the folders of two runs' checkpoints, say.
    """
    table = pd.DataFrame(rows)
    corrected = table.groupby(table.pop("of"))["p_value"].transform(_holm)
    table.insert(list(table).index("p_value") + 1, "p_corrected", corrected)
    return table


def _holm(p_values: "pd.Series[float]") -> "pd.Series[float]":
    tested = p_values.notna()
    return p_values.mask(tested, pd.Series(adjusted(p_values[tested], "holm"), index=p_values.index[tested]))


def _check(reference: AttentionRecord, others: Sequence[AttentionRecord]) -> None:
    for record in others:
        names = f"{record.checkpoint} and {reference.checkpoint}"
        if record.tokens != reference.tokens:
            raise InputError(
                f"Only records of the same tokens can be tested, those of {names} differ "
                f"({_first_difference(record.tokens, reference.tokens)}): capture one text with models of one tokenizer."
            )
        if record.outputs.shape != reference.outputs.shape:
            shapes = (f"{r.n_layers} × {r.n_heads} × {r.outputs.shape[-1]}" for r in (record, reference))
            raise InputError(
                f"Only models of one shape can be tested, layers × heads × dimensions of {names} are "
                f"{' and '.join(shapes)}: compare fine-tunings of one backbone."
            )


def _first_difference(tokens: Sequence[str], others: Sequence[str]) -> str:
    for number, (token, other) in enumerate(zip(tokens, others, strict=False), start=1):
        if token != other:
            return f"token {number} is {token!r} and {other!r}"
    return f"{len(tokens)} and {len(others)} tokens"


def _names(reference: AttentionRecord, record: AttentionRecord) -> Row:
    return {"checkpoint": record.checkpoint, "reference": reference.checkpoint}


def _pairs(
    record: AttentionRecord, reference: AttentionRecord, *, by_head: bool = False
) -> Iterator[tuple[Sample, Sample]]:
    """The elements of each layer (or of each head of each layer, in order) of both records."""
    first = 2 if by_head else 1
    samples = (r.outputs.flatten(first).flatten(0, first - 1) for r in (record, reference))
    return ((x.double().numpy(), y.double().numpy()) for x, y in zip(*samples, strict=True))


def _compare(sample: Sample, reference: Sample) -> Row:
    status = _status(sample, reference)
    test, sizes = _welch(sample, reference, status), _sizes(sample, reference, status)
    return {"n": sample.size, **test, **sizes, "status": status}


def _status(sample: Sample, reference: Sample) -> str:
    if np.array_equal(sample, reference):
        return "identical"
    if not (np.isfinite(sample).all() and np.isfinite(reference).all()):
        return "not finite"
    return "constant" if _is_constant(sample) and _is_constant(reference) else "tested"


def _is_constant(sample: Sample) -> bool:
    return bool((sample == sample[0]).all())


def _welch(sample: Sample, reference: Sample, status: str) -> Row:
    if status != "tested":
        return {"statistic": nan, "df": nan, "p_value": nan}
    # Moving both sides by one number does not change the test; it makes a side that is constant (a head switched off)
    # exactly zero, which scipy takes without warning of lost precision.
    origin = next((side[0] for side in (sample, reference) if _is_constant(side)), 0.0)
    result = ttest_ind(sample - origin, reference - origin, equal_var=False)
    return {"statistic": float(result.statistic), "df": float(result.df), "p_value": float(result.pvalue)}


def _sizes(sample: Sample, reference: Sample, status: str) -> Row:
    if status == "not finite":
        return {"mean_absolute_difference": nan, "mean_difference": nan, "standardised_difference": nan}
    difference = float(sample.mean() - reference.mean())
    spread = sqrt((sample.var(ddof=1) + reference.var(ddof=1)) / 2)
    return {
        "mean_absolute_difference": float(np.abs(sample - reference).mean()),
        "mean_difference": difference,
        "standardised_difference": _standardised(difference, spread, status),
    }


def _standardised(difference: float, spread: float, status: str) -> float:
    if status == "identical":
        return 0.0
    return nan if status == "constant" else difference / spread
