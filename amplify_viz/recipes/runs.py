"""Figures of what came of trainings: of finished runs of one data set and backbone, whether or not their weights are kept."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pandas as pd

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.recipes.folders import OfFolders, left_out, name_of, said
from amplify_viz.recipes.recipe import Made, Source, listed, portable
from amplify_viz.results.curves import (
    WINDOW,
    accuracies_by_noise,
    as_curve,
    curves_of,
    pooled_lam,
    reliability_of,
    setting_of,
    thinned,
)
from amplify_viz.results.groups import Group, groups_of
from amplify_viz.runs import Run
from amplify_viz.statistics.curves import Curve

if TYPE_CHECKING:
    from amplify_viz.figures import Figure

Split = Literal["dev", "test"]
Table = pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class OfRuns(OfFolders):
    """What finished runs of one data set and backbone left behind."""

    def draw(self) -> Made:
        """Reads the runs and draws them."""
        return self.made(self._group())

    def made(self, group: Group) -> Made:
        """The same of runs that are read already."""
        drawn = self.of(group)
        return Made(
            figure=drawn.figure(),
            table=drawn.table(),
            caption=said(drawn.caption, left_out(len(group.frame) - len(drawn.runs), len(group.frame), drawn.lack)),
            sources=tuple(Source(str(run.folder), name_of(run), run.weights_sha256, run) for run in drawn.runs),
        )

    @abstractmethod
    def of(self, group: Group) -> "Drawn":
        """What is drawn of the runs.  Raises InputError where none of them has it."""

    def _group(self) -> Group:
        """The runs asked for.  Raises InputError as `found`, and for runs of several data sets."""
        groups = groups_of(*self.found())
        if len(groups) != 1:
            raise InputError(
                f"A figure shows runs of one data set and backbone, got {listed(list(groups))}: give --data or --backbone, or "
                f"the folder of one."
            )
        return next(iter(groups.values()))


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a figure shows: its runs, in order; the caption; the figure and its table, made when they are asked for.

    lack: what the runs that are left out are without.
    """

    runs: Sequence[Run]
    caption: str
    figure: Callable[[], "Figure"]
    table: Callable[[], Table]
    lack: str = ""


@dataclass(frozen=True, kw_only=True)
class LossCurves(OfRuns):
    """Training loss by step, and accuracy on the dev split by epoch, of each method (the paper's Figure 4)."""

    KIND: ClassVar[str] = "loss-curves"

    def of(self, group: Group) -> Drawn:
        """Draws the runs that have a steps.jsonl."""
        losses = curves_of(group.by_label(), "steps.jsonl", "step", "loss")
        if not losses:
            raise InputError("None of these runs has a steps.jsonl, from which the curves are drawn: train them again.")
        kept = {
            label: [run for run in runs if run.config.seed in losses.get(label, ())]
            for label, runs in group.by_label().items()
        }
        rates = curves_of(kept, "epochs.jsonl", "epoch", "dev_accuracy")
        curves, window = thinned(_without_seeds(losses))
        accuracies = {name: list(map(as_curve, several)) for name, several in _without_seeds(rates).items()}
        data = group.data + ("" if window > 1 else f" · running means of {WINDOW} steps")
        return Drawn(
            runs=[run for runs in kept.values() for run in runs],
            caption=f"Training loss by step (running means of {WINDOW}) and dev accuracy by epoch, on {group.title}.",
            figure=lambda: av.figures.loss_curves(
                curves, accuracies=accuracies or None, window=window, data=data, width=self.width
            ),
            table=lambda: pd.concat(
                [
                    _curves_table("loss", "step", losses, curves),
                    _curves_table("dev accuracy", "epoch", rates, accuracies),
                ],
                ignore_index=True,
            ),
            lack="steps.jsonl",
        )


def _without_seeds(curves: Mapping[str, Mapping[int, "pd.Series[float]"]]) -> dict[str, list["pd.Series[float]"]]:
    return {label: list(several.values()) for label, several in curves.items()}


def _curves_table(
    what: str, along: str, seeds: Mapping[str, Iterable[int]], curves: Mapping[str, Sequence[Curve]]
) -> Table:
    """The curves handed to the figure: method, seed, what, along what, where, value."""
    rows = [
        (label, seed, what, along, at, value)
        for label, several in curves.items()
        for seed, curve in zip(seeds[label], several, strict=True)
        for at, value in zip(*curve, strict=True)
    ]
    return pd.DataFrame(rows, columns=["method", "seed", "quantity", "along", "at", "value"])


