"""Compare: two checkpoints, or two groups of runs, over many texts."""

import streamlit as st

from amplify_viz.runs import Run, find_runs
from amplify_viz.ui.compare_form import Asked, choose
from amplify_viz.ui.compare_result import draw_result
from amplify_viz.ui.comparing import Job, board
from amplify_viz.ui.resources import runs_folder
from amplify_viz.ui.state import choices, plain
from amplify_viz.ui.train_estimate import spell

_EVERY = 1.0  # seconds
_ASKED = "_compared"


def page() -> None:
    """The page, from the sidebar's choices down to what was found."""
    found = choices([run for run in find_runs(runs_folder()) if isinstance(run, Run)])
    asked = choose(found)
    if asked is None:
        return
    job = _job(asked)
    if job is None:
        _offer(asked)
    elif not job.ended.is_set():
        st.fragment(_wait, run_every=_EVERY)(job)
    elif job.result is None:
        if job.message:
            st.error(plain(job.message), icon=":material/error:")
        _offer(asked)
    else:
        draw_result(job.result, asked)


def _job(asked: Asked) -> Job | None:
    """The comparison on show: one that was asked for, or the same with another test or correction, which is there at once."""
    known = board().find(asked.request)
    if known is None and st.session_state.get(_ASKED) == _measured(asked):
        return board().submit(asked.request)
    return known


def _measured(asked: Asked) -> int:
    """Names what has to be measured."""
    request = asked.request
    return hash((request.a, request.b, request.texts))


def _offer(asked: Asked) -> None:
    request = asked.request
    n_texts, n_runs = len(request.texts.inputs), len(request.a) + len(request.b)
    kind = "pairs" if request.texts.are_pairs else "texts"
    st.markdown(plain(f"{n_texts:,} {kind} from {request.texts.origin} through {n_runs} checkpoints."))
    if st.button("Compare", type="primary", icon=":material/compare_arrows:", key="compare"):
        st.session_state[_ASKED] = _measured(asked)
        board().submit(request)
        st.rerun()
    st.caption(
        "What is measured is kept by content: the same runs and texts are there at once the next time, and a pass that was ended "
        "goes on from where it was."
    )


def _wait(job: Job) -> None:
    """How far it is, again every second; the whole page runs again when it has ended."""
    if job.ended.is_set():
        st.rerun()
    if job.total:
        left = "" if job.seconds_left is None else f" · about {spell(job.seconds_left)} left"
        st.progress(job.done / job.total, f"Measured {job.done:,} of {job.total:,} texts × checkpoints{left}")
    else:
        st.progress(0.0, "Loading the checkpoints…")
    if st.button("Cancel", key="cancel_compare", help="What was measured is kept."):
        st.session_state.pop(_ASKED, None)
        job.cancel()
        st.rerun()


page()
