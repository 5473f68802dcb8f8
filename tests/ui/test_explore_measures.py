"""Layer tests by head and by data set, head measures and kinds, rollout and flow on the Explore page, without a browser."""

import dataclasses
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

import amplify_viz as av
from amplify_viz.__main__ import main
from amplify_viz.checkpoints import load
from amplify_viz.config import RunConfig
from amplify_viz.recipes.rollouts import flow_from
from amplify_viz.records import AttentionRecord, capture
from amplify_viz.runs import Run, find_runs
from amplify_viz.ui.flows import Flow, Flows, flows
from amplify_viz.ui.tests_view import runs_by_data
from amplify_viz.views.packing import unpack
from tests.tiny_runs import save_pairs
from tests.ui.table_files import about_of, catch_files, shown_command
from training.loop import train

MAIN = str(Path(__file__).parents[2] / "amplify_viz" / "ui" / "main.py")
TEXTS = ("the rabbit hopped", "the turtle crawled")


@pytest.fixture(scope="module")
def records(root: Path) -> list[AttentionRecord]:
    """Of both runs in the order of the page: none, amplify."""
    folders = [next(root.glob(f"animals/tiny/{method}*[0-9a-f]")) for method in ("none", "amplify")]
    return [capture(load(str(folder)), *TEXTS) for folder in folders]


@pytest.fixture(autouse=True)
def app_looks_there(app_at_root: None) -> Iterator[None]:
    flows.clear()
    yield
    flows.clear()


