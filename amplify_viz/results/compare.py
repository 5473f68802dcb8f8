"""Every method against a baseline, on the same data, seeds and settings.

Public names: `paired_differences`, `difference_notes`, `row_names`, `partners`, `mcnemar_tests`, `bootstrap_differences`.

A method is paired with the baseline's run of the same seed, with every setting equal that is not the method's, and with
the same train and test split by their hashes.  What has no such partner is left out.
"""

from collections.abc import Iterator, Mapping
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from amplify_viz.errors import InputError
from amplify_viz.mixup import METHODS
from amplify_viz.results.gather import METRICS, SPLITS, read_predictions
from amplify_viz.results.origins import of_pairs, unlike
from amplify_viz.results.paired import Interval, mcnemar, paired_bootstrap, paired_interval
from amplify_viz.results.paper import data_title
from amplify_viz.results.settings import COMMON, IDENTITIES, METHOD_SETTINGS, differing, telling, variant
from amplify_viz.results.tables import rank

_BASE = "_baseline"
_NAMED = ("method", "data")  # in columns of their own
_DIFFERENCES = (
    *(
        "method",
        "baseline",
        "data",
        "settings",
        "metric",
        "split",
        "n",
        "mean_difference",
        "sd_difference",
        "low",
        "high",
    ),
    *("confidence", "interval", "seeds", "differences", "n_unlike", "sentence"),
)
_MCNEMAR = (
    *(
        "method",
        "baseline",
        "data",
        "settings",
        "seed",
        "rows",
        "both_right",
        "only_method_right",
        "only_baseline_right",
    ),
    *("both_wrong", "p_exact", "p_mid", "status"),
)
_BOOTSTRAP = (
    *("method", "baseline", "data", "settings", "n_seeds", "rows", "mean_difference", "low", "high", "confidence"),
    *("interval", "status"),
)


