"""A recipe's figure as the bytes of a file that says how it was made.

Public names: `FORMATS`, `DRAWN`, `to_file`, `write`, `check_path`, `comment`, `rows_sha256`.
"""

import hashlib
import html
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.recipes.provenance import KEY, Provenance, provenance_of, rows_of, to_csv
from amplify_viz.recipes.recipe import Made, Recipe
from amplify_viz.results.export import latex_text
from amplify_viz.runs import write_whole

Make = Callable[[Recipe, Made, Provenance, str], bytes]
_ONE_COLUMN = 4.0  # inches: what is wider goes over two columns
_SAFE = re.compile(r"[A-Za-z0-9._+-]+")


def _csv(_recipe: Recipe, made: Made, about: Provenance, _name: str) -> bytes:
    """The numbers; the first line says how they came about: `pandas.read_csv(file, skiprows=1)` reads the rest."""
    return f"# {KEY}: {about.to_json()}\n{to_csv(made.table)}".encode()


def _json(_recipe: Recipe, made: Made, about: Provenance, _name: str) -> bytes:
    rows = rows_of(made.table)
    found = {"provenance": json.loads(about.to_json()), "rows_sha256": rows_sha256(rows), "rows": rows}
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def rows_sha256(rows: Any) -> str:
    """The SHA-256 of a JSON file's rows, however they are spaced."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def _tex(recipe: Recipe, made: Made, about: Provenance, name: str) -> bytes:
    """A figure environment that includes the PDF, with a caption to begin with and how it was made in comments."""
    if not _SAFE.fullmatch(name):
        raise InputError(
            f"A LaTeX file includes a figure by its name, in which letters, digits, '.', '_', '+' and '-' are safe, got {name!r}: "
            f"choose another name."
        )
    star = "*" if recipe.width > _ONE_COLUMN else ""
    size = f"width=\\{'textwidth' if star else 'columnwidth'},height=0.9\\textheight,keepaspectratio"
    lines = [
        f"% {KEY}: {about.to_json()}",
        *comment(f"Made again by: {about.command} {name}.pdf"),
        f"\\begin{{figure{star}}}[t]",
        "  \\centering",
        f"  \\includegraphics[{size}]{{{name}.pdf}}",
        f"  \\caption{{{latex_text(' '.join(made.caption.split()))}}}",
        f"  \\label{{fig:{name}}}",
        f"\\end{{figure{star}}}",
    ]
    return ("\n".join(lines) + "\n").encode()


def comment(text: str, mark: str = "%") -> list[str]:
    """Text as lines of comment: none of its lines is left without the mark."""
    return [f"{mark} {line}" for line in text.splitlines()]


def _html(recipe: Recipe, made: Made, about: Provenance, _name: str) -> bytes:
    """The interactive view, where the kind has one."""
    if made.page is None:
        raise InputError(f"A page shows a view, {recipe.KIND} is none: choose another kind of file.")
    said = about.to_json().replace("<", "\\u003c")
    note = f"<p>Made again by: <code>{html.escape(about.command)} FILE</code></p>\n"
    page = made.page().replace("</footer>", f"{note}</footer>", 1)
    return page.replace("</body>", f'<script type="application/json" id="{KEY}">{said}</script>\n</body>', 1).encode()


_PICTURES = ("svg", "pdf", "png", "pgf")
DRAWN = (*_PICTURES, "tex")
"""The kinds that follow a style: a picture, and LaTeX that includes one."""
_OTHERS: Mapping[str, Make] = MappingProxyType({"html": _html, "csv": _csv, "json": _json, "tex": _tex})
FORMATS = (*_PICTURES, *_OTHERS)
"""Every kind of file, by the end of its name."""


def to_file(
    recipe: Recipe, made: Made, kind: str, *, dpi: float = 300, name: str | None = None, about: Provenance | None = None
) -> bytes:
    """Returns the figure, its numbers (csv, json), its LaTeX environment (tex) or its page (html) as a file.

    dpi: of a PNG; name: of the PDF that LaTeX includes, without its end, by default the kind; about: what `provenance_of` gave
    already, for it reads every number.  Raises InputError for another kind, for a page of what is no view, for a name that
    LaTeX does not read, and a PGF without TeX.  The same recipe on the same machine gives the same bytes.
    """
    _check_kind(kind)
    about = about or provenance_of(recipe, made)
    if kind not in DRAWN:  # no style changes a number or a view
        about = replace(about, arguments=replace(recipe, style=None).arguments, style_sha256="")
    if kind in _OTHERS:
        return _OTHERS[kind](recipe, made, about, name or recipe.KIND)
    entry = about.to_json() if kind == "png" else f"{KEY}: {about.to_json()}"  # a PNG's entry has a name of its own
    return av.figures.to_bytes(made.figure, kind, dpi=dpi, about=entry)


def write(recipe: Recipe, made: Made, path: Path, *, dpi: float = 300) -> Path:
    """Writes the file whose kind the path's end tells, whole or not at all, and returns its path.

    Raises InputError as `to_file` and `check_path` do, and where the disk refuses.
    """
    check_path(path)
    content = to_file(recipe, made, _kind(path), dpi=dpi, name=path.stem)
    try:
        write_whole(path, content)
    except OSError as error:
        raise InputError(
            f"A figure is written to a file, {path} cannot be: {error.strerror}. Choose another."
        ) from error
    return path


def check_path(path: Path) -> None:
    """Raises InputError for a file that `write` could not write: of no known kind, without its folder, or a folder itself."""
    _check_kind(_kind(path))
    if not path.parent.is_dir():
        raise InputError(
            f"A figure is written into a folder, there is none at {path.parent}: make it, or choose another."
        )
    if os.path.isdir(path):  # noqa: PTH112 (a Path's own raises for a name that is too long)
        raise InputError(f"A figure is written to a file, {path} is a folder: give a file's name in it.")


def _kind(path: Path) -> str:
    return path.suffix.removeprefix(".").lower()


def _check_kind(kind: str) -> None:
    if kind not in FORMATS:
        raise InputError(f"A figure is written as {', '.join(FORMATS)}, got {kind!r}: choose one of these.")
