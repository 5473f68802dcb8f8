"""What a mix does to attention: one text, mixed with a partner in one forward pass, beside the same pass unmixed.

Public names: `capture_mixed`, `MixedPass`.

    seen = capture_mixed(checkpoint, ("the rabbit quickly hopped",), ("the turtle crawled",), mixup="amplify", lam=0.7)
    seen.mixed.weights - seen.plain.weights   # attention under the mix, less attention without it
    seen.layer_movement                       # how far each layer's attention output has moved

Both passes read the same two rows, padded to one length as a training batch is.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import pandas as pd
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedModel

from amplify_viz.checkpoints import Checkpoint
from amplify_viz.encoding import Encoded, encode
from amplify_viz.errors import InputError
from amplify_viz.mixup import INSIDE_LAYERS, METHODS, Mix, Mixup
from amplify_viz.records import (
    MAX_BYTES,
    AttentionRecord,
    Forward,
    check_size,
    forward,
    outputs_of,
    to_record,
)
from amplify_viz.sites import acting_layers, mixing
from amplify_viz.statistics.movement import head_movement, layer_movement

_N_KEPT = 4  # two rows of two passes


@dataclass(frozen=True, eq=False)
class MixedPass:
    """A text's forward pass mixed with a partner's, and both unmixed, from one padded batch.

    plain, partner: the text and its partner, unmixed; mixed: the text under the mix.  Padding is left out of all three,
    and `checkpoint` says which is which.  mixed.outputs are those after the mix; before: those of the mixed pass before
    it [layer, head, token, dim] (the same ones where attention outputs are not what the method mixes).
    method: its name, None for settings of one's own; mixup: the settings in force, with their lam and layers;
    layers: the zero-based layers on which the mix acted, () where its site is in no layer.
    """

    plain: AttentionRecord
    mixed: AttentionRecord
    partner: AttentionRecord
    before: Tensor
    method: str | None
    mixup: Mixup
    lam: float
    layers: tuple[int, ...]

    @cached_property
    def layer_movement(self) -> pd.DataFrame:
        """How far each layer's attention output is from the unmixed one: see `statistics.layer_movement`."""
        return layer_movement(self.before, self.mixed.outputs, self.plain.outputs)

    @cached_property
    def head_movement(self) -> pd.DataFrame:
        """The same for each head: see `statistics.head_movement`."""
        return head_movement(self.before, self.mixed.outputs, self.plain.outputs)


def capture_mixed(
    checkpoint: Checkpoint,
    texts: Sequence[str],
    partner_texts: Sequence[str],
    *,
    mixup: Mixup | str,
    lam: float,
    layers: Sequence[int | Fraction] | None = None,
    max_bytes: int = MAX_BYTES,
) -> MixedPass:
    """Returns the MixedPass of a text or pair with a partner, at a mixing weight of one's choice, dropout off.

    texts, partner_texts: one text or two each; mixup: a method's name or settings; lam: in [0, 1], the text's share;
    layers: where the mix acts instead of the settings' own.  A method that draws one layer acts on the last it can draw,
    or on the one given.  The shorter row is padded on the right with the tokenizer's padding token, as in training.

    Raises InputError as `capture` does (max_bytes: for both rows of both passes), for settings that mix nothing or fix
    another lam, and for a site or layer that the model lacks.
    With lam = 1 the mixed record equals the unmixed one, bit for bit.
    """
    settings = _settings(checkpoint, mixup, lam, layers)
    rows = [encode(checkpoint, _one_or_two(given)) for given in (texts, partner_texts)]
    n_tokens = len(rows[0].token_ids)
    check_size(checkpoint, max(n_tokens, len(rows[1].token_ids)), max_bytes, n_copies=_N_KEPT)
    checkpoint = _knowing_its_padding(checkpoint)
    batch = _batch(checkpoint, rows)
    plain, partner = _records(checkpoint, rows, forward(checkpoint, batch))
    with mixing(checkpoint.model, Mix(settings.site, lam, torch.tensor([1, 0]), settings.layers, settings.padding)):
        done = forward(checkpoint, batch)
    return MixedPass(
        plain=replace(plain, checkpoint="unmixed"),
        mixed=replace(_records(checkpoint, rows[:1], done)[0], checkpoint=f"mixed, λ = {lam:g}"),
        partner=replace(partner, checkpoint="partner, unmixed"),
        before=outputs_of(done.recording.outputs, 0, n_tokens),
        method=mixup if isinstance(mixup, str) else None,
        mixup=settings,
        lam=lam,
        layers=_acting_layers(settings, checkpoint.model),
    )


