"""One run from data to run folder, on a tiny backbone: what is in it, resuming, and failing without leaving halves."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from transformers import AutoModelForSequenceClassification, TrainingArguments

from amplify_viz import METHODS, InputError, Mix, Mixup, Run, RunConfig, capture, find_runs, load, prepare
from amplify_viz.runs import PartialRun, partial_folder, run_folder
from tests.tiny import padded_batch, save_tiny, tiny_model
from training.__main__ import main
from training.loop import train
from training.trainer import MixupTrainer

EPOCHS = 3


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny BERT checkpoint."""
    return str(save_tiny(tmp_path_factory.mktemp("backbone")))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Sixty sentences in two classes that a glance tells apart."""
    folder = tmp_path_factory.mktemp("data") / "animals"
    folder.mkdir()
    animals = ("rabbit", "turtle")
    for split, n in (("train", 40), ("dev", 10), ("test", 10)):
        lines = [
            json.dumps(
                {"text": f"the {animals[i % 2]} {'quickly ' * (i % 5)}crawled {i} {split}", "label": animals[i % 2]}
            )
            for i in range(n)
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return str(folder)


@pytest.fixture(scope="module")
def config(backbone: str, data: str) -> RunConfig:
    """A short run of amplify."""
    return RunConfig("amplify", data, backbone, epochs=EPOCHS, batch_size=8, learning_rate=1e-3)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, config: RunConfig) -> Path:
    """A runs folder with that run in it."""
    root = tmp_path_factory.mktemp("runs")
    train(config, root)
    return root


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
    total, warm = 5 * EPOCHS, math.ceil(0.1 * 5 * EPOCHS)
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


def _stop_in_epoch(number: int) -> Callable[[float, str, float | None], None]:
    def report(progress: float, _message: str, _left: float | None) -> None:
        if progress > (number - 1) / EPOCHS:
            raise KeyboardInterrupt

    return report


def test_an_interrupted_run_goes_on_from_its_last_epoch(
    config: RunConfig, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.trainer.REPORT_EVERY", 0.0)
    with pytest.raises(KeyboardInterrupt):
        train(config, tmp_path, report=_stop_in_epoch(3))
    (partial,) = find_runs(tmp_path)
    assert isinstance(partial, PartialRun)
    assert (partial.state, partial.message) == ("interrupted", "stopped by the user")
    assert not run_folder(tmp_path, config).exists()
    begun: list[float] = []
    train(config, tmp_path, report=lambda progress, _message, _left: begun.append(progress))
    assert min(begun) > 2 / EPOCHS
    lines = (run_folder(tmp_path, config) / "steps.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == list(range(1, 5 * EPOCHS + 1))
    whole = [json.loads(line) for line in (run_folder(root, config) / "steps.jsonl").read_text().splitlines()]
    assert [json.loads(line)["lam"] for line in lines] == [step["lam"] for step in whole]


@pytest.mark.parametrize("limit", [20_000, 60_000])
def test_a_full_disk_is_one_sentence_and_leaves_no_half_run(config: RunConfig, tmp_path: Path, limit: int) -> None:
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


def _trainer(mixup: Mixup, folder: Path, *, seed: int = 0) -> MixupTrainer:
    arguments = TrainingArguments(output_dir=str(folder), seed=seed, report_to="none", use_cpu=True)
    return MixupTrainer(model=prepare(tiny_model("bert")), args=arguments, mixup=mixup)


def test_evaluation_is_the_plain_models_bit_for_bit(tmp_path: Path) -> None:
    trainer = _trainer(Mixup("attention"), tmp_path)
    model: Any = trainer.model
    batch = {**padded_batch("bert"), "labels": torch.tensor([0, 1, 2, 0])}
    with torch.no_grad():
        loss, outputs = trainer.compute_loss(model.eval(), batch, return_outputs=True)
        plain = prepare(tiny_model("bert"))(**padded_batch("bert")).logits
    assert torch.equal(outputs.logits, plain)
    assert torch.equal(loss, torch.nn.functional.cross_entropy(plain, batch["labels"]))


def test_each_steps_draw_depends_on_the_seed_and_the_step_alone(tmp_path: Path) -> None:
    def lams(seed: int) -> list[float]:
        trainer = _trainer(Mixup("attention"), tmp_path, seed=seed)
        found = []
        for step in (0, 1, 1, 2):
            trainer.state.global_step = step
            found.append(float(torch.rand((), generator=trainer.generator())))
        return found

    assert lams(0) == lams(0)
    assert len({*lams(0), *lams(1)}) == 8


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
