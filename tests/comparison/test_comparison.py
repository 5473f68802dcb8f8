"""A comparison: its tables are those of the statistics, and its words say what they may."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from amplify_viz import RunConfig
from amplify_viz.checkpoints import Checkpoint, load
from amplify_viz.comparison import Choices, compare, summary, write
from amplify_viz.corpus import measure
from amplify_viz.errors import InputError
from amplify_viz.reading import Texts
from amplify_viz.statistics.groups import group_tests
from amplify_viz.statistics.inputs import paired_tests
from tests.corpus.brute import captured, of_one, save_seeds, some_inputs, two_checkpoints
from tests.tiny import save_tiny, tiny_checkpoint
from tests.tiny_runs import save_pairs
from training.loop import train


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[Checkpoint]:
    return [load(folder) for folder in save_seeds(tmp_path_factory.mktemp("seeds"), 6)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def texts_of(n: int, *, pairs: bool = True) -> Texts:
    return Texts(tuple(some_inputs(n, pairs=pairs)), None, "made-up texts")


def test_two_checkpoints_are_tested_over_inputs(seeds: list[Checkpoint], cache: Path) -> None:
    texts = texts_of(12)
    found = compare(seeds[:1], seeds[1:2], texts, choices=Choices(test="wilcoxon", correction="bh"), cache=cache)
    values = [single.values("entropy") for single in found.corpus.singles]
    for measured, one in zip(values, seeds[:2], strict=True):
        single = np.array([of_one(record)["entropy"].numpy() for record in captured(one, texts.inputs)])
        np.testing.assert_allclose(measured, single, rtol=1e-3, atol=1e-6)
    expected = paired_tests(*values, test="wilcoxon", correction="bh")
    table = found.tests[found.tests["measure"] == "entropy"].reset_index(drop=True)
    assert (table["layer"].tolist(), table["head"].tolist()) == (
        expected["axis_0"].tolist(),
        expected["axis_1"].tolist(),
    )
    for column in ("n", "mean_a", "mean_difference", "p_value", "p_corrected"):
        np.testing.assert_allclose(table[column], expected[column], rtol=1e-12)
    assert len(found.tests) == 5 * 3 * 4
    assert found.distances.groupby("measure").size().to_dict() == {
        "mean_absolute_difference": 12,
        "jensen_shannon": 12,
        "cosine": 3,
        "linear_cka": 3,
    }
    assert set(found.distances["n"]) == {12}


@pytest.mark.parametrize(("noise", "expected"), [(6e-8, {"identical"}), (1e-2, {"tested"})])
def test_what_is_left_of_equal_numbers_in_float32_is_not_tested(
    noise: float, expected: set[str], tmp_path: Path
) -> None:
    first = tiny_checkpoint()
    second = replace(first, model=copy.deepcopy(first.model), name="the same but for noise")
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in second.model.parameters():
            parameter.mul_(1 + noise * torch.randn(parameter.shape, generator=generator).clamp(-1, 1))
    found = compare([first], [second], texts_of(12), cache=tmp_path)
    tests = found.tests[found.tests["measure"].isin(["entropy", "output_norm"])]
    assert set(tests["status"]) == expected


def test_groups_of_runs_are_tested_between_runs(seeds: list[Checkpoint], cache: Path) -> None:
    texts = texts_of(12)
    found = compare(seeds[:3], seeds[3:], texts, cache=cache)
    corpus = measure(seeds, texts.inputs, cache=cache)
    values = [single.values("distance") for single in corpus.singles]
    expected = group_tests(np.stack(values[:3]), np.stack(values[3:]))
    table = found.tests[found.tests["measure"] == "distance"].reset_index(drop=True)
    pd.testing.assert_frame_equal(table[expected.columns[2:]], expected[expected.columns[2:]])
    divergence = found.distances[found.distances["measure"] == "jensen_shannon"]
    assert len(divergence) == 12 and set(divergence["inputs"]) == {12} and divergence["p_value"].min() >= 0.1 - 1e-12
    assert set(found.distances["measure"]) == {
        "mean_absolute_difference",
        "jensen_shannon",
        "1 − cosine",
        "1 − linear_cka",
    }


def test_the_summary_of_two_checkpoints_speaks_of_them_alone(seeds: list[Checkpoint], cache: Path) -> None:
    said = summary(compare(seeds[:1], seeds[1:2], texts_of(12), cache=cache))
    assert "n = 12 sentence pairs from made-up texts" in said
    assert "whether these two checkpoints differ on inputs like these, never whether methods do" in said
    lines = [line for line in said.splitlines() if line.startswith("- **")]
    assert len(lines) == 9 and all("n = 12 sentence pairs" in line for line in lines)
    assert "tested only between groups of runs" in said and "nan" not in said.lower()


def test_the_summary_of_groups_says_what_so_many_runs_can_support(seeds: list[Checkpoint], cache: Path) -> None:
    said = summary(compare(seeds[:3], seeds[3:], texts_of(12), cache=cache))
    assert "With 3 against 3 runs the smallest possible p-value is 0.1" in said
    lines = [line for line in said.splitlines() if line.startswith("- **")]
    assert len(lines) == 9 and all("3 against 3 runs, n = 12 sentence pairs" in line for line in lines)


def test_the_clearest_place_of_groups_is_where_they_are_further_apart_not_closer(
    seeds: list[Checkpoint], cache: Path
) -> None:
    found = compare(seeds[:3], seeds[3:], texts_of(12), choices=Choices(("jensen_shannon",)), cache=cache)
    table = found.distances.assign(p_value=1.0, p_corrected=1.0, excess=-0.5)
    closer, near, far = 0, 5, 7
    table.loc[closer, "excess"] = -0.9
    table.loc[near, ["excess", "p_value"]] = 0.1, 0.3
    table.loc[far, ["excess", "p_value"]] = 0.2, 0.3
    (line,) = (line for line in summary(replace(found, distances=table)).splitlines() if line.startswith("- **"))
    assert "Clearest: layer 2, head 4, " in line and "p = 0.3, corrected 1" in line


def test_the_clearest_place_of_two_tests_has_the_smaller_p_value_then_the_larger_effect(
    seeds: list[Checkpoint], cache: Path
) -> None:
    found = compare(seeds[:1], seeds[1:2], texts_of(12), choices=Choices(("entropy",)), cache=cache)
    table = found.tests.assign(status="tested", p_value=0.5, p_corrected=1.0, effect_size=0.9)
    table.loc[5, ["p_value", "effect_size"]] = 0.2, 0.3
    table.loc[6, ["p_value", "effect_size"]] = 0.2, -0.4
    (line,) = (line for line in summary(replace(found, tests=table)).splitlines() if line.startswith("- **"))
    assert "Clearest: layer 2, head 3, " in line


def test_one_input_is_too_few_and_said_to_be(seeds: list[Checkpoint], cache: Path) -> None:
    found = compare(seeds[:1], seeds[1:2], texts_of(1, pairs=False), cache=cache)
    assert set(found.tests["status"]) == {"too few"}
    said = summary(found)
    assert "With n = 1 input nothing can be tested" in said and "n = 1 text" in said and "nan" not in said.lower()


def test_a_measure_that_is_the_same_everywhere_is_named(cache: Path) -> None:
    first, second = two_checkpoints("gpt2")  # which has no special tokens
    found = compare([first], [second], texts_of(5), choices=Choices(("share_special",)), cache=cache)
    assert set(found.tests["status"]) == {"identical"}
    assert (
        "none of 12 layers × heads could be tested (n = 5 sentence pairs); 12 identical, to rounding, on every input"
        in summary(found)
    )


def test_what_must_not_be_compared_is_refused(seeds: list[Checkpoint], cache: Path, tmp_path: Path) -> None:
    def refused(a: Sequence[Checkpoint], b: Sequence[Checkpoint], message: str, choices: Choices | None = None) -> None:
        with pytest.raises(InputError, match=message):
            compare(a, b, texts_of(3, pairs=False), choices=choices, cache=cache)

    one, two, three = seeds[:3]
    refused([one], [replace(one, name="a copy")], "identical in weights, settings and tokenizer")
    refused([one, two], [one, three], "identical in weights")
    refused([one], [two, three], "got 1 and 2. With 1 against 2 runs nothing can be said of methods")
    refused([], [two], "got 0 and 1. Add some")
    refused(seeds[:2], seeds[2:4], "groups are judged by relabelling", Choices(test="t"))
    refused([one], [two], "made-up texts has single texts", Choices(("share_across",)))
    refused([one], [load(save_tiny(tmp_path / "small", num_hidden_layers=2))], "small has 2 layers of 4 heads")
    roberta = tiny_checkpoint("roberta")
    refused([one], [roberta], "different tokenizers or text limits")
    assert len(compare([one], [roberta], texts_of(3), choices=Choices(("entropy",)), cache=cache).tests) == 12


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"measures": ("weight",)}, "A measure is one of entropy, .*got 'weight'"),
        ({"test": "z"}, "A test is one of t, wilcoxon, sign-flip, got 'z'"),
        ({"correction": "sidak"}, "A correction is one of holm, bh, none, got 'sidak'"),
        ({"level": 0}, "A level lies between 0 and 1, got 0"),
    ],
)
def test_a_choice_that_there_is_not_is_refused(choice: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Choices(**choice)  # type: ignore[arg-type]  # that is the point


def test_files_hold_the_tables(seeds: list[Checkpoint], cache: Path, tmp_path: Path) -> None:
    found = compare(seeds[:1], seeds[1:2], texts_of(12), cache=cache)
    paths = write(found, tmp_path / "new" / "out")
    assert [path.name for path in paths] == [
        "tests.parquet",
        "tests.csv",
        "distances.parquet",
        "distances.csv",
        "summary.md",
    ]
    pd.testing.assert_frame_equal(pd.read_parquet(paths[0]), found.tests)
    assert len(pd.read_csv(paths[3])) == len(found.distances)
    assert paths[-1].read_text(encoding="utf-8") == summary(found)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written to"):
        write(found, tmp_path / "file")


def test_repeated_inputs_are_said_to_be(seeds: list[Checkpoint], cache: Path) -> None:
    four = texts_of(4)
    many = Texts(four.inputs * 8, None, "repeated texts")
    assert "Of the 32 inputs 4 are distinct" in summary(compare(seeds[:1], seeds[1:2], many, cache=cache))
    assert "are distinct" not in summary(compare(seeds[:1], seeds[1:2], four, cache=cache))


@pytest.mark.parametrize("test", ["wilcoxon", "sign-flip"])
def test_too_few_inputs_for_a_permutation_are_said_to_be(seeds: list[Checkpoint], cache: Path, test: str) -> None:
    choices = Choices(("entropy",), test=test)  # type: ignore[arg-type]
    few = compare(seeds[:1], seeds[1:2], texts_of(8), choices=choices, cache=cache)
    said = summary(few)
    assert (
        "With n = 8 inputs the smallest possible p-value of this test is 0.0078, 0.094 after Holm's correction of 12"
        in said
    )
    assert (few.tests["p_corrected"] > 0.05).all()
    assert "smallest possible" not in summary(
        compare(seeds[:1], seeds[1:2], texts_of(12), choices=choices, cache=cache)
    )


def test_what_groups_can_say_is_said_of_each_number_of_places(seeds: list[Checkpoint], cache: Path) -> None:
    def said(correction: str, level: float) -> str:
        choices = Choices(("entropy", "linear_cka"), correction=correction, level=level)  # type: ignore[arg-type]
        return summary(compare(seeds[:3], seeds[3:], texts_of(6), choices=choices, cache=cache))

    holm = said("holm", 0.4)  # 0.1 × 12 places is above, 0.1 × 3 layers below
    assert "none of 12 after Holm's correction. Read the effect sizes, or train more seeds. This is of entropy" in holm
    assert (
        "so that a difference between the methods can be found" in holm
        and "This is of 1 − linear CKA of outputs." in holm
    )
    assert "Under Benjamini–Hochberg correction so small a p-value must come in many places" in said("bh", 0.4)


def test_tables_that_a_comparison_lacks_do_not_stay_beside_it(
    seeds: list[Checkpoint], cache: Path, tmp_path: Path
) -> None:
    texts = texts_of(5)
    write(compare(seeds[:1], seeds[1:2], texts, cache=cache), tmp_path)
    assert (tmp_path / "distances.csv").exists() and (tmp_path / "distances.parquet").exists()
    write(compare(seeds[:1], seeds[1:2], texts, choices=Choices(("entropy",)), cache=cache), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["summary.md", "tests.csv", "tests.parquet"]


def test_inputs_that_a_run_reads_further_than_it_was_trained_are_said(tmp_path: Path, cache: Path) -> None:
    data = save_pairs(tmp_path / "animals", n_train=16)
    backbone = save_tiny(tmp_path / "tiny")
    config = RunConfig("none", str(data), str(backbone), epochs=1, batch_size=8, max_length=12)
    run = load(train(config, tmp_path / "runs").folder)
    texts = Texts((("the rabbit hopped", None), ("rabbit " * 15, None), ("turtle " * 80, None)), None, "three")
    found = compare([run], [load(backbone)], texts, choices=Choices(measures=("entropy",)), cache=cache)
    assert (found.n_cut, found.n_beyond) == (1, 2)
    lines = summary(found)
    assert "- 1 input was longer than a checkpoint reads, and was measured without the rest." in lines
    assert (
        "- 2 inputs have more tokens than a run was trained and tested with (its max_length), and were read further"
        in lines
    )
