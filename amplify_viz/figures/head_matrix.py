"""The head view as a matrix: a row for each token that looks, a column for each token looked at."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from amplify_viz.figures import sentences
from amplify_viz.figures.matrices import MatrixPanel, draw_matrices
from amplify_viz.figures.rows import as_drawn
from amplify_viz.figures.subjects import check_between, check_records, most_of, parted
from amplify_viz.filters import Between, Combine, drawn
from amplify_viz.records import AttentionRecord
from amplify_viz.rows import Difference, Level, Shown, Special, Subject, shown, subjects_of
from amplify_viz.selection import own_heads


def head_matrix(
    records: Sequence[AttentionRecord],
    *,
    layer: int,
    heads: Sequence[int] | None = None,
    level: Level = "tokens",
    special: Special = "shown",
    between: Between = "all",
    least: float = 0.0,
    top: int | None = None,
    combine: Combine = "mean",
    difference: tuple[int, int] | None = None,
    width: float = 6.9,
) -> Figure:
    """A matrix for each record: its rows look, its columns are looked at, in one layer; several heads are combined.

    heads: zero-based, None for all; combine: "mean" over these heads ("each" is taken for it), or "max"; the other choices
    as in `head_view`.  A cell is the darker the greater its weight, on one scale for all records, by the square root of the
    weight as in the browser; a difference goes from orange over white (0) to blue, and has a minus sign below 0.  Where
    columns are too narrow for their labels they have numbers, and so have the rows.  Above 60 rows the 60 with the largest
    weights are shown, and the figure says so.  The cells are pixels, one a weight, also in a vector file.

    Raises InputError as `head_view` does.  A cell's colour is the weight on the scale.
    """
    check_records(records)
    check_between(records, between)
    how: Combine = "mean" if combine == "each" else combine
    filters: Any = {"between": between, "least": least, "top": top, "combine": how}
    subjects, lacking = parted(subjects_of(records, difference), layer=layer, heads=heads)
    panels = [
        _panel(subject, shown(subject, layer=layer, level=level, special=special), heads, filters)
        for subject in subjects
    ]
    said = sentences.of_layer(
        records,
        layer=layer,
        heads=heads,
        level=level,
        special=special,
        filters=filters,
        compared=difference is not None,
    )
    title = f"Attention in layer {layer + 1}, {sentences.heads_in(records, heads)}"
    return draw_matrices(panels, title=title, what="attention weight", notes=said, width=width, lacking=lacking)


def _panel(subject: Subject, found: Shown, heads: Sequence[int] | None, filters: Mapping[str, Any]) -> MatrixPanel:
    signed = isinstance(subject, Difference)
    chosen = own_heads(subject, heads)
    left = drawn(found, chosen, signed=signed, **filters)
    weights = left.weights[0].double().numpy()
    return MatrixPanel(subject.checkpoint, as_drawn(found.rows), weights, signed, most_of(found, left, chosen))
