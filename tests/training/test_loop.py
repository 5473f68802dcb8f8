"""One run from data to run folder, on a tiny backbone: what is in it, who trains it, and errors in one sentence."""

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import psutil
import pytest
import sklearn.metrics
import torch
from safetensors import SafetensorError
from transformers import AutoModelForSequenceClassification

from amplify_viz import METHODS, InputError, Mix, Mixup, Run, RunConfig, capture, find_runs, load
from amplify_viz.runs import PartialRun, partial_folder, read_partial, run_folder, write_status
from tests.tiny import tiny_model, tiny_tokenizer
from training.__main__ import main
from training.loop import train
from training.state import explained, locked, queue


def test_the_run_folder_holds_a_plain_checkpoint_and_what_decided_it(root: Path, config: RunConfig) -> None:
    folder = run_folder(root, config)
    names = {path.name for path in folder.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "run.json", "steps.jsonl"} <= names
    assert {"predictions-dev.parquet", "predictions-test.parquet"} <= names
    assert not any(path.suffix in (".bin", ".pt", ".pth") for path in folder.rglob("*"))
    assert not partial_folder(root, config).exists()
    (run,) = find_runs(root)
    assert isinstance(run, Run)
    assert run.config == config
    assert load(folder).label_names == ("rabbit", "turtle")


def test_transformers_alone_loads_it_and_predicts_what_the_predictions_say(root: Path, config: RunConfig) -> None:
    folder = run_folder(root, config)
    code = (
        "import sys; from transformers import AutoModelForSequenceClassification as M, AutoTokenizer as T\n"
        "m, t = M.from_pretrained(sys.argv[1]).eval(), T.from_pretrained(sys.argv[1])\n"
        "assert 'amplify_viz' not in sys.modules\n"
        "print(m(**t('the rabbit crawled 0 test', return_tensors='pt')).logits.softmax(-1)[0, 0].item())"
    )
    command = [sys.executable, "-c", code, str(folder)]
    alone = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    table = pd.read_parquet(folder / "predictions-test.parquet")
    assert list(table["label"]) == [0, 1] * 5
    assert alone == pytest.approx(table.loc[0, "probability_0"], abs=1e-5)
    ours = capture(load(folder), "the rabbit crawled 0 test").probabilities
    assert ours is not None
    assert float(ours[0]) == pytest.approx(alone, abs=1e-5)


def test_every_step_is_logged_with_the_cosine_over_the_real_number_of_steps(root: Path, config: RunConfig) -> None:
    lines = (run_folder(root, config) / "steps.jsonl").read_text(encoding="utf-8").splitlines()
    steps = [json.loads(line) for line in lines]
    total, warm = 5 * config.epochs, math.ceil(0.1 * 5 * config.epochs)
    assert [step["step"] for step in steps] == list(range(1, total + 1))
    assert all(0 <= step["lam"] <= 1 and step["seconds"] > 0 for step in steps)
    assert len({step["lam"] for step in steps}) > 1
    for step in steps:
        done = step["step"] - 1
        expected = done / warm if done < warm else 0.5 * (1 + math.cos(math.pi * (done - warm) / (total - warm)))
        assert step["learning_rate"] == pytest.approx(1e-3 * expected, abs=1e-9)


def test_a_finished_run_is_left_as_it_is(root: Path, config: RunConfig) -> None:
    before = (run_folder(root, config) / "model.safetensors").stat().st_mtime_ns
    run = train(config, root)
    assert (run.folder / "model.safetensors").stat().st_mtime_ns == before


