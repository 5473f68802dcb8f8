"""What is looked at: read from links and browsers, which may say anything."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from amplify_viz.views.look import Look, from_link, to_link

CASES = json.loads(Path(__file__).parents[1].joinpath("web", "links.json").read_text())
"""To which tests/web/look_link.test.mjs holds the page."""
ALL = Look(
    layer=0,
    heads=(0, 4),
    head=2,
    focus=(7, 3),
    level="words",
    special="renormalised",
    between="ab",
    least=0.25,
    top=3,
    combine="max",
    order="weight",
    form="matrix",
    layout="radial",
    edge=0.5,
    difference=(1, 0),
    measure="entropy",
    arrange="measure",
)


def test_every_choice_differs_from_the_default_in_this_test() -> None:
    plain = Look()
    assert [one.name for one in fields(Look) if getattr(ALL, one.name) == getattr(plain, one.name)] == []


@pytest.mark.parametrize("look", [Look(), ALL, replace(ALL, heads=()), Look(layer=11)])
def test_a_link_brings_every_choice_back(look: Look) -> None:
    assert from_link(to_link(look)) == look


def test_a_link_holds_what_is_not_the_default_and_counts_from_one() -> None:
    assert to_link(Look(layer=3, heads=(0, 2), focus=(1,))) == {"layer": "4", "heads": "1,3", "focus": "2"}


@pytest.mark.parametrize("case", CASES["links"])
def test_a_link_is_what_the_page_makes_of_the_look(case: dict[str, Any]) -> None:
    assert to_link(Look.read(case["look"])) == case["link"]


def test_the_pages_cases_begin_from_the_usual_look() -> None:
    assert json.loads(json.dumps(Look().meta())) == CASES["usual"]


def test_the_browser_gives_back_what_it_got() -> None:
    assert Look.read(json.loads(json.dumps(ALL.meta()))) == ALL


@pytest.mark.parametrize("name", [one.name for one in fields(Look)])
@pytest.mark.parametrize("value", [-1, 1e9, "zz", [1, [2]], {"a": 1}, True, float("nan"), [-3], "1,x"])
def test_what_cannot_be_is_the_bases(name: str, value: Any) -> None:
    read = Look.read({name: value}, ALL)
    if name == "measure" and not isinstance(value, list | dict):
        return  # any short text is a name that a view may or may not know
    others = {one.name for one in fields(Look)} - {name}
    assert all(getattr(read, other) == getattr(ALL, other) for other in others)
    assert Look.read(json.loads(json.dumps(read.meta()))) == read


@pytest.mark.parametrize(
    "parameters", [{"layer": "x"}, {"layer": "0"}, {"heads": "0,zz"}, {"focus": "-4"}, {"nothing": "1"}]
)
def test_a_bad_link_is_the_default(parameters: dict[str, str]) -> None:
    assert from_link(parameters) == Look()
