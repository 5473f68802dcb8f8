"""A figure made again from what its file says, and compared with it.

Public names: `recipe_of`, `remake`, `Remade`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import inf, nan
from pathlib import Path

import pandas as pd
import tyro
from PIL import Image

from amplify_viz.errors import InputError
from amplify_viz.recipes.files import check_path, rows_sha256, write
from amplify_viz.recipes.kinds import KINDS
from amplify_viz.recipes.provenance import Provenance, provenance_of, read_provenance
from amplify_viz.recipes.recipe import Recipe

TOLERANCE = 1e-5
"""How far numbers made with other versions may be from the first ones, relative to the larger of 1 and their size."""


@dataclass(frozen=True)
class Remade:
    """What came of it: the new file; whether all numbers are the same to the last digit; the largest distance of those compared.

    n_compared: how many of the n numbers the old file kept; changed: libraries that have another version, with both;
    edited: whether the rows of a CSV or JSON file are no longer those that it was made with; restyled: whether the style file
    has changed.
    """

    path: Path
    identical: bool
    distance: float
    n_compared: int
    n: int
    changed: tuple[str, ...]
    edited: bool = False
    restyled: bool = False

    @property
    def holds(self) -> bool:
        """Whether the figure is the same: identical or within TOLERANCE, and the file's rows as they were made."""
        return (self.identical or self.distance <= TOLERANCE) and not self.edited

    @property
    def said(self) -> str:
        """What came of it, in a sentence."""
        changed = f" Other versions: {', '.join(self.changed)}." if self.changed else ""
        changed += " It looks different: its style file has changed since." if self.restyled else ""
        if self.edited:
            return (
                f"{self.path}: made again, but the rows of the first file have been changed since it was made.{changed}"
            )
        if self.identical:
            return f"{self.path}: the same {self.n:,} numbers, to the last digit.{changed}"
        where = f"of {self.n_compared:,} of {self.n:,} numbers"
        if self.holds:
            close = f"within {TOLERANCE:g} (largest distance {self.distance:.1g}, {where})"
            return f"{self.path}: not identical, but {close}.{changed}"
        far = "another count of numbers" if self.distance == inf else f"largest distance {self.distance:.2g}, {where}"
        return f"{self.path}: not the same figure ({far}).{changed}"


def recipe_of(arguments: Sequence[str]) -> Recipe:
    """The recipe of a command's arguments, a kind and its options.  Raises InputError for what is none."""
    kind, *options = arguments or [""]
    if kind not in KINDS:
        raise InputError(f"A figure is one of {', '.join(KINDS)}, got {kind!r}: choose one of these.")
    try:
        return tyro.cli(KINDS[kind], args=options, prog=f"figure {kind}", console_outputs=False)
    except SystemExit as error:
        raise InputError(f"The options of {kind} cannot be read: {' '.join(options)[:200]!r}.") from error


def remake(path: Path, out: Path | None = None, *, run: Sequence[str] = (), style: Path | None = None) -> Remade:
    """Makes the figure of a file again and writes it, by default beside the file with "-remade" in its name.

    run: where its runs are now, in the file's order, if elsewhere; style: where its style sheet is now.  Raises InputError for a
    file that says nothing of itself, and where a run is missing or has other weights now.
    """
    about = read_provenance(path)
    target = out or path.with_stem(f"{path.stem}-remade")
    check_path(target)
    recipe = _moved(recipe_of(about.arguments), run)
    if style is not None:
        recipe = replace(recipe, style=str(style))
    try:
        made = recipe.make()
    except InputError as error:
        raise InputError(f"{error}{_where(path, about, run=run, style=style)}") from error
    now = provenance_of(recipe, made)
    _check_weights(about, now)
    written = write(recipe, made, target, dpi=_dpi(path))
    before, after = about.numbers, now.numbers
    same_count = before["n"] == after["n"]
    distance = _distance(before["sample"], after["sample"]) if same_count else inf
    return Remade(
        path=written,
        identical=before["sha256"] == after["sha256"],
        distance=distance,
        n_compared=len(before["sample"]),
        n=after["n"],
        changed=tuple(
            f"{name} {about.versions.get(name, '?')} then, {version} now"
            for name, version in now.versions.items()
            if about.versions.get(name) != version
        ),
        edited=_edited(path, before["sha256"]),
        restyled=about.style_sha256 != now.style_sha256,
    )


def _where(path: Path, about: Provenance, *, run: Sequence[str], style: Path | None) -> str:
    """From where a file names what could not be read, and which options say where it is now."""
    options = {}
    if about.runs and not run:
        options["its runs"] = "--run"
    if about.style_sha256 and style is None:
        options["its style sheet"] = "--style"
    if not options:
        return ""
    return (
        f" {path.name} names {' and '.join(options)} from the folder where it was made: call remake there, or give "
        f"{' or '.join(options.values())}."
    )


def _moved(recipe: Recipe, run: Sequence[str]) -> Recipe:
    """The recipe with its runs elsewhere, in the order of its own."""
    sides = [name for name in ("run", "a", "b") if hasattr(recipe, name)]
    lengths = [len(getattr(recipe, name)) for name in sides]
    if not run:
        return recipe
    if len(run) != sum(lengths):
        raise InputError(
            f"Each run of a figure is given or none is, it shows {sum(lengths)}, got {len(run)}: give --run once for each."
        )
    ends = list(accumulate(lengths, initial=0))
    return replace(recipe, **{name: tuple(run[ends[i] : ends[i + 1]]) for i, name in enumerate(sides)})  # type: ignore[arg-type]


def _edited(path: Path, digest: str) -> bool:
    """Whether a CSV or JSON file holds other rows than it was made with; of other files False."""
    kind = path.suffix.lower()
    if kind == ".csv":
        return hashlib.sha256(path.read_bytes().partition(b"\n")[2]).hexdigest() != digest
    if kind == ".json":
        found = json.loads(path.read_text(encoding="utf-8"))
        return bool(found.get("rows_sha256") != rows_sha256(found.get("rows")))
    return False


def _dpi(path: Path) -> float:
    """The dots an inch of a PNG; 300 for other files."""
    if path.suffix.lower() != ".png":
        return 300.0
    with Image.open(path) as picture:
        return round(float(picture.info.get("dpi", (300.0,))[0]), 1)  # kept as whole dots a metre


def _check_weights(before: Provenance, now: Provenance) -> None:
    if len(before.runs) != len(now.runs):
        raise InputError(
            f"A figure is made again of the runs that it shows, which were {len(before.runs)} and are {len(now.runs)} now: take "
            f"away what has come since, or draw a new figure."
        )
    for then, today in zip(before.runs, now.runs, strict=True):
        if then["weights_sha256"] != today["weights_sha256"]:
            raise InputError(
                f"A figure is made again with the weights that it shows, {today['source']} has others now (SHA-256 "
                f"{today['weights_sha256'][:12]}…, then {then['weights_sha256'][:12]}…): put the run back, or draw a new figure."
            )


def _distance(before: Sequence[float | None], after: Sequence[float | None]) -> float:
    """The largest distance of two lists of numbers, each relative to the larger of 1 and its size; infinity for other lengths.

    A 0 may be missing now: older files have it where a filter left a weight out.
    """
    if len(before) != len(after):
        return inf
    table = pd.DataFrame({"before": before, "after": after}, dtype="float64")
    table.loc[table["after"].isna() & (table["before"] == 0), "before"] = nan
    if (table["before"].isna() != table["after"].isna()).any():
        return inf
    far = (table["before"] - table["after"]).abs() / table["before"].abs().clip(lower=1)
    return float(far.max()) if far.notna().any() else 0.0
