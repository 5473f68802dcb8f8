"""How a figure came about, written into each of its files, and read back: enough to make it again.

Public names: `Provenance`, `provenance_of`, `read_provenance`, `run_entry`, `versions`, `to_csv`, `rows_of`.
"""

import hashlib
import json
import platform
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self
from xml.etree import ElementTree

import numpy as np
import pandas as pd
from PIL import Image
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from amplify_viz.errors import InputError
from amplify_viz.recipes.recipe import Made, Recipe, Source, portable
from amplify_viz.version import __version__

PROGRAM = "python -m amplify_viz figure"
KEY = "amplify_viz"
"""What the entry is called in a PNG, a CSV's first line, and a page."""
_LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "scipy", "matplotlib", "networkx")
_ROWS = 50_000  # written at a time
_SAMPLE = 64  # numbers of a table that are kept in full
_MOST_BYTES = 10**8


@dataclass(frozen=True)
class Provenance:
    """What a file says of itself: arguments make it again, after `python -m amplify_viz figure`.

    figure: its title; runs: each with source, name, weights_sha256 and, where it is a run, method, data, backbone, seed and
    settings; texts; test: with its correction, "" for none; versions: of Python and the libraries; numbers: how many there
    are, the SHA-256 of them as CSV, and up to 64 of them, evenly spaced; style_sha256: of the style file, "" for none.
    """

    arguments: tuple[str, ...]
    figure: str
    runs: tuple[Mapping[str, Any], ...]
    texts: tuple[str, ...]
    test: str
    versions: Mapping[str, str]
    numbers: Mapping[str, Any]
    style_sha256: str = ""

    @property
    def command(self) -> str:
        """The command that makes it again, for a shell; its last word is to be a file's name."""
        return f"{PROGRAM} {shlex.join(self.arguments)} --out"

    def to_json(self) -> str:
        """One line of JSON in ASCII, so that it can stand in any file."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Reverses `to_json`.  Raises ValueError, TypeError or KeyError for anything else."""
        found = json.loads(text)
        numbers, libraries = found["numbers"], dict(found["versions"])
        return cls(
            arguments=tuple(_strings(found["arguments"])),
            figure=_string(found["figure"]),
            runs=tuple(_run(entry) for entry in found["runs"]),
            texts=tuple(_strings(found["texts"])),
            test=_string(found["test"]),
            versions=dict(zip(libraries, _strings(libraries.values()), strict=True)),
            numbers={
                "n": int(numbers["n"]),
                "sha256": _string(numbers["sha256"]),
                "sample": [None if value is None else float(value) for value in numbers["sample"]],
            },
            style_sha256=_string(found.get("style_sha256", "")),  # older files say nothing of it
        )


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}")
    return value


def _strings(values: Iterable[Any]) -> list[str]:
    if isinstance(values, str):
        raise TypeError(f"not a list: {values!r}")
    return [_string(value) for value in values]


def _run(entry: Any) -> Mapping[str, Any]:
    """An entry as `run_entry` writes it."""
    for name in ("source", "name", "weights_sha256"):
        _string(entry[name])
    return dict(entry)


def provenance_of(recipe: Recipe, made: Made) -> Provenance:
    """What the files of a figure say of themselves."""
    return Provenance(
        arguments=recipe.arguments,
        figure=str(made.figure.get_label()),
        runs=tuple(run_entry(source) for source in made.sources),
        texts=made.texts,
        test=made.test,
        versions=versions(),
        numbers=numbers_of(made.table),
        style_sha256="" if made.style is None else made.style.sha256,
    )


def versions() -> dict[str, str]:
    """Of this library, of Python, and of the libraries that numbers and figures come from."""
    found = {name: version(name) for name in _LIBRARIES}
    return {"amplify_viz": __version__, "python": platform.python_version(), **found}


def run_entry(source: Source) -> dict[str, Any]:
    """What is said of a checkpoint: where it was, its weights' hash and, where it is a run, how it was trained."""
    found: dict[str, Any] = {
        "source": portable(source.source),
        "name": source.name,
        "weights_sha256": source.weights_sha256,
    }
    if source.run is not None:
        config = source.run.config
        found |= {"method": config.method, "data": config.data_name, "backbone": config.backbone_name}
        found |= {"seed": config.seed, "settings": config.changed}
    return found


