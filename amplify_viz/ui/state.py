"""What is selected on the page: typed, read from the widgets, which mirror it in the URL.

A widget's key is its name in the URL; the views' choices are one value, the look, which is mirrored there too.  What a
link says is checked against what is there: an unknown run, a layer that the model lacks or a word that is not in the
text falls back to the default.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.runs import Run
from amplify_viz.ui.presets import PRESETS
from amplify_viz.views.look import LOOK_NAMES, Look, from_link, to_link

BACKBONE = "MiniLM backbone"
MAX_CHECKPOINTS = 4
BOUND: Literal["query-params"] = "query-params"
"""How a widget is mirrored in the page's address."""
_WORDS = "_words_in_focus"
"""Where the words of the text wait that the look's focus counts in."""


@dataclass(frozen=True)
class Choice:
    """A checkpoint as the page offers it: label, unique and shown; source, for `load`; run, where it is one."""

    label: str
    source: str
    run: Run | None = None

    @property
    def method(self) -> str:
        """The run's method, "" for other checkpoints."""
        return self.run.config.method if self.run else ""


def choices(runs: Sequence[Run]) -> dict[str, Choice]:
    """The bundled backbone and every finished run by label; runs whose titles agree also show their hash."""
    found = {BACKBONE: Choice(BACKBONE, "minilm")}
    titles = [_title(run) for run in runs]
    for run, title in zip(runs, titles, strict=True):
        label = title if titles.count(title) == 1 else f"{title} · {run.config.hash[:8]}"
        found[label] = Choice(label, str(run.folder), run)
    return found


def _title(run: Run) -> str:
    return f"{run.title} · {run.config.data_name}/{run.config.backbone_name}"


def default_labels(found: dict[str, Choice]) -> list[str]:
    """What is compared at first: the newest run without mixup beside one with it on the same data, or the backbone.

    AMPLIFY is preferred to other methods, and the same seed to another; without such a pair the newest run is shown.
    """
    runs = sorted((choice for choice in found.values() if choice.run), key=_created, reverse=True)
    for plain_run in (choice for choice in runs if choice.method == "none"):
        mixed = [choice for choice in runs if choice.method != "none" and _task(choice) == _task(plain_run)]
        if mixed:
            return [plain_run.label, min(mixed, key=lambda choice: _distance(choice, plain_run)).label]
    return [choice.label for choice in runs[:1]] or [BACKBONE]


def _created(choice: Choice) -> str:
    return choice.run.created if choice.run else ""


def _task(choice: Choice) -> tuple[str, str] | None:
    return (choice.run.config.data_name, choice.run.config.backbone_name) if choice.run else None


def _distance(choice: Choice, other: Choice) -> tuple[bool, bool]:
    seeds = {one.run.config.seed for one in (choice, other) if one.run}
    return choice.method != "amplify", len(seeds) > 1


def set_defaults(key: str, defaults: list[str]) -> None:
    """Gives a widget its first value, unless a link does, and a new one where the page still shows the old one.

    The widget gets the same value as its own default, which it falls back to where the browser goes back to an address
    without it.
    """
    remembered = f"_{key}_defaults"
    before = st.session_state.get(remembered)
    untouched = before is not None and before != defaults and st.session_state.get(key) == before
    if untouched or (key not in st.session_state and key not in st.query_params):
        st.session_state[key] = defaults
    st.session_state[remembered] = defaults


def link_to_runs() -> dict[str, list[str]]:
    """What a link to Explore says of its checkpoints, also where they are those that it shows at first."""
    return {"run": list(st.session_state.get("run", ()))}


def set_default(key: str, default: str) -> None:
    """Gives a widget its first value, unless a link does; through the session, as in `set_defaults`."""
    if key not in st.session_state and key not in st.query_params:
        st.session_state[key] = default


def typed_choice(label: str, roots: Sequence[Path]) -> Choice:
    """The checkpoint that a person typed: a folder below one of the roots, or a hub name.

    Links are followed before the folder is judged.  Raises InputError, the same for a folder that is missing and one
    that may not be read.
    """
    try:
        folder = Path(label).expanduser()
        resolved, is_there = folder.resolve(), os.path.lexists(folder)
        if resolved.is_dir() and is_below(resolved, roots):
            return Choice(label, str(resolved))
    except (OSError, RuntimeError, ValueError):  # a name too long, a user that is not there, a NUL
        is_there = True
    if is_there or label.startswith((".", "~", "/")) or label.count("/") > 1:
        raise InputError(
            f"A typed checkpoint is a hub name, or a folder below {' or '.join(str(root) for root in roots)}; {label[:200]!r} "
            f"is neither: copy it there, or start the app with AMPLIFY_VIZ_ROOTS set to its parent folder."
        )
    return Choice(label, label)


