"""A comparison as a report: one self-contained page, and beside it the figures, tables, words and references in it.

a, b = [load("runs/…/none-seed0")], [load("runs/…/amplify-seed0")]
found = compare(a, b, read_texts("pairs.csv"))
write(report(found, a, b, reading={"data": "pairs.csv"}), Path("report"))
"""

from amplify_viz.report.assembling import Report, report, write

__all__ = ["Report", "report", "write"]
