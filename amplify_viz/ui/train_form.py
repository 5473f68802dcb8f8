"""The form for new runs: what is trained, every setting, how long it would take, and the button that queues it."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import streamlit as st

from amplify_viz.config import RunConfig, without_meaning
from amplify_viz.errors import InputError
from amplify_viz.mixup import METHODS
from amplify_viz.runs import Run, run_folder
from amplify_viz.ui import training
from amplify_viz.ui.resources import allowed_roots
from amplify_viz.ui.state import is_below, plain, typed_choice
from amplify_viz.ui.train_estimate import estimate, spell
from amplify_viz.ui.train_settings import BOUND, NOT_ASKED, Setting, ask, grouped, settings

# The built-in data, and the names by which `training.data` knows the paper's sets.
DATA = ("roles", "mrpc", "sst2", "sst5", "trec-coarse", "trec-fine", "imdb", "yelp", "yelp-polarity", "yelp-5")
BACKBONES = ("minilm", "bert-base-uncased", "distilbert-base-uncased", "roberta-base")
_METHODS = ("none", "amplify")
_FIRST_SEEDS = ("0",)
_SEEDS = [str(seed) for seed in range(10)]
_MOST_RUNS = 200


def draw_form(root: Path, runs: Sequence[Run]) -> None:
    """Draws the form; what is wrong with the settings is one sentence above the button, which then does nothing."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("New runs")
        st.button("Reset", key="reset_form", on_click=_reset, type="tertiary", help="Brings the usual settings back.")
    given = _ask_what()
    values = _ask_settings()
    configs: list[RunConfig] = []
    try:
        configs = _configs(given, values)
    except InputError as error:
        st.error(plain(str(error)), icon=":material/error:")
    new = [config for config in configs if training.is_new(config, root)]
    pressed = st.button(
        _button_label(len(new)),
        type="primary",
        key="start_runs",
        width="stretch",
        disabled=not new,
        icon=":material/play_arrow:",
    )
    _say_what_is_there(configs, new, root)
    if new:
        st.caption(_time_words(new, runs))
    if pressed:
        _start(new, root)


def _reset() -> None:
    """Gives every widget of the form the value that it has at first, and so the link."""
    first = {name: setting.shown for name, setting in settings().items() if name not in NOT_ASKED}
    for name, value in {**first, "method": list(_METHODS), "seed": list(_FIRST_SEEDS)}.items():
        st.session_state[f"new_{name}"] = value


def _ask_what() -> dict[str, Any]:
    """Methods, data, backbone and seeds."""
    known = settings()
    methods = st.multiselect(
        "Methods", list(METHODS), list(_METHODS), key="new_method", bind=BOUND, help=_help(known["method"])
    )
    data = _ask_name(known["data"], DATA, "Choose, or type the path of a folder or file")
    backbone = _ask_name(known["backbone"], BACKBONES, "Choose, or type a folder or a hub name")
    seeds = st.multiselect(
        "Seeds",
        _SEEDS,
        list(_FIRST_SEEDS),
        key="new_seed",
        bind=BOUND,
        accept_new_options=True,
        help=f"{_help(known['seed'])} Each seed is a run of its own.",
    )
    return {"method": methods, "data": data, "backbone": backbone, "seed": seeds}


def _ask_name(setting: Setting, names: Sequence[str], placeholder: str) -> str | None:
    return st.selectbox(
        setting.label,
        names,
        index=0,
        key=setting.key,
        bind=BOUND,
        accept_new_options=True,
        placeholder=placeholder,
        help=_help(setting),
    )


def _help(setting: Setting) -> str:
    return plain(setting.help)


def _ask_settings() -> dict[str, Any]:
    basics, *more = grouped().items()
    values: dict[str, Any] = {}
    for column, setting in zip(st.columns(len(basics[1])), basics[1], strict=True):
        with column:
            values[setting.name] = ask(setting)
    with st.expander("All other settings", icon=":material/tune:"):
        for tab, (_, members) in zip(st.tabs([group for group, _ in more]), more, strict=True):
            with tab:
                values.update(_ask_in_pairs(members))
    return values


