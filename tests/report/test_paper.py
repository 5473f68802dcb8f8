"""The paper's figures and tables made again: all there or said to be missing, and sentences with the tables' own numbers."""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tyro
from scipy.stats import beta, ttest_ind, ttest_rel

import amplify_viz as av
from amplify_viz import RunConfig
from amplify_viz.__main__ import main
from amplify_viz.reading import read_texts
from amplify_viz.recipes import remake
from amplify_viz.records import AttentionRecord
from amplify_viz.report.paper import Entry, Material, paper, write
from amplify_viz.report.paper.figures import ANIMAL, FILM, RABBIT
from amplify_viz.report.paper.material import METHODS, chosen
from amplify_viz.report.paper.said import loss_curves
from amplify_viz.report.paper.tables import TABLE_ENTRIES
from amplify_viz.results import find_results, gather, paper_means, paper_table, results_tables
from amplify_viz.runs import Run, run_folder
from tests.results.fake_runs import gathered, write_result
from tests.tiny import save_tiny
from tests.tiny_runs import save_pairs
from training.grid import GridCommand
from training.loop import train

ITEMS = [*(f"Figure {n}" for n in range(2, 9)), *(f"Table {n}" for n in range(1, 7))]
OF_ATTENTION = {f"Figure {n}" for n in (3, 5, 6, 7, 8)}
ACCURACIES = {"none": (0.70, 0.72, 0.71), "embedmix": (0.71, 0.72, 0.74), "amplify": (0.74, 0.77, 0.75)}
LAM = {"mean": 0.9, "histogram": {"edges": [0.0, 0.5, 0.95, 1.0], "counts": [1, 2, 5]}}


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Tiny runs of four layers and three methods, and results of three seeds without weights."""
    folder = tmp_path_factory.mktemp("paper")
    data, backbone = (
        save_pairs(folder / "animals"),
        save_tiny(folder / "tiny", num_hidden_layers=4, max_position_embeddings=512),
    )
    settings = backbone / "tokenizer_config.json"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace('"model_max_length": 64', '"model_max_length": 512')
    )
    for method in METHODS:
        train(RunConfig(method, str(data), str(backbone), epochs=1, batch_size=8, learning_rate=1e-3), folder / "runs")
    for method, accuracies in ACCURACIES.items():
        for seed, accuracy in enumerate(accuracies):
            write_curves(
                write_result(folder / "results", RunConfig(method, "mrpc", "minilm", seed), accuracy, lam=LAM), seed
            )
    return Material.of(folder / "runs", folder / "results")


def write_curves(folder: Path, seed: int) -> None:
    steps = [json.dumps({"step": step, "loss": 1 / (step + seed)}) for step in range(1, 9)]
    epochs = [json.dumps({"epoch": epoch, "dev_accuracy": 0.5 + (epoch + seed) / 10}) for epoch in (1, 2)]
    (folder / "steps.jsonl").write_text("\n".join(steps), encoding="utf-8")
    (folder / "epochs.jsonl").write_text("\n".join(epochs), encoding="utf-8")


@pytest.fixture(scope="module")
def entries(material: Material) -> dict[str, Entry]:
    return {entry.name: entry for entry in paper(material)}


@pytest.fixture
def captured(material: Material) -> Callable[..., AttentionRecord]:
    return lambda method, text, pair: av.capture(av.load(str(material.runs[method].folder)), text, pair)


def test_every_item_is_there_or_says_why_and_how(entries: dict[str, Entry]) -> None:
    assert list(entries) == ITEMS
    assert {name for name, entry in entries.items() if entry.missing} == {f"Table {n}" for n in (1, 3, 4, 5, 6)}
    for name, entry in entries.items():
        assert re.search(r"\(Tables? \d|\(Figure \d", entry.paper), name
        assert bool(entry.missing) != bool(entry.ours and entry.files) and (entry.commands or entry.missing)
    for number in range(2, 9):
        assert {f"figure-{number}.{kind}" for kind in ("svg", "pdf", "csv")} <= set(entries[f"Figure {number}"].files)
    assert set(entries["Table 2"].files) == {"table-2.md", "table-2.csv", "table-2.tex"}
    assert entries["Figure 5"].files["figure-5.pdf"].startswith(b"%PDF")


def test_shares_of_lam_are_those_of_the_beta_distribution(entries: dict[str, Entry]) -> None:
    below = beta(0.1, 0.1).cdf
    said = entries["Figure 2"].ours
    assert f"between 0.1 and 0.9 in {100 * (below(0.9) - below(0.1)):.1f} %" in said
    assert f"above 0.9 in {100 * (1 - below(0.9) ** 5):.1f} % and below 0.5 in {100 * 0.5**5:.1f} %" in said
    assert "Training drew λ above 0.95 in 62.5 % of 24 steps with embedmix and amplify." in said  # 5 of 8 each


def p_values(outputs: Any, reference: Any) -> list[float]:
    """Of each layer."""
    pairs = zip(outputs.double().flatten(1), reference.double().flatten(1), strict=True)
    return [ttest_ind(x, y, equal_var=False).pvalue for x, y in pairs]


def test_the_tests_are_scipy_s(entries: dict[str, Entry], captured: Callable[..., AttentionRecord]) -> None:
    reference, *others = (
        captured(method, *read_texts("roles").inputs[0]) for method in ("amplify", "embedmix", "none")
    )
    p = np.array([p_values(record.outputs, reference.outputs) for record in others])
    who, layer = np.unravel_index(p.argmin(), p.shape)
    said = entries["Figure 3"].ours
    counts = [
        f"{(row < 0.05).sum()} of 4 layers against {record.checkpoint}" for row, record in zip(p, others, strict=True)
    ]
    assert f"p < 0.05 in {counts[0]} and {counts[1]};" in said
    assert f"the smallest p is {p.min():.2g}, in layer {layer + 1} against {others[who].checkpoint}," in said
    assert "uncalibrated" in said and "says nothing about methods" in said


def test_a_run_that_stopped_early_has_a_last_quarter_of_its_own() -> None:
    curves = [("none", 0, 8), ("amplify", 0, 24)]
    rows = [
        {"method": method, "seed": seed, "quantity": "loss", "at": step, "value": float(step)}
        for method, seed, n_steps in curves
        for step in range(1, n_steps + 1)
    ]
    said = loss_curves({"figure-4": pd.DataFrame(rows)})
    assert "last quarter of each run's 8 to 24 steps, one seed each" in said
    assert "none 7.500 " in said and "amplify 21.500 " in said


def test_losses_are_the_means_of_the_last_quarter(entries: dict[str, Entry]) -> None:
    late = [np.mean([1 / (7 + seed), 1 / (8 + seed)]) for seed in (0, 1, 2)]
    along = np.mean([np.std([1 / (7 + seed), 1 / (8 + seed)], ddof=1) for seed in (0, 1, 2)])
    said = entries["Figure 4"].ours
    assert f"none {np.mean(late):.3f} ± {np.std(late, ddof=1):.3f} (sd along the curve {along:.3f})" in said
    assert "last quarter of 8 steps, mean ± sd over 3 seeds" in said
    assert "amplify 80.00 ± 10.00" in said  # 70, 80 and 90 %
    assert "mixed labels" in said


def test_attention_within_and_across_sentences_is_the_weights(
    entries: dict[str, Entry], captured: Callable[..., AttentionRecord]
) -> None:
    for method in METHODS:
        record = captured(method, *RABBIT)
        segments = np.array([-1 if segment is None else segment for segment in record.segments])
        weights = record.weights[3].mean(dim=0).numpy()[segments >= 0]
        of = segments[segments >= 0][:, None]
        own, special = (weights * (of == segments)).sum(1).mean(), weights[:, segments < 0].sum(1).mean()
        other = (weights * (of == 1 - segments)).sum(1).mean()
        amounts = (
            f"{100 * own:.0f} % in the word's own sentence, {100 * other:.0f} % in the other, {100 * special:.0f} % on"
        )
        assert f"{method} · seed 0: {amounts} special tokens" in entries["Figure 5"].ours


def of_words(record: AttentionRecord, weights: Any) -> dict[int, float]:
    """Weights [key] summed over the tokens of each word, counted from one."""
    numbers = set(record.words) - {None}
    return {n + 1: float(sum(w for w, word in zip(weights, record.words, strict=True) if word == n)) for n in numbers}  # type: ignore[operator]


def test_a_word_s_attention_is_the_weights(entries: dict[str, Entry], captured: Callable[..., AttentionRecord]) -> None:
    for method in METHODS:
        record = captured(method, *RABBIT)
        rows = [token for token, word in enumerate(record.words) if word == 1]
        words = of_words(record, record.weights[3].mean(dim=0)[rows].mean(dim=0))
        rank = 1 + sum(weight > words[4] for weight in words.values())
        assert re.search(
            rf"{method} · seed 0: \S+ [\d.]+, “hopped” {words[4]:.2f} \(no. {rank} of 8 words\)",
            entries["Figure 6"].ours,
        )


def test_query_and_graph_give_animal_and_film_what_the_weights_do(
    entries: dict[str, Entry], captured: Callable[..., AttentionRecord]
) -> None:
    for method in ("embedmix", "amplify"):
        record = captured(method, ANIMAL, ANIMAL)
        given = sum(
            float(weight)
            for weight, shown in zip(record.weights[3, 0, record.words.index(7)], record.shown, strict=True)
            if shown == "animal"
        )
        assert re.search(rf"{method} · seed 0: [^;]*, and “animal” {given:.2f}[;.]", entries["Figure 7"].ours)
        record = captured(method, FILM, FILM)
        rows = [token for token, word in enumerate(record.words) if word == 15]
        words = of_words(record, record.weights[0].mean(dim=0)[rows].mean(dim=0))
        expected = words[3] + words[27]  # film, in both sentences
        assert re.search(rf"{method} · seed 0: [^;]*, and “film” {expected:.2f}[;.]", entries["Figure 8"].ours)


def test_a_difference_is_claimed_only_where_scipy_s_interval_excludes_zero(entries: dict[str, Entry]) -> None:
    said = entries["Table 2"].ours
    spans = {}
    for method in ("embedmix", "amplify"):
        pair = (100 * np.array(ACCURACIES[method]), 100 * np.array(ACCURACIES["none"]))
        low, high = ttest_rel(*pair).confidence_interval(0.95)
        spans[method] = f"{(pair[0] - pair[1]).mean():+.2f} ({low:+.2f} to {high:+.2f}, n = 3)".replace("-", "−")
    assert spans["amplify"] == "+4.33 (+2.90 to +5.77, n = 3)" and "(−" in spans["embedmix"]
    assert "1 of 2 intervals of 95 % of a difference to none, paired by seed, exclude 0" in said
    assert (
        f"if nothing differed: amplify on MRPC {spans['amplify']}. In points, amplify − none: MRPC {spans['amplify']}."
        in said
    )
    assert "embedmix" not in said
    assert "highest of the paper's methods, or shares it, in 1 of 1 places, over the seeds that all have" in said


def test_means_are_ranked_over_the_seeds_that_all_have_on_the_papers_sets(tmp_path: Path) -> None:
    for seed, (amplify, none) in enumerate([(0.8, 0.7), (0.6, 0.7)]):
        write_result(tmp_path, RunConfig("none", "mrpc", "minilm", seed=seed), none)
        if seed == 0:
            write_result(tmp_path, RunConfig("amplify", "mrpc", "minilm", seed=seed), amplify)
        for method, accuracy in (("amplify", 0.5), ("none", 0.9)):
            write_result(tmp_path, RunConfig(method, "imdb_5k", "minilm", seed=seed), accuracy)
    write_result(tmp_path, RunConfig("none", "mrpc", "minilm", seed=2), 0.95)
    found = {entry.name: entry for entry in paper(Material.of(tmp_path / "runs", tmp_path))}
    assert (
        "in 1 of 1 places, over the seeds that all have" in found["Table 2"].ours
    )  # over all seeds it would be 0 of 2


def test_one_seed_shows_no_difference(tmp_path: Path) -> None:
    for method in ("none", "amplify"):
        write_result(tmp_path / "results", RunConfig(method, "mrpc", "minilm"), ACCURACIES[method][0])
    found = {entry.name: entry for entry in paper(Material.of(tmp_path / "runs", tmp_path / "results"))}
    assert "there is no interval, so no difference is shown" in found["Table 2"].ours
    assert "steps.jsonl" in found["Figure 4"].missing
    assert not found["Figure 2"].missing and "None of these runs drew λ" in found["Figure 2"].chosen


def test_without_weights_attention_is_missing_and_the_rest_is_there(material: Material) -> None:
    found = {entry.name: entry for entry in paper(replace(material, runs={}))}
    for name in OF_ATTENTION:
        assert not found[name].files and "`python -m training demo`" in found[name].missing
    assert all(not found[name].missing for name in ("Figure 2", "Figure 4", "Table 2"))


def test_the_paper_s_counts_are_those_of_its_tables() -> None:
    said = {entry.number: entry.paper for entry in TABLE_ENTRIES}
    means = paper_means(1).set_index("draws")["mean"]
    assert (means.idxmax(), means.idxmin()) == (5, 1) and "86.50 %" in said[1] and "85.36 %" in said[1]
    words = {4: "four", 6: "six"}
    for number, places in ((2, 7), (3, 7), (4, 24), (5, 24)):
        cells = paper_table(number).pivot(index=["data", "noise_share"], columns="method", values="mean")
        best = int((cells["amplify"] >= cells.max(axis=1)).sum())
        assert (f"{best} of {places}" if places == 24 else f"{words[best]} of seven") in said[number]
    cells = paper_table(2).pivot(index="data", columns="method", values="mean")
    assert cells.loc["sst2"].idxmin() == "amplify"
    fixed = paper_table(6).groupby("data")["mean"].max()
    assert f"{words[int((fixed > cells['amplify'][fixed.index]).sum())]} of seven" in said[6]
    printed = {n: {f"{mean:.2f}" for mean in paper_table(n)["mean"]} for n in range(1, 7)}
    printed[1] |= {f"{mean:.2f}" for mean in means}
    printed[6] |= printed[2]
    for number, text in said.items():
        assert set(re.findall(r"(\d+\.\d+) %", text)) <= printed[number]


@pytest.mark.parametrize("entry", TABLE_ENTRIES, ids=lambda entry: f"table-{entry.number}")
def test_the_commands_make_runs_that_belong_to_the_table(entry: Any, tmp_path: Path) -> None:
    for command in entry.commands:
        words = shlex.split(command)
        assert words[:4] == ["python", "-m", "training", "grid"]
        for config in tyro.cli(GridCommand, args=words[4:]).grid.configs():
            if config.seed == 0 and config.data == "mrpc" and not run_folder(tmp_path, config).exists():
                write_result(tmp_path, config)
    tables = {table.number: table for table in results_tables(gathered(tmp_path))}
    rows = tables[entry.number].frame
    assert len(rows) >= {1: 6, 2: 5, 3: 5, 4: 20, 5: 20, 6: 3}[entry.number]
    assert (rows["paper_mean"].notna()).all()


def test_the_runs_are_a_whole_set_of_one_seed_and_the_paper_s_data_first(tmp_path: Path) -> None:
    def runs() -> list[Run]:
        return [run for run in find_results(tmp_path) if isinstance(run, Run)]

    for method in METHODS[:2]:
        write_result(tmp_path, RunConfig(method, "mrpc", "minilm"))
    write_result(tmp_path, RunConfig("amplify", "mrpc", "minilm", 1))
    write_result(tmp_path, RunConfig("amplify", "mrpc", "minilm", alpha=0.4))
    write_result(tmp_path, RunConfig("amplify", "mrpc", "minilm", epochs=3))
    assert chosen(runs()) == {} and chosen([]) == {}
    for seed in (2, 1):
        for method in METHODS:
            write_result(tmp_path, RunConfig(method, "roles", "minilm", seed))
    assert {(run.config.data, run.config.seed) for run in chosen(runs()).values()} == {("roles", 1)}
    write_result(tmp_path, RunConfig("amplify", "mrpc", "minilm"))
    found = chosen(runs())
    assert list(found) == list(METHODS) and {run.config.data for run in found.values()} == {"mrpc"}


def test_the_command_makes_the_folder_twice_the_same_and_leaves_nothing_beside(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(material.roots[0].parent)
    command = ["paper", "--runs", "runs", "--results", "results", "--out", str(tmp_path / "made")]
    contents = []
    for _ in range(2):
        assert main(command) == 0
        assert capsys.readouterr().out.strip() == str(tmp_path / "made" / "README.md")
        contents.append({file.name: file.read_bytes() for file in (tmp_path / "made").iterdir()})
    assert contents[0] == contents[1]
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    page = contents[0]["README.md"].decode()
    links = set(re.findall(r"\]\(([^)#]+)\)", page))
    assert links | {"README.md"} == set(contents[0])
    anchors = re.findall(r"\]\(#([^)]+)\)", page)
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert anchors == [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
    assert [heading.partition(":")[0] for heading in headings] == ITEMS
    assert "one run of each method on animals with tiny, seed 0" in page
    home = str(material.roots[0].parent).encode()
    assert not any(home in content for content in contents[0].values())
    assert remake(tmp_path / "made" / "figure-6.svg", tmp_path / "again.svg").identical
    assert pd.read_csv(tmp_path / "made" / "table-2.csv")["n"].tolist() == [3, 3, 3]


def test_a_page_can_be_made_of_nothing(tmp_path: Path) -> None:
    material = Material.of(tmp_path / "runs", tmp_path / "results")
    assert material.results.empty and gather([]).empty
    page = write([*paper(material)], material, tmp_path / "out").read_text(encoding="utf-8")
    assert page.count("**Ours is missing.**") == len(ITEMS) - 1
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "README.md",
        *(f"figure-2.{k}" for k in ("svg", "pdf", "csv")),
    }


@pytest.mark.parametrize("option", ["runs", "results"])
def test_an_unknown_folder_is_refused(option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paper", f"--{option}", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")]) == 2
    assert f"--{option} needs a folder that exists" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "out").mkdir()
    mine = tmp_path / "out" / "thesis.tex"
    mine.write_text("mine", encoding="utf-8")
    command = ["paper", "--runs", str(tmp_path / "runs"), "--results", str(tmp_path / "runs"), "--out"]
    for out in (mine.parent, mine):
        assert main([*command, str(out)]) == 2
        assert "choose another" in capsys.readouterr().err
    assert mine.read_text(encoding="utf-8") == "mine"
