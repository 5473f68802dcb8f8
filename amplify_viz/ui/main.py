"""The app's frame: navigation, and the folder of runs every page looks at."""

import streamlit as st

st.set_page_config(page_title="Amplify-Viz", page_icon=":material/visibility:", layout="wide")
st.navigation([st.Page("app_pages/explore.py", title="Explore", icon=":material/visibility:", default=True)]).run()
