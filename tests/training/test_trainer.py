"""The Trainer beneath a run: plain evaluation, draws by step, one device."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import TrainingArguments

from amplify_viz import METHODS, InputError, Mixup, RunConfig, prepare
from tests.tiny import padded_batch, tiny_model
from training.measure import accuracy
from training.trainer import MixupTrainer, OneDevice


def test_one_device_is_used_however_many_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, n_devices in ((TrainingArguments, 4), (OneDevice, 1)):
        arguments = kind(output_dir=str(tmp_path), per_device_train_batch_size=8, report_to="none", use_cpu=True)
        monkeypatch.setattr(arguments, "_n_gpu", 4)
        assert (arguments.n_gpu, arguments.train_batch_size) == (n_devices, 8 * n_devices)


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


def test_several_gpus_in_one_process_are_refused_by_name(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrainingArguments, "n_gpu", 2)
    arguments = TrainingArguments(str(tmp_path), use_cpu=True, report_to="none")
    with pytest.raises(InputError, match="over 2 GPUs in threads, which no mix reaches: give it OneDevice"):
        MixupTrainer(prepare(tiny_model("bert")), arguments)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_labels": 1}, "num_labels=1 and problem_type=None"),
        ({"problem_type": "multi_label_classification"}, "problem_type='multi_label_classification'"),
        ({"problem_type": "regression"}, "problem_type='regression'"),
    ],
)
def test_a_task_without_one_label_a_row_is_refused(settings: dict[str, Any], message: str, tmp_path: Path) -> None:
    arguments = OneDevice(str(tmp_path), use_cpu=True, report_to="none")
    with pytest.raises(InputError, match=message):
        MixupTrainer(prepare(tiny_model("bert", **settings)), arguments)


def test_smoothing_is_asked_of_the_mixup_not_of_the_arguments(tmp_path: Path) -> None:
    arguments = OneDevice(str(tmp_path), use_cpu=True, report_to="none", label_smoothing_factor=0.1)
    with pytest.raises(InputError, match=r"smoothed by the mixup, got label_smoothing_factor=0\.1"):
        MixupTrainer(prepare(tiny_model("bert")), arguments)


def test_a_loss_of_the_callers_own_is_refused_not_ignored(tmp_path: Path) -> None:
    arguments = OneDevice(str(tmp_path), use_cpu=True, report_to="none")
    with pytest.raises(InputError, match=r"got a compute_loss_func, .* with `mixing` and `mix.loss`, or use Trainer"):
        MixupTrainer(prepare(tiny_model("bert")), arguments, compute_loss_func=lambda *_, **__: torch.tensor(0.0))


def test_a_method_that_does_not_exist_is_told_those_that_do(tmp_path: Path) -> None:
    arguments = OneDevice(str(tmp_path), use_cpu=True, report_to="none")
    with pytest.raises(InputError, match=f"one of {', '.join(METHODS)}, got 'foo'"):
        MixupTrainer(prepare(tiny_model("bert")), arguments, mixup="foo")


def _labelled(folder: Path, rows: list[dict[str, Any]], **settings: Any) -> MixupTrainer:
    arguments = OneDevice(
        str(folder), use_cpu=True, report_to="none", save_strategy="no", disable_tqdm=True, **settings
    )
    return MixupTrainer(
        prepare(tiny_model("bert")),
        arguments,
        train_dataset=rows,
        eval_dataset=rows,
        compute_metrics=accuracy,
    )


@pytest.mark.filterwarnings("ignore:'pin_memory' argument")
def test_labels_are_read_under_the_name_that_the_arguments_give_them(tmp_path: Path) -> None:
    def trained(name: str, **settings: Any) -> tuple[dict[str, torch.Tensor], dict[str, float]]:
        rows = [{"input_ids": [5, 6, 7 + i], "attention_mask": [1, 1, 1], name: i % 3} for i in range(8)]
        trainer = _labelled(tmp_path, rows, num_train_epochs=1, **settings)
        seen: list[bool] = []
        model: Any = trainer.model
        model.register_forward_pre_hook(
            lambda _module, _args, given: seen.append({name, "labels"} & set(given) == set()), with_kwargs=True
        )
        trainer.train()
        found = trainer.evaluate()
        assert seen and all(seen), "the model gets no labels"
        return model.state_dict(), {key: found[key] for key in ("eval_loss", "eval_accuracy")}

    (weights, found), (others, expected) = trained("target", label_names=["target"]), trained("labels")
    assert found == expected
    assert all(torch.equal(weights[name], others[name]) for name in others)


@pytest.mark.parametrize("names", [[], ["labels", "others"]])
def test_labels_under_no_one_name_are_refused(names: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"under one name, got label_names=\[.*\]: give TrainingArguments the one"):
        _labelled(tmp_path, [], label_names=names)


@pytest.mark.filterwarnings("ignore:'pin_memory' argument")
def test_a_batch_without_its_labels_is_one_sentence(tmp_path: Path) -> None:
    rows = [{"input_ids": [5, 6, 7], "attention_mask": [1, 1, 1], "labels": 0}] * 4
    with pytest.raises(InputError, match=r"labels under 'target', this one has .*labels.*: give the rows that column"):
        _labelled(tmp_path, rows, label_names=["target"]).train()
