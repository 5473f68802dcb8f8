"""From a comparison to a report: its figures, tables and words, and the files they go into.

Public names: `Report`, `report`, `write`.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

import amplify_viz as av
from amplify_viz.checkpoints import Checkpoint
from amplify_viz.comparison import NAMES, Comparison, lengths_of, predictions, ranked_texts, said
from amplify_viz.comparison.captions import plain_measure
from amplify_viz.comparison.quantities import measures_of
from amplify_viz.comparison.tables import MEASURES, SIMILARITIES, Measure
from amplify_viz.comparison.wording import inputs_of
from amplify_viz.errors import InputError
from amplify_viz.recipes import ComparisonMap, HeadView, LayerTests, Made, OfText, Recipe, to_file
from amplify_viz.recipes.corpora import digest
from amplify_viz.recipes.files import comment
from amplify_viz.recipes.provenance import run_entry, to_csv, versions
from amplify_viz.recipes.recipe import portable, source_of
from amplify_viz.report.methods import methods_paragraph
from amplify_viz.report.page import Figure, Section, page
from amplify_viz.report.references import bibtex, references
from amplify_viz.results import to_latex
from amplify_viz.runs import write_whole

WIDTH = 6.9  # inches, of every figure
_MOST = 10  # texts that are ranked
_ABOUT = "provenance.json"
_PART = re.compile(r"(figures/|tables/)?[a-z0-9-]+\.[a-z]+")  # what a report writes


@dataclass(frozen=True, eq=False)
class Report:
    """Everything of a report: the page, and its parts as files by their path in the report's folder."""

    html: str
    files: Mapping[str, bytes]
    methods: str


def report(
    found: Comparison,
    a: Sequence[Checkpoint],
    b: Sequence[Checkpoint],
    *,
    reading: Mapping[str, Any],
    command: Sequence[str] = (),
) -> Report:
    """Makes the report of a comparison.  a, b: the checkpoints that were compared.

    reading: how its texts are read, as options of `recipes.ComparisonMap`: data or texts, and what else was chosen; command:
    what makes the whole report again.  It has the result in words, a map for each measure, head measures of the first run of
    each side, predictions, the texts that differ most with the head view of the first of them, the methods as a paragraph,
    references, and how it was made.  Each figure can be made again by itself.
    """
    maker = _Maker(found, list(a), list(b), reading, command)
    sections = list(maker.sections())
    title = f"{'Two groups of runs' if found.of_groups else 'Two checkpoints'} compared on {inputs_of(found)}"
    return Report(page(title, sections), maker.files, maker.methods)


def write(made: Report, folder: Path) -> Path:
    """Writes report.html and its parts into a folder, and returns the page's path; those of an earlier report are replaced.

    Raises InputError where the folder cannot be written to.
    """
    files = {**made.files, "report.html": made.html.encode()}
    try:
        for name in _earlier(folder) - set(files):
            (folder / name).unlink(missing_ok=True)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
    except OSError as error:
        raise InputError(
            f"A report is written to a folder, but {folder} cannot be written to ({error.strerror}): choose another."
        ) from error
    return folder / "report.html"


def _earlier(folder: Path) -> set[str]:
    """The files of the report that is there, as it lists them; none where it does not."""
    try:
        names = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))["files"]
        return {name for name in names if _PART.fullmatch(name)}
    except (OSError, ValueError, TypeError, KeyError):
        return set()


