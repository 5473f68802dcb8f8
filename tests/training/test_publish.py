"""Results are kept without weights, once, and without a machine's paths."""

from pathlib import Path

import pytest

from amplify_viz import Run, RunConfig
from amplify_viz.results import find_results
from amplify_viz.runs import find_runs, read_result, read_run
from tests.tiny_runs import train_tiny_runs
from training.__main__ import main
from training.grid import _checked
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
