"""A figure as the bytes of a file, the same bytes for the same figure."""

from io import BytesIO
from threading import Lock
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.text import Text

from amplify_viz.errors import InputError
from amplify_viz.figures.fonts import has_postscript_outlines

KINDS = ("svg", "pdf", "png")
_DATES = {"svg": "Date", "pdf": "CreationDate"}
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "amplify-viz",  # the names of an SVG's parts do not change from call to call
    "font.sans-serif": ["Arial", "Helvetica", "Liberation Sans", "DejaVu Sans"],  # what a reader of the SVG may have
    "savefig.bbox": None,
    "savefig.transparent": False,
}
_LOCK = Lock()  # matplotlib's settings are the process's: one thread at a time changes them


def to_bytes(figure: Figure, kind: str, *, dpi: float = 300) -> bytes:
    """Returns the figure as a file of a kind: "svg" (text as text), "pdf" (text with its fonts) or "png".

    A PDF embeds fonts as Type 42, as journals ask for, or as Type 3 where a text needs a font with PostScript outlines
    (Noto Sans CJK is one).  dpi: of the PNG, and of what in the others is a picture.  The figure's label becomes the
    file's title; no date goes in.  Raises InputError for another kind.  The same figure gives the same bytes.
    """
    if kind not in KINDS:
        raise InputError(f"A figure is saved as {', '.join(KINDS)}, got {kind!r}: choose one of these.")
    metadata = {"Title": figure.get_label() or "Attention"} | ({_DATES[kind]: None} if kind in _DATES else {})
    file = BytesIO()
    postscript = any(has_postscript_outlines(text.get_text()) for text in figure.findobj(Text))
    with _LOCK, mpl.rc_context(_SETTINGS | {"pdf.fonttype": 3 if postscript else 42}):
        figure.savefig(file, format=kind, dpi=dpi, metadata=metadata)
    return file.getvalue()
