"""The numbers of the paper's Tables 1 to 6, as printed, and what to keep in mind when they are shown.

Public names: `TABLES`, `PaperTable`, `paper_table`, `paper_means`, `paper_data`, `data_title`.

Accuracies are percent.  The ± of Tables 2, 3 and 6 is a variance, in squared points; it is kept as one, and `sd` is its
square root.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import nan
from types import MappingProxyType
from typing import Literal

import pandas as pd

from amplify_viz.errors import InputError
from amplify_viz.results.printed import PRINTED

Axis = Literal["draws", "method", "noise_share", "layers"]

DATA_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "mrpc": "MRPC",
        "sst2": "SST-2",
        "trec-coarse": "TREC-coarse",
        "trec-fine": "TREC-fine",
        "sst5": "SST-5",
        "yelp": "Yelp polarity",
        "imdb": "IMDB",
    }
)
"""The paper's seven sets in the order of its Table 2, with their titles; its "YELP-5" is Yelp polarity."""

METHODS_IN_TABLES = ("none", "embedmix", "sentencemix", "tmix", "amplify")

PAPER_METHOD: Mapping[str, str] = MappingProxyType(
    {**{method: method for method in METHODS_IN_TABLES}, "amplify-postln": "amplify"}
)
"""Which of the paper's methods stands beside ours: the paper describes `amplify`, its code does `amplify-postln`."""

_NOTE_VARIANCE = "The paper's ± is a variance of three seeds; shown is its square root."
_NOTE_DIVISOR = (
    "On TREC (500 test rows) the printed variances are possible only when divided by n: times 1.22 the paper's sd compares "
    "with ours, which is with n − 1."
)
_NOTE_SAME = "The paper's variances of EmbedMix equal those of its Table 2, digit for digit."
_NOTE_IMPOSSIBLE = (
    "Two of the paper's TREC cells (97.03 ± 0.036 and 85.80 ± 0.779) fit no three accuracies on 500 test rows."
)
_NOTE_MEAN = "The paper's text says that its mean is over five data sets; its column is the mean of seven."
_NOTE_FIXED = "One fixed layer is above AMPLIFY in all layers (Table 2) on four of the paper's data sets."
_NOTE_SUM = "In the paper's mean row the variance of TREC-coarse is the sum of the three; elsewhere it is their mean."
_NOTE_LOW = "The paper's 22.04 for EmbedMix on SST-5 at 20 % is below the share of the largest class in test (28.6 %)."
_NOTE_YELP = (
    "The paper's YELP-5 has 560,000 training rows and 97 % accuracy: it is Yelp polarity, not the five-star set."
)
_NOTE_OURS = "The paper's text describes amplify, its released code does amplify-postln: its value for AMPLIFY stands beside both."
_NOTE_LABELS = (
    "The released code of EmbedMix, SentenceMix and TMix pairs labels by a second permutation (here labels=independent), and "
    "gives AMPLIFY another head than the others."
)
_NOTE_SINGLE = "The paper gives no ± and no number of seeds; the values fit single runs on the test split."
_NOTE_NOISE = (
    "On MRPC the paper's values, AMPLIFY's apart, lie near the share of the largest class in test (66.5 %), far below those "
    "without noise."
)
_NOTE_LAYERS = (
    "Early, middle and last are layers 4, 8 and 12 of 12. A flag in the released code is never reset, so that its rows for "
    "layers 4 and 8 are probably layers 4-12 and 8-12."
)
_NOTE_NOISE_SETS = "The paper's caption names five data sets, its table has IMDB as a sixth."


@dataclass(frozen=True)
class PaperTable:
    """One table of the paper: what it shows, for which backbone, along which axis, and notes for whoever reads it.

    data_notes: those that matter only where a data set is shown.
    """

    number: int
    title: str
    backbone: str
    axis: Axis
    noise: Literal["none", "delete", "swap"]
    notes: tuple[str, ...]
    data_notes: Mapping[str, str]


