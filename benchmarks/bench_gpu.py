"""Tokens a second in bf16 on a GPU: a step of `none` and of `amplify` against a bare loop of the same model, and a whole run.

Where there is no GPU it says so and measures nothing.  The models have random weights: what a step costs does not depend on
them.  A run is measured by the seconds of its steps and by the wall clock, reading and all, between two moments when its log
had waited for the GPU; another run lists what waits for the GPU at each step.
"""

import json
import random
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import AutoModelForSequenceClassification, BertConfig, PretrainedConfig, PreTrainedTokenizerFast

from amplify_viz import METHODS, RunConfig, mixing, prepare
from benchmarks.measure import Result, interleaved, report
from training.loop import train
from training.reporting import StepLog

BATCH, TOKENS = 32, 128
BLOCK = 20  # steps between two looks at the clock: a step is given to the GPU before the last one has ended
SHARE = 0.9
WAITS = 1  # transformers' look whether a batch has padding, which the bare loop has, too
MEASURED = ("none", "amplify")
_MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
_WORDS = tuple(f"word{i}" for i in range(500))


def main() -> None:
    """Measures a model of the bundled backbone's size and one of BERT-base's."""
    if not torch.cuda.is_available():
        print("There is no GPU here: nothing is measured.")
        return
    torch.set_float32_matmul_precision("highest")
    print(torch.cuda.get_device_name(), "torch", torch.__version__)
    report(_results())


def _results() -> Iterator[Result]:
    small = BertConfig(num_hidden_layers=6, hidden_size=384, num_attention_heads=12, intermediate_size=1536)
    for name, config in (("6 layers of 384", small), ("12 layers of 768", BertConfig())):
        yield from _steps(name, config)
        torch.cuda.empty_cache()
        yield from _runs(name, config)
        torch.cuda.empty_cache()


def _steps(name: str, config: PretrainedConfig) -> Iterator[Result]:
    """Forward, backward and optimiser: bare, and with the method around them."""
    step = stepper(config, "cuda")
    for method in MEASURED:
        torch.cuda.reset_peak_memory_stats()
        ratio = interleaved(partial(step, method), partial(step, None), repeats=12)
        print(
            f"{name}, {method}: {_rate(partial(step, method)):,.0f} tokens a second, bare {_rate(partial(step, None)):,.0f}; "
            f"most memory {torch.cuda.max_memory_allocated() / 1e6:,.0f} MB"
        )
        yield Result(f"time of {BLOCK} steps, {name}, {method} / bare loop", ratio, 1 / SHARE)


def _rate(block: Callable[[], None]) -> float:
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    block()
    end.record()
    torch.cuda.synchronize()
    return BLOCK * BATCH * TOKENS / (float(start.elapsed_time(end)) / 1000)


def stepper(
    config: PretrainedConfig, device: str, *, batch: int = BATCH, tokens: int = TOKENS
) -> Callable[[str | None], None]:
    """BLOCK steps of a method on one batch; of None: of a loop that knows nothing of this project but the prepared model."""
    torch.manual_seed(0)
    model = prepare(AutoModelForSequenceClassification.from_config(config)).to(device).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True)
    ids = torch.randint(len(_MARKS), config.vocab_size, (batch, tokens), device=device)
    features = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    labels = torch.randint(2, (batch,), device=device)
    generator = torch.Generator().manual_seed(0)

    def bare() -> torch.Tensor:
        with torch.autocast(device, torch.bfloat16):
            logits = model(**features).logits
        return torch.nn.functional.cross_entropy(logits.float(), labels)

    def mixed(method: str) -> torch.Tensor:
        mix = METHODS[method].draw(batch, generator)
        with torch.autocast(device, torch.bfloat16), mixing(model, mix):
            logits = model(**features).logits
        return mix.loss(logits.float(), labels)

    def block(method: str | None) -> None:
        for _ in range(BLOCK):
            (bare() if method is None else mixed(method)).backward()
            optimizer.step()
            optimizer.zero_grad()
        if device == "cuda":
            torch.cuda.synchronize()

    return block


def _runs(name: str, config: PretrainedConfig) -> Iterator[Result]:
    """A run as the command line trains it, its log included, against the bare loop."""
    step = partial(stepper(config, "cuda"), None)
    step()
    bare = _rate(step)
    del step
    with tempfile.TemporaryDirectory() as scratch:
        backbone, data = _saved(config, Path(scratch) / "backbone"), _texts(Path(scratch) / "texts")
        for method in MEASURED:
            settings = RunConfig(method, str(data), str(backbone), epochs=1, precision="bf16")
            with _looks() as looks:
                run = train(settings, Path(scratch) / "runs")
            steps = [json.loads(line) for line in (run.folder / "steps.jsonl").read_text().splitlines()]
            rate = BATCH * TOKENS * len(steps[BLOCK:]) / sum(step["seconds"] for step in steps[BLOCK:])
            wall = _rate_between(looks)
            print(f"{name}, a run of {method}: {rate:,.0f} tokens a second, by the wall {wall:,.0f}, bare {bare:,.0f}")
            yield Result(f"time of a step in a run, {name}, {method} / bare loop", bare / rate, 1 / SHARE)
            yield Result(f"time of a run by the wall, {name}, {method} / bare loop", bare / wall, 1 / SHARE)
            places = _waits(settings, Path(scratch) / "watched")
            print(f"{name}, a run of {method} waits for the GPU at each step in: {', '.join(places) or 'no place'}")
            yield Result(f"places that wait at each step, {name}, {method}", len(places), WAITS, "")


@contextmanager
def _looks() -> Iterator[list[tuple[int, float]]]:
    """Yields a list that fills with (step, clock) each time a run's log has written: the GPU has done all steps so far."""
    looks: list[tuple[int, float]] = []
    write = StepLog.write

    def timed(log: StepLog) -> None:
        last = log.unwritten[-1:]
        write(log)
        looks.extend((step.number, time.perf_counter()) for step in last)

    with mock.patch.object(StepLog, "write", timed):
        yield looks


def _rate_between(looks: list[tuple[int, float]]) -> float:
    """Tokens a second from the first look at step BLOCK or later to the last one."""
    (first, began), *_, (last, ended) = (look for look in looks if look[0] >= BLOCK)
    return BATCH * TOKENS * (last - first) / (ended - began)


def _waits(settings: RunConfig, root: Path) -> list[str]:
    """Files and lines from which a run made the CPU wait for the GPU at least once a step, as torch sees it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            run = train(settings, root)
        finally:
            torch.cuda.set_sync_debug_mode("default")
    counts = Counter(f"{Path(w.filename).name}:{w.lineno}" for w in caught if "synchronizing" in str(w.message))
    return sorted(place for place, n in counts.items() if n >= run.details["steps"])


def _saved(config: PretrainedConfig, folder: Path) -> Path:
    """A backbone with random weights that reads _WORDS."""
    AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    words = WordLevel({word: i for i, word in enumerate([*_MARKS, *_WORDS])}, unk_token="[UNK]")
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    return folder


def _texts(folder: Path) -> Path:
    """Splits of rows of TOKENS tokens each, the two that the tokenizer adds included."""
    folder.mkdir()
    draw = random.Random(0)
    for split, n_rows in (("train", BATCH * 6 * BLOCK), ("dev", 2 * BATCH), ("test", 2 * BATCH)):
        rows = [{"text": " ".join(draw.choices(_WORDS, k=TOKENS - 2)), "label": i % 2} for i in range(n_rows)]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{split}.jsonl").write_text(lines, encoding="utf-8")
    return folder


if __name__ == "__main__":
    main()
