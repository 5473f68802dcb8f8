"""What a table's file says of itself: one line of JSON in a comment above the table, in whatever kind of file.

Public names: `TABLE`, `about_table`, `about_comparison`, `with_about`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

from amplify_viz.comparison import Comparison
from amplify_viz.comparison.captions import tested_by
from amplify_viz.recipes.corpora import digest
from amplify_viz.recipes.provenance import run_entry, versions
from amplify_viz.recipes.recipe import Source, portable

TABLE = "amplify_viz_table"
"""What the line begins with, after the sign of a comment."""
TableKind = Literal["csv", "md", "tex"]


def about_table(
    title: str,
    *,
    sources: Sequence[Source] = (),
    folders: Sequence[str] = (),
    texts: Sequence[str] = (),
    test: str = "",
    command: str = "",
    **chosen: Any,
) -> str:
    """One line of JSON in ASCII: what the table is, of which runs and texts, how tested, and the versions it came about with.

    sources: the checkpoints, each with the hash of its weights and its settings; folders: of runs whose own run.json says
    that; test: with its correction; command: what makes the numbers again; chosen: what else was.
    """
    runs: list[Any] = [run_entry(source) for source in sources] or [portable(folder) for folder in folders]
    found = {"table": title, "versions": versions(), "runs": runs}
    named = {"texts": list(texts), "test": test, "command": command, **chosen}
    return json.dumps(
        found | {name: value for name, value in named.items() if value not in ("", [], None)}, sort_keys=True
    )


def about_comparison(
    found: Comparison, a: Sequence[Source], b: Sequence[Source], title: str, *, tested: bool, command: str
) -> str:
    """The same of a table of a comparison.  a, b: its checkpoints; tested: whether the table has p-values."""
    return about_table(
        title,
        sources=(*a, *b),
        texts=[digest(found.texts)],
        test=tested_by(found, corrected=True) if tested else "",
        command=command,
        sides={"a": len(a), "b": len(b)},
    )


def _csv(about: str, table: str) -> str:
    """`pandas.read_csv(file, skiprows=1)` reads the rest."""
    return f"# {TABLE}: {about}\n{table}"


def _md(about: str, table: str) -> str:
    literal = about.replace("<", "\\u003c").replace(">", "\\u003e")  # or a text might end the comment
    return f"<!-- {TABLE}: {literal} -->\n\n{table}"


def _tex(about: str, table: str) -> str:
    return f"% {TABLE}: {about}\n{table}"


_KINDS: Mapping[str, Callable[[str, str], str]] = MappingProxyType({"csv": _csv, "md": _md, "tex": _tex})


def with_about(table: str, kind: TableKind, about: str) -> str:
    """The table with the line above it, as a comment of its kind; about: as `about_table` gives it, "" for none."""
    return _KINDS[kind](about, table) if about else table
