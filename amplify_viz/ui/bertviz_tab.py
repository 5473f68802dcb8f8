"""BertViz's own views for those used to it: nothing is loaded from its CDN until a person asks for it."""

import logging
from collections.abc import Callable, Sequence

import streamlit as st

from amplify_viz.bertviz_pages import HOST, VIEWS, Extent, View, bertviz_html, extent
from amplify_viz.errors import InputError
from amplify_viz.records import AttentionRecord
from amplify_viz.selection import own_heads
from amplify_viz.ui.server import publish_page
from amplify_viz.ui.state import forget_unknown, plain
from amplify_viz.views.documents import digest

HEIGHT = 720
_ASKED = "_bertviz_asked"
_NOTICE = (
    f"BertViz draws with scripts from **{HOST.partition('//')[2]}**, another computer on the internet (require.js, jQuery, D3): "
    "pressing *Load BertViz* lets your browser fetch them, and the page stays apart from this app. Without internet it "
    "says that they did not come; this app's own views need none. BertViz counts layers and heads from 0."
)


def draw_bertviz(records: Sequence[AttentionRecord], *, layer: int, heads: Sequence[int] | None) -> None:
    """One of BertViz's views of one of the records, once it is asked for, and the same as an HTML file.

    layer and heads are zero-based; of the heads those that the record has, None for all.  What BertViz cannot bear is said
    in one sentence; no other host is contacted before the button is pressed, and after a change of choice it has to be
    pressed again.
    """
    record, view = _choose(records)
    st.caption(_NOTICE)
    try:
        part = extent(record, view, layer=layer, heads=own_heads(record, heads))
    except InputError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if part.note:
        st.caption(plain(part.note))
    choice = (digest(record), view, part.layers, layer, part.heads)
    with st.container(horizontal=True):
        if st.button("Load BertViz", icon=":material/cloud_download:", key="bertviz_load"):
            with st.spinner("Writing the page…", show_time=True):
                st.session_state[_ASKED] = (choice, publish_page(_html(record, part)))
        _download(record, part)
    asked, address = st.session_state.get(_ASKED, (None, ""))
    if asked == choice:
        st.iframe(address, height=HEIGHT, alt=f"BertViz's {view} view of {record.checkpoint}")


def _choose(records: Sequence[AttentionRecord]) -> tuple[AttentionRecord, View]:
    names = [record.checkpoint for record in records]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view: View = st.segmented_control(
            "View of BertViz",
            VIEWS,
            default=VIEWS[0],
            required=True,
            format_func=lambda name: f"{name.capitalize()} view",
            key="bertviz",
            bind="query-params",
        )
        if len(records) == 1:
            return records[0], view
        forget_unknown("bertviz_of", names)
        chosen = st.selectbox("Checkpoint", names, key="bertviz_of", bind="query-params", width=320)
    return records[names.index(chosen)], view


def _download(record: AttentionRecord, part: Extent) -> None:
    st.download_button(
        "Download as HTML",
        data=_made(record, part),
        file_name=f"bertviz-{part.view}-view.html",
        mime="text/html",
        on_click="ignore",
        icon=":material/download:",
        key="bertviz_download",
        help=f"One file of about {part.n_bytes / 1e6:.1f} MB at most, which opens in a browser with internet.",
    )


def _html(record: AttentionRecord, part: Extent) -> str:
    return bertviz_html(record, part.view, layer=part.layer, heads=part.heads)


def _made(record: AttentionRecord, part: Extent) -> Callable[[], bytes]:
    def make() -> bytes:
        try:
            return _html(record, part).encode()
        except Exception:
            logging.getLogger(__name__).exception("The page of BertViz could not be made")
            raise

    return make
