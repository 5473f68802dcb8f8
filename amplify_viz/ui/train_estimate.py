"""How long runs would take, judged by a finished one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from amplify_viz.config import RunConfig
from amplify_viz.runs import Run


@dataclass(frozen=True)
class Estimate:
    """seconds: of one run's steps if it goes through all its epochs, None where unknown; measured_on: the run it comes from."""

    seconds: float | None
    measured_on: Run | None


def estimate(config: RunConfig, runs: Sequence[Run]) -> Estimate:
    """The time of a run, from a finished one of the same backbone on the same data, or else unknown.

    Scaled by the rows that it trains on; the run nearest in precision, batch size and length is taken, and of equal ones
    the newest.  measured_on is given without seconds where only other data were trained on: their rows are other ones.
    """
    same = [run for run in runs if run.config.backbone_name == config.backbone_name and _seconds_per_row(run)]
    on_data = [run for run in same if run.config.data_name == config.data_name and _rows(run.config, run)]
    if not on_data:
        return Estimate(None, max(same, key=lambda run: run.created, default=None))
    nearest = min(sorted(on_data, key=lambda run: run.created, reverse=True), key=lambda run: _distance(config, run))
    rows = _rows(config, nearest)
    each = _seconds_per_row(nearest)
    return Estimate(config.epochs * rows * each if rows and each else None, nearest)


def _distance(config: RunConfig, run: Run) -> tuple[bool, bool, bool, float]:
    other = run.config
    batches = (one.batch_size * one.accumulate for one in (config, other))
    return (
        config.precision != other.precision,
        config.compile != other.compile,
        config.max_length != other.max_length,
        abs(math.log(next(batches) / next(batches))),
    )


def _seconds_per_row(run: Run) -> float | None:
    """Of training: a row in one epoch."""
    seconds, steps = _number(run.details.get("seconds")), _number(run.details.get("steps"))
    if seconds is None or steps is None:
        return None
    return seconds / (steps * run.config.batch_size * run.config.accumulate * run.config.processes)


def _rows(config: RunConfig, run: Run) -> int | None:
    """How many rows a run of the config would train on, from the rows of a run on the same data."""
    data = run.details.get("data")
    found = data.get("rows") if isinstance(data, dict) else None
    rows = _number(found.get("train")) if isinstance(found, dict) else None
    if rows is None or run.config.per_class not in (None, config.per_class):
        return None
    if run.config.per_class is not None:
        return int(rows)
    wanted = max(1, round(rows / run.config.fraction * config.fraction))
    return wanted if config.per_class is None else min(wanted, config.per_class * len(run.label_names))


def _number(value: Any) -> float | None:
    """The value where it is a number above 0: nothing in a run's folder is trusted."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value < math.inf else None


def spell(seconds: float) -> str:
    """A time as a person says it: "40 s", "12 min", "3.5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
