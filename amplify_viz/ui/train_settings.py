"""The settings of a run as widgets, made from RunConfig's fields: what is new there appears on the page by itself.

Public names: `setting_help`, `Setting`, `settings`, `GROUPS`, `grouped`, `ask`.
"""

import inspect
import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType, NoneType
from typing import Any, Literal, get_args, get_origin

import streamlit as st

from amplify_viz.config import RunConfig
from amplify_viz.ui.state import plain

BOUND: Literal["query-params"] = "query-params"

ASKED_ELSEWHERE = ("method", "data", "backbone", "seed")  # first on the page, several at once
NOT_ASKED = ("processes",)  # torchrun says how many
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Basics": ("epochs", "batch_size", "learning_rate"),
        "Mixing": ("layers", "alpha", "draws", "fold", "labels", "smoothing"),
        "Training": ("patience", "warmup", "weight_decay", "adam_epsilon", "max_length"),
        "Data": (
            "text_column",
            "pair_column",
            "label_column",
            "dev_share",
            "split_seed",
            "fraction",
            "per_class",
            "noise",
            "noise_share",
        ),
    }
)
REST = "Machine"
_METHODS_OWN = "the method’s"
_BY_NAME = "found by name"


@cache
def setting_help() -> Mapping[str, str]:
    """Setting -> the sentence that explains it: the comment after, or on the lines before, its field in RunConfig.

    The command line's help is made of the same comments.
    """
    source = inspect.getsource(RunConfig)
    lines = [(token.start[0], token.string) for token in _comments(source)]
    names = {name: _line_of(name, source) for name in (field.name for field in fields(RunConfig))}
    return MappingProxyType({name: _sentence(_comment_of(line, lines)) for name, line in names.items()})


def _comments(source: str) -> list[tokenize.TokenInfo]:
    return [token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.COMMENT]


def _line_of(name: str, source: str) -> int:
    """The line (one-based) that declares a field."""
    return next(i for i, line in enumerate(source.splitlines(), 1) if line.startswith(f"    {name}: "))


def _comment_of(line: int, comments: list[tuple[int, str]]) -> str:
    at = dict(comments)
    if line in at:
        return at[line].lstrip("# ")
    above = line - 1
    while above in at:
        above -= 1
    return " ".join(at[i].lstrip("# ") for i in range(above + 1, line))


def _sentence(comment: str) -> str:
    return f"{comment[:1].upper()}{comment[1:]}." if comment else ""


@dataclass(frozen=True)
class Setting:
    """One field of RunConfig: its name, the types of values that it takes, its choices, default and help."""

    name: str
    kinds: tuple[type, ...]
    choices: tuple[str, ...]
    default: Any
    help: str

    @property
    def key(self) -> str:
        """Its widget's key and its name in the URL."""
        return f"new_{self.name}"

    @property
    def label(self) -> str:
        """How it is called on screen."""
        return self.name.replace("_", " ").capitalize()

    @property
    def is_optional(self) -> bool:
        """Whether nothing is a value too."""
        return NoneType in self.kinds

    @property
    def unset(self) -> str:
        """What an optional setting says while nothing is chosen."""
        if not self.is_optional:
            return ""
        return _METHODS_OWN if "the method's" in self.help else _BY_NAME if "column" in self.name else "all"

    @property
    def shown(self) -> Any:
        """What its widget shows at first."""
        if self.default is None:
            return self.unset if bool in self.kinds else "" if str in self.kinds else None
        return self.default


@cache
def settings() -> Mapping[str, Setting]:
    """Every setting by name, in RunConfig's order."""
    sentences = setting_help()
    return MappingProxyType(
        {
            field.name: Setting(field.name, *_kinds(field.type), field.default, sentences[field.name])
            for field in fields(RunConfig)
        }
    )


def _kinds(annotation: Any) -> tuple[tuple[type, ...], tuple[str, ...]]:
    if get_origin(annotation) is Literal:
        return (str,), get_args(annotation)
    return get_args(annotation) or (annotation,), ()


def grouped() -> dict[str, list[Setting]]:
    """Group -> its settings; those that no group names come under the last one."""
    named = {name for names in GROUPS.values() for name in names}
    rest = [name for name in settings() if name not in {*named, *ASKED_ELSEWHERE, *NOT_ASKED}]
    return {group: [settings()[name] for name in names] for group, names in {**GROUPS, REST: tuple(rest)}.items()}


def ask(setting: Setting) -> Any:
    """Draws the setting's widget and returns its value, None where an optional one is left empty."""
    if setting.choices:
        return _ask_choice(setting)
    if bool in setting.kinds:
        return _ask_switch(setting)
    if int in setting.kinds or float in setting.kinds:
        return _ask_number(setting)
    text = st.text_input(
        setting.label,
        setting.shown,
        key=setting.key,
        bind=BOUND,
        help=plain(setting.help),
        placeholder=setting.unset,
        max_chars=500,
    )
    return text.strip() or (None if setting.is_optional else "")


def _ask_choice(setting: Setting) -> Any:
    return st.selectbox(
        setting.label,
        setting.choices,
        index=setting.choices.index(setting.default),
        key=setting.key,
        bind=BOUND,
        help=plain(setting.help),
    )


def _ask_switch(setting: Setting) -> Any:
    if not setting.is_optional:
        return st.toggle(setting.label, setting.default, key=setting.key, bind=BOUND, help=plain(setting.help))
    answers = {setting.unset: None, "yes": True, "no": False}
    chosen = st.selectbox(setting.label, list(answers), key=setting.key, bind=BOUND, help=plain(setting.help))
    return answers.get(chosen)


def _ask_number(setting: Setting) -> Any:
    kind = int if int in setting.kinds else float
    return st.number_input(
        setting.label,
        value=setting.default,
        step=_step(setting, kind),
        format="%d" if kind is int else "%g",
        key=setting.key,
        bind=BOUND,
        help=plain(setting.help),
        placeholder=setting.unset,
    )


def _step(setting: Setting, kind: type) -> Any:
    """How far a click goes: 1, 0.05 for shares, half of a small number such as a learning rate."""
    if kind is int:
        return 1
    small = setting.default is not None and 0 < setting.default < 0.005
    return setting.default / 2 if small else 0.05
