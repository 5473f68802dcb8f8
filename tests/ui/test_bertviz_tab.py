"""BertViz's tab without a browser: what it offers, what it says, and that it frames nothing before it is asked to."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from amplify_viz.ui.server import PAGES

pytestmark = pytest.mark.filterwarnings(
    "ignore:unclosed file .*bertviz:ResourceWarning"
)  # BertViz leaves its scripts open


def _opened(*, n_layers: int = 3, n_words: int = 4, n_records: int = 2, heads: tuple[int, ...] = (0, 2)) -> AppTest:
    def page(n_layers: int, n_words: int, n_records: int, heads: tuple[int, ...]) -> None:
        import streamlit as st

        from amplify_viz.ui.bertviz_tab import draw_bertviz
        from tests.tiny import random_record

        texts = (" ".join(["word"] * n_words), "another")
        names = ["*none* · seed 0", "amplify · seed 0"]
        records = [random_record(texts, n_layers=n_layers, seed=k, checkpoint=names[k]) for k in range(n_records)]
        draw_bertviz(records, layer=st.number_input("Layer", 0, 9, key="layer"), heads=heads)

    kwargs = {"n_layers": n_layers, "n_words": n_words, "n_records": n_records, "heads": heads}
    app = AppTest.from_function(page, kwargs=kwargs, default_timeout=60).run()
    assert not app.exception
    return app


def _framed(app: AppTest) -> list[str]:
    """The pages that are framed, as HTML."""
    found = [PAGES.get(frame.proto.src.rpartition("/page/")[2]) for frame in app.get("iframe")]
    return [data.decode() for data in found if data is not None]


def test_nothing_is_framed_before_the_button_is_pressed() -> None:
    app = _opened()
    assert len(app.get("iframe")) == 0
    assert "cdnjs.cloudflare.com" in app.caption[0].value
    app.button(key="bertviz_load").click().run()
    assert [page.count("BertViz 1.4.1: head view of *none* · seed 0</h1>") for page in _framed(app)] == [1]


def test_another_choice_has_to_be_asked_for_again() -> None:
    app = _opened()
    app.button(key="bertviz_load").click().run()
    app.number_input(key="layer").set_value(1).run()
    assert len(app.get("iframe")) == 0
    app.button(key="bertviz_load").click().run()
    assert [re.findall(r'"layer": (\d), "heads": (\[.*?\])', page) for page in _framed(app)] == [[("1", "[0, 2]")]]
    app.number_input(key="layer").set_value(0).run()
    app.number_input(key="layer").set_value(1).run()
    assert len(_framed(app)) == 1, "what was asked for last is still there"


@pytest.mark.parametrize("view", ["head", "model", "neuron"])
def test_each_view_of_each_record_can_be_had(view: str) -> None:
    app = _opened()
    app.segmented_control(key="bertviz").set_value(view)
    app.selectbox(key="bertviz_of").set_value("amplify · seed 0").run()
    app.button(key="bertviz_load").click().run()
    assert [page.count(f"{view} view of amplify · seed 0</h1>") for page in _framed(app)] == [1]
    assert app.get("iframe")[0].proto.alt == f"BertViz's {view} view of amplify · seed 0"


def test_one_record_needs_no_choice() -> None:
    assert len(_opened(n_records=1).selectbox) == 0


def test_a_long_text_gets_one_layer_and_says_so() -> None:
    app = _opened(n_layers=40, n_words=60)
    app.segmented_control(key="bertviz").set_value("model").run()
    assert "all 40 would take" in app.caption[1].value
    app.button(key="bertviz_load").click().run()
    assert ['"include_layers": [0]' in page for page in _framed(app)] == [True]


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"n_words": 230}, "shorten the text to 222 tokens"), ({"heads": ()}, "at least one head")],
)
def test_what_cannot_be_borne_is_one_sentence_and_no_button(asked: dict[str, object], said: str) -> None:
    app = _opened(**asked)  # type: ignore[arg-type]
    assert said in app.error[0].value.replace("\\", "")
    assert len(app.button) == 0
