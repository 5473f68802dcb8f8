"""The export menu of a view: the figure of what is on screen, as SVG, PDF or PNG."""

import logging
from collections.abc import Callable
from typing import Any

import streamlit as st

import amplify_viz as av

_MEDIA = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}
_WIDTHS = {"One column (3.3 in)": 3.3, "Two columns (6.9 in)": 6.9}


def export_menu(name: str, figure: Callable[[float], Any]) -> None:
    """Draws the menu; a file is made when its button is pressed, of what was on screen then.

    name: of the file and the menu's key; figure: gives the matplotlib Figure of a width in inches (the library of figures
    is loaded then, not when the app starts).
    """
    with st.popover("Export", icon=":material/download:", help="This view as a figure for a paper"):
        width = _WIDTHS[st.radio("Width", list(_WIDTHS), index=1, key=f"{name}-width")]
        for kind, media in _MEDIA.items():
            st.download_button(
                kind.upper(),
                data=_made(kind, figure, width),
                file_name=f"{name}.{kind}",
                mime=media,
                on_click="ignore",
                key=f"{name}-{kind}",
                width="stretch",
            )


def _made(kind: str, figure: Callable[[float], Any], width: float) -> Callable[[], bytes]:
    def make() -> bytes:
        try:
            return av.figures.to_bytes(figure(width), kind)
        except Exception:
            logging.getLogger(__name__).exception("The figure could not be made")
            raise

    return make
