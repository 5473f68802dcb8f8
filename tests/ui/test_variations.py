"""What if: epochs that a run has kept, heads switched off, beside the unchanged checkpoints."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from amplify_viz import RunConfig, capture, load
from amplify_viz.runs import kept_epochs, read_run
from amplify_viz.ui.state import Choice
from amplify_viz.ui.variations import Variation, variants
from amplify_viz.views.documents import digest
from amplify_viz.views.packing import unpack
from tests.tiny import random_record, save_tiny
from tests.tiny_runs import save_pairs
from training.loop import train

MAIN = str(Path(__file__).parents[2] / "amplify_viz" / "ui" / "main.py")
TEXTS = ("the rabbit hopped", "the turtle crawled")
LABEL = "none · seed 0 · animals/tiny"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs folder with one run that has kept its two epochs."""
    scratch, root = tmp_path_factory.mktemp("scratch"), tmp_path_factory.mktemp("runs")
    data, backbone = save_pairs(scratch / "animals"), save_tiny(scratch / "tiny")
    config = RunConfig("none", str(data), str(backbone), epochs=2, batch_size=8, learning_rate=1e-2, keep_epochs=True)
    train(config, root)
    return root


@pytest.fixture
def folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The run's folder, below the app's runs folder."""
    monkeypatch.setenv("AMPLIFY_VIZ_RUNS", str(root))
    monkeypatch.delenv("AMPLIFY_VIZ_DEMO", raising=False)
    return next(root.glob("animals/tiny/none*[0-9a-f]"))


def _opened(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    for name, value in {"a": TEXTS[0], "b": TEXTS[1], **query}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def _panels(app: AppTest) -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = unpack(app.get("bidi_component")[0].proto.bytes)[0]["panels"]
    return panels


def test_kept_epochs_are_checkpoints_by_number(folder: Path) -> None:
    kept = kept_epochs(read_run(folder))
    assert list(kept) == [1, 2]
    assert all(load(str(path)).label_names for path in kept.values())


def test_a_run_without_kept_epochs_has_none(folder: Path, tmp_path: Path) -> None:
    run = read_run(folder)
    object.__setattr__(run, "folder", tmp_path)
    assert kept_epochs(run) == {}


def test_nothing_changed_is_one_panel(folder: Path) -> None:
    app = _opened()
    assert [panel["title"] for panel in _panels(app)] == [LABEL]
    assert app.toggle(key="beside").value is True


def test_heads_switched_off_are_those_of_capture_beside_the_whole_model(folder: Path) -> None:
    panels = _panels(_opened(off=["2.1", "1.4"]))
    assert [panel["title"] for panel in panels] == [LABEL, f"{LABEL} · without head 1.4, 2.1"]
    checkpoint = load(str(folder))
    whole, less = capture(checkpoint, *TEXTS), capture(checkpoint, *TEXTS, off=[(1, 0), (0, 3)])
    assert [panel["id"] for panel in panels] == [digest(whole), digest(less)]


def test_the_epoch_of_a_link_is_its_kept_checkpoint(folder: Path) -> None:
    panels = _panels(_opened(epoch="1", beside="false"))
    assert [panel["title"] for panel in panels] == [f"{LABEL} · epoch 1"]
    assert panels[0]["id"] == digest(capture(load(str(folder / "epochs" / "001")), *TEXTS))


def test_the_slider_goes_through_the_epochs(folder: Path) -> None:
    app = _opened(beside="false")
    titles = []
    for epoch in ("1", "2", "as saved"):
        app.select_slider(key="epoch").set_value(epoch).run()
        titles += [panel["title"] for panel in _panels(app)]
    assert titles == [f"{LABEL} · epoch 1", f"{LABEL} · epoch 2", LABEL]


def test_the_heads_on_show_are_added_and_reset_takes_everything_back(folder: Path) -> None:
    app = _opened(layer="2", heads="1,3", off=["1.1"], epoch="2")
    next(button for button in app.button if button.label == "Switch off the heads on show").click().run()
    assert app.multiselect(key="off").value == ["1.1", "2.1", "2.3"]
    next(button for button in app.button if button.label == "Reset").click().run()
    assert (app.multiselect(key="off").value, app.select_slider(key="epoch").value) == ([], "as saved")
    assert [panel["title"] for panel in _panels(app)] == [LABEL]


@pytest.mark.parametrize("query", [{"off": ["9.9"]}, {"off": ["x", "1"]}, {"epoch": "77"}])
def test_a_head_or_epoch_that_there_is_not_is_left_out(folder: Path, query: dict[str, Any]) -> None:
    assert [panel["title"] for panel in _panels(_opened(**query))] == [LABEL]


def test_three_checkpoints_are_changed_in_place(folder: Path) -> None:
    epochs = [str(folder / "epochs" / name) for name in ("001", "002")]
    app = _opened(run=[LABEL, *epochs], off=["1.1"])
    titles = [panel["title"] for panel in _panels(app)]
    assert titles == [f"{label} · without head 1.1" for label in (LABEL, *epochs)]
    assert app.toggle(key="beside").disabled


def test_a_head_is_switched_off_in_the_checkpoints_that_have_it() -> None:
    records = [random_record(n_layers=2, n_heads=4, checkpoint="wide"), random_record(n_heads=1, checkpoint="deep")]
    chosen = [Choice(record.checkpoint, record.checkpoint) for record in records]
    panels = variants(chosen, Variation(off=((1, 3), (2, 0)), beside=True), records)
    assert [(panel.name, panel.off) for panel in panels] == [
        ("wide", ()),
        ("wide · without head 2.4", ((1, 3),)),
        ("deep", ()),
        ("deep · without head 3.1", ((2, 0),)),
    ]


@pytest.mark.parametrize("view", ["Heads", "Through the layers"])
def test_maps_of_heads_say_which_are_switched_off(folder: Path, view: str) -> None:
    assert folder.is_dir()
    said = [caption.value for caption in _opened(view=view, off="2.3").caption]
    assert any("head 2\\.3" in one and "The output of a head switched off is zero" in one for one in said)
    assert not any("switched off" in caption.value for caption in _opened(view=view).caption)
