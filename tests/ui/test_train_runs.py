"""Runs on the Train page without a browser: what is shown of them, and how they wait, go on, end and are removed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from amplify_viz import InputError, Run, RunConfig
from amplify_viz.runs import PartialRun, partial_folder, read_partial, run_folder, write_status
from amplify_viz.ui import training
from tests.ui.train_page import Begun, opened, queued, said

NOBODY: dict[str, Any] = {"pid": None, "pid_started": None}


@pytest.fixture
def root(no_runs: Path) -> Path:
    """An empty runs folder, the app's."""
    return no_runs


def _partial(root: Path, state: Any, config: RunConfig | None = None, **what: Any) -> Path:
    config = config or RunConfig("none", epochs=3)
    write_status(partial_folder(root, config), config, state, **{**NOBODY, **what})
    return partial_folder(root, config)


def _key(config: RunConfig) -> str:
    return config.hash[:16]


def test_a_queued_run_that_nobody_works_on_waits_and_can_go_on(root: Path, begun: Begun) -> None:
    _partial(root, "queued", queued_at=5.0)
    app = opened()
    assert "1 run waits, and nothing works on the queue" in said(app)
    app.button(key="resume_queue").click().run()
    assert begun == [("work", root)]


def test_an_interrupted_run_goes_on_from_where_it_was(root: Path, begun: Begun) -> None:
    config = RunConfig("none", epochs=3)
    partial = _partial(root, "running", progress=0.4, message="epoch 2 of 3", pid=2**22 + 1, pid_started=1.0)
    app = opened()
    app.button(key=f"resume_{_key(config)}").click().run()
    assert queued(root) == [config]
    assert read_partial(partial).progress == 0.4
    assert begun == [("work", root)]


def test_a_run_whose_end_was_noted_by_a_living_process_can_go_on_and_be_removed(root: Path, begun: Begun) -> None:
    config = RunConfig("none", epochs=3)
    noted: dict[str, Any] = {
        "pid": os.getpid(),
        "pid_started": psutil.Process().create_time(),
    }  # as a worker does that goes on
    _partial(root, "interrupted", message="stopped by the user", **noted)
    opened().button(key=f"resume_{_key(config)}").click().run()
    assert queued(root) == [config]
    partial = _partial(root, "interrupted", **noted)
    training.remove(training.overview(root).entries[0], root)
    assert not partial.exists()


def test_why_a_run_failed_is_said_and_it_can_be_tried_again(root: Path, begun: Begun) -> None:
    config = RunConfig("none", epochs=3)
    _partial(root, "failed", message="The loss must stay finite: lower --learning-rate.")
    app = opened()
    assert "lower --learning-rate" in app.error[0].value.replace("\\", "")
    app.button(key=f"resume_{_key(config)}").click().run()
    assert queued(root) == [config]


def test_a_run_that_was_never_begun_is_removed_at_once(root: Path, begun: Begun) -> None:
    partial = _partial(root, "queued")
    opened().button(key=f"remove_{_key(RunConfig('none', epochs=3))}").click().run()
    assert not partial.exists()
    assert list(partial.parent.iterdir()) == []


def test_a_run_that_was_begun_stays_when_it_is_taken_out_of_the_queue(root: Path, begun: Begun) -> None:
    partial = _partial(root, "queued", progress=0.5)
    (partial / "trainer" / "checkpoint-3").mkdir(parents=True)
    opened().button(key=f"out_{_key(RunConfig('none', epochs=3))}").click().run()
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
        app = opened()
        app.button(key=f"cancel_{_key(RunConfig('none', epochs=3))}").click().run()
        assert "which is no training of this program" in said(app)
        assert other.poll() is None
        other.communicate()


def test_a_run_that_is_trained_shows_its_progress_and_its_curves(root: Path) -> None:
    owner: dict[str, Any] = {"pid": os.getpid(), "pid_started": psutil.Process().create_time()}
    partial = _partial(root, "running", progress=0.25, message="epoch 1 of 3, step 5 of 20", seconds_left=90, **owner)
    lines = [json.dumps({"step": step, "loss": 1 / step}) for step in range(1, 6)]
    (partial / "steps.jsonl").write_text("\n".join(lines), encoding="utf-8")
    app = opened()
    progress: Any = app.get("progress")[0]
    assert progress.proto.text.replace("\\", "") == "epoch 1 of 3, step 5 of 20 · about 2 min left"
    assert len(app.get("vega_lite_chart")) == 1
    assert "after the first epoch" in said(app)
    (partial / "epochs.jsonl").write_text('{"epoch": 1, "step": 5, "dev_accuracy": 0.5}\n', encoding="utf-8")
    assert len(opened().get("vega_lite_chart")) == 2


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
    app = opened()
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
    app = opened()
    link: Any = app.get("page_link")[0]
    assert "run=none+%C2%B7+seed+0" in link.proto.query_string
    assert isinstance(training.overview(root).finished[0], Run)


def test_a_finished_run_is_not_trained_again(root: Path, finished: Path, begun: Begun) -> None:
    shutil.copytree(finished, root)
    app = opened(method=["none"], epochs="3")
    assert "1 of 1 is already finished with these settings" in said(app)
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
    assert queued(root) == []
