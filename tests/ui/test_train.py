"""The Train page without a browser: every setting, what it queues, and what can be done with a run in progress."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import psutil
import pytest
from streamlit.testing.v1 import AppTest
from tyro._docstrings import get_field_docstring

from amplify_viz import InputError, Run, RunConfig
from amplify_viz.runs import PartialRun, partial_folder, read_partial, run_folder, write_status
from amplify_viz.ui import train_settings, training
from amplify_viz.ui.train_form import DATA, typed_data
from amplify_viz.ui.train_settings import grouped, setting_help, settings
from training.data.hub import ALIASES, HUB_DATA

MAIN = str(Path(__file__).parents[2] / "amplify_viz" / "ui" / "main.py")
ASKED = [field.name for field in fields(RunConfig) if field.name != "processes"]
NOBODY: dict[str, Any] = {"pid": None, "pid_started": None}

Begun = list[tuple[str, Path]]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty runs folder, the app's."""
    monkeypatch.setenv("AMPLIFY_VIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.delenv("AMPLIFY_VIZ_DEMO", raising=False)
    monkeypatch.delenv("AMPLIFY_VIZ_ROOTS", raising=False)
    return tmp_path / "runs"


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Begun:
    """The workers that the page has begun: only noted."""
    noted: Begun = []
    monkeypatch.setattr(training, "begin", lambda command, root, **_: noted.append((command, root)))
    return noted


def _opened(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.switch_page("app_pages/train.py")
    for name, value in query.items():
        app.query_params[f"new_{name}"] = value
    app.run()
    assert not app.exception
    return app


def _said(app: AppTest) -> str:
    elements = [*app.error, *app.caption, *app.markdown]
    return " | ".join(element.value.replace("\\", "") for element in elements)


def _queued(root: Path) -> list[RunConfig]:
    return [entry.run.config for entry in training.overview(root).entries if entry.state in ("queued", "waiting")]


def _partial(root: Path, state: Any, config: RunConfig | None = None, **what: Any) -> Path:
    config = config or RunConfig("none", epochs=3)
    write_status(partial_folder(root, config), config, state, **{**NOBODY, **what})
    return partial_folder(root, config)


def _key(config: RunConfig) -> str:
    return config.hash[:16]


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
        app = _opened()
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
    app = _opened()
    app.multiselect(key="new_method").set_value(["embedmix", "tmix"])
    app.multiselect(key="new_seed").set_value(["0", "7"])
    app.number_input(key="new_epochs").set_value(2)
    app.number_input(key="new_alpha").set_value(0.5)
    app.run()
    app.button(key="start_runs").click().run()
    expected = [RunConfig(m, seed=s, epochs=2, alpha=0.5) for m in ("embedmix", "tmix") for s in (0, 7)]
    assert _queued(root) == expected
    assert begun == [("work", root)]
    assert "4 of 4 are already on the way" in _said(app)
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
    app = _opened()
    app.number_input(key=f"new_{name}").set_value(value).run()
    assert len(app.error) == 1
    assert message in _said(app)
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
    app = _opened()
    app.multiselect(key=key).set_value(value).run()
    assert message in _said(app)


def test_layers_that_do_not_parse_are_refused(root: Path) -> None:
    app = _opened(layers="four")
    assert "Layers are one-based numbers" in _said(app)


def test_the_link_brings_the_settings_back_and_reset_the_usual_ones(root: Path) -> None:
    app = _opened(epochs="4", seed=["3"], fold="yes", method=["amplify"])
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


def test_a_queued_run_that_nobody_works_on_waits_and_can_go_on(root: Path, begun: Begun) -> None:
    _partial(root, "queued", queued_at=5.0)
    app = _opened()
    assert "1 run waits, and nothing works on the queue" in _said(app)
    app.button(key="resume_queue").click().run()
    assert begun == [("work", root)]


def test_an_interrupted_run_goes_on_from_where_it_was(root: Path, begun: Begun) -> None:
    config = RunConfig("none", epochs=3)
    partial = _partial(root, "running", progress=0.4, message="epoch 2 of 3", pid=2**22 + 1, pid_started=1.0)
    app = _opened()
    app.button(key=f"resume_{_key(config)}").click().run()
    assert _queued(root) == [config]
    assert read_partial(partial).progress == 0.4
    assert begun == [("work", root)]


def test_a_run_whose_end_was_noted_by_a_living_process_can_go_on_and_be_removed(root: Path, begun: Begun) -> None:
    config = RunConfig("none", epochs=3)
    noted: dict[str, Any] = {
        "pid": os.getpid(),
        "pid_started": psutil.Process().create_time(),
    }  # as a worker does that goes on
    _partial(root, "interrupted", message="stopped by the user", **noted)
    _opened().button(key=f"resume_{_key(config)}").click().run()
    assert _queued(root) == [config]
    partial = _partial(root, "interrupted", **noted)
    training.remove(training.overview(root).entries[0], root)
    assert not partial.exists()


def test_why_a_run_failed_is_said_and_it_can_be_tried_again(root: Path, begun: Begun) -> None:
    config = RunConfig("none", epochs=3)
    _partial(root, "failed", message="The loss must stay finite: lower --learning-rate.")
    app = _opened()
    assert "lower --learning-rate" in app.error[0].value.replace("\\", "")
    app.button(key=f"resume_{_key(config)}").click().run()
    assert _queued(root) == [config]


def test_a_run_that_was_never_begun_is_removed_at_once(root: Path, begun: Begun) -> None:
    partial = _partial(root, "queued")
    _opened().button(key=f"remove_{_key(RunConfig('none', epochs=3))}").click().run()
    assert not partial.exists()
    assert list(partial.parent.iterdir()) == []


def test_a_run_that_was_begun_stays_when_it_is_taken_out_of_the_queue(root: Path, begun: Begun) -> None:
    partial = _partial(root, "queued", progress=0.5)
    (partial / "trainer" / "checkpoint-3").mkdir(parents=True)
    _opened().button(key=f"out_{_key(RunConfig('none', epochs=3))}").click().run()
    assert (read_partial(partial).state, read_partial(partial).progress) == ("interrupted", 0.5)
    assert (partial / "trainer" / "checkpoint-3").exists()


def test_a_run_that_is_being_trained_is_never_removed(root: Path) -> None:
    owner: dict[str, Any] = {"pid": os.getpid(), "pid_started": psutil.Process().create_time()}
    partial = _partial(root, "running", **owner)
    (entry,) = training.overview(root).entries
    with pytest.raises(InputError, match="is being trained: cancel it first"):
        training.remove(entry, root)
    assert partial.exists()


def test_only_what_lies_in_the_runs_folder_is_removed(root: Path, tmp_path: Path) -> None:
    elsewhere = _partial(tmp_path / "other", "failed")
    (entry,) = training.overview(tmp_path / "other").entries
    with pytest.raises(InputError, match="no run in progress of this runs folder"):
        training.remove(entry, root)
    link = partial_folder(root, RunConfig("none", epochs=3))
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    (entry,) = training.overview(root).entries
    with pytest.raises(InputError, match="no run in progress of this runs folder"):
        training.remove(entry, root)
    assert elsewhere.exists()


def test_a_process_that_is_no_training_is_never_ended(root: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        started = psutil.Process(other.pid).create_time()
        _partial(root, "running", pid=other.pid, pid_started=started)
        app = _opened()
        app.button(key=f"cancel_{_key(RunConfig('none', epochs=3))}").click().run()
        assert "which is no training of this program" in _said(app)
        assert other.poll() is None
        other.communicate()


def test_a_run_that_is_trained_shows_its_progress_and_its_curves(root: Path) -> None:
    owner: dict[str, Any] = {"pid": os.getpid(), "pid_started": psutil.Process().create_time()}
    partial = _partial(root, "running", progress=0.25, message="epoch 1 of 3, step 5 of 20", seconds_left=90, **owner)
    lines = [json.dumps({"step": step, "loss": 1 / step}) for step in range(1, 6)]
    (partial / "steps.jsonl").write_text("\n".join(lines), encoding="utf-8")
    app = _opened()
    progress: Any = app.get("progress")[0]
    assert progress.proto.text.replace("\\", "") == "epoch 1 of 3, step 5 of 20 · about 2 min left"
    assert len(app.get("vega_lite_chart")) == 1
    assert "after the first epoch" in _said(app)
    (partial / "epochs.jsonl").write_text('{"epoch": 1, "step": 5, "dev_accuracy": 0.5}\n', encoding="utf-8")
    assert len(_opened().get("vega_lite_chart")) == 2


def test_a_worker_that_works_is_seen_and_no_second_one_is_begun(root: Path, begun: Begun) -> None:
    _partial(root, "queued")
    code = "print(flush=True); input()"
    command = [sys.executable, "-c", code, "training"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()  # before that its command line may not be there yet
        signature = {"pid": worker.pid, "pid_started": psutil.Process(worker.pid).create_time(), "at_work": True}
        (root / ".worker.lock").write_text(json.dumps(signature), encoding="utf-8")
        assert [entry.state for entry in training.overview(root).entries] == ["queued"]
        training.start_worker(root)
        assert begun == []
        (root / ".worker.lock").write_text(json.dumps({**signature, "at_work": False}), encoding="utf-8")
        training.start_worker(root)
        assert begun == [("work", root)]
        worker.communicate(b"\n")


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"pid": "x"}', '{"pid": 1e400, "pid_started": 0, "at_work": true}']
)
def test_any_bytes_as_the_workers_signature_are_no_worker(root: Path, content: str) -> None:
    root.mkdir()
    (root / ".worker.lock").write_text(content, encoding="utf-8")
    assert not training.is_working(root)


def test_names_and_messages_are_never_markup(root: Path) -> None:
    _partial(root, "failed", message="<script>alert(1)</script> **bold** :red[x]")
    app = _opened()
    assert app.error[0].value == r"\<script\>alert\(1\)\</script\> \*\*bold\*\* \:red\[x\]"


def test_a_runs_folder_that_cannot_be_written_is_one_sentence(
    root: Path, begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.write_text("a file")
    with pytest.raises(InputError, match="set AMPLIFY_VIZ_RUNS to another"):
        training.enqueue([RunConfig()], root)
    assert begun == []


def test_a_finished_run_leads_to_explore_with_it_selected(root: Path, finished: Path) -> None:
    shutil.copytree(finished, root)
    app = _opened()
    link: Any = app.get("page_link")[0]
    assert "run=none+%C2%B7+seed+0" in link.proto.query_string
    assert isinstance(training.overview(root).finished[0], Run)


def test_a_finished_run_is_not_trained_again(root: Path, finished: Path, begun: Begun) -> None:
    shutil.copytree(finished, root)
    app = _opened(method=["none"], epochs="3")
    assert "1 of 1 is already finished with these settings" in _said(app)
    assert app.button(key="start_runs").disabled


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs folder with what a finished run of none, three epochs, needs to be listed."""
    root = tmp_path_factory.mktemp("finished")
    config = RunConfig("none", epochs=3)
    folder = run_folder(root, config)
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    metrics = {"dev": {"accuracy": 0.5}, "test": {"accuracy": 0.25}}
    content = {"schema": 1, "config": vars(config), "label_names": ["no", "yes"], "metrics": metrics}
    more = {"weights_sha256": "0" * 64, "created": "2026-01-01T00:00:00+00:00"}
    (folder / "run.json").write_text(json.dumps({**content, **more}), encoding="utf-8")
    return root


def test_cancelling_the_demo_takes_what_waits_out_of_the_queue(root: Path) -> None:
    from amplify_viz.config import demo_configs
    from amplify_viz.ui import demo

    for config in demo_configs():
        _partial(root, "queued", config)
    demo.cancel(root)
    states = [state.state for state in demo.progress(root) if isinstance(state, PartialRun)]
    assert states == ["interrupted"] * 3
    assert _queued(root) == []


def test_settings_keep_the_kinds_of_their_fields() -> None:
    assert settings()["alpha"].is_optional and not settings()["epochs"].is_optional
    assert settings()["noise"].choices == ("none", "delete", "swap", "flip")
