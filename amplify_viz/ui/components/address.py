"""The page's address, made to say the look that is shown where it does not.

A change of the look is a step of the browser's Back and written by `change_look`.  Streamlit drops the look from the
address where a person comes back to a page by the navigation; what is then written as a step would bring Back to an address
without it.
"""

import streamlit as st

from amplify_viz.ui.components.door import loader_of
from amplify_viz.ui.state import current_look, linked_look
from amplify_viz.views.look import LOOK_NAMES, to_link

_mount = st.components.v2.component("amplify_viz_address", js=loader_of("address"))


def keep_address() -> None:
    """Makes the address say the page's look where it does not, without a step of the browser's Back; shows nothing."""
    look = current_look()
    if linked_look() != look:
        seen = st.query_params.to_dict()  # Streamlit calls what is mounted only where its data have changed
        _mount(key="address", data={"names": list(LOOK_NAMES), "link": to_link(look), "seen": seen}, height=1)
