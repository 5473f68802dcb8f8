"""A pass over a corpus: the numbers, what is kept of them, and what is refused."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from amplify_viz import METHODS, mixing, switching_off
from amplify_viz.attention import editing
from amplify_viz.checkpoints import load
from amplify_viz.corpus import HEAD_MEASURES, Measured, batches, measure, parts, passes, windows
from amplify_viz.errors import InputError
from tests.corpus.brute import captured, of_one, of_two, save_seeds, some_inputs, two_checkpoints
from tests.tiny import FAMILIES, save_tiny, tiny_checkpoint

# Where outputs hardly differ between tokens, centring makes more of the forward pass's own rounding.
_TOLERANCE = {"linear_cka": 1e-4}


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "WINDOW", 8)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_number_is_that_of_the_text_alone(family: str, tmp_path: Path, small_windows: None) -> None:
    checkpoints, inputs = two_checkpoints(family), some_inputs(30)
    corpus = measure(checkpoints, inputs, pairs=[(0, 1)], cache=tmp_path)
    records = [captured(checkpoint, inputs) for checkpoint in checkpoints]
    for single, each in zip(corpus.singles, records, strict=True):
        _agree(single, [of_one(record) for record in each])
        probabilities = np.array([record.probabilities.numpy() for record in each if record.probabilities is not None])
        assert single.probabilities == pytest.approx(probabilities, abs=1e-6)
        assert single.n_tokens.tolist() == [record.n_tokens for record in each]
        assert single.n_cut == sum(any(record.cut) for record in each)
    _agree(corpus.pairs[0, 1], [of_two(a, b) for a, b in zip(*records, strict=True)])


def _agree(measured: Measured, alone: list[dict[str, torch.Tensor]]) -> None:
    assert set(measured.measures) == set(alone[0])
    for name in measured.measures:
        expected = np.array([one[name].numpy() for one in alone])
        found = measured.values(name)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=_TOLERANCE.get(name, 5e-6), atol=1e-6)


def test_single_texts_have_no_share_across(tmp_path: Path) -> None:
    inputs = some_inputs(5, pairs=False)
    single = measure([tiny_checkpoint()], inputs, cache=tmp_path).singles[0]
    assert single.measures == tuple(name for name in HEAD_MEASURES if name != "share_across")
    with pytest.raises(InputError, match=r"Measured here are entropy, .*got 'share_across'"):
        single.values("share_across")


def test_a_backbone_has_no_probabilities_and_a_long_text_is_cut(tmp_path: Path) -> None:
    backbone = load("minilm")
    single = measure([backbone], [("a few words", None), ("word " * 600, None)], cache=tmp_path).singles[0]
    assert single.probabilities is None
    assert single.n_tokens.tolist() == [5, backbone.max_tokens] and single.n_cut == 1


def test_batches_hold_each_text_once_and_keep_their_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = tiny_checkpoint()
    monkeypatch.setattr(batches, "BATCH_BYTES", 4 * 12 * 40**2 * 5)
    encoded = batches.encode_all(checkpoint, some_inputs(200))
    found = list(batches.batches(checkpoint, encoded))
    assert sorted(row for batch in found for row in batch.rows) == list(range(200))
    for batch in found:
        n_rows, n_tokens = batch.segments.shape
        assert n_rows <= 32 and (n_rows == 1 or 4 * 12 * n_rows * n_tokens**2 <= batches.BATCH_BYTES)
        assert [len(encoded[row].token_ids) for row in batch.rows] == batch.lengths.tolist()


@pytest.mark.usefixtures("small_windows")
def test_a_second_look_runs_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints, inputs = two_checkpoints(), some_inputs(20)
    first = measure(checkpoints, inputs, pairs=[(0, 1)], cache=tmp_path)
    monkeypatch.setattr(windows, "forward", _never)
    again = measure(checkpoints[::-1], inputs, cache=tmp_path)
    for one, other in zip(first.singles, again.singles[::-1], strict=True):
        assert np.array_equal(one.values("entropy"), other.values("entropy"))


def _never(*_: Any) -> Any:
    raise RuntimeError("a model was run")


@pytest.mark.usefixtures("small_windows")
def test_more_texts_measure_only_what_is_new(tmp_path: Path) -> None:
    checkpoint, inputs, calls = tiny_checkpoint(), some_inputs(24), list[tuple[int, int, float | None]]()
    measure([checkpoint], inputs[:16], cache=tmp_path)
    measure([checkpoint], inputs, cache=tmp_path, progress=lambda *said: calls.append(said))
    assert calls[0] == (16, 24, None)
    assert calls[-1] == (24, 24, 0.0)


@pytest.mark.usefixtures("small_windows")
def test_a_pass_that_was_ended_goes_on_from_its_finished_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints, inputs = two_checkpoints(), some_inputs(30)

    def stop(done: int, total: int, seconds_left: float | None) -> None:
        if done >= 36:  # of 60: two windows of eight are written, the third is not
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure(checkpoints, inputs, pairs=[(0, 1)], cache=tmp_path / "stopped", progress=stop)
    assert {path.suffix for path in (tmp_path / "stopped").rglob("*") if path.is_file()} == {".parquet"}
    calls = list[int]()
    stopped = measure(
        checkpoints, inputs, pairs=[(0, 1)], cache=tmp_path / "stopped", progress=lambda done, *_: calls.append(done)
    )
    assert calls[0] == 32
    whole = measure(checkpoints, inputs, pairs=[(0, 1)], cache=tmp_path / "whole")
    for name in ("entropy", "distance", "output_norm"):
        assert np.array_equal(stopped.singles[1].values(name), whole.singles[1].values(name))
    assert np.array_equal(stopped.pairs[0, 1].values("linear_cka"), whole.pairs[0, 1].values("linear_cka"))


_KILLED = """
import os, signal, sys
from pathlib import Path
from amplify_viz import METHODS, mixing, switching_off
from amplify_viz.attention import editing
from amplify_viz.checkpoints import load
from amplify_viz.corpus import measure, passes
from tests.corpus.brute import some_inputs

