"""Run folders: names, hashes, and what find_runs makes of whole, partial and broken ones."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from amplify_viz import InputError, Run, RunConfig, find_runs
from amplify_viz.config import demo_configs
from amplify_viz.runs import (
    BrokenRun,
    PartialRun,
    partial_folder,
    read_run,
    run_folder,
    tabulate,
    write_json,
    write_status,
)


def _write_run(root: Path, run: RunConfig, /, **changes: Any) -> Path:
    folder = run_folder(root, run)
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    content = {
        "schema": 1,
        "config": vars(run),
        "label_names": ["no", "yes"],
        "metrics": {"dev": {"accuracy": 0.5}, "test": {"accuracy": 0.25}},
        "weights_sha256": "0" * 64,
        "created": "2026-01-01T00:00:00+00:00",
        "seconds_per_step": 0.5,
        **changes,
    }
    (folder / "run.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_the_papers_settings_give_a_plain_name_and_any_other_eight_digits_of_the_hash() -> None:
    plain = RunConfig("tmix", "../data/mrpc", "bert-base-uncased", seed=2)
    other = replace(plain, learning_rate=1e-4)
    assert run_folder(Path("runs"), plain) == Path("runs/mrpc/bert-base-uncased/tmix-seed2")
    assert run_folder(Path("runs"), other).name == f"tmix-seed2-{other.hash[:8]}"


def test_the_hash_does_not_depend_on_where_the_data_lies() -> None:
    assert RunConfig(data="/a/b/mrpc").hash == RunConfig(data="mrpc").hash
    assert RunConfig(data="sst2").hash != RunConfig(data="mrpc").hash


@pytest.mark.parametrize("change", [{"seed": 1}, {"epochs": 3}, {"warmup": 0.2}, {"method": "none"}])
def test_each_setting_changes_the_hash(change: dict[str, Any]) -> None:
    assert replace(RunConfig(), **change).hash != RunConfig().hash


@pytest.mark.parametrize(
    ("data", "name"), [("a b/Ünder.jsonl", "nder"), ("x/..", "unnamed"), ("/", "unnamed"), ("data.v2.csv", "data.v2")]
)
def test_data_names_are_safe_folder_names(data: str, name: str) -> None:
    assert RunConfig(data=data).data_name == name


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "mixup"}, "one of none, amplify"),
        ({"epochs": 0}, "epochs goes from 1 to 10000, got 0"),
        ({"batch_size": 1}, "batch_size goes from 2"),
        ({"learning_rate": float("nan")}, "learning_rate goes from"),
        ({"dev_share": 0.9}, "dev_share goes from 0.01 to 0.5"),
    ],
)
def test_settings_out_of_range_are_refused_with_the_range(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        RunConfig(**settings)


def test_a_complete_run_is_found_and_tabulated(tmp_path: Path) -> None:
    _write_run(tmp_path, RunConfig("none"))
    (found,) = find_runs(tmp_path)
    assert isinstance(found, Run)
    assert found.config == RunConfig("none")
    assert found.label_names == ("no", "yes")
    table = tabulate([found])
    assert [table[name][0] for name in ("method", "test_accuracy", "seconds_per_step")] == ["none", 0.25, 0.5]


def test_a_run_without_newer_settings_is_read_with_their_defaults(tmp_path: Path) -> None:
    config = {name: value for name, value in vars(RunConfig()).items() if name != "patience"}
    folder = _write_run(tmp_path, RunConfig(), config=config)
    assert read_run(folder).config == RunConfig()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema": 99}, "schema 99, this version reads 1"),
        ({"config": {"method": "amplify", "speed": 3}}, "unknown fields: speed"),
        ({"config": {"seed": "one"}}, "config.seed is 'one'"),
        ({"config": []}, "config is"),
        ({"metrics": {}}, "lacks 'dev'"),
        ({"metrics": {"dev": {"accuracy": 2}, "test": {"accuracy": 0}}}, "dev accuracy 2"),
        ({"metrics": {"dev": {"accuracy": 10**400}}}, "not as this version writes it"),
        ({"metrics": {"dev": 3}}, "not as this version writes it"),
        ({"label_names": None}, "not as this version writes it"),
    ],
)
def test_a_broken_run_json_is_listed_with_its_reason(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    _write_run(tmp_path, RunConfig("none"))
    _write_run(tmp_path, RunConfig("amplify"), **changes)
    broken, whole = find_runs(tmp_path)
    assert isinstance(broken, BrokenRun)
    assert reason in broken.reason
    assert isinstance(whole, Run), "the others must go on working"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe{}", b'{"schema": 1}', b"[" * 100_000])
def test_any_bytes_as_run_json_give_a_broken_run(tmp_path: Path, content: bytes) -> None:
    folder = _write_run(tmp_path, RunConfig())
    (folder / "run.json").write_bytes(content)
    (found,) = find_runs(tmp_path)
    assert isinstance(found, BrokenRun)


def test_a_run_without_weights_is_broken(tmp_path: Path) -> None:
    (_write_run(tmp_path, RunConfig()) / "model.safetensors").unlink()
    (found,) = find_runs(tmp_path)
    assert isinstance(found, BrokenRun)
    assert "model.safetensors, which is missing" in found.reason


def test_a_run_in_progress_is_running_while_its_process_lives(tmp_path: Path) -> None:
    config = RunConfig()
    write_status(partial_folder(tmp_path, config), config, "running", progress=0.25, message="epoch 1", seconds_left=9)
    (found,) = find_runs(tmp_path)
    assert isinstance(found, PartialRun)
    assert (found.state, found.progress, found.seconds_left, found.owner) == ("running", 0.25, 9, os.getpid())


def test_a_run_whose_process_is_gone_is_interrupted(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = {"pid": process.pid, "pid_started": psutil.Process(process.pid).create_time()}
    config = RunConfig()
    write_status(partial_folder(tmp_path, config), config, "queued", **owner)
    assert [run.state for run in find_runs(tmp_path) if isinstance(run, PartialRun)] == ["queued"]
    process.kill()  # first a zombie, which no longer works either
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        pass
    assert [run.state for run in find_runs(tmp_path) if isinstance(run, PartialRun)] == ["interrupted"]
    process.communicate()
    assert [run.state for run in find_runs(tmp_path) if isinstance(run, PartialRun)] == ["interrupted"]


def test_another_process_with_the_same_id_does_not_count(tmp_path: Path) -> None:
    config = RunConfig()
    write_status(partial_folder(tmp_path, config), config, "running", pid=os.getpid(), pid_started=1.0)
    (found,) = find_runs(tmp_path)
    assert isinstance(found, PartialRun)
    assert (found.state, found.owner) == ("interrupted", None)


@pytest.mark.parametrize("owner", [{"pid": float("inf")}, {"pid": "x"}, {"pid": 10**30}, {"pid": None}])
def test_any_owner_in_a_status_is_read(tmp_path: Path, owner: dict[str, Any]) -> None:
    config = RunConfig()
    write_status(partial_folder(tmp_path, config), config, "running", pid_started=1.0, **owner)
    (found,) = find_runs(tmp_path)
    assert isinstance(found, PartialRun)
    assert found.owner is None


def test_a_hub_name_keeps_its_owner_in_the_path() -> None:
    names = [RunConfig(backbone=name).backbone_name for name in ("google/bert", "other/bert", "./models/bert", "bert")]
    assert names == ["google--bert", "other--bert", "bert", "bert"]


def test_a_folder_without_a_run_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "some" / "other" / "folder").mkdir(parents=True)
    assert find_runs(tmp_path) == []


def test_a_complete_run_hides_its_partial(tmp_path: Path) -> None:
    _write_run(tmp_path, RunConfig())
    write_status(partial_folder(tmp_path, RunConfig()), RunConfig(), "failed", message="no")
    assert [type(run) for run in find_runs(tmp_path)] == [Run]


def test_no_runs_folder_is_no_runs(tmp_path: Path) -> None:
    assert find_runs(tmp_path / "nowhere") == []


def test_json_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["status.json"]


def test_the_demo_is_three_methods_on_roles() -> None:
    assert [(config.method, config.data) for config in demo_configs()] == [
        ("none", "roles"),
        ("embedmix", "roles"),
        ("amplify", "roles"),
    ]
