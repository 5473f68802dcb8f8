"""The figure of a comparison over many texts: one measure by layer and head, of two checkpoints or two groups of runs."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import amplify_viz as av
from amplify_viz.checkpoints import load
from amplify_viz.comparison import NAMES, Choices, Comparison, compare
from amplify_viz.comparison.captions import joined, note_of, plain_measure, sides_of, tested_by, title_of
from amplify_viz.comparison.quantities import Quantity, full_of, measures_of, quantities, rows_of
from amplify_viz.comparison.tables import Measure
from amplify_viz.comparison.wording import inputs_of
from amplify_viz.errors import InputError
from amplify_viz.reading import Columns, Texts, pasted_texts, read_texts
from amplify_viz.recipes.recipe import EACH, FILES, Each, Made, Recipe, Source, portable, source_of
from amplify_viz.statistics.inputs import Correction, Test

Shown = Literal["effect-size", "difference", "excess", "mean", "between", "p-corrected", "p", "sides"]
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
"""The values of the option `show`, by the names of `quantities`; "sides" is what each has, not what lies between them."""


@dataclass(frozen=True, kw_only=True)
class ComparisonMap(Recipe):
    """What a comparison over many texts found, by layer and head: two checkpoints, or two groups of runs."""

    KIND: ClassVar[str] = "comparison-map"

    a: Each = field(metadata=EACH | FILES)  # a run folder, or another checkpoint; for a group give it once for each run
    b: Each = field(metadata=EACH | FILES)  # what it is compared with
    # a .jsonl, .csv, .tsv, .parquet or .txt file, a folder of splits, or "roles"
    data: str | None = field(default=None, metadata=FILES)
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

    def draw(self) -> Made:
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
        if self.show == "sides":
            return self._sides(found, a, b, labels)
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
            texts=(digest(found.texts),),
            test=test,
        )

    def _sides(
        self, found: Comparison, a: Sequence[Source], b: Sequence[Source], labels: Sequence[Sequence[str]] | None
    ) -> Made:
        """What the first checkpoint of each side has of a one-checkpoint measure, on one scale."""
        if self.measure not in found.corpus.singles[0].measures:
            raise InputError(
                f"--show sides is of what each checkpoint has, {self.measure} lies between two: choose another measure."
            )
        n = f"means over n = {inputs_of(found)}"
        firsts = [side[0] for side in labels or [[one.name for one in side] for side in (a, b)]]
        titles = [f"{side}: {name}" for side, name in zip("AB", firsts, strict=True)]
        tables = {
            title: _means(found.corpus.singles[number].values(self.measure))
            for title, number in zip(titles, (0, len(a)), strict=True)
        }
        name = f"{NAMES[self.measure][0].upper()}{NAMES[self.measure][1:]}"
        return Made(
            figure=av.figures.head_map(
                tables,
                "mean",
                caption=NAMES[self.measure],
                note=f"{n[0].upper()}{n[1:]}. Texts: {found.origin}.",
                title=name,
                width=self.width,
            ),
            table=pd.concat(
                [table.assign(layer=table["layer"] + 1, head=table["head"] + 1) for table in tables.values()],
                keys=titles,
                names=["side", None],
            ).reset_index("side"),
            caption=f"{name} of each side, {n}. {'. '.join(titles)}.",
            sources=(a[0], b[0]),
            texts=(digest(found.texts),),
        )

    def _texts(self) -> Texts:
        if (self.data is None) == (self.texts is None):
            raise InputError("A comparison reads a file or a list, got both or none: give --data or --texts.")
        if self.texts is not None:
            return pasted_texts(self.texts).first(self.limit)
        columns = Columns(self.text_column, self.pair_column, self.label_column)
        return read_texts(portable(self.data or ""), split=self.split, columns=columns).first(self.limit)

    def _quantity(self, rows: pd.DataFrame) -> tuple[str, Quantity]:
        known = quantities(rows)
        asked = next((name for name in known if SHOWN[name] == self.show), None if self.show else next(iter(known)))
        if asked is None:
            raise InputError(
                f"Of {self.measure} between these sides there is {', '.join(SHOWN[name] for name in known)}, got --show "
                f"{self.show}: choose one of these."
            )
        return asked, known[asked]


def digest(texts: Texts) -> str:
    """What was read, in a line: too many to be listed."""
    found = hashlib.sha256(json.dumps(texts.inputs, ensure_ascii=False).encode()).hexdigest()
    kind = "pairs" if texts.are_pairs else "texts"
    return f"{texts.origin}: {len(texts.inputs):,} {kind}, SHA-256 {found}"


def _means(values: NDArray[np.floating[Any]]) -> pd.DataFrame:
    """layer, head and mean over the inputs of values [input, layer, head]."""
    means = values.mean(axis=0)
    places = np.array(list(np.ndindex(means.shape)))
    return pd.DataFrame({"layer": places[:, 0], "head": places[:, 1], "mean": means.ravel()})
