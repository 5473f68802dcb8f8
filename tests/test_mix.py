"""A mix without a model: its λ, partners, labels and gradient."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from amplify_viz import METHODS, InputError, Mix, Mixup


def test_independent_labels_are_a_named_choice_that_pairs_them_with_others() -> None:
    labels = torch.arange(64)
    same, other = (
        Mixup("embedding", labels=choice, lam=0.25).draw(64, torch.Generator().manual_seed(5))
        for choice in ("partner", "independent")
    )
    assert torch.equal(same.partner, other.partner), "the features' partners are the same"
    assert same.label_partner is None and other.label_partner is not None
    assert (other.label_partner != other.partner).sum() > 50
    assert not torch.equal(other.targets(labels, 64), other.mix(torch.eye(64)))
    logits = torch.randn(64, 64, generator=torch.Generator().manual_seed(3))
    expected = nn.functional.cross_entropy(logits, other.targets(labels, 64))
    torch.testing.assert_close(other.loss(logits, labels), expected)


def test_no_method_pairs_labels_with_others() -> None:
    assert {mixup.labels for mixup in METHODS.values()} == {"partner"}
    for mixup in METHODS.values():
        assert mixup.draw(9, torch.Generator().manual_seed(0)).label_partner is None


def test_the_control_lam1_walks_amplifys_path_with_its_partners() -> None:
    control, amplify = (METHODS[name].draw(9, torch.Generator().manual_seed(4)) for name in ("lam1", "amplify"))
    assert control.lam == 1.0 and control.site == amplify.site
    assert torch.equal(control.partner, amplify.partner)
    x = torch.randn(9, 4)
    assert torch.equal(control.mix(x), x) and control.mix(x) is not x, "the mix is computed, and exact"


def test_unique_labels_give_exactly_two_entries_and_the_features_partner() -> None:
    mix = METHODS["amplify"].draw(64, torch.Generator().manual_seed(5))
    mix = dataclasses.replace(mix, lam=0.25)
    targets = mix.targets(torch.arange(64), 64)
    features = mix.mix(torch.eye(64))
    moved = mix.partner != torch.arange(64)
    assert torch.equal((targets[moved] > 0).sum(dim=1), torch.full((int(moved.sum()),), 2))
    assert torch.equal(targets, features), "features and labels must have the same partner"
    torch.testing.assert_close(targets.sum(dim=1), torch.ones(64))


def _largest_of(n: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda lam: stats.beta(0.1, 0.1).cdf(lam) ** n


@pytest.mark.parametrize(
    ("mixup", "cdf"),
    [
        (METHODS["amplify"], _largest_of(5)),
        (Mixup("attention", n_draws=1), _largest_of(1)),
        (METHODS["embedmix"], lambda lam: np.where(lam < 0.5, 0.0, 2 * stats.beta(0.2, 0.2).cdf(lam) - 1)),
    ],
)
def test_lam_has_the_distribution_that_the_paper_states(mixup: Mixup, cdf: Callable[..., Any]) -> None:
    generator = torch.Generator().manual_seed(0)
    lam = np.array([mixup.draw(2, generator).lam for _ in range(4000)])
    below_one = lam[lam < 1 - 1e-12]  # what rounds to 1 is a tie that the test of a continuous law cannot take
    rounded = 1 - len(below_one) / len(lam)
    assert abs(rounded - float(1 - cdf(np.array(1 - 1e-12)))) < 0.04
    assert stats.kstest(below_one, lambda x: cdf(x) / cdf(np.array(1 - 1e-12))).pvalue > 1e-3


def test_mean_lam_of_amplify_is_the_papers_0961() -> None:
    generator = torch.Generator().manual_seed(1)
    lam = torch.tensor([METHODS["amplify"].draw(2, generator).lam for _ in range(5000)])
    assert abs(float(lam.mean()) - 0.961) < 0.01


def test_the_same_generator_state_gives_the_same_mix() -> None:
    first, second = (METHODS["tmix"].draw(9, torch.Generator().manual_seed(4)) for _ in range(2))
    assert (first.lam, first.layers) == (second.lam, second.layers)
    assert torch.equal(first.partner, second.partner)
    assert torch.equal(first.partner.sort().values, torch.arange(9))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alpha": 0.0}, "alpha must be above 0"),
        ({"n_draws": 0}, "at least 1 draw"),
        ({"lam": 1.5}, r"lies in \[0, 1\], got lam=1.5"),
        ({"smoothing": 1.0}, r"lies in \[0, 1\), got 1.0"),
        ({"site": "sentence", "padding": "keep"}, "no padded positions"),
        ({"site": "embedding", "layers": (1,)}, "the site 'embedding' is in none"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Mixup(**{"site": "attention", **settings})


@pytest.mark.parametrize("lam", [0.0, 0.3, 0.9, 1 - 1e-9])
def test_the_gradient_of_a_mix_is_that_of_its_formula(lam: float) -> None:
    mix = Mix("attention", lam, torch.tensor([2, 0, 1]))
    x = torch.randn(3, 4, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(mix.mix, x)
    direction = torch.randn_like(x)
    (ours,) = torch.autograd.grad(mix.mix(x), x, direction)
    (theirs,) = torch.autograd.grad(lam * x + (1 - lam) * x[mix.partner], x, direction)
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.float64])
@pytest.mark.parametrize("lam", [1.0, 1 - 2.0**-26, 1 - 2.0**-24, 0.999999])
def test_a_mix_left_out_because_lam_rounds_to_one_is_the_mix_to_the_last_bit(lam: float, dtype: torch.dtype) -> None:
    x = torch.randn(4, 5, 3).to(dtype)
    partner = torch.tensor([1, 2, 3, 0])
    assert torch.equal(Mix("attention", lam, partner).mix(x), torch.lerp(x[partner], x, lam))


@pytest.mark.parametrize(
    ("n_logits", "labels"),
    [(1, torch.tensor([0, 0])), (3, torch.tensor([0.5, 1.0])), (3, torch.tensor([[1.0, 0, 1], [0, 1, 0]]))],
    ids=["one logit", "a score", "several labels at once"],
)
def test_a_loss_is_refused_where_a_row_has_not_one_label(n_logits: int, labels: torch.Tensor) -> None:
    mix = METHODS["amplify"].draw(2, torch.Generator())
    with pytest.raises(InputError, match="rows with one label each, of two or more, got labels"):
        mix.loss(torch.zeros(2, n_logits), labels)
