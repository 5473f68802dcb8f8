"""The CPU's work in a step of `none` and of `amplify`, against a bare loop of the same model: a fast GPU waits for it.

The tensors are so small that hardly anything but the giving out of work is measured, which is the same for large ones.
`bench_gpu` measures the whole, where there is a GPU.
"""

import time
from collections.abc import Iterator
from functools import partial

import torch
from transformers import BertConfig

from benchmarks.bench_gpu import MEASURED, SHARE, stepper
from benchmarks.measure import Result, interleaved, report

BATCH, TOKENS, WIDTH, HEADS = 4, 4, 12, 3


def main() -> None:
    """Measures models of the bundled backbone's depth and of BERT-base's, in bf16."""
    torch.set_num_threads(1)
    report(_results())


def _results() -> Iterator[Result]:
    for n_layers in (6, 12):
        config = BertConfig(
            num_hidden_layers=n_layers,
            hidden_size=WIDTH,
            num_attention_heads=HEADS,
            intermediate_size=2 * WIDTH,
            vocab_size=100,
        )
        step = stepper(config, "cpu", batch=BATCH, tokens=TOKENS)
        for method in MEASURED:
            ratio = interleaved(partial(step, method), partial(step, None), repeats=60, clock=time.process_time)
            yield Result(f"work of the CPU in a step, {n_layers} layers, {method} / bare loop", ratio, 1 / SHARE)


if __name__ == "__main__":
    main()
