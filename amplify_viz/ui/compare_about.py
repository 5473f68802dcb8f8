"""What the tables of a comparison say of themselves in their files."""

import shlex
from collections.abc import Sequence

from amplify_viz.comparison import Comparison
from amplify_viz.recipes.recipe import portable
from amplify_viz.recipes.tables import about_comparison, about_table
from amplify_viz.records import AttentionRecord
from amplify_viz.ui.compare_form import Asked
from amplify_viz.ui.resources import origin_of


def about(found: Comparison, asked: Asked, title: str, *, tested: bool = False) -> str:
    """The runs of both sides, the texts, the test where the table is `tested`, and the command."""
    a, b = ([origin_of(source) for source in side] for side in (asked.request.a, asked.request.b))
    return about_comparison(found, a, b, title, tested=tested, command=_command(asked))


def about_words(sides: Sequence[AttentionRecord], title: str) -> str:
    """The two checkpoints and the text that they read."""
    return about_table(title, sources=[origin_of(side.source) for side in sides], texts=sides[0].texts)


def _command(asked: Asked) -> str:
    """What makes the numbers again, "" where the texts were pasted."""
    request, reading = asked.request, asked.reading
    if reading.get("data") is None:
        return ""
    how = {**reading, "test": request.choices.test, "correction": request.choices.correction}
    words = [f"--{name.replace('_', '-')}={value}" for name, value in how.items() if value is not None]
    sides = ["--a", *map(portable, request.a), "--b", *map(portable, request.b)]
    return shlex.join(["python", "-m", "amplify_viz", "compare", *sides, *words, "--out", "compared"])