class _Maker:
    """Makes the sections one after the other, and keeps what goes into files on the way."""

    def __init__(
        self,
        found: Comparison,
        a: Sequence[Checkpoint],
        b: Sequence[Checkpoint],
        reading: Mapping[str, Any],
        command: Sequence[str],
    ) -> None:
        self.found, self.checkpoints, self.reading, self.command = found, (*a, *b), reading, shlex.join(command)
        self.a, self.b = ([source_of(one) for one in side] for side in (a, b))
        self.pair = (a[0], b[0])
        self.files: dict[str, bytes] = {}
        self.versions = versions()
        self.methods = methods_paragraph(found, self.a, self.b, versions=self.versions)

    def sections(self) -> Iterator[Section]:
        words = said(self.found)
        yield Section("What was compared", points=[*self._sides()], paragraphs=words.can_say)
        yield Section("What was found", points=words.found)
        for measure in measures_of(self.found):
            yield self._of_measure(measure)
        yield self._predictions()
        yield self._ranked()
        yield from self._of_text()
        yield Section("How to read it", points=words.notes)
        yield self._methods()
        yield self._provenance()

    def _sides(self) -> Iterator[str]:
        for side, sources in (("A", self.a), ("B", self.b)):
            yield f"{side}: " + ", ".join(f"{one.name} ({one.source})" for one in sources)
        yield f"Inputs: {self.found.origin}. Differences are B − A."
        yield from lengths_of(self.found)

    def _of_measure(self, measure: str) -> Section:
        """Its map, the maps of both sides where each checkpoint has it, and its table."""
        name = _file_name(measure)
        drawn = self._map(measure)
        made = drawn.made(self.found, self.a, self.b)
        figures = [self._figure(name, drawn, made)]
        self._table(name, made.table, made.caption, csv=to_file(drawn, made, "csv"))
        if measure in self.found.corpus.singles[0].measures:
            sides = replace(drawn, show="sides")
            figures.append(self._figure(f"{name}-sides", sides, sides.made(self.found, self.a, self.b)))
        return Section(_title(measure), figures=figures, table=_readable(made.table), folded=True)

    def _map(self, measure: str) -> ComparisonMap:
        choices = self.found.choices
        return ComparisonMap(
            **self.reading,
            a=tuple(one.source for one in self.a),
            b=tuple(one.source for one in self.b),
            measure=plain_measure(measure),
            test=choices.test,
            correction=choices.correction,
            width=WIDTH,
        )

    def _predictions(self) -> Section:
        table = predictions(self.found)
        if table.empty:
            return Section("Predictions", paragraphs=["These checkpoints have no classes."])
        self._table("predictions", table, "Predictions of each checkpoint.")
        shown = table.drop(columns=[name for name in table if table[name].isna().all()])
        text = (
            "Agreement is the share of inputs on which a checkpoint predicts what the runs of that side do, itself left out. "
            "Attention can differ a lot where predictions agree, and the other way round."
        )
        return Section("Predictions", paragraphs=[text], table=shown)

    def _ranked(self) -> Section:
        table = ranked_texts(self.found, self._ranking, n=_MOST)
        table = table.assign(layer=table["layer"] + 1, head=table["head"] + 1)
        self._table("ranked", table, "Inputs on which the sides differ most.")
        text = (
            f"By the {NAMES[self._ranking]}. The largest of many numbers are partly so by chance: this says where to look, and "
            f"tests nothing."
        )
        shown = table[["rank", "text", "text_pair", "layer", "head", "mean", "largest"]]
        return Section("Where they differ most", paragraphs=[text], table=shown.dropna(axis="columns", how="all"))

    @property
    def _ranking(self) -> Measure:
        """The measure that inputs are ranked by: of two checkpoints where there is one."""
        taken = {name.removeprefix("1 − ") for name in measures_of(self.found)}
        order: list[Measure] = ["mean_absolute_difference", "jensen_shannon", *SIMILARITIES, *MEASURES]  # type: ignore[list-item]
        return next(name for name in order if name in taken)

    def _of_text(self) -> Iterator[Section]:
        """The views of the input on which the first runs of both sides differ most."""
        row = ranked_texts(self.found, self._ranking, n=1).iloc[0]
        if row["status"] != "ranked":
            return
        text, second = self.found.texts.inputs[int(row["input"])]
        records = [av.capture(checkpoint, text, second) for checkpoint in self.pair]
        sources = tuple(portable(checkpoint.source) for checkpoint in self.pair)
        head = () if pd.isna(row["head"]) else (int(row["head"]) + 1,)
        shared: dict[str, Any] = {"run": sources, "text": text, "pair": second, "width": WIDTH}
        recipes: list[OfText] = [
            HeadView(
                **shared, layer=int(row["layer"]) + 1, heads=head, level="words", special="hidden", difference=(1, 2)
            ),
            LayerTests(**shared),
        ]
        figures = [
            self._figure(recipe.KIND, recipe, recipe.made(records, [self.a[0], self.b[0]]), numbers=True)
            for recipe in recipes
        ]
        yield Section("The input that differs most", quotes=[part for part in (text, second) if part], figures=figures)

    def _methods(self) -> Section:
        trained = [source.run.config.method for source in (*self.a, *self.b) if source.run is not None]
        keys = references(self.found, methods=trained)
        self.files["methods.txt"] = f"{self.methods}\n".encode()
        self.files["references.bib"] = bibtex(keys).encode()
        return Section("Methods, for a paper", paragraphs=[self.methods], literal=bibtex(keys).strip())

    def _provenance(self) -> Section:
        runs = [run_entry(one) for one in (*self.a, *self.b)]
        about = {
            "command": self.command,
            "runs": runs,
            "texts": digest(self.found.texts),
            "versions": self.versions,
            "files": [*self.files, "report.html"],
        }
        self.files[_ABOUT] = json.dumps(about, indent=1, ensure_ascii=False).encode()
        lines = [self.command] if self.command else []
        lines += [f"{one['name']}: weights {one['weights_sha256'] or 'unknown'}, {one['source']}" for one in runs]
        lines += [digest(self.found.texts), ", ".join(f"{name} {number}" for name, number in self.versions.items())]
        return Section("How it was made", literal="\n".join(lines))

    def _figure(self, name: str, recipe: Recipe, made: Made, *, numbers: bool = False) -> Figure:
        """Keeps a figure as SVG and PDF, and with its numbers as CSV, and returns it for the page."""
        for kind in ("svg", "pdf", *(["csv"] if numbers else [])):
            self.files[f"figures/{name}.{kind}"] = to_file(recipe, made, kind)
        return Figure(name, self.files[f"figures/{name}.svg"].decode(), made.caption)

    def _table(self, name: str, table: pd.DataFrame, caption: str, *, csv: bytes | None = None) -> None:
        """Keeps a table whose layers and heads count from one.  csv: with how it was made; by default a line with the command."""
        made = f"Of the report made by: {self.command}" if self.command else "Of a report."
        about = f"# {' '.join(made.split())}\n"
        self.files[f"tables/{name}.csv"] = csv or f"{about}{to_csv(table)}".encode()
        latex = to_latex(_readable(table), caption=caption, label=f"tab:{name}")
        self.files[f"tables/{name}.tex"] = "\n".join([*comment(made), latex]).encode()


def _title(measure: str) -> str:
    name = NAMES[measure]
    return name[0].upper() + name[1:]


def _file_name(measure: str) -> str:
    return measure.replace("1 − ", "one-minus-").replace("_", "-")


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """Without what is empty or the same everywhere."""
    empty = [name for name in table if table[name].isna().all()]
    return table.drop(columns=[*empty, *({"measure"} & set(table))])
