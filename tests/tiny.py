"""Small things the tests build themselves: records with known numbers and tiny random models."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import BPE, Unigram, WordPiece
from tokenizers.pre_tokenizers import BertPreTokenizer, ByteLevel, Metaspace
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import BpeTrainer, UnigramTrainer, WordPieceTrainer
from torch import Tensor
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedTokenizerFast

from amplify_viz.attention import prepare
from amplify_viz.checkpoints import Checkpoint
from amplify_viz.records import AttentionRecord
from amplify_viz.text import map_tokens


def random_record(
    texts: tuple[str, ...] = ("the rabbit quickly hopped", "the turtle slowly crawled"),
    *,
    n_layers: int = 3,
    n_heads: int = 4,
    dim: int = 8,
    seed: int = 0,
    checkpoint: str = "amplify · seed 0",
) -> AttentionRecord:
    """A record of a made-up model whose tokenizer splits at white space, and long words once with ##.

    The laws of a record hold.
    """
    tokens, spans = ["[CLS]"], [(0, 0)]
    segments: list[int | None] = [None]
    for segment, text in enumerate(texts):
        position = 0
        for word in text.split():
            start = text.index(word, position)
            position = start + len(word)
            cuts = [start, start + 5, position] if len(word) > 7 else [start, position]
            for left, right in pairwise(cuts):
                tokens.append(text[left:right] if left == start else "##" + text[left:right])
                spans.append((left, right))
                segments.append(segment)
        tokens.append("[SEP]")
        spans.append((0, 0))
        segments.append(None)
    generator = torch.Generator().manual_seed(seed)
    n_tokens = len(tokens)
    shape = (n_layers, n_heads, n_tokens, dim)
    queries, keys, values = (2 * torch.randn(shape, generator=generator) for _ in range(3))
    scaling = torch.full((n_layers,), dim**-0.5)
    weights = (scaling[0] * queries @ keys.transpose(-1, -2)).softmax(dim=-1)
    token_map = map_tokens(tokens, spans, segments, texts)
    return AttentionRecord(
        checkpoint=checkpoint,
        texts=texts,
        cut=("",) * len(texts),
        token_ids=tuple(range(n_tokens)),
        **vars(token_map),
        weights=weights,
        mask=torch.zeros(n_layers, n_tokens, n_tokens),
        scaling=scaling,
        queries=queries,
        keys=keys,
        outputs=weights @ values,
        logits=torch.randn(2, generator=generator),
        label_names=("different", "paraphrase"),
    )


FAMILIES = ("bert", "distilbert", "roberta", "electra", "albert", "gpt2", "modernbert")
_TEXT = "the rabbit quickly hopped turtle slowly crawled animal street it was too tired a film old type"
_WORDS = _TEXT.split()
_SMALL = {
    "vocab_size": 400,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "num_labels": 3,
}
_OTHER = {
    "electra": {"embedding_size": 16},
    "albert": {"embedding_size": 16},
    "gpt2": {"bos_token_id": 1, "eos_token_id": 0, "n_inner": 48},
    "roberta": {"max_position_embeddings": 66},
    "modernbert": {
        "local_attention": 8,
        "global_attn_every_n_layers": 2,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "cls_token_id": 1,
        "sep_token_id": 2,
    },
}


def tiny_model(family: str, *, seed: int = 0, **settings: Any) -> Any:
    """A random three-layer, four-head classifier of a family, in evaluation mode, with transformers' own attention.

    Its weights are five times as large as usual, so that attention is far from uniform and logits from equal.
    """
    config = AutoConfig.for_model(family, **{**_SMALL, **_OTHER.get(family, {}), **settings})
    torch.manual_seed(seed)
    model = AutoModelForSequenceClassification.from_config(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1 and "embeddings" not in name:
                parameter.mul_(5)
    return model.eval()


def tiny_tokenizer(family: str) -> PreTrainedTokenizerFast:
    """A small fast tokenizer of the family's kind: WordPiece with pairs, or byte-level BPE."""
    byte_level = family in ("gpt2", "roberta", "modernbert")
    tokenizer = Tokenizer(BPE() if byte_level else WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False) if byte_level else BertPreTokenizer()
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    trainer: Any
    if byte_level:
        trainer = BpeTrainer(vocab_size=390, special_tokens=special, initial_alphabet=ByteLevel.alphabet())
    else:
        trainer = WordPieceTrainer(vocab_size=200, special_tokens=special)
    types = ["token_type_ids"] if family in ("bert", "electra", "albert") else []
    return _trained(tokenizer, trainer, special, frames=family != "gpt2", inputs=types)


def unigram_tokenizer() -> PreTrainedTokenizerFast:
    """A small tokenizer of the kind of ALBERT's, XLM-R's and T5's own: pieces of text by their likelihood."""
    tokenizer = Tokenizer(Unigram())
    tokenizer.pre_tokenizer = Metaspace()
    special = ["<pad>", "<s>", "</s>", "<unk>"]
    trainer = UnigramTrainer(vocab_size=80, special_tokens=special, unk_token="<unk>")
    return _trained(tokenizer, trainer, special)


def _trained(
    tokenizer: Tokenizer, trainer: Any, special: Sequence[str], *, frames: bool = True, inputs: Sequence[str] = ()
) -> PreTrainedTokenizerFast:
    """The tokenizer, trained; special: padding, beginning, end and unknown; frames: put each text between the two."""
    pad, first, last, unknown = special
    trainer.show_progress = False
    tokenizer.train_from_iterator([_TEXT] * 3 + _WORDS + list("abcdefghijklmnopqrstuvwxyz'-"), trainer)
    if frames:
        tokenizer.post_processor = TemplateProcessing(
            single=f"{first} $A {last}",
            pair=f"{first} $A {last} $B:1 {last}:1",
            special_tokens=[(first, 1), (last, 2)],
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=pad,
        cls_token=first,
        sep_token=last,
        unk_token=unknown,
        model_max_length=64,
        model_input_names=["input_ids", "attention_mask", *inputs],
    )


def tiny_checkpoint(family: str = "bert", *, seed: int = 0) -> Checkpoint:
    """A tiny model of a family, prepared, with its tokenizer."""
    model = prepare(tiny_model(family, seed=seed))
    return Checkpoint(f"tiny {family} {seed}", family, model, tiny_tokenizer(family), ("no", "yes", "maybe"), "")


def save_tiny(folder: Path, family: str = "bert", *, seed: int = 0, **settings: Any) -> Path:
    """The same as a Hugging Face checkpoint folder."""
    tiny_model(family, seed=seed, **settings).save_pretrained(folder)
    tiny_tokenizer(family).save_pretrained(folder)
    return folder


def padded_batch(family: str, *, seed: int = 1) -> dict[str, Tensor]:
    """Four rows of random token ids, padded on the right to twelve tokens."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.tensor([12, 9, 7, 11])
    mask = (torch.arange(12) < lengths[:, None]).long()
    ids = torch.randint(4, 200, (4, 12), generator=generator) * mask
    return {"input_ids": ids, "attention_mask": mask}
