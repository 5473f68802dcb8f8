"""A picture classifier with AMPLIFY, from class folders to a run folder."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoConfig, AutoModelForImageClassification
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

from amplify_viz import InputError, RunConfig, load
from tests.tiny_runs import save_pairs
from training.data import DataError, load_dataset
from training.data.images import Picture
from training.loop import train

SIZE = 16


def _picture(path: Path, *, bright: int, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 60, size=(20, 24, 3)) + bright
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def _class_folders(folder: Path, *, n: int = 20) -> Path:
    for label, bright in (("dark", 0), ("light", 190)):
        for i in range(n):
            _picture(folder / label / f"{i:02}.png", bright=bright, seed=i + bright)
    return folder


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    """Three epochs of a tiny ViT on forty small pictures."""
    scratch = tmp_path_factory.mktemp("pictures")
    small = AutoConfig.for_model(
        "vit",
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=48,
        image_size=SIZE,
        patch_size=8,
    )
    torch.manual_seed(0)
    AutoModelForImageClassification.from_config(small).save_pretrained(scratch / "tiny-vit")
    ViTImageProcessorPil(size={"height": SIZE, "width": SIZE}).save_pretrained(scratch / "tiny-vit")
    data = _class_folders(scratch / "brightness")
    return RunConfig("amplify", str(data), str(scratch / "tiny-vit"), epochs=3, batch_size=8, learning_rate=3e-3)


@pytest.mark.parametrize("method", ["amplify", "tmix"])
def test_a_vit_learns_from_class_folders(config: RunConfig, method: str, tmp_path: Path) -> None:
    run = train(replace(config, method=method), tmp_path)
    assert run.label_names == ("dark", "light")
    assert run.metrics["test"]["accuracy"] == 1.0
    assert run.details["data"]["rows"] == {"train": 32, "dev": 4, "test": 4}
    assert run.details["max_tokens"] is None
    assert "held out as test" in " ".join(run.details["data"]["notes"])
    model = AutoModelForImageClassification.from_pretrained(run.folder)
    assert model.config.id2label == {0: "dark", 1: "light"}
    assert (run.folder / "preprocessor_config.json").is_file()
    losses = [json.loads(line)["loss"] for line in (run.folder / "steps.jsonl").read_text().splitlines()]
    assert losses[-1] < losses[0]


def test_sites_that_a_vit_lacks_are_refused(config: RunConfig, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'post-layernorm' is not known in the family 'vit'"):
        train(replace(config, method="amplify-postln"), tmp_path)


def test_text_settings_do_not_reach_pictures(config: RunConfig) -> None:
    with pytest.raises(InputError, match="noise=delete is about words, these data are pictures"):
        load_dataset(replace(config, noise="delete", noise_share=0.1))
    flipped = load_dataset(replace(config, noise="flip", noise_share=0.2))
    assert all(isinstance(row, Picture) for row in flipped.splits["train"])


def test_padding_cannot_be_kept_where_there_is_none(config: RunConfig, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="amplify-padaware keeps padding as it is, pictures have none"):
        train(replace(config, method="amplify-padaware"), tmp_path)


def test_a_text_data_set_may_have_pictures_beside_it(config: RunConfig, tmp_path: Path) -> None:
    folder = save_pairs(tmp_path / "animals")
    _picture(folder / "plots" / "loss.png", bright=0, seed=0)
    _picture(folder / "figures" / "loss.png", bright=0, seed=0)
    assert load_dataset(replace(config, data=str(folder))).label_names == ("rabbit", "turtle")


def test_columns_of_pictures_are_refused(config: RunConfig) -> None:
    with pytest.raises(DataError, match="holds pictures; leave them out"):
        load_dataset(replace(config, text_column="words"))


def test_the_attention_views_say_that_they_read_text(config: RunConfig) -> None:
    with pytest.raises(InputError, match="classifies pictures: give a text classifier"):
        load(config.backbone)


def test_folders_by_split_are_used_as_they_are(config: RunConfig, tmp_path: Path) -> None:
    for split, n in (("train", 6), ("val", 3), ("test", 2)):
        _class_folders(tmp_path / "split" / split, n=n)
    data = load_dataset(replace(config, data=str(tmp_path / "split")))
    assert {split: len(rows) for split, rows in data.splits.items()} == {"train": 12, "dev": 6, "test": 4}
    assert data.facts["leaks"]["train/test"] == 4, "the same pixels are in train and test"


def test_the_hash_is_of_the_pixels_and_not_of_the_names(config: RunConfig, tmp_path: Path) -> None:
    folder = _class_folders(tmp_path / "brightness")
    assert load_dataset(replace(config, data=str(folder))).hashes == load_dataset(config).hashes
    _picture(folder / "dark" / "00.png", bright=5, seed=99)
    assert load_dataset(replace(config, data=str(folder))).hashes != load_dataset(config).hashes


def test_what_is_no_picture_is_named(config: RunConfig, tmp_path: Path) -> None:
    folder = _class_folders(tmp_path / "brightness", n=3)
    (folder / "dark" / "01.png").write_text("no pixels")
    with pytest.raises(DataError, match=r"dark/01.png is not .*; replace or remove it"):
        load_dataset(replace(config, data=str(folder)))


def test_one_class_is_refused(config: RunConfig, tmp_path: Path) -> None:
    _picture(tmp_path / "only" / "dark" / "1.png", bright=0, seed=0)
    with pytest.raises(DataError, match=r"two classes or more, but .* has 1 folders with pictures"):
        load_dataset(replace(config, data=str(tmp_path / "only")))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (os.fsdecode(b"d\xe4mmerig"), r"A class folder's name is UTF-8, .* 'd\\udce4mmerig' in .* is not; rename it"),
        ("x" * 201, r"A label has at most 200 characters, but the class folder 'x{40}'… in .* has 201; rename it"),
    ],
)
def test_a_class_folder_whose_name_can_be_no_label_is_refused(
    name: str, message: str, config: RunConfig, tmp_path: Path
) -> None:
    folder = _class_folders(tmp_path / "brightness", n=3)
    _picture(folder / name / "1.png", bright=100, seed=0)
    with pytest.raises(DataError, match=message) as caught:
        load_dataset(replace(config, data=str(folder)))
    assert str(caught.value).encode()


def test_a_length_in_tokens_is_refused_for_pictures(config: RunConfig, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="max_length is about texts, these data are pictures, got 64: leave it out"):
        train(replace(config, max_length=64), tmp_path)


def test_pictures_with_a_text_backbone_are_one_sentence(config: RunConfig, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a checkpoint that transformers can load"):
        train(replace(config, backbone="minilm"), tmp_path)
