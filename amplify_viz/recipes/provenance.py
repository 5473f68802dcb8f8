"""How a figure came about, written into each of its files, and read back: enough to make it again.

Public names: `Provenance`, `provenance_of`, `read_provenance`; for reports `run_entry`.
"""

import hashlib
import json
import platform
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
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

PROGRAM = "python -m amplify_viz figure"
KEY = "amplify_viz"
"""What the entry is called in a PNG, a CSV's first line, and a page."""
_LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "scipy", "matplotlib", "networkx")
_SAMPLE = 64  # numbers of a table that are kept in full
_MOST_BYTES = 10**8


@dataclass(frozen=True)
class Provenance:
    """What a file says of itself: arguments make it again, after `python -m amplify_viz figure`.

    figure: its title; runs: each with source, name, weights_sha256 and, where it is a run, method, data, backbone, seed and
    settings; texts; test: with its correction, "" for none; versions: of Python and the libraries; numbers: how many there
    are, the SHA-256 of them as CSV, and up to 64 of them, evenly spaced.
    """

    arguments: tuple[str, ...]
    figure: str
    runs: tuple[Mapping[str, Any], ...]
    texts: tuple[str, ...]
    test: str
    versions: Mapping[str, str]
    numbers: Mapping[str, Any]

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
        arguments = tuple(str(word) for word in found["arguments"])
        parts = {name: found[name] for name in ("figure", "test", "versions", "numbers")}
        return cls(arguments=arguments, runs=tuple(found["runs"]), texts=tuple(found["texts"]), **parts)


def provenance_of(recipe: Recipe, made: Made) -> Provenance:
    """What the files of a figure say of themselves."""
    return Provenance(
        arguments=recipe.arguments,
        figure=str(made.figure.get_label()),
        runs=tuple(run_entry(source) for source in made.sources),
        texts=made.texts,
        test=made.test,
        versions={"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
        numbers=numbers_of(made.table),
    )


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
    return table.to_csv(index=False, lineterminator="\n")


def numbers_of(table: pd.DataFrame) -> dict[str, Any]:
    """How many measured numbers a table has, the SHA-256 of its CSV, and some of the numbers, evenly spaced."""
    values = values_of(table)
    places = np.linspace(0, len(values) - 1, min(_SAMPLE, len(values))).round().astype(int)
    sample = [float(value) if np.isfinite(value) else None for value in values[places]]
    return {"n": len(values), "sha256": hashlib.sha256(to_csv(table).encode()).hexdigest(), "sample": sample}


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
