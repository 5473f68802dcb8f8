"""Figures that were collected, as one zip for a paper or as one page: in order, each with its caption and its numbers.

    items = [keep(recipe, recipe.make()), …]
    Path("figures.zip").write_bytes(to_zip(items))
    Path("figures.html").write_text(to_page(items))

Public names: `Item`, `keep`, `to_zip`, `to_page`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from types import MappingProxyType
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd

import amplify_viz as av
from amplify_viz.recipes.files import comment, to_file
from amplify_viz.recipes.provenance import PROGRAM, Provenance, provenance_of
from amplify_viz.recipes.recipe import Made, Recipe, listed
from amplify_viz.report.page import Download, Figure, Section, page
from amplify_viz.results.export import latex_lacks, latex_text
from amplify_viz.version import __version__

KINDS = ("pdf", "svg", "csv")
"""The files of each figure."""
_MOST_ROWS = 200  # of a table on the page
_MOST_BYTES = 4 * 10**6  # of numbers that the page carries as a file
_MOST_NAMED = 4
_PREVIEW_DPI = 120
_NAME, _CAPTION = "NAME", "CAPTION"  # where they go in a figure's LaTeX
_BEGIN = r"\begin{figure"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


@dataclass(frozen=True, eq=False)
class Item:
    """A figure as it was made: its kind, how it came about, its caption, and its files by their kind (pdf, svg, csv).

    preview: a PNG; table: its numbers where they are few, None where they are many; latex: its environment, with places for
    name and caption; sheet: the style sheet that it is drawn in, empty for our own style.
    """

    kind: str
    about: Provenance
    caption: str
    files: Mapping[str, bytes] = field(repr=False)
    preview: bytes = field(repr=False)
    table: pd.DataFrame | None = field(repr=False)
    latex: str = field(repr=False)
    sheet: bytes = field(default=b"", repr=False)

    @property
    def id(self) -> str:
        """The same for the same choices with the same numbers, whatever the caption."""
        return hashlib.sha256(f"{self.kind} {self.about.to_json()}".encode()).hexdigest()[:16]

    @property
    def title(self) -> str:
        """Its kind for people."""
        return self.kind.replace("-", " ").capitalize()

    @property
    def shown(self) -> str:
        """What it is of: its runs by name, the first three of more than four, "" where it is of none."""
        names = list(dict.fromkeys(run["name"] for run in self.about.runs))
        return listed(names if len(names) <= _MOST_NAMED else [*names[:3], f"{len(names) - 3} more"])

    @property
    def n_bytes(self) -> int:
        """How much its files take."""
        return len(self.preview) + len(self.sheet) + sum(map(len, self.files.values()))


def keep(recipe: Recipe, made: Made) -> Item:
    """Makes the files of a figure.  Raises InputError as `to_file` does."""
    stub = replace(made, table=made.table.iloc[:0], caption=_CAPTION)
    latex = to_file(recipe, stub, "tex", name=_NAME).decode()
    about = provenance_of(recipe, made)
    return Item(
        kind=recipe.KIND,
        about=about,
        caption=made.caption,
        files=MappingProxyType({kind: to_file(recipe, made, kind, about=about) for kind in KINDS}),
        preview=av.figures.to_bytes(made.figure, "png", dpi=_PREVIEW_DPI),
        table=made.table if len(made.table) <= _MOST_ROWS else None,
        latex=latex[latex.rindex(_BEGIN) :],  # what stands before may hold any text
        sheet=b"" if made.style is None else made.style.sheet,
    )


def to_zip(items: Sequence[Item]) -> bytes:
    """Returns figures/NN-kind.pdf, .svg and .csv of each, figures.tex, commands.sh, style sheets and README.txt as a zip.

    NN counts from 01 in the order given.  The same items give the same bytes.
    """
    names = _names(items)
    files = {
        f"figures/{name}.{kind}": content
        for name, item in zip(names, items, strict=True)
        for kind, content in item.files.items()
    }
    files["figures.tex"] = _latex(items, names).encode()
    files |= {_sheet_path(item): item.sheet for item in items if item.sheet}
    files["commands.sh"] = _commands(items, names).encode()
    files["README.txt"] = _readme(items).encode()
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for path, content in files.items():
            archive.writestr(_entry(path), content)
    return target.getvalue()


def _names(items: Sequence[Item]) -> list[str]:
    return [f"{number:02d}-{item.kind}" for number, item in enumerate(items, start=1)]


def _entry(path: str) -> ZipInfo:
    found = ZipInfo(path, _ZIP_TIME)
    found.compress_type = ZIP_DEFLATED
    found.create_system = 3  # Unix on every system, so that the bytes agree
    found.external_attr = (0o100755 if path.endswith(".sh") else 0o100644) << 16
    return found


def _latex(items: Sequence[Item], names: Sequence[str]) -> str:
    """One figure environment each."""
    parts = ["% \\usepackage{graphicx} in the preamble, then \\input{figures} where the figures are to stand.\n"]
    for name, item in zip(names, items, strict=True):
        made_by = comment(f"Made again by: {_command(item)} {name}.pdf")
        placed = item.latex.replace(f"{{{_NAME}.pdf}}", f"{{figures/{name}.pdf}}").replace(
            f"fig:{_NAME}", f"fig:{name}"
        )
        caption = latex_text(" ".join(item.caption.split()))
        rare = latex_lacks(item.caption)
        warned = comment(f"This caption needs XeLaTeX or LuaLaTeX and a font for: {' '.join(rare)}") if rare else []
        parts.append("\n".join([*made_by, *warned, placed.replace(_CAPTION, caption)]))
    return "\n".join(parts)


def _sheet_path(item: Item) -> str:
    """Where the zip has its style sheet: sheets of one name are told apart by their bytes."""
    return f"styles/{item.about.style_sha256[:8]}.mplstyle"


def _command(item: Item) -> str:
    """The command that makes it again, with the zip's own style sheet."""
    words = [f"--style={_sheet_path(item)}" if word.startswith("--style=") else word for word in item.about.arguments]
    return replace(item.about, arguments=tuple(words)).command


