"""A run on each family of backbones: it trains, loads, and its attention can be recorded."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification

from amplify_viz import InputError, RunConfig, capture, load
from amplify_viz.checkpoints import locate
from amplify_viz.runs import partial_folder, read_partial, read_run
from tests.tiny import FAMILIES, save_tiny, tiny_model, tiny_tokenizer
from tests.tiny_runs import save_pairs
from training.__main__ import main
from training.backbone import prepared
from training.data import load_dataset
from training.grid import _checked
from training.loop import train
from training.queue import train_queued
from training.state import queue

WITHOUT_POST_LAYERNORM = ("gpt2", "modernbert")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Sentence pairs of different lengths, so that batches are padded."""
    return str(save_pairs(tmp_path_factory.mktemp("data") / "animals", n_train=24))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("method", ["amplify-padaware", "tmix"])
def test_each_family_trains_and_shows_its_attention(family: str, method: str, data: str, tmp_path: Path) -> None:
    backbone = save_tiny(tmp_path / f"tiny-{family}", family)
    run = train(RunConfig(method, data, str(backbone), epochs=1, batch_size=8, learning_rate=1e-3), tmp_path / "runs")
    checkpoint = load(run.folder)
    assert checkpoint.model.config.model_type == family
    assert checkpoint.model.config.pad_token_id == checkpoint.tokenizer.pad_token_id
    record = capture(checkpoint, "the rabbit hopped", "the turtle crawled")
    assert record.weights.shape[:2] == (3, 4)
    assert record.label_names == ("rabbit", "turtle")


@pytest.mark.parametrize("family", FAMILIES)
def test_post_layernorm_is_mixed_where_the_family_has_it(family: str, data: str, tmp_path: Path) -> None:
    backbone = save_tiny(tmp_path / f"tiny-{family}", family)
    config = RunConfig("amplify-postln", data, str(backbone), epochs=1, batch_size=8)
    if family in WITHOUT_POST_LAYERNORM:
        with pytest.raises(InputError, match=f"'post-layernorm' is not known in the family '{family}'"):
            train(config, tmp_path / "runs")
    else:
        assert train(config, tmp_path / "runs").details["steps"] == 3


def test_a_layer_that_the_backbone_lacks_is_an_error_before_any_step(data: str, tmp_path: Path) -> None:
    config = RunConfig("amplify", data, str(save_tiny(tmp_path / "tiny")), epochs=1, layers="2-4")
    with pytest.raises(InputError, match="Layers go from 1 to 3 in this bert, got 4"):
        train(config, tmp_path / "runs")


def test_named_layers_scale_to_the_depth(data: str, tmp_path: Path) -> None:
    config = RunConfig("amplify", data, str(save_tiny(tmp_path / "tiny")), epochs=1, batch_size=8, layers="early,last")
    assert train(config, tmp_path / "runs").details["config"]["layers"] == "early,last"


@pytest.mark.parametrize("stored", [torch.bfloat16, torch.float16])
def test_a_backbone_stored_in_half_precision_learns_in_float32(stored: torch.dtype, data: str, tmp_path: Path) -> None:
    half, whole = tmp_path / "half" / "tiny", tmp_path / "whole" / "tiny"
    tiny_model("bert").to(stored).save_pretrained(half)
    AutoModelForSequenceClassification.from_pretrained(half, dtype=torch.float32).save_pretrained(whole)
    tokenizer = tiny_tokenizer("bert")  # one of both: two trained alike may break ties otherwise
    for folder in (half, whole):
        tokenizer.save_pretrained(folder)
    found = [
        train(
            RunConfig("amplify", data, str(backbone), epochs=1, batch_size=8), tmp_path / backbone.parent.name / "runs"
        )
        for backbone in (half, whole)
    ]
    assert {tensor.dtype for tensor in load_file(found[0].folder / "model.safetensors").values()} == {torch.float32}
    assert found[0].weights_sha256 == found[1].weights_sha256


