"""The app: everything that imports streamlit."""
