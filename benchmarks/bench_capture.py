"""`av.capture` against the bare eager forward with `output_attentions=True`, at 128 tokens; tokenising outside both."""

import copy
import dataclasses
from math import sqrt
from typing import Any
from unittest.mock import patch

import torch
from transformers import AutoConfig, AutoModel, BatchEncoding

from amplify_viz import Checkpoint, capture, load, prepare
from benchmarks.measure import Result, interleaved, report

N_TOKENS = 128
TEXT = "the rabbit quickly hopped over the old street because it was tired " * 12


def main() -> None:
    """Measures the bundled backbone, and a random BERT of 12 layers with 12 heads."""
    bundled = load("minilm")
    config = AutoConfig.for_model("bert")
    torch.manual_seed(0)
    large = dataclasses.replace(bundled, model=prepare(AutoModel.from_config(config)).eval())
    report(
        [
            Result("capture / bare eager forward, bundled backbone", _ratio(bundled), 1.15),
            Result("capture / bare eager forward, 12 layers × 12 heads", _ratio(large), 1.15),
        ]
    )


def _ratio(checkpoint: Checkpoint) -> float:
    """Both models take both sides: where one happens to lie in memory makes some percent."""
    twin = dataclasses.replace(checkpoint, model=copy.deepcopy(checkpoint.model))
    return sqrt(_one_way(checkpoint, twin.model) * _one_way(twin, checkpoint.model))


def _one_way(checkpoint: Checkpoint, peer: Any) -> float:
    encoded: BatchEncoding = checkpoint.tokenizer([TEXT], truncation=True, max_length=N_TOKENS)
    inputs = {name: torch.tensor(encoded[name]) for name in checkpoint.tokenizer.model_input_names}
    peer.set_attn_implementation("eager")

    def ours() -> None:
        capture(checkpoint, TEXT)

    def bare() -> object:
        with torch.inference_mode():
            return peer(**inputs, output_attentions=True).attentions[0]

    def ready(_self: Checkpoint, _texts: object) -> BatchEncoding:
        return encoded

    with patch.object(Checkpoint, "encode", ready):
        if capture(checkpoint, TEXT).n_tokens != N_TOKENS or bare() is None:
            raise RuntimeError("The two sides must see the same 128 tokens, and the peer must return its attentions.")
        ratio = interleaved(ours, bare, repeats=40)
    prepare(peer)
    return ratio


if __name__ == "__main__":
    main()
