"""Tables as text: every number is there, and no sign of a name can break the table."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from amplify_viz.results.export import PAPER_SD, caption, markdown_page, to_csv, to_latex, to_markdown, wide
from amplify_viz.results.tables import ResultsTable, results_table
from tests.results.fake_runs import gathered, write_seeds


@pytest.fixture
def table(tmp_path: Path) -> ResultsTable:
    write_seeds(tmp_path, [0.80, 0.82, 0.81], method="none")
    write_seeds(tmp_path, [0.90], method="none", data="roles")
    write_seeds(tmp_path, [0.83, 0.83, 0.84], method="amplify", data="trec-fine")
    return results_table(2, gathered(tmp_path))


def test_the_wide_form_has_ours_above_the_papers(table: ResultsTable) -> None:
    assert wide(table).fillna("?").to_numpy().tolist() == [
        ["none", "ours", "81.00 ± 1.00 (3)", "", "90.00 (1)"],
        ["none", "paper, BERT-base", "81.20 ± 0.66", "", ""],
        ["amplify", "ours", "", "83.33 ± 0.58 (3)", ""],
        ["amplify", "paper, BERT-base", "", "90.67 ± 0.53", ""],
    ]
    assert list(wide(table).columns) == ["method", "source", "MRPC", "TREC-fine", "roles"]


def test_settings_get_a_column_where_they_differ_and_methods_stand_together(tmp_path: Path) -> None:
    for epochs in (4, 3):
        for method in ("amplify", "none"):
            write_seeds(tmp_path, [0.5], method=method, epochs=epochs, data="roles")
    found = wide(results_table(2, gathered(tmp_path)))
    assert found[["method", "settings"]].to_numpy().tolist() == [
        ["none", "epochs 3"],
        ["amplify", "epochs 3"],
        ["none", "epochs 4"],
        ["amplify", "epochs 4"],
    ]


def test_tables_of_noise_have_a_column_for_each_method(tmp_path: Path) -> None:
    for method in ("tmix", "none"):
        write_seeds(tmp_path, [0.5, 0.6], method=method, noise="delete", noise_share=0.05)
    found = wide(results_table(4, gathered(tmp_path)))
    assert list(found.columns) == ["data", "noise", "source", "none", "tmix"]
    assert found.to_numpy().tolist() == [
        ["MRPC", "5 %", "ours", "55.00 ± 7.07 (2)", "55.00 ± 7.07 (2)"],
        ["MRPC", "5 %", "paper, BERT-base", "68.52", "68.46"],
    ]


def test_csv_reads_back_in_full(table: ResultsTable) -> None:
    back = pd.read_csv(io.StringIO(to_csv(table.frame)))
    np.testing.assert_array_equal(back["sd"], table.frame["sd"])
    np.testing.assert_array_equal(back["paper_sd"], table.frame["paper_sd"])
    assert back["seeds"][0] == "0; 1; 2"


def test_csv_quotes_what_a_name_holds() -> None:
    (_, row) = csv.reader(io.StringIO(to_csv(pd.DataFrame({"a": ['x, "y"\nz'], "b": [1]}))))
    assert row == ['x, "y"\nz', "1"]


def test_no_cell_ends_a_row_of_markdown() -> None:
    text = to_markdown(pd.DataFrame({"a|b": ["one|two\nthree"], "c": [0.5]}))
    lines = text.splitlines()
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in lines] == [3, 3, 3]
    assert lines[1] == "| --- | ---: |"


def test_numbers_have_the_digits_asked_for_and_a_real_minus() -> None:
    frame = pd.DataFrame({"p": [2.6e-13, -1.0], "seeds": [(0, 1), (0.123456,)]})
    assert to_markdown(frame).splitlines()[2:] == ["| 2.6e-13 | 0, 1 |", "| −1 | 0.1235 |"]
    assert to_markdown(frame, digits=2).splitlines()[3] == "| −1.00 | 0.12 |"


def test_every_sign_that_means_something_to_latex_is_escaped() -> None:
    signs = r"50 % of a_b & c # $1 {x} ~ ^ \end <p>"
    text = to_latex(pd.DataFrame({"a & b": [signs]}), caption="5 % & more", label="tab:a b")
    assert (
        r"50 \% of a\_b \& c \# \$1 \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{}end \textless{}p\textgreater{} \\"
        in text
    )
    assert r"\caption{5 \% \& more}" in text
    assert r"\label{tab:a-b}" in text
    assert text.splitlines()[6] == r"a \& b \\"


def test_latex_has_booktabs_rules_and_as_many_cells_in_each_row(table: ResultsTable) -> None:
    text = to_latex(wide(table), caption=caption(table), label="tab:2")
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 1, 1]
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {line.count(" & ") for line in rows} == {4}
    assert r"\begin{tabular}{llrrr}" in text
    assert r"81.00 $\pm$ 1.00 (3)" in text
    assert text.isascii()


def test_the_page_says_what_the_numbers_are(table: ResultsTable) -> None:
    page = markdown_page(table)
    assert "mean ± sd over seeds (n of seeds)" in page
    assert PAPER_SD in page
    assert "| 0, 1, 2 | 80.00, 82.00, 81.00 |" in page
    assert all(f"- {note}\n" in page for note in table.notes)


def test_without_the_papers_values_its_sd_is_not_mentioned(table: ResultsTable) -> None:
    ours = replace(table, frame=table.frame.query("data == 'roles'"))
    assert "paper" not in caption(ours)
    assert list(wide(ours)["source"]) == ["ours"]
