"""The exchange workbook's sheets as XLSX, row by row: texts only, key cells locked, choices in lists."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

__all__ = ["Cell", "Head", "Look", "SheetWriter", "WorkbookWriter"]

_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_AUTHOR: Final = "rules-service"
_SPARE_ROWS: Final = 2000
"""Rows below the last one that have drop-downs too."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; ``locked``: its blank cells are not to be filled, new rows included."""

    text: str
    note: str = ""
    width: int = 16
    locked: bool = False
    choices: tuple[str, ...] = ()


class Look:
    """How cells look."""

    HEAD: Final = "head"
    OPEN: Final = "open"
    LOCKED: Final = "locked"
    FAULT: Final = "fault"
    CONFLICT: Final = "conflict"


@dataclass(slots=True)
class Cell:
    """A cell: its text, how it looks, a note, and what may be chosen in it alone."""

    text: str = ""
    look: str = Look.OPEN
    note: str = ""
    choices: tuple[str, ...] = ()


_FILLS: Final = {
    Look.HEAD: "DDE6F0",
    Look.LOCKED: "EEEEEE",
    Look.FAULT: "FFC7CE",
    Look.CONFLICT: "FFEB9C",
}


@dataclass(slots=True)
class _Lists:
    """The lists that drop-downs take their words from; they stand in a sheet of their own."""

    title: str
    columns: list[tuple[str, ...]] = field(default_factory=list)

    def range(self, choices: tuple[str, ...]) -> str:
        if choices not in self.columns:
            self.columns.append(choices)
        letter = get_column_letter(self.columns.index(choices) + 1)
        return f"'{self.title}'!${letter}$1:${letter}${len(choices)}"


class WorkbookWriter:
    """An XLSX file in the making; ``lists`` is the name of the sheet with the words of drop-downs."""

    def __init__(self, lists: str) -> None:
        self._book = Workbook(write_only=True)
        self._lists = _Lists(lists)

    def sheet(self, title: str, heads: Sequence[Head]) -> SheetWriter:
        """A new sheet; the one before must be finished."""
        return SheetWriter(self._book.create_sheet(title), heads, self._lists)

    def finish(self) -> bytes:
        """The file."""
        if self._lists.columns:
            sheet = self.sheet(self._lists.title, [])
            longest = max(map(len, self._lists.columns))
            for number in range(longest):
                sheet.row(
                    Cell(column[number] if number < len(column) else "", Look.LOCKED)
                    for column in self._lists.columns
                )
            sheet.finish()
        made = io.BytesIO()
        self._book.save(made)
        return made.getvalue()


class SheetWriter:
    """One sheet, written row by row; without heads it has no frozen first row."""

    def __init__(self, sheet: Any, heads: Sequence[Head], lists: _Lists) -> None:
        self._sheet, self._lists = sheet, lists
        self._heads: Sequence[Head] = ()
        self._rows = 0
        self._own: dict[str, list[str]] = {}
        self._looks = {look: self._template(look) for look in (Look.OPEN, *_FILLS)}
        sheet.protection.sheet = True  # without password: against slips, not against people
        for name in ("formatCells", "formatColumns", "formatRows", "insertRows", "sort"):
            setattr(sheet.protection, name, False)  # means: allowed
        if heads:
            self.prepare(heads)
            self.row(Cell(head.text, Look.HEAD, head.note) for head in heads)

    def prepare(self, heads: Sequence[Head]) -> None:
        """Lay out the columns, before any row; the first row stays in sight."""
        self._heads = heads
        for number, head in enumerate(heads, start=1):
            column = self._sheet.column_dimensions[get_column_letter(number)]
            column.width = head.width
            column.protection = Protection(locked=head.locked)
            column.number_format = "@"
            column.alignment = Alignment(wrap_text=True, vertical="top")
        self._sheet.freeze_panes = "B2"

    def widths(self, *widths: int) -> None:
        """How wide the columns of a sheet without heads are, before any row."""
        for number, width in enumerate(widths, start=1):
            self._sheet.column_dimensions[get_column_letter(number)].width = width

    def _template(self, look: str) -> Any:
        cell = WriteOnlyCell(self._sheet)
        cell.number_format = "@"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.protection = Protection(locked=look in {Look.HEAD, Look.LOCKED})
        if look in _FILLS:
            cell.fill = PatternFill("solid", fgColor=_FILLS[look])
        if look == Look.HEAD:
            cell.font = Font(bold=True)
        return cell

    def row(self, cells: Iterable[Cell]) -> None:
        """The next row."""
        self._rows += 1
        self._sheet.append(self._written(cells))

    def gap(self, until: int) -> None:
        """Blank rows, so that the next one has the number ``until``."""
        while self._rows < until - 1:
            self.row(())

    def _written(self, cells: Iterable[Cell]) -> Iterator[Any]:
        # One styled cell a look is written again and again: styles are what makes writing slow.
        for number, cell in enumerate(cells, start=1):
            made = self._looks[cell.look]
            made.value = _ESCAPED.sub("_x005F_", cell.text) if cell.text else None
            if cell.text:
                made.data_type = "s"  # a text that begins with “=” stays a text
            made.comment = _comment(cell.note) if cell.note else None
            if cell.choices:
                place = f"{get_column_letter(number)}{self._rows}"
                self._own.setdefault(self._lists.range(cell.choices), []).append(place)
            yield None if not cell.text and cell.look == Look.OPEN and not cell.note else made

    def finish(self) -> None:
        """Close the sheet with the drop-downs of its columns and cells."""
        for number, head in enumerate(self._heads, start=1):
            if head.choices:
                letter = get_column_letter(number)
                self._own.setdefault(self._lists.range(head.choices), []).append(
                    f"{letter}2:{letter}{self._rows + _SPARE_ROWS}"
                )
        for words, places in self._own.items():
            self._sheet.data_validations.append(
                DataValidation(
                    type="list",
                    formula1=words,
                    sqref=" ".join(places),
                    allow_blank=True,
                    showErrorMessage=False,  # the import says what is wrong, and takes more than the list
                )
            )
        self._sheet.close()


def _comment(text: str) -> Comment:
    return Comment(text, _AUTHOR, height=30 + 20 * (text.count("\n") + 1 + len(text) // 24), width=280)
