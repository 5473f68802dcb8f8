"""The page's address and its look: which of them follows the other."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from amplify_viz.ui import state
from amplify_viz.views.look import Look


def _shown() -> None:
    """A page with a view, without its records."""
    from amplify_viz.ui.components import keep_address
    from amplify_viz.ui.state import look_at
    from tests.tiny import random_record

    look_at([random_record(("a rabbit hopped", "it hopped"))])
    keep_address()


def _opened(**query: str) -> AppTest:
    app = AppTest.from_function(_shown, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def _written(app: AppTest) -> dict[str, Any] | None:
    """What the address is made to say of the look; None where it is left alone."""
    mounted = app.get("bidi_component")
    return json.loads(mounted[0].proto.json)["link"] if mounted else None


@pytest.mark.parametrize("query", [{}, {"layer": "2"}, {"a": "it hopped"}, {"layer": "99", "focus": "none"}])
def test_an_address_that_says_the_look_is_left_alone(query: dict[str, str]) -> None:
    app = _opened(**query)
    assert not app.exception
    assert _written(app) is None


def test_an_address_that_lost_the_look_is_made_to_say_it_without_a_step_of_back() -> None:
    app = _opened(layer="2", focus="3", difference="1,2")
    del app.query_params["layer"], app.query_params["focus"], app.query_params["difference"]
    app.run()
    assert app.session_state["look"] == Look(layer=1, focus=(2,), difference=(0, 1))
    assert _written(app) == {"layer": "2", "focus": "3", "difference": "1,2"}
    assert dict(app.query_params) == {}, "Python writes no step of the browser's Back"


def test_the_look_follows_an_address_only_where_the_browser_went_back(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _opened(layer="2")
    app.query_params["layer"] = "1"
    app.run()
    assert app.session_state["look"].layer == 1
    monkeypatch.setattr(state, "_has_gone_back", lambda: True)
    app.run()
    assert app.session_state["look"].layer == 0
    assert _written(app) is None


def test_a_focus_that_comes_with_other_words_is_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _opened(focus="2")
    app.session_state["_words_in_focus"] = ("other", "words")
    monkeypatch.setattr(state, "_has_gone_back", lambda: True)
    assert app.run().session_state["look"].focus == (1,)
