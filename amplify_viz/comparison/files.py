"""A comparison as files: tables as Parquet and CSV, and the summary.

Public names: `write`.
"""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from amplify_viz.comparison.tables import Comparison
from amplify_viz.comparison.wording import summary
from amplify_viz.errors import InputError
from amplify_viz.runs import write_whole


def write(comparison: Comparison, folder: Path, *, heads: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Writes tests and distances, each as .parquet and .csv where there are any, and summary.md; returns their paths.

    heads: what stands above the text of a kind of file, "csv" or "md".  Files of these names are replaced, and a table that
    this comparison does not have is removed.  Raises InputError where the folder cannot be written to.
    """
    written, above = [], heads or {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in (("tests", comparison.tests), ("distances", comparison.distances)):
            if not len(table):
                for end in ("parquet", "csv"):
                    (folder / f"{name}.{end}").unlink(missing_ok=True)
            else:
                content = BytesIO()
                table.to_parquet(content, index=False)
                write_whole(folder / f"{name}.parquet", content.getvalue())
                write_whole(folder / f"{name}.csv", above.get("csv", "") + table.to_csv(index=False))
                written += [folder / f"{name}.parquet", folder / f"{name}.csv"]
        write_whole(folder / "summary.md", above.get("md", "") + summary(comparison))
    except OSError as error:
        raise InputError(
            f"The tables are written to a folder, but {folder} cannot be written to ({error.strerror}): choose another."
        ) from error
    return (*written, folder / "summary.md")
