"""The figure of the paper's t-test by data set: each method's run against the reference method's, on one text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import amplify_viz as av
from amplify_viz.checkpoints import Checkpoint, load
from amplify_viz.errors import InputError
from amplify_viz.recipes.recipe import EACH, FILES, Each, Made, Recipe, Sentence, Source, listed, source_of
from amplify_viz.recipes.tests import CORRECTED, MEANS, WELCH
from amplify_viz.records import AttentionRecord, capture
from amplify_viz.runs import Run

Groups = Mapping[str, Sequence[AttentionRecord]]


@dataclass(frozen=True, kw_only=True)
class DataTests(Recipe):
    """The paper's t-test of attention outputs by data set: each method's run against the reference method's."""

    KIND: ClassVar[str] = "data-tests"

    run: Each = field(metadata=EACH | FILES)  # a run folder; give it once for each method and data set
    text: str  # the sentence
    pair: Sentence = None  # the second sentence of a pair
    reference: str = "amplify"  # the method that the others are tested against

    def draw(self) -> Made:
        """Reads the text with each run and draws it."""
        if not self.run:
            raise InputError("A figure of data sets needs runs, got none: give --run FOLDER, once for each.")
        checkpoints = [load(source) for source in self.run]
        records: dict[str, list[AttentionRecord]] = {}
        for data, group in self._grouped(checkpoints).items():
            records[data] = [
                replace(capture(one, self.text, self.pair), checkpoint=run.config.method) for one, run in group
            ]
        return self.made(records, [source_of(one) for one in checkpoints])

    def made(self, records: Groups, sources: Sequence[Source]) -> Made:
        """The same from records that are there already.

        records: by data set, named by their methods, the reference first; sources: of all of them, in the order of `run`.
        """
        table = av.statistics.data_tests(records)
        others = list(dict.fromkeys(table["checkpoint"]))
        note = _seeds(sources)
        return Made(
            figure=av.figures.p_values(table, note=note, width=self.width),
            table=table,
            caption=(
                f"p-values (not corrected for their number), standardised differences and mean absolute differences of "
                f"{listed(others)} minus {self.reference}, by data set: the outputs of all layers on one text. {WELCH}. {MEANS}. "
                f"{note}"
            ),
            sources=tuple(sources),
            texts=next(iter(records.values()))[0].texts,
            test=f"{WELCH}; {CORRECTED}",
        )

    def _grouped(self, checkpoints: Sequence[Checkpoint]) -> dict[str, list[tuple[Checkpoint, Run]]]:
        """The runs of each data set and backbone, the reference first, then as they were given."""
        groups: dict[str, list[tuple[Checkpoint, Run]]] = {}
        for one in checkpoints:
            if one.run is None:
                raise InputError(
                    f"A run says its method and data set, {one.source} is a checkpoint without: give a run folder."
                )
            groups.setdefault(data_of(one.run), []).append((one, one.run))
        for data, group in groups.items():
            methods = [run.config.method for _, run in group]
            twice = next((method for method in methods if methods.count(method) > 1), None)
            if twice is not None:
                raise InputError(f"A data set has one run of each method, {data} has {twice} twice: give one of them.")
            if self.reference not in methods:
                raise InputError(
                    f"Each data set has a run of the reference, {data} has {listed(methods)} and not {self.reference}: give its "
                    f"run, or another --reference."
                )
        return {
            data: sorted(group, key=lambda found: found[1].config.method != self.reference)
            for data, group in groups.items()
        }


def data_of(run: Run) -> str:
    """The data set and the backbone of a run, by which runs are compared."""
    return f"{run.config.data_name}/{run.config.backbone_name}"


def _seeds(sources: Sequence[Source]) -> str:
    """Which seeds the runs of each data set have, in a sentence."""
    seeds: dict[str, dict[int, None]] = {}
    for source in sources:
        if source.run is not None:
            seeds.setdefault(data_of(source.run), {})[source.run.config.seed] = None
    return f"Seeds: {', '.join(f'{data} {listed(list(map(str, found)))}' for data, found in seeds.items())}."
