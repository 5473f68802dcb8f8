"""What a word graph's page and caption say of special tokens."""

from dataclasses import replace
from pathlib import Path

import pytest

from amplify_viz.errors import InputError
from amplify_viz.recipes import WordGraph, to_file, write
from tests.recipes.of_texts import recipe

pytestmark = pytest.mark.usefixtures("inside")


def test_a_page_of_words_is_refused_where_it_would_lack_special_tokens(folder: Path) -> None:
    one = recipe(WordGraph, special=True, focus=2)
    made = one.make()
    message = (
        r"page shows no special tokens, got --special: leave it out, or write svg, pdf, png, pgf, csv, json, tex\."
    )
    with pytest.raises(InputError, match=message):
        write(one, made, folder / "special.html")
    assert not (folder / "special.html").exists()
    assert b"[CLS]" in to_file(one, made, "csv")
    assert "The difference leaves" not in made.caption
    assert "The difference leaves special tokens out." in replace(one, difference=(1, 2)).make().caption
    plain = replace(one, special=False)
    assert b"<!doctype html>" in to_file(plain, plain.make(), "html")
