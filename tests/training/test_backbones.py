"""A run on each family of backbones: it trains, loads, and its attention can be recorded."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification

from amplify_viz import InputError, RunConfig, capture, load
from amplify_viz.checkpoints import locate
from tests.tiny import FAMILIES, save_tiny, tiny_model, tiny_tokenizer
from tests.tiny_runs import save_pairs
from training.backbone import prepared
from training.data import load_dataset
from training.loop import train

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
