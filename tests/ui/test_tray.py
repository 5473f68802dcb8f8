"""The tray: what it keeps, how it is ordered, and what its page and the button of the export menus say."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from amplify_viz.errors import InputError
from amplify_viz.recipes import Densities
from amplify_viz.report.bundle import Item, keep
from amplify_viz.ui import tray
from amplify_viz.ui.tray import MOST, Tray

MAIN = str(Path(__file__).parents[2] / "amplify_viz" / "ui" / "main.py")
TRAY = "app_pages/tray.py"


@pytest.fixture(scope="module")
def item() -> Item:
    recipe = Densities(width=3.3)
    return keep(recipe, recipe.make())


def numbered(item: Item, *numbers: int) -> list[Item]:
    """Items that differ in what they were made of, the number as their caption."""
    return [
        replace(item, about=replace(item.about, arguments=(str(number),)), caption=str(number)) for number in numbers
    ]


def captions(found: Tray) -> list[str]:
    return [item.caption for item in found.items]


def filled(item: Item, *numbers: int) -> Tray:
    found = Tray()
    assert all(found.add(one) for one in numbered(item, *numbers))
    return found


def test_the_same_figure_is_kept_once_even_with_another_caption(item: Item) -> None:
    found = filled(item, 1, 2)
    assert not found.add(replace(found.items[0], caption="another"))
    assert captions(found) == ["1", "2"]


def test_figures_move_up_and_down_and_stop_at_the_ends(item: Item) -> None:
    found = filled(item, 1, 2, 3)
    first = found.items[0].id
    orders = []
    for by in (1, 1, 1, -1, -1, -1):
        found.move(first, by)
        orders.append("".join(captions(found)))
    assert orders == ["213", "231", "231", "213", "123", "123"]


def test_what_was_removed_comes_back_to_its_place_with_its_caption(item: Item) -> None:
    found = filled(item, 1, 2, 3, 4)
    found.describe(found.items[2].id, "three")
    found.remove(found.items[0].id, found.items[2].id)
    assert captions(found) == ["2", "4"]
    found.bring_back()
    assert captions(found) == ["1", "2", "three", "4"]
    assert found.removed == []
    found.remove(*(one.id for one in found.items))
    again = numbered(item, 2)[0]
    assert found.add(again)
    found.bring_back()
    assert sorted(captions(found)) == ["1", "2", "4", "three"], "what was added anew meanwhile is not doubled"


def test_a_full_tray_says_so_and_brings_back_no_more_than_it_holds(item: Item) -> None:
    found = filled(item, *range(MOST))
    with pytest.raises(InputError, match=f"at most {MOST} figures: download them"):
        found.add(numbered(item, MOST)[0])
    found.remove(found.items[0].id)
    found.add(numbered(item, MOST)[0])
    found.bring_back()
    assert len(found.items) == MOST and captions(found)[0] == "1"


def test_files_that_are_too_large_are_refused_with_their_size(item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tray, "MOST_BYTES", int(1.5 * item.n_bytes))
    found = filled(item, 1)
    with pytest.raises(InputError, match="0 MB are taken and this figure needs 0 MB"):
        found.add(numbered(item, 2)[0])
    assert captions(found) == ["1"]
    found.remove(found.items[0].id)
    found.add(numbered(item, 2)[0])
    found.bring_back()
    assert captions(found) == ["2"] and "take at most 0 MB" in found.message
    assert [one.caption for _, one in found.removed] == ["1"]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app without runs, on its tray."""
    monkeypatch.setenv("AMPLIFY_VIZ_RUNS", str(tmp_path))
    monkeypatch.setenv("AMPLIFY_VIZ_DEMO", "")
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.query_params["a"] = "the rabbit hopped"
    return app


def opened(app: AppTest, found: Tray) -> AppTest:
    app.session_state["_tray"] = found
    app.run()
    app.switch_page(TRAY).run()
    assert not app.exception
    return app


def test_an_empty_tray_says_how_to_fill_it(app: AppTest) -> None:
    opened(app, Tray())
    assert "**Add to tray**" in app.info[0].value
    assert [link.proto.label for link in app.get("page_link")] == ["Explore", "Compare", "Results"]
    assert not app.button


def test_the_page_orders_captions_and_removes(app: AppTest, item: Item) -> None:
    found = filled(item, 1, 2)
    first, second = (one.id for one in found.items)
    opened(app, found)
    assert "browser session only" in app.markdown[0].value and "2 figures" in app.markdown[0].value
    assert app.button(key=f"up-{first}").disabled and app.button(key=f"down-{second}").disabled
    app.text_area(key=f"caption-{first}").set_value("<b>*One*</b>").run()
    app.button(key=f"down-{first}").click().run()
    assert [area.value for area in app.text_area] == ["2", "<b>*One*</b>"]
    assert captions(found) == ["2", "<b>*One*</b>"]
    app.button(key=f"remove-{second}").click().run()
    assert [area.value for area in app.text_area] == ["<b>*One*</b>"]
    app.button(key="tray-clear").click().run()
    assert "The tray is empty" in app.info[0].value
    app.button(key="tray-back").click().run()
    assert [area.value for area in app.text_area] == ["<b>*One*</b>"] and not app.info


def test_a_caption_outlives_a_visit_to_another_page(app: AppTest, item: Item) -> None:
    found = filled(item, 1)
    opened(app, found)
    app.text_area[0].set_value("kept").run()
    app.switch_page("app_pages/train.py").run()
    app.switch_page(TRAY).run()
    assert app.text_area[0].value == "kept"


def test_add_to_tray_keeps_what_is_on_screen_and_says_so_once(app: AppTest) -> None:
    app.query_params["view"] = "Word graph"
    app.run()
    look = dict(app.query_params)
    app.button(key="word-graph-tray").click().run()
    assert not app.exception
    found: Tray = app.session_state["_tray"]
    (kept,) = found.items
    assert kept.kind == "word-graph" and kept.about.texts[0] == "the rabbit hopped"
    assert [toast.value for toast in app.toast] == ["Added to the tray as figure 1\\."]
    assert dict(app.query_params) == look
    app.button(key="word-graph-tray").click().run()
    assert [toast.value for toast in app.toast] == ["It is in the tray already, as figure 1\\."]
    assert found.items == [kept]
    app.run()
    assert not app.toast


def test_a_full_tray_is_said_beside_the_button(app: AppTest, item: Item) -> None:
    found = filled(item, *range(MOST))
    app.session_state["_tray"] = found
    app.query_params["view"] = "Word graph"
    app.run()
    app.button(key="word-graph-tray").click().run()
    assert "at most 40 figures" in app.warning[0].value
    assert len(found.items) == MOST


def test_the_navigation_shows_how_many_there_are(item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlit.session_state", {})
    assert tray.title() == "Tray"
    tray.current().add(item)
    assert tray.title() == "Tray (1)"
