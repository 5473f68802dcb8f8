"""Figures of tests and measures on one text: by layer, and by layer and head."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Literal

import pandas as pd

import amplify_viz as av
from amplify_viz.comparison.quantities import Quantity, full_of
from amplify_viz.errors import InputError
from amplify_viz.recipes.recipe import listed
from amplify_viz.recipes.texts import OfText, Table, names
from amplify_viz.records import AttentionRecord

if TYPE_CHECKING:
    from amplify_viz.figures import Figure

Records = Sequence[AttentionRecord]
Shown = Literal["standardised-difference", "mean-absolute-difference", "p", "corrected-p"]
Measure = Literal[
    "entropy", "relative-entropy", "confidence", "distance", "share-previous", "share-self", "share-next",
    "share-first", "share-special", "share-separator", "share-across",
]  # fmt: skip

WELCH = "Welch's t-test over the elements of attention outputs: uncalibrated, for elements are dependent"
MEANS = (
    "It says whether the grand means differ on this text, never whether the outputs do, which can be far apart with equal means "
    "(see the mean absolute difference), nor whether methods do"
)
CORRECTED = "p_value without correction, p_corrected by Holm over the tests of one checkpoint"
TESTED: Mapping[Shown, Quantity] = MappingProxyType(
    {
        "standardised-difference": Quantity("standardised_difference", "standardised difference", signed=True),
        "mean-absolute-difference": Quantity("mean_absolute_difference", "mean absolute difference"),
        "p": Quantity("p_value", "p", is_p=True),
        "corrected-p": Quantity("p_corrected", "corrected p", is_p=True),
    }
)
"""The values of the option `show` of tests by head."""
_UNITS: Mapping[Measure, str] = MappingProxyType({"entropy": "nats", "distance": "tokens"})

_DECIDING = ("share_previous", "share_next", "share_self", "share_first", "share_separator", "relative_entropy")


@dataclass(frozen=True, kw_only=True)
class LayerTests(OfText):
    """The paper's t-test of attention outputs by layer (its Figure 3): each checkpoint against the first one."""

    KIND: ClassVar[str] = "layer-tests"

    @property
    def test(self) -> str:
        """The test that the figure shows."""
        return f"{WELCH}; {CORRECTED}"

    def figure(self, records: Records) -> "Figure":
        """Draws the tests."""
        return av.figures.p_values(_layer_tests(records), note=_said(records), width=self.width)

    def table(self, records: Records) -> Table:
        """The table of `statistics.layer_tests`."""
        return _from_one(_layer_tests(records))

    def caption(self, records: Records) -> str:
        """What the figure shows."""
        return (
            f"p-values (not corrected for their number), standardised differences and mean absolute differences of the attention "
            f"outputs of {names(records[1:])} minus {records[0].checkpoint}, by layer. {WELCH}. {MEANS}. {_said(records)}"
        ).strip()


@dataclass(frozen=True, kw_only=True)
class HeadTests(OfText):
    """The paper's t-test by layer and head: the second checkpoint against the first."""

    KIND: ClassVar[str] = "head-tests"

    show: Shown = "standardised-difference"  # what the colours and numbers are

    @property
    def test(self) -> str:
        """The test that the figure shows."""
        return f"{WELCH}; {CORRECTED}"

    def figure(self, records: Records) -> "Figure":
        """Draws the tests."""
        table, quantity = _head_tests(records), TESTED[self.show]
        name = f"{records[1].checkpoint} − {records[0].checkpoint}"
        note = f"n = {table['n'].iloc[0]:,} elements on each side. {self._tested}. {_said(records)}".strip()
        return av.figures.head_map(
            {name: table},
            quantity.column,
            caption=quantity.caption,
            kind=quantity.kind,
            full=None if quantity.is_p else full_of([table], quantity),
            note=note,
            width=self.width,
        )

    def table(self, records: Records) -> Table:
        """The table of `statistics.head_tests`."""
        return _from_one(_head_tests(records))

    def caption(self, records: Records) -> str:
        """What the figure shows."""
        reference, tested = (record.checkpoint for record in records)
        shown = {"p": "p-value", "corrected-p": "Corrected p-value"}.get(
            self.show, TESTED[self.show].caption.capitalize()
        )
        what = f"{shown} of attention outputs by layer and head, {tested} minus {reference}"
        return f"{what}. {self._tested}. {MEANS}. {_said(records)}".strip()

    @property
    def _tested(self) -> str:
        how = {"p": "; not corrected for the number of heads", "corrected-p": "; corrected by Holm over the heads"}
        return f"{WELCH}{how.get(self.show, '')}"


