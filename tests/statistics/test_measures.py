"""Entropy of attention."""

from math import log

import pytest
import torch
from scipy.stats import entropy as scipy_entropy

from amplify_viz.statistics import entropy
from tests.tiny import random_record


def test_one_hot_attention_has_entropy_zero() -> None:
    assert torch.equal(entropy(torch.eye(5)), torch.zeros(5))


def test_uniform_attention_has_the_entropy_of_its_keys() -> None:
    assert entropy(torch.full((2, 8), 1 / 8)).tolist() == pytest.approx([log(8), log(8)])


def test_entropy_equals_scipys() -> None:
    weights = random_record().weights.double()
    weights /= weights.sum(dim=-1, keepdim=True)  # scipy does this, and float32 rows miss 1 by 1e-7
    assert torch.allclose(entropy(weights), torch.from_numpy(scipy_entropy(weights.numpy(), axis=-1)), atol=1e-12)
