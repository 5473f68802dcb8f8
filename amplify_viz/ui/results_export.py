"""The export menu of a table: CSV with every number in full, Markdown and LaTeX for a text."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

import pandas as pd
import streamlit as st

from amplify_viz.recipes.tables import TableKind, about_table, with_about
from amplify_viz.results import to_csv, to_latex, to_markdown
from amplify_viz.ui.export import logged

Make = Callable[[], str]
_KINDS: Mapping[str, tuple[TableKind, str]] = MappingProxyType(
    {"CSV": ("csv", "text/csv"), "Markdown": ("md", "text/markdown"), "LaTeX": ("tex", "text/x-tex")}
)


def table_menu(name: str, *, csv: Make, markdown: Make, latex: Make, about: Make = str, label: str = "Export") -> None:
    """Draws the menu; a file is made when its button is pressed, of what was on screen then.

    name: of the files; about: gives what the files say of themselves, as `about_table` does; label: of the menu.
    """
    with st.popover(label, icon=":material/download:", key=f"{name}-menu"):
        for (kind, (ending, media)), make in zip(_KINDS.items(), (csv, markdown, latex), strict=True):
            st.download_button(
                kind,
                data=logged(partial(_file, make, ending, about)),
                file_name=f"{name}.{ending}",
                mime=media,
                on_click="ignore",
                key=f"{name}-{ending}",
                width="stretch",
            )


def frame_menu(
    name: str,
    frame: pd.DataFrame,
    *,
    title: str,
    csv: pd.DataFrame | None = None,
    about: Make | None = None,
    label: str = "Export",
) -> None:
    """The menu of a plain frame; title: its caption; csv: a fuller frame for that file; about and label: see `table_menu`."""
    table_menu(
        name,
        csv=lambda: to_csv(frame if csv is None else csv),
        markdown=lambda: f"## {title}\n\n{to_markdown(frame)}",
        latex=lambda: to_latex(frame, caption=title, label=f"tab:{name}"),
        about=about or partial(about_table, title),
        label=label,
    )


@contextlib.contextmanager
def beside(text: Callable[[], object]) -> Iterator[None]:
    """A line with a text on the left; what is drawn in the block, a menu, stands on the right."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        text()
        yield


def _file(make: Make, kind: TableKind, about: Make) -> bytes:
    return with_about(make(), kind, about()).encode()
