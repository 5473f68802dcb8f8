"""From a comparison to a report: its figures, tables and words, and the files they go into.

Public names: `Report`, `report`, `write`.
"""

import json
import platform
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

import amplify_viz as av
from amplify_viz.checkpoints import Checkpoint
from amplify_viz.comparison import NAMES, Comparison, predictions, ranked_texts, said
from amplify_viz.comparison.tables import MEASURES, SIMILARITIES, Measure
from amplify_viz.errors import InputError
from amplify_viz.recipes import HeadView, LayerTests, Made, OfText, to_file
from amplify_viz.recipes.provenance import run_entry
from amplify_viz.recipes.recipe import portable, source_of
from amplify_viz.report.methods import methods_paragraph
from amplify_viz.report.page import Figure, Section, page
from amplify_viz.report.references import bibtex, references
from amplify_viz.results import to_csv, to_latex
from amplify_viz.runs import write_whole

WIDTH = 6.9  # inches, of every figure
_LIBRARIES = ("torch", "transformers", "numpy", "scipy", "matplotlib")
_MOST = 10  # texts that are ranked
_COLUMNS = {"effect_size": "effect size", "excess": "between less within groups", "mean": "mean over texts"}


@dataclass(frozen=True, eq=False)
class Report:
    """Everything of a report: the page, and its parts as files by their path in the report's folder."""

    html: str
    files: Mapping[str, bytes]
    methods: str


def report(
    found: Comparison, a: Sequence[Checkpoint], b: Sequence[Checkpoint], *, command: Sequence[str] = ()
) -> Report:
    """Makes the report of a comparison.  a, b: the checkpoints that were compared; command: what makes it again.

    It has the result in words, a map for each measure, head measures of the first run of each side, predictions, the texts
    that differ most with the head view of the first of them, the methods as a paragraph, references, and how it was made.
    """
    maker = _Maker(found, list(a), list(b), tuple(command))
    sections = list(maker.sections())
    title = f"{'Two groups of runs' if found.of_groups else 'Two checkpoints'} compared on {found.n_inputs:,} " + (
        "sentence pairs" if found.are_pairs else "texts"
    )
    return Report(page(title, sections), maker.files, maker.methods)


def write(made: Report, folder: Path) -> Path:
    """Writes report.html and its parts into a folder, and returns the page's path; files of these names are replaced.

    Raises InputError where the folder cannot be written to.
    """
    try:
        for name, content in {**made.files, "report.html": made.html.encode()}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
    except OSError as error:
        raise InputError(
            f"A report is written to a folder, but {folder} cannot be written to ({error.strerror}): choose another."
        ) from error
    return folder / "report.html"


