"""A run on each family of backbones: it trains, loads, and its attention can be recorded."""

from pathlib import Path

import pytest

from amplify_viz import InputError, RunConfig, capture, load
from tests.tiny import FAMILIES, save_tiny
from tests.tiny_runs import save_pairs
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
