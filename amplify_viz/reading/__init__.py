"""Files in, rows and texts out: JSONL, CSV, TSV, Parquet, and the forms in which MRPC and TREC were published."""

from amplify_viz.reading.columns import Columns
from amplify_viz.reading.texts import BUILT_IN, Texts, pasted_texts, read_texts

__all__ = ["BUILT_IN", "Columns", "Texts", "pasted_texts", "read_texts"]
