"""What a view looks at and how: one value for all views, read from links and clicks, which are never trusted.

A new choice is a field of Look with its default, an entry in _CHECKS that says what it may be, and a control in the view
that has it.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any, Literal, Self, get_args

from amplify_viz.filters import Between, Combine
from amplify_viz.rows import Level, Special

Form = Literal["auto", "lines", "matrix"]
Layout = Literal["arc", "circle", "radial"]
Order = Literal["text", "weight"]
Arrange = Literal["position", "measure"]
MOST = 10_000  # no model has so many layers or heads, and no text so many words

Check = Callable[[Any], Any]
"""Returns the value as it is kept; raises ValueError or TypeError for one that cannot be."""


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) != float(value) or not 0 <= int(value) < MOST:
        raise ValueError
    return int(value)


def _share(value: Any) -> float:
    if isinstance(value, bool) or not 0 <= float(value) <= 1:
        raise ValueError
    return float(value)


def _or_none(check: Check) -> Check:
    return lambda value: None if value is None or value == "" else check(value)


def _list(value: Any) -> tuple[int, ...]:
    parts = [part for part in value.split(",") if part] if isinstance(value, str) else value
    return tuple(dict.fromkeys(_whole(part) for part in parts[:MOST]))


def _set(value: Any) -> tuple[int, ...]:
    return tuple(sorted(_list(value)))


def _pair(value: Any) -> tuple[int, int]:
    a, b = _list(value)
    return a, b


def _one_of(names: Any) -> Check:
    def check(value: Any) -> Any:
        if value not in get_args(names):
            raise ValueError
        return value

    return check


@dataclass(frozen=True)
class Look:
    """The choices that the views share.  Layers, heads and words are zero-based; counts are checked where they are used.

    layer; heads: those on show, None for all; head: the one of views that show one, None for the first of these, or for
    their mean in the word graph; focus: positions of the pinned words, () for every word.
    level, special: see `rows.shown`; between: which sentence looks at which ("ab": from A to B); least: weaker weights are
    not drawn; top: at most so many for each row, None for all; combine: heads by themselves, or their mean or maximum.
    order: of the neuron view's keys, as in the text or the strongest first; form: lines, matrices, or what fits; layout,
    edge: the word graph's, and the least weight of its lines; difference: positions of two panels (a, b) whose difference
    b − a is shown, too; measure: what the model view marks; arrange: whether a layer's heads stand there as they are counted,
    or by the measure.
    """

    layer: int = 3
    heads: tuple[int, ...] | None = None
    head: int | None = None
    focus: tuple[int, ...] = ()
    level: Level = "tokens"
    special: Special = "shown"
    between: Between = "all"
    least: float = 0.0
    top: int | None = None
    combine: Combine = "each"
    order: Order = "text"
    form: Form = "auto"
    layout: Layout = "arc"
    edge: float = 0.03
    difference: tuple[int, int] | None = None
    measure: str | None = None
    arrange: Arrange = "position"

    @classmethod
    def read(cls, values: Any, base: Self | None = None) -> Self:
        """The look that a mapping describes; what it lacks, or says in a way that cannot be, is the base's (or the default)."""
        found = {} if base is None else {one.name: getattr(base, one.name) for one in fields(cls)}
        for one in fields(cls):
            try:
                found[one.name] = _CHECKS[one.name](values[one.name])
            except (KeyError, ValueError, TypeError, OverflowError):
                continue
        return cls(**found)

    @property
    def word(self) -> int | None:
        """The word pinned last, or None."""
        return self.focus[-1] if self.focus else None

    def meta(self) -> dict[str, Any]:
        """All choices, as the browser gets them and gives them back."""
        return asdict(self)


LOOK_NAMES = tuple(one.name for one in fields(Look))
"""The choices by name, as a link's parameters are called."""
_CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "layer": _whole,
        "heads": _or_none(_set),
        "head": _or_none(_whole),
        "focus": _list,
        "level": _one_of(Level),
        "special": _one_of(Special),
        "between": _one_of(Between),
        "least": _share,
        "top": _or_none(_whole),
        "combine": _one_of(Combine),
        "order": _one_of(Order),
        "form": _one_of(Form),
        "layout": _one_of(Layout),
        "edge": _share,
        "difference": _or_none(_pair),
        "measure": _or_none(lambda value: str(value)[:40]),
        "arrange": _one_of(Arrange),
    }
)
_COUNTED = ("layer", "heads", "head", "focus", "difference")
"""Choices that count from one in a link."""
_NOTHING = "none"


def to_link(look: Look) -> dict[str, str]:
    """The choices that are not the defaults, as a link's parameters; layers, heads and words count from one."""
    plain = Look()
    return {
        one.name: _written(one.name, getattr(look, one.name))
        for one in fields(look)
        if getattr(look, one.name) != getattr(plain, one.name) or one.name == "layer"
    }


def from_link(parameters: Mapping[str, str], base: Look | None = None) -> Look:
    """The look of a link: what is unknown, missing or impossible is the base's.  Reverses `to_link`."""
    values: dict[str, Any] = {}
    for one in fields(Look):
        text = parameters.get(one.name)
        if text is not None:
            values[one.name] = _counted_down(text) if one.name in _COUNTED else text
    return Look.read(values, base)


def _written(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in _COUNTED:
        return ",".join(str(number + 1) for number in (value if isinstance(value, tuple) else (value,))) or _NOTHING
    return str(value)


def _counted_down(text: str) -> Any:
    """Numbers counted from zero; none of them where the link says so."""
    if text == _NOTHING:
        return ()
    try:
        numbers = [str(int(part) - 1) for part in text.split(",") if part]
    except ValueError:
        return "?"  # no choice is so called
    return ",".join(numbers)
