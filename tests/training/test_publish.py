"""Results are kept without weights, once, and without a machine's paths."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from amplify_viz import InputError, Run, RunConfig
from amplify_viz.results import find_results
from amplify_viz.runs import find_runs, partial_folder, read_result, read_run, run_folder
from tests.tiny_runs import save_pairs, train_tiny_runs
from training.__main__ import main
from training.grid import _checked
from training.loop import train
from training.publish import publish, published


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs folder with a run of none and one of amplify."""
    return train_tiny_runs(tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("scratch"))


def test_what_is_published_is_found_as_results_and_holds_no_weights(root: Path, tmp_path: Path) -> None:
    folders = publish(root, tmp_path)
    assert [folder.relative_to(tmp_path) for folder in folders] == [
        run.folder.relative_to(root) for run in find_runs(root)
    ]
    assert not list(tmp_path.rglob("*.safetensors"))
    ours, theirs = find_results(tmp_path), find_results(root)
    assert [run.metrics for run in ours if isinstance(run, Run)] == [
        run.metrics for run in theirs if isinstance(run, Run)
    ]
    assert {path.name for path in folders[0].iterdir()} == {
        "run.json",
        "predictions-dev.parquet",
        "predictions-test.parquet",
        "steps.jsonl",
        "epochs.jsonl",
    }


def test_no_path_of_the_machine_is_published(root: Path, tmp_path: Path) -> None:
    publish(root, tmp_path)
    for path in tmp_path.rglob("*.json*"):
        assert str(root.parent) not in path.read_text(encoding="utf-8")


def test_data_are_named_by_the_last_part_of_any_path(root: Path, tmp_path: Path) -> None:
    publish(root, tmp_path)
    assert {run.config.data for run in find_results(tmp_path) if isinstance(run, Run)} == {"animals"}
    kept = find_results(Path(__file__).parents[2] / "assets" / "results")
    assert {run.config.data for run in kept if isinstance(run, Run)} <= {
        "mrpc",
        "trec_coarse",
        "trec_fine",
        "sst2",
        "sst5",
        "imdb_5k",
    }


@pytest.mark.parametrize(("data", "inside"), [(".", ""), ("..", "below"), ("below/..", "")])
def test_data_and_backbone_without_a_name_of_their_own_are_published_as_their_folders_are(
    data: str, inside: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = save_pairs(tmp_path / "home", n_train=8, n_other=4)
    (home / "below").mkdir()
    known = next(run for run in find_runs(root) if isinstance(run, Run))
    monkeypatch.chdir(home / inside)
    run = train(RunConfig("none", data, known.config.backbone, epochs=1, batch_size=8), tmp_path / "runs")
    content = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    content["config"]["backbone"] = ".."  # as of a checkpoint in the parent folder
    (run.folder / "run.json").write_text(json.dumps(content), encoding="utf-8")
    (folder,) = publish(tmp_path / "runs", tmp_path / "kept")
    config = read_result(folder).config
    assert (config.data, config.backbone) == (run.config.data_name, "unnamed") == ("unnamed", "unnamed")
    assert publish(tmp_path / "runs", tmp_path / "kept") == []


def _entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if not path.is_dir())


def test_nothing_half_written_is_left_or_counted_as_published(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_source: Path, to: Path) -> None:
        to.write_bytes(b"half")
        raise OSError(28, "No space left on device", str(to))

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", full)
        assert main(["publish", "--runs", str(root), "--to", str(tmp_path)]) == 2
    assert "No space left on device): check the folder, its permissions and the room" in capsys.readouterr().err
    assert _entries(tmp_path) == []
    assert len(publish(root, tmp_path)) == 2


def test_what_cannot_be_read_back_does_not_appear(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("training.publish._without_paths", lambda _run: {"schema": 1})
        with pytest.raises(InputError, match=r"run\.json is not as this version writes it"):
            publish(root, tmp_path)
    assert _entries(tmp_path) == []


def test_what_an_earlier_try_has_left_is_replaced(root: Path, tmp_path: Path) -> None:
    for run in (run for run in find_runs(root) if isinstance(run, Run)):
        for folder in (run_folder(tmp_path, run.config), partial_folder(tmp_path, run.config)):
            folder.mkdir(parents=True)
            for name in ("run.json", ".run.json.12", "predictions-dev.parquet"):
                (folder / name).write_text("{}", encoding="utf-8")
        assert not published(run.config, tmp_path)
    folders = publish(root, tmp_path)
    assert len(folders) == 2
    assert sorted(folder.name for folder in tmp_path.glob("*/*/*")) == sorted(folder.name for folder in folders)
    assert all(len(list(folder.iterdir())) == 5 for folder in folders)


@pytest.mark.parametrize("place", [run_folder, partial_folder])
def test_what_is_no_published_result_is_never_deleted(
    place: Callable[[Path, RunConfig], Path], root: Path, tmp_path: Path
) -> None:
    config = next(run.config for run in find_runs(root) if isinstance(run, Run))
    folder = place(tmp_path, config)
    folder.mkdir(parents=True)
    (folder / "status.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match=r"is there, cannot be read as results, and holds 'status\.json': move it"):
        publish(root, tmp_path)
    assert (folder / "status.json").read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize("to", ["/proc/x", "{file}", "{file}/below", "{long}"])
def test_a_place_that_cannot_be_written_is_one_sentence(
    to: str, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    path = to.format(file=tmp_path / "file", long=tmp_path / ("x" * 300))
    assert main(["publish", "--runs", str(root), "--to", path]) == 2
    said = capsys.readouterr().err
    assert path in said and "choose another" in said


def test_no_runs_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", "--runs", str(tmp_path / "nowhere")]) == 2
    assert "check --runs" in capsys.readouterr().err


def test_what_is_published_is_left_as_it_is(root: Path, tmp_path: Path) -> None:
    publish(root, tmp_path)
    assert publish(root, tmp_path) == []
    config = next(run.config for run in find_results(root) if isinstance(run, Run))
    assert published(config, tmp_path)
    assert not published(RunConfig("tmix", config.data), tmp_path)


def test_one_data_set_can_be_chosen(root: Path, tmp_path: Path) -> None:
    assert publish(root, tmp_path, data=["other"]) == []
    assert len(publish(root, tmp_path, data=["animals"])) == 2


def test_the_command_prints_what_it_copied(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", "--runs", str(root), "--to", str(tmp_path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_grid_skips_what_is_published_and_not_a_run_without_weights(root: Path, tmp_path: Path) -> None:
    publish(root, tmp_path / "kept")
    config = next(run.config for run in find_runs(root) if isinstance(run, Run))
    roots = {tmp_path / "runs": read_run, tmp_path / "kept": read_result}
    assert [cell.state for cell in _checked([config], roots)] == ["skipped"]
    assert [cell.state for cell in _checked([config], {tmp_path / "kept": read_run})] == ["waiting"]
