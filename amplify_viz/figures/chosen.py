"""The style that figures are drawn in at present: ours, or ours with what a style file changes.

Public names: `Style`, `chosen`, `in_style`.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """What a style file changes; None and () leave things as they are.

    families: installed fonts, first choice first; scale: of everything, because letters have another size; text, frame and
    grid: colours as "#rrggbb"; frame_width, grid_width and line_width: in points of the finished figure; file: what the style
    sheet is called, sheet: its bytes, both empty for our own.
    """

    families: tuple[str, ...] = ()
    scale: float = 1.0
    text: str | None = None
    frame: str | None = None
    grid: str | None = None
    frame_width: float | None = None
    grid_width: float | None = None
    line_width: float | None = None
    file: str = ""
    sheet: bytes = b""

    @property
    def sha256(self) -> str:
        """Of the sheet, "" for our own."""
        return hashlib.sha256(self.sheet).hexdigest() if self.sheet else ""

    def points(self, asked: float | None, own: float) -> float:
        """A line's width in the figure before it is scaled: what was asked for, else our own."""
        return own if asked is None else asked / self.scale


_OURS = Style()
_STYLE = ContextVar("style", default=_OURS)  # of a thread or task, so that two can draw in two styles


def chosen() -> Style:
    """The present style."""
    return _STYLE.get()


@contextmanager
def in_style(style: Style) -> Iterator[None]:
    """Within the block figures are drawn in a style, in this thread alone."""
    token = _STYLE.set(style)
    try:
        yield
    finally:
        _STYLE.reset(token)