def paired_differences(
    runs: pd.DataFrame,
    *,
    metric: str = "accuracy",
    split: str = "test",
    baseline: str = "none",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """One row for each method, data set and set of settings: the metric minus the baseline's, paired by seed.

    Columns: method, baseline, data, settings; metric, split; n (seeds); mean_difference, sd_difference (n − 1), low and
    high, in the metric's shown unit (points for shares); confidence; interval (its kind, or why there is none); seeds and
    differences (one each); n_unlike, how many pairs are of two devices, versions of torch or commits; sentence, which names
    n and claims a difference only where the interval excludes 0.

    runs: as `gather` gives them.  Raises InputError for an unknown metric, split or baseline.
    Each interval equals scipy's `ttest_rel` on the pairs.  With many rows, some intervals exclude 0 by chance.
    """
    if metric not in METRICS:
        raise InputError(f"A metric is one of {', '.join(METRICS)}, got {metric!r}: choose one of these.")
    column, factor = f"{_known_split(split)}_{metric}", METRICS[metric].factor
    rows = []
    for part in _groups(_pairs(runs, baseline)):
        measured = part[part[column].notna() & part[column + _BASE].notna()]
        if measured.empty:
            continue
        values = tuple(float(value) for value in factor * (measured[column] - measured[column + _BASE]))
        found = paired_interval(values, confidence=confidence)
        row = {
            **_names(part, baseline),
            "metric": metric,
            "split": split,
            "n": found.n,
            "mean_difference": found.mean,
            "sd_difference": found.sd,
            "low": found.low,
            "high": found.high,
            "confidence": confidence,
            "interval": found.kind,
            "seeds": tuple(int(seed) for seed in measured["seed"]),
            "differences": values,
            "n_unlike": int(unlike(measured, _BASE).sum()),
        }
        rows.append({**row, "sentence": _sentence(row, found)})
    return pd.DataFrame(rows, columns=list(_DIFFERENCES))


def difference_notes(differences: pd.DataFrame) -> Iterator[str]:
    """What a reader of `paired_differences` has to know of all of them together, in whole sentences."""
    n = int(differences["low"].notna().sum())
    if n > 1:
        yield f"Of {n} intervals of 95 %, about {n / 20:.1f} exclude 0 by chance where nothing differs."
    yield from of_pairs(int(differences["n"].sum()), int(differences["n_unlike"].sum()))


def row_names(differences: pd.DataFrame) -> list[str]:
    """What each row is called among those of its data set: its method, and the settings in which that has several rows."""
    names = pd.Series(differences["method"].tolist(), dtype=object)
    for _, part in differences.reset_index(drop=True).groupby(["method", "data"]):
        told = zip(part["method"], telling(part["settings"].tolist()), strict=True)
        names[part.index] = [", ".join(filter(None, parts)) for parts in told]
    return names.tolist()


def partners(runs: pd.DataFrame, *, baseline: str = "none") -> pd.DataFrame:
    """The rows of `runs` that a comparison with the baseline rests on: those that have a partner, and their partners."""
    pairs = _pairs(runs, baseline)
    return runs[runs["folder"].isin({*pairs["folder"], *pairs[f"folder{_BASE}"]})]


def mcnemar_tests(runs: pd.DataFrame, *, split: str = "test", baseline: str = "none") -> pd.DataFrame:
    """One row for each pair of runs of one seed: McNemar's test on their predictions.

    Columns: method, baseline, data, settings, seed, rows; both_right, only_method_right, only_baseline_right, both_wrong
    (counts); p_exact (binomial, two-sided), p_mid (mid-p); status: "tested", or why there is no test (then NaN).
    Tells two trained models apart, not two methods: another seed may differ as much.
    Raises InputError for an unknown split or baseline.
    """
    _known_split(split)
    rows = [row for part in _groups(_pairs(runs, baseline)) for row in _tested(part, split, baseline)]
    return pd.DataFrame(rows, columns=list(_MCNEMAR))


def _tested(part: pd.DataFrame, split: str, baseline: str) -> Iterator[dict[str, Any]]:
    for pair in part.to_dict("records"):
        row = {**_names(part, baseline), "seed": pair["seed"]}
        try:
            ours, theirs = _rights(pair, split)
        except InputError as error:
            yield {**row, "p_exact": nan, "p_mid": nan, "status": str(error)}
            continue
        test = mcnemar(ours, theirs)
        counts = {"both_right": test.both, "only_method_right": test.only_a, "only_baseline_right": test.only_b}
        counts |= {"rows": len(ours), "both_wrong": test.neither}
        yield {**row, **counts, "p_exact": test.p_exact, "p_mid": test.p_mid, "status": "tested"}


def bootstrap_differences(
    runs: pd.DataFrame,
    *,
    split: str = "test",
    baseline: str = "none",
    n_resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """One row for each method, data set and set of settings: the accuracy difference averaged over seeds, bootstrapped over rows.

    Columns: method, baseline, data, settings, n_seeds, rows, mean_difference, low and high in points, confidence,
    interval ("percentile bootstrap over rows"), status: "tested", or why there is none (then NaN).
    The interval is for these trained models on other rows; it knows nothing of other seeds.  One seed gives one result.
    Raises InputError for an unknown split or baseline.
    """
    _known_split(split)
    rows = []
    for part in _groups(_pairs(runs, baseline)):
        row = {**_names(part, baseline), "n_seeds": len(part), "confidence": confidence}
        row["interval"] = "percentile bootstrap over rows"
        try:
            differences = np.stack(
                [ours - theirs for ours, theirs in (_rights(p, split) for p in part.to_dict("records"))]
            )
        except InputError as error:
            rows.append({**row, "mean_difference": nan, "low": nan, "high": nan, "status": str(error)})
            continue
        mean, low, high = paired_bootstrap(
            differences, np.random.default_rng(seed), n_resamples=n_resamples, confidence=confidence
        )
        found = {"mean_difference": 100 * mean, "low": 100 * low, "high": 100 * high, "status": "tested"}
        rows.append({**row, "rows": differences.shape[1], **found})
    return pd.DataFrame(rows, columns=list(_BOOTSTRAP))


def _known_split(split: str) -> str:
    if split not in SPLITS:
        raise InputError(f"A split is {' or '.join(SPLITS)}, got {split!r}: choose one of these.")
    return split


def _pairs(runs: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """One row for each run and the baseline's of the same seed, whose columns end in `_baseline`.

    The baseline is the method with its own settings: `none` with label smoothing is another method.
    """
    if baseline not in METHODS:
        raise InputError(f"A baseline is a method, one of {', '.join(METHODS)}, got {baseline!r}.")
    plain = np.array([run["method"] == baseline and not variant(run) for run in runs.to_dict("records")], dtype=bool)
    shared = [*COMMON, *IDENTITIES, "train_hash", "seed"]
    return (
        runs[~plain]
        .assign(settings=differing(runs, _NAMED)["settings"])
        .merge(runs[plain], on=shared, suffixes=("", _BASE))
    )


def _groups(pairs: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The pairs that differ in nothing but the seed, by seed, in the paper's order."""
    if pairs.empty:
        return
    keys = ["method", *METHOD_SETTINGS, *COMMON, *IDENTITIES]
    parts = [part.sort_values("seed") for _, part in pairs.groupby(keys, dropna=False, sort=False)]
    yield from sorted(parts, key=lambda part: tuple(rank(axis, part[axis].iloc[0]) for axis in ("data", "method")))


def _names(part: pd.DataFrame, baseline: str) -> dict[str, Any]:
    first = part.iloc[0]
    return {"method": first["method"], "baseline": baseline, "data": first["data"], "settings": first["settings"]}


def _rights(pair: Mapping[Any, Any], split: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which rows the run and its baseline have right [row], 1 or 0.  Raises InputError where the rows are not the same."""
    if pair[f"{split}_hash"] is None:
        raise InputError(
            f"{Path(pair['folder']).name}: run.json has no hash of its {split} split: train the run again."
        )
    ours, theirs = (read_predictions(Path(pair[f"folder{end}"]), split) for end in ("", _BASE))
    if not np.array_equal(ours["label"], theirs["label"]):
        raise InputError(
            f"{pair['folder']} and {pair['folder' + _BASE]} must have the same {split} labels, row for row: copy their "
            f"predictions again."
        )
    right, base = ((frame["predicted"] == frame["label"]).to_numpy().astype(np.int64) for frame in (ours, theirs))
    return right, base


def _sentence(row: Mapping[str, Any], found: Interval) -> str:
    """What the difference shows, in words that claim no more than the interval does."""
    metric, n = METRICS[row["metric"]], found.n
    unit = "points" if metric.unit == "%" else metric.unit
    who = f"{row['method']} − {row['baseline']} on {data_title(row['data'])}"
    settings = f" ({row['settings']})" if row["settings"] else ""
    amount = f"{signed(found.mean, metric.digits)} {unit}".rstrip()
    about = f"{who}{settings}: {row['split']} {metric.title} {amount} over {n} seed{'s' if n > 1 else ''}"
    if n == 1:
        return f"{about}; one seed has no interval, so no difference is shown."
    if found.kind.startswith("none"):
        return f"{about}; the differences are equal on all seeds, which gives no interval, so no difference is shown."
    span = f"{signed(found.low, metric.digits)} to {signed(found.high, metric.digits)}"
    about += f" ({100 * found.confidence:g} % t interval, paired by seed: {span})"
    few = f" With {n} seeds the interval is wide." if n <= 3 else ""
    if not found.excludes_zero:
        return f"{about}; the interval contains 0, so no difference is shown.{few}"
    way = "higher" if found.mean > 0 else "lower"
    better = "better" if (found.mean > 0) == metric.higher_is_better else "worse"
    return f"{about}; the interval excludes 0: {row['method']} is {way} ({better}) here, on these {n} seeds.{few}"


def signed(value: float, digits: int) -> str:
    """A number with its sign, a real minus where it is below 0."""
    return f"{value:+.{digits}f}".replace("-", "−")
