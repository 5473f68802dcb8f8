"""What is compared on the page Compare: two sides, texts, a test and a correction."""

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import streamlit as st

from amplify_viz.comparison import Choices
from amplify_viz.config import RunConfig, without_meaning
from amplify_viz.errors import InputError
from amplify_viz.reading import BUILT_IN, Texts, pasted_texts, read_texts
from amplify_viz.recipes.recipe import portable
from amplify_viz.runs import Run
from amplify_viz.statistics.inputs import Correction, Test
from amplify_viz.ui import demo
from amplify_viz.ui.comparing import Request
from amplify_viz.ui.demo_panel import demo_panel
from amplify_viz.ui.resources import allowed_roots, runs_folder
from amplify_viz.ui.state import BACKBONE, BOUND, Choice, default_labels, is_below, plain, set_defaults, typed_choice

_SPLITS = ("test", "dev", "train")
_TESTS: Mapping[str, Test] = MappingProxyType(
    {"Paired t": "t", "Wilcoxon signed-rank": "wilcoxon", "Sign-flip permutation": "sign-flip"}
)
_CORRECTIONS: Mapping[str, Correction] = MappingProxyType({"Holm": "holm", "Benjamini–Hochberg": "bh", "None": "none"})
_FILES = ("jsonl", "csv", "tsv", "parquet", "txt")
_USUAL_LIMIT = 200


@dataclass(frozen=True)
class Asked:
    """A request, the labels that its checkpoints have on the page, and how its texts are read, as options of a recipe."""

    request: Request
    a: tuple[str, ...]
    b: tuple[str, ...]
    reading: Mapping[str, Any]


@dataclass(frozen=True)
class _Read:
    """Texts, and the options of a recipe that reads them again."""

    texts: Texts
    options: Mapping[str, Any]


def choose(found: Mapping[str, Choice]) -> Asked | None:
    """The widgets in the sidebar, and what was chosen with them; None, said in a sentence, where it cannot be compared."""
    messages: list[str] = []
    with st.sidebar:
        sides = _choose_sides(found, messages)
        read = _choose_texts([choice.run for side in sides for choice in side if choice.run], messages)
        several = any(len(side) > 1 for side in sides)
        test = None if several else _choose_test()
        correction = st.selectbox(
            "Correction",
            list(_CORRECTIONS),
            key="correction",
            bind=BOUND,
            help="For the number of layers and heads that are tested. Holm: the chance of any false finding stays below the "
            "level. Benjamini–Hochberg: the share of false ones among the findings.",
        )
    for message in messages:
        st.error(plain(message), icon=":material/error:")
    if not all(sides):
        _say_what_to_choose(found)
        return None
    if read is None:
        if not messages:
            st.info(
                "Choose the texts that both sides are to read: a file, a folder's split, an upload, a list or the built-in pairs."
            )
        return None
    a, b = (tuple(choice.source for choice in side) for side in sides)
    choices = Choices(test=test, correction=_CORRECTIONS[correction])
    labels_a, labels_b = (tuple(choice.label for choice in side) for side in sides)
    return Asked(Request(a, b, read.texts, choices), labels_a, labels_b, read.options)


def _say_what_to_choose(found: Mapping[str, Choice]) -> None:
    """What the sides are to be; where there are not two runs yet, how to get them, and the demo's training."""
    n_runs = sum(choice.run is not None for choice in found.values())
    if n_runs > 1:
        st.info("Choose at least one run on each side: one against one, or several seeds against several.")
        return
    root = runs_folder()
    there = "There is no finished run yet" if n_runs == 0 else "There is but one finished run yet"
    if demo.is_running(root):
        how = (
            "The demo models are being trained, and both sides are filled when two of them are ready. Or train your own"
        )
    else:
        how = "Train the demo models here, or your own"
    st.info(
        f"{there}, and Compare needs one on each side. {how} on the page Train, or type a checkpoint folder or a hub name as "
        f"*Side A* and *Side B*. The {BACKBONE} can be a side, too."
    )
    st.page_link("app_pages/train.py", label="Train", icon=":material/model_training:")
    demo_panel(root)


def _choose_test() -> Test:
    """For one run on each side; groups are judged by relabelling their runs."""
    chosen = st.selectbox(
        "Test over inputs",
        list(_TESTS),
        key="test",
        bind=BOUND,
        help="With several runs on a side there is no such choice: groups are judged by relabelling their runs.",
    )
    return _TESTS[chosen]


def default_sides(found: Mapping[str, Choice]) -> tuple[list[str], list[str]]:
    """The labels of both sides at first: all seeds without mixup against all with it, where there are two of each.

    Runs of one group agree in all settings but the seed; AMPLIFY is preferred.  Else the pair that Explore shows first, or
    nothing where there is none.
    """
    groups: dict[tuple[str, ...], list[Choice]] = {}
    for choice in found.values():
        if choice.run:
            groups.setdefault(_settings(choice.run), []).append(choice)
    mixed = sorted((key for key in groups if key[0] != "none"), key=lambda key: key[0] != "amplify")
    for key in mixed:
        sides = groups.get(("none", *key[1:3], _shared_settings(groups[key][0])), []), groups[key]
        if min(map(len, sides)) > 1:
            return _labels(sides[0]), _labels(sides[1])
    first = default_labels(dict(found))
    return (first[:1], first[1:2]) if len(first) > 1 else ([], [])


