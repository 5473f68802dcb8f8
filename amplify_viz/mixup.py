"""Mixup: its settings and one draw of them, which `mixing` (sites.py) applies to one forward call.

Public names: `METHODS`, `Mixup`, `Mix`.

    mix = METHODS["amplify"].draw(batch_size, generator)
    with mixing(model, mix):
        logits = model(**batch).logits
    loss = mix.loss(logits, labels)

Everywhere x_mix = lam·x + (1 − lam)·x[partner], with one partner permutation for all layers and for the labels
(AMPLIFY, Eq. 2-8).  Outside the block the model is the plain model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import torch
from scipy.special import betaincinv
from torch import Tensor, nn

from amplify_viz.errors import InputError

Site = Literal["none", "attention", "post-layernorm", "embedding", "block", "sentence"]
Padding = Literal["mix", "keep"]
Labels = Literal["partner", "independent"]
Layers = tuple[int | Fraction, ...] | None
"""Zero-based layers, or fractions of the depth (7/12 is block 7 of 12 and 4 of 6, rounded up); None is all of them."""

_SHARES = 720_720  # divisible by every depth up to 16, and by 18, 20, 22, 24, 26, 28 and 30: each layer is as likely

INSIDE_LAYERS = ("attention", "post-layernorm", "block")
"""The sites that each layer has, so that a set of layers can be chosen."""


@dataclass(frozen=True)
class Mixup:
    """What is mixed and how strongly.

    site: where x is taken; layers: where it acts (sites inside the layers only); one_layer: one of these, or of all
    layers, is drawn for each batch; alpha: Beta(alpha, alpha); n_draws: lam is the largest of so many draws (Eq. 5);
    fold: then of lam and 1 − lam the larger (Eq. 9).
    padding: "mix" mixes every position, "keep" only those where both rows hold a real token (the row's own elsewhere).
    labels: "independent" draws a second permutation for the labels, the fault of the published baselines' code.
    lam: a fixed mixing weight in [0, 1] instead of a drawn one.  smoothing: label smoothing in the loss, in [0, 1).
    """

    site: Site
    layers: Layers = None
    one_layer: bool = False
    alpha: float = 0.1
    n_draws: int = 5
    fold: bool = False
    padding: Padding = "mix"
    labels: Labels = "partner"
    lam: float | None = None
    smoothing: float = 0.0

    def __post_init__(self) -> None:
        if not self.alpha > 0:
            raise InputError(f"alpha must be above 0, got {self.alpha}: 0.1 is AMPLIFY's, 0.2 the baselines'.")
        if self.n_draws < 1:
            raise InputError(f"lam is the largest of at least 1 draw, got n_draws={self.n_draws}: pass 1 or more.")
        if self.lam is not None and not 0 <= self.lam <= 1:
            raise InputError(f"A mixing weight lies in [0, 1], got lam={self.lam}: 1 mixes nothing.")
        if not 0 <= self.smoothing < 1:
            raise InputError(f"Label smoothing lies in [0, 1), got {self.smoothing}: 0 smooths nothing.")
        if self.layers is not None and self.site not in INSIDE_LAYERS:
            raise InputError(
                f"Layers are for the sites {', '.join(INSIDE_LAYERS)}, the site {self.site!r} is in none: leave them out."
            )
        if self.padding == "keep" and self.site in ("none", "sentence"):
            raise InputError(f"The site {self.site!r} has no padded positions to keep: use padding='mix'.")

    def draw(self, batch_size: int, generator: torch.Generator) -> "Mix":
        """Returns one Mix for a batch: all randomness is here, on the CPU, and the same generator state gives the same Mix.

        Raises InputError for a batch_size below 1.  lam is in [0, 1]; partner is a permutation of range(batch_size).
        Settings that differ in lam, padding or labels alone draw the same partners.
        """
        if batch_size < 1:
            raise InputError(f"A batch has at least 1 row, got batch_size={batch_size}.")
        lam = self._draw_lam(generator)
        partner = torch.randperm(batch_size, generator=generator)
        layers = self._draw_layer(generator) if self.one_layer else self.layers
        labels = torch.randperm(batch_size, generator=generator) if self.labels == "independent" else None
        return Mix(self.site, lam, partner, layers, self.padding, labels, self.smoothing)

    def _draw_layer(self, generator: torch.Generator) -> Layers:
        if self.layers is None:  # a share of a depth that the model alone knows
            return (Fraction(1 + int(torch.randint(_SHARES, (), generator=generator)), _SHARES),)
        return (self.layers[int(torch.randint(len(self.layers), (), generator=generator))],)

    def _draw_lam(self, generator: torch.Generator) -> float:
        uniform = torch.rand(self.n_draws, generator=generator, dtype=torch.float64)
        if self.site == "none":
            return 1.0
        if self.lam is not None:
            return self.lam
        lam = float(betaincinv(self.alpha, self.alpha, uniform.numpy()).max())
        return max(lam, 1 - lam) if self.fold else lam


class _Lerp(torch.autograd.Function):
    """lam·x + (1 − lam)·x[partner], whose gradient is the same mix with the permutation turned round, `inverse`.

    Autograd's own would add up the gradients of x[partner] one by one, which takes longer than all the rest of it.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, partner: Tensor, inverse: Tensor, lam: float) -> Tensor:
        ctx.inverse, ctx.lam = inverse, lam  # neither is of the graph: saving them as tensors would only take time
        return torch.lerp(x.index_select(0, partner), x, lam)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (gradient,) = gradients
        return torch.lerp(gradient.index_select(0, ctx.inverse), gradient, ctx.lam), None, None, None


def _rounds_to_one(lam: float, dtype: torch.dtype) -> bool:
    """Whether a mix by lam is x itself, to the last bit: numbers of 32 bits and less are mixed by lam in 32 bits.

    Two in five of AMPLIFY's draws are such.
    """
    return (lam if dtype == torch.float64 else np.float32(lam)) == 1


@dataclass(frozen=True, eq=False)
class Mix:
    """One draw: mixing weight lam in [0, 1], the partner of each row [batch], the layers it acts on.

    padding as in Mixup; label_partner: the partners of the labels [batch] where they are not `partner`; smoothing: of the
    labels in the loss.
    """

    site: Site
    lam: float
    partner: Tensor
    layers: Layers = None
    padding: Padding = "mix"
    label_partner: Tensor | None = None
    smoothing: float = 0.0
    _moved: dict[torch.device, tuple[Tensor, ...]] = field(default_factory=dict, init=False, repr=False)

    def mix(self, x: Tensor, real: Tensor | None = None) -> Tensor:
        """Returns lam·x + (1 − lam)·x[partner] for x: [batch, …] (Eq. 6); exactly x where lam is 1.

        real: [batch, token], True at real tokens; with padding "keep" x, then [batch, token, …], stays where either row
        has none.
        """
        self._check_rows(x)
        if self.lam < 1 and _rounds_to_one(self.lam, x.dtype):  # the control, whose lam is 1, walks the whole path
            return x
        partner, inverse, _ = self._permutations(x.device)
        mixed: Tensor = _Lerp.apply(x, partner, inverse, self.lam)  # type: ignore[no-untyped-call]
        if self.padding == "mix" or real is None:
            return mixed
        both = real & real[partner]
        return torch.where(both.reshape(*both.shape, *(1,) * (x.dim() - 2)), mixed, x)

    def targets(self, labels: Tensor, n_labels: int) -> Tensor:
        """Mixed, smoothed one-hot labels [batch, n_labels] in float32; rows sum to 1."""
        self._check_rows(labels)
        own = nn.functional.one_hot(labels, n_labels).float()
        partners = own[self._permutations(labels.device)[2]]
        return torch.lerp(torch.full_like(own, 1 / n_labels), torch.lerp(partners, own, self.lam), 1 - self.smoothing)

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """lam·CE(logits, labels) + (1 − lam)·CE(logits, labels[partner]), a scalar (Eq. 8).

        logits: [batch, label]; labels: [batch] of class ids.  Equals the cross entropy with `targets`.  Raises InputError for
        other labels (of regression, of several at once) and for less than two logits a row.
        """
        if labels.is_floating_point() or labels.dim() != 1 or logits.shape[-1] < 2:
            raise InputError(
                f"A mix is of rows with one label each, of two or more, got labels {list(labels.shape)} of {labels.dtype} and "
                f"logits {list(logits.shape)}: pass class ids [batch] and logits [batch, label]."
            )
        if _rounds_to_one(self.lam, logits.dtype):
            return nn.functional.cross_entropy(logits, labels, label_smoothing=self.smoothing)
        self._check_rows(labels)
        partners = labels.index_select(0, self._permutations(labels.device)[2])
        logs = logits.log_softmax(dim=-1)  # once for both
        mixed = torch.lerp(nn.functional.nll_loss(logs, partners), nn.functional.nll_loss(logs, labels), self.lam)
        return mixed if self.smoothing == 0 else torch.lerp(mixed, -logs.mean(), self.smoothing)

    def _check_rows(self, x: Tensor) -> None:
        if len(x) != len(self.partner):
            raise InputError(
                f"The Mix was drawn for {len(self.partner)} rows, got {len(x)}: draw one for each batch's own size."
            )

    def _permutations(self, device: torch.device) -> tuple[Tensor, ...]:
        """Whose row is mixed in, the way back, and whose label is, there [batch].

        They are moved once, together and without waiting: a copy for each layer would make the CPU wait for the GPU.
        """
        if device not in self._moved:
            labels = self.partner if self.label_partner is None else self.label_partner
            here = torch.stack([self.partner, self.partner.argsort(), labels])
            self._moved[device] = here.to(device, non_blocking=True).unbind()
        return self._moved[device]


METHODS: Mapping[str, Mixup] = MappingProxyType(
    {
        "none": Mixup("none", n_draws=1),
        "amplify": Mixup("attention"),
        "amplify-postln": Mixup("post-layernorm"),
        "amplify-padaware": Mixup("attention", padding="keep"),
        "embedmix": Mixup("embedding", alpha=0.2, n_draws=1, fold=True),
        "sentencemix": Mixup("sentence", alpha=0.2, n_draws=1, fold=True),
        "tmix": Mixup(
            "block",
            layers=(Fraction(7, 12), Fraction(9, 12), Fraction(12, 12)),
            one_layer=True,
            alpha=0.2,
            n_draws=1,
            fold=True,
        ),
        "lam1": Mixup("attention", lam=1.0),
        "label-smoothing": Mixup("none", n_draws=1, smoothing=0.039),
        "label-smoothing-0.1": Mixup("none", n_draws=1, smoothing=0.1),
    }
)
"""Every method by name, with the paper's settings; a method is this one entry.

The last three are controls: AMPLIFY's path with lam = 1, and label smoothing by AMPLIFY's mean 1 − lam and by 0.1.
"""