def end(done, total, seconds_left):
    if done >= 20:
        os.kill(os.getpid(), signal.SIGKILL)

passes.WINDOW = 8
measure([load(sys.argv[1])], some_inputs(30), cache=Path(sys.argv[2]), progress=end)
"""


@pytest.mark.usefixtures("small_windows")
def test_a_pass_that_was_killed_goes_on_and_gives_the_same(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "tiny")
    done = subprocess.run([sys.executable, "-c", _KILLED, folder, tmp_path / "killed"], check=False)
    assert done.returncode == -signal.SIGKILL
    checkpoint, calls = load(folder), list[int]()
    killed = measure(
        [checkpoint], some_inputs(30), cache=tmp_path / "killed", progress=lambda done, *_: calls.append(done)
    )
    whole = measure([checkpoint], some_inputs(30), cache=tmp_path / "whole")
    assert calls[0] == 16
    for name in HEAD_MEASURES:
        assert np.array_equal(killed.singles[0].values(name), whole.singles[0].values(name))


@pytest.mark.usefixtures("small_windows")
def test_a_damaged_part_is_measured_again(tmp_path: Path) -> None:
    checkpoint, inputs = tiny_checkpoint(), some_inputs(20)
    first = measure([checkpoint], inputs, cache=tmp_path).singles[0]
    before = first.values("entropy")
    first.parts[1].write_bytes(first.parts[1].read_bytes()[:100])
    assert np.array_equal(measure([checkpoint], inputs, cache=tmp_path).singles[0].values("entropy"), before)


@pytest.mark.parametrize("change", ["weights", "settings", "tokenizer", "text"])
def test_other_content_has_another_place(change: str, tmp_path: Path) -> None:
    checkpoint, inputs = tiny_checkpoint(), some_inputs(3)
    before = measure([checkpoint], inputs, cache=tmp_path).singles[0].parts
    if change == "weights":
        with torch.no_grad():
            next(checkpoint.model.parameters())[0, 0] += 1
    elif change == "settings":
        checkpoint.model.config.layer_norm_eps *= 2
    elif change == "tokenizer":
        checkpoint.tokenizer.add_tokens(["quick"])
    else:
        inputs[0] = (inputs[0][0] + " old", inputs[0][1])
    assert parts.part_path(tmp_path, parts.content_key(checkpoint), parts.texts_key(inputs)) not in before


def test_a_model_that_changed_since_it_was_loaded_gets_numbers_of_its_own(tmp_path: Path) -> None:
    checkpoint, inputs = load(save_tiny(tmp_path / "tiny")), some_inputs(3)
    before = measure([checkpoint], inputs, cache=tmp_path).singles[0].values("entropy")
    with torch.no_grad():
        for name, weight in checkpoint.model.named_parameters():
            if "query" in name:
                weight.mul_(3)
    after = measure([checkpoint], inputs, cache=tmp_path).singles[0].values("entropy")
    assert not np.allclose(before, after)
    np.testing.assert_allclose(
        after,
        [of_one(record)["entropy"].numpy() for record in captured(checkpoint, inputs)],
        rtol=1e-3,
        atol=1e-5,
    )


@pytest.mark.parametrize("block", ["switching_off", "mixing", "editing"])
def test_nothing_is_measured_inside_a_block_that_changes_attention(block: str, tmp_path: Path) -> None:
    checkpoint, inputs = tiny_checkpoint(), some_inputs(3)
    mix = METHODS["sentencemix"].draw(2, torch.Generator())
    blocks: dict[str, Callable[[], AbstractContextManager[None]]] = {
        "switching_off": lambda: switching_off(checkpoint.model, [(0, 0)]),
        "mixing": lambda: mixing(checkpoint.model, mix),
        "editing": lambda: editing(checkpoint.model, lambda _, x: 2 * x),
    }
    with pytest.raises(InputError, match="here a block of mixing, editing or switching_off"), blocks[block]():
        measure([checkpoint], inputs, cache=tmp_path)
    assert not list(tmp_path.rglob("*.parquet"))


def test_copies_of_a_checkpoint_have_one_place(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "one")
    copy = shutil.copytree(folder, tmp_path / "elsewhere" / "copy")
    assert parts.content_key(load(folder)) == parts.content_key(load(copy))


def test_nan_weights_are_refused_with_their_layer(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint()
    with torch.no_grad():
        dict(checkpoint.model.named_parameters())["bert.encoder.layer.1.output.dense.weight"][0, 0] = torch.nan
    with pytest.raises(
        InputError, match=r"finite numbers, but tiny bert 0 \(bert\) has NaN or infinity in layer 2 \(bert"
    ):
        measure([checkpoint], some_inputs(2), cache=tmp_path)


def test_other_depths_heads_and_tokens_are_refused(tmp_path: Path) -> None:
    small = load(save_tiny(tmp_path / "small", num_hidden_layers=2))
    big, other = tiny_checkpoint(), tiny_checkpoint("roberta")
    with pytest.raises(InputError, match="small has 2 layers of 4 heads and tiny bert 0 has 3 layers"):
        measure([small, big], some_inputs(2), pairs=[(0, 1)], cache=tmp_path)
    with pytest.raises(InputError, match="token by token, but tiny bert 0 and tiny roberta 0 read 'was"):
        measure([big, other], some_inputs(2), pairs=[(0, 1)], cache=tmp_path)


def test_what_cannot_be_measured_is_said(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint()
    for inputs, message in (
        ([], "at least one checkpoint and one text, got 1 and 0"),
        ([("a", None), ("a", "b")], "All inputs are pairs or none is"),
        ([(" ", None)], "at least one visible character"),
        ([("bad \ud800", None)], "whole characters, but sentence A holds half of one"),
    ):
        with pytest.raises(InputError, match=message):
            measure([checkpoint], inputs, cache=tmp_path)
    with pytest.raises(InputError, match=r"two of the 1 checkpoints by number, got \(0, 1\)"):
        measure([checkpoint], some_inputs(1), pairs=[(0, 1)], cache=tmp_path)
    with pytest.raises(InputError, match="Workers are 0 or more"):
        measure([checkpoint], some_inputs(1), workers=-1, cache=tmp_path)


@pytest.mark.usefixtures("small_windows")
def test_workers_give_the_same_bits(tmp_path: Path) -> None:
    first, second = (load(folder) for folder in save_seeds(tmp_path, 2))
    inputs, calls = some_inputs(30), list[tuple[int, int, float | None]]()
    serial = measure([first, second], inputs, pairs=[(0, 1)], cache=tmp_path / "serial")
    several = measure(
        [first, second],
        inputs,
        pairs=[(0, 1)],
        cache=tmp_path / "several",
        workers=2,
        progress=lambda *said: calls.append(said),
    )
    for one, other in (*zip(serial.singles, several.singles, strict=True), (serial.pairs[0, 1], several.pairs[0, 1])):
        assert one.measures == other.measures
        for name in one.measures:
            assert np.array_equal(one.values(name), other.values(name))
    assert calls[0] == (0, 60, None) and calls[-1] == (60, 60, 0.0) and len(calls) == 5
    with torch.no_grad():
        next(first.model.parameters())[0, 0] += 1
    with pytest.raises(InputError, match="Workers load checkpoints from their files"):
        measure([replace(first, weights_sha256="")], inputs, cache=tmp_path / "changed", workers=1)
