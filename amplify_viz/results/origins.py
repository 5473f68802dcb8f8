"""Where runs that stand together come from: the device, torch and the code that trained them.

Public names: `of_cells`, `of_pairs`, `unlike`.

Runs with equal settings are pooled, and compared, wherever they were trained.  The numbers of another device or version
differ by rounding at first and by whole predictions in the end, which no setting says.
"""

from collections.abc import Iterator, Sequence

import pandas as pd

ORIGINS = {"device": "devices", "torch": "versions of torch", "git_commit": "commits of this project"}
"""The columns that say where a run comes from, and what several of them are called."""

_DIRTY = "-dirty"


def of_cells(runs: pd.DataFrame, cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """What a reader of pooled runs has to know of their origins, in whole sentences; nothing where they have one.

    runs: as `gather` gives them; cells: the folders of the runs that are pooled in each.
    """
    owner = {folder: cell for cell, folders in enumerate(cells) for folder in folders}
    several = runs.groupby(runs["folder"].map(owner))[list(ORIGINS)].nunique() > 1
    if n := int(several.any(axis=1).sum()):
        said = [f"{name} in {int(several[column].sum())}" for column, name in ORIGINS.items() if several[column].any()]
        yield f"In {n} of {len(cells)} cells runs of several origins are pooled: several {_listed(said)}."
    yield from _of_dirty(runs)


def of_pairs(pairs: int, n_unlike: int) -> Iterator[str]:
    """What a reader of paired differences has to know of their origins, in a whole sentence; nothing where they are alike."""
    if n_unlike:
        yield (
            f"In {n_unlike} of {pairs} pairs the two runs are of another device, version of torch or commit of this project, "
            f"which may be a part of their difference."
        )


def unlike(pairs: pd.DataFrame, suffix: str) -> "pd.Series[bool]":
    """Whether the two runs of each pair are known to be of other origins; suffix: what the second one's columns end in."""
    ours, theirs = pairs[list(ORIGINS)], pairs[[name + suffix for name in ORIGINS]].set_axis(list(ORIGINS), axis=1)
    return (ours.notna() & theirs.notna() & (ours != theirs)).any(axis=1)


def _of_dirty(runs: pd.DataFrame) -> Iterator[str]:
    dirty = int(runs["git_commit"].fillna("").str.endswith(_DIRTY).sum())
    if dirty:
        yield (
            f"{dirty} of {len(runs)} runs were trained in a checkout with changes that were not committed: no commit says what "
            f"the code was."
        )


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
