"""A figure as the bytes of a file, the same bytes for the same figure."""

import shutil
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.text import Text

from amplify_viz.errors import InputError
from amplify_viz.figures.fonts import has_postscript_outlines

KINDS = ("svg", "pdf", "png", "pgf")
_ABOUT = {"svg": "Description", "pdf": "Keywords", "png": "amplify_viz"}
_DATES = {"svg": "Date", "pdf": "CreationDate"}
_TEX = "pdflatex"
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "amplify-viz",  # the names of an SVG's parts do not change from call to call
    "font.sans-serif": ["Arial", "Helvetica", "Liberation Sans", "DejaVu Sans"],  # what a reader of the SVG may have
    "text.hinting": "none",  # hinted letters of a PNG are wider than measured, the more so the fewer the dots
    "savefig.bbox": None,
    "savefig.transparent": False,
}
_LOCK = Lock()  # matplotlib's settings are the process's: one thread at a time changes them


def to_bytes(figure: Figure, kind: str, *, dpi: float = 300, about: str = "") -> bytes:
    """Returns the figure as a file of a kind: "svg" (text as text), "pdf" (text with its fonts), "png" or "pgf".

    A PGF is drawn by LaTeX, with the document's own fonts; to make one TeX must be installed, which measures the text.
    about: what the file says of itself (an SVG's description, a PDF's keywords, a PNG's entry "amplify_viz", a PGF's first
    comment).  A PDF embeds fonts as Type 42, as journals ask for, or as Type 3 where a text needs a font with PostScript outlines
    (Noto Sans CJK is one).  dpi: of the PNG, and of what in the others is a picture.  The figure's label becomes the
    file's title; no date goes in.  Raises InputError for another kind, a dpi outside 50 to 1200, and a PGF without TeX.
    The same figure gives the same bytes.
    """
    if kind not in KINDS:
        raise InputError(f"A figure is saved as {', '.join(KINDS)}, got {kind!r}: choose one of these.")
    if not 50 <= dpi <= 1200:
        raise InputError(f"A picture has 50 to 1200 dots an inch, got dpi={dpi:g}: 300 is what journals ask for.")
    if kind == "pgf":
        return _to_pgf(figure, about)
    metadata = {"Title": figure.get_label() or "Attention"} | ({_DATES[kind]: None} if kind in _DATES else {})
    if about:
        metadata[_ABOUT[kind]] = about
    file = BytesIO()
    postscript = any(has_postscript_outlines(text.get_text()) for text in figure.findobj(Text))
    with _LOCK, mpl.rc_context(_SETTINGS | {"pdf.fonttype": 3 if postscript else 42}):
        figure.savefig(file, format=kind, dpi=dpi, metadata=metadata)
    return file.getvalue()


def _to_pgf(figure: Figure, about: str) -> bytes:
    if shutil.which(_TEX) is None:
        raise InputError(
            f"A PGF needs TeX to measure its text, there is no {_TEX} here: install TeX, or take the PDF, which LaTeX "
            f"includes as well."
        )
    with TemporaryDirectory() as folder, _LOCK, mpl.rc_context({"pgf.texsystem": _TEX, "pgf.rcfonts": False}):
        path = Path(folder) / "figure.pgf"
        figure.savefig(path, format="pgf")
        drawn = path.read_text(encoding="utf-8")
    return (f"% {about}\n" * bool(about) + drawn).encode()
