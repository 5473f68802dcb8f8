"""Methods against a baseline as a figure: the differences over seeds of runs of any number of data sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import pandas as pd

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.recipes.folders import OfFolders, left_out, name_of, said
from amplify_viz.recipes.recipe import EACH, Each, Made, Source, listed
from amplify_viz.recipes.runs import Split
from amplify_viz.results import METRICS, data_title, paired_differences, partners, row_names
from amplify_viz.runs import Run

MetricName = Literal["accuracy", "macro_f1", "nll", "brier", "ece"]
_LEFT_OUT = ("sentence", "seeds", "differences")


@dataclass(frozen=True, kw_only=True)
class PairedDifferences(OfFolders):
    """A metric minus the baseline's with the same seed, for each method: mean, 95 % t interval and single seeds."""

    KIND: ClassVar[str] = "paired-differences"

    split: Split = "test"  # on which split
    metric: MetricName = "accuracy"  # what is compared
    baseline: str = "none"  # the method that the others are compared with
    method: Each = field(default=(), metadata=EACH)  # a method to show; give it once for each, all by default

    def draw(self) -> Made:
        """Reads the runs, compares them and draws the differences."""
        return self.made(*self.found())

    def made(self, frame: pd.DataFrame, runs: Mapping[str, Run]) -> Made:
        """The same of runs that are read already.  frame: a row a run as `gather` gives it; runs: by folder."""
        found = self._differences(frame)
        asked = frame[frame["method"].isin([*self._shown(frame), self.baseline])]
        rest = partners(asked, baseline=self.baseline)
        lack = f"a partner of {self.baseline} with the same data, seed and settings"
        metric, data = METRICS[self.metric], listed([data_title(name) for name in found["data"].unique()])
        unit = {"%": "points"}.get(metric.unit, metric.unit)
        quantity = f"{self.split} {metric.title}"
        about = f"{quantity[0].upper()}{quantity[1:]}{f' in {unit}' if unit else ''}"
        table = found.assign(panel=found["data"].map(data_title), name=row_names(found))
        return Made(
            figure=av.figures.differences(
                table,
                quantity=quantity,
                unit=unit,
                baseline=self.baseline,
                higher_is_better=metric.higher_is_better,
                width=self.width,
            ),
            table=_by_seed(found),
            caption=said(
                f"{about}, minus that of {self.baseline} with the same seed, on {data}: means with 95 % t intervals.",
                left_out(len(asked) - len(rest), len(asked), lack),
            ),
            sources=tuple(
                Source(folder, name_of(runs[folder]), runs[folder].weights_sha256, runs[folder])
                for folder in rest["folder"]
            ),
            test="95 % t intervals of differences paired by seed",
        )

    def _differences(self, frame: pd.DataFrame) -> pd.DataFrame:
        found = paired_differences(frame, metric=self.metric, split=self.split, baseline=self.baseline)
        shown = _settings_in_order(found[found["method"].isin(self._shown(frame))])
        if shown.empty:
            raise InputError(
                f"None of these runs has a partner of {self.baseline} with the same data, seed and settings, and "
                f"{METRICS[self.metric].title} on {self.split}: train both with equal settings."
            )
        return shown

    def _shown(self, frame: pd.DataFrame) -> tuple[str, ...]:
        known = sorted(frame["method"].unique())
        for name in self.method:
            if name not in known:
                raise InputError(f"--method is one that these runs have, {', '.join(known)}; got {name!r}.")
        return self.method or tuple(known)


def _settings_in_order(found: pd.DataFrame) -> pd.DataFrame:
    """The rows of one data set and method by their settings: the method's own, which say least, come first."""
    places = dict.fromkeys(zip(found["data"], found["method"], strict=True))
    order = {pair: place for place, pair in enumerate(places)}
    keys = [
        (order[data, method], settings) for data, method, settings in found[["data", "method", "settings"]].to_numpy()
    ]
    return found.iloc[sorted(range(len(found)), key=keys.__getitem__)].reset_index(drop=True)


def _by_seed(found: pd.DataFrame) -> pd.DataFrame:
    """A row for each seed of each difference, with the mean and the interval of its row."""
    rows = [
        {**{name: value for name, value in row.items() if name not in _LEFT_OUT}, "seed": seed, "difference": value}
        for row in found.to_dict("records")
        for seed, value in zip(row["seeds"], row["differences"], strict=True)
    ]
    return pd.DataFrame(rows)
