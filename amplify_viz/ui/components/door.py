"""The door between a page and a browser view: how a view is mounted, how its numbers travel, what a click gives back."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from amplify_viz.ui.components.packing import pack
from amplify_viz.ui.server import publish, web_url

DIRECT_BYTES = 5 * 10**6  # above this, the app's own route is faster than the component's channel
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
class Selection:
    """What was clicked since the last run: a word's position, a layer (zero-based), or None for nothing of the kind."""

    focus: int | None = None
    layer: int | None = None


OnSelect = Callable[[Selection], None]


class View:
    """One browser view: a module of `web/` with its styles, registered once with Streamlit."""

    def __init__(self, module: str) -> None:
        loader = _LOADER.replace("ADDRESS", json.dumps(web_url(f"{module}.js")))
        styles = _STYLES.read_text(encoding="utf-8")
        self._mount = st.components.v2.component(f"amplify_viz_{module}", html=_WAITING, css=styles, js=loader)

    def show(self, payload: bytes, *, key: str, on_select: OnSelect | None = None) -> Selection:
        """Mounts the view and returns the click of this run; a click is reported in one run only, so it cannot loop.

        on_select: called with the Selection before the script runs, so that one run is enough to show it everywhere.
        """

        def picked() -> None:
            selection = read_selection(st.session_state[key].get("picked"))
            if on_select is not None and selection != Selection():
                on_select(selection)

        data = payload if len(payload) <= DIRECT_BYTES else pack({"fetch": publish(payload)}, {})
        result = self._mount(key=key, data=data, on_picked_change=picked)
        return read_selection(result.get("picked"))


def read_selection(picked: Any) -> Selection:
    """The Selection in what the browser sent; whatever is not a position becomes None, as does everything unknown."""
    values = picked if isinstance(picked, dict) else {}
    return Selection(focus=_position(values.get("focus")), layer=_position(values.get("layer")))


def _position(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
