"""The style sheet of this session, which every export menu offers and follows."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.ui.state import plain

if TYPE_CHECKING:
    from amplify_viz.figures import Style

_KEY = "_style"
_MOST_MB = 1
_HELP = (
    "A matplotlib style sheet (.mplstyle): font, size, colour of text, and widths and colours of axes, grid and curves follow it. "
    "Files say which it was; the command looks for it in the folder where it runs."
)


def style_choice(name: str) -> "Style | None":
    """Draws what gives a style sheet or puts it away, and returns the one that is given.  name: of the menu, for its keys."""
    given: Style | None = st.session_state.get(_KEY)
    if given is None:
        _ask(name)
        return None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"In the style of {plain(given.file)}", width="content", help=_HELP)
        if st.button("Remove", key=f"{name}-unstyle", help="Back to our own style", type="tertiary"):
            del st.session_state[_KEY]
            st.rerun()
    return given


def _ask(name: str) -> None:
    """Waits for a sheet; one that can be followed is kept, and the page runs again with it."""
    with st.expander("Style sheet", icon=":material/brush:"):
        file = st.file_uploader(
            "Of matplotlib (.mplstyle)", type="mplstyle", key=f"{name}-style", help=_HELP, max_upload_size=_MOST_MB
        )
        if file is None:
            return
        try:
            st.session_state[_KEY] = _read(file.name, file.getvalue())
        except InputError as error:
            st.error(plain(str(error)))
            return
    st.rerun()


def _read(name: str, content: bytes) -> "Style":
    """The style of an uploaded sheet, which is called by its name alone.  Raises InputError as `read_style` does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, Path(name).name)
        path.write_bytes(content)
        try:
            style = av.figures.read_style(path)
        except InputError as error:
            raise InputError(str(error).replace(str(path), path.name)) from None
    return replace(style, file=path.name)