def is_below(resolved: Path, roots: Sequence[Path]) -> bool:
    """Whether a path whose links have been followed lies below one of the roots."""
    return any(resolved.is_relative_to(root.resolve()) for root in roots)


def apply_preset() -> None:
    """Callback of the gallery: the chosen preset's text, layer and focus become the page's."""
    preset = next((preset for preset in PRESETS if preset.title == st.session_state["example"]), None)
    if preset is not None:
        st.session_state.update(a=preset.text, b=preset.text_pair)
        st.session_state.pop(_WORDS, None)  # the focus is the new text's
        change_look({"layer": preset.layer, "focus": (preset.focus,)})


def name_preset(text: str, text_pair: str) -> None:
    """Makes the gallery name the preset of these sentences, and none where they have been edited."""
    titles = (preset.title for preset in PRESETS if (preset.text, preset.text_pair) == (text, text_pair))
    st.session_state["example"] = next(titles, None)


def look_at(records: Sequence[AttentionRecord]) -> Look:
    """The page's look, a link's at first, without layers and heads that none of these records has, or words that not all have.

    A difference is of two records of one shape, or there is none.  Where the browser has gone back or forward the look is the
    one that the address there names.  A focus word stays in focus only while the text has the same word in its place.
    """
    if _has_gone_back():
        st.session_state.pop("look", None)
    look = _in_the_same_places(current_look(), tuple(records[0].word_texts))
    n_layers, n_heads = (max(getattr(record, name) for record in records) for name in ("n_layers", "n_heads"))
    shared = set.intersection(*({word for word in record.words if word is not None} for record in records))
    heads = tuple(head for head in look.heads or () if head < n_heads)
    return replace(
        look,
        layer=min(look.layer, n_layers - 1),
        heads=heads if heads or look.heads == () else None,
        head=look.head if look.head is not None and look.head < n_heads else None,
        focus=tuple(word for word in look.focus if word in shared),
        difference=look.difference if _is_comparable(look.difference, records) else None,
    )


def _is_comparable(pair: tuple[int, int] | None, records: Sequence[AttentionRecord]) -> bool:
    """Whether these are the places of two records of one shape."""
    if pair is None or pair[0] == pair[1] or max(pair) >= len(records):
        return False
    return len({(records[place].n_layers, records[place].n_heads) for place in pair}) == 1


def _in_the_same_places(look: Look, words: tuple[str, ...]) -> Look:
    """The look without focus words in whose place the text has got another word since; so it is then kept."""
    before: tuple[str, ...] = st.session_state.get(_WORDS, words)
    st.session_state[_WORDS] = words
    kept = tuple(word for word in look.focus if before[word : word + 1] == words[word : word + 1])
    if kept != look.focus:
        st.session_state["look"] = replace(look, focus=kept)
    return replace(look, focus=kept)


def change_look(values: Mapping[str, Any]) -> None:
    """Makes choices the page's, and the link's; what cannot be is left as it was."""
    look = Look.read(values, current_look())
    st.session_state["look"] = look
    link = to_link(look)
    for name in LOOK_NAMES:
        if name not in link and name in st.query_params:
            del st.query_params[name]
    if any(st.query_params.get(name) != value for name, value in link.items()):
        st.query_params.update(link)  # at once: each message would be a step of the browser's Back


def current_look() -> Look:
    """The look as it was chosen, whatever the records at hand have of it; a link's at first."""
    if "look" not in st.session_state:
        st.session_state["look"] = linked_look()
        st.session_state.pop(_WORDS, None)
    found: Look = st.session_state["look"]
    return found


def linked_look() -> Look:
    """The look that the address names; the first example's where it names neither a look nor a text."""
    first = PRESETS[0]
    named = any(name in st.query_params for name in ("a", "b", *LOOK_NAMES))
    return from_link(st.query_params, None if named else Look(layer=first.layer, focus=(first.focus,)))


def _has_gone_back() -> bool:
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def forget_unknown(key: str, known: Sequence[object]) -> None:
    """Drops a widget's value that its new options no longer hold."""
    if key in st.session_state and st.session_state[key] not in known:
        del st.session_state[key]


def keep_known(key: str, known: Sequence[object]) -> None:
    """Drops from a widget's list of values those that its new options no longer hold."""
    if key in st.session_state:
        st.session_state[key] = [value for value in st.session_state[key] if value in known]


def plain(text: str) -> str:
    """The text with every character that Streamlit's Markdown gives a meaning escaped: it is shown as it is."""
    return "".join(f"\\{character}" if character in r"\`*_{}[]()<>#+-.!|~:$&@^=" else character for character in text)