@dataclass(frozen=True, kw_only=True)
class Reliability(OfRuns):
    """How often each method is right, by how sure it is, and its calibration error, for the runs of one seed."""

    KIND: ClassVar[str] = "reliability"

    split: Split = "test"  # on which split
    seed: int | None = None  # whose runs; the lowest seed by default

    def of(self, group: Group) -> Drawn:
        """Draws the runs of the seed that have measured it."""
        group = group.with_seed(self._seed(group))
        first = {label: runs[0] for label, runs in group.by_label().items()}
        found = {label: one for label, run in first.items() if (one := reliability_of(run, self.split))}
        if not found:
            raise InputError(f"None of these runs has measured its reliability on {self.split}: train newer ones.")
        tables, errors = (
            {label: one[0] for label, one in found.items()},
            {label: one[1] for label, one in found.items()},
        )
        where = f"seed {group.seeds[0]}, {self.split}"
        return Drawn(
            runs=[first[label] for label in found],
            caption=f"Accuracy against confidence in 15 bins, with the rows of each, on {group.title} ({where}).",
            figure=lambda: av.figures.reliability(tables, ece=errors, split=where, width=self.width),
            table=lambda: pd.concat(
                [table.assign(method=label, ece=errors[label]) for label, table in tables.items()], ignore_index=True
            ),
            lack="reliability in run.json",
        )

    def made(self, group: Group) -> Made:
        """Runs of other seeds are not asked for."""
        return super().made(group.with_seed(self._seed(group)))

    def _seed(self, group: Group) -> int:
        seed = group.seeds[0] if self.seed is None else self.seed
        if seed not in group.seeds:
            raise InputError(f"--seed is one that these runs have, {', '.join(map(str, group.seeds))}; got {seed}.")
        return seed


@dataclass(frozen=True, kw_only=True)
class LamDrawn(OfRuns):
    """The mixing weights λ that training really drew, all seeds together, beside what the settings say."""

    KIND: ClassVar[str] = "lam-drawn"

    def of(self, group: Group) -> Drawn:
        """Draws the runs that drew λ."""
        runs = group.by_label()
        found = {label: lam for label, several in runs.items() if (lam := pooled_lam(several))}
        if not found:
            raise InputError("None of these runs drew λ: give runs of a method that mixes.")
        drew = [run for label in found for run in runs[label]]
        settings = {label: setting_of(runs[label][0]) for label in found}
        rows = [
            (label, low, high, int(count))
            for label, (edges, counts) in found.items()
            for low, high, count in zip(edges, edges[1:], counts, strict=False)
        ]
        table = pd.DataFrame(rows, columns=["method", "low", "high", "steps"])
        table["share"] = table["steps"] / table.groupby("method")["steps"].transform("sum")
        return Drawn(
            runs=drew,
            caption=f"Share of training steps by drawn λ, all seeds together, and the share expected, on {group.title}.",
            figure=lambda: av.figures.lam_drawn(found, settings, width=self.width),
            table=lambda: table,
            lack="λ",
        )


@dataclass(frozen=True, kw_only=True)
class AccuracyByNoise(OfRuns):
    """Accuracy by the share of training text deleted, swapped or labelled wrongly (the paper's Tables 4 and 5)."""

    KIND: ClassVar[str] = "accuracy-by-noise"

    split: Split = "test"  # on which split

    def of(self, group: Group) -> Drawn:
        """Draws the runs with noise, and those without it of the same methods."""
        table = accuracies_by_noise(group.frame, self.split)
        if table.empty:
            raise InputError("None of these runs was trained with noise: deleted or swapped words, or flipped labels.")
        bars = "mean ± sd over seeds"
        return Drawn(
            runs=group.all_runs,
            caption=f"Accuracy on {self.split} by the share of noise in training, on {group.title}; bars: {bars}.",
            figure=lambda: av.figures.accuracy_by_noise(table, bars=bars, split=self.split, width=self.width),
            table=lambda: table,
        )


def options_of(group: Group) -> dict[str, Any]:
    """What a recipe of a group's runs is made of: each of their folders."""
    return {"run": tuple(portable(run.folder) for run in group.all_runs)}