def _records(checkpoint: Checkpoint, rows: Sequence[Encoded], done: Forward) -> list[AttentionRecord]:
    return [to_record(checkpoint, encoded, done, row=row) for row, encoded in enumerate(rows)]


def _settings(checkpoint: Checkpoint, mixup: Mixup | str, lam: float, layers: Sequence[int | Fraction] | None) -> Mixup:
    """The settings in force, checked: lam and one set of layers, and nothing left to be drawn."""
    if isinstance(mixup, str):
        if mixup not in METHODS:
            raise InputError(f"A method is one of {', '.join(METHODS)}, got {mixup!r}.")
        mixup = METHODS[mixup]
    if mixup.site == "none":
        raise InputError("A mix has a site, these settings mix nothing: choose a method that mixes, such as amplify.")
    if mixup.site == "sentence" and not checkpoint.label_names:
        raise InputError(
            f"The site 'sentence' is what a classifier reads, {checkpoint.name} is a backbone without one: use another "
            f"method, or a fine-tuned checkpoint."
        )
    if mixup.lam not in (None, lam):
        raise InputError(
            f"These settings fix the mixing weight at {mixup.lam:g}, got lam={lam:g}: use that, or another method."
        )
    return replace(mixup, lam=lam, layers=_layers(checkpoint.model, mixup, layers), one_layer=False)


def _layers(
    model: PreTrainedModel, mixup: Mixup, layers: Sequence[int | Fraction] | None
) -> tuple[int | Fraction, ...] | None:
    if layers is None:
        return (max(acting_layers(mixup, model)),) if mixup.one_layer else mixup.layers
    if not layers or (mixup.one_layer and len(layers) > 1):
        least = "exactly one layer" if mixup.one_layer else "at least one layer"
        raise InputError(f"This method acts on {least}, got {len(layers)}: choose again, or leave layers out.")
    return tuple(layers)


def _acting_layers(settings: Mixup, model: PreTrainedModel) -> tuple[int, ...]:
    return tuple(sorted(acting_layers(settings, model))) if settings.site in INSIDE_LAYERS else ()


def _one_or_two(texts: Sequence[str]) -> Sequence[str]:
    if isinstance(texts, str) or not 1 <= len(texts) <= 2:
        raise InputError(
            f"A row of the batch is one text or a pair, as a sequence, got {texts!r}: pass (text,) or a pair."
        )
    return texts


def _knowing_its_padding(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint itself, or a twin that shares every weight and whose config names the tokenizer's padding token.

    A classifier on a decoder looks for each row's last token before the padding.  Training gives the config this token;
    another's checkpoint may lack it, and the shared model is not to be changed.
    """
    pad = checkpoint.tokenizer.pad_token_id
    if pad is None:
        raise InputError(
            f"Two texts of different lengths need a padding token, the tokenizer of {checkpoint.name} has none: set "
            f"tokenizer.pad_token and save it again."
        )
    if getattr(checkpoint.model.config, "pad_token_id", None) == pad:
        return checkpoint
    twin = copy(checkpoint.model)
    twin.config = copy(checkpoint.model.config)
    twin.config.pad_token_id = pad
    return replace(checkpoint, model=twin)


def _batch(checkpoint: Checkpoint, rows: Sequence[Encoded]) -> dict[str, Tensor]:
    """The rows as one batch, padded on the right."""
    fill = {
        "input_ids": checkpoint.tokenizer.pad_token_id,
        "token_type_ids": checkpoint.tokenizer.pad_token_type_id,
    }
    inputs = [row.inputs | {"attention_mask": [1] * len(row.token_ids)} for row in rows]
    return {
        name: pad_sequence(
            [torch.tensor(row[name]) for row in inputs], batch_first=True, padding_value=fill.get(name, 0)
        ).to(checkpoint.model.device)
        for name in inputs[0]
    }
