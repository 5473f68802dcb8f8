"""The app's frame: its name and icon, and the navigation between its pages."""

from pathlib import Path

import streamlit as st

from amplify_viz.ui import warm

_STYLE = Path(__file__).with_name("web") / "app.css"
_ICON = Path(__file__).with_name("icon.svg")  # a file: Streamlit would fetch a named icon from a CDN


def _run() -> None:
    """Runs the open page; the tray's name has the number of its figures."""
    from amplify_viz.ui import tray  # the library is loaded by now

    pages = (
        st.Page("app_pages/explore.py", title="Explore", icon=":material/visibility:", default=True),
        st.Page("app_pages/compare.py", title="Compare", icon=":material/compare_arrows:"),
        st.Page("app_pages/mix_lab.py", title="Mix lab", icon=":material/experiment:"),
        st.Page("app_pages/train.py", title="Train", icon=":material/model_training:"),
        st.Page("app_pages/results.py", title="Results", icon=":material/table_chart:"),
        st.Page("app_pages/tray.py", title=tray.title(), icon=":material/inbox:", url_path="tray"),
    )
    opened = st.navigation(pages, position="top")
    tray.say_message()
    opened.run()


st.set_page_config(page_title="Amplify-Viz", page_icon=_ICON, layout="wide")
st.logo(_ICON, size="large")
st.html(_STYLE)
warm.loaded()
_run()
