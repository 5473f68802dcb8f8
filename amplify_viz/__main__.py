"""The command line of the library: `python -m amplify_viz compare`, `report`, `figure`, `remake`, …; `--help` tells each."""

import contextlib
import io
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from functools import reduce
from itertools import chain
from operator import or_
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import tyro

import amplify_viz as av
from amplify_viz.checkpoints import Checkpoint, load
from amplify_viz.comparison import Choices, Comparison, compare, summary, write
from amplify_viz.comparison.sides import two_sides
from amplify_viz.comparison.tables import Measure
from amplify_viz.errors import InputError
from amplify_viz.reading import Columns, read_texts
from amplify_viz.recipes import KINDS, Recipe, remake
from amplify_viz.recipes import write as write_figure
from amplify_viz.recipes.files import check_path
from amplify_viz.recipes.recipe import EACH, FILES, Each, option, portable, source_of
from amplify_viz.recipes.tables import about_comparison, with_about
from amplify_viz.report import report
from amplify_viz.report import write as write_report
from amplify_viz.report.paper import PaperCommand
from amplify_viz.runs import check_folder
from amplify_viz.statistics.inputs import Correction, Test

AnyRecipe = TypeVar("AnyRecipe", bound=Recipe)

_SHORT = "amplify-viz"
_EVERY = 10.0  # seconds between lines of progress where they do not replace each other


@dataclass(frozen=True)
class CompareCommand:
    """Compare the attention of two runs, or of two groups of runs, over a file of texts or pairs."""

    NAME: ClassVar[str] = "compare"

    # a .jsonl, .csv, .tsv, .parquet or .txt file, a folder of splits, or "roles", the built-in pairs
    data: Path = field(metadata=FILES)
    out: Path = field(metadata=FILES)  # the folder for the tables and the summary
    # two run folders or other checkpoints; or the runs of two methods, which are grouped by method
    runs: tuple[str, ...] = field(default=(), metadata=FILES)
    # instead of --runs: one side, a checkpoint, or a group of runs that differ in their seed
    a: tuple[str, ...] = field(default=(), metadata=FILES)
    b: tuple[str, ...] = field(default=(), metadata=FILES)  # the other side, of the same backbone
    split: str = "test"  # of a folder of splits, and of the built-in pairs
    measure: tuple[Measure, ...] = ()  # what is measured; all by default
    test: Test | None = None  # over inputs, for one run on each side; t by default
    correction: Correction = "holm"  # for the layers and heads of each measure
    workers: int = 0  # processes that measure, through Ray; 0 for this one alone
    limit: int | None = None  # take the first so many texts
    text_column: str | None = None  # the column of texts, where its name is unusual
    pair_column: str | None = None  # that of second texts
    label_column: str | None = None  # that of labels
    # where measured numbers are kept; the user's cache folder by default
    cache: Path | None = field(default=None, metadata=FILES)

    def __call__(self) -> None:
        """Compares, prints the summary and the files."""
        check_folder(self.out)
        a, b = self.sides()
        found = self.compared(a, b)
        sources = [[source_of(one) for one in side] for side in (a, b)]
        title, command = "Two sides compared", shlex.join(self.command)
        about = about_comparison(found, sources[0], sources[1], title, tested=True, command=command)
        written = write(found, self.out, heads={kind: with_about("", kind, about) for kind in ("csv", "md")})
        print(summary(found))
        for path in written:
            print(path)

    def sides(self) -> tuple[list[Checkpoint], list[Checkpoint]]:
        """The loaded checkpoints of both sides.  Raises InputError where they are not said in one way."""
        if bool(self.runs) == bool(self.a or self.b) or bool(self.a) != bool(self.b):
            raise InputError(
                f"Two sides are compared: give --runs with two checkpoints, or --a and --b with one or several each; got "
                f"{len(self.runs)} for --runs, {len(self.a)} for --a and {len(self.b)} for --b."
            )
        return two_sides(_loaded(self.runs)) if self.runs else (_loaded(self.a), _loaded(self.b))

    @property
    def command(self) -> list[str]:
        """What makes it again."""
        changed = [one for one in fields(self) if getattr(self, one.name) != one.default]
        options = (option(one, getattr(self, one.name)) for one in changed)
        return ["python", "-m", "amplify_viz", self.NAME, *chain.from_iterable(options)]

    def compared(self, a: Sequence[Checkpoint], b: Sequence[Checkpoint]) -> Comparison:
        """What came of it, with its progress on the terminal."""
        choices = Choices(self.measure, self.test, self.correction)
        columns = Columns(self.text_column, self.pair_column, self.label_column)
        texts = read_texts(portable(self.data), split=self.split, columns=columns).first(self.limit)
        line = _Line()
        found = compare(a, b, texts, choices=choices, cache=self.cache, workers=self.workers, progress=line)
        line.end()
        return found