def to_csv(table: pd.DataFrame) -> str:
    """The table as CSV, every number with all its digits."""
    return "".join(_csv_parts(table))


def _csv_parts(table: pd.DataFrame) -> Iterator[str]:
    """The same in parts: a table of every weight of a long text has millions of rows."""
    for start in range(0, max(1, len(table)), _ROWS):
        part = table.iloc[start : start + _ROWS]
        yield part.to_csv(index=False, header=start == 0, lineterminator="\n")


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows for JSON, every number with all its digits, None for what is missing or not finite."""
    columns = {str(name): [_plain(value) for value in table[name].tolist()] for name in table}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    missing = value is None or value is pd.NA or (isinstance(value, float) and not isfinite(value))
    return None if missing else value


def numbers_of(table: pd.DataFrame) -> dict[str, Any]:
    """How many measured numbers a table has, the SHA-256 of its CSV, and some of the numbers, evenly spaced."""
    values = values_of(table)
    digest = hashlib.sha256()
    for part in _csv_parts(table):
        digest.update(part.encode())
    places = np.linspace(0, len(values) - 1, min(_SAMPLE, len(values))).round().astype(int)
    sample = [float(value) if np.isfinite(value) else None for value in values[places]]
    return {"n": len(values), "sha256": digest.hexdigest(), "sample": sample}


def values_of(table: pd.DataFrame) -> Any:
    """What a table measured: its floating-point numbers, column by column, in float64."""
    columns = [
        pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        for name in table.columns
        if pd.api.types.is_float_dtype(table[name])
    ]
    return np.concatenate(columns) if columns else np.empty(0)


def read_provenance(path: Path) -> Provenance:
    """What a figure's file says of itself: of an SVG, a PDF, a PNG, a PGF or TeX file, a CSV, a JSON file or a page.

    Raises InputError for a file that is not there, is too large, or says nothing of itself.
    """
    if not path.is_file():
        raise InputError(f"A figure is made again from its file, there is none at {path}: check the path.")
    if path.stat().st_size > _MOST_BYTES:
        raise InputError(f"A figure's file has at most {_MOST_BYTES // 10**6} MB, {path} is larger: it is no figure.")
    try:
        return Provenance.from_json(_READERS[path.suffix.lower()](path).removeprefix(f"{KEY}: "))
    except (ValueError, TypeError, LookupError, OSError, ElementTree.ParseError, PyPdfError) as error:
        raise InputError(
            f"A figure made here says how it was made, {path} does not: give a file that the app, `{PROGRAM}` or `remake` "
            f"has written, as it was written."
        ) from error


def _of_pdf(path: Path) -> str:
    """The document's keywords."""
    found = PdfReader(path).metadata
    return "" if found is None else str(found["/Keywords"])


def _of_svg(path: Path) -> str:
    """The description in the picture's metadata."""
    found = ElementTree.parse(path).find(".//{http://purl.org/dc/elements/1.1/}description")
    return "" if found is None else found.text or ""


def _of_png(path: Path) -> str:
    with Image.open(path) as picture:
        return str(picture.info[KEY])


def _of_json(path: Path) -> str:
    return json.dumps(json.loads(path.read_text(encoding="utf-8"))["provenance"])


def _of_page(path: Path) -> str:
    found = re.search(f'<script type="application/json" id="{KEY}">(.*?)</script>', path.read_text(encoding="utf-8"))
    return "" if found is None else found[1]


def _of_first_line(path: Path) -> str:
    """The comment on the first line of a CSV, a PGF or a TeX file."""
    with path.open(encoding="utf-8") as file:
        return file.readline().lstrip("#% ")


_READERS: Mapping[str, Callable[[Path], str]] = MappingProxyType(
    {
        ".svg": _of_svg,
        ".pdf": _of_pdf,
        ".png": _of_png,
        ".pgf": _of_first_line,
        ".html": _of_page,
        ".csv": _of_first_line,
        ".json": _of_json,
        ".tex": _of_first_line,
    }
)
