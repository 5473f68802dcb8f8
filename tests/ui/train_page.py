"""The Train page without a browser: opened, what it says, and what is queued and begun from it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from amplify_viz import RunConfig
from amplify_viz.ui import training

MAIN = str(Path(__file__).parents[2] / "amplify_viz" / "ui" / "main.py")

Begun = list[tuple[str, Path]]


def opened(**query: str | list[str]) -> AppTest:
    """The app at the Train page, with these settings in its link."""
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.switch_page("app_pages/train.py")
    for name, value in query.items():
        app.query_params[f"new_{name}"] = value
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """All that the page says in words, without the backslashes that keep them from being markup."""
    elements = [*app.error, *app.caption, *app.markdown]
    return " | ".join(element.value.replace("\\", "") for element in elements)


def queued(root: Path) -> list[RunConfig]:
    """The runs that wait their turn, in order."""
    return [entry.run.config for entry in training.overview(root).entries if entry.state in ("queued", "waiting")]