class _Maker:
    """Makes the sections one after the other, and keeps what goes into files on the way."""

    def __init__(self, found: Comparison, a: list[Checkpoint], b: list[Checkpoint], command: tuple[str, ...]) -> None:
        self.found, self.checkpoints, self.command = found, (*a, *b), command
        self.a, self.b = ([source_of(one) for one in side] for side in (a, b))
        self.pair = (a[0], b[0])
        self.files: dict[str, bytes] = {}
        self.versions = {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}
        self.methods = methods_paragraph(found, self.a, self.b, versions=self.versions)

    def sections(self) -> Iterator[Section]:
        words = said(self.found)
        yield Section("What was compared", points=[*self._sides()], paragraphs=words.can_say)
        yield Section("What was found", points=words.found)
        for measure in self._measures():
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
        if self.found.n_cut:
            yield f"{self.found.n_cut:,} inputs were longer than a checkpoint reads, and were measured without their end."

    def _measures(self) -> list[str]:
        return [
            str(name)
            for table in (self.found.tests, self.found.distances)
            if len(table)
            for name in table["measure"].unique()
        ]

    def _of_measure(self, measure: str) -> Section:
        table = (
            self.found.tests
            if len(self.found.tests) and measure in set(self.found.tests["measure"])
            else self.found.distances
        )
        rows = table[table["measure"] == measure].reset_index(drop=True)
        column = next(name for name in ("effect_size", "excess", "mean") if name in rows)
        name = _file_name(measure)
        n = f"n = {self.found.n_inputs:,}"
        caption = f"{_title(measure)}, B − A: {_COLUMNS[column]} by layer{' and head' * bool(rows['head'].notna().any())}, {n}."
        figures = []
        if np.isfinite(rows[column].astype(float)).any():
            kind: Literal["amount", "signed"] = "amount" if column == "mean" else "signed"
            drawn = av.figures.head_map(
                {"B − A": rows}, column, caption=_COLUMNS[column], kind=kind, note=f"{NAMES[measure]}, {n}.", width=WIDTH
            )  # fmt: skip
            figures.append(self._figure(name, drawn, caption))
        self._table(name, rows, caption)
        figures += self._sides_maps(measure)
        return Section(_title(measure), figures=figures, table=_readable(rows), folded=True)

    def _sides_maps(self, measure: str) -> Iterator[Figure]:
        """What each side's first run has of a one-checkpoint measure, on one scale."""
        singles = self.found.corpus.singles
        if measure not in singles[0].measures:
            return
        tables = {}
        for side, number in (("A", 0), ("B", len(self.a))):
            means = singles[number].values(measure).mean(axis=0)
            places = np.array(list(np.ndindex(means.shape)))
            tables[f"{side}: {self.checkpoints[number].name}"] = pd.DataFrame(
                {"layer": places[:, 0], "head": places[:, 1], "mean": means.ravel()}
            )
        if all(np.isfinite(table["mean"]).any() for table in tables.values()):
            note = f"Means over {self.found.n_inputs:,} inputs."
            drawn = av.figures.head_map(tables, "mean", caption=NAMES[measure], note=note, width=WIDTH)
            yield self._figure(
                f"{_file_name(measure)}-sides", drawn, f"{_title(measure)} of every head, {note.lower()}"
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
        self._table("ranked", table, "Inputs on which the sides differ most.")
        text = (
            f"By the {NAMES[self._ranking]}. The largest of many numbers are partly so by chance: this says where to look, and "
            f"tests nothing."
        )
        shown = table.assign(layer=table["layer"] + 1, head=table["head"] + 1)
        shown = shown[["rank", "text", "text_pair", "layer", "head", "mean", "largest"]]
        return Section("Where they differ most", paragraphs=[text], table=shown.dropna(axis="columns", how="all"))

    @property
    def _ranking(self) -> Measure:
        """The measure that inputs are ranked by: of two checkpoints where there is one."""
        taken = {name.removeprefix("1 − ") for name in self._measures()}
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
        figures = [self._recipe(recipe, recipe.made(records, [self.a[0], self.b[0]])) for recipe in recipes]
        quoted = " / ".join(f"“{part}”" for part in (text, second) if part)
        yield Section("The input that differs most", paragraphs=[quoted], figures=figures)

    def _methods(self) -> Section:
        trained = [source.run.config.method for source in (*self.a, *self.b) if source.run is not None]
        keys = references(self.found, methods=trained)
        self.files["methods.txt"] = f"{self.methods}\n".encode()
        self.files["references.bib"] = bibtex(keys).encode()
        return Section("Methods, for a paper", paragraphs=[self.methods], literal=bibtex(keys).strip())

    def _provenance(self) -> Section:
        runs = [run_entry(one) for one in (*self.a, *self.b)]
        command = shlex.join(self.command)
        about = {"command": command, "runs": runs, "texts": self.found.origin, "versions": self.versions}
        self.files["provenance.json"] = json.dumps(about, indent=1, ensure_ascii=False).encode()
        lines = [command] if command else []
        lines += [f"{one['name']}: weights {one['weights_sha256'] or 'unknown'}, {one['source']}" for one in runs]
        lines.append(", ".join(f"{name} {number}" for name, number in self.versions.items()))
        return Section("How it was made", literal="\n".join(lines))

    def _figure(self, name: str, drawn: Any, caption: str) -> Figure:
        """Keeps a figure as SVG and PDF, and returns it for the page."""
        svg, pdf = (av.figures.to_bytes(drawn, kind) for kind in ("svg", "pdf"))
        self.files |= {f"figures/{name}.svg": svg, f"figures/{name}.pdf": pdf}
        return Figure(name, svg.decode(), caption)

    def _recipe(self, recipe: OfText, made: Made) -> Figure:
        """The same of a figure that can be made again by itself."""
        for kind in ("svg", "pdf", "csv"):
            self.files[f"figures/{recipe.KIND}.{kind}"] = to_file(recipe, made, kind)
        return Figure(recipe.KIND, self.files[f"figures/{recipe.KIND}.svg"].decode(), made.caption)

    def _table(self, name: str, table: pd.DataFrame, caption: str) -> None:
        self.files[f"tables/{name}.csv"] = to_csv(table).encode()
        self.files[f"tables/{name}.tex"] = to_latex(_readable(table), caption=caption, label=f"tab:{name}").encode()


def _title(measure: str) -> str:
    name = NAMES[measure]
    return name[0].upper() + name[1:]


def _file_name(measure: str) -> str:
    return measure.replace("1 − ", "one-minus-").replace("_", "-")


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    """Layers and heads from one, without what is empty or the same everywhere."""
    shown = rows.assign(**{name: rows[name] + 1 for name in ("layer", "head") if name in rows})
    empty = [name for name in shown if shown[name].isna().all()]
    return shown.drop(columns=[*empty, *({"measure"} & set(shown))])
