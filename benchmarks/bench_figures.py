"""Figures of a pair of 30 tokens: seconds, and the size of their SVG and PDF; a report of 200 pairs; what an import costs.

Uses the bundled backbone twice; the report reads MRPC where `../shared/datasets/mrpc` is, else the built-in pairs.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from amplify_viz.checkpoints import load
from amplify_viz.recipes import KINDS, OfText, Source, to_file
from amplify_viz.records import capture
from benchmarks.measure import Result, report

TEXT = "the quick rabbit hopped over a slow turtle because it was tired"
PAIR = "the turtle slowly crawled and did not mind the rabbit at all"
MRPC = Path("../shared/datasets/mrpc")
SECONDS, SVG, PDF, REPORT, IMPORT = 2.0, 500.0, 200.0, 180.0, 1.2


def main() -> None:
    """Measures each kind of figure with two checkpoints and, where there is one, their difference."""
    report(_results())


def _results() -> Iterator[Result]:
    checkpoint = load("minilm")
    records = [capture(checkpoint, TEXT, PAIR)] * 2
    sources = [Source("minilm", checkpoint.name, checkpoint.weights_sha256)] * 2
    print(f"{records[0].n_tokens} tokens")
    for kind, recipe in KINDS.items():
        if issubclass(recipe, OfText):
            yield from _figure(kind, recipe, records, sources)
    yield Result("a report of two checkpoints and 200 pairs", _report(), REPORT, "s")
    yield Result("import amplify_viz / torch and transformers", _imports(), IMPORT)


def _figure(kind: str, recipe: type[OfText], records: Any, sources: Any) -> Iterator[Result]:
    chosen: dict[str, Any] = {"run": ("minilm", "minilm"), "text": TEXT, "pair": PAIR}
    chosen |= {"difference": (1, 2)} if "difference" in recipe.__dataclass_fields__ else {}
    one = recipe(**chosen)
    one.made(records, sources)  # loads what is loaded once
    started = time.perf_counter()
    made = one.made(records, sources)
    svg = to_file(one, made, "svg")
    yield Result(f"{kind}: seconds", time.perf_counter() - started, SECONDS, "s")
    yield Result(f"{kind}: SVG", len(svg) / 1000, SVG, "kB")
    yield Result(f"{kind}: PDF", len(to_file(one, made, "pdf")) / 1000, PDF, "kB")


def _report() -> float:
    data = [str(MRPC)] if MRPC.is_dir() else ["roles"]
    with tempfile.TemporaryDirectory() as folder:
        sides = ["--a", "minilm", "--b", _copy(Path(folder))]
        where = ["--out", f"{folder}/report", "--cache", f"{folder}/cache"]
        return _seconds("-m", "amplify_viz", "report", *sides, "--data", *data, "--limit", "200", *where)


def _copy(folder: Path) -> str:
    """The same backbone with a little noise on its weights: equal checkpoints would differ nowhere."""
    checkpoint = load("minilm")
    for parameter in checkpoint.model.parameters():
        parameter.data += 0.01 * parameter.data.std(correction=0) * parameter.data.new_ones(())
    checkpoint.model.save_pretrained(folder / "other")
    checkpoint.tokenizer.save_pretrained(folder / "other")
    return str(folder / "other")


def _imports() -> float:
    """With what loading and reading need: transformers itself imports its base class of models when the first is loaded."""
    names = (
        "import amplify_viz as av; av.load, av.capture, av.METHODS",
        "import torch; from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel",
    )
    times = [[_seconds("-c", name) for name in names] for _ in range(5)]
    return median(ours / theirs for ours, theirs in times)


def _seconds(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
