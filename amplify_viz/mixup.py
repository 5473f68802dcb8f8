"""Mixup inside a transformer: settings, one draw of them, and its application to one forward call.

Public names: `METHODS`, `Mixup`, `Mix`, `mixing`.

    mix = METHODS["amplify"].draw(batch_size, generator)
    with mixing(model, mix):
        logits = model(**batch).logits
    loss = mix.loss(logits, labels)

Everywhere x_mix = lam·x + (1 − lam)·x[partner], with one partner permutation for all layers and for the labels
(AMPLIFY, Eq. 2-8).  Outside the block the model is the plain model.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from types import MappingProxyType
from typing import Any, Literal

import torch
from scipy.special import betaincinv
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle
from transformers import PreTrainedModel

from amplify_viz.attention import editing, refuse_recomputation
from amplify_viz.errors import InputError

Site = Literal["none", "attention", "post-layernorm", "embedding", "block", "sentence"]
Layers = tuple[int | Fraction, ...] | None
"""Zero-based layers, or fractions of the depth (7/12 is block 7 of 12 and 4 of 6, rounded up); None is all of them."""


@dataclass(frozen=True)
class Mixup:
    """What is mixed and how strongly.

    site: where x is taken; layers: where it acts (sites inside the layers only); one_layer: one of these is drawn for
    each batch; alpha: Beta(alpha, alpha); n_draws: lam is the largest of so many draws (Eq. 5); fold: then of lam and
    1 − lam the larger (Eq. 9).
    """

    site: Site
    layers: Layers = None
    one_layer: bool = False
    alpha: float = 0.1
    n_draws: int = 5
    fold: bool = False

    def __post_init__(self) -> None:
        if not self.alpha > 0:
            raise InputError(f"alpha must be above 0, got {self.alpha}: 0.1 is AMPLIFY's, 0.2 the baselines'.")
        if self.n_draws < 1:
            raise InputError(f"lam is the largest of at least 1 draw, got n_draws={self.n_draws}: pass 1 or more.")
        if self.one_layer and not self.layers:
            raise InputError("one_layer draws a layer from a set, got no layers: name the layers to draw from.")

    def draw(self, batch_size: int, generator: torch.Generator) -> "Mix":
        """Returns one Mix for a batch: all randomness is here, on the CPU, and the same generator state gives the same Mix.

        Raises InputError for a batch_size below 1.  lam is in [0, 1]; partner is a permutation of range(batch_size).
        """
        if batch_size < 1:
            raise InputError(f"A batch has at least 1 row, got batch_size={batch_size}.")
        uniform = torch.rand(self.n_draws, generator=generator, dtype=torch.float64)
        lam = 1.0 if self.site == "none" else float(betaincinv(self.alpha, self.alpha, uniform.numpy()).max())
        partner = torch.randperm(batch_size, generator=generator)
        layers = self.layers
        if self.one_layer and layers is not None:
            layers = (layers[int(torch.randint(len(layers), (), generator=generator))],)
        return Mix(self.site, max(lam, 1 - lam) if self.fold else lam, partner, layers)


@dataclass(frozen=True, eq=False)
class Mix:
    """One draw: mixing weight lam in [0, 1], the partner of each row [batch], the layers it acts on."""

    site: Site
    lam: float
    partner: Tensor
    layers: Layers = None

    def mix(self, x: Tensor) -> Tensor:
        """Returns lam·x + (1 − lam)·x[partner] for x: [batch, …] (Eq. 6); x itself where lam is 1."""
        if self.lam == 1:
            return x
        if len(x) != len(self.partner):
            raise InputError(
                f"The Mix was drawn for {len(self.partner)} rows, got {len(x)}: draw one for each batch's own size."
            )
        return torch.lerp(x[self.partner.to(x.device)], x, self.lam)

    def targets(self, labels: Tensor, n_labels: int) -> Tensor:
        """Mixed one-hot labels [batch, n_labels] in float32; rows sum to 1."""
        return self.mix(nn.functional.one_hot(labels, n_labels).float())

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """lam·CE(logits, labels) + (1 − lam)·CE(logits, labels[partner]), a scalar (Eq. 8).

        logits: [batch, label]; labels: [batch] of class ids.  Equals the cross entropy with `targets`.
        """
        own = nn.functional.cross_entropy(logits, labels)
        if self.lam == 1:
            return own
        partners = nn.functional.cross_entropy(logits, labels[self.partner.to(labels.device)])
        return self.lam * own + (1 - self.lam) * partners


METHODS: Mapping[str, Mixup] = MappingProxyType(
    {
        "none": Mixup("none", n_draws=1),
        "amplify": Mixup("attention"),
        "amplify-postln": Mixup("post-layernorm"),
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
    }
)
"""Every method by name, with the paper's settings.  A method is this one entry."""


@dataclass(frozen=True)
class _Family:
    """Where a family keeps its sites, as paths below the base model; "*" stands for every layer."""

    embedding: str
    block: str
    post_layernorm: str | None = None


