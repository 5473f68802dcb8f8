"""The export menu of a view: the figure of what is on screen as SVG, PDF or PNG, or the view itself as a page."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

import amplify_viz as av

_MEDIA = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png", "html": "text/html"}
_WIDTHS = {"One column (3.3 in)": 3.3, "Two columns (6.9 in)": 6.9}


def export_menu(name: str, figure: Callable[[float], Any] | None, page: Callable[[], str] | None = None) -> None:
    """Draws the menu; a file is made when its button is pressed, of what was on screen then.

    name: of the file and the menu's key; figure: gives the matplotlib Figure of a width in inches (the library of figures
    is loaded then, not when the app starts); page: gives the view as an HTML page; None for what there is not.
    """
    with st.popover(
        "Export", icon=":material/download:", help="This view as a figure for a paper, or as a page that opens anywhere"
    ):
        if figure is not None:
            figure_buttons(name, figure)
        if page is not None:
            _button(name, "html", "HTML, interactive", _made(lambda: page().encode()))


def figure_buttons(name: str, figure: Callable[[float], Any]) -> None:
    """Draws the choice of a width, and a button for each kind of file, of the figure that is made for a width in inches."""
    width = _WIDTHS[st.radio("Width", list(_WIDTHS), index=1, key=f"{name}-width")]
    for kind in ("svg", "pdf", "png"):
        _button(name, kind, kind.upper(), _made(partial(_figure_bytes, figure, width, kind)))


def _figure_bytes(figure: Callable[[float], Any], width: float, kind: str) -> bytes:
    return av.figures.to_bytes(figure(width), kind)


def _button(name: str, kind: str, label: str, data: Callable[[], bytes]) -> None:
    st.download_button(
        label,
        data=data,
        file_name=f"{name}.{kind}",
        mime=_MEDIA[kind],
        on_click="ignore",
        key=f"{name}-{kind}",
        width="stretch",
    )


def _made(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """The same, with its errors in the log: the browser says only that there was one."""

    def logged() -> bytes:
        try:
            return make()
        except Exception:
            logging.getLogger(__name__).exception("The file could not be made")
            raise

    return logged
