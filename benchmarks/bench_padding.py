"""Steps of an epoch with length grouping and dynamic padding against the same rows padded to 256 tokens.

Uses MRPC where `../shared/datasets/mrpc` is, or the folder given as the first argument; without it the built-in pairs, which
are shorter than MRPC's, so that the ratio is another.
"""

import sys
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast

from amplify_viz import RunConfig, prepare
from amplify_viz.checkpoints import bundled_folder, load_tokenizer
from benchmarks.measure import Result, interleaved, report
from training.data import read_dataset
from training.trainer import ByLength

CONFIG = RunConfig()
MRPC = Path("../shared/datasets/mrpc")
N_BATCHES = 4  # evenly spread over the epoch, which is ordered by length in parts


def main() -> None:
    """Measures forward, backward and optimiser of both on the same batches of 32 rows, in turn."""
    given = sys.argv[1] if len(sys.argv) > 1 else str(MRPC) if MRPC.is_dir() else "roles"
    rows = read_dataset(given).splits["train"]
    tokenizer = load_tokenizer(str(bundled_folder()))
    tokens = tokenizer([row.text for row in rows], [row.text_pair or "" for row in rows])["input_ids"]
    order = list(ByLength(CONFIG.batch_size, [len(ids) for ids in tokens], seed=0))
    batches = [order[i : i + CONFIG.batch_size] for i in range(0, len(order), CONFIG.batch_size)]
    chosen = [batches[i * (len(batches) - 1) // (N_BATCHES - 1)] for i in range(N_BATCHES)]
    model = AutoModelForSequenceClassification.from_pretrained(bundled_folder(), num_labels=2)
    model = prepare(model).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)

    def epoch(padding: str | bool) -> None:
        for batch in chosen:
            features = _features(tokenizer, [rows[i] for i in batch], padding)
            loss = model(**features, labels=torch.tensor([rows[i].label for i in batch])).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    ratio = interleaved(lambda: epoch(True), lambda: epoch("max_length"), repeats=3, warm=1)
    report([Result(f"an epoch of {Path(given).name}, padded to the batch / to {CONFIG.max_length}", ratio, 1 / 3)])


def _features(tokenizer: PreTrainedTokenizerFast, rows: list[Any], padding: str | bool) -> Any:
    return tokenizer(
        [row.text for row in rows],
        [row.text_pair or "" for row in rows],
        padding=padding,
        truncation=True,
        max_length=CONFIG.max_length,
        return_tensors="pt",
    )


if __name__ == "__main__":
    main()
