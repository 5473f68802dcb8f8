"""The Explore page without a browser: what it offers, what it draws, and what it says of bad input."""

import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from streamlit.testing.v1 import AppTest

from amplify_viz.config import demo_configs
from amplify_viz.runs import partial_folder, write_status
from amplify_viz.views.look import Look
from amplify_viz.views.packing import unpack
from tests.tiny import save_tiny
from tests.ui.table_files import catch_files

MAIN = str(Path(__file__).parents[2] / "amplify_viz" / "ui" / "main.py")


@pytest.fixture(name="root")
def spoilable(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the runs that a test may spoil, as the app's runs folder."""
    copied = shutil.copytree(root, tmp_path / "runs")
    monkeypatch.setenv("AMPLIFY_VIZ_RUNS", str(copied))
    monkeypatch.delenv("AMPLIFY_VIZ_DEMO", raising=False)
    return copied


def _opened(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def _payload(app: AppTest) -> dict[str, Any]:
    """The document of the first view of the page."""
    proto = app.get("bidi_component")[0].proto
    header, _ = unpack(proto.bytes)
    return header


def test_runs_are_compared_at_first_and_their_head_view_is_drawn(root: Path) -> None:
    app = _opened()
    assert app.multiselect(key="run").value == ["none · seed 0 · animals/tiny", "amplify · seed 0 · animals/tiny"]
    header = _payload(app)
    assert [panel["title"] for panel in header["panels"]] == app.multiselect(key="run").value


def test_without_runs_the_backbone_is_shown_and_the_demo_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMPLIFY_VIZ_RUNS", str(tmp_path / "none"))
    monkeypatch.delenv("AMPLIFY_VIZ_DEMO", raising=False)
    app = _opened()
    assert app.multiselect(key="run").value == ["MiniLM backbone"]
    assert app.button(key="start_demo").label == "Train them"
    assert any("no classifier" in element.value for element in app.markdown)


@pytest.mark.parametrize("view", ["Head view", "Model view", "Neuron view", "Word graph", "Layer tests"])
def test_every_view_opens_from_its_link(root: Path, view: str) -> None:
    app = _opened(view=view, layer="2", focus="2")
    assert len(app.get("bidi_component")) == 1
    assert not app.error


def test_the_selection_of_a_link_is_what_is_drawn(root: Path) -> None:
    app = _opened(a="it hopped", b="", layer="3", heads="1,4", focus="2", special="renormalised")
    look = _payload(app)["look"]
    assert (look["layer"], look["focus"], look["heads"]) == (2, [1], [0, 3])
    assert look["special"] == "renormalised"


@pytest.mark.parametrize(
    "query",
    [{"layer": "99"}, {"layer": "x"}, {"focus": "77"}, {"a": "it hopped"}, {"heads": "0,zz"}, {"difference": "7,9"}],
)
def test_a_bad_link_falls_back_to_the_default(root: Path, query: dict[str, str | list[str]]) -> None:
    app = _opened(**query)
    assert len(app.get("bidi_component")) == 1
    look = _payload(app)["look"]
    assert look["layer"] < 3
    assert look["focus"] == []


@pytest.mark.parametrize("view", ["Head view", "Model view", "Neuron view", "Word graph"])
def test_heads_and_panels_that_a_link_names_and_nobody_has_are_left_out(root: Path, view: str) -> None:
    app = _opened(view=view, heads="3,99", head="50", difference="1,7", layer="40", focus="3,600")
    look = _payload(app)["look"]
    assert (look["heads"], look["head"], look["difference"], look["layer"], look["focus"]) == ([2], None, None, 2, [2])


def test_what_is_changed_in_a_view_is_mirrored_in_the_link() -> None:
    def change() -> None:
        from amplify_viz.ui.state import change_look

        change_look({"layer": 2, "heads": [0, 3], "focus": [], "special": "hidden", "top": -4})
        change_look({"special": "shown"})

    changed = AppTest.from_function(change, default_timeout=60)
    changed.query_params["run"] = "kept"
    changed.run()
    assert not changed.exception
    assert changed.session_state["look"] == Look(layer=2, heads=(0, 3))
    assert dict(changed.query_params) == {"run": "kept", "layer": "3", "heads": "1,4"}


def test_a_preset_sets_sentences_layer_and_the_word_by_its_position(root: Path) -> None:
    app = _opened()
    app.selectbox(key="example").select("The animal and “it” (Figure 7)").run()
    assert app.text_area(key="a").value == app.text_area(key="b").value
    assert _payload(app)["look"]["focus"] == [7]
    assert app.query_params["focus"] == "8"


def test_an_example_whose_sentence_was_edited_is_no_longer_named_and_can_be_chosen_again(root: Path) -> None:
    app = _opened()
    app.selectbox(key="example").select("The animal and “it” (Figure 7)").run()
    first = app.text_area(key="a").value
    app.text_area(key="a").set_value("The animal crossed").run()
    assert app.selectbox(key="example").value is None
    app.selectbox(key="example").select("The animal and “it” (Figure 7)").run()
    assert (app.text_area(key="a").value, _payload(app)["look"]["focus"]) == (first, [7])


def test_the_first_screen_is_the_first_example_with_its_focus_word(root: Path) -> None:
    app = _opened(view="Word graph")
    assert app.selectbox(key="example").value == "Rabbit and turtle (Figures 5, 6)"
    assert _payload(app)["look"]["focus"] == [1]
    assert "rabbit" in _payload(app)["words"][1]


@pytest.mark.parametrize("query", [{"layer": "4"}, {"focus": "none"}, {"b": "the turtle hopped"}])
def test_a_link_of_a_look_or_a_text_is_without_the_first_examples_focus(root: Path, query: dict[str, str]) -> None:
    assert _payload(_opened(**query))["look"]["focus"] == []


def test_a_word_stays_in_focus_while_it_stays_in_its_place(root: Path) -> None:
    app = _opened(a="the rabbit hopped", b="", focus="2,3", layer="2")
    app.text_area(key="a").set_value("the rabbit crawled").run()
    assert _payload(app)["look"]["focus"] == [1]
    app.text_area(key="a").set_value("the turtle crawled").run()
    assert _payload(app)["look"]["focus"] == []
    app.text_area(key="a").set_value("the rabbit hopped").run()
    assert _payload(app)["look"]["focus"] == []


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_sentence_is_one_clear_error_and_the_rest_stays(root: Path, text: str) -> None:
    app = _opened(a=text)
    assert len(app.error) == 1
    assert "at least one visible character" in app.error[0].value.replace("\\", "")
    assert app.text_area(key="a").value == text


def test_a_long_text_says_what_was_cut(root: Path) -> None:
    app = _opened()
    app.text_area(key="a").set_value("rabbit " * 600).run()
    assert [warning.value for warning in app.warning if "of sentence A the last" in warning.value]


def test_a_truncated_checkpoint_is_one_error_and_the_other_model_is_shown(root: Path) -> None:
    weights = next(root.glob("animals/tiny/amplify*/model.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-50])
    app = _opened()
    assert "truncated or damaged" in app.error[0].value
    assert len(_payload(app)["panels"]) == 1


@pytest.mark.parametrize("view", ["Head view", "Model view", "Neuron view", "Word graph", "Through the layers"])
def test_a_checkpoint_with_nan_is_one_error_and_the_other_model_is_shown(root: Path, view: str) -> None:
    folder = save_tiny(root / "animals" / "tiny" / "diverged")
    weights = load_file(folder / "model.safetensors")
    weights["bert.encoder.layer.1.output.dense.bias"][0] = torch.nan
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    app = _opened(run=[str(folder), "none · seed 0 · animals/tiny"], view=view)
    assert [error.value.count("NaN or infinity in layer 2") for error in app.error] == [1]
    assert len(app.get("bidi_component")) == 1
    assert not any("nan %" in element.value for element in app.markdown)


def test_a_run_of_another_schema_is_listed_with_its_reason(root: Path) -> None:
    content = next(root.glob("animals/tiny/amplify*/run.json"))
    content.write_text(content.read_text(encoding="utf-8").replace('"schema": 1', '"schema": 7'), encoding="utf-8")
    app = _opened()
    assert any("schema 7" in caption.value for caption in app.caption)
    assert app.multiselect(key="run").value == ["none · seed 0 · animals/tiny", "MiniLM backbone"][:1]


@pytest.mark.parametrize("typed", ["/etc", "../../etc", "/no/such/folder", "~nosuchuser/x", "a\0b", "x" * 5000])
def test_a_typed_folder_that_is_missing_or_forbidden_gets_the_same_answer(root: Path, typed: str) -> None:
    app = _opened(run=[typed])
    assert "A typed checkpoint is a hub name, or a folder below" in app.error[0].value.replace("\\", "")


def test_a_link_out_of_the_allowed_folders_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = root.parent / "here"
    here.mkdir()
    outside = shutil.copytree(next(root.glob("animals/tiny/amplify*")), root.parent / "outside")
    (here / "link").symlink_to(outside)
    monkeypatch.chdir(here)
    app = _opened(run=["link"])
    assert "A typed checkpoint is a hub name, or a folder below" in app.error[0].value.replace("\\", "")


def test_a_word_that_a_model_has_no_token_of_is_not_in_focus(root: Path) -> None:
    app = _opened(a="rabbit " * 100, focus="2,99")
    assert _payload(app)["look"]["focus"] == [1]


def test_a_typed_folder_below_the_runs_is_loaded(root: Path) -> None:
    folder = next(root.glob("animals/tiny/amplify*"))
    app = _opened(run=[str(folder)])
    assert not app.error
    assert len(_payload(app)["panels"]) == 1


def test_the_demos_progress_is_shown_while_it_runs(root: Path) -> None:
    first = demo_configs()[0]
    write_status(partial_folder(root, first), first, "running", progress=0.4, message="epoch 2 of 3", seconds_left=90)
    app = _opened()
    assert app.button(key="cancel_demo").label == "Cancel"


def test_an_interrupted_demo_can_go_on(root: Path) -> None:
    first = demo_configs()[0]
    write_status(partial_folder(root, first), first, "running", pid=2**22 + 1, pid_started=1.0)
    assert _opened().button(key="start_demo").label == "Go on"


def test_tokens_labels_and_names_are_never_markup(root: Path) -> None:
    app = _opened(a="<script>alert(1)</script> **bold** :red[x]", b="$x$")
    assert not app.exception
    assert len(app.get("bidi_component")) == 1


def test_a_png_has_the_dots_that_were_chosen(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = catch_files(monkeypatch)
    app = _opened(a="it hopped", b="")
    app.radio(key="head-view-dpi").set_value(150).run()
    app.radio(key="head-view-width").set_value("One column (3.3 in)").run()
    image = Image.open(BytesIO(files["head-view.png"]()))
    assert image.width == round(3.3 * 150)
    assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)


@pytest.mark.usefixtures("root")
def test_words_that_a_model_does_not_know_are_said() -> None:
    app = _opened(a="the rabbit 🍕 hopped", b="the turtle")
    said = [one.value.replace("\\", "") for one in app.warning]
    assert said == ["1 word is unknown to the tokenizer and read as [UNK]: “🍕”."]
    assert not any("unknown" in one.value for one in _opened(a="the rabbit hopped", b="the turtle").warning)
