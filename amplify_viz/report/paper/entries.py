"""The figures and tables as entries: the files of each, what the paper shows, what ours shows, how it is made again.

Public names: `Entry`, `paper`.
"""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from amplify_viz.errors import InputError
from amplify_viz.recipes import Made, Recipe, to_file
from amplify_viz.recipes.provenance import PROGRAM
from amplify_viz.recipes.recipe import portable
from amplify_viz.report.paper.figures import FIGURES, PaperFigure
from amplify_viz.report.paper.material import Material
from amplify_viz.report.paper.tables import TABLE_ENTRIES, PaperTableEntry, said_of_table
from amplify_viz.results import ResultsTable, markdown_page, results_tables, to_csv, to_latex, to_markdown, wide
from amplify_viz.results.export import caption
from amplify_viz.results.paper import TABLES

_KINDS = ("svg", "pdf", "csv")


@dataclass(frozen=True)
class Entry:
    """A figure or table of the paper: `Figure 3`, its title, what the paper shows and what ours shows.

    files: by name; captions: of the pictures, by their files' names without an end; table: in Markdown; commands: what makes
    it again, or where it is missing the runs for it; chosen: what was decided for ours; missing: why there is none, "" where
    there is one.
    """

    name: str
    title: str
    paper: str
    ours: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    captions: Mapping[str, str] = field(default_factory=dict)
    table: str = ""
    commands: tuple[str, ...] = ()
    chosen: str = ""
    missing: str = ""


def paper(material: Material) -> Iterator[Entry]:
    """Makes every figure and table of the paper, one after the other; each is there or says why it is missing."""
    for figure in FIGURES:
        yield _figure(figure, material)
    tables = {table.number: table for table in results_tables(material.results)}
    for entry in TABLE_ENTRIES:
        yield _table(entry, tables[entry.number], material) if entry.number in tables else _no_table(entry, material)


def _figure(figure: PaperFigure, material: Material) -> Entry:
    entry = Entry(f"Figure {figure.number}", figure.title, figure.paper)
    try:
        recipes = figure.recipes(material)
    except InputError as error:
        return replace(entry, missing=str(error))
    made, problems = _made(recipes)
    if not made:
        return replace(entry, missing=" ".join(problems))
    return replace(
        entry,
        ours=figure.said({file: one.table for file, one in made.items()}),
        files={f"{file}.{kind}": to_file(recipes[file], one, kind) for file, one in made.items() for kind in _KINDS},
        captions={file: one.caption for file, one in made.items()},
        commands=tuple(f"{PROGRAM} {shlex.join(recipes[file].arguments)} --out {file}.pdf" for file in made),
        chosen=" ".join([figure.chosen, *problems]),
    )


def _made(recipes: Mapping[str, Recipe]) -> tuple[dict[str, Made], list[str]]:
    """The pictures that can be made, and why the others cannot."""
    made, problems = {}, []
    for file, recipe in recipes.items():
        try:
            made[file] = recipe.make()
        except InputError as error:
            problems.append(str(error))
    return made, problems


def _table(entry: PaperTableEntry, table: ResultsTable, material: Material) -> Entry:
    file = f"table-{entry.number}"
    shown = wide(table)
    latex = to_latex(shown, caption=caption(table), label=f"tab:paper-{entry.number}")
    files = {
        f"{file}.md": markdown_page(table),
        f"{file}.csv": to_csv(table.frame),
        f"{file}.tex": "".join(f"% {note}\n" for note in table.notes) + latex,
    }
    return Entry(
        f"Table {entry.number}",
        table.title,
        entry.paper,
        said_of_table(table, material.results),
        {name: content.encode() for name, content in files.items()},
        table=to_markdown(shown),
        commands=(
            f"python -m training results --runs {shlex.quote(portable(material.roots[1]))} --table {entry.number}",
        ),
        chosen=" ".join(table.notes),
    )


def _no_table(entry: PaperTableEntry, material: Material) -> Entry:
    return Entry(
        f"Table {entry.number}",
        TABLES[entry.number].title,
        entry.paper,
        commands=entry.commands,
        missing=f"No runs that belong here lie below {portable(material.roots[1])}: train some, and keep them with `python -m "
        f"training publish`.",
    )
