"""The figure of a comparison over many texts: one measure by layer and head, of two checkpoints or two groups of runs."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Literal

import pandas as pd

import amplify_viz as av
from amplify_viz.checkpoints import load
from amplify_viz.comparison import NAMES, Choices, Comparison, compare
from amplify_viz.comparison.captions import joined, note_of, plain_measure, sides_of, tested_by, title_of
from amplify_viz.comparison.quantities import Quantity, full_of, measures_of, quantities, rows_of
from amplify_viz.comparison.tables import Measure
from amplify_viz.errors import InputError
from amplify_viz.reading import Columns, Texts, pasted_texts, read_texts
from amplify_viz.recipes.recipe import EACH, Each, Made, Recipe, Source, source_of
from amplify_viz.statistics.inputs import Correction, Test

Shown = Literal["effect-size", "difference", "excess", "mean", "between", "p-corrected", "p"]
SHOWN: Mapping[str, Shown] = MappingProxyType(
    {
        "Effect size": "effect-size",
        "Difference": "difference",
        "Excess": "excess",
        "Mean": "mean",
        "Between groups": "between",
        "p, corrected": "p-corrected",
        "p": "p",
    }
)
"""The values of the option `show`, by the names of `quantities`."""


@dataclass(frozen=True, kw_only=True)
class ComparisonMap(Recipe):
    """What a comparison over many texts found, by layer and head: two checkpoints, or two groups of runs."""

    KIND: ClassVar[str] = "comparison-map"

    a: Each = field(metadata=EACH)  # a run folder, or another checkpoint; for a group give it once for each run
    b: Each = field(metadata=EACH)  # what it is compared with
    data: str | None = None  # a .jsonl, .csv, .tsv, .parquet or .txt file, a folder of splits, or "roles"
    texts: str | None = None  # instead of data: one text a line, a tab between the two sentences of a pair
    split: str = "test"  # of a folder of splits, and of the built-in pairs
    limit: int | None = None  # take the first so many texts
    text_column: str | None = None  # the column of texts, where its name is unusual
    pair_column: str | None = None  # that of second texts
    label_column: str | None = None  # that of labels
    measure: Measure = "entropy"  # what is mapped
    show: Shown | None = None  # what the colours and numbers are; the effect size, or of distances the mean, by default
    test: Test | None = None  # over inputs, for one run on each side; t by default
    correction: Correction = "holm"  # for the layers and heads

    def make(self) -> Made:
        """Measures what is not measured yet, and draws it."""
        a, b = ([load(source) for source in side] for side in (self.a, self.b))
        choices = Choices((self.measure,), self.test, self.correction)
        found = compare(a, b, self._texts(), choices=choices)
        return self.made(found, *([source_of(one) for one in side] for side in (a, b)))

    def made(
        self,
        found: Comparison,
        a: Sequence[Source],
        b: Sequence[Source],
        *,
        labels: Sequence[Sequence[str]] | None = None,
    ) -> Made:
        """The same of a comparison that is there already.

        a, b: its checkpoints; labels: how those of each side are called, by default by name.
        """
        measure = next(name for name in measures_of(found) if plain_measure(name) == self.measure)
        rows = rows_of(found, measure)
        name, quantity = self._quantity(rows)
        names = labels or [[one.name for one in side] for side in (a, b)]
        test = tested_by(found, corrected=True) if "p_value" in rows else ""
        sides = f"A: {joined(names[0])}. B: {joined(names[1])}."
        return Made(
            figure=av.figures.head_map(
                {sides_of(measure): rows},
                quantity.column,
                caption=quantity.caption,
                kind=quantity.kind,
                full=None if quantity.is_p else full_of([rows], quantity),
                note=note_of(found, measure, quantity.column, a=names[0], b=names[1]),
                title=f"{NAMES[measure][0].upper()}{NAMES[measure][1:]}: {quantity.caption}",
                width=self.width,
            ),
            table=rows.assign(layer=rows["layer"] + 1, head=rows["head"] + 1),
            caption=f"{title_of(found, measure)}: {name[0].lower()}{name[1:]} by layer and head. {sides} {test}".strip(),
            sources=(*a, *b),
            texts=(_digest(found.texts),),
            test=test,
        )

    def _texts(self) -> Texts:
        if (self.data is None) == (self.texts is None):
            raise InputError("A comparison reads a file or a list, got both or none: give --data or --texts.")
        if self.texts is not None:
            return pasted_texts(self.texts).first(self.limit)
        columns = Columns(self.text_column, self.pair_column, self.label_column)
        return read_texts(self.data or "", split=self.split, columns=columns).first(self.limit)

    def _quantity(self, rows: pd.DataFrame) -> tuple[str, Quantity]:
        known = quantities(rows)
        asked = next((name for name in known if SHOWN[name] == self.show), None if self.show else next(iter(known)))
        if asked is None:
            raise InputError(
                f"Of {self.measure} between these sides there is {', '.join(SHOWN[name] for name in known)}, got --show "
                f"{self.show}: choose one of these."
            )
        return asked, known[asked]


def _digest(texts: Texts) -> str:
    """What was read, in a line: too many to be listed."""
    digest = hashlib.sha256(json.dumps(texts.inputs, ensure_ascii=False).encode()).hexdigest()
    kind = "pairs" if texts.are_pairs else "texts"
    return f"{texts.origin}: {len(texts.inputs):,} {kind}, SHA-256 {digest}"
