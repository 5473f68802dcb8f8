"""Which settings tell two runs apart, and how they are named in a table.

Public names: `SETTINGS`, `METHOD_SETTINGS`, `COMMON`, `Identity`, `IDENTITIES`, `method_settings`, `variant`, `differing`,
`telling`, `shared`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pandas as pd

from amplify_viz.config import RunConfig
from amplify_viz.mixup import INSIDE_LAYERS, METHODS, Layers, Mixup

_WITHOUT_EFFECT = ("seed", "keep_epochs")  # repeats a run, or changes nothing of what comes out

SETTINGS = tuple(field.name for field in fields(RunConfig) if field.name not in _WITHOUT_EFFECT)
"""Every setting of RunConfig that decides what comes out, without the seed: runs that are equal in these are pooled."""

METHOD_SETTINGS = ("alpha", "draws", "fold", "layers", "labels", "smoothing")
"""Settings that change the method."""

COMMON = tuple(name for name in SETTINGS if name not in ("method", *METHOD_SETTINGS))
"""Settings in which two methods must agree to be compared."""


@dataclass(frozen=True)
class Identity:
    """How a hash is called in a table, and the columns that should tell what it is of: where they do not, it is shown."""

    title: str
    told_by: tuple[str, ...]


IDENTITIES: Mapping[str, Identity] = MappingProxyType(
    {
        "test_hash": Identity("data", ("data",)),
        "backbone_hash": Identity("backbone", ("backbone",)),
        "learned_hash": Identity("train", COMMON),
        "dev_hash": Identity("dev", COMMON),
    }
)
"""What must be equal too, because no setting says it.

learned_hash is that of the training rows, but for noise, which is another for each seed: None there.
"""

_LAYER_NAMES = {Fraction(1, 3): "early", Fraction(2, 3): "middle", Fraction(1): "last"}


def method_settings(mixup: Mixup) -> tuple[Any, ...]:
    """alpha, draws, fold, layers (as text), labels and smoothing; None for what means nothing to the method."""
    draws_lam = mixup.site != "none" and mixup.lam is None
    lam = (mixup.alpha, mixup.n_draws, mixup.fold) if draws_lam else (None, None, None)
    layers = _layers_text(mixup.layers) if mixup.site in INSIDE_LAYERS else None
    return (*lam, layers, mixup.labels if mixup.site != "none" else None, mixup.smoothing)


def _layers_text(layers: Layers) -> str:
    """As `--layers` takes them: "all", "early", "4-12", "4,8,12"; other shares of the depth as they are, "7/12"."""
    if layers is None:
        return "all"
    numbers = [layer + 1 for layer in layers if isinstance(layer, int)]
    shares = [layer for layer in layers if isinstance(layer, Fraction)]
    return ",".join((*_ranges(numbers), *(_LAYER_NAMES.get(share, str(share)) for share in shares)))


def _ranges(numbers: Sequence[int]) -> Iterator[str]:
    start = 0
    for end in range(1, len(numbers) + 1):
        if end == len(numbers) or numbers[end] != numbers[end - 1] + 1:
            first, last = numbers[start], numbers[end - 1]
            yield f"{first}" if first == last else f"{first}-{last}"
            start = end


def variant(run: Mapping[Any, Any], without: Collection[str] = ()) -> dict[str, Any]:
    """The settings of the method that are not the method's own, such as {"alpha": 0.2}; without: those to leave out."""
    own = dict(zip(METHOD_SETTINGS, method_settings(METHODS[run["method"]]), strict=True))
    return {name: run[name] for name in METHOD_SETTINGS if name not in without and run[name] != own[name]}


def differing(runs: pd.DataFrame, without: Collection[str] = ()) -> pd.DataFrame:
    """For each run what tells it from the others, as text: "" where only seed and `without` do.

    Columns: common, the common settings in which these runs differ and, where the settings do not tell data sets or
    backbones apart, the first digits of their hashes; variant, the settings of its method that are not the method's own; settings,
    both.  Rows and index are those of runs.
    """
    names = [name for name in COMMON if name not in without and runs[name].nunique(dropna=False) > 1]
    untold = [name for name, identity in IDENTITIES.items() if not _is_told(runs, name, identity.told_by)]
    records = runs.to_dict("records")
    common = [", ".join((*_said(run, names), *_hashes(run, untold))) for run in records]
    own = [", ".join(_said(run, variant(run, without))) for run in records]
    both = [", ".join(filter(None, texts)) for texts in zip(common, own, strict=True)]
    return pd.DataFrame({"common": common, "variant": own, "settings": both}, index=runs.index, dtype=object)


def _is_told(runs: pd.DataFrame, name: str, told_by: Collection[str]) -> bool:
    counts = runs.groupby(list(told_by), dropna=False)[name].nunique(dropna=False)
    return bool((counts <= 1).all())


def _said(run: Mapping[Any, Any], names: Iterable[str]) -> list[str]:
    return [f"{name.replace('_', ' ')} {setting_text(run[name])}" for name in names]


def _hashes(run: Mapping[Any, Any], names: Iterable[str]) -> list[str]:
    return [f"{IDENTITIES[name].title} {(run[name] or 'unknown')[:8]}" for name in names]


def telling(settings: Sequence[str]) -> list[str]:
    """Of each text, as `differing` gives them, the parts that not all of them have.

    ["epochs 4", "epochs 4, layers last"] gives ["", "layers last"].
    """
    parts = [text.split(", ") if text else [] for text in settings]
    common = set.intersection(*map(set, parts)) if parts else set()
    return [", ".join(one for one in own if one not in common) for own in parts]


def shared(runs: pd.DataFrame, without: Collection[str] = ()) -> str:
    """The common settings that all runs have and that are not the paper's, as text: "backbone minilm, epochs 4"."""
    paper = {field.name: field.default for field in fields(RunConfig)}
    names = [name for name in COMMON if name not in without and runs[name].nunique(dropna=False) == 1]
    told = [name for name in names if name == "backbone" or runs[name].iloc[0] != paper[name]]
    return ", ".join(_said(runs.iloc[0].to_dict(), told))


def setting_text(value: Any) -> str:
    """A setting as a person writes it: 2e-05, 4-12, yes, none."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
