"""The style sheet of this session, which every export menu offers and follows."""

from typing import TYPE_CHECKING

import streamlit as st

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.ui.recipes import WIDTHS
from amplify_viz.ui.state import plain

if TYPE_CHECKING:
    from amplify_viz.figures import Style

_KEY = "_style"
_MOST_MB = 1
_MOST_LETTERS = 60
_FOLLOWED = (
    "A matplotlib style sheet (.mplstyle): font, size, colour of text, and widths and colours of axes, grid and curves of "
    "figures follow it, until it is removed."
)
_NAMED = " Files say which it was; the command looks for it in the folder where it runs."


def style_choice(name: str, *, named: bool) -> "Style | None":
    """Draws what gives a style sheet or puts it away, and returns the one that is given.

    name: of the menu, for its keys; named: whether the files of the menu say how they were made.
    """
    given: Style | None = st.session_state.get(_KEY)
    about = _FOLLOWED + _NAMED if named else _FOLLOWED
    if given is None:
        _ask(name, about)
        return None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        shown = given.file if len(given.file) <= _MOST_LETTERS else f"{given.file[:_MOST_LETTERS]}…"
        st.caption(f"In the style of {plain(shown)}", width="content", help=about)
        if st.button("Remove", key=f"{name}-unstyle", help="Back to our own style", type="tertiary"):
            del st.session_state[_KEY]
            st.rerun()
    return given


def _ask(name: str, about: str) -> None:
    """Waits for a sheet; one that can be followed is kept, and the page runs again with it."""
    with st.expander("Style sheet", icon=":material/brush:"):
        file = st.file_uploader(
            "Of matplotlib (.mplstyle)", type="mplstyle", key=f"{name}-style", help=about, max_upload_size=_MOST_MB
        )
        if file is None:
            return
        try:
            st.session_state[_KEY] = _read(file.name, file.getvalue())
        except InputError as error:
            st.error(plain(str(error)))
            return
    st.rerun()


def _read(name: str, sheet: bytes) -> "Style":
    """The style of a sheet.  Raises InputError as `parse_style` does, and where its letters fit no width of the menu."""
    style = av.figures.parse_style(sheet, name=name)
    widest = max(WIDTHS.values())
    try:
        av.figures.fitting(style, widest)
    except InputError as error:
        raise InputError(f"The widest figure here has {widest:g} inches. {error}") from error
    return style
