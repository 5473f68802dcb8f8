"""Two checkpoints over a whole test set with all measures: time, memory, workers and a second look.

    python -m benchmarks.bench_statistics ../shared/datasets/mrpc

The data are a file or folder of splits of sentence pairs (its test split), by default the built-in ones; the bounds were
asked for MRPC's 1,725 test pairs.  The checkpoints are the bundled backbone, and the same with noise in its weights.
"""

import gc
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from amplify_viz import Checkpoint, load
from amplify_viz.comparison import compare
from amplify_viz.corpus import measure
from amplify_viz.corpus.batches import Batch, batches, encode_all
from amplify_viz.corpus.masked import Layer, Means, compare_layers, measure_layer
from amplify_viz.reading import BUILT_IN, Texts, read_texts
from amplify_viz.records import forward
from benchmarks.measure import Result, interleaved, report

NOISE = 0.05
FEW = 200
ROUNDS = 3
BATCHES = 6
N_THREADS = 2

Cases = Sequence[tuple[Batch, Sequence[tuple[Layer, Layer]]]]
"""Batches, and both checkpoints' layers on each."""


def main() -> None:
    """Measures all of it, in some ten minutes on two cores."""
    texts = read_texts(sys.argv[1] if len(sys.argv) > 1 else BUILT_IN)
    with tempfile.TemporaryDirectory() as scratch:
        folders = _save_two(Path(scratch))
        report(_results(folders, texts, Path(scratch)))


def _results(folders: Sequence[str], texts: Texts, scratch: Path) -> Iterator[Result]:
    n = len(texts.inputs)
    few, many = (_peak_mb(folders, texts.first(count)) for count in (FEW, n))
    print(f"peak memory: {few:.0f} MB with {FEW} pairs, {many:.0f} MB with {n:,}", flush=True)
    yield Result(f"peak memory, {n:,} pairs / {FEW} pairs", many / few, 1.1)
    checkpoints = [load(folder) for folder in folders]
    yield Result(
        "our measures / scipy's entropy and jensenshannon in a loop", _against_scipy(checkpoints, texts), 1 / 5
    )
    yield Result(f"two checkpoints, {n:,} pairs / bare eager forwards", _against_bare(checkpoints, texts, scratch), 2)
    yield Result("a second look", _second_look(checkpoints, texts, scratch / "look"), 1, "s")
    yield Result("two Ray workers / one", _two_workers(checkpoints, texts, scratch), 1 / 1.3)


def _save_two(scratch: Path) -> list[str]:
    checkpoint = load("minilm")
    generator = torch.Generator().manual_seed(0)
    folders = []
    for name, noise in (("a", 0.0), ("b", NOISE)):
        with torch.no_grad():
            for parameter in checkpoint.model.parameters():
                parameter.mul_(1 + noise * torch.randn(parameter.shape, generator=generator))
        folders.append(str(scratch / name))
        checkpoint.model.save_pretrained(folders[-1])
        checkpoint.tokenizer.save_pretrained(folders[-1])
    return folders