def _opened(**query: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    for name, value in {"a": TEXTS[0], "b": TEXTS[1], **query}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception and not app.error
    return app


def _maps(app: AppTest) -> list[dict[str, Any]]:
    return [unpack(found.proto.bytes)[0] for found in app.get("bidi_component")]


def _shown(cells: list[dict[str, Any]], fact: str) -> dict[tuple[int, int], float]:
    return {
        (cell["row"], cell["column"]): float(dict(cell["facts"])[fact].replace("−", "-").replace(",", ""))
        for cell in cells
    }


def test_each_head_is_tested_against_the_reference(records: list[AttentionRecord]) -> None:
    app = _opened(view="Layer tests", tested_by="Layer and head")
    expected = av.statistics.head_tests(*records)
    shown = _shown(_maps(app)[0]["cells"], "p value")
    assert len(shown) == len(expected) == 12
    for row in expected.to_dict("records"):
        np.testing.assert_allclose(shown[row["layer"], row["head"]], row["p_value"], rtol=1e-3)
    facts = [fact for fact, _ in _maps(app)[0]["cells"][0]["facts"]]
    assert facts[facts.index("p value") + 1 :][:2] == ["p corrected", "mean absolute difference"]
    assert _maps(app)[0]["opens"] == "Head view"


def test_the_note_claims_a_difference_of_means_and_nothing_more() -> None:
    app = _opened(view="Layer tests")
    (note,) = [str(caption.value) for caption in app.caption if "Welch" in str(caption.value)]
    assert "whether the grand means" in note and "never whether the outputs do" in note
    assert "not corrected for the number of tests" in note and "checkpoints differ" not in note
    (found,) = _maps(app)
    assert {"mean_absolute_difference", "p_corrected"} <= set(found["rows"][0])


def test_every_map_of_p_values_has_one_scale() -> None:
    (layers,) = _maps(_opened(view="Layer tests"))
    (data,) = _maps(_opened(view="Layer tests", tested_by="Method and data set"))
    app = _opened(view="Layer tests", tested_by="Layer and head")
    app.button_group(key="tested_colour").set_value("Corrected p").run()
    assert {data["legend"]["high"], _maps(app)[0]["legend"]["high"]} == {f"≤1e−{layers['decades']}"}


def test_each_method_is_tested_against_the_reference_on_each_data_set(records: list[AttentionRecord]) -> None:
    app = _opened(view="Layer tests", tested_by="Method and data set")
    (grid,) = _maps(app)
    assert (grid["rows"], grid["columns"]) == (["none"], ["animals/tiny"])
    expected = av.statistics.data_tests({"animals": [records[1], records[0]]})
    np.testing.assert_allclose(_shown(grid["cells"], "p value")[0, 0], expected["p_value"].iloc[0], rtol=1e-3)


def test_runs_are_taken_by_data_set_one_seed_each(root: Path, scratch: Path, tmp_path: Path) -> None:
    other = save_pairs(scratch / "plants")
    train(RunConfig("tmix", str(other), str(scratch / "tiny"), epochs=1, batch_size=8), tmp_path)
    found = [run for folder in (root, tmp_path) for run in find_runs(folder) if isinstance(run, Run)]
    groups = runs_by_data(found, "amplify")
    assert {data: [run.config.method for run in runs] for data, runs in groups.items()} == {
        "animals/tiny": ["amplify", "none"]
    }
    assert runs_by_data(found, "tmix") == {}


def test_every_checkpoint_has_a_map_of_each_measure_on_one_scale(records: list[AttentionRecord]) -> None:
    app = _opened(view="Heads")
    app.selectbox(key="head_measure").set_value("Entropy (nats)").run()
    grids = _maps(app)
    assert len(grids) == 2 and grids[0]["legend"] == grids[1]["legend"]
    for record, grid in zip(records, grids, strict=True):
        expected = av.statistics.head_measures(record)
        shown = _shown(grid["cells"], "entropy")
        for row in expected.to_dict("records"):
            np.testing.assert_allclose(shown[row["layer"], row["head"]], row["entropy"], rtol=1e-3)


def test_every_head_has_the_colour_of_its_kind(records: list[AttentionRecord]) -> None:
    grids = _maps(_opened(view="Heads"))
    for record, grid in zip(records, grids, strict=True):
        expected = av.statistics.head_kinds(av.statistics.head_measures(record))
        fills = {(cell["row"], cell["column"]): cell["fill"] for cell in grid["cells"]}
        for row in expected.to_dict("records"):
            assert fills[row["layer"], row["head"]] == av.colours.KINDS[row["kind"]]


def test_rollout_of_a_word_is_the_product_of_the_layers(records: list[AttentionRecord]) -> None:
    (grid,) = _maps(_opened(view="Through the layers", focus="2"))
    assert len(grid["columns"]) == len(records)
    record = records[0]
    product = torch.eye(record.n_tokens, dtype=torch.float64)
    for layer in record.weights.double():
        mixed = (layer.mean(dim=0) + torch.eye(record.n_tokens, dtype=torch.float64)) / 2
        product = mixed @ product
    tokens = [i for i, word in enumerate(record.words) if word == 1]
    expected = [float(product[tokens][:, list(group)].sum(dim=1).mean()) for group in record.groups]
    shown = _shown(grid["cells"], "rollout")
    np.testing.assert_allclose([shown[row, 0] for row in range(len(expected))], expected, atol=6e-5)


def test_small_shares_of_a_long_text_can_be_read() -> None:
    (grid,) = _maps(_opened(view="Through the layers", a="the rabbit hopped " * 12, b="", focus="2"))
    written = [cell["text"] for cell in grid["cells"]]
    shares = [float(dict(cell["facts"])["rollout"]) for cell in grid["cells"]]
    assert min(shares) > 1e-4 and not any(float(text) == 0 for text in written)
    np.testing.assert_allclose([float(text) for text in written], shares, rtol=0.05)


def _wait_for_flow(app: AppTest) -> None:
    """Until flow is there of every checkpoint: it comes one after the other."""
    for _ in range(100):
        rollout, *flow = _maps(app)
        if flow and flow[0]["columns"] == rollout["columns"]:
            return
        time.sleep(0.1)
        app.run()
    pytest.fail("no flow after ten seconds")


def test_flow_is_computed_when_asked_for(records: list[AttentionRecord]) -> None:
    app = _opened(view="Through the layers", focus="2")
    _click(app, "Compute flow")
    _wait_for_flow(app)
    _, grid = _maps(app)
    record = records[0]
    tokens = [i for i, word in enumerate(record.words) if word == 1]
    expected = torch.stack(
        [av.statistics.flow(record.weights.float(), token, groups=record.groups) for token in tokens]
    ).mean(dim=0)
    shown = _shown(grid["cells"], "flow")
    np.testing.assert_allclose(
        [shown[row, 0] for row in range(len(record.groups))],
        [float(expected[list(group)].sum()) for group in record.groups],
        atol=6e-5,
    )


def _command(app: AppTest) -> list[str]:
    """The arguments of the command that the export menu shows, without the file's name."""
    words = shlex.split(shown_command(app))
    assert words[:4] == ["python", "-m", "amplify_viz", "figure"] and words[-2] == "--out"
    return words[4:-2]


def _made(app: AppTest, path: Path) -> pd.DataFrame:
    """The numbers of the file that this command writes."""
    assert main(["figure", *_command(app), "--out", str(path)]) == 0
    return pd.read_csv(path, skiprows=1)


def _click(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()


def test_head_tests_are_made_again_by_the_command_of_their_menu(records: list[AttentionRecord], tmp_path: Path) -> None:
    app = _opened(view="Layer tests", tested_by="Layer and head")
    app.button_group(key="tested_colour").set_value("p").run()
    assert _command(app)[0] == "head-tests" and "--show=p" in _command(app)
    expected = av.statistics.head_tests(*records)
    np.testing.assert_allclose(_made(app, tmp_path / "a.csv")["p_value"], expected["p_value"], rtol=1e-9)


@pytest.mark.parametrize("pair", [TEXTS[1], ""])
def test_tests_by_data_set_are_made_again_by_the_command_of_their_menu(pair: str, tmp_path: Path) -> None:
    app = _opened(view="Layer tests", tested_by="Method and data set", b=pair)
    table = _made(app, tmp_path / "a.csv")
    assert table[["data", "checkpoint", "reference"]].to_numpy().tolist() == [["animals/tiny", "none", "amplify"]]
    np.testing.assert_allclose(_shown(_maps(app)[0]["cells"], "p value")[0, 0], table["p_value"].iloc[0], rtol=1e-3)


def test_measures_and_kinds_are_made_again_by_the_command_of_their_menu(
    records: list[AttentionRecord], tmp_path: Path
) -> None:
    app = _opened(view="Heads")
    expected = pd.concat([av.statistics.head_kinds(av.statistics.head_measures(record)) for record in records])
    kinds = _made(app, tmp_path / "kinds.csv")
    assert _command(app)[0] == "head-kinds" and kinds["kind"].tolist() == expected["kind"].tolist()
    app.selectbox(key="head_measure").set_value("Attention to the previous token").run()
    shares = _made(app, tmp_path / "shares.csv")
    assert _command(app)[0] == "head-measures"
    np.testing.assert_allclose(shares["share_previous"], expected["share_previous"], rtol=1e-9)


def test_rollout_is_made_again_by_the_command_of_its_menu_and_flow_once_it_is_known(tmp_path: Path) -> None:
    app = _opened(view="Through the layers", focus="2")
    app.number_input(key="through").set_value(2).run()
    (grid,) = _maps(app)
    table = _made(app, tmp_path / "a.csv")
    assert "flow" not in table and set(table["layer"]) == {2} and set(table["from_text"]) == {"rabbit"}
    n = len(grid["rows"])
    shown = _shown(grid["cells"], "rollout")
    np.testing.assert_allclose(table["rollout"], [shown[i % n, i // n] for i in range(2 * n)], atol=6e-5)
    _click(app, "Compute flow")
    _wait_for_flow(app)
    shown = _shown(_maps(app)[1]["cells"], "flow")
    found = _made(app, tmp_path / "b.csv")
    np.testing.assert_allclose(found["flow"], [shown[i % n, i // n] for i in range(2 * n)], atol=6e-5)


def test_a_figure_with_flow_takes_the_flow_that_is_known_into_the_tray(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _opened(view="Through the layers", focus="2")
    _click(app, "Compute flow")
    _wait_for_flow(app)
    monkeypatch.setattr(av.statistics, "flow", lambda *_, **__: pytest.fail("computed again"))
    _click(app, "Add to tray")
    assert not app.exception
    (item,) = app.session_state["_tray"].items
    assert item.kind == "rollout" and "flow" in item.table


def test_a_cancelled_flow_ends_and_is_forgotten(records: list[AttentionRecord]) -> None:
    flow = Flow(records[0], (1,), 3)
    flow.cancelled.set()
    flow.run()
    assert flow.ended.is_set() and flow.result is None and not flow.message
    known = Flows()
    known.submit(records[0], (1,), 3).cancelled.set()
    assert known.find(records[0], (1,), 3) is None


def test_a_record_with_heads_off_has_a_flow_of_its_own(records: list[AttentionRecord]) -> None:
    plain, n_layers, known = records[0], records[0].n_layers, Flows()
    found = []
    for record in (plain, dataclasses.replace(plain, off=((n_layers - 1, 0),))):
        flow = known.submit(record, (1,), n_layers)
        assert flow.ended.wait(30) and flow.result is not None
        assert torch.equal(flow.result, flow_from(record, (1,), n_layers))
        found.append(flow.result)
    assert not torch.equal(*found)


def test_a_long_text_gets_no_flow_and_is_told_why() -> None:
    app = _opened(view="Through the layers", a="the rabbit hopped " * 12)
    assert not [button for button in app.button if button.label == "Compute flow"]
    assert any("up to 32 tokens" in str(caption.value) for caption in app.caption)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"view": "Layer tests"}, "layer-tests-table"),
        ({"view": "Layer tests", "tested_by": "Layer and head"}, "head-tests-table"),
        ({"view": "Heads"}, "heads"),
    ],
)
def test_numbers_of_a_text_are_there_as_files_that_say_of_which(
    query: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = catch_files(monkeypatch)
    app = _opened(a="the rabbit hopped", b="", **query)
    assert not app.error
    about = about_of(files[f"{name}.csv"]())
    assert about["texts"] == ["the rabbit hopped"]
    assert [run["method"] for run in about["runs"]] == ["none", "amplify"]
    assert ("uncalibrated" in about.get("test", "")) == (name != "heads")
    assert about_of(files[f"{name}.tex"]()) == about == about_of(files[f"{name}.md"]())