@pytest.mark.parametrize("family", FAMILIES)
def test_a_backbone_that_has_learned_the_same_number_of_labels_gets_a_new_classifier(
    family: str, data: str, tmp_path: Path
) -> None:
    backbone = save_tiny(tmp_path / "tiny", family, num_labels=2, problem_type="multi_label_classification")
    old = load_file(backbone / "model.safetensors")

    def first_weights(method: str, seed: int) -> dict[str, torch.Tensor]:
        config = RunConfig(method, data, str(backbone), seed=seed)
        model = prepared(config, locate(backbone), load_dataset(config)).model
        assert model.config.problem_type == "single_label_classification"
        return dict(model.state_dict())

    none, amplify, other = first_weights("none", 0), first_weights("amplify", 0), first_weights("amplify", 1)
    assert all(torch.equal(none[name], amplify[name]) for name in none)
    base = f"{tiny_model(family).base_model_prefix}."
    matrices = [name for name, weight in old.items() if not name.startswith(base) and weight.dim() == 2]
    assert matrices
    assert not any(torch.equal(none[name], old[name]) or torch.equal(none[name], other[name]) for name in matrices)
    assert all(torch.equal(none[name], weight) for name, weight in old.items() if name.startswith(base))


def test_a_run_on_a_backbone_of_several_labels_at_once_is_of_one(data: str, tmp_path: Path) -> None:
    backbone = save_tiny(tmp_path / "tiny", num_labels=2, problem_type="multi_label_classification")
    run = train(RunConfig("none", data, str(backbone), epochs=1, batch_size=8), tmp_path / "runs")
    record = capture(load(run.folder), "the rabbit hopped", "the turtle crawled")
    assert not record.multi_label
    assert record.probabilities is not None and float(record.probabilities.sum()) == pytest.approx(1)


_ACTING_ON_NOTHING = [
    ({"dev_share": 0.2}, r"the data have a dev split, got dev_share=0\.2: leave --dev-share out"),
    ({"max_length": 65}, "this backbone reads at most 64 tokens, got max_length=65: give at most 64"),
]


@pytest.mark.parametrize(("settings", "message"), _ACTING_ON_NOTHING)
def test_a_setting_that_acts_on_nothing_is_refused_before_any_step(
    settings: dict[str, Any], message: str, config: RunConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = replace(config, **settings)
    options = [word for name, value in settings.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    command = ["run", "--data", config.data, "--backbone", config.backbone, *options, "--runs", str(tmp_path)]
    assert main(command) == 2
    assert re.search(message, capsys.readouterr().err)
    queue(given, tmp_path)
    with pytest.raises(InputError, match=message):
        train_queued(partial_folder(tmp_path, given), tmp_path, reporting=lambda _config: lambda *_: None)
    found = read_partial(partial_folder(tmp_path, given))
    assert found.state == "failed" and re.search(message, found.message), "the page Train shows it"
    assert not list(tmp_path.rglob("steps.jsonl"))


@pytest.mark.parametrize("settings", [settings for settings, _ in _ACTING_ON_NOTHING])
def test_what_an_earlier_version_has_begun_with_it_goes_on_and_what_it_has_ended_is_found(
    settings: dict[str, Any], config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(progress: float, _message: str, _left: float | None) -> None:
        if progress > 0.5:
            raise KeyboardInterrupt

    given = replace(config, epochs=2, **settings)
    monkeypatch.setattr("training.reporting.REPORT_EVERY", 0.0)
    with monkeypatch.context() as earlier, pytest.raises(KeyboardInterrupt):
        earlier.setattr("training.loop.check_acts", lambda *_: None)
        train(given, tmp_path, report=stop)
    run = train(given, tmp_path)
    assert train(given, tmp_path).created == run.created
    assert [cell.state for cell in _checked([given], {tmp_path: read_run})] == ["skipped"]


def test_the_settings_that_act_are_allowed_and_what_was_read_is_recorded(config: RunConfig, tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    rows = [path.read_text(encoding="utf-8") for path in sorted(Path(config.data).iterdir())]
    data.write_text("\n".join(rows), encoding="utf-8")
    run = train(replace(config, data=str(data), dev_share=0.2, max_length=12, epochs=1), tmp_path / "runs")
    assert (run.details["data"]["rows"]["dev"], run.details["max_tokens"]) == (9, 12)
    assert train(replace(config, max_length=64, epochs=1), tmp_path / "runs").details["max_tokens"] == 64
