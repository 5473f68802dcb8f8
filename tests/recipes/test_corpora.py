"""The figure of a comparison over many texts: its numbers are those of `compare`, and it is made again from its files."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PatchCollection

from amplify_viz.__main__ import main
from amplify_viz.checkpoints import load
from amplify_viz.comparison import Choices, compare
from amplify_viz.errors import InputError
from amplify_viz.reading import pasted_texts
from amplify_viz.recipes import ComparisonMap, read_provenance, recipe_of, remake, write
from tests.corpus.brute import save_seeds
from tests.figures.boxes import artists

LINES = (
    "the fox sees the hen\tthe hen sees the fox",
    "a dog barks\tno dog barks",
    "it rains, and how\tthe sun shines",
    "who saw %s & what $x$\tno one did",
    "one two three\tfour five",
)
PASTED = "\n".join(LINES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compared")
    save_seeds(folder, 4)
    return folder


@pytest.fixture(autouse=True)
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))


def two(**changed: Any) -> ComparisonMap:
    return ComparisonMap(**{"a": ("seed0",), "b": ("seed1",), "texts": PASTED} | changed)


def test_its_numbers_are_those_of_the_comparison() -> None:
    made = two(measure="distance", test="wilcoxon", correction="bh").make()
    found = compare(
        [load("seed0")], [load("seed1")], pasted_texts(PASTED), choices=Choices(test="wilcoxon", correction="bh")
    )
    rows = found.tests[found.tests["measure"] == "distance"].reset_index(drop=True)
    assert (made.table["layer"] - 1).tolist() == rows["layer"].tolist()
    for column in ("mean_difference", "effect_size", "p_value", "p_corrected"):
        np.testing.assert_array_equal(made.table[column], rows[column])
    (cells,) = artists(made.figure, "cells", PatchCollection)
    sizes = rows["effect_size"].dropna()
    full = max(sizes.abs().max(), 0.8)
    np.testing.assert_allclose(np.asarray(cells.get_array()), (sizes / full + 1) / 2)


def test_groups_of_runs_are_compared_by_exchanging_their_labels() -> None:
    made = two(a=("seed0", "seed1"), b=("seed2", "seed3")).make()
    assert made.test.startswith("Exchanging the labels of runs")
    assert [one.name for one in made.sources] == ["seed0", "seed1", "seed2", "seed3"]


@pytest.mark.parametrize(
    "one",
    [two(), two(measure="jensen_shannon", show="mean"), two(show="p", correction="none", limit=3, width=3.3)],
    ids=lambda one: f"{one.measure}-{one.show}",
)
def test_it_is_read_back_and_made_again_to_the_last_digit(one: ComparisonMap, tmp_path: Path) -> None:
    assert recipe_of(one.arguments) == one
    for end in ("csv", "json", "svg", "tex"):
        path = write(one, one.make(), tmp_path / f"map.{end}")
        assert recipe_of(read_provenance(path).arguments) == one
        assert remake(path).identical


def test_a_file_of_texts_is_read_as_the_list_is(tmp_path: Path) -> None:
    data = tmp_path / "pairs.csv"
    rows = [line.split("\t") for line in LINES]
    pd.DataFrame(rows, columns=["first", "second"]).to_csv(data, index=False)
    of_file = two(texts=None, data=str(data), text_column="first", pair_column="second").make()
    pd.testing.assert_frame_equal(of_file.table, two().make().table)
    assert "5 pairs, SHA-256" in of_file.texts[0]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"texts": None}, "got both or none: give --data or --texts"),
        ({"data": "a.csv"}, "got both or none: give --data or --texts"),
        ({"show": "between"}, "there is .*effect-size.*got --show between: choose one of these"),
        ({"measure": "jensen_shannon", "show": "p"}, "got --show p: choose one of these"),
        ({"a": ("nowhere",)}, "nowhere"),
    ],
)
def test_what_cannot_be_drawn_is_said(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        two(**changed).make()


def test_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["figure", *two().arguments, "--out", "map.csv"])
    assert code == 0 and Path("map.csv").exists()
    assert main(["figure", *two(show="between").arguments, "--out", "other.csv"]) == 2
    assert "choose one of these" in capsys.readouterr().err and not Path("other.csv").exists()


def test_what_each_side_has_is_its_mean_over_the_texts() -> None:
    made = two(show="sides", measure="share_special").make()
    found = compare([load("seed0")], [load("seed1")], pasted_texts(PASTED))
    for (_, rows), single in zip(made.table.groupby("side", sort=False), found.corpus.singles, strict=True):
        np.testing.assert_array_equal(rows["mean"], single.values("share_special").mean(axis=0).ravel())
        assert rows["layer"].min() == 1
    with pytest.raises(InputError, match="jensen_shannon lies between two: choose another measure"):
        two(show="sides", measure="jensen_shannon").make()
