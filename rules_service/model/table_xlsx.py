"""Lines of a workbook's one sheet: exact texts of its cells; what nobody would see in it is refused."""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeAlias

import openpyxl
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.worksheet._reader import WorkSheetParser

from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.table_archive import PARSER_FAULTS, checked_workbook
from rules_service.model.table_limits import MAX_COLUMNS

__all__ = ["OpenWorkbook", "opened_workbook", "workbook_lines"]

_XlsxRow: TypeAlias = tuple[int, list[dict[str, Any]]]

_MANY = 20  # of merged ranges that are worth listing
# A character written as its number; _x005F_ is the “_” of a text that only looks like one.
_ESCAPE = re.compile(r"_x005F_(?=x[0-9A-Fa-f]{4}_)|_x000D_\n?", re.IGNORECASE)


def workbook_lines(
    path: str, content: bytes, diagnostics: Diagnostics, sheet: str = "", merged: Collection[int] = ()
) -> Iterator[tuple[int, Sequence[str]]]:
    """Each filled row with its number; faults go to ``diagnostics``.

    ``merged`` are the columns in which cells may be merged downwards (looked at when all rows are read): the
    first has the text, the others are blank.
    """
    place = Source(path, 1, 1)
    with _opened(path, content, diagnostics) as book:
        try:
            chosen = _sheet(book, sheet, place, diagnostics) if book is not None else None
            if chosen is not None:
                yield from _lines(path, book, chosen, diagnostics, merged)
        except PARSER_FAULTS as error:
            diagnostics.add("TABLE-WORKBOOK", place, problem=type(error).__name__)


class OpenWorkbook:
    """A workbook that was checked as a whole, whose sheets are read one by one."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self.titles: tuple[str, ...] = tuple(each.title for each in book.worksheets)

    def lines(self, title: str, path: str, diagnostics: Diagnostics) -> Iterator[tuple[int, Sequence[str]]]:
        """Each filled row of a sheet with its number; ``path`` is what faults name as its place.

        Unlike ``workbook_lines`` this is exact: formulas are faults already here (their cells are blank), so
        that a text may begin with “=”, and so are numbers with more digits than a spreadsheet keeps.
        """
        sheet = next(each for each in self._book.worksheets if each.title == title)
        try:
            yield from _lines(path, self._book, sheet, diagnostics, (), exact=True)
        except PARSER_FAULTS as error:
            diagnostics.add("TABLE-WORKBOOK", Source(path, 1, 1), problem=type(error).__name__)


@contextmanager
def opened_workbook(path: str, content: bytes, diagnostics: Diagnostics) -> Iterator[OpenWorkbook | None]:
    """A workbook of several sheets, ``None`` after a fault; none of them may be hidden."""
    with _opened(path, content, diagnostics) as book:
        hidden = book is not None and _tells_hidden(book, Source(path, 1, 1), diagnostics)
        yield OpenWorkbook(book) if book is not None and not hidden else None


@contextmanager
def _opened(path: str, content: bytes, diagnostics: Diagnostics) -> Iterator[Any]:
    """The library's workbook; ``None`` after a fault."""
    checked = checked_workbook(path, content, diagnostics)
    book = None
    try:
        if checked is not None:
            with warnings.catch_warnings(action="ignore"):  # about formats that do not matter here
                book = openpyxl.load_workbook(checked, read_only=True, keep_links=False)
    except PARSER_FAULTS as error:
        diagnostics.add("TABLE-WORKBOOK", Source(path, 1, 1), problem=type(error).__name__)
    try:
        yield book
    finally:
        if book is not None:
            book.close()


def _tells_hidden(book: Any, place: Source, diagnostics: Diagnostics) -> bool:
    hidden = [each.title for each in book.worksheets if each.sheet_state != "visible"]
    if hidden:
        diagnostics.add("TABLE-HIDDEN-SHEET", place, sheets="、".join(hidden)[:200])
    return bool(hidden)


def _sheet(book: Any, wanted: str, place: Source, diagnostics: Diagnostics) -> Any:
    """The sheet to read: the named one, or the only one with something in it; ``None`` after a fault."""
    if _tells_hidden(book, place, diagnostics):
        return None
    sheets = [
        each for each in book.worksheets if (each.title == wanted if wanted else not _is_blank(book, each))
    ]
    if len(sheets) == 1:
        return sheets[0]
    if sheets or wanted:
        names = "、".join(each.title for each in book.worksheets)[:200]
        diagnostics.add("TABLE-SHEETS", place, sheets=names)
    else:
        diagnostics.add("FILE-EMPTY", place)
    return None


def _is_blank(book: Any, sheet: Any) -> bool:
    with _parsed(book, sheet) as (_, rows):
        return not any(cell["value"] not in {None, ""} for _, cells in rows for cell in cells)