@dataclass(frozen=True)
class ReportCommand(CompareCommand):
    """The same comparison as a report: a page of its own, and its figures, tables, methods and references as files."""

    NAME: ClassVar[str] = "report"

    def __call__(self) -> None:
        """Compares, writes the report, and prints the page's path."""
        check_folder(self.out)
        a, b = self.sides()
        found = self.compared(a, b)
        print(write_report(report(found, a, b, reading=self.reading, command=self.command), self.out))

    @property
    def reading(self) -> dict[str, Any]:
        """How the texts are read, as the recipes of the report's figures say it."""
        chosen = {
            name: getattr(self, name) for name in ("split", "limit", "text_column", "pair_column", "label_column")
        }
        return {"data": str(self.data), **chosen}


class _Line:
    """One line of progress on the terminal, rewritten in place; every ten seconds a new line where it is no terminal."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, total: int, seconds_left: float | None) -> None:
        """Prints how much is done."""
        left = "" if seconds_left is None else f", {seconds_left / 60:.1f} min left"
        line = f"measured {done:,} of {total:,} texts × checkpoints{left}"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[2K{line}")
            sys.stderr.flush()
        elif time.monotonic() - self._last > _EVERY or done == total:
            self._last = time.monotonic()
            sys.stderr.write(line + "\n")

    def end(self) -> None:
        """Clears the line."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[2K")


@dataclass(frozen=True)
class FigureCommand(Generic[AnyRecipe]):
    """A kind of figure, and where it goes."""

    recipe: Annotated[AnyRecipe, tyro.conf.arg(name="")]
    out: Path  # the file, whose end decides what is written: .pdf, .svg, .png, .pgf, .html, .csv, .json or .tex
    dpi: float = 300.0  # dots an inch, of a PNG

    def __call__(self) -> None:
        """Draws, writes and prints the file."""
        check_path(self.out)
        made = self.recipe.make()
        print(write_figure(self.recipe, made, self.out, dpi=self.dpi))
        unknown = av.figures.lacking(made.figure) if self.out.suffix.lower() in (".pdf", ".png") else ()
        if unknown:
            sys.stderr.write(
                f"No font here has {' '.join(unknown[:10])}: there are boxes in the figure. Install a font, such as Noto, or take "
                f"the SVG, which holds them as text.\n"
            )


_KINDS: Any = reduce(
    or_,
    [
        Annotated[FigureCommand[kind], tyro.conf.subcommand(name, description=kind.__doc__)]  # type: ignore[valid-type]
        for name, kind in KINDS.items()
    ],
)


@dataclass(frozen=True)
class FiguresCommand:
    """Draw a figure without a browser; its file says how it was made, and `remake` makes it again."""

    figure: tyro.conf.OmitSubcommandPrefixes[_KINDS]

    def __call__(self) -> None:
        """Draws, writes and prints the file."""
        self.figure()


@dataclass(frozen=True)
class RemakeCommand:
    """Make a figure again from what its file says, and compare the numbers."""

    file: tyro.conf.Positional[Path]  # an svg, pdf, png, pgf, html, csv, json or tex file that was made here
    out: Path | None = None  # where to write it; beside the file, with -remade in its name, by default
    # where its runs are now, if elsewhere: once for each, in the file's order
    run: Each = field(default=(), metadata=EACH)
    style: Path | None = None  # where its style sheet is now, if elsewhere

    def __call__(self) -> None:
        """Makes it again, and says whether it is the same.  Ends the process with 1 where it is not."""
        done = remake(self.file, self.out, run=self.run, style=self.style)
        print(done.said)
        if not done.holds:
            raise SystemExit(1)


@dataclass(frozen=True)
class CompletionCommand:
    """Print what a shell needs to complete commands and options of `amplify-viz`, a short name for this program."""

    shell: tyro.conf.Positional[Literal["bash", "zsh"]]  # for bash: `source <(python -m amplify_viz completion bash)`

    def __call__(self) -> None:
        """Prints tyro's script for the short name, and the short name's definition."""
        written = io.StringIO()
        with contextlib.suppress(SystemExit), contextlib.redirect_stdout(written):  # tyro ends there
            tyro.extras.subcommand_cli_from_dict(_COMMANDS, prog=_SHORT, args=["--tyro-print-completion", self.shell])
        function = "_tyro_amplify_viz"  # a zsh script is one to be found on fpath, this one is to be sourced
        print(written.getvalue().replace(f'\n{function} "$@"\n', f"\ncompdef {function} {_SHORT}\n"))
        print(f'{_SHORT}() {{ {shlex.quote(sys.executable)} -m amplify_viz "$@"; }}')


def _loaded(sources: tuple[str, ...]) -> list[Checkpoint]:
    return [load(source) for source in sources]


_COMMANDS: dict[str, Callable[..., object]] = {
    "compare": CompareCommand,
    "completion": CompletionCommand,
    "figure": FiguresCommand,
    "paper": PaperCommand,
    "remake": RemakeCommand,
    "report": ReportCommand,
}


def main(arguments: list[str] | None = None) -> int:
    """Exit code of the command: 0, 2 for bad input (one sentence on stderr), 130 when interrupted."""
    try:
        command = tyro.extras.subcommand_cli_from_dict(_COMMANDS, prog="python -m amplify_viz", args=arguments)
        command()
    except InputError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted: the same command goes on from what was measured.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
