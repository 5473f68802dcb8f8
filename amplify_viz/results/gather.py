"""Runs as a tidy table: one row a run, with every setting that matters and everything that was measured.

Public names: `METRICS`, `Metric`, `find_results`, `gather`, `repeats`, `read_predictions`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import isfinite, nan
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from amplify_viz.errors import InputError
from amplify_viz.results.paper import paper_data
from amplify_viz.results.settings import IDENTITIES, METHOD_SETTINGS, SETTINGS, method_settings
from amplify_viz.runs import PARTIAL, BrokenRun, PartialRun, Run, read_result

SPLITS = ("dev", "test")
_SAME_RUN = [*SETTINGS, *IDENTITIES, "train_hash", "seed"]


@dataclass(frozen=True)
class Metric:
    """How a metric is shown: its title, what its value is multiplied by, the digits after the point, which way is better."""

    title: str
    factor: float
    unit: str
    digits: int
    higher_is_better: bool


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "accuracy": Metric("accuracy", 100, "%", 2, True),
        "macro_f1": Metric("macro F1", 100, "%", 2, True),
        "nll": Metric("negative log-likelihood", 1, "nats", 4, False),
        "brier": Metric("Brier score", 1, "", 4, False),
        "ece": Metric("expected calibration error", 100, "%", 2, False),
    }
)
"""The metrics of run.json; `gather` keeps them as they are there, tables show them times `factor`."""

_NUMBERS = MappingProxyType(
    {
        "epochs_run": ("epochs_run",),
        "best_epoch": ("best_epoch",),
        "steps": ("steps",),
        "seconds": ("seconds",),
        "seconds_per_step": ("seconds_per_step",),
        "seconds_per_12000_steps": ("seconds_per_12000_steps",),
        "peak_memory_mb": ("peak_memory_mb",),
        "lam_mean": ("lam", "mean"),
        "lam_median": ("lam", "median"),
        "train_rows": ("data", "rows", "train"),
        "dev_rows": ("data", "rows", "dev"),
        "test_rows": ("data", "rows", "test"),
    }
)
_TEXTS = MappingProxyType(
    {
        "train_hash": ("data", "hashes", "train"),
        "dev_hash": ("data", "hashes", "dev"),
        "test_hash": ("data", "hashes", "test"),
        "backbone_hash": ("backbone", "weights_sha256"),
        "device": ("device",),
        "torch": ("versions", "torch"),
        "git_commit": ("git_commit",),
        "weights_sha256": ("weights_sha256",),
    }
)


def find_results(*roots: Path) -> list[Run | BrokenRun]:
    """Every `run.json` below the folders, at any depth, whether or not the weights lie beside it; sorted by path.

    Made for committed results, which are `run.json` and predictions alone; a runs folder will do as well.  Runs in
    progress are left out.  Nothing in a folder can make this raise; what cannot be read is a BrokenRun.
    """
    return [_result(path.parent) for root in roots for path in sorted(root.rglob("run.json")) if _finished(path, root)]


def _finished(path: Path, root: Path) -> bool:
    return not any(part.endswith(PARTIAL) for part in path.relative_to(root).parts)


def _result(folder: Path) -> Run | BrokenRun:
    try:
        return read_result(folder)
    except InputError as error:
        return BrokenRun(folder, str(error))


def gather(runs: Iterable[Run | PartialRun | BrokenRun]) -> pd.DataFrame:
    """One row for each finished run; those in progress and broken ones are left out.

    Columns: method, data (the paper's name for its sets) and backbone; every other setting of RunConfig, with the
    method's own alpha, draws, fold, layers, labels and smoothing filled in (None where they mean nothing); seed;
    `<split>_<metric>` for dev and test as in run.json (shares in [0, 1]; NaN where a run lacks one); epochs_run,
    best_epoch, steps, seconds, seconds_per_step, seconds_per_12000_steps, peak_memory_mb, lam_mean, lam_median,
    `<split>_rows` and `<split>_hash`, learned_hash (train_hash, None with noise), backbone_hash, device, torch (its
    version), git_commit, weights_sha256, created, folder.

    Of runs with equal settings, seed, splits and backbone weights the first is kept: such a run lies in two places
    (`repeats` tells where it does not).
    """
    return _frame(runs).drop_duplicates(_SAME_RUN, ignore_index=True)


def repeats(runs: Iterable[Run | PartialRun | BrokenRun]) -> list[BrokenRun]:
    """The runs that `gather` leaves out though their weights are not those of the run that it keeps, with the reason."""
    frame = _frame(runs)
    kept = frame.drop_duplicates(_SAME_RUN)
    again = frame[frame.duplicated(_SAME_RUN)].merge(kept, on=_SAME_RUN, suffixes=("", "_kept"))
    return [
        BrokenRun(
            Path(run["folder"]),
            f"{run['folder']}: this run has the settings, seed and data of {run['folder_kept']} and other weights; the other one "
            f"is used.",
        )
        for run in again[again["weights_sha256"] != again["weights_sha256_kept"]].to_dict("records")
    ]


def _frame(runs: Iterable[Run | PartialRun | BrokenRun]) -> pd.DataFrame:
    finished = [run for run in runs if isinstance(run, Run)]
    columns = list(_row(finished[0])) if finished else _columns()
    # As objects: a column of None and whole numbers would become one of NaN and fractions.
    frame = pd.DataFrame([_row(run) for run in finished], columns=columns, dtype=object)
    numbers = [name for name in columns if name in _NUMBERS or name in _metric_columns()]
    return frame.astype(dict.fromkeys(numbers, float) | {"seed": int})


def _metric_columns() -> tuple[str, ...]:
    return tuple(f"{split}_{metric}" for split in SPLITS for metric in METRICS)


def _columns() -> list[str]:
    return [*SETTINGS, "seed", *_metric_columns(), *_NUMBERS, *_TEXTS, "learned_hash", "created", "folder"]


def _row(run: Run) -> dict[str, Any]:
    config = run.config
    given = {name: value for name, value in asdict(config).items() if name in SETTINGS}
    names = {"data": paper_data(config.data_name) or config.data_name, "backbone": config.backbone_name}
    own = dict(zip(METHOD_SETTINGS, method_settings(config.mixup), strict=True))
    measured = {
        f"{split}_{metric}": _number(run.metrics.get(split, {}).get(metric)) for split in SPLITS for metric in METRICS
    }
    texts = {name: _text(_at(run.details, path)) for name, path in _TEXTS.items()}
    row = {
        **given,
        **names,
        **own,
        "seed": config.seed,
        **measured,
        **{name: _number(_at(run.details, path)) for name, path in _NUMBERS.items()},
        **texts,
        "learned_hash": texts["train_hash"] if config.noise == "none" else None,
        "created": run.created,
        "folder": str(run.folder),
    }
    return {name: row[name] for name in _columns()}


def _at(details: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """What lies at the path in run.json, None where it lies nowhere: only part of the file is validated."""
    here: Any = details
    for name in path:
        here = here.get(name) if isinstance(here, Mapping) else None
    return here


def _number(value: Any) -> float:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300
    return float(value) if plain and isfinite(value) else nan


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def read_predictions(folder: Path, split: str) -> pd.DataFrame:
    """The columns label and predicted (class ids) of `predictions-<split>.parquet`, a row a row of the split, in its order.

    Raises InputError where the file is missing, unreadable, empty or lacks a column.
    """
    path = folder / f"predictions-{split}.parquet"
    try:
        frame: pd.DataFrame = pq.read_table(path, columns=["label", "predicted"]).to_pandas()
    except FileNotFoundError:
        raise InputError(
            f"{folder.name}: {path.name} is missing: copy it beside run.json, or train the run again."
        ) from None
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: this is no table that can be read ({error}): copy it again.") from error
    if list(frame.columns) != ["label", "predicted"] or frame.empty or frame.isna().to_numpy().any():
        raise InputError(
            f"{path}: predictions have the columns label and predicted and at least one row, these have not: copy it again."
        )
    return frame
