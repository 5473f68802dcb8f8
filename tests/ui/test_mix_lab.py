"""The mix lab without a browser: what it mixes, what it shows, what it says of bad input."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from amplify_viz import load
from amplify_viz.mixlab import capture_mixed
from amplify_viz.views.documents import digest
from amplify_viz.views.packing import unpack
from tests.ui.table_files import about_of, catch_files

PAGE = "app_pages/mix_lab.py"
MAIN = str(Path(__file__).parents[2] / "amplify_viz" / "ui" / "main.py")


pytestmark = pytest.mark.usefixtures("app_at_root")


def _opened(**query: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60).switch_page(PAGE)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def _panels(app: AppTest) -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = unpack(app.get("bidi_component")[0].proto.bytes)[0]["panels"]
    return panels


def test_both_passes_are_shown_and_are_those_of_the_library(root: Path) -> None:
    app = _opened(a="the rabbit", b="", pa="the turtle", pb="", lam="0.5", method="tmix", layers="2")
    panels = _panels(app)
    assert [panel["title"] for panel in panels] == ["unmixed", "mixed, λ = 0.5"]
    folder = next(root.glob("animals/tiny/amplify*[0-9a-f]"))
    seen = capture_mixed(load(str(folder)), ("the rabbit",), ("the turtle",), mixup="tmix", lam=0.5, layers=(1,))
    assert [panel["id"] for panel in panels] == [digest(seen.plain), digest(seen.mixed)]


def test_a_mixing_weight_of_one_mixes_nothing() -> None:
    ids = {panel["id"] for panel in _panels(_opened(lam="1"))}
    assert len(ids) == 1


@pytest.mark.parametrize("method", ["amplify", "amplify-postln", "amplify-padaware", "embedmix", "sentencemix", "tmix"])
def test_every_method_that_mixes_can_be_looked_at(method: str) -> None:
    app = _opened(method=method)
    assert not app.error
    assert app.text_input(key="layers").disabled == (method in ("embedmix", "sentencemix"))


@pytest.mark.parametrize("query", [{"method": "sentencemix"}, {"lam": "1"}])
def test_a_mix_that_moves_no_attention_has_a_sentence_and_no_empty_chart(query: dict[str, str]) -> None:
    app = _opened(**query)
    assert any("has moved no layer" in str(info.value) for info in app.info)
    assert not app.get("vega_lite_chart")
    assert app.get("vega_lite_chart") != _opened().get("vega_lite_chart")


def test_attention_is_said_to_be_drawn_under_a_mix_that_reaches_it_alone() -> None:
    for method, drawn in (("sentencemix", "as it is without the mix"), ("amplify", "under the mix")):
        (caption,) = [str(one.value) for one in _opened(method=method).caption if "Mixed:" in str(one.value)]
        assert f"Attention is drawn {drawn}" in caption and caption.count("the mix") == 1


@pytest.mark.parametrize("view", ["Head view", "Model view", "Neuron view", "Word graph"])
def test_every_view_opens_from_its_link(view: str) -> None:
    app = _opened(view=view)
    assert len(app.get("bidi_component")) == 1
    assert not app.error


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"a": "  "}, "at least one visible character"),
        ({"pa": ""}, "at least one visible character"),
        ({"layers": "9"}, "Layers go from 1 to 3"),
        ({"layers": "zz"}, "zz"),
        ({"method": "tmix", "layers": "1,2"}, "exactly one layer"),
        ({"lab": "/etc"}, "A typed checkpoint is a hub name, or a folder below"),
    ],
)
def test_bad_input_is_one_sentence(query: dict[str, str], said: str) -> None:
    app = _opened(**query)
    assert said in app.error[0].value.replace("\\", "")


def test_the_numbers_are_offered_as_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _opened()
    files = catch_files(monkeypatch)
    app.toggle(key="movement_numbers").set_value(True).run()
    layers, heads = (element.value for element in app.dataframe)
    assert list(layers["layer"]) == [1, 2, 3]
    assert len(heads) == 12
    named = {name for name in files if name.startswith("movement")}
    assert named == {f"movement-{of}.{end}" for of in ("layers", "heads") for end in ("csv", "md", "tex")}
    about = about_of(files["movement-heads.tex"]())
    assert about["lam"] == 0.7 and len(about["partner"]) == 2 and about["method"]
