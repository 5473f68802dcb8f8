"""The form of the Train page without a browser: every setting, what it queues, and which data may be typed."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
from tyro._docstrings import get_field_docstring

from amplify_viz import InputError, RunConfig
from amplify_viz.ui import train_settings
from amplify_viz.ui.train_form import DATA, typed_data
from amplify_viz.ui.train_settings import grouped, setting_help, settings
from tests.ui.train_page import Begun, opened, queued, said
from training.data.hub import ALIASES, HUB_DATA

ASKED = [field.name for field in fields(RunConfig) if field.name != "processes"]


@pytest.fixture
def root(no_runs: Path) -> Path:
    """An empty runs folder, the app's."""
    return no_runs


@pytest.mark.parametrize("name", [field.name for field in fields(RunConfig)])
def test_every_setting_is_explained_by_the_command_lines_words(name: str) -> None:
    words = get_field_docstring(RunConfig, name, ())
    assert words, "every field of RunConfig has a comment"
    assert setting_help()[name].casefold() == f"{' '.join(words.split())}.".casefold()


@pytest.mark.parametrize("name", ASKED)
def test_every_setting_has_a_widget_with_its_default(root: Path, name: str, asked: Mapping[str, Any]) -> None:
    default = next(field.default for field in fields(RunConfig) if field.name == name)
    assert default is not MISSING
    several = {"method": ["none", "amplify"], "seed": ["0"]}
    shown = {"fold": "the method’s"}
    found = asked[f"new_{name}"]
    assert found == several.get(name, shown.get(name, "" if default is None and isinstance(found, str) else default))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """The form's widgets by key, as they are at first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AMPLIFY_VIZ_RUNS", str(tmp_path_factory.mktemp("runs")))
        app = opened()
        kinds = (app.number_input, app.text_input, app.selectbox, app.multiselect, app.toggle)
        yield {str(widget.key): widget.value for kind in kinds for widget in kind}


def test_a_setting_that_no_group_names_is_asked_for_in_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_settings, "GROUPS", {"Basics": ("epochs",)})
    groups = grouped()
    assert [setting.name for setting in groups["Basics"]] == ["epochs"]
    assert {setting.name for setting in groups["Machine"]} == {*ASKED} - {
        "method",
        "data",
        "backbone",
        "seed",
        "epochs",
    }


def test_the_button_queues_a_run_for_each_method_and_seed_in_order(root: Path, begun: Begun) -> None:
    app = opened()
    app.multiselect(key="new_method").set_value(["embedmix", "tmix"])
    app.multiselect(key="new_seed").set_value(["0", "7"])
    app.number_input(key="new_epochs").set_value(2)
    app.number_input(key="new_alpha").set_value(0.5)
    app.run()
    app.button(key="start_runs").click().run()
    expected = [RunConfig(m, seed=s, epochs=2, alpha=0.5) for m in ("embedmix", "tmix") for s in (0, 7)]
    assert queued(root) == expected
    assert begun == [("work", root)]
    assert "4 of 4 are already on the way" in said(app)
    assert app.button(key="start_runs").disabled


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("per_class", 0, "per_class goes from 1 to"),
        ("epochs", 0, "epochs goes from 1 to 10000, got 0"),
        ("noise_share", 0.2, "Noise has a kind and a share"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_can_be_queued(
    root: Path, begun: Begun, name: str, value: Any, message: str
) -> None:
    app = opened()
    app.number_input(key=f"new_{name}").set_value(value).run()
    assert len(app.error) == 1
    assert message in said(app)
    assert app.button(key="start_runs").disabled
    assert not root.exists()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("new_method", [], "A run has a method"),
        ("new_seed", ["x"], "A seed is a whole number, got 'x'"),
        ("new_seed", [], "has a seed"),
    ],
)
def test_methods_and_seeds_are_checked(root: Path, key: str, value: list[str], message: str) -> None:
    app = opened()
    app.multiselect(key=key).set_value(value).run()
    assert message in said(app)


def test_layers_that_do_not_parse_are_refused(root: Path) -> None:
    app = opened(layers="four")
    assert "Layers are one-based numbers" in said(app)


def test_the_link_brings_the_settings_back_and_reset_the_usual_ones(root: Path) -> None:
    app = opened(epochs="4", seed=["3"], fold="yes", method=["amplify"])
    assert app.number_input(key="new_epochs").value == 4
    assert app.multiselect(key="new_seed").value == ["3"]
    app.button(key="reset_form").click().run()
    assert app.number_input(key="new_epochs").value == 15
    assert app.multiselect(key="new_seed").value == ["0"]


def test_the_data_that_are_offered_are_those_that_training_knows() -> None:
    assert set(DATA) == {"roles", *HUB_DATA, *ALIASES}


@pytest.mark.parametrize(
    "typed", ["/etc", "/etc/passwd", "../../etc", "/no/such/folder", "~nosuchuser/x", "a\0b", "x" * 5000]
)
def test_typed_data_that_are_missing_or_forbidden_get_the_same_answer(tmp_path: Path, typed: str) -> None:
    with pytest.raises(InputError, match="is neither: copy it there, or start the app with AMPLIFY_VIZ_ROOTS"):
        typed_data(typed, [tmp_path])


def test_a_link_out_of_the_allowed_folders_is_refused_and_a_whole_path_is_kept(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out")
    with pytest.raises(InputError, match="is neither"):
        typed_data(str(tmp_path / "in" / "link"), [tmp_path / "in"])
    assert typed_data(str(tmp_path / "in" / ".." / "out"), [tmp_path]) == str(tmp_path / "out")


def test_settings_keep_the_kinds_of_their_fields() -> None:
    assert settings()["alpha"].is_optional and not settings()["epochs"].is_optional
    assert settings()["noise"].choices == ("none", "delete", "swap", "flip")
