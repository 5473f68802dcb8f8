"""The app's frame: its name and icon, and the navigation between its pages."""

from pathlib import Path

import streamlit as st

from amplify_viz.ui import warm

_ICON = Path(__file__).with_name("icon.svg")  # a file: Streamlit would fetch a named icon from a CDN

st.set_page_config(page_title="Amplify-Viz", page_icon=_ICON, layout="wide")
st.logo(_ICON, size="large")
warm.loaded()
st.navigation([st.Page("app_pages/explore.py", title="Explore", icon=":material/visibility:", default=True)]).run()
