"""A comparison as a report: one self-contained page, and beside it the figures, tables, words and references in it.

written = report(["runs/…/none-seed0"], ["runs/…/amplify-seed0"], texts, Path("report"))
"""

from amplify_viz.report.assembling import Report, report, write

__all__ = ["Report", "report", "write"]
