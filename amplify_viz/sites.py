"""Where a mix acts inside a model, and the block in which it does.

Public names: `mixing`, `changing`, `check_site`, `acting_layers`, `FAMILIES`.
"""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle
from transformers import PreTrainedModel

from amplify_viz.attention import depth, editing, is_editing, refuse_recomputation
from amplify_viz.errors import InputError
from amplify_viz.mixup import INSIDE_LAYERS, Mix, Mixup, Site


@dataclass(frozen=True)
class Family:
    """Where a family keeps its sites, as paths below the base model; "*" stands for every layer."""

    embedding: str
    block: str
    post_layernorm: str | None = None


_BERT_LIKE = Family("embeddings", "encoder.layer.*", "encoder.layer.*.attention")
FAMILIES: Mapping[str, Family] = {
    "bert": _BERT_LIKE,
    "roberta": _BERT_LIKE,
    "xlm-roberta": _BERT_LIKE,
    "electra": _BERT_LIKE,
    "distilbert": Family("embeddings", "transformer.layer.*", "transformer.layer.*.sa_layer_norm"),
    "albert": Family(
        "embeddings",
        "encoder.albert_layer_groups.*.albert_layers.*",
        "encoder.albert_layer_groups.*.albert_layers.*.attention",
    ),
    "gpt2": Family("drop", "h.*"),
    "vit": Family("embeddings", "layers.*"),
    "modernbert": Family("embeddings", "layers.*"),
}

_active: ContextVar[tuple[Mix, ...]] = ContextVar("amplify_viz_mixes", default=())


@contextmanager
def mixing(model: PreTrainedModel, mix: Mix) -> Iterator[None]:
    """Within the block one forward call of `model` is mixed as `mix` says; other contexts' calls stay plain.

    Raises InputError on a model that was not prepared, for a layer that it lacks, and where its family has no such site or
    computes attention in some of its layers only; RuntimeError if the block saw no forward call.  With lam = 1 the logits are
    those of the plain model.
    """
    with ExitStack() as stack:
        stack.callback(_active.reset, _active.set((*_active.get(), mix)))
        real = stack.enter_context(_real_tokens(model, mix)) if mix.padding == "keep" else _RealTokens(mix)
        if mix.site == "attention":
            stack.enter_context(_attention_mixed(model, mix, real))
        elif mix.site != "none":
            refuse_recomputation(model)
            stack.enter_context(_hooked(model, mix, real))
        yield


def changing() -> bool:
    """Whether a block of `mixing`, `editing` or `switching_off` is open here, whatever its model."""
    return bool(_active.get()) or is_editing()


def check_site(model: PreTrainedModel, mixup: Mixup) -> None:
    """Raises InputError where `mixing` would with some draw of these settings: for a layer or a site that the model lacks."""
    if mixup.site in INSIDE_LAYERS:
        acting_layers(mixup, model)
    if mixup.site not in ("none", "attention"):
        _modules(model, mixup.site)


@dataclass
class _RealTokens:
    """A forward pre-hook that keeps which tokens of the call are real [batch, token]; None where the call does not say."""

    mix: Mix
    found: Tensor | None = None

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> None:
        """Reads the call's attention_mask.

        torch calls a hook that is removed meanwhile, in another thread, without the kwargs; it is not that thread's.
        """
        if kwargs is None or not _is_active(self.mix):
            return
        given = inspect.signature(module.forward).bind_partial(*args, **kwargs).arguments
        mask = given.get("attention_mask")
        if mask is not None and mask.dim() != 2:
            raise InputError(
                f"Padding is read from an attention_mask of [batch, token], got one of {mask.dim()} dimensions: pass the "
                f"tokenizer's."
            )
        self.found = None if mask is None else mask.bool()


@contextmanager
def _real_tokens(model: PreTrainedModel, mix: Mix) -> Iterator[_RealTokens]:
    real = _RealTokens(mix)
    handle = model.register_forward_pre_hook(real, with_kwargs=True)
    try:
        yield real
    finally:
        handle.remove()


def _is_active(mix: Mix) -> bool:
    return any(active is mix for active in _active.get())


@contextmanager
def _attention_mixed(model: PreTrainedModel, mix: Mix, real: _RealTokens) -> Iterator[None]:
    layers, n_layers, n_seen = acting_layers(mix, model), depth(model), 0

    def mix_layer(layer: int, x: Tensor) -> Tensor:
        nonlocal n_seen
        _check_one_call(layer, n_layers)
        n_seen = layer + 1
        return mix.mix(x, real.found) if layer in layers else x

    with editing(model, mix_layer):
        yield
    if n_seen < n_layers:
        raise InputError(
            f"{type(model).__name__} has {n_layers} layers and computed attention {n_seen} times, so that not each of them was "
            f"mixed: use a model with attention in every layer."
        )


def _check_one_call(n_seen: int, n_expected: int) -> None:
    if n_seen >= n_expected:
        raise InputError(
            "A Mix is for one forward call, this is the second in the block: draw another and open another block."
        )


def acting_layers(mix: Mix | Mixup, model: PreTrainedModel) -> frozenset[int]:
    """The zero-based layers on which a mix inside the layers acts in this model.  Raises InputError for one that it lacks."""
    n_layers = depth(model)
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
def _hooked(model: PreTrainedModel, mix: Mix, real: _RealTokens) -> Iterator[None]:
    """Forward hooks at the mix's site, which act in this context only and are gone after the block."""
    site = _HookedSite(mix, real, frozenset({0}), n_expected=1)
    if mix.site in INSIDE_LAYERS:
        site = _HookedSite(mix, real, acting_layers(mix, model), n_expected=depth(model))
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
    real: _RealTokens
    layers: frozenset[int]
    n_expected: int
    n_seen: int = 0

    def __call__(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        """The mixed output, or None to leave it as it is."""
        if not _is_active(self.mix):
            return None
        _check_one_call(self.n_seen, self.n_expected)
        layer, self.n_seen = self.n_seen, self.n_seen + 1
        if layer not in self.layers:
            return None
        if isinstance(output, Tensor):
            return self.mix.mix(output, self.real.found)
        if isinstance(output, tuple):
            return (self.mix.mix(output[0], self.real.found), *output[1:])
        output.logits = self.mix.mix(output.logits)
        return output


def _modules(model: PreTrainedModel, site: Site) -> list[nn.Module]:
    """The modules whose output is mixed at this site.

    "sentence" is the whole model: its logits are an affine function of the pooled sentence vector, so that mixing them
    equals mixing the vector before the last linear layer, in every family (GPT-2: each row's own selected token).
    """
    if site == "sentence":
        return [model]
    path = getattr(FAMILIES.get(model.config.model_type), site.replace("-", "_"), None)
    if path is None:
        raise InputError(
            f"The site {site!r} is not known in the family {model.config.model_type!r}: use a method with another site, "
            f"such as amplify, or another backbone ({', '.join(sorted(FAMILIES))})."
        )
    return _at(model.base_model, path.split("."))


def _at(module: nn.Module, path: list[str]) -> list[nn.Module]:
    if not path:
        return [module]
    children = list(module.children()) if path[0] == "*" else [module.get_submodule(path[0])]
    return [found for child in children for found in _at(child, path[1:])]
