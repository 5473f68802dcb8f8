"""What decides a run: its settings, their checks, and the layers' little language."""

from dataclasses import asdict, fields
from fractions import Fraction
from typing import Any

import pytest

from amplify_viz import METHODS, InputError, RunConfig
from amplify_viz.config import layers_text, parse_layers, read_config, without_meaning


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("4", (3,)),
        ("4-6", (3, 4, 5)),
        ("4,8,12", (3, 7, 11)),
        ("2, 1-3", (0, 1, 2)),
        ("last,5,2", (1, 4, Fraction(1))),
        ("early", (Fraction(4, 12),)),
        ("middle,last", (Fraction(8, 12), Fraction(1))),
        ("all", None),
    ],
)
def test_layers_are_one_based_numbers_ranges_and_names(text: str, layers: tuple[int | Fraction, ...] | None) -> None:
    assert parse_layers(text) == layers


@pytest.mark.parametrize("text", ["", "0", "4-", "6-4", "-1", "first", "4;5", "1-5000", "all,4"])
def test_other_layers_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="early, middle or last; got"):
        parse_layers(text)


def test_the_methods_settings_are_taken_where_nothing_else_is_said() -> None:
    for method, mixup in METHODS.items():
        assert RunConfig(method).mixup == mixup


def test_each_setting_of_the_mix_reaches_it() -> None:
    mixup = RunConfig("tmix", layers="2-3", alpha=0.5, draws=3, fold=False, labels="independent", smoothing=0.1).mixup
    assert (mixup.layers, mixup.one_layer, mixup.alpha, mixup.n_draws) == ((1, 2), True, 0.5, 3)
    assert (mixup.fold, mixup.labels, mixup.smoothing) == (False, "independent", 0.1)
    assert RunConfig("amplify", layers="all").mixup.layers is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "none", "alpha": 0.2}, "alpha decides how lam is drawn, none draws none"),
        ({"method": "lam1", "draws": 3}, "draws decides how lam is drawn, lam1 draws none"),
        ({"method": "label-smoothing", "fold": True}, "fold decides"),
        ({"method": "none", "labels": "independent"}, "none mixes none"),
        ({"method": "embedmix", "layers": "4"}, "the site 'embedding' is in none"),
        ({"data": " "}, "A run has data, got ' ': name some, such as roles"),
        ({"backbone": ""}, "such as minilm"),
        ({"noise": "delete"}, "noise=delete with noise_share=0: give both or neither"),
        ({"noise_share": 0.1}, "noise=none with noise_share=0.1"),
        ({"precision": "fp8"}, "precision is one of fp32, bf16, fp16, got 'fp8'"),
        ({"fraction": 0.0}, "fraction goes from 1e-06 to 1, got 0.0"),
        ({"per_class": 0}, "per_class goes from 1 to 1000000000, got 0"),
        ({"seed": -1}, "seed goes from 0 to 2147483647, got -1"),
    ],
)
def test_settings_without_a_meaning_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        RunConfig(**settings)


def test_what_json_made_of_a_config_is_the_config() -> None:
    settings: dict[str, Any] = {"layers": "2-3", "alpha": 1, "fold": True, "per_class": 4, "noise": "swap"}
    config = RunConfig("amplify", **settings, noise_share=0.1, compile=True)
    assert read_config(asdict(config)) == config
    assert read_config({"method": "none"}) == RunConfig("none")


@pytest.mark.parametrize(
    "content",
    [{"seed": True}, {"seed": 1.5}, {"layers": 4}, {"compile": 1}, {"fold": 1}, {"noise": None}, {"epochs": None}],
)
def test_a_setting_of_another_kind_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=f"config.{next(iter(content))} is"):
        read_config(content)


def test_the_help_of_the_method_names_every_method() -> None:
    from tyro._docstrings import get_field_docstring  # the way the command line finds it

    said = {field.name: get_field_docstring(RunConfig, field.name, ()) for field in fields(RunConfig)}
    assert all(said.values()), "every setting is explained"
    assert all(method in (said["method"] or "") for method in METHODS)


def test_the_same_settings_in_other_words_are_the_same_run() -> None:
    assert RunConfig("amplify", layers="4-6").hash == RunConfig("amplify", layers="4,5,6").hash
    assert (
        RunConfig("amplify", layers="all", alpha=0.1, draws=5, fold=False, smoothing=0).hash
        == RunConfig("amplify").hash
    )
    assert RunConfig("amplify", layers="early").hash != RunConfig("amplify", layers="4").hash
    assert RunConfig("tmix", layers="all").hash != RunConfig("tmix").hash


@pytest.mark.parametrize("text", ["4", "4,5,6", "early,last", "middle", "all"])
def test_layers_as_text_are_parsed_to_the_same_layers(text: str) -> None:
    assert layers_text(parse_layers(text)) == text
    assert layers_text(METHODS["tmix"].layers) == "7/12,3/4,last"


def test_what_has_no_meaning_for_a_method_is_left_out() -> None:
    given: dict[str, Any] = {"layers": "4", "alpha": 0.2, "draws": 3, "fold": True, "labels": "independent"}
    for method in METHODS:
        RunConfig(method, **{**given, **without_meaning(method)})
    assert without_meaning("amplify") == {}
