"""What the figures of runs are made of: loss and accuracy by step, reliability, drawn λ, accuracy by noise.

Public names: `POINTS`, `WINDOW`, `read_curve`, `curves_of`, `thinned`, `as_curve`, `reliability_of`, `setting_of`, `pooled_lam`,
`accuracies_by_noise`.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from amplify_viz.results.settings import differing
from amplify_viz.runs import Run
from amplify_viz.statistics.curves import Curve, running_mean

POINTS = 500  # of a curve: more cannot be told apart in a figure
WINDOW = 25  # steps in a running mean
_BINS = ("low", "high", "rows", "confidence", "accuracy")
_NOISES = {"delete": "words deleted", "swap": "words swapped", "flip": "labels flipped"}


def read_curve(path: Path, along: str, value: str) -> "pd.Series[float]":
    """The value of each line of a JSON lines file by its step or epoch, ascending, the last where one comes twice.

    Lines that are cut off or have no finite numbers are passed over; a file that cannot be read gives no values.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        lines = []
    found = dict(pair for line in lines if (pair := _pair(line, along, value)))
    return pd.Series(found, dtype=float).sort_index()


def _pair(line: bytes, along: str, value: str) -> tuple[int, float] | None:
    try:
        content = json.loads(line)
        at, what = content[along], content[value]
        return (int(at), float(what)) if math.isfinite(at) and math.isfinite(what) else None
    except (ValueError, KeyError, TypeError):
        return None


def curves_of(
    runs: Mapping[str, Sequence[Run]], file: str, along: str, value: str
) -> dict[str, dict[int, "pd.Series[float]"]]:
    """The curve of each run that has one, by label and seed, as `read_curve` reads it from the run's file."""
    found = {
        label: {run.config.seed: curve for run in several if len(curve := read_curve(run.folder / file, along, value))}
        for label, several in runs.items()
    }
    return {label: several for label, several in found.items() if several}


def thinned(losses: Mapping[str, Sequence["pd.Series[float]"]]) -> tuple[dict[str, list[Curve]], int]:
    """The curves of each method, and the window that is left to smooth them with: WINDOW where all steps are kept.

    Where the longest has more than POINTS steps, they are running means over WINDOW steps, at every k-th step, and the
    window left is 1.
    """
    every = math.ceil(max(len(run) for runs in losses.values() for run in runs) / POINTS)
    if every == 1:
        return {name: [as_curve(run) for run in runs] for name, runs in losses.items()}, WINDOW
    smooth = {name: [running_mean(run, WINDOW) for run in runs] for name, runs in losses.items()}
    return {name: [as_curve(run[run.index % every == 0]) for run in runs] for name, runs in smooth.items()}, 1


def as_curve(series: "pd.Series[float]") -> Curve:
    """The series as the figures take it."""
    return series.index.tolist(), series.tolist()


def reliability_of(run: Run, split: str) -> tuple[pd.DataFrame, float] | None:
    """The reliability table of a run and its calibration error, None where its run.json has none or none with rows."""
    try:
        table = pd.DataFrame(run.details["measured"][split]["reliability"], columns=list(_BINS)).astype(float)
        error = float(run.metrics[split]["ece"])
    except (KeyError, TypeError, ValueError):
        return None
    return (table, error) if table["rows"].sum() > 0 and math.isfinite(error) else None


def setting_of(run: Run) -> tuple[float, int, bool]:
    """alpha, number of draws and fold of the run's λ."""
    mixup = run.config.mixup
    return mixup.alpha, mixup.n_draws, mixup.fold


def pooled_lam(runs: Sequence[Run]) -> tuple[list[float], list[float]] | None:
    """Edges of the bins of λ and how many steps of all runs drew one of each; None where none drew any, or says so.

    Runs whose bins are not those of the first that has any are left out.
    """
    drawn = [found for run in runs if (found := _drawn_lam(run))]
    alike = [counts for edges, counts in drawn if edges == drawn[0][0]]
    return (drawn[0][0], np.sum(alike, axis=0).tolist()) if drawn else None


def _drawn_lam(run: Run) -> tuple[list[float], list[float]] | None:
    mixup = run.config.mixup
    if mixup.site == "none" or mixup.lam is not None:
        return None
    try:
        histogram = run.details["lam"]["histogram"]
        edges, counts = (np.asarray(histogram[name], dtype=float) for name in ("edges", "counts"))
    except (KeyError, TypeError, ValueError):
        return None
    whole = edges.shape == (len(counts) + 1,) and np.isfinite(edges).all() and (np.diff(edges) > 0).all()
    counted = np.isfinite(counts).all() and (counts >= 0).all() and counts.sum() > 0
    return (edges.tolist(), counts.tolist()) if whole and counted else None


def accuracies_by_noise(runs: pd.DataFrame, split: str) -> pd.DataFrame:
    """Mean accuracy over seeds by kind and share of noise, as the figure takes it: low and high are mean ± sd (n − 1).

    runs: of one data set and backbone, as `gather` gives them.  Runs without noise are each kind's share 0, where the same
    method also has noise of that kind under the same settings.  No rows where no run has noise.
    """
    other = differing(runs, ("method", "data", "backbone", "noise", "noise_share"))["settings"]
    names = [", ".join(filter(None, pair)) for pair in zip(runs["method"], other, strict=True)]
    rows = list(_by_noise(runs.assign(name=names), f"{split}_accuracy"))
    return pd.DataFrame(rows, columns=["panel", "method", "share", "accuracy", "low", "high", "n"])


def _by_noise(runs: pd.DataFrame, column: str) -> Iterator[dict[str, Any]]:
    for noise, title in _NOISES.items():
        noisy = runs[runs["noise"] == noise]
        clean = runs[(runs["noise"] == "none") & runs["name"].isin(noisy["name"])]
        for (name, share), part in pd.concat([clean, noisy]).groupby(["name", "noise_share"], sort=False):
            values = part[column].dropna()
            if len(values):
                mean, sd = values.mean(), values.std(ddof=1)
                ends = {"low": mean - sd, "high": mean + sd}  # NaN for one seed
                yield {"panel": title, "method": name, "share": share, "accuracy": mean, **ends, "n": len(values)}
