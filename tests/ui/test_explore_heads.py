"""The heads of the Explore page are measured once for each record."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import amplify_viz as av
from amplify_viz.ui import resources
from amplify_viz.ui.resources import kinds_of
from amplify_viz.views.packing import unpack
from tests.tiny import random_record

MAIN = str(Path(__file__).parents[2] / "amplify_viz" / "ui" / "main.py")


@pytest.mark.usefixtures("app_at_root")
def test_another_measure_of_the_same_records_measures_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = AppTest.from_file(MAIN, default_timeout=60)
    for name, value in {"a": "the rabbit hopped", "b": "", "view": "Heads"}.items():
        app.query_params[name] = value
    app.run()
    monkeypatch.setattr(resources, "head_measures", lambda *_: pytest.fail("measured again"))
    app.selectbox(key="head_measure").set_value("Distance (tokens)").run()
    assert (
        not app.exception
        and unpack(app.get("bidi_component")[0].proto.bytes)[0]["legend"]["caption"] == "distance (tokens)"
    )


def test_measures_are_kept_by_what_the_record_holds() -> None:
    one, other = (random_record(seed=seed, checkpoint=name) for seed, name in enumerate(("none", "amplify")))
    assert kinds_of(one) is kinds_of(replace(one, label_names=("kept", "by", "content")))
    assert set(kinds_of(replace(one, checkpoint="renamed"))["checkpoint"]) == {"renamed"}
    pd.testing.assert_frame_equal(kinds_of(other), av.statistics.head_kinds(av.statistics.head_measures(other)))
