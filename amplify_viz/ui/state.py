"""What is selected on the page: typed, read from the widgets, which mirror it in the URL.

A widget's key is its name in the URL.  What a link says is checked against what is there: an unknown run, a layer that
the model lacks or a word that is not in the text falls back to the default.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from amplify_viz.capture import AttentionRecord
from amplify_viz.errors import InputError
from amplify_viz.runs import Run
from amplify_viz.ui.presets import PRESETS, Preset

BACKBONE = "MiniLM backbone"
MAX_CHECKPOINTS = 4
EVERY_WORD = "every word"


@dataclass(frozen=True)
class Choice:
    """A checkpoint as the page offers it: label, unique and shown; source, for `load`; method, "" where it is no run."""

    label: str
    source: str
    method: str = ""


def choices(runs: Sequence[Run]) -> dict[str, Choice]:
    """The bundled backbone and every finished run by label; runs whose titles agree also show their hash."""
    found = {BACKBONE: Choice(BACKBONE, "minilm")}
    titles = [_title(run) for run in runs]
    for run, title in zip(runs, titles, strict=True):
        label = title if titles.count(title) == 1 else f"{title} · {run.config.hash[:8]}"
        found[label] = Choice(label, str(run.folder), run.config.method)
    return found


def _title(run: Run) -> str:
    return f"{run.title} · {run.config.data_name}/{run.config.backbone_name}"


def default_labels(found: dict[str, Choice]) -> list[str]:
    """What is compared at first: the first run without mixup beside the first with it, or else the backbone."""
    plain = [label for label, choice in found.items() if choice.method == "none"]
    mixed = [label for label, choice in found.items() if choice.method.startswith("amplify")]
    others = [label for label, choice in found.items() if choice.method and label not in plain + mixed]
    return (plain[:1] + (mixed or others)[:1]) or [BACKBONE]


def follow_new_runs(defaults: list[str]) -> None:
    """Selects the new defaults where the page still shows the old ones, so that a model appears when it is ready."""
    before = st.session_state.get("_defaults")
    if before is not None and before != defaults and st.session_state.get("run") == before:
        st.session_state["run"] = defaults
    st.session_state["_defaults"] = defaults


def typed_choice(label: str, roots: Sequence[Path]) -> Choice:
    """The checkpoint that a person typed: a folder below one of the roots, or a hub name.

    Links are followed before the folder is judged.  Raises InputError, the same for a folder that is missing and one
    that may not be read.
    """
    folder = Path(label).expanduser()
    resolved = folder.resolve()
    if any(resolved.is_relative_to(root.resolve()) for root in roots) and resolved.is_dir():
        return Choice(label, str(resolved))
    if folder.is_absolute() or label.startswith((".", "~")) or label.count("/") > 1:
        raise InputError(
            f"A typed checkpoint is a hub name, or a folder below {' or '.join(str(root) for root in roots)}; {label!r} is "
            f"neither: copy it there, or start the app with AMPLIFY_VIZ_ROOTS set to its parent folder."
        )
    return Choice(label, label)


def apply_preset() -> None:
    """Callback of the gallery: the chosen preset's text, layer and focus become the page's."""
    preset = next((preset for preset in PRESETS if preset.title == st.session_state["example"]), None)
    if preset is not None:
        st.session_state.update(a=preset.text, b=preset.text_pair, layer=preset.layer + 1, focus=_focus_label(preset))


def _focus_label(preset: Preset) -> str:
    return word_label(preset.focus, preset.text.split()[preset.focus])


def word_label(position: int, word: str) -> str:
    """How a word is called in the focus box and the URL: by its position, counted from one, so that repeats differ."""
    return f"{position + 1} · {word}"


def word_labels(records: Sequence[AttentionRecord]) -> dict[str, int]:
    """Position of each word that has a token in every record, by label."""
    shared = set.intersection(*({word for word in record.words if word is not None} for record in records))
    return {word_label(word, records[0].word_texts[word]): word for word in sorted(shared)}


def forget_unknown(key: str, known: Sequence[object]) -> None:
    """Drops a widget's value that its new options no longer hold."""
    if key in st.session_state and st.session_state[key] not in known:
        del st.session_state[key]


def plain(text: str) -> str:
    """The text with every character that Streamlit's Markdown gives a meaning escaped: it is shown as it is."""
    return "".join(f"\\{character}" if character in r"\`*_{}[]()<>#+-.!|~:$&@^=" else character for character in text)