@dataclass(frozen=True, kw_only=True)
class HeadMeasures(OfText):
    """One measure of every head, such as its entropy."""

    KIND: ClassVar[str] = "head-measures"

    measure: Measure = "entropy"

    def figure(self, records: Records) -> "Figure":
        """Draws the measure."""
        tables = {record.checkpoint: av.statistics.head_measures(record) for record in records}
        full = None if self.measure in _UNITS else 1.0
        note = f"{_means(records)} {_said(records)}".strip()
        return av.figures.head_map(tables, self._column, caption=self._name, full=full, note=note, width=self.width)

    def table(self, records: Records) -> Table:
        """The measure's column of `statistics.head_measures`."""
        whole = pd.concat([av.statistics.head_measures(record) for record in records], ignore_index=True)
        return _from_one(whole)[["checkpoint", "layer", "head", self._column, "status"]]

    def caption(self, records: Records) -> str:
        """What the figure shows."""
        shown = f"{self._name.capitalize()} of every head of {names(records)}, a mean over the tokens of one text."
        return f"{shown} {_said(records)}".strip()

    @property
    def _column(self) -> str:
        return self.measure.replace("-", "_")

    @property
    def _name(self) -> str:
        unit = _UNITS.get(self.measure)
        return self.measure.replace("-", " ") + (f" ({unit})" if unit else "")


@dataclass(frozen=True, kw_only=True)
class HeadKinds(OfText):
    """Which kind every head is: positional, first token, separator, broad or content."""

    KIND: ClassVar[str] = "head-kinds"

    def figure(self, records: Records) -> "Figure":
        """Draws the kinds."""
        tables = {record.checkpoint: _kinds(record) for record in records}
        note = f"{_rules()} {_means(records)} {_said(records)}".strip()
        return av.figures.head_kinds(tables, note=note, width=self.width)

    def table(self, records: Records) -> Table:
        """The kind of every head, and the measures that decide it."""
        whole = pd.concat([_kinds(record) for record in records], ignore_index=True)
        return _from_one(whole)[["checkpoint", "layer", "head", "kind", "position", *_DECIDING, "status"]]

    def caption(self, records: Records) -> str:
        """What the figure shows."""
        return f"What kind every head of {names(records)} is on one text. {_rules()} {_said(records)}".strip()


def _kinds(record: AttentionRecord) -> Table:
    return av.statistics.head_kinds(av.statistics.head_measures(record))


def _rules() -> str:
    rules = av.statistics.KindRules()
    return (
        f"The first rule that holds gives the kind. Positional: a share of {rules.positional:g} or more of the attention goes to "
        f"the previous token, the next or itself; first token and separator: {rules.special:g} or more goes to the first token "
        f"(such as [CLS]) and separators (such as [SEP]) together, and the kind is the one that gets more; broad: the entropy is "
        f"{rules.broad:g} or more of uniform attention's; else content."
    )


def _means(records: Records) -> str:
    """Over how many tokens, of each record where tokenizers cut the text otherwise."""
    counts = [f"{record.n_tokens:,}" for record in records]
    if len(set(counts)) == 1:
        return f"Means over the {counts[0]} tokens of one text."
    return f"Means over the tokens of one text: {listed(counts)} of them, in this order, as each checkpoint's tokenizer cuts it."


def _said(records: Records) -> str:
    return " ".join(av.figures.sentences.of_records(records))


def _layer_tests(records: Records) -> Table:
    if len(records) < 2:
        raise InputError("Checkpoints are tested against the first one, got one alone: give --run twice or more.")
    return av.statistics.layer_tests(*records)


def _head_tests(records: Records) -> Table:
    if len(records) != 2:
        raise InputError(f"One checkpoint is tested against another, got {len(records)} in all: give --run twice.")
    return av.statistics.head_tests(*records)


def _from_one(table: Table) -> Table:
    """The table with layers and heads counted from one."""
    return table.assign(**{name: table[name] + 1 for name in ("layer", "head") if name in table})