def _commands(items: Sequence[Item], names: Sequence[str]) -> str:
    lines = [
        "#!/bin/sh",
        "# Makes every figure again, into the folder remade.",
        "# Run it where the app was started: runs are named from there.",
        "set -e",
        "mkdir -p remade",
        *(f"{_command(item)} remade/{name}.pdf" for name, item in zip(names, items, strict=True)),
    ]
    return "\n".join(lines) + "\n"


def _readme(items: Sequence[Item]) -> str:
    figures = "1 figure" if len(items) == 1 else f"{len(items)} figures"
    remake = PROGRAM.replace("figure", "remake")
    styles = "styles/       the style sheets of the commands: copy the folder to there, too\n"
    return f"""\
{figures}, made with Amplify-Viz {__version__}.

figures/      each figure as PDF and SVG, and its numbers as CSV: read a CSV with pandas.read_csv(file, skiprows=1)
figures.tex   a LaTeX figure environment for each, with its caption: \\input{{figures}}; it needs the package graphicx
commands.sh   the commands that make each figure again: run it in the folder where the app was started
{styles if any(item.sheet for item in items) else ""}
Every file says how it was made. To make one again from it and compare the numbers:
{remake} FILE
"""


def to_page(items: Sequence[Item], *, title: str = "Figures") -> str:
    """Returns the figures as one HTML page that loads nothing: picture, caption, command and numbers of each.

    A table of up to 200 rows is on the page, folded; more rows are a file in it, up to 4 MB.
    """
    return page(title, [_section(name, number, item) for number, (name, item) in enumerate(_named(items), start=1)])


def _named(items: Sequence[Item]) -> list[tuple[str, Item]]:
    return list(zip(_names(items), items, strict=True))


def _section(name: str, number: int, item: Item) -> Section:
    numbers = item.files["csv"]
    carried = item.table is None and len(numbers) <= _MOST_BYTES
    about = [f"Of {item.shown}."] if item.shown else []
    if item.table is None and not carried:
        about.append("The numbers are too many for this page: the command below makes them again, with .csv for .pdf.")
    return Section(
        f"{number}. {item.title}",
        figures=[Figure(name, item.files["svg"].decode(), item.caption)],
        paragraphs=about,
        table=item.table,
        folded=True,
        downloads=[Download(f"{name}.csv", "text/csv", numbers)] if carried else [],
        literal=f"{item.about.command} {name}.pdf",
    )