@contextmanager
def _parsed(book: Any, sheet: Any) -> Iterator[tuple[WorkSheetParser, Iterator[_XlsxRow]]]:
    """A sheet's parser and its rows as they stand in the file.

    The public rows of a read-only sheet fill gaps with blank rows, up to any number that a file may name,
    and know nothing of merged or hidden cells; so this takes the parser that they are made from.
    """
    with sheet._get_source() as source:  # noqa: SLF001 - see above
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,  # noqa: SLF001 - see above
            epoch=book.epoch,
            date_formats=book._date_formats,  # noqa: SLF001 - see above
            timedelta_formats=book._timedelta_formats,  # noqa: SLF001 - see above
        )
        yield parser, _quietly(parser.parse())


def _quietly(rows: Iterator[_XlsxRow]) -> Iterator[_XlsxRow]:
    """The same rows, without the library's warnings about what it does not support."""
    while True:
        with warnings.catch_warnings(action="ignore"):
            row = next(rows, None)
        if row is None:
            return
        yield row


def _lines(  # noqa: PLR0917 - one reader with two entries
    path: str,
    book: Any,
    sheet: Any,
    diagnostics: Diagnostics,
    merged_down: Collection[int],
    exact: bool = False,
) -> Iterator[tuple[int, Sequence[str]]]:
    with _parsed(book, sheet) as (parser, rows):
        width = 0
        for number, cells in rows:
            hidden = _is_hidden(parser.row_dimensions.pop(str(number), {}))
            texts = _texts(path, number, sheet, cells, diagnostics, exact)
            if not texts:
                continue
            if hidden:
                diagnostics.add("TABLE-HIDDEN-ROW", Source(path, number, 1))
            width = max(width, len(texts))
            yield number, [*texts, *[""] * (width - len(texts))]
        for column in parser.column_dimensions.values():
            if _is_hidden(column) and int(column["min"]) <= width:
                diagnostics.add("TABLE-HIDDEN-COLUMN", Source(path, 1, int(column["min"])))
        merged = parser.merged_cells
        areas = merged.mergeCell if merged is not None else []
        refused = [area for area in areas if not _is_down(area, merged_down)]
        for area in refused[:_MANY]:
            source = Source(path, int(area.min_row), int(area.min_col))
            diagnostics.add("TABLE-MERGED", source, area=str(area.coord))


def _is_down(area: Any, columns: Collection[int]) -> bool:
    """Whether an area is one of these columns' cells, merged downwards."""
    return bool(area.min_col == area.max_col and int(area.min_col) in columns)


def _is_hidden(dimension: dict[str, Any]) -> bool:
    return str(dimension.get("hidden", "0")) in {"1", "true"}


def _texts(  # noqa: PLR0917 - a part of _lines
    path: str, number: int, sheet: Any, cells: list[dict[str, Any]], diagnostics: Diagnostics, exact: bool
) -> list[str]:
    """The texts of a row up to its last filled cell."""
    texts: list[str] = []
    for cell in cells:
        value, column = cell["value"], cell["column"]
        if value is None or value == "":
            continue
        if column > MAX_COLUMNS:
            diagnostics.add("TABLE-TOO-WIDE", Source(path, number, column), limit=MAX_COLUMNS)
            break
        if cell["data_type"] == "e":
            diagnostics.add("TABLE-CELL-ERROR", Source(path, number, column), text=str(value)[:20])
        texts.extend([""] * (column - len(texts)))
        texts[column - 1] = "=" if cell["data_type"] == "f" else _text(sheet, cell, value)
        if exact:
            texts[column - 1] = _exact(Source(path, number, column), cell, texts[column - 1], diagnostics)
    return texts


def _exact(source: Source, cell: dict[str, Any], text: str, diagnostics: Diagnostics) -> str:
    """The text of a cell that says one thing only, "" after a fault."""
    value = cell["value"]
    if cell["data_type"] == "f":
        diagnostics.add("TABLE-FORMULA", source, text=str(value)[:40])
        return ""
    if isinstance(value, float) and float(f"{value:.15g}") != value:
        diagnostics.add("TABLE-DIGITS", source, text=repr(value))
        return ""
    return _ESCAPE.sub(lambda match: "_" if "5F" in match[0].upper() else "\n", text)


def _text(sheet: Any, cell: dict[str, Any], value: object) -> str:
    """What a person reads in a cell.

    Numbers are stored as binary floating point; spreadsheets show and keep 15 digits of them, so those
    are the number that was typed in.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
        if "%" in ReadOnlyCell(sheet, **cell).number_format:
            return f"{(number * 100).normalize():f}%"
        return f"{number.normalize() if number else number:f}"
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)
