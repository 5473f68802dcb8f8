"""What browser views are made of: numbers packed for them, and pages that hold them.  No streamlit here."""
