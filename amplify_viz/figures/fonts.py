"""Any script in a figure: which installed fonts a text needs, how much room it takes, and how it is cut to fit.

Text is set in Arial, Liberation Sans or DejaVu Sans, whichever is installed first in this order (DejaVu Sans comes with
matplotlib), after the fonts of the chosen style; characters that these lack are taken from the installed font that has them,
Noto first.  For a character that no installed font has, a PNG or PDF shows the box of Unicode's Last Resort font, without a
warning, while the SVG holds the character itself and the reader's browser finds a font.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from unicodedata import category

import regex
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import text_to_path

from amplify_viz.figures.chosen import chosen

_TEXT = ("Arial", "Liberation Sans", "DejaVu Sans")
_PREFERRED = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP", "Noto Sans KR"),
    *("PingFang SC", "Hiragino Sans", "Apple SD Gothic Neo", "Microsoft YaHei", "Yu Gothic", "Malgun Gothic"),
    *("WenQuanYi Zen Hei", "Noto Emoji", "Segoe UI Emoji", "Symbola"),
)
_LAST_RESORT = "Last Resort High-Efficiency"
_INVISIBLE = {"Cf", "Mn", "Me"}  # joiners, variation selectors and marks: set with what they belong to


def clean(text: str) -> str:
    """Returns the text as one line that every file format can hold: control characters become their pictures (␉, ␊).

    Characters that XML forbids become �; nothing else changes.
    """
    return "".join(_clean(char) for char in text)


def _clean(char: str) -> str:
    if char < " ":
        return chr(0x2400 + ord(char))
    unwritable = category(char) in {"Cc", "Cs"} or char in "\ufffe\uffff"
    return "\N{REPLACEMENT CHARACTER}" if unwritable else " " if char in "\u2028\u2029" else char


def families(text: str) -> tuple[str, ...]:
    """Font families, first choice first, in which matplotlib can set the text without a warning.

    Those of the chosen style come before ours.
    """
    return families_after(chosen().families, text)


@lru_cache(maxsize=4096)
def families_after(first: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The same of a style whose fonts are these."""
    found = list(dict.fromkeys([*first, *(family for family in _TEXT if family in installed())]))
    for char in sorted(char for char in set(text) if category(char) not in _INVISIBLE):
        if not _covered(char, found):
            found += [family for family in candidates() if _covered(char, [family])][:1]
    last = () if all(_covered(char, found) for char in text) else (_LAST_RESORT,)
    return (*found, "sans-serif", *last)


def lacks(char: str) -> bool:
    """Whether no installed font has a character."""
    return _LAST_RESORT in families_after((), char)


def properties(text: str, *, size: float, bold: bool = False) -> FontProperties:
    """Returns the FontProperties of a text, size in points; bold only where the fonts of Latin text are enough.

    (The others often have no bold face.)
    """
    needed = families(text)
    heavy = bold and set(needed) <= {*chosen().families, *_TEXT, "sans-serif"}
    return FontProperties(family=list(needed), size=size, weight="bold" if heavy else "normal")


def have_postscript_outlines(some: Iterable[str]) -> bool:
    """Whether one of some families has PostScript (CFF) outlines, which a PDF cannot hold as Type 42."""
    return any(_is_postscript(family) for family in some if family in installed())


def extent(text: str, *, size: float, bold: bool = False) -> tuple[float, float]:
    """Width and height of a text in points, of one line with room for ascenders and descenders."""
    return extent_after(chosen().families, text, size=size, bold=bold)


@lru_cache(maxsize=16384)
def extent_after(_first: tuple[str, ...], text: str, *, size: float, bold: bool) -> tuple[float, float]:
    """The same of the chosen style, whose fonts are these."""
    font = properties(text, size=size, bold=bold)
    width, height, descent = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    up, down = _line(font)
    return width, max(height - descent, up) + max(descent, down)


def _line(font: FontProperties) -> tuple[float, float]:
    """How far a line reaches above and below its baseline, in points, as matplotlib lays lines out."""
    face = font_manager.get_font(font_manager.findfont(font))
    scale = font.get_size_in_points() / face.units_per_EM
    metrics = face.get_sfnt_table("OS/2")
    if metrics is None:
        return face.ascender * scale, -face.descender * scale
    return metrics["sTypoAscender"] * scale, -metrics["sTypoDescender"] * scale


def widest(texts: Iterable[str], *, size: float, bold: bool = False) -> float:
    """Width in points of the widest of some texts, 0 for none."""
    return max((extent(text, size=size, bold=bold)[0] for text in texts), default=0.0)


def fit(text: str, width: float, *, size: float, bold: bool = False) -> str:
    """Returns the text if it is at most width points wide, else its beginning and "…", cut between visible characters.

    The result is never wider than width, except that at least one character stays.
    """
    room = width + 1e-6  # a width that was measured and added up comes back a little smaller
    if extent(text, size=size, bold=bold)[0] <= room:
        return text
    visible = regex.findall(r"\X", text)
    shorter = ("".join(visible[:count]).rstrip() + "…" for count in range(len(visible) - 1, 1, -1))
    narrow = (candidate for candidate in shorter if extent(candidate, size=size, bold=bold)[0] <= room)
    return next(narrow, visible[0] + "…")


def fit_name(name: str, width: float, *, size: float, bold: bool = False) -> str:
    """Returns the name if it is at most width points wide, else its two ends with "…" between them.

    Names of checkpoints often begin alike, and differ at the end.
    """
    visible = regex.findall(r"\X", name)
    kept = ((count - count // 2, len(visible) - count // 2) for count in range(len(visible) - 1, 1, -1))
    shorter = ("".join([*visible[:start], "…", *visible[end:]]) for start, end in kept)
    room = width + 1e-6
    narrow = (text for text in (name, *shorter) if extent(text, size=size, bold=bold)[0] <= room)
    return next(narrow, "…")


def wrap(text: str, width: float, *, size: float) -> list[str]:
    """Returns the text as lines at most width points wide, broken at spaces; a longer word is cut by `fit`."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and extent(longer, size=size)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(fit(word, width, size=size))
    return lines


@cache
def installed() -> dict[str, tuple[str, int]]:
    """File and face of each installed family (the first face found is enough to know what it can write)."""
    entries = sorted(font_manager.fontManager.ttflist, key=lambda entry: (entry.name, entry.fname))
    return {entry.name: (entry.fname, entry.index) for entry in reversed(entries)}


@cache
def candidates() -> tuple[str, ...]:
    """Installed families in the order in which they are asked for a character that the fonts of Latin text lack."""
    rest = sorted(set(installed()) - set(_PREFERRED) - {_LAST_RESORT}, key=lambda name: ("Noto Sans" not in name, name))
    return tuple(family for family in (*_PREFERRED, *rest) if family in installed())


@cache
def _characters(family: str) -> frozenset[int]:
    path, face = installed()[family]
    return frozenset(FT2Font(path, face_index=face).get_charmap())


@cache
def _is_postscript(family: str) -> bool:
    path, face = installed()[family]
    profile = FT2Font(path, face_index=face).get_sfnt_table("maxp")
    return profile is not None and profile["version"] == (0, 0x5000)  # 0.5: no TrueType outlines


def _covered(char: str, some: list[str]) -> bool:
    return any(ord(char) in _characters(family) for family in some)
