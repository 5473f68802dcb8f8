"""Colours that mean the same in every view and figure: heads, signs and the two ends of a scale."""

from collections.abc import Mapping
from types import MappingProxyType

from amplify_viz.errors import InputError

# Sixteen colours found by search: any two are at least 11 apart (CIEDE2000; the first eight at least 14, the first
# twelve at least 12) for normal sight, deuteranopia, protanopia and tritanopia (Machado et al. 2009), and all are dark
# enough to be seen as a thin line on white.  tests/test_colours.py measures it.  A legend always names them too.
HEADS = (
    "#1133ff",
    "#778811",
    "#662222",
    "#dd88aa",
    "#442266",
    "#228877",
    "#88aa77",
    "#66aaee",
    "#665577",
    "#aa1100",
    "#bbaa00",
    "#995555",
    "#004444",
    "#6677ff",
    "#8822aa",
    "#9977aa",
)
POSITIVE = "#1f6fc4"  # the neuron view's blue (the paper's Figure 7)
NEGATIVE = "#e07b1a"  # and its orange
FOCUS = "#c2185b"  # the focus word, everywhere
P_DECADES = 4  # p-values of 1e-4 and below have the full colour, in every map: smaller ones decide nothing more
KINDS: Mapping[str, str] = MappingProxyType(  # of heads; all but the grey are of Okabe and Ito (2008)
    {
        "positional": "#56b4e9",
        "first token": "#e69f00",
        "separator": "#d55e00",
        "broad": "#bbbbbb",
        "content": "#009e73",
    }
)


def head_colour(head: int) -> str:
    """Colour of a head (zero-based) as "#rrggbb"; beyond sixteen heads the colours repeat and the legend tells.

    Raises InputError for a negative head.  The same head has the same colour in every view.
    """
    if head < 0:
        raise InputError(f"A head is counted from 0, got {head}: pass 0 for the first head.")
    return HEADS[head % len(HEADS)]
