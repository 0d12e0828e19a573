"""A page as an Excel workbook: one sheet a table."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from rules_service.authoring.pages import Page, Table

__all__ = ["workbook"]

_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
_NOT_IN_CELLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST_NAME = 31
_LONGEST_CELL = 32_767  # Excel's own limit
_WIDTHS = (8, 60)
_HEAD = PatternFill("solid", fgColor="DDE6F0")


def workbook(page: Page) -> bytes:
    """The page as an XLSX file.  Cells hold texts only, so no cell is ever a formula."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = _sheet_name(page.title)
    for row in ((page.title, ""), *page.head, (page.remark, "")):
        _append(first, row)
    first["A1"].font = Font(bold=True, size=14)
    first.column_dimensions["A"].width, first.column_dimensions["B"].width = 24, 80
    for table in page.tables:
        _sheet(book.create_sheet(_sheet_name(table.title)), table)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _sheet(sheet: Worksheet, table: Table) -> None:
    _append(sheet, table.header)
    for row in table.rows:
        _append(sheet, ["\n".join(cell)[:_LONGEST_CELL] for cell in row])
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), _HEAD
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, name in enumerate(table.header, start=1):
        longest = max([len(name), *(len(line) for row in table.rows for line in row[number - 1])])
        low, high = _WIDTHS
        sheet.column_dimensions[get_column_letter(number)].width = max(low, min(high, 2 * longest + 2))
    sheet.freeze_panes = "C2"


def _append(sheet: Worksheet, texts: Sequence[str]) -> None:
    """A row of texts; one that begins with “=” stays a text."""
    row = sheet.max_row + 1 if sheet.max_row > 1 or sheet["A1"].value is not None else 1
    for number, text in enumerate(texts, start=1):
        cell = sheet.cell(row, number, _NOT_IN_CELLS.sub(" ", text))
        cell.data_type = "s"


def _sheet_name(title: str) -> str:
    return _NOT_IN_SHEET_NAMES.sub(" ", title)[:_LONGEST_NAME]