def _peak_mb(folders: Sequence[str], texts: Texts) -> float:
    """Of a process of its own that loads both and measures the texts."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measure_and_tell, (folders, texts))


def _measure_and_tell(folders: Sequence[str], texts: Texts) -> float:
    with tempfile.TemporaryDirectory() as cache:
        _measure([load(folder) for folder in folders], texts, Path(cache))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measure(checkpoints: Sequence[Checkpoint], texts: Texts, cache: Path, **options: Any) -> None:
    options = {"n_threads": N_THREADS, **options}
    measure(checkpoints, texts.inputs, pairs=[(0, 1)], cache=cache, **options)


def _against_bare(checkpoints: Sequence[Checkpoint], texts: Texts, scratch: Path) -> float:
    """Median of the ratios of passes in turn.  The bare forwards get the same batches, made beforehand."""
    bare = [load(checkpoint.source).model for checkpoint in checkpoints]
    for model in bare:
        model.set_attn_implementation("eager")
    ready = list(batches(checkpoints[0], encode_all(checkpoints[0], texts.inputs)))
    torch.set_num_threads(N_THREADS)
    ratios = []
    for i in range(ROUNDS):
        ours = partial(_measure, checkpoints, texts, scratch / f"pass {i}")
        peer = partial(_forward_all, bare, ready)
        times = {}
        for side in (ours, peer) if i % 2 else (peer, ours):
            gc.collect()
            times[side] = _seconds(side)
        print(f"pass {i + 1}: {times[ours]:.1f} s, bare forwards {times[peer]:.1f} s", flush=True)
        ratios.append(times[ours] / times[peer])
    return median(ratios)


def _forward_all(models: Sequence[Any], ready: Sequence[Batch]) -> None:
    with torch.inference_mode():
        for batch in ready:
            for model in models:
                if len(model(**batch.inputs, output_attentions=True).attentions) < 1:
                    raise RuntimeError("A bare forward must return its attentions.")


def _against_scipy(checkpoints: Sequence[Checkpoint], texts: Texts) -> float:
    """All our measures of both checkpoints and of the pair, against two of scipy's; forwards outside both."""
    everything = list(batches(checkpoints[0], encode_all(checkpoints[0], texts.inputs)))
    cases = [(batch, _layers(checkpoints, batch)) for batch in everything[:: max(1, len(everything) // BATCHES)]]
    return interleaved(partial(_our_measures, cases), partial(_scipys_measures, cases), repeats=4, warm=1)


def _layers(checkpoints: Sequence[Checkpoint], batch: Batch) -> list[tuple[Layer, Layer]]:
    a, b = (forward(checkpoint, batch.inputs).recording for checkpoint in checkpoints)
    sides = [[Layer(*pair) for pair in zip(side.weights, side.edited, strict=True)] for side in (a, b)]
    return list(zip(*sides, strict=True))


def _our_measures(cases: Cases) -> None:
    with torch.inference_mode():
        for batch, layers in cases:
            means = Means.of(batch.lengths, batch.segments)
            for a, b in layers:
                entropies = measure_layer(a, means)[1], measure_layer(b, means)[1]
                compare_layers(a, b, entropies, means)


def _scipys_measures(cases: Cases) -> None:
    for batch, layers in cases:
        for row, length in enumerate(batch.lengths.tolist()):
            for a, b in layers:
                for head in range(a.weights.shape[1]):
                    one, other = (layer.weights[row, head, :length, :length].numpy() for layer in (a, b))
                    _ = entropy(one, axis=-1).mean(), entropy(other, axis=-1).mean()
                    with np.errstate(invalid="ignore"):  # scipy's square root of what rounding made negative
                        _ = (jensenshannon(one, other, base=2, axis=-1) ** 2).mean()


def _second_look(checkpoints: Sequence[Checkpoint], texts: Texts, cache: Path) -> float:
    """Seconds until a comparison that was made before is there again, its tests included; the median of some."""
    looked = [_seconds(partial(compare, checkpoints[:1], checkpoints[1:], texts, cache=cache)) for _ in range(6)]
    print(f"first look {looked[0]:.1f} s", flush=True)
    return median(looked[1:])


def _two_workers(checkpoints: Sequence[Checkpoint], texts: Texts, scratch: Path) -> float:
    """With one thread each, the start of Ray and its workers included; median of the ratios of passes in turn."""
    ratios = []
    for i in range(ROUNDS):
        times = {}
        for workers in (1, 2) if i % 2 else (2, 1):
            cache = scratch / f"{workers} workers, pass {i}"
            times[workers] = _seconds(partial(_measure, checkpoints, texts, cache, workers=workers, n_threads=1))
        print(f"pass {i + 1}: one worker {times[1]:.1f} s, two {times[2]:.1f} s", flush=True)
        ratios.append(times[2] / times[1])
    return median(ratios)


def _seconds(action: Any) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
