"""The tray: figures collected while exploring, as they were when they were added, for as long as the browser's session lasts."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import streamlit as st

from amplify_viz.errors import InputError
from amplify_viz.recipes import Made, Recipe
from amplify_viz.report.bundle import Item, keep
from amplify_viz.ui.state import plain

MOST = 40
"""Figures that a tray holds."""
MOST_BYTES = 200 * 10**6
"""Bytes that the files of a tray take."""

_KEY = "_tray"
AnyRecipe = TypeVar("AnyRecipe", bound=Recipe)


@dataclass
class Tray:
    """Figures in the order in which they are downloaded.

    removed: what was removed last, each with its place, first to last; message: what the page has yet to say, "" for nothing.
    """

    items: list[Item] = field(default_factory=list)
    removed: list[tuple[int, Item]] = field(default_factory=list)
    message: str = ""

    def place(self, name: str) -> int | None:
        """Where the item with an id stands, from 0; None where it is not."""
        return next((i for i, item in enumerate(self.items) if item.id == name), None)

    def check_room(self, n_bytes: int = 0) -> None:
        """Raises InputError where there is no room for a figure, or for one of this size."""
        if len(self.items) >= MOST:
            raise InputError(f"The tray holds at most {MOST} figures: download them, then remove some.")
        taken = sum(item.n_bytes for item in self.items)
        if taken + n_bytes > MOST_BYTES:
            raise InputError(
                f"The files in the tray take at most {MOST_BYTES // 10**6} MB, {taken // 10**6} MB are taken and this figure "
                f"needs {n_bytes // 10**6} MB: remove some, or export this one by itself."
            )

    def add(self, item: Item) -> bool:
        """Puts an item last; False where the same one is there already.  Raises InputError as `check_room` does."""
        if self.place(item.id) is not None:
            return False
        self.check_room(item.n_bytes)
        self.items.append(item)
        return True

    def move(self, name: str, by: int) -> None:
        """Moves an item towards the end, or with a negative number towards the beginning."""
        place = self.place(name)
        if place is not None:
            item = self.items.pop(place)
            self.items.insert(max(0, place + by), item)

    def describe(self, name: str, caption: str) -> None:
        """Gives an item another caption."""
        place = self.place(name)
        if place is not None:
            self.items[place] = replace(self.items[place], caption=caption)

    def remove(self, *names: str) -> None:
        """Removes items; `bring_back` reverses it."""
        self.removed = [(i, item) for i, item in enumerate(self.items) if item.id in names]
        self.items = [item for item in self.items if item.id not in names]

    def bring_back(self) -> None:
        """Puts what was removed last back in its place, as far as there is room; the rest stays removed and is said."""
        left: list[tuple[int, Item]] = []
        for place, item in self.removed:
            if self.place(item.id) is not None:
                continue
            try:
                self.check_room(item.n_bytes)
            except InputError as error:
                self.message, left = str(error), [*left, (place, item)]
                continue
            self.items.insert(place, item)
        self.removed = left


def current() -> Tray:
    """The session's tray."""
    found: Tray = st.session_state.setdefault(_KEY, Tray())
    return found


def title() -> str:
    """The name of the page, with the number of figures where there are any."""
    n = len(current().items)
    return f"Tray ({n})" if n else "Tray"


def say_message() -> None:
    """Says once what happened in the run before."""
    tray = current()
    if tray.message:
        st.toast(plain(tray.message), icon=":material/inbox:")
    tray.message = ""


def add_button(recipe: AnyRecipe, make: Callable[[AnyRecipe], Made]) -> None:
    """The button that puts a figure into the tray; its files are made when it is pressed.

    After it the whole page runs once more, because the navigation shows how many figures there are.
    """
    pressed = st.button("Add to tray", icon=":material/inbox:", key=f"{recipe.KIND}-tray")
    st.caption("The tray collects figures for one zip or one page.")
    if not pressed:
        return
    tray = current()
    try:
        tray.check_room()
        with st.spinner("Making its files…"):
            item = keep(recipe, make(recipe))
        added = tray.add(item)
    except InputError as error:
        st.warning(plain(str(error)))
        return
    number = (tray.place(item.id) or 0) + 1
    tray.message = (
        f"Added to the tray as figure {number}." if added else f"It is in the tray already, as figure {number}."
    )
    st.rerun()
