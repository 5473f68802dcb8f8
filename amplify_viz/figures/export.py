"""A figure as the bytes of a file, the same bytes for the same figure."""

import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_pgf import LatexError
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text

from amplify_viz.errors import InputError
from amplify_viz.figures.fonts import have_postscript_outlines, lacks
from amplify_viz.results.export import latex_lacks, latex_text

KINDS = ("svg", "pdf", "png", "pgf")
_ABOUT = {"svg": "Description", "pdf": "Keywords", "png": "amplify_viz"}
_DATES = {"svg": "Date", "pdf": "CreationDate"}
_DPI = 300.0  # of a picture in an SVG or PDF, whatever a PNG has: the same figure gives the same file
_TEX = "pdflatex"
_MOST_CELLS = 10_000
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "amplify-viz",  # the names of an SVG's parts do not change from call to call
    "font.sans-serif": ["Arial", "Helvetica", "Liberation Sans", "DejaVu Sans"],  # what a reader of the SVG may have
    "text.hinting": "none",  # hinted letters of a PNG are wider than measured, the more so the fewer the dots
    "savefig.bbox": None,
    "savefig.transparent": False,
}
_LOCK = Lock()  # matplotlib's settings are the process's: one thread at a time changes them


def to_bytes(figure: Figure, kind: str, *, dpi: float = _DPI, about: str = "") -> bytes:
    """Returns the figure as a file of a kind: "svg" (text as text), "pdf" (text with its fonts), "png" or "pgf".

    A PGF is drawn by LaTeX, with the document's own fonts; to make one TeX must be installed, which measures the text, has no
    letters for some scripts, and no room for more than 10,000 cells of matrices.
    about: what the file says of itself (an SVG's description, a PDF's keywords, a PNG's entry "amplify_viz", a PGF's first
    comment).  A PDF embeds fonts as Type 42, as journals ask for, or as Type 3 where a text needs a font with PostScript outlines
    (Noto Sans CJK is one).  dpi: of a PNG; what is a picture in an SVG or PDF has 300.  The figure's label becomes the
    file's title; no date goes in.  Raises InputError for another kind, a dpi outside 50 to 1200, and a PGF without TeX or with
    what TeX cannot set.
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
    postscript = any(
        have_postscript_outlines(text.get_fontfamily()) for text in figure.findobj(Text) if text.get_text()
    )
    with _LOCK, mpl.rc_context(_SETTINGS | {"pdf.fonttype": 3 if postscript else 42}):
        figure.savefig(file, format=kind, dpi=dpi if kind == "png" else _DPI, metadata=metadata)
    return file.getvalue()


def lacking(figure: Figure) -> tuple[str, ...]:
    """The characters of the figure's texts that no installed font has: boxes in a PNG or PDF, themselves in an SVG."""
    texts = "".join(text.get_text() for text in figure.findobj(Text))
    return tuple(dict.fromkeys(char for char in texts if lacks(char)))


def _to_pgf(figure: Figure, about: str) -> bytes:
    if shutil.which(_TEX) is None:
        raise InputError(
            f"A PGF needs TeX to measure its text, there is no {_TEX} here: install TeX, or take the PDF, which LaTeX "
            f"includes as well."
        )
    settings: dict[Any, Any] = {"pgf.texsystem": _TEX, "pgf.rcfonts": False}
    with TemporaryDirectory() as folder, _LOCK, mpl.rc_context(settings), _as_latex(figure), _as_cells(figure):
        path = Path(folder) / "figure.pgf"
        try:
            figure.savefig(path, format="pgf")
        except (LatexError, ValueError) as error:  # ValueError: a text that could not be measured
            raise InputError(
                f"A PGF's text is set by {_TEX}, which has no letters for some of this figure's{_rare(figure)}: take the PDF, "
                f"which LaTeX includes as well."
            ) from error
        drawn = path.read_text(encoding="utf-8")
    return (f"% {about}\n" * bool(about) + drawn).encode()


@contextmanager
def _as_cells(figure: Figure) -> Iterator[None]:
    """Within the block every picture is drawn as coloured cells: a PGF holds no pictures, it would look for them beside it."""
    images: list[Any] = figure.findobj(AxesImage)
    n_cells = sum(math.prod(image.get_size()) for image in images)
    if n_cells > _MOST_CELLS:
        raise InputError(
            f"A PGF draws at most {_MOST_CELLS:,} cells, for TeX has little memory, this figure has {n_cells:,}: take the PDF, "
            f"which LaTeX includes as well."
        )
    cells, composite = [_cells(image) for image in images], figure.suppressComposite
    try:
        figure.suppressComposite = True  # matplotlib would draw neighbouring pictures as one, hidden or not
        for image in images:
            image.set_visible(False)
        yield
    finally:
        for image, mesh in zip(images, cells, strict=True):
            mesh.remove()
            image.set_visible(True)
        figure.suppressComposite = composite


def _cells(image: Any) -> QuadMesh:
    """The picture as cells, added to its axes."""
    n_rows, n_columns = image.get_size()
    left, right, bottom, top = image.get_extent()
    corners = np.stack(
        np.meshgrid(np.linspace(left, right, n_columns + 1), np.linspace(top, bottom, n_rows + 1)), axis=-1
    )
    colours = image.to_rgba(image.get_array())
    mesh = QuadMesh(
        corners, facecolors=colours.reshape(-1, 4), edgecolors="face", linewidth=0.1, zorder=image.get_zorder()
    )
    image.axes.add_collection(mesh, autolim=False)
    return mesh


@contextmanager
def _as_latex(figure: Figure) -> Iterator[None]:
    """Within the block every text is written as LaTeX reads it, for matplotlib takes it for LaTeX already."""
    texts = [(text, text.get_text()) for text in figure.findobj(Text)]
    try:
        for text, plain in texts:
            text.set_text(latex_text(plain))
        yield
    finally:
        for text, plain in texts:
            text.set_text(plain)


def _rare(figure: Figure) -> str:
    """The signs that may be to blame, in brackets, the first few."""
    signs = latex_lacks("".join(text.get_text() for text in figure.findobj(Text)))
    return f" ({' '.join(signs[:5])})" if signs else ""
