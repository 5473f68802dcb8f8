"""A backbone with a new classifier, its tokenizer, and a data set as that model reads it.

Public names: `Prepared`, `prepared`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transformers import (
    AutoModelForSequenceClassification,
    DataCollatorWithPadding,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    set_seed,
)

from amplify_viz import RunConfig, prepare
from amplify_viz.checkpoints import Source, load_tokenizer, max_tokens, reading
from training.data import Dataset, Example


@dataclass(frozen=True)
class Prepared:
    """What a Trainer needs: model, processing (saved beside the weights), collator, and each split's rows as dicts."""

    model: PreTrainedModel
    processing: Any
    collator: Any
    splits: Mapping[str, list[dict[str, Any]]]


def prepared(config: RunConfig, source: Source, data: Dataset) -> Prepared:
    """Returns the backbone of a source, with a classifier for the data's labels, and the data as it reads them.

    The classifier's first weights depend on the seed alone: they are the same for every method.  Raises InputError where the
    source cannot be loaded or cannot be mixed.
    """
    names = dict(enumerate(data.label_names))
    with reading(source.where, config.backbone):
        set_seed(config.seed)
        model = AutoModelForSequenceClassification.from_pretrained(
            source.where,
            num_labels=len(names),
            id2label=names,
            label2id={name: number for number, name in names.items()},
            use_safetensors=True,
            trust_remote_code=False,
            ignore_mismatched_sizes=True,
        )
        tokenizer = load_tokenizer(source.where)
    model.config.pad_token_id = tokenizer.pad_token_id
    n_tokens = min(config.max_length, max_tokens(model.config, tokenizer))
    splits = {split: _tokens(rows, tokenizer, n_tokens) for split, rows in data.splits.items()}
    return Prepared(prepare(model), tokenizer, DataCollatorWithPadding(tokenizer), splits)


def _tokens(rows: Sequence[Example], tokenizer: PreTrainedTokenizerFast, n_tokens: int) -> list[dict[str, Any]]:
    """One dict a row, cut to n_tokens: padding comes with the batch."""
    encoded = tokenizer(
        [row.text for row in rows],
        [row.text_pair or "" for row in rows] if rows[0].text_pair is not None else None,
        truncation=True,
        max_length=n_tokens,
    )
    names = list(encoded.keys())
    return [{**{name: encoded[name][i] for name in names}, "labels": row.label} for i, row in enumerate(rows)]
