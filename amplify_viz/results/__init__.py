"""What came of the runs, as tables: in the shape of the paper's, with its numbers beside ours, and method against method.

    runs = gather(find_results(Path("runs"), Path("assets/results")))   # one tidy row a run
    for table in results_tables(runs):
        print(to_markdown(wide(table)))                                 # or to_csv(table.frame), to_latex(...)
    paired_differences(runs)                                            # to `none`, paired by seed, with an interval

Tables are tidy DataFrames; `wide`, `to_csv`, `to_markdown` and `to_latex` make text of them.  No model, no figure.
"""

from amplify_viz.results.compare import (
    bootstrap_differences,
    difference_notes,
    mcnemar_tests,
    paired_differences,
    partners,
    row_names,
)
from amplify_viz.results.export import markdown_page, to_csv, to_latex, to_markdown, wide
from amplify_viz.results.gather import METRICS, find_results, gather, read_predictions, repeats
from amplify_viz.results.paired import mcnemar, paired_bootstrap, paired_interval
from amplify_viz.results.paper import data_title, paper_means, paper_table
from amplify_viz.results.tables import ResultsTable, results_table, results_tables, runs_of

__all__ = [
    "METRICS",
    "ResultsTable",
    "bootstrap_differences",
    "data_title",
    "difference_notes",
    "find_results",
    "gather",
    "markdown_page",
    "mcnemar",
    "mcnemar_tests",
    "paired_bootstrap",
    "paired_differences",
    "paired_interval",
    "paper_means",
    "paper_table",
    "partners",
    "read_predictions",
    "repeats",
    "results_table",
    "results_tables",
    "row_names",
    "runs_of",
    "to_csv",
    "to_latex",
    "to_markdown",
    "wide",
]
