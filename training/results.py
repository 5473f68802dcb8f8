"""`python -m training results`: the tables of whatever runs exist, on the terminal and as files."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from amplify_viz import InputError
from amplify_viz.results.compare import bootstrap_differences, difference_notes, mcnemar_tests, paired_differences
from amplify_viz.results.export import caption, markdown_page, to_csv, to_latex, to_markdown, wide
from amplify_viz.results.gather import METRICS, find_results, gather, repeats
from amplify_viz.results.tables import ResultsTable, results_table, results_tables, runs_of
from amplify_viz.runs import BrokenRun, Run

RUNS = (Path("runs"), Path("assets/results"))

Format = Literal["md", "csv", "latex"]
_ENDINGS: dict[Format, str] = {"md": "md", "csv": "csv", "latex": "tex"}


@dataclass(frozen=True)
class ResultsCommand:
    """Print the paper's tables from the runs that exist, the paper's values beside ours, and methods against `none`."""

    runs: tuple[Path, ...] = RUNS  # folders that hold runs, or run.json and predictions alone
    table: int | None = None  # one of the paper's tables, 1 to 6; else all that have runs
    metric: Literal["accuracy", "macro_f1", "nll", "brier", "ece"] = "accuracy"  # what the tables show
    split: Literal["dev", "test"] = "test"  # on which split
    baseline: str = "none"  # the method that the others are compared to
    format: Format = "md"  # of what is printed: Markdown, CSV or LaTeX
    out: Path | None = None  # a folder that gets every table in every format

    def __call__(self) -> None:
        """Prints what there is, or in one sentence that there is nothing; writes the files where asked."""
        found = find_results(*_folders(self.runs))
        runs = [run for run in found if isinstance(run, Run)]
        for left_out in (*(run for run in found if isinstance(run, BrokenRun)), *repeats(runs)):
            sys.stderr.write(f"left out: {left_out.reason}\n")
        frame = gather(runs)
        if self.table is not None:
            tables, frame = (
                [results_table(self.table, frame, metric=self.metric, split=self.split)],
                runs_of(self.table, frame),
            )
        else:
            tables = results_tables(frame, metric=self.metric, split=self.split)
        tables = [table for table in tables if not table.frame.empty]
        if not tables:
            sys.stdout.write(self._nothing(len(frame)) + "\n")
            return
        pages = {f"table-{table.number}": _table_page(table) for table in tables} | self._comparisons(frame)
        sys.stdout.write("\n".join(page[self.format] for page in pages.values()))
        if self.out is not None:
            _write(self.out, {**pages, "runs": {"csv": to_csv(frame)}})

    def _nothing(self, n_runs: int) -> str:
        where = " and ".join(map(str, self.runs))
        if n_runs:
            return f"{n_runs} finished runs below {where}, none with {self.metric} on {self.split}: train newer ones."
        which = "" if self.table is None else f" that belongs to the paper's Table {self.table}"
        return f"No finished run{which} below {where}: train one with python -m training run."

    def _comparisons(self, frame: pd.DataFrame) -> dict[str, dict[Format, str]]:
        """Methods against the baseline: the metric by seeds, and for test or dev accuracy the predictions by rows."""
        differences = paired_differences(frame, metric=self.metric, split=self.split, baseline=self.baseline)
        if differences.empty:
            sys.stderr.write(
                f"Nothing is compared: no run lies here beside one of {self.baseline} with the same data, settings and seed.\n"
            )
            return {}
        pages = {"differences": _differences_page(differences, self.baseline)}
        if self.metric == "accuracy":
            pages["bootstrap"] = _page(
                bootstrap_differences(frame, split=self.split, baseline=self.baseline),
                f"Accuracy differences to {self.baseline} in points, averaged over seeds, with percentile bootstrap "
                f"intervals over the rows of {self.split}: for these trained models, not for other seeds.",
                "tab:bootstrap",
                digits=METRICS["accuracy"].digits,
            )
            pages["mcnemar"] = _page(
                mcnemar_tests(frame, split=self.split, baseline=self.baseline),
                f"McNemar's test (exact binomial, and mid-p) on the {self.split} predictions of two runs of one seed: for "
                f"these trained models, not for other seeds.",
                "tab:mcnemar",
            )
        return pages


def _folders(roots: tuple[Path, ...]) -> list[Path]:
    """The folders to look in; of the two that are looked in unasked, those that exist."""
    for root in roots:
        if not root.is_dir() and root not in RUNS:
            raise InputError(f"--runs needs folders that exist, there is no folder {root}: check the path.")
    return [root for root in roots if root.is_dir()]


def _table_page(table: ResultsTable) -> dict[Format, str]:
    notes = "".join(f"% {note}\n" for note in table.notes)
    latex = to_latex(wide(table), caption=caption(table), label=f"tab:results-{table.number}")
    return {"md": markdown_page(table), "csv": to_csv(table.frame), "latex": notes + latex}


def _differences_page(differences: pd.DataFrame, baseline: str) -> dict[Format, str]:
    plain = differences.drop(columns=["sentence", "metric", "split", "confidence"])
    title = f"Differences to {baseline}, paired by seed, with 95 % t intervals."
    many = "".join(f"{note}\n" for note in difference_notes(differences))
    sentences = "".join(f"- {sentence}\n" for sentence in differences["sentence"])
    page = _page(plain, title, "tab:differences", digits=METRICS[differences["metric"].iloc[0]].digits)
    return {**page, "md": f"{page['md']}\n{sentences}\n{many}", "csv": to_csv(differences)}


def _page(frame: pd.DataFrame, title: str, label: str, *, digits: int | None = None) -> dict[Format, str]:
    return {
        "md": f"## {title}\n\n{to_markdown(frame, digits=digits)}",
        "csv": to_csv(frame),
        "latex": to_latex(frame, caption=title, label=label, digits=digits),
    }


def _write(folder: Path, pages: dict[str, dict[Format, str]]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, page in pages.items():
            for kind, text in page.items():
                (folder / f"{name}.{_ENDINGS[kind]}").write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"--out needs a folder that can be written, {folder} cannot ({error}): choose another."
        ) from error
    sys.stderr.write(f"{sum(map(len, pages.values()))} files in {folder}\n")
