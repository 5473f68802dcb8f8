"""The export menu of a view: the figure of what is on screen, its numbers, or the view itself as a page.

`recipe_menu` is for what a command line makes again, and its files say how; `export_menu` for the records of the mix lab.
"""

import logging
import shlex
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import streamlit as st

import amplify_viz as av
from amplify_viz.errors import InputError
from amplify_viz.recipes import Made, Recipe, to_file
from amplify_viz.recipes.files import DRAWN
from amplify_viz.recipes.provenance import PROGRAM
from amplify_viz.recipes.texts import OfText
from amplify_viz.records import AttentionRecord
from amplify_viz.ui.recipes import WIDTHS
from amplify_viz.ui.resources import origin_of
from amplify_viz.ui.state import plain
from amplify_viz.ui.styles import style_choice
from amplify_viz.ui.tray import add_button

if TYPE_CHECKING:
    from amplify_viz.figures import Style

_MEDIA = {
    "svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png", "html": "text/html", "csv": "text/csv",
    "json": "application/json", "tex": "text/x-tex", "pgf": "text/x-tex",
}  # fmt: skip
_FIRST = 6.9  # inches
_DPI = (150, 300, 600)
AnyRecipe = TypeVar("AnyRecipe", bound=Recipe)
OfWidth = Callable[[float], OfText]
"""Gives the recipe of a width in inches."""
Records = Sequence[AttentionRecord]


def export_menu(name: str, recipe: OfWidth | None, records: Records, page: Callable[[], str]) -> None:
    """Draws the menu; a file is made when its button is pressed, of what was on screen then.

    name: of the file and the menu's key; recipe: gives the recipe for a width in inches (the library of figures is loaded
    when a file is made, not when the app starts), None for what has no figure; page: gives the view as an HTML page.
    """
    with st.popover("Export", icon=":material/download:"):
        if recipe is not None:
            one = recipe(_width(name))
            style = style_choice(name, named=False)
            if _fits(style, one.width):
                for kind in ("svg", "pdf", "png"):
                    _button(name, kind, kind.upper(), logged(partial(_figure_bytes, one, records, kind, style)))
        _button(name, "html", "HTML, interactive", logged(lambda: page().encode()))


def recipe_menu(recipe: OfWidth, records: Records) -> None:
    """The menu of a figure of records that are there.  recipe: gives the recipe for a width in inches."""

    def make(one: Any) -> Made:
        made: Made = one.made(records, [origin_of(record.source) for record in records])
        return made

    made_menu(recipe, make)


def made_menu(recipe: Callable[[float], AnyRecipe], make: Callable[[AnyRecipe], Made]) -> None:
    """Draws the menu of a figure that is made again by a command; a file is made when its button is pressed.

    recipe: gives the recipe for a width in inches; make: makes it of what the page has read already.
    """
    with st.popover("Export", icon=":material/download:"):
        name = recipe(_FIRST).KIND
        one = recipe(_width(name))
        dpi = st.radio("Dots an inch, of a PNG", _DPI, index=1, horizontal=True, key=f"{name}-dpi")
        style = style_choice(name, named=True)
        fits = _fits(style, one.width)
        if style is not None and fits:
            one, make = replace(one, style=style.file), partial(_styled, style, make)
        for label, kinds in _FILES:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(label, width=70)
                for kind, shown in kinds.items():
                    if _is_offered(kind, one, fits=fits):
                        _button(name, kind, shown, logged(partial(_file, one, make, kind, dpi)), width="content")
        if fits:
            add_button(one, make)
            st.caption("Each file says how it was made. The command that makes it again:")
            st.code(f"{PROGRAM} {shlex.join(one.arguments)} --out {name}.pdf", language="bash", wrap_lines=True)


def _is_offered(kind: str, recipe: Recipe, *, fits: bool) -> bool:
    """Whether a kind of file can be made: a page of a view, a PGF where TeX is, a drawing where its letters fit."""
    if kind == "html":
        return recipe.VIEW is not None
    return (fits or kind not in DRAWN) and (kind != "pgf" or shutil.which("pdflatex") is not None)


def _fits(style: "Style | None", width: float) -> bool:
    """Whether the style's letters fit into the width; where they do not, it is said."""
    if style is None:
        return True
    try:
        av.figures.fitting(style, width)
    except InputError as error:
        st.warning(plain(str(error)))
        return False
    return True


def _styled(style: "Style", make: Callable[[AnyRecipe], Made], recipe: AnyRecipe) -> Made:
    return recipe.styled(style, make)


def _file(recipe: AnyRecipe, make: Callable[[AnyRecipe], Made], kind: str, dpi: int) -> bytes:
    return to_file(recipe, make(recipe), kind, dpi=dpi)


_FILES = (
    ("Figure", {"svg": "SVG", "pdf": "PDF", "png": "PNG", "pgf": "PGF"}),
    ("Numbers", {"csv": "CSV", "json": "JSON"}),
    ("Other", {"tex": "LaTeX", "html": "HTML, interactive"}),
)


def _width(name: str) -> float:
    return WIDTHS[st.radio("Width", list(WIDTHS), index=1, key=f"{name}-width")]


def _figure_bytes(recipe: OfText, records: Records, kind: str, style: "Style | None") -> bytes:
    one: Any = recipe
    made: Made = one.styled(style or av.figures.Style(), lambda narrowed: narrowed.made(records, ()))
    return av.figures.to_bytes(made.figure, kind)


def _button(
    name: str, kind: str, label: str, data: Callable[[], bytes], *, width: Literal["stretch", "content"] = "stretch"
) -> None:
    st.download_button(
        label,
        data=data,
        file_name=f"{name}.{kind}",
        mime=_MEDIA[kind],
        on_click="ignore",
        key=f"{name}-{kind}",
        width=width,
    )


def logged(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """The same, with its errors in the log: the browser says only that there was one."""

    def made() -> bytes:
        try:
            return make()
        except Exception:
            logging.getLogger(__name__).exception("The file could not be made")
            raise

    return made
