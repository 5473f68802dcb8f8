"""Train: new runs with every setting, the queue that trains them, and what is finished."""

import streamlit as st

from amplify_viz.runs import Run, find_runs
from amplify_viz.ui.resources import runs_folder
from amplify_viz.ui.train_form import draw_form
from amplify_viz.ui.train_queue import draw_queue


def page() -> None:
    """The page: the form on the left, the runs on the right."""
    root = runs_folder()
    form, queue = st.columns([5, 7], gap="large")
    with form:
        draw_form(root, [run for run in find_runs(root) if isinstance(run, Run)])
    with queue:
        draw_queue(root)


page()
