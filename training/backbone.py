"""A backbone with a new classifier, and a data set as that model reads it.

Public names: `Prepared`, `Rows`, `prepared`, `check_acts`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import (
    AutoImageProcessor,
    AutoModelForImageClassification,
    AutoModelForSequenceClassification,
    DataCollatorWithPadding,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    default_data_collator,
    set_seed,
)

from amplify_viz import InputError, RunConfig, prepare
from amplify_viz.checkpoints import Source, load_tokenizer, max_tokens
from amplify_viz.quiet import reading
from training.data import Dataset, Example
from training.data.images import Picture, open_picture


class Rows(torch.utils.data.Dataset[dict[str, Any]]):
    """A split as a model reads it, a dict a row; labels and lengths are known without reading any."""

    def __init__(self, read: Callable[[int], dict[str, Any]], labels: Sequence[int], lengths: Sequence[int]) -> None:
        self._read, self.labels, self.lengths = read, list(labels), list(lengths)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> dict[str, Any]:
        return {**self._read(i), "labels": self.labels[i]}

    def by_length(self) -> list[int]:
        """Positions of the rows from long to short, so that a batch needs little padding."""
        return sorted(range(len(self)), key=lambda i: -self.lengths[i])

    def at(self, order: Sequence[int]) -> "Rows":
        """The rows at these positions, in this order."""
        labels, lengths = ([values[i] for i in order] for values in (self.labels, self.lengths))
        return Rows(lambda i: self._read(order[i]), labels, lengths)


@dataclass(frozen=True)
class Prepared:
    """What a Trainer needs: model, processing (saved beside the weights), collator, and each split's rows.

    max_tokens: how many of a text's tokens are read, None for pictures.
    """

    model: PreTrainedModel
    processing: Any
    collator: Any
    splits: Mapping[str, Rows]
    max_tokens: int | None = None


def prepared(config: RunConfig, source: Source, data: Dataset) -> Prepared:
    """Returns the backbone of a source, with a classifier for the data's labels, and the data as it reads them.

    It learns in float32 whatever type its weights are stored in; one label of each row holds.  The classifier is a new one
    even where the source has one, and its first weights depend on the seed alone: they are the same for every method.
    Raises InputError where the source cannot be loaded, cannot be mixed, or reads text where the data are pictures, or the
    other way round.
    """
    pictures = isinstance(data.splits["train"][0], Picture)
    if pictures and config.mixup.padding == "keep":
        raise InputError(
            f"{config.method} keeps padding as it is, pictures have none: use amplify, which does the same there."
        )
    kind: Any = AutoModelForImageClassification if pictures else AutoModelForSequenceClassification
    names = dict(enumerate(data.label_names))
    with reading(source.where, config.backbone):
        set_seed(config.seed)
        model = kind.from_pretrained(
            source.where,
            num_labels=len(names),
            id2label=names,
            label2id={name: number for number, name in names.items()},
            problem_type="single_label_classification",
            dtype=torch.float32,
            disable_mmap=True,  # or what is learned would change with the file
            use_safetensors=True,
            trust_remote_code=False,
            ignore_mismatched_sizes=True,
        )
        if _has_learned_labels(model.config):
            _renew_classifier(model, kind, seed=config.seed)
        processing: Any = AutoImageProcessor.from_pretrained(source.where) if pictures else load_tokenizer(source.where)
    if pictures:
        splits = {split: _read_pictures(rows, processing) for split, rows in data.splits.items()}
        return Prepared(prepare(model), processing, default_data_collator, splits)
    model.config.pad_token_id = processing.pad_token_id
    n_tokens = min(config.max_length, max_tokens(model.config, processing))
    splits = {split: _read_texts(rows, processing, n_tokens) for split, rows in data.splits.items()}
    return Prepared(prepare(model), processing, DataCollatorWithPadding(processing), splits, n_tokens)


def check_acts(config: RunConfig, data: Dataset, max_tokens: int | None) -> None:
    """Raises InputError for a setting that acts on nothing: the run would be another's, misnamed.

    max_tokens: as Prepared has it.  A default may be over what the backbone reads.
    """
    if "dev_share" in config.changed and "dev" not in data.held_out:
        raise InputError(
            f"dev_share is held out where there is no dev split, the data have a dev split, got dev_share={config.dev_share:g}: "
            f"leave --dev-share out."
        )
    if "max_length" not in config.changed:
        return
    if max_tokens is None:
        raise InputError(f"max_length is about texts, these data are pictures, got {config.max_length}: leave it out.")
    if max_tokens < config.max_length:
        raise InputError(
            f"A text is cut to max_length, this backbone reads at most {max_tokens} tokens, got "
            f"max_length={config.max_length}: give at most {max_tokens}."
        )


def _has_learned_labels(config: PreTrainedConfig) -> bool:
    return any("Classification" in architecture for architecture in config.architectures or ())


def _renew_classifier(model: PreTrainedModel, kind: Any, *, seed: int) -> None:
    """Gives all that stands on the base model the first weights of a model without a past."""
    set_seed(seed)
    fresh = kind.from_config(model.config, dtype=torch.float32)
    for name, part in model.named_children():
        if part is not model.base_model:
            part.load_state_dict(fresh.get_submodule(name).state_dict())


def _read_texts(rows: Sequence[Example], tokenizer: PreTrainedTokenizerFast, n_tokens: int) -> Rows:
    """Token ids, cut to n_tokens: padding comes with the batch."""
    encoded = tokenizer(
        [row.text for row in rows],
        [row.text_pair or "" for row in rows] if rows[0].text_pair is not None else None,
        truncation=True,
        max_length=n_tokens,
    )
    names = list(encoded.keys())
    lengths = [len(ids) for ids in encoded["input_ids"]]
    return Rows(lambda i: {name: encoded[name][i] for name in names}, [row.label for row in rows], lengths)


def _read_pictures(rows: Sequence[Example], processor: Any) -> Rows:
    """Pixels as the processor makes them, read when they are needed."""
    paths = [row.path for row in rows if isinstance(row, Picture)]

    def pixels(i: int) -> dict[str, Any]:
        return {"pixel_values": processor(open_picture(paths[i]), return_tensors="pt")["pixel_values"][0]}

    return Rows(pixels, [row.label for row in rows], [1] * len(rows))
