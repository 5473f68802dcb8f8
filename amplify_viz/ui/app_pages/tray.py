"""Tray: the collected figures in order, with their captions, and all of them as one zip or one page."""

import time
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from amplify_viz.report.bundle import Item, to_page, to_zip
from amplify_viz.ui.state import plain
from amplify_viz.ui.tray import MOST, Tray, current

_LONGEST = 80  # characters of a text that are shown
_MOMENT = 0.3  # seconds
_STYLE = '<style>[class*="st-key-preview-"] img { border-radius: 6px; }</style>'


def page() -> None:
    """The page: downloads, then one card a figure; or how to fill the tray."""
    tray = current()
    st.html(_STYLE)
    if tray.items:
        _draw_head(tray)
        _offer_back(tray)
        for number, item in enumerate(tray.items):
            _draw_item(tray, number, item)
    else:
        _offer_back(tray)
        _draw_empty()


def _draw_empty() -> None:
    st.info(
        "The tray is empty. Open **Export** above a view in Explore, a map in Compare or a figure in Results, and press "
        "**Add to tray**: the figure is kept here as it was then, to be ordered, captioned and downloaded with others.",
        icon=":material/inbox:",
    )
    with st.container(horizontal=True):
        st.page_link("app_pages/explore.py", label="Explore", icon=":material/visibility:")
        st.page_link("app_pages/compare.py", label="Compare", icon=":material/compare_arrows:")
        st.page_link("app_pages/results.py", label="Results", icon=":material/table_chart:")


def _draw_head(tray: Tray) -> None:
    n = len(tray.items)
    count = "1 figure" if n == 1 else f"{n} figures"
    full = f" The tray is full: it holds {MOST}." if n == MOST else ""
    st.markdown(
        f"**{count}**, each as it was when it was added.{full} The tray lives in this browser session only: a reload or a "
        "closed tab empties it."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Zip for LaTeX",
            data=_at_the_click(tray, to_zip),
            file_name="figures.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            type="primary",
            on_click="ignore",
            key="tray-zip",
            help="Each figure as PDF, SVG and CSV, their LaTeX with captions, and the commands that make them again",
        )
        st.download_button(
            "One page, HTML",
            data=_at_the_click(tray, lambda items: to_page(items).encode()),
            file_name="figures.html",
            mime="text/html",
            icon=":material/article:",
            on_click="ignore",
            key="tray-page",
            help="All figures with captions, commands and numbers in one file that opens anywhere",
        )
        st.button(
            "Remove all",
            icon=":material/delete_sweep:",
            type="tertiary",
            key="tray-clear",
            on_click=lambda: tray.remove(*(item.id for item in tray.items)),
        )


def _at_the_click(tray: Tray, make: Callable[[Sequence[Item]], bytes]) -> Callable[[], bytes]:
    """The file of what the tray holds when the button is pressed.

    A caption in which the cursor still stood is sent by the same click: it gets a moment to arrive.
    """

    def made() -> bytes:
        time.sleep(_MOMENT)
        return make(tuple(tray.items))

    return made


def _offer_back(tray: Tray) -> None:
    """Where something was removed, a line that says so, with the way back."""
    if not tray.removed:
        return
    n = len(tray.removed)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("1 figure was removed." if n == 1 else f"{n} figures were removed.", width="content")
        st.button("Bring back", icon=":material/undo:", key="tray-back", on_click=tray.bring_back)


def _draw_item(tray: Tray, number: int, item: Item) -> None:
    with st.container(border=True):
        picture, words = st.columns([2, 3], gap="medium")
        with picture, st.container(key=f"preview-{item.id}"):
            st.image(item.preview, width="stretch", alt=item.caption)
        with words:
            with st.container(gap="xxsmall"):
                st.markdown(f"**{number + 1} · {plain(item.title)}**")
                st.caption(plain(" — ".join(part for part in (item.shown, _quoted(item)) if part)))
            key = f"caption-{item.id}"
            st.text_area(
                "Caption",
                item.caption,
                key=key,
                height="content",
                max_chars=4_000,
                on_change=lambda: tray.describe(item.id, st.session_state[key]),
            )
            _draw_buttons(tray, number, item)


def _quoted(item: Item) -> str:
    texts = [text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…" for text in item.about.texts]
    return " / ".join(f"“{text}”" for text in texts)


def _draw_buttons(tray: Tray, number: int, item: Item) -> None:
    with st.container(horizontal=True):
        for label, icon, by, off in (
            ("Up", "arrow_upward", -1, number == 0),
            ("Down", "arrow_downward", 1, number == len(tray.items) - 1),
        ):
            st.button(
                label,
                icon=f":material/{icon}:",
                key=f"{label.lower()}-{item.id}",
                disabled=off,
                on_click=partial(tray.move, item.id, by),
            )
        st.button(
            "Remove",
            icon=":material/close:",
            type="tertiary",
            key=f"remove-{item.id}",
            on_click=partial(tray.remove, item.id),
        )


page()
