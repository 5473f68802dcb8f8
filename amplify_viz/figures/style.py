"""How every figure looks: sizes, colours, numbers and one hand for text."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgb
from matplotlib.text import Text

from amplify_viz.colours import NEGATIVE, POSITIVE
from amplify_viz.figures.chosen import chosen
from amplify_viz.figures.fonts import properties

SMALL, LARGE = 7.0, 8.0  # font sizes in points
INK, QUIET, RULE, EDGE = "#222222", "#666666", "#cccccc", "#3f4f5f"
DASHED = (0, (3.0, 1.6))  # on and off, in widths of a line: what colour alone tells apart is lost in grey
OPACITY: Colormap = LinearSegmentedColormap.from_list("opacity", ["#ffffff", INK])
EDGES: Colormap = LinearSegmentedColormap.from_list("edges", ["#ffffff", EDGE])
ATTENTION: Colormap = LinearSegmentedColormap.from_list("attention", ["#f3f6fa", "#9fc3e8", POSITIVE, "#0b2a52"])
P_VALUES: Colormap = LinearSegmentedColormap.from_list("p", ["#f8f6fb", "#c9b8dd", "#7a5ba6", "#2b1850"])
SIGNED: Colormap = LinearSegmentedColormap.from_list("signed", [NEGATIVE, "#ffffff", POSITIVE])


def write(
    axes: Axes, x: float, y: float, text: str, *, size: float = SMALL, colour: str = INK, bold: bool = False,
    align: str = "left", angle: float = 0.0, gid: str | None = None,
) -> Text:  # fmt: skip
    """Writes one line of cleaned text, literally ("$" and "_" mean nothing), its middle at height y; returns the Text.

    The chosen style's colour of text stands for INK and for QUIET.
    """
    font = properties(text, size=size, bold=bold)
    shown = chosen().text or colour if colour in (INK, QUIET) else colour
    return axes.text(
        x, y, text, fontproperties=font, color=shown, ha=align, va="center", rotation=angle, rotation_mode="anchor",
        parse_math=False, usetex=False, gid=gid,
    )  # fmt: skip


def on(colour: Sequence[float]) -> str:
    """The colour of text, dark (the chosen style's) or white, with more contrast on a background colour (WCAG 2)."""
    dark, behind = chosen().text or INK, luminance(colour) + 0.05
    return dark if behind / (luminance(to_rgb(dark)) + 0.05) > 1.05 / behind else "#ffffff"


def luminance(colour: Sequence[float]) -> float:
    """WCAG 2's relative luminance of red, green and blue from 0 to 1: 0 for black, 1 for white."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def number(value: float) -> str:
    """A number in few characters, with a real minus sign: 0.83, 0.041, −1.20, 12.3, 1e-07."""
    size = abs(value)
    digits = f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 else f"{value:.2g}"
    return digits.replace("-", "−", 1) if value < 0 else digits
