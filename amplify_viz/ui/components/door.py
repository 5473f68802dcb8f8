"""The door between a page and a browser view: how a view is mounted, and what a person's change gives back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from amplify_viz.ui.server import web_url

_STYLES = Path(__file__).parents[1].joinpath("web", "views.css")
_WAITING = '<div class="av-view" aria-busy="true"><p class="av-message">Drawing…</p></div>\n<!-- filled by the view -->'
# Inline JavaScript is a blob: module, which cannot import relatively; what it imports can.  It may be called again
# before the import is there, and unmounted too.
_LOADER = """
let view;
export default function (component) {
  view ??= import(new URL(ADDRESS, document.baseURI).href);
  let leave = () => {};
  let left = false;
  view.then(
    (module) => { if (!left) leave = module.default(component); },
    (error) => {
      const place = component.parentElement.querySelector(".av-message");
      if (place) place.textContent = `This view's code did not arrive (${error.message}): reload the page.`;
    },
  );
  return () => { left = true; leave(); };
}
"""


@dataclass(frozen=True)
class Change:
    """What a person changed in a view: parts of the look as the browser sent them, unchecked; or another view to open."""

    look: Mapping[str, Any] = field(default_factory=dict)
    view: str | None = None


OnChange = Callable[[Change], None]


class View:
    """One browser view: a module of `web/` with its styles, registered once with Streamlit."""

    def __init__(self, module: str) -> None:
        self.module = module
        styles = _STYLES.read_text(encoding="utf-8")
        self._mount = st.components.v2.component(
            f"amplify_viz_{module}", html=_WAITING, css=styles, js=loader_of(module)
        )

    def show(self, payload: bytes, *, key: str, on_change: OnChange | None = None) -> None:
        """Mounts the view; a change is reported once, so it cannot loop.

        on_change: called before the script runs, so that one run is enough to show the change everywhere.
        """

        def changed() -> None:
            sent = st.session_state.get(key)  # gone where another view was opened meanwhile
            if on_change is not None and sent is not None:
                on_change(read_change(sent.get("changed")))

        self._mount(key=key, data=payload, on_changed_change=changed)


def loader_of(module: str) -> str:
    """The inline JavaScript that makes the default export of a module of `web/` a component's."""
    return _LOADER.replace("ADDRESS", json.dumps(web_url(f"{module}.js")))


def read_change(sent: Any) -> Change:
    """The Change in what the browser sent; whatever has another form becomes nothing."""
    values = sent if isinstance(sent, dict) else {}
    look, view = values.get("look"), values.get("view")
    return Change(look if isinstance(look, dict) else {}, view if isinstance(view, str) else None)
