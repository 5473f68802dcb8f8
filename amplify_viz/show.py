"""The views in a notebook, and as files that open anywhere: what each function returns is shown by itself, or saved.

    av.show.head_view([a, b], layer=3)                  # as a cell's last line
    av.show.head_view([a, b], layer=3).save("heads.html")

The choices are the fields of `views.look.Look`; layers, heads and words count from zero.  A display holds the numbers that
it shows and those near them, up to max_bytes, so that it can be turned without Python.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from itertools import product
from pathlib import Path
from typing import Any

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference
from amplify_viz.runs import write_whole
from amplify_viz.selection import check_focus, having
from amplify_viz.unknown import unknown_in
from amplify_viz.views.documents import document
from amplify_viz.views.embedded import embedded
from amplify_viz.views.look import Look
from amplify_viz.views.page import View, page

MAX_BYTES = 4 * 10**6  # a notebook keeps every display, and a saved page may hold more
_TITLES: dict[View, str] = {
    "head_view": "Head view", "model_view": "Model view", "neuron_view": "Neuron view", "word_graph": "Word graph",
}  # fmt: skip
_CHOICES = tuple(one.name for one in fields(Look))
_REFUSED: Any = object()
_ROW = 24  # pixels that a token takes in most views
_AROUND = 380  # pixels of title, controls, legend and footer
_LEAST, _MOST = 480, 900  # pixels of a display; it can be pulled larger


@dataclass(frozen=True)
class Display:
    """A view as a page of its own: shown by a notebook in a frame that can reach neither the notebook nor the network.

    title: names it; html: the page; height: of the frame, in pixels.
    """

    title: str
    html: str = field(repr=False)
    height: int

    def _repr_html_(self) -> str:
        """The page in a frame, for JupyterLab, Notebook, VS Code and nbconvert."""
        style = f"display: block; width: 100%; height: {self.height}px; border: 0; border-radius: 6px; resize: vertical"
        return (
            f'<iframe title="{html.escape(self.title)}" sandbox="allow-scripts allow-downloads" style="{style}" '
            f'srcdoc="{html.escape(self.html)}"></iframe>'
        )

    def save(self, path: str | Path) -> Path:
        """Writes the page to a file, which opens in any browser without a network, and returns its path.

        Raises InputError where the folder does not exist.  The file is written whole or not at all.
        """
        path = Path(path)
        if not path.parent.is_dir():
            raise InputError(
                f"A page is saved in a folder, there is none at {path.parent}: make it, or choose another."
            )
        write_whole(path, self.html)
        return path


Records = AttentionRecord | Sequence[AttentionRecord]


def head_view(records: Records, *, title: str | None = None, max_bytes: int = MAX_BYTES, **choices: Any) -> Display:
    """Lines, or above about a hundred tokens a matrix, from each token or word to what it attends to.

    records: one, or up to four of one text, side by side; max_bytes: of numbers in the page.  choices: layer, heads, focus,
    level, special, between, least, top, combine, form, difference.  Raises InputError for records of different texts, and
    for a choice that there is not.
    """
    return _display("head_view", records, choices, title=title, max_bytes=max_bytes)


def model_view(records: Records, *, title: str | None = None, max_bytes: int = MAX_BYTES, **choices: Any) -> Display:
    """All layers and heads as small matrices.

    As `head_view`.  choices: layer, head, level, special, measure, arrange, difference.
    """
    return _display("model_view", records, choices, title=title, max_bytes=max_bytes)


def neuron_view(records: Records, *, title: str | None = None, max_bytes: int = MAX_BYTES, **choices: Any) -> Display:
    """How one head makes the focus word's attention of its query and keys.

    As `head_view`.  choices: layer, head, focus, order, top.
    """
    return _display("neuron_view", records, choices, title=title, max_bytes=max_bytes)


def word_graph(records: Records, *, title: str | None = None, max_bytes: int = MAX_BYTES, **choices: Any) -> Display:
    """The words as a graph: what the focus word attends to, and how words relate.

    As `head_view`.  choices: layer, head (the mean of the heads if left out), heads, focus, layout, edge, difference.
    """
    return _display("word_graph", records, choices, title=title, max_bytes=max_bytes)


def _display(view: View, records: Records, choices: dict[str, Any], *, title: str | None, max_bytes: int) -> Display:
    chosen = [records] if isinstance(records, AttentionRecord) else list(records)
    look = _look(chosen, choices)
    told = document(chosen, look)
    held = embedded(view, chosen, look, max_bytes=max_bytes)
    name = title or _TITLES[view]
    text = page(view, told, held.chunks, title=name, description=_description(chosen), whole=held.whole)
    rows = max((record.n_tokens for record in chosen), default=0)
    return Display(name, text, min(max(_AROUND + _ROW * rows, _LEAST), _MOST))


def _description(records: Sequence[AttentionRecord]) -> str:
    """What was read, a line a text."""
    if not records:
        return ""
    lines = [" ".join(text.split()) for text in records[0].texts]
    cut = [record.checkpoint for record in records if any(record.cut)]
    lines += unknown_in(records)
    return "\n".join([*lines, *([f"Not read whole, for it is too long, by: {', '.join(cut)}."] if cut else [])])


def _look(records: Sequence[AttentionRecord], choices: dict[str, Any]) -> Look:
    """The look of the choices.  Raises InputError for a choice that there is not, or that no record has, or not each its word."""
    for name in sorted(choices.keys() - _CHOICES):
        raise InputError(f"A view's choices are {', '.join(_CHOICES)}, got {name!r}: leave it out.")
    look = Look(**{name: _read(name, value) for name, value in choices.items()})
    if records:
        having(records, layer=look.layer if "layer" in choices else 0, heads=look.heads)
        having(records, layer=0, heads=None if look.head is None else [look.head])
    for record, word in product(records, look.focus):
        check_focus(record, word)
    _check_difference(records, look)
    return look


def _read(name: str, value: Any) -> Any:
    """A choice as a look keeps it; one word may be given for a focus on it alone."""
    given = (value,) if name == "focus" and isinstance(value, int) else value
    read = getattr(Look.read({name: given}, Look(**{name: _REFUSED})), name)
    if read is _REFUSED:
        raise InputError(f"A view has no {name} {value!r}: see views.look.Look for what it may be.")
    return read


def _check_difference(records: Sequence[AttentionRecord], look: Look) -> None:
    if look.difference is None:
        return
    a, b = look.difference
    if a == b or max(a, b) >= len(records):
        raise InputError(
            f"A difference is between two of the {len(records)} records, got {look.difference}: give their positions, from 0."
        )
    Difference(records[a], records[b])
