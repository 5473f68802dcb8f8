"""The page's look is made to fit the records that are there."""

from dataclasses import asdict
from typing import Any

from streamlit.testing.v1 import AppTest

LINK = {"layer": "9", "heads": "2,4,9", "head": "4", "difference": "1,2"}


def _looked(shapes: list[tuple[int, int]]) -> dict[str, Any]:
    """What `look_at` makes of the link for records of these shapes."""

    def page(shapes: list[tuple[int, int]]) -> None:
        import streamlit as st

        from amplify_viz.ui.state import look_at
        from tests.tiny import random_record

        st.session_state["found"] = look_at([random_record(n_layers=layers, n_heads=heads) for layers, heads in shapes])

    app = AppTest.from_function(page, args=(shapes,), default_timeout=30)
    for name, value in LINK.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return asdict(app.session_state["found"])


def test_a_look_reaches_what_any_checkpoint_has() -> None:
    look = _looked([(2, 4), (12, 1)])
    assert (look["layer"], look["heads"], look["head"]) == (8, (1, 3), 3)


def test_a_difference_is_of_two_checkpoints_of_one_shape() -> None:
    assert _looked([(2, 4), (12, 1)])["difference"] is None
    assert _looked([(2, 4), (2, 4)])["difference"] == (0, 1)
    assert _looked([(2, 4)])["difference"] is None
