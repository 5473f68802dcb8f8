"""The numbers of one text the slow way: captured alone, measured by the functions of `statistics`, or by scipy."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from amplify_viz.checkpoints import Checkpoint
from amplify_viz.reading.columns import Input
from amplify_viz.records import AttentionRecord, capture
from amplify_viz.statistics import (
    attention_distance,
    jensen_shannon,
    mean_absolute_difference,
    mean_entropy,
    share_across,
    share_on,
)
from amplify_viz.statistics.similarity import linear_cka, mean_cosine
from tests.tiny import save_tiny, tiny_checkpoint

TEXT = "the rabbit quickly hopped turtle slowly crawled animal street it was too tired a film old type"


def some_inputs(n: int, *, pairs: bool = True, longest: int = 20, seed: int = 0) -> list[Input]:
    """Made-up texts of very different lengths."""
    generator = np.random.default_rng(seed)

    def text() -> str:
        return " ".join(generator.choice(TEXT.split(), size=generator.integers(1, longest + 1)))

    return [(text(), text() if pairs else None) for _ in range(n)]


def captured(checkpoint: Checkpoint, inputs: Sequence[Input]) -> list[AttentionRecord]:
    return [capture(checkpoint, text, pair) for text, pair in inputs]


def of_one(record: AttentionRecord) -> dict[str, torch.Tensor]:
    """Each measure of one checkpoint, [layer, head]."""
    special = [token for token, segment in enumerate(record.segments) if segment is None]
    return {
        "entropy": mean_entropy(record.weights),
        "distance": attention_distance(record.weights),
        "share_special": share_on(record.weights, special),
        "share_across": share_across(record.weights, record.segments),
        "output_norm": record.outputs.norm(dim=-1).mean(dim=-1),
    }


def of_two(a: AttentionRecord, b: AttentionRecord) -> dict[str, torch.Tensor]:
    """Each measure of two checkpoints, [layer, head] or [layer]."""
    x, y = (record.outputs.transpose(1, 2).flatten(2) for record in (a, b))
    return {
        "mean_absolute_difference": mean_absolute_difference(a.weights, b.weights),
        "jensen_shannon": jensen_shannon(a.weights, b.weights),
        "cosine": mean_cosine(x, y),
        "linear_cka": linear_cka(x, y),
    }


def two_checkpoints(family: str = "bert") -> list[Checkpoint]:
    """Two tiny models with one tokenizer: training one again may give another."""
    first, second = (tiny_checkpoint(family, seed=seed) for seed in (0, 1))
    return [first, replace(second, tokenizer=first.tokenizer)]


def save_seeds(folder: Path, n: int) -> list[Path]:
    """Folders of tiny models that differ in their seed alone."""
    folders = [save_tiny(folder / f"seed{seed}", seed=seed) for seed in range(n)]
    for one in folders[1:]:
        shutil.copy(folders[0] / "tokenizer.json", one)
    return folders
