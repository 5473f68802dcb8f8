"""The figure of tests by data set: its numbers are scipy's on the outputs, and it is made again from its files."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import ttest_ind

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.recipes import DataTests, read_provenance, recipe_of, remake, write
from tests.tiny_runs import train_tiny_runs

TEXT, PAIR = "the rabbit hopped & $x$", "the turtle crawled"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of none and of amplify on one data set, called none and amplify."""
    folder, scratch = tmp_path_factory.mktemp("tested"), tmp_path_factory.mktemp("scratch")
    root = train_tiny_runs(folder / "runs", scratch)
    for method in ("none", "amplify"):
        shutil.copytree(next(root.glob(f"animals/tiny/{method}*[0-9a-f]")), folder / method)
    return folder


@pytest.fixture(autouse=True)
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def of_two(**changed: Any) -> DataTests:
    return DataTests(**{"run": ("none", "amplify"), "text": TEXT, "pair": PAIR} | changed)


def test_its_numbers_are_scipys_of_all_outputs() -> None:
    made = of_two().make()
    outputs = {
        name: av.capture(av.load(name), TEXT, PAIR).outputs.double().numpy().ravel() for name in ("none", "amplify")
    }
    found = ttest_ind(outputs["none"], outputs["amplify"], equal_var=False)
    (row,) = made.table.to_dict("records")
    assert (row["data"], row["checkpoint"], row["reference"]) == ("animals/tiny", "none", "amplify")
    np.testing.assert_allclose([row["statistic"], row["p_value"]], [found.statistic, found.pvalue], rtol=1e-9)
    assert "of none minus amplify, by data set" in made.caption and "whether the grand means differ" in made.caption
    assert "Seeds: animals/tiny 0." in made.caption
    assert [source.source for source in made.sources] == ["none", "amplify"] and made.texts == (TEXT, PAIR)


def test_another_reference_turns_the_sign() -> None:
    here, there = (of_two(reference=name).make().table["statistic"].iloc[0] for name in ("amplify", "none"))
    assert here == pytest.approx(-there, rel=1e-12)


def test_it_is_read_back_and_made_again(folder: Path) -> None:
    one = of_two(reference="none", width=3.3)
    assert recipe_of(one.arguments) == one
    for end in ("csv", "pdf"):
        path = write(one, one.make(), folder / f"data.{end}")
        assert "p_value without correction" in read_provenance(path).test
        done = remake(path, folder / f"again.{end}")
        assert done.identical and done.path.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"run": ()}, "got none: give --run"),
        ({"run": ("none", "amplify", "none")}, "animals/tiny has none twice"),
        ({"run": ("none",)}, "animals/tiny has none and not amplify"),
        ({"run": ("amplify",)}, "animals/tiny has one"),
        ({"run": ("minilm", "amplify")}, "minilm is a checkpoint without"),
        ({"reference": "cutmix"}, "and not cutmix"),
        ({"text": " "}, "text"),
    ],
)
def test_runs_that_cannot_be_tested_are_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        of_two(**changed).make()
