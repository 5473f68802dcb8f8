"""What the app keeps between runs of a page follows the files that it came from."""

from pathlib import Path

import torch

from amplify_viz.ui.resources import mixed_pass, record_of
from tests.tiny import save_tiny


def test_a_mix_and_a_record_are_made_anew_when_the_weights_have_changed(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "tiny")
    texts, partner = ("the rabbit",), ("the turtle",)

    def answers() -> tuple[torch.Tensor, torch.Tensor]:
        mixed = mixed_pass(str(folder), texts, partner, method="amplify", layers="", lam=0.5)
        record = record_of(str(folder), *texts, None, name="tiny", off=())
        assert mixed.plain.logits is not None and record.logits is not None
        return mixed.plain.logits, record.logits

    before = answers()
    assert all(torch.equal(one, other) for one, other in zip(before, answers(), strict=True))
    save_tiny(folder, seed=1)
    after = answers()
    assert not any(torch.allclose(one, other) for one, other in zip(before, after, strict=True))
    assert torch.allclose(*after, atol=1e-6)
