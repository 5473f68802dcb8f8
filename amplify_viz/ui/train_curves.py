"""The live curves of a run in progress: its loss by step and its dev accuracy by epoch."""

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

POINTS = 250
_WHOLE = 2**20  # bytes: a longer file is read in POINTS pieces
_PIECE = 4096
_LOSS = "#1f6fc4"
_ACCURACY = "#0b8a6a"
_VALUES = {"title": None, "tickCount": 5, "format": ".4~g"}


def loss_curve(path: Path) -> pd.DataFrame:
    """At most POINTS rows of steps.jsonl: step, loss, and mean, the running mean of the loss over a fortieth of the steps.

    Lines that are cut off or no numbers are passed over; a file that is missing gives no rows.  A long file is not read
    whole: then each row is the mean over some neighbouring steps.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            if size <= _WHOLE:
                found = [_steps(file.read())]
            else:
                found = []
                for i in range(POINTS):
                    file.seek(i * (size - _PIECE) // (POINTS - 1))
                    found.append(_steps(file.read(_PIECE).partition(b"\n")[2]))
    except OSError:
        found = []
    points = found[0] if len(found) == 1 else [_mean(piece) for piece in found if piece]
    return _thinned(pd.DataFrame(points, columns=["step", "loss"]))


def _thinned(steps: pd.DataFrame) -> pd.DataFrame:
    window = max(1, math.ceil(len(steps) / 40))
    steps["mean"] = steps["loss"].rolling(window, min_periods=1).mean()
    if len(steps) <= POINTS:
        return steps
    kept = sorted({round(i * (len(steps) - 1) / (POINTS - 1)) for i in range(POINTS)})
    return steps.iloc[kept].reset_index(drop=True)


def _steps(content: bytes) -> list[tuple[float, float]]:
    """(step, loss) of each whole line."""
    lines = (_object(line) for line in content.splitlines())
    return [pair for line in lines if (pair := _numbers(line, "step", "loss"))]


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _numbers(line: dict[str, Any], first: str, second: str) -> tuple[float, float] | None:
    values = (line.get(first), line.get(second))
    if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in values):
        return None
    return float(line[first]), float(line[second])


def _mean(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    return sum(step for step, _ in pairs) / len(pairs), sum(loss for _, loss in pairs) / len(pairs)


def accuracy_curve(path: Path) -> pd.DataFrame:
    """The rows of epochs.jsonl: epoch, and accuracy on dev in percent; none where the file is missing."""
    try:
        lines = [_object(line) for line in path.read_bytes().splitlines()]
    except OSError:
        lines = []
    pairs = [pair for line in lines if (pair := _numbers(line, "epoch", "dev_accuracy"))]
    return pd.DataFrame([(epoch, 100 * share) for epoch, share in pairs], columns=["epoch", "accuracy"])


def draw_curves(folder: Path, *, key: str) -> None:
    """Draws both curves of a run's folder side by side, the second from the first finished epoch on."""
    losses, accuracies = loss_curve(folder / "steps.jsonl"), accuracy_curve(folder / "epochs.jsonl")
    if losses.empty:
        return
    left, right = st.columns(2)
    left.vega_lite_chart(losses, _loss_spec(), height=210, key=f"{key}_loss", alt=_loss_words(losses))
    if accuracies.empty:
        right.caption("Dev accuracy appears here after the first epoch.")
    else:
        right.vega_lite_chart(
            accuracies, _accuracy_spec(), height=210, key=f"{key}_accuracy", alt=_accuracy_words(accuracies)
        )


def _loss_words(losses: pd.DataFrame) -> str:
    first, last = losses["mean"].iloc[0], losses["mean"].iloc[-1]
    return f"Training loss, running mean: {first:.3f} at first, {last:.3f} at step {losses['step'].iloc[-1]:.0f}."


def _accuracy_words(accuracies: pd.DataFrame) -> str:
    said = ", ".join(f"epoch {row.epoch:.0f}: {row.accuracy:.1f} %" for row in accuracies.itertuples())
    return f"Dev accuracy, {said}."


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "fontSize": 14, "fontWeight": "normal"}


def _loss_spec() -> dict[str, Any]:
    step = {
        "field": "step",
        "type": "quantitative",
        "axis": {"title": "step", "tickMinStep": 1, "tickCount": 5, "grid": False},
    }
    tooltip = [
        {"field": "step", "format": ".0f"},
        {"field": "loss", "format": ".3f"},
        {"field": "mean", "format": ".3f"},
    ]

    def line(field: str, **mark: Any) -> dict[str, Any]:
        y = {"field": field, "type": "quantitative", "scale": {"zero": False}, "axis": _VALUES}
        return {
            "mark": {"type": "line", "color": _LOSS, **mark},
            "encoding": {"x": step, "y": y, "tooltip": tooltip},
        }

    layers = [line("loss", opacity=0.3, strokeWidth=1), line("mean", strokeWidth=2)]
    return {"title": _title("Training loss and its running mean"), "layer": layers}


def _accuracy_spec() -> dict[str, Any]:
    return {
        "title": _title("Dev accuracy, %"),
        "mark": {"type": "line", "point": {"size": 50, "color": _ACCURACY}, "color": _ACCURACY, "strokeWidth": 2},
        "encoding": {
            "x": {
                "field": "epoch",
                "type": "quantitative",
                "axis": {"title": "epoch", "tickMinStep": 1, "format": "d", "tickCount": 5, "grid": False},
            },
            "y": {
                "field": "accuracy",
                "type": "quantitative",
                "scale": {"zero": False},
                "axis": _VALUES,
            },
            "tooltip": [{"field": "epoch", "format": ".0f"}, {"field": "accuracy", "format": ".1f"}],
        },
    }
