"""Colours of heads can be told apart, by people who see colours otherwise too."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from amplify_viz.colours import FOCUS, HEADS, KINDS, head_colour
from amplify_viz.errors import InputError

Colour = NDArray[np.float64]

# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def lab(colour: str, sight: str = "normal") -> Colour:
    """CIE L*a*b* of "#rrggbb" as someone with this sight sees it."""
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(SIGHT[sight] @ linear, 0, 1) / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(first: Colour, second: Colour) -> float:
    """The CIEDE2000 colour difference (Sharma, Wu and Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25.0**7))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * stretch)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180
    hue = (h1 + turn / 2) % 360
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    waves = ((1, -0.17, -30), (2, 0.24, 0), (3, 0.32, 6), (4, -0.20, -63))
    t = 1 + sum(size * np.cos(np.radians(times * hue + shift)) for times, size, shift in waves)
    sl = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    twist = (
        -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    )
    x, y, z = (l2 - l1) / sl, (c2 - c1) / sc, dh / sh
    return float(np.sqrt(x**2 + y**2 + z**2 + twist * y * z))


def nearest(count: int, sight: str) -> float:
    return min(ciede2000(lab(a, sight), lab(b, sight)) for a, b in combinations(HEADS[:count], 2))


def test_the_colour_difference_equals_the_published_one() -> None:
    pairs = {
        2.0425: ((50, 2.6772, -79.7751), (50, 0, -82.7485)),
        4.3065: ((50, 2.5, 0), (50, 0, -2.5)),
        19.4535: ((50, 2.5, 0), (58, 24, 15)),
        31.9030: ((50, 2.5, 0), (56, -27, -3)),
        1.2644: ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387)),
    }
    for difference, (first, second) in pairs.items():
        assert ciede2000(np.array(first), np.array(second)) == pytest.approx(difference, abs=1e-4)


@pytest.mark.parametrize("sight", SIGHT)
def test_any_two_heads_can_be_told_apart(sight: str) -> None:
    assert nearest(8, sight) >= 14
    assert nearest(12, sight) >= 12
    assert nearest(16, sight) >= 11


@pytest.mark.parametrize("sight", SIGHT)
def test_any_two_kinds_can_be_told_apart(sight: str) -> None:
    assert min(ciede2000(lab(a, sight), lab(b, sight)) for a, b in combinations(KINDS.values(), 2)) >= 11


def test_no_head_looks_like_the_focus_or_vanishes_on_white() -> None:
    for colour in HEADS:
        assert ciede2000(lab(colour), lab(FOCUS)) > 12
        assert lab(colour)[0] < 72


def test_the_same_head_has_the_same_colour_and_heads_beyond_sixteen_repeat() -> None:
    assert [head_colour(head) for head in range(16)] == list(HEADS)
    assert len(set(HEADS)) == 16
    assert head_colour(17) == HEADS[1]


def test_a_negative_head_is_refused() -> None:
    with pytest.raises(InputError, match="counted from 0, got -1"):
        head_colour(-1)