def test_other_data_of_the_same_name_is_refused(root: Path, config: RunConfig, tmp_path: Path) -> None:
    other = tmp_path / "animals"
    other.mkdir()
    for split in ("train", "dev", "test"):
        text = "".join(json.dumps({"text": f"{split} {i}", "label": "ab"[i % 2]}) + "\n" for i in range(8))
        (other / f"{split}.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="was trained on other data that is also called 'animals'"):
        train(replace(config, data=str(other)), root)


@pytest.mark.parametrize("share_of_the_weights", [0.1, 0.5, 1.3])  # the optimiser's state is twice as large
def test_a_full_disk_is_one_sentence_and_leaves_no_half_run(
    config: RunConfig, tmp_path: Path, share_of_the_weights: float
) -> None:
    limit = round(share_of_the_weights * (Path(config.backbone) / "model.safetensors").stat().st_size)
    code = (
        "import resource, signal, sys; from training.__main__ import main\n"
        f"signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["run", "--data", config.data, "--backbone", config.backbone, "--epochs", "1", "--runs", str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "make room on the disk and start it again" in done.stderr
    assert "Traceback" not in done.stderr
    (partial,) = find_runs(tmp_path)
    assert isinstance(partial, PartialRun)
    assert partial.state == "failed"


def test_two_processes_never_train_the_same_run(config: RunConfig, tmp_path: Path) -> None:
    with locked(run_folder(tmp_path, config)):
        with pytest.raises(
            InputError, match=f"is being trained by another process .{os.getpid()}.: wait for it or end it"
        ):
            train(config, tmp_path)
        assert find_runs(tmp_path) == []
    with locked(run_folder(tmp_path, config)):
        pass


def test_the_lock_of_a_process_that_was_killed_is_free(config: RunConfig, tmp_path: Path) -> None:
    folder = run_folder(tmp_path, config)
    with locked(folder):
        (lock,) = folder.parent.iterdir()
    code = (
        "import fcntl, sys; file = open(sys.argv[1]); fcntl.flock(file, fcntl.LOCK_EX)\n"
        "print('locked', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "locked\n"
        with pytest.raises(InputError, match="is being trained by another process"), locked(folder):
            pass
        process.kill()
        process.wait()
        with locked(folder):
            pass


def test_queueing_leaves_the_status_of_a_living_run_alone(config: RunConfig, tmp_path: Path) -> None:
    partial = partial_folder(tmp_path, config)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        started = psutil.Process(process.pid).create_time()
        write_status(partial, config, "running", progress=0.5, pid=process.pid, pid_started=started)
        queue(config, tmp_path)
        alive = read_partial(partial)
        process.kill()
        process.wait()
    assert (alive.state, alive.progress, alive.owner) == ("running", 0.5, process.pid)
    queue(config, tmp_path)
    assert (read_partial(partial).state, read_partial(partial).owner) == ("queued", os.getpid())


def test_a_warm_up_of_all_steps_never_lets_the_learning_rate_fall(config: RunConfig, tmp_path: Path) -> None:
    run = train(replace(config, warmup=1.0, epochs=1), tmp_path)
    steps = [json.loads(line) for line in (run.folder / "steps.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [step["learning_rate"] for step in steps] == pytest.approx([1e-3 * i / 5 for i in range(5)])


def test_a_long_text_is_cut_to_the_positions_that_a_roberta_has(config: RunConfig, tmp_path: Path) -> None:
    backbone, data = tmp_path / "roberta", tmp_path / "long"
    model = tiny_model("roberta")
    model.save_pretrained(backbone)
    tokenizer = tiny_tokenizer("roberta")
    tokenizer.model_max_length = 1000
    tokenizer.save_pretrained(backbone)
    data.mkdir()
    for split in ("train", "dev", "test"):
        rows = [json.dumps({"text": f"{split} {i} " + "rabbit " * 100, "label": "ab"[i % 2]}) for i in range(8)]
        (data / f"{split}.jsonl").write_text("\n".join(rows), encoding="utf-8")
    run = train(replace(config, data=str(data), backbone=str(backbone), epochs=1), tmp_path / "runs")
    assert run.details["steps"] == 1
    readable = model.config.max_position_embeddings - model.config.pad_token_id - 1
    assert run.config.max_length > run.details["max_tokens"] == readable, "a default may be over what is read"


@pytest.mark.parametrize("command", [["run"], ["demo"]])
def test_a_runs_folder_that_cannot_be_written_is_one_sentence(
    command: list[str], config: RunConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    settings = ["--data", config.data, "--backbone", config.backbone] if command == ["run"] else []
    assert main([*command, *settings, "--runs", str(file)]) == 2
    assert "check the folder and its permissions" in capsys.readouterr().err


def test_an_error_of_the_program_itself_keeps_its_traceback(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="shapes differ"), explained(tmp_path):
        raise RuntimeError("shapes differ")
    with pytest.raises(InputError, match=r"cannot be read or written .*os error 13"), explained(tmp_path):
        raise SafetensorError("I/O error: Permission denied (os error 13)")


def test_all_methods_of_a_seed_begin_with_the_same_weights_and_see_the_same_batches(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unmixed(self: Mixup, batch_size: int, _generator: torch.Generator) -> Mix:
        return Mix(self.site, 1.0, torch.arange(batch_size), (0,))

    monkeypatch.setattr(Mixup, "draw", unmixed)
    losses = []
    for method in METHODS:
        run = train(replace(config, method=method, epochs=1), tmp_path)
        lines = (run.folder / "steps.jsonl").read_text(encoding="utf-8").splitlines()
        losses.append([json.loads(line)["loss"] for line in lines])
    assert all(loss == losses[0] for loss in losses)


def test_a_loss_that_is_not_a_number_ends_the_run_with_the_remedy(config: RunConfig, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    model = AutoModelForSequenceClassification.from_pretrained(config.backbone)
    with torch.no_grad():
        model.bert.embeddings.word_embeddings.weight.fill_(float("nan"))
    model.save_pretrained(broken)
    save = Path(config.backbone)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (broken / name).write_bytes((save / name).read_bytes())
    with pytest.raises(InputError, match="must stay finite, it is nan at step 1: lower --learning-rate"):
        train(replace(config, backbone=str(broken)), tmp_path / "runs")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "mixup"], "A method is one of none"),
        (["--data", "nowhere/at/all"], "nowhere/at/all"),
        (["--backbone", "./nowhere"], "nothing is found at './nowhere'"),
        (["--epochs", "0"], "epochs goes from 1"),
    ],
)
def test_bad_input_on_the_command_line_is_exit_code_2_and_one_sentence(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *arguments, "--runs", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.strip().startswith("error: ")
    assert len(error.strip().splitlines()) == 1


def test_unknown_options_are_exit_code_2() -> None:
    with pytest.raises(SystemExit) as stop:
        main(["run", "--speed", "9"])
    assert stop.value.code == 2


def test_run_json_says_what_was_counted_in_the_data_and_what_training_cost(root: Path, config: RunConfig) -> None:
    details = json.loads((run_folder(root, config) / "run.json").read_text(encoding="utf-8"))
    assert details["data"]["facts"]["leaks"] == {"train/dev": 0, "train/test": 0, "dev/test": 0}
    assert details["data"]["facts"]["class_counts"]["train"] == {"rabbit": 20, "turtle": 20}
    steps = [json.loads(line) for line in (run_folder(root, config) / "steps.jsonl").read_text().splitlines()]
    mean = sum(step["seconds"] for step in steps) / len(steps)
    assert details["seconds_per_12000_steps"] == pytest.approx(12_000 * mean, abs=0.1)
    assert 10 < details["peak_memory_mb"] < 100_000
    assert sum(details["lam"]["histogram"]["counts"]) == len(steps)


def test_the_metrics_are_those_of_the_predictions(root: Path, config: RunConfig) -> None:
    folder = run_folder(root, config)
    details = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    table = pd.read_parquet(folder / "predictions-test.parquet")
    p, y = table[["probability_0", "probability_1"]].to_numpy(), table["label"]
    metrics, measured = details["metrics"]["test"], details["measured"]["test"]
    assert metrics["nll"] == pytest.approx(sklearn.metrics.log_loss(y, p), abs=1e-9)
    assert metrics["macro_f1"] == pytest.approx(sklearn.metrics.f1_score(y, table["predicted"], average="macro"))
    assert measured["confusion"] == sklearn.metrics.confusion_matrix(y, table["predicted"]).tolist()
    assert [row["label"] for row in measured["per_class"]] == ["rabbit", "turtle"]
    assert sum(row["rows"] for row in measured["reliability"]) == metrics["rows"] == 10
    assert measured["macro_f1_over"] == "the 2 of 2 classes that occur in the split"
