"""The map of what kind each head is: positional, first token, separator, broad or content, by layer and head."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from amplify_viz.colours import KINDS
from amplify_viz.errors import InputError
from amplify_viz.figures import head_grid
from amplify_viz.figures.fonts import clean, widest
from amplify_viz.figures.legend import Item, chip, label
from amplify_viz.figures.needs import lack_of
from amplify_viz.figures.sheet import headline, sheet
from amplify_viz.figures.style import SMALL, on, write

_COLUMNS = ("layer", "head", "kind", "position", "status")
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "previous": "previous",
        "next": "next",
        "self": "itself",
        "first token": "first",
        **{kind: kind for kind in ("separator", "broad", "content")},
    }
)
_NARROWEST, _ROOMY, _WIDEST = 7.0, 20.0, 44.0  # points: a cell's width with a letter in it, comfortable, at most


@dataclass(frozen=True)
class _Map:
    """What a panel shows: for each (layer, head) kind and position, "" where there is none."""

    name: str
    cells: Mapping[head_grid.Place, tuple[str, str]]

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of layers and heads."""
        return max(at[0] for at in self.cells) + 1, max(at[1] for at in self.cells) + 1

    @property
    def counted(self) -> str:
        """How many heads there are of each kind, and how many have none."""
        kinds = [kind for kind, _ in self.cells.values()]
        none = [f"{kinds.count('')} not measured"] if "" in kinds else []
        return ", ".join([*(f"{kinds.count(kind)} {kind}" for kind in KINDS), *none])


def head_kinds(tables: Mapping[str, pd.DataFrame], *, note: str = "", width: float = 6.9) -> Figure:
    """A panel for each table of `statistics.head_kinds`, with a cell for each layer and head in the colour of its kind.

    tables: by name, one to four.  Each cell says its kind (a positional head where it looks) in a word where the cells are
    wide enough, else in its first letter, so that the figure can be read in grey; one that was not measured is hatched.
    note: a sentence below.  width: in inches.

    Raises InputError for none or more than four tables, one that lacks a column or has a head twice, and an unknown kind.
    Each cell has the colour of its head's kind, and a line counts them.
    """
    maps = [_map(name, table) for name, table in tables.items()]
    place = head_grid.layout_of([one.shape for one in maps], width=width, cells=(_NARROWEST, _ROOMY, _WIDEST))
    words = widest(_WORDS.values(), size=SMALL) + 3 <= place.cell
    counts = [one.counted if len(maps) == 1 else f"{one.name}: {one.counted}" for one in maps]
    figure, panels = sheet(
        len(maps),
        columns=place.columns,
        height=place.height,
        width=width,
        title="Kinds of heads",
        legend=_legend(maps, words=words),
        notes=["Rows are layers, columns are heads.", *(f"{count}." for count in counts), *([note] if note else [])],
    )
    for axes, one in zip(panels, maps, strict=True):
        headline(axes, one.name)
        _draw(axes, one, side=place.side, cell=place.cell, words=words)
    return figure


def _map(name: str, table: pd.DataFrame) -> _Map:
    if lack := lack_of(table, _COLUMNS):
        raise InputError(
            f"Kinds are drawn of the columns of head_kinds, the table of {name} {lack}: pass what it returns."
        )
    if table.duplicated(["layer", "head"]).any():
        raise InputError(f"A head has one kind, the table of {name} has several of one: pass one checkpoint's rows.")
    unknown = sorted({str(kind) for kind in table["kind"]} - {*KINDS, ""})
    if unknown:
        raise InputError(f"A head's kind is one of {', '.join(KINDS)}, {name} has {unknown[0]!r}: choose one of these.")
    return _Map(
        clean(name),
        {
            (int(row["layer"]), int(row["head"])): (str(row["kind"]), str(row["position"]))
            for row in table.to_dict("records")
        },
    )


def _legend(maps: list[_Map], *, words: bool) -> list[Item]:
    """The colours, with the letters where they stand for words."""
    positional, *others = KINDS
    names = [name if words else f"{name[0]} {name}" for name in list(_WORDS.values())[:3]]
    first = chip(KINDS[positional], f"{positional}: {', '.join(names)}")
    rest = [chip(KINDS[kind], kind if words else f"{kind[0]} {kind}") for kind in others]
    holes = any(kind == "" for one in maps for kind, _ in one.cells.values())
    return [first, *rest, *([label("hatched: not measured")] if holes else [])]


def _draw(axes: Axes, one: _Map, *, side: float, cell: float, words: bool) -> None:
    n_layers, n_heads = one.shape
    head_grid.number(axes, n_layers, [str(i + 1) for i in range(n_heads)], side=side, cell=cell)
    boxes = head_grid.boxes_of(one.cells, side=side, cell=cell)
    known = {at: kind for at, (kind, _) in one.cells.items() if kind}
    colours = [KINDS[kind] for kind in known.values()]
    axes.add_collection(PatchCollection([boxes[at] for at in known], facecolors=colours, linewidths=0, gid="cells"))
    axes.add_collection(head_grid.hatched([boxes[at] for at in one.cells if at not in known]))
    for at, kind in known.items():
        word = _WORDS[one.cells[at][1] or kind]
        x, y = head_grid.middle_of(at, side=side, cell=cell)
        write(axes, x, y, word if words else word[0], colour=on(to_rgb(KINDS[kind])), align="center", gid="kind")
