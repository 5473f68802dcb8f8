"""A training step of `amplify` against one of `none`: the same batches of the built-in data, SDPA in both."""

import torch
from transformers import AutoModelForSequenceClassification

from amplify_viz import METHODS, RunConfig, mixing, prepare
from amplify_viz.checkpoints import bundled_folder, load_tokenizer
from benchmarks.measure import Result, interleaved, report
from training.data import load_dataset

BATCH = RunConfig().batch_size


def main() -> None:
    """Measures forward, backward and optimiser of the bundled backbone on batches of 32 pairs."""
    rows = load_dataset("roles").splits["train"][: 4 * BATCH]
    tokenizer = load_tokenizer(str(bundled_folder()))
    batches = [
        (
            tokenizer(
                [row.text for row in part], [row.text_pair or "" for row in part], padding=True, return_tensors="pt"
            ),
            torch.tensor([row.label for row in part]),
        )
        for part in (rows[i : i + BATCH] for i in range(0, len(rows), BATCH))
    ]
    steps = {method: _stepper(method, batches) for method in ("none", "amplify")}
    ratio = interleaved(steps["amplify"], steps["none"], repeats=30)
    report([Result("training step, amplify / none", ratio, 1.05)])


def _stepper(method: str, batches):  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(bundled_folder(), num_labels=2)
    model = prepare(model).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)
    generator = torch.Generator().manual_seed(0)
    state = {"i": 0}

    def step() -> None:
        features, labels = batches[state["i"] % len(batches)]
        state["i"] += 1
        mix = METHODS[method].draw(len(labels), generator)
        with mixing(model, mix):
            logits = model(**features).logits
        mix.loss(logits, labels).backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


if __name__ == "__main__":
    main()
