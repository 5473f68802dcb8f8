"""The pages: widgets only, one file a page."""
