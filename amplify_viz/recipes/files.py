"""A recipe's figure as the bytes of a file that says how it was made.

Public names: `FORMATS`, `to_file`, `write`.
"""

import html
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.recipes.provenance import KEY, Provenance, provenance_of, to_csv
from amplify_viz.recipes.recipe import Made, Recipe
from amplify_viz.results.export import latex_text
from amplify_viz.runs import write_whole

Make = Callable[[Recipe, Made, Provenance], bytes]


def _csv(_recipe: Recipe, made: Made, about: Provenance) -> bytes:
    """The numbers; the first line says how they came about: `pandas.read_csv(file, skiprows=1)` reads the rest."""
    return f"# {KEY}: {about.to_json()}\n{to_csv(made.table)}".encode()


def _json(_recipe: Recipe, made: Made, about: Provenance) -> bytes:
    rows = json.loads(made.table.to_json(orient="records", double_precision=15, force_ascii=False))
    return json.dumps({"provenance": json.loads(about.to_json()), "rows": rows}, ensure_ascii=False, indent=1).encode()


def _tex(recipe: Recipe, made: Made, about: Provenance) -> bytes:
    """A figure environment that includes the PDF, with a caption to begin with and how it was made in comments."""
    star = "*" if recipe.width > 4 else ""
    name = recipe.KIND
    lines = [
        f"% {KEY}: {about.to_json()}",
        f"% Made again by: {about.command} {name}.pdf",
        f"\\begin{{figure{star}}}[t]",
        "  \\centering",
        f"  \\includegraphics[width=\\{'textwidth' if star else 'columnwidth'}]{{{name}.pdf}}",
        f"  \\caption{{{latex_text(made.caption)}}}",
        f"  \\label{{fig:{name}}}",
        f"\\end{{figure{star}}}",
    ]
    return ("\n".join(lines) + "\n").encode()


def _html(recipe: Recipe, made: Made, about: Provenance) -> bytes:
    """The interactive view, where the kind has one."""
    if made.page is None:
        raise InputError(f"A page shows a view, {recipe.KIND} is none: choose another kind of file.")
    said = about.to_json().replace("<", "\\u003c")
    note = f"<p>Made again by: <code>{html.escape(about.command)} FILE</code></p>\n"
    page = made.page().replace("</footer>", f"{note}</footer>", 1)
    return page.replace("</body>", f'<script type="application/json" id="{KEY}">{said}</script>\n</body>', 1).encode()


_PICTURES = ("svg", "pdf", "png", "pgf")
_OTHERS: Mapping[str, Make] = MappingProxyType({"html": _html, "csv": _csv, "json": _json, "tex": _tex})
FORMATS = (*_PICTURES, *_OTHERS)
"""Every kind of file, by the end of its name."""


def to_file(recipe: Recipe, made: Made, kind: str, *, dpi: float = 300) -> bytes:
    """Returns the figure, its numbers (csv, json), its LaTeX environment (tex) or its page (html) as a file.

    dpi: of a PNG.  Raises InputError for another kind, for a page of what is no view, and a PGF without TeX.  The same
    recipe on the same machine gives the same bytes.
    """
    if kind not in FORMATS:
        raise InputError(f"A figure is written as {', '.join(FORMATS)}, got {kind!r}: choose one of these.")
    about = provenance_of(recipe, made)
    if kind in _OTHERS:
        return _OTHERS[kind](recipe, made, about)
    entry = about.to_json() if kind == "png" else f"{KEY}: {about.to_json()}"  # a PNG's entry has a name of its own
    return av.figures.to_bytes(made.figure, kind, dpi=dpi, about=entry)


def write(recipe: Recipe, made: Made, path: Path, *, dpi: float = 300) -> Path:
    """Writes the file whose kind the path's end tells, whole or not at all, and returns its path.

    Raises InputError as `to_file` does, and where the folder does not exist.
    """
    if not path.parent.is_dir():
        raise InputError(
            f"A figure is written into a folder, there is none at {path.parent}: make it, or choose another."
        )
    write_whole(path, to_file(recipe, made, path.suffix.removeprefix(".").lower(), dpi=dpi))
    return path