def _settings(run: Run) -> tuple[str, ...]:
    config = run.config
    return config.method, config.data_name, config.backbone_name, repr(sorted(config.changed.items()))


def _shared_settings(choice: Choice) -> str:
    """The settings of a run that mean something without mixup, too."""
    config = choice.run.config if choice.run else RunConfig("none")
    return repr(sorted(replace(config, method="none", **without_meaning("none")).changed.items()))


def _labels(side: Sequence[Choice]) -> list[str]:
    return [choice.label for choice in sorted(side, key=lambda choice: choice.run.config.seed if choice.run else 0)]


def _choose_sides(found: Mapping[str, Choice], messages: list[str]) -> list[list[Choice]]:
    defaults = default_sides(found)
    sides = []
    for key, name, first in zip(("ca", "cb"), "AB", defaults, strict=True):
        set_defaults(key, first)
        labels = st.multiselect(
            f"Side {name}",
            list(found),
            first,
            key=key,
            bind=BOUND,
            accept_new_options=True,
            placeholder="Choose, or type a folder or hub name",
            help="One run, or all seeds of one method. Differences are B − A.",
        )
        sides.append([choice for label in labels if (choice := _choice(found, label, messages))])
    return sides


def _choice(found: Mapping[str, Choice], label: str, messages: list[str]) -> Choice | None:
    try:
        return found.get(label) or typed_choice(label, allowed_roots())
    except InputError as error:
        messages.append(str(error))
        return None


def _choose_texts(runs: Sequence[Run], messages: list[str]) -> _Read | None:
    """The texts, or None where there are none to read; what is wrong with them is added to the messages."""
    sources: dict[str, Callable[[], _Read | None]] = {
        "Built-in pairs": lambda: _read(BUILT_IN, _choose_split()),
        "File or folder": lambda: _typed(runs),
        "Upload": _uploaded,
        "List": _pasted,
    }
    own = _own_data(runs)
    source = st.selectbox(
        "Texts",
        list(sources),
        index=1 if own and not own.startswith(BUILT_IN) else 0,
        key="texts",
        bind=BOUND,
        help="What both sides read. More texts make intervals narrower; more seeds make them say more about methods.",
    )
    limit = st.number_input(
        "At most",
        min_value=1,
        value=_USUAL_LIMIT,
        step=100,
        key="limit",
        bind=BOUND,
        help="Take the first so many texts.",
    )
    try:
        read = sources[source]()
        if read is None:
            return None
        texts = read.texts.first(int(limit))
        cut = {"limit": int(limit)} if texts is not read.texts else {}
        return _Read(texts, {**read.options, **cut})
    except InputError as error:
        messages.append(str(error))
        return None


def _read(data: str, split: str) -> _Read:
    return _Read(read_texts(data, split=split), {"data": portable(data), "split": split})


def _choose_split() -> str:
    split: str = st.selectbox("Split", _SPLITS, key="split", bind=BOUND)
    return split


def _own_data(runs: Sequence[Run]) -> str:
    """The data that all the runs were trained on, "" where they differ."""
    names = {run.config.data for run in runs}
    return names.pop() if len(names) == 1 else ""


def _typed(runs: Sequence[Run]) -> _Read | None:
    own = _own_data(runs)
    first = own if own and Path(own).expanduser().exists() else ""
    written = st.text_input(
        "Path",
        first,
        key="path",
        bind=BOUND,
        placeholder="data.jsonl, or a folder of splits",
        help="JSONL, CSV, TSV, Parquet, or TXT with one text a line; or a folder with a file for each split.",
    ).strip()
    split = _choose_split()
    if not written:
        st.info("Type the path of a file, or of a folder with a file for each split.")
        return None
    allowed = allowed_roots()
    folder = Path(written).expanduser().resolve()
    if written not in {run.config.data for run in runs} and not is_below(folder, allowed):
        raise InputError(
            f"A typed path lies below {' or '.join(str(root) for root in allowed)}; {written[:200]!r} does not: copy it there, or "
            f"start the app with AMPLIFY_VIZ_ROOTS set to its parent folder."
        )
    return _read(written, split)


def _uploaded() -> _Read | None:
    file = st.file_uploader("File", type=list(_FILES), key="upload", help="With a text column, or one text a line.")
    if file is None:
        st.info("Upload a file of texts or pairs.")
        return None
    texts = _read_upload(file.name, hashlib.sha256(file.getvalue()).hexdigest(), file.getvalue())
    return _Read(texts, {"data": Path(file.name).name})


@st.cache_resource(max_entries=4, show_spinner=False)
def _read_upload(name: str, digest: str, _content: bytes) -> Texts:  # noqa: ARG001 - a part of the cache's key
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, Path(name).name)
        path.write_bytes(_content)
        try:
            return replace(read_texts(path), origin=f"the uploaded {path.name}")
        except InputError as error:
            raise InputError(str(error).replace(str(path), path.name)) from None


def _pasted() -> _Read | None:
    content = st.text_area(
        "One text a line",
        key="list",
        height=160,
        max_chars=200_000,
        placeholder="A sentence\nAnother one",
        help="Between the two sentences of a pair stands a tab.",
    )
    if not content.strip():
        st.info("Write or paste at least two texts, one a line.")
        return None
    return _Read(pasted_texts(content), {"texts": content})
