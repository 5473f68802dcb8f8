"""What decides a run: `RunConfig`, from which the command line is made.

Public names: `RunConfig`, `parse_layers`, `layers_text`, `without_meaning`, `read_config`, `slug`, `demo_configs`.
"""

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass, fields, replace
from fractions import Fraction
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from amplify_viz.errors import InputError
from amplify_viz.mixup import INSIDE_LAYERS, METHODS, Labels, Layers, Mixup

Noise = Literal["none", "delete", "swap", "flip"]
Precision = Literal["fp32", "bf16", "fp16"]

_NAMED_LAYERS = {"early": Fraction(4, 12), "middle": Fraction(8, 12), "last": Fraction(12, 12)}
_LAYERS = re.compile(r"(\d+)(?:-(\d+))?")


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides a run; the defaults are the paper's settings."""

    # what is mixed and how: none, amplify, amplify-postln, amplify-padaware, embedmix, sentencemix or tmix; or a control:
    # lam1, label-smoothing or label-smoothing-0.1
    method: str = "amplify"
    # "roles", the built-in data; mrpc, sst2, sst5, trec-coarse, trec-fine, yelp-polarity (the paper's Yelp-5), yelp-5 or imdb,
    # from the hub; or the path of a data file, of a folder with one for each split, or of class folders with pictures
    data: str = "roles"
    backbone: str = "minilm"  # "minilm", the bundled backbone, a checkpoint folder or a hub name
    seed: int = 0  # decides the order of the data, dropout, the classifier's first weights and every mix
    epochs: int = 15  # at most so many passes over the data
    patience: int = 5  # stop after so many epochs without a better dev accuracy
    batch_size: int = 32  # rows a forward pass, and partners are drawn among them
    learning_rate: float = 2e-5  # AdamW's, at the end of the warm-up; then it falls as a cosine to 0
    adam_epsilon: float = 1e-8  # AdamW's
    weight_decay: float = 0.01  # AdamW's
    warmup: float = 0.1  # share of the steps in which the learning rate rises
    max_length: int = 256  # in tokens; what is longer is cut
    dev_share: float = 0.1  # share of train that is held out where the data has no dev split
    layers: str | None = None  # where: 4, 4-12, 4,8,12, all, early, middle or last; else the method's
    alpha: float | None = None  # lam is drawn from Beta(alpha, alpha); else the method's
    draws: int | None = None  # lam is the largest of so many draws; else the method's
    fold: bool | None = None  # whether lam is made the larger of lam and 1 - lam; else the method's
    labels: Labels = "partner"  # "independent" pairs labels by a second permutation, the published baselines' fault
    smoothing: float | None = None  # label smoothing; else the method's
    split_seed: int = 0  # decides which rows are held out, and which are kept by --fraction and --per-class
    text_column: str | None = None  # the column of the text; else text, sentence or sentence1
    pair_column: str | None = None  # the column of the second text; else text_pair or sentence2
    label_column: str | None = None  # the column of the label; else label or labels (TREC's raw form: coarse or fine)
    fraction: float = 1.0  # share of train that is used, stratified by label
    per_class: int | None = None  # at most so many rows of each label in train
    noise: Noise = "none"  # what is done to words (delete, swap) or labels (flip) of train
    noise_share: float = 0.0  # to what share of them
    precision: Precision = "fp32"  # of the forward and backward pass; fp16 needs a GPU
    accumulate: int = 1  # forward passes a step
    compile: bool = False  # compile the model with torch.compile
    keep_epochs: bool = False  # keep each epoch's weights in epochs/
    processes: int = 1  # processes that share each step; torchrun says how many

    def __post_init__(self) -> None:
        for name in ("data", "backbone"):
            if not getattr(self, name).strip():
                raise InputError(f"A run has {name}, got {getattr(self, name)!r}: name some, such as {_FIRST[name]}.")
        if self.method not in METHODS:
            raise InputError(f"A method is one of {', '.join(METHODS)}, got {self.method!r}.")
        for name, low, high in _BOUNDS:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise InputError(f"{name} goes from {low:.10g} to {high:.10g}, got {value}: choose a value in between.")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise InputError(f"{name} is one of {', '.join(choices)}, got {getattr(self, name)!r}.")
        if (self.noise == "none") != (self.noise_share == 0):
            raise InputError(
                f"Noise has a kind and a share, got noise={self.noise} with noise_share={self.noise_share:g}: give both or "
                f"neither."
            )
        self._check_method_settings()

    def _check_method_settings(self) -> None:
        """Raises InputError for a setting that has no meaning for the method: the run would be another's, misnamed."""
        method = METHODS[self.method]
        fixed = {"alpha": self.alpha, "draws": self.draws, "fold": self.fold}
        if method.site == "none" or method.lam is not None:
            given = [name for name, value in fixed.items() if value is not None]
            if given:
                raise InputError(f"{given[0]} decides how lam is drawn, {self.method} draws none: leave it out.")
        if method.site == "none" and self.labels == "independent":
            raise InputError(f"labels=independent is about mixed labels, {self.method} mixes none: leave it out.")
        mixup = self.mixup
        if self.compile and (mixup.site not in ("none", "attention") or mixup.padding == "keep"):
            raise InputError(
                f"compile=True is for methods that mix inside attention or nowhere, {self.method} acts by hooks, which "
                f"torch.compile does not see: leave it out."
            )

    @property
    def mixup(self) -> Mixup:
        """The method's settings, with what this config says otherwise."""
        given: dict[str, Any] = {
            "alpha": self.alpha,
            "n_draws": self.draws,
            "fold": self.fold,
            "labels": self.labels,
            "smoothing": self.smoothing,
        }
        changed = {name: value for name, value in given.items() if value is not None}
        mixup = replace(METHODS[self.method], **changed)
        return mixup if self.layers is None else replace(mixup, layers=parse_layers(self.layers))

    @property
    def data_name(self) -> str:
        """The data's name in the run folder's path."""
        return _folder_name(self.data)

    @property
    def backbone_name(self) -> str:
        """The backbone's name in the run folder's path; a hub name keeps its owner: `owner--name`."""
        is_hub_name = self.backbone.count("/") == 1 and self.backbone[0] not in "./~"
        return _folder_name(self.backbone.replace("/", "--") if is_hub_name else self.backbone)

    @property
    def hash(self) -> str:
        """SHA-256 of the name parts and of what differs from the defaults.

        The same on every machine, and in later versions with more settings.
        """
        named = {"method": self.method, "data": self.data_name, "backbone": self.backbone_name, "seed": self.seed}
        content = json.dumps({**self.changed, **named}, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    @property
    def changed(self) -> dict[str, Any]:
        """Settings beside method, data, backbone and seed that are not the defaults, each in one way only.

        What says the method's own in other words is no change.
        """
        plain = RunConfig(self.method, self.data, self.backbone, self.seed)
        changed = {name: value for name, value in asdict(self).items() if value != getattr(plain, name)}
        own, mixup = METHODS[self.method], self.mixup
        for name in ("layers", "alpha", "draws", "fold", "smoothing"):
            field = "n_draws" if name == "draws" else name
            if getattr(mixup, field) == getattr(own, field):
                changed.pop(name, None)
        return changed | ({"layers": layers_text(mixup.layers)} if "layers" in changed else {})

    @property
    def name(self) -> str:
        """`<method>-seed<k>`, with eight digits of the hash where anything else differs from the defaults."""
        return f"{self.method}-seed{self.seed}" + (f"-{self.hash[:8]}" if self.changed else "")


_FIRST = {"data": "roles", "backbone": "minilm"}
_BOUNDS = (
    ("seed", 0, 2**31 - 1),
    ("epochs", 1, 10_000),
    ("patience", 1, 10_000),
    ("batch_size", 2, 65_536),
    ("learning_rate", 1e-9, 1.0),
    ("adam_epsilon", 1e-16, 1.0),
    ("weight_decay", 0.0, 1.0),
    ("warmup", 0.0, 1.0),
    ("max_length", 8, 131_072),
    ("dev_share", 0.01, 0.5),
    ("alpha", 1e-3, 100.0),
    ("draws", 1, 10_000),
    ("smoothing", 0.0, 0.99),
    ("split_seed", 0, 2**31 - 1),
    ("fraction", 1e-6, 1.0),
    ("per_class", 1, 10**9),
    ("noise_share", 0.0, 1.0),
    ("accumulate", 1, 65_536),
    ("processes", 1, 65_536),
)
_CHOICES = {"labels": get_args(Labels), "noise": get_args(Noise), "precision": get_args(Precision)}


def parse_layers(text: str) -> Layers:
    """Returns the layers of one-based numbers, ranges and names: "4", "4-12", "4,8,12", "early", "all" (None).

    early, middle and last are 4, 8 and 12 of 12, the same shares of any depth.  Sorted, numbers before shares: tmix draws
    one by its place.  Raises InputError for anything else.
    """
    parts = [part.strip().lower() for part in text.split(",")]
    if parts == ["all"]:
        return None
    layers = {(isinstance(layer, Fraction), layer) for part in parts for layer in _layers_of(part, text)}
    return tuple(layer for _, layer in sorted(layers))  # the second layer is 1, and so is the whole depth


def layers_text(layers: Layers) -> str:
    """The text that `parse_layers` makes these layers of: numbers, and names for shares of the depth."""
    names = {share: name for name, share in _NAMED_LAYERS.items()}
    if layers is None:
        return "all"
    return ",".join(names.get(layer, str(layer)) if isinstance(layer, Fraction) else str(layer + 1) for layer in layers)


def without_meaning(method: str) -> dict[str, Any]:
    """The settings that a method has no use for, at their defaults; none for a method that does not exist."""
    mixup = METHODS.get(method)
    if mixup is None:
        return {}
    left_out: dict[str, Any] = {} if mixup.site in INSIDE_LAYERS else {"layers": None}
    if mixup.site == "none" or mixup.lam is not None:
        left_out |= {"alpha": None, "draws": None, "fold": None}
    return left_out | ({"labels": "partner"} if mixup.site == "none" else {})


def _layers_of(part: str, text: str) -> tuple[int | Fraction, ...]:
    if part in _NAMED_LAYERS:
        return (_NAMED_LAYERS[part],)
    found = _LAYERS.fullmatch(part)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= 1000:
        raise InputError(
            f"Layers are one-based numbers, ranges or names, such as 4, 4-12, 4,8,12, all, early, middle or last; got {text!r}."
        )
    return tuple(range(first - 1, last))


def slug(name: str) -> str:
    """The name in the characters that a folder name may hold, [a-z0-9._-]; "" where nothing is left of it."""
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-.")


def _folder_name(source: str) -> str:
    """The last part of a path or hub name, in the characters a folder name may hold."""
    stem = re.sub(r"\.(jsonl|csv|tsv|parquet|txt|label)$", "", Path(os.path.normpath(source)).name)
    return slug(stem) or "unnamed"


def read_config(content: Any) -> RunConfig:
    """Returns the RunConfig of what `dataclasses.asdict` made of one; settings that it lacks get their defaults.

    Raises TypeError or ValueError, saying which, for a setting that is unknown or of another kind.
    """
    if not isinstance(content, dict):
        raise TypeError(f"config is {content!r}")
    known: dict[str, Any] = {field.name: field.type for field in fields(RunConfig)}
    if unknown := sorted(set(content) - set(known)):
        raise ValueError(f"config has unknown fields: {', '.join(unknown)}")
    for name, value in content.items():
        if not isinstance(value, _kinds(known[name])) or (isinstance(value, bool) and bool not in _kinds(known[name])):
            raise TypeError(f"config.{name} is {value!r}")
    return RunConfig(**content)


def _kinds(annotation: Any) -> tuple[type, ...]:
    """The types of values that an annotation of RunConfig allows; a whole number is a float too."""
    if get_origin(annotation) is Literal:
        return (str,)
    kinds = get_args(annotation) or (annotation,)
    return (*kinds, int) if float in kinds else tuple(NoneType if kind is None else kind for kind in kinds)


def demo_configs() -> tuple[RunConfig, ...]:
    """The demo's runs: no mixup, embedding mixup and AMPLIFY on `roles`, six short epochs of small batches each.

    The loss stays at ln 2 for two to four epochs before it falls, so that fewer epochs leave some seeds at chance.
    """
    methods = ("none", "embedmix", "amplify")
    return tuple(RunConfig(method, epochs=6, batch_size=16, learning_rate=1e-4) for method in methods)