TABLES: Mapping[int, PaperTable] = MappingProxyType(
    {
        table.number: table
        for table in (
            PaperTable(
                1,
                "AMPLIFY by number of draws of lam",
                "BERT-base",
                "draws",
                "none",
                (_NOTE_SINGLE, _NOTE_MEAN, _NOTE_OURS),
                {"yelp": _NOTE_YELP},
            ),
            PaperTable(
                2,
                "Methods",
                "BERT-base",
                "method",
                "none",
                (_NOTE_VARIANCE, _NOTE_DIVISOR, _NOTE_OURS, _NOTE_LABELS),
                {"yelp": _NOTE_YELP},
            ),
            PaperTable(
                3,
                "Methods with DistilBERT",
                "DistilBERT",
                "method",
                "none",
                (_NOTE_VARIANCE, _NOTE_SAME, _NOTE_OURS, _NOTE_LABELS),
                {"yelp": _NOTE_YELP, "trec-coarse": _NOTE_IMPOSSIBLE, "trec-fine": _NOTE_IMPOSSIBLE},
            ),
            PaperTable(
                4,
                "Methods with words of the training text deleted",
                "BERT-base",
                "noise_share",
                "delete",
                (_NOTE_SINGLE, _NOTE_OURS, _NOTE_LABELS),
                {"mrpc": _NOTE_NOISE, "imdb": _NOTE_NOISE_SETS},
            ),
            PaperTable(
                5,
                "Methods with words of the training text swapped",
                "BERT-base",
                "noise_share",
                "swap",
                (_NOTE_SINGLE, _NOTE_OURS, _NOTE_LABELS),
                {"mrpc": _NOTE_NOISE, "sst5": _NOTE_LOW, "imdb": _NOTE_NOISE_SETS},
            ),
            PaperTable(
                6,
                "AMPLIFY in one layer",
                "BERT-base",
                "layers",
                "none",
                (_NOTE_VARIANCE, _NOTE_DIVISOR, _NOTE_LAYERS, _NOTE_FIXED, _NOTE_OURS),
                {"yelp": _NOTE_YELP, "trec-coarse": _NOTE_SUM},
            ),
        )
    }
)
"""The paper's tables by number."""

_ORDER_OF_TABLE_1 = ("mrpc", "sst2", "sst5", "trec-fine", "trec-coarse", "imdb", "yelp")
_PLACES: Mapping[Axis, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "draws": ("data", (*_ORDER_OF_TABLE_1, "mean")),
        "method": ("data", tuple(DATA_TITLES)),
        "layers": ("data", tuple(DATA_TITLES)),
        "noise_share": ("method", METHODS_IN_TABLES),
    }
)


def paper_table(number: int) -> pd.DataFrame:
    """One row for each cell of the paper's table, without the means that it prints over data sets or layers.

    Columns: method, data, draws, layers, noise and noise_share as in RunConfig; mean in percent, variance in squared
    points, sd (the square root of the variance; both NaN in Tables 1, 4 and 5, which have none).
    Raises InputError for a number that is not 1 to 6.
    """
    rows = [row for row in _rows(number) if "mean" not in (row["data"], row["layers"])]
    return pd.DataFrame(rows)


def paper_means(number: int) -> pd.DataFrame:
    """The means that Table 1 prints for each number of draws and Table 6 for each data set; columns as `paper_table`'s.

    The column over which the mean was taken says "mean".  Raises InputError for another number.
    """
    rows = [row for row in _rows(number) if "mean" in (row["data"], row["layers"])]
    if not rows:
        raise InputError(f"Tables 1 and 6 of the paper print means, table {number} prints none: ask for 1 or 6.")
    return pd.DataFrame(rows)


def _rows(number: int) -> Iterator[dict[str, object]]:
    if number not in TABLES:
        raise InputError(f"The paper has tables 1 to 6, got {number}: choose one of these.")
    for line in PRINTED[number].split("\n"):
        if line:
            yield from _cells(TABLES[number], line.split())


def _cells(table: PaperTable, words: list[str]) -> Iterator[dict[str, object]]:
    """The cells of one printed line; its first words say which line."""
    settings = {"method": "amplify", "data": "", "draws": 5, "layers": "all", "noise": table.noise, "noise_share": 0.0}
    n_names = 2 if table.axis == "noise_share" else 1
    if table.axis == "noise_share":
        settings |= {"data": words[0], "noise_share": int(words[1]) / 100}
    else:
        settings |= {table.axis: int(words[0]) if table.axis == "draws" else words[0]}
    over, places = _PLACES[table.axis]
    for place, printed in zip(places, words[n_names:], strict=True):
        mean, _, variance = printed.partition("±")
        spread = float(variance) if variance else nan
        yield settings | {over: place, "mean": float(mean), "variance": spread, "sd": spread**0.5}


def paper_data(name: str) -> str | None:
    """Which of the paper's data sets a data name stands for, however it is spelled (`SST-2`, `sst2`); else None.

    Yelp is polarity.  A part of a set, such as `imdb_5k`, is not the set.
    """
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    known = {re.sub(r"[^a-z0-9]", "", data): data for data in DATA_TITLES} | {"yelppolarity": "yelp"}
    return known.get(plain)


def data_title(name: str) -> str:
    """How a data set is called in tables: the paper's own name for its sets, else the name as it is."""
    return DATA_TITLES.get(name, name)
