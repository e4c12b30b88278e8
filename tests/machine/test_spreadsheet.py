"""What is written for spreadsheets opens there as it was meant."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

import abm
from abm.machine import spreadsheet
from abm.machine.errors import InputError
from experiments.report import report

NASTY = pd.DataFrame({
    "region": ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "-5", "第一职业技术学院"],
    "=head": [1.5, -2.0, np.nan, 0.0, 1.0, 2.0],
    "members": [["=a", "b"], [], ["学校"], [1, 2], ["x"], ["y"]], "n": range(6),
})  # fmt: skip


def test_csv_begins_with_the_mark_and_holds_no_formula(tmp_path: Path) -> None:
    spreadsheet.write_csv(NASTY, tmp_path / "a.csv")
    raw = (tmp_path / "a.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert rows[0] == ["region", "'=head", "members", "n"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+cmd", "'-cmd", "'@SUM(A1)", "-5", "第一职业技术学院"]
    assert rows[1][2] == "'=a; b"
    # Numbers stay numbers.
    assert [row[1] for row in rows[1:4]] == ["1.5", "-2.0", ""]


def test_the_mark_can_be_left_out(tmp_path: Path) -> None:
    spreadsheet.write_csv(NASTY, tmp_path / "a.csv", bom=False)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"region,")


def test_a_workbook_holds_texts_as_texts(tmp_path: Path) -> None:
    spreadsheet.write_workbook({"one": NASTY, "two": NASTY[:0]}, tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["one", "two"]
    sheet = book["one"]
    assert sheet["A2"].value == "=1+1"
    assert sheet["A2"].data_type == "s"
    assert sheet["B1"].data_type == "s"
    assert (sheet["B3"].value, sheet["B4"].value, sheet["D7"].value) == (-2.0, None, 5)
    assert sheet["C5"].value == "1; 2"


def test_what_does_not_fit_into_a_sheet_or_lacks_openpyxl_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 5)
    with pytest.raises(InputError, match="has 6 rows, more than a sheet holds"):
        spreadsheet.write_workbook({"one": NASTY}, tmp_path / "a.xlsx")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"industry-education-abm\[excel\]"):
        spreadsheet.write_workbook({"one": NASTY}, tmp_path / "a.xlsx")


def test_a_run_is_written_for_excel(tmp_path: Path) -> None:
    results = abm.run("classroom", 1, steps=4)
    place = results.save(tmp_path / "out", csv=True, xlsx=True, report=False)
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbf") for path in place.glob("*.csv"))
    # The tables, and the dictionary of their columns.
    assert {path.stem for path in place.glob("*.csv")} == {*results.columns, "columns"}
    book = load_workbook(place / "results.xlsx", read_only=True)
    assert book.sheetnames == [*results.columns, "columns"]
    heads = [cell.value for cell in next(book["contracts"].iter_rows(max_row=1))]
    assert heads == ["step", "year", "quarter", *results.contracts.columns[1:]]
    about = pd.read_csv(place / "metrics.csv")
    # As pages say it: quarter 0 is the first of year 1.
    assert about[["step", "year", "quarter"]].to_numpy().tolist() == [[i, 1, i + 1] for i in range(4)]
    book.close()
    without = results.save(tmp_path / "plain", csv=True, bom=False, report=False)
    assert (without / "metrics.csv").read_bytes().startswith(b"step,")


def test_tables_of_sweeps_are_written_so_too(tmp_path: Path) -> None:
    report._save_tables({"a": NASTY[["region", "n"]]}, tmp_path)  # pyright: ignore[reportPrivateUsage]
    assert (tmp_path / "tables" / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfregion,n\n'=1+1,0\n")
    assert pd.read_csv(tmp_path / "tables" / "a.csv").columns[0] == "region"
