"""A training step of each method against one of `none`, in time and in memory: the same batches, SDPA in all."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, BatchEncoding

from amplify_viz import METHODS, RunConfig, mixing, prepare
from amplify_viz.checkpoints import bundled_folder, load_tokenizer
from benchmarks.measure import Result, interleaved, report
from training.data import read_dataset
from training.measure import memory_watch

BATCH = RunConfig().batch_size
TIME, MEMORY = 1.03, 1.05
MIXING = [name for name, mixup in METHODS.items() if mixup.site != "none"]

Batch = tuple[BatchEncoding, torch.Tensor]


def main() -> None:
    """Measures forward, backward and optimiser of the bundled backbone on batches of 32 pairs.

    One model takes the steps of both sides in turn: where two models happen to lie in memory makes three percent.
    """
    report(_results())


def _results() -> Iterator[Result]:
    step = _stepper(_batches())
    for method in MIXING:
        ratio = interleaved(partial(step, method), partial(step, "none"), repeats=40)
        yield Result(f"time of a step, {method} / none", ratio, TIME)
    least = _peak_in_own_process("none")
    for method in MIXING:
        yield Result(f"memory of a step, {method} / none", _peak_in_own_process(method) / least, MEMORY)


def _batches() -> list[Batch]:
    rows = read_dataset("roles").splits["train"][: 4 * BATCH]
    tokenizer = load_tokenizer(str(bundled_folder()))
    return [
        (
            tokenizer(
                [row.text for row in part], [row.text_pair or "" for row in part], padding=True, return_tensors="pt"
            ),
            torch.tensor([row.label for row in part]),
        )
        for part in (rows[i : i + BATCH] for i in range(0, len(rows), BATCH))
    ]


def _stepper(batches: list[Batch]) -> Callable[[str], None]:
    """One step of a method on the next of its batches."""
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(bundled_folder(), num_labels=2)
    model = prepare(model).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)
    generator = torch.Generator().manual_seed(0)
    taken: Counter[str] = Counter()

    def step(method: str) -> None:
        features, labels = batches[taken[method] % len(batches)]
        taken[method] += 1
        mix = METHODS[method].draw(len(labels), generator)
        with mixing(model, mix):
            logits = model(**features).logits
        mix.loss(logits, labels).backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


def _peak_in_own_process(method: str) -> float:
    """10⁶ bytes that a process held at most during six steps."""
    command = [sys.executable, "-m", "benchmarks.bench_training_step", method]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    return float(json.loads(done.stdout.splitlines()[-1]))


def _print_peak(method: str) -> None:
    step = _stepper(_batches())
    step(method)
    with memory_watch() as memory:
        for _ in range(5):
            step(method)
    print(json.dumps(memory.peak_mb))


if __name__ == "__main__":
    _print_peak(sys.argv[1]) if len(sys.argv) > 1 else main()
