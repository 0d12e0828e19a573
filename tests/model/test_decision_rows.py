"""Rows of decision tables are the same from a document, a CSV file and a workbook."""

from __future__ import annotations

import io

import openpyxl
import pytest

from rules_service.model.decision_table_documents import TableDocument
from rules_service.model.decision_table_rows import TableSource, read_rows
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE, read_document

PATH = "national/tables/t.yaml"
HEAD = """table: t
title: {zh: 表, en: Table}
inputs:
  - {name: amount, title: {zh: 金额, en: amount requested}, kind: money, value: project.requested_fen}
  - {name: stage, title: {zh: 环节, en: stage of work}, kind: code, value: project.stage}
output: {name: points, title: {zh: 分值, en: points given}, kind: score}
hit: first
basis: [{document: 某文, proof: V}]
"""
ROWS = [["[10万元..20万元)", "新增、延续", "12.5"], ["≥ 20万元", "!= 新增", "param.high"], ["-", "-", "0"]]


def source(text: str, files: dict[str, bytes]) -> tuple[TableSource, list[str]]:
    found = Diagnostics(CATALOGUE)
    document = read_document(TableDocument, read_yaml(PATH, text.encode(), found), PATH, found)
    assert document is not None, found.found
    return read_rows(PATH, document, files, found), [item.code for item in found.found]


def workbook(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["csv", "gbk", "xlsx"])
def test_a_file_holds_the_same_rows_as_the_document(form: str) -> None:
    """Columns by title and in another order, GBK and full-width signs make no difference."""
    inline = "rows:\n" + "".join(
        f'  - {{amount: "{amount}", stage: "{stage}", points: "{points}"}}\n'
        for amount, stage, points in ROWS
    )
    expected, faults = source(HEAD + inline, {})
    assert not faults
    table = [["环节", "金额", "分值"], *([stage, amount, points] for amount, stage, points in ROWS)]
    text = "\n".join(",".join(row) for row in table) + "\n"
    content = {"csv": text.encode(), "gbk": text.encode("gb18030"), "xlsx": workbook(table)}[form]
    name = "t.xlsx" if form == "xlsx" else "t.csv"
    found, faults = source(f"{HEAD}file: {name}\n", {f"national/tables/{name}": content})
    assert faults in ([], ["FILE-GBK-READ"]), faults
    assert [(row.cells, row.output) for row in found.rows] == [
        (row.cells, row.output) for row in expected.rows
    ]
    assert [row.source.line for row in found.rows] == [2, 3, 4]


def test_a_formula_is_refused_in_its_cell() -> None:
    """Rows of a workbook are checked as all tables are."""
    table = [["amount", "stage", "points"], ["-", "-", "=1+1"]]
    _, faults = source(f"{HEAD}file: t.xlsx\n", {"national/tables/t.xlsx": workbook(table)})
    assert "TABLE-FORMULA" in faults
