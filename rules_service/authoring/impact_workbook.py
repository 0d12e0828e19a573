"""The flips of an impact as a workbook, row by row, however many there are."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from rules_service.authoring import html
from rules_service.authoring.impact import Impact
from rules_service.authoring.impact_tables import FLIP_COLUMNS, flip_cells, header, refusal
from rules_service.authoring.texts import Texts

__all__ = ["impact_workbook"]

_MOST_ROWS: Final = 1_048_575  # of a sheet, below its head
_LONGEST_CELL: Final = 32_767


def impact_workbook(found: Impact, language: str) -> bytes:
    """The list of flips as an XLSX file, and on a second sheet the lines that could not be answered."""
    texts = Texts(language)
    book = Workbook(write_only=True)
    flips = (flip_cells(row, texts) for row in found.flips())
    _sheet(book, texts("impact.flip_sheet"), header(texts, *FLIP_COLUMNS), flips)
    refused = ((one.place, refusal(one, texts)) for one in found.tally.refused)
    _sheet(book, texts("impact.refused_sheet"), header(texts, "place", "why"), refused)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _sheet(book: Workbook, title: str, names: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append([_text(sheet, name, bold=True) for name in names])
    for row in islice(rows, _MOST_ROWS):
        sheet.append([_text(sheet, text) for text in row])


def _text(sheet: Any, text: str, *, bold: bool = False) -> Any:
    """A cell that holds a text, whatever it begins with."""
    cell = WriteOnlyCell(sheet, html.visible(text)[:_LONGEST_CELL])
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
