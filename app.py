"""The app: `streamlit run app.py`."""

import streamlit as st

from amplify_viz.ui import server, warm

app = st.App("amplify_viz/ui/main.py", routes=server.routes(), middleware=server.middleware(), lifespan=warm.lifespan)
