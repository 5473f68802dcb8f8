"""Strengths are those of the page: both are held to tests/web/strengths.json, the page by tests/web/strengths.test.mjs."""

import json
from pathlib import Path

import numpy as np
import pytest

from amplify_viz.figures.strengths import (
    FAINTEST,
    MOST_LINES,
    STEPS,
    floor_for,
    opacity_of,
    root,
    signed_root,
    steps_of,
)

CASES = json.loads(Path(__file__).parents[1].joinpath("web", "strengths.json").read_text())


def test_the_limits_are_the_pages() -> None:
    assert (STEPS, MOST_LINES, FAINTEST) == (32, 3000, 1 / 255)


@pytest.mark.parametrize("case", CASES["floors"])
def test_floors(case: dict[str, object]) -> None:
    panels = [np.asarray(panel, dtype=np.float32).astype(float) for panel in case["panels"]]  # type: ignore[attr-defined]
    found = floor_for(panels, case["scale"], case["most"])  # type: ignore[arg-type]
    assert found == pytest.approx(case["floor"], abs=1e-9)


@pytest.mark.parametrize("case", CASES["opacities"])
def test_opacities(case: dict[str, list[float]]) -> None:
    weights = np.array(case["weights"])
    for signed in (weights, -weights):
        assert opacity_of(steps_of(signed, case["scale"])).tolist() == case["opacities"]  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES["shades"])
def test_shades_are_roots_whatever_the_sign(case: dict[str, list[float]]) -> None:
    weights, shades, scale = np.array(case["weights"]), np.array(case["shades"]), case["scale"]
    np.testing.assert_allclose(root(scale)(weights), shades)  # type: ignore[arg-type]
    np.testing.assert_allclose(signed_root(scale)(weights), (1 + shades) / 2)  # type: ignore[arg-type]
    np.testing.assert_allclose(signed_root(scale)(-weights), (1 - shades) / 2)  # type: ignore[arg-type]