def _ask_in_pairs(members: Sequence[Setting]) -> dict[str, Any]:
    values = {}
    for i in range(0, len(members), 2):
        for column, setting in zip(st.columns(2, vertical_alignment="bottom"), members[i : i + 2], strict=False):
            with column:
                values[setting.name] = ask(setting)
    return values


def _configs(given: dict[str, Any], values: dict[str, Any]) -> list[RunConfig]:
    """A config for each method and seed.  Raises InputError for whatever is wrong."""
    for name in ("method", "data", "backbone", "seed"):
        if not given[name]:
            raise InputError(f"A run has a {name}, none is chosen: choose one above.")
    if len(given["method"]) * len(given["seed"]) > _MOST_RUNS:
        raise InputError(f"At most {_MOST_RUNS} runs are queued at once: choose fewer seeds or methods.")
    named: dict[str, Any] = {
        "data": typed_data(given["data"], allowed_roots()),
        "backbone": _backbone(given["backbone"]),
    }
    pairs = product(given["method"], [_seed(text) for text in given["seed"]])
    return [
        RunConfig(method=method, seed=seed, **named, **{**values, **without_meaning(method)}) for method, seed in pairs
    ]


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(f"A seed is a whole number, got {text!r}: type 0 or more.") from None


def _backbone(name: str) -> str:
    return name if name in BACKBONES else typed_choice(name, allowed_roots()).source


def typed_data(name: str, roots: Sequence[Path]) -> str:
    """The data that a person named: one of DATA, or the whole path of a folder or file below one of the roots.

    Links are followed before a path is judged.  Raises InputError, the same for a path that is missing and one that may
    not be read.
    """
    if name in DATA:
        return name
    try:
        path = Path(name).expanduser().resolve()
        if path.exists() and is_below(path, roots):
            return str(path)
    except (OSError, RuntimeError, ValueError):  # a name too long, a user that is not there, a NUL
        pass
    raise InputError(
        f"Data are {', '.join(DATA[:-1])} or {DATA[-1]}, or a folder or file below "
        f"{' or '.join(str(root) for root in roots)}; {name[:200]!r} is neither: copy it there, or start the app with "
        f"AMPLIFY_VIZ_ROOTS set to its parent folder."
    )


def _button_label(n_runs: int) -> str:
    if n_runs == 0:
        return "Nothing to train"
    return "Train 1 run" if n_runs == 1 else f"Train {n_runs} runs, one after another"


def _say_what_is_there(configs: Sequence[RunConfig], new: Sequence[RunConfig], root: Path) -> None:
    n_finished = sum(run_folder(root, config).exists() for config in configs)
    n_begun = len(configs) - len(new) - n_finished
    for n_runs, what in ((n_begun, "on the way"), (n_finished, "finished with these settings")):
        if n_runs:
            st.caption(f"{n_runs} of {len(configs)} {'is' if n_runs == 1 else 'are'} already {what}.")


def _time_words(new: Sequence[RunConfig], runs: Sequence[Run]) -> str:
    """How long the runs take at most, and what says so."""
    found = [estimate(config, runs) for config in new]
    measured = found[0].measured_on
    known = [one.seconds for one in found if one.seconds is not None]
    if len(known) < len(new) or measured is None:
        known_step = "" if measured is None else _step_words(measured)
        return f"The time is unknown: no run of this backbone on these data is finished. {known_step}The first steps will tell."
    total = sum(known)
    each = "" if len(new) == 1 else f", {spell(total / len(new))} a run"
    where = f"{measured.title} on {measured.config.data_name}, {measured.details.get('device', 'unknown device')}"
    return (
        f"About **{plain(spell(total))}** of steps at most{plain(each)}: early stopping may end a run sooner, measuring on dev "
        f"comes on top. Measured on {plain(where)}."
    )


def _step_words(run: Run) -> str:
    each = run.details.get("seconds_per_step")
    if not isinstance(each, (int, float)):
        return ""
    where = f"{run.title} on {run.config.data_name}"
    return plain(f"A step of {run.config.batch_size} rows took {each:.2f} s for {where}. ")


def _start(new: Sequence[RunConfig], root: Path) -> None:
    try:
        training.enqueue(new, root)
    except InputError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.rerun()
