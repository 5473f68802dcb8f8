"""Style files: what figures follow of a matplotlib style sheet (.mplstyle).

- font.family, and the list of that family (font.serif, font.sans-serif, …): all text, in the first font that is installed;
  signs that it lacks come from our fonts, and a PGF has the document's.
- font.size: the size of small text in points, 7 without it; names and titles are 8/7 of it, and everything else grows with it.
- text.color: all text; in coloured cells this colour or white, whichever reads better.
- axes.edgecolor, axes.linewidth: the lines and ticks of axes with numbers.
- grid.color, grid.linewidth: the faint lines behind curves.
- lines.linewidth: curves.

Other settings are ignored.  Files embed fonts as they always do: Type 42 in a PDF, text as text in an SVG.

Public names: `FOLLOWED`, `read_style`, `parse_style`, `fitting`, `enlarge`.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from warnings import catch_warnings, simplefilter

import matplotlib as mpl
import numpy as np
from matplotlib.collections import Collection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from amplify_viz.errors import InputError
from amplify_viz.figures.chosen import Style
from amplify_viz.figures.fonts import installed
from amplify_viz.figures.sheet import NARROWEST
from amplify_viz.figures.style import SMALL, luminance

_GENERIC = ("serif", "sans-serif", "monospace", "cursive", "fantasy")
FOLLOWED = (
    "font.family", *(f"font.{name}" for name in _GENERIC), "font.size", "text.color",
    "axes.edgecolor", "axes.linewidth", "grid.color", "grid.linewidth", "lines.linewidth",
)  # fmt: skip
"""The settings that figures follow."""
_MOST_BYTES = 10**6
_SIZES, _WIDTHS = (4.0, 30.0), (0.0, 10.0)  # points
_CONTRAST = 7.0  # of text on white, at least (WCAG 2, level AAA)


def read_style(path: Path) -> Style:
    """Reads a style sheet.  Raises InputError for one that is missing, and as `parse_style` does."""
    if not path.is_file():
        raise InputError(
            f"A style is read from a matplotlib style sheet (.mplstyle), there is none at {path}: check the path."
        )
    if path.stat().st_size > _MOST_BYTES:
        raise InputError(f"A style sheet has at most {_MOST_BYTES // 10**6} MB, {path} is larger: it is none.")
    try:
        return parse_style(path.read_bytes(), name=str(path))
    except OSError as error:
        raise InputError(
            f"A style is read from a file, {path} cannot be: {error.strerror}. Check its permissions."
        ) from error


def parse_style(sheet: bytes, *, name: str) -> Style:
    """The style of a sheet's bytes.  name: what the sheet is called.

    Raises InputError for one that matplotlib cannot read or does not know a setting of, that sets nothing that figures follow,
    whose fonts are not installed, and for sizes and colours with which text cannot be read.
    """
    settings = _settings(sheet, name)
    found = {one: settings[one] for one in FOLLOWED if one in settings}
    if not found:
        raise InputError(
            f"A style file sets one of {', '.join(FOLLOWED)}, {name} sets none of them: add one, or leave it out."
        )
    return Style(
        families=_families(name, found),
        scale=(_within(name, found, "font.size", _SIZES) or SMALL) / SMALL,
        text=_text(name, found),
        frame=_colour(found, "axes.edgecolor"),
        grid=_colour(found, "grid.color"),
        frame_width=_within(name, found, "axes.linewidth", _WIDTHS),
        grid_width=_within(name, found, "grid.linewidth", _WIDTHS),
        line_width=_within(name, found, "lines.linewidth", _WIDTHS),
        file=name,
        sheet=sheet,
    )


def fitting(style: Style, width: float) -> float:
    """Returns the width at which a figure is drawn that `enlarge` then makes so many inches wide.

    Raises InputError where the style's letters are too large for the width.
    """
    narrowest = NARROWEST * style.scale
    if style.scale != 1 and width < narrowest:
        raise InputError(
            f"A figure whose letters are {style.scale:.2g} times as large as ours is {narrowest:.3g} inches wide or more, got "
            f"{width:g}: choose a wider one, or a smaller font.size in {style.file}."
        )
    return width / style.scale


def _settings(sheet: bytes, name: str) -> Mapping[str, Any]:
    """What a sheet sets, checked by matplotlib."""
    try:
        text = sheet.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"A style sheet is text in UTF-8, {name} is not: give another file.") from error
    for number, line in enumerate(text.splitlines(), start=1):
        setting = line.partition(":")[0].strip()
        if setting and not setting.startswith("#") and (":" not in line or setting not in mpl.rcParams):
            raise InputError(
                f"A line of a style sheet is a setting that matplotlib knows, a colon and its value, line {number} of {name} is "
                f"{line.strip()[:80]!r}: mend it or take it out."
            )
    with TemporaryDirectory() as folder, catch_warnings():
        simplefilter("ignore")  # a setting that a later matplotlib will not know
        copy = Path(folder, "sheet.mplstyle")  # matplotlib reads files alone
        copy.write_text(text, encoding="utf-8")
        try:
            return dict(mpl.rc_params_from_file(copy, fail_on_error=True, use_default_template=False).items())
        except Exception as error:  # matplotlib's checks of values raise whatever they meet
            told = str(error).replace(str(copy), name)
            raise InputError(
                f"A style sheet has values that matplotlib takes, {name} has not ({told}): mend it."
            ) from error


def _families(file: str, sheet: Mapping[str, Any]) -> tuple[str, ...]:
    """The fonts asked for that are installed, () where none is asked for."""
    asked = [name for family in sheet.get("font.family", ["sans-serif"]) for name in _members(family, sheet)]
    found = tuple(dict.fromkeys(name for name in asked if name in installed()))
    if asked and not found:
        raise InputError(
            f"A style's fonts are looked for on this machine, which has none of {', '.join(asked[:5])}, asked for by {file}: "
            f"install one, or name another."
        )
    return found


def _members(family: str, sheet: Mapping[str, Any]) -> list[str]:
    """The fonts of a generic family (none for sans-serif where the sheet lists none: ours is one), or the font itself."""
    if family not in _GENERIC:
        return [family]
    defaults: Mapping[str, Any] = dict(mpl.rcParamsDefault.items())
    ours = [] if family == "sans-serif" else defaults[f"font.{family}"]
    return [name for name in sheet.get(f"font.{family}", ours) if name not in _GENERIC]


def _within(file: str, sheet: Mapping[str, Any], name: str, limits: tuple[float, float]) -> float | None:
    if name not in sheet:
        return None
    value, (low, high) = float(sheet[name]), limits
    if not low <= value <= high:
        raise InputError(f"{name} of a figure is {low:g} to {high:g} points, {file} has {value:g}: choose another.")
    return value


def _colour(sheet: Mapping[str, Any], name: str) -> str | None:
    return to_hex(sheet[name], keep_alpha=True) if name in sheet else None


def _text(name: str, sheet: Mapping[str, Any]) -> str | None:
    """The colour of text, dark enough for a white page."""
    if "text.color" not in sheet:
        return None
    contrast = 1.05 / (luminance(to_rgb(sheet["text.color"])) + 0.05)
    if contrast < _CONTRAST:
        raise InputError(
            f"Figures are on white, where text has a contrast of {_CONTRAST:g} or more to be read, text.color of {name} has "
            f"{contrast:.1f}: choose a darker one."
        )
    return to_hex(sheet["text.color"])


def enlarge(figure: Figure, scale: float) -> None:
    """Makes a figure, its letters and its lines so many times as large; nothing moves against anything else."""
    if scale == 1:
        return
    figure.set_size_inches(*(scale * figure.get_size_inches()))
    for artist in figure.findobj():
        if isinstance(artist, Text):
            artist.set_fontsize(scale * float(artist.get_fontsize()))
        elif isinstance(artist, Line2D):
            artist.set_linewidth(scale * artist.get_linewidth())
            artist.set_markersize(scale * artist.get_markersize())
            artist.set_markeredgewidth(scale * artist.get_markeredgewidth())
        elif isinstance(artist, Patch):
            artist.set_linewidth(scale * artist.get_linewidth())
        elif isinstance(artist, Collection):
            artist.set_linewidth([scale * float(width) for width in np.atleast_1d(artist.get_linewidth())])