_BERT_LIKE = _Family("embeddings", "encoder.layer.*", "encoder.layer.*.attention")
_FAMILIES: Mapping[str, _Family] = {
    "bert": _BERT_LIKE,
    "roberta": _BERT_LIKE,
    "xlm-roberta": _BERT_LIKE,
    "electra": _BERT_LIKE,
    "distilbert": _Family("embeddings", "transformer.layer.*", "transformer.layer.*.sa_layer_norm"),
    "albert": _Family(
        "embeddings",
        "encoder.albert_layer_groups.*.albert_layers.*",
        "encoder.albert_layer_groups.*.albert_layers.*.attention",
    ),
    "gpt2": _Family("drop", "h.*"),
    "modernbert": _Family("embeddings", "layers.*"),
}

_active: ContextVar[tuple[Mix, ...]] = ContextVar("amplify_viz_mixes", default=())


@contextmanager
def mixing(model: PreTrainedModel, mix: Mix) -> Iterator[None]:
    """Within the block one forward call of `model` is mixed as `mix` says; other contexts' calls stay plain.

    Raises InputError on a model that was not prepared, for a layer that it lacks, and where its family has no such
    site; RuntimeError if the block saw no forward call.  With lam = 1 the logits are those of the plain model.
    """
    with ExitStack() as stack:
        stack.callback(_active.reset, _active.set((*_active.get(), mix)))
        if mix.site == "attention":
            stack.enter_context(editing(model, _mix_layers(mix, _layers(mix, model), model.config.num_hidden_layers)))
        elif mix.site != "none":
            refuse_recomputation(model)
            stack.enter_context(_hooked(model, mix))
        yield


def _mix_layers(mix: Mix, layers: frozenset[int], n_layers: int) -> Callable[[int, Tensor], Tensor]:
    def mix_layer(layer: int, x: Tensor) -> Tensor:
        _check_one_call(layer, n_layers)
        return mix.mix(x) if layer in layers else x

    return mix_layer


def _check_one_call(n_seen: int, n_expected: int) -> None:
    if n_seen >= n_expected:
        raise InputError(
            "A Mix is for one forward call, this is the second in the block: draw another and open another block."
        )


def _layers(mix: Mix, model: PreTrainedModel) -> frozenset[int]:
    """The zero-based layers on which the mix acts in this model."""
    n_layers = model.config.num_hidden_layers
    if mix.layers is None:
        return frozenset(range(n_layers))
    layers = frozenset(ceil(x * n_layers) - 1 if isinstance(x, Fraction) else x for x in mix.layers)
    for layer in sorted(layers):
        if not 0 <= layer < n_layers:
            raise InputError(
                f"Layers go from 1 to {n_layers} in this {model.config.model_type}, got {layer + 1}: choose among these."
            )
    return layers


@contextmanager
def _hooked(model: PreTrainedModel, mix: Mix) -> Iterator[None]:
    """Forward hooks at the mix's site, which act in this context only and are gone after the block."""
    site = _HookedSite(mix, frozenset({0}), n_expected=1)
    if mix.site in ("block", "post-layernorm"):
        site = _HookedSite(mix, _layers(mix, model), n_expected=model.config.num_hidden_layers)
    handles: list[RemovableHandle] = [module.register_forward_hook(site) for module in _modules(model, mix.site)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
    if site.n_seen == 0:
        raise RuntimeError(
            f"The block saw no forward call of this {type(model).__name__}: run one inside it, in this thread."
        )


@dataclass
class _HookedSite:
    """A forward hook that mixes a module's output at the chosen layers, counted in call order."""

    mix: Mix
    layers: frozenset[int]
    n_expected: int
    n_seen: int = 0

    def __call__(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        """The mixed output, or None to leave it as it is."""
        if not any(mix is self.mix for mix in _active.get()):
            return None
        _check_one_call(self.n_seen, self.n_expected)
        layer, self.n_seen = self.n_seen, self.n_seen + 1
        if layer not in self.layers:
            return None
        if isinstance(output, Tensor):
            return self.mix.mix(output)
        if isinstance(output, tuple):
            return (self.mix.mix(output[0]), *output[1:])
        output.logits = self.mix.mix(output.logits)
        return output


def _modules(model: PreTrainedModel, site: Site) -> list[nn.Module]:
    """The modules whose output is mixed at this site.

    "sentence" is the whole model: its logits are an affine function of the pooled sentence vector, so that mixing them
    equals mixing the vector before the last linear layer, in every family (GPT-2: each row's own selected token).
    """
    if site == "sentence":
        return [model]
    path = getattr(_FAMILIES.get(model.config.model_type), site.replace("-", "_"), None)
    if path is None:
        raise InputError(
            f"The site {site!r} is not known in the family {model.config.model_type!r}: use a method with another site, "
            f"such as amplify, or another backbone ({', '.join(sorted(_FAMILIES))})."
        )
    return _at(model.base_model, path.split("."))


def _at(module: nn.Module, path: list[str]) -> list[nn.Module]:
    if not path:
        return [module]
    children = list(module.children()) if path[0] == "*" else [module.get_submodule(path[0])]
    return [found for child in children for found in _at(child, path[1:])]
