"""What every recipe has: its options are the fields of a dataclass, from which its command line is made and read back.

Public names: `Recipe`, `Source`, `Made`, `EACH`, `FILES`, `Each`, `Sentence`, `WIDTHS`, `Width`, `option`, `source_of`, `portable`,
`listed`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

import pandas as pd
import tyro

import amplify_viz as av
from amplify_viz.checkpoints import Checkpoint
from amplify_viz.runs import Run

if TYPE_CHECKING:
    from amplify_viz.figures import Figure, Style

EACH = {"each": True}
"""The metadata of a field whose option is given once for each of its values."""
FILES = {"files": True}
"""The metadata of a field that names files or folders."""
Each = Annotated[tuple[str, ...], tyro.conf.UseAppendAction]
Sentence = Annotated[
    str | None,
    tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar="STR",
        instance_from_str=lambda words: words[0],  # "None" is a text, too
        is_instance=lambda value: value is None or isinstance(value, str),
        str_from_instance=lambda value: [str(value)],
    ),
]
"""A text that need not be given."""
WIDTHS: Mapping[str, float] = MappingProxyType({"one-column": 3.3, "two-column": 6.9, "slide": 5.0})
"""Widths by name, in inches.  A slide's figure is small, so that its letters are large on the wall."""


def _inches(words: list[str]) -> float:
    (word,) = words
    try:
        return WIDTHS.get(word) or float(word)
    except ValueError as error:
        raise ValueError(f"A width is a number of inches or one of {', '.join(WIDTHS)}, got {word!r}.") from error


Width = Annotated[
    float,
    tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar=f"INCHES|{'|'.join(WIDTHS)}",
        instance_from_str=_inches,
        is_instance=lambda value: isinstance(value, (int, float)),
        str_from_instance=lambda width: [f"{width:g}"],
    ),
]


@dataclass(frozen=True)
class Source:
    """A checkpoint or run behind a figure: where it was, its name, the hash of its weights ("" if unknown), and its run."""

    source: str
    name: str
    weights_sha256: str = ""
    run: Run | None = None


def source_of(checkpoint: Checkpoint) -> Source:
    """What is said of a loaded checkpoint."""
    return Source(checkpoint.source, checkpoint.name, checkpoint.weights_sha256, checkpoint.run)


@dataclass(frozen=True, eq=False)
class Made:
    """What came of a recipe: the figure, the numbers that it shows (one row a number), what it shows in a sentence.

    sources: the checkpoints, in the order of the figure; texts: what they read; test: the test and correction, "" for none;
    page: makes the interactive view as HTML, None where the kind has none; style: in which it is drawn, None for our own.
    """

    figure: "Figure"
    table: pd.DataFrame
    caption: str
    sources: tuple[Source, ...]
    texts: tuple[str, ...] = ()
    test: str = ""
    page: Callable[[], str] | None = None
    style: "Style | None" = None


@dataclass(frozen=True, kw_only=True)
class Recipe(ABC):
    """A figure that can be made again: its kind, and all choices as fields.

    width: in inches; style: a matplotlib style sheet, of which it follows what `amplify_viz.figures.style_file` lists.
    """

    KIND: ClassVar[str]
    VIEW: ClassVar[str | None] = None  # the function of `show` that makes its page

    width: Width = 6.9  # inches, or by name: one column of a journal is 3.3, two are 6.9, a slide is 5
    # a matplotlib style sheet (.mplstyle): font, size, colour of text, and widths and colours of axes, grid and curves follow it
    style: str | None = field(default=None, metadata=FILES)

    def make(self) -> Made:
        """Reads what it is about and draws it in its style.  Raises InputError for what cannot be read or drawn."""
        if self.style is None:
            return self.draw()
        return self.styled(av.figures.read_style(Path(self.style)), type(self).draw)

    def styled(self, style: "Style", draw: Callable[[Self], Made]) -> Made:
        """What `draw` makes of this recipe, in a style.  Raises InputError where its letters are too large for the width."""
        with av.figures.in_style(style):
            made = draw(replace(self, style=None, width=av.figures.fitting(style, self.width)))
        av.figures.enlarge(made.figure, style.scale)
        return replace(made, style=style)

    @abstractmethod
    def draw(self) -> Made:
        """The same in the style that is chosen."""

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """The kind, and what is chosen otherwise than by default, as `python -m amplify_viz figure` reads it."""
        words = [self.KIND]
        for one in fields(self):
            value = getattr(self, one.name)
            if value != one.default:
                words += option(one, value)
        return tuple(words)


def option(field: "Field[Any]", value: Any) -> list[str]:
    """A field's option as it is typed.  Its metadata say whether it is given once for each value, and whether they are files."""
    name, each = field.name.replace("_", "-"), field.metadata.get("each", False)
    if field.metadata.get("files", False):
        value = tuple(map(portable, value)) if isinstance(value, tuple) else portable(value)
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    if not isinstance(value, tuple):
        return [f"--{name}={_written(value)}"]
    if each:
        return [f"--{name}={_written(part)}" for part in value]
    return [f"--{name}", *map(_written, value)]


def _written(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def portable(source: str | Path) -> str:
    """A folder as it is called from here, where it lies below: a file that is passed on should not name a home folder."""
    path = Path(source)
    if not path.is_absolute():
        return str(source)
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def listed(parts: Sequence[str]) -> str:
    """Parts of a sentence: "a", "a and b", "a, b and c"."""
    return " and ".join([*([", ".join(parts[:-1])] if parts[:-1] else []), *parts[-1:]])
