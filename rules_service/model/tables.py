"""Strict reading of tables, CSV and XLSX alike: named columns, whole rows; cells keep their text and place.

Tables come from people's spreadsheets: a byte order mark, GBK, full-width names of columns, blank rows
and columns behind the last one are read; formulas, merged or hidden cells and rows that don't fit are
refused, each with its place and cure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from rules_service.model.decoding import FORBIDDEN
from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.nodes import Scalar
from rules_service.model.table_archive import is_workbook
from rules_service.model.table_csv import csv_lines
from rules_service.model.table_limits import MAX_CELL, MAX_COLUMNS, MAX_FAULTS, MAX_ROWS
from rules_service.model.table_xlsx import workbook_lines
from rules_service.model.widths import narrow

__all__ = ["MAX_ROWS", "Column", "Row", "read_table", "sheet_rows"]

# What a spreadsheet would calculate: =A1, @SUM(A1), +cmd|…; a number with a sign is none.
_FORMULA = re.compile(r"=|[@+-]\s*[A-Za-z_][A-Za-z_0-9.]*\s*[(|!]")
_SIGNS = frozenset("=@+-")
_DELIMITERS = re.compile("[\t;；，]")

Line: TypeAlias = tuple[int, Sequence[str]]


class Column(NamedTuple):
    """A column by its name; ``aliases`` are other names of it, e.g. the Chinese one.

    A file may leave out a column that is not ``required``: its cells are blank then.
    """

    name: str
    aliases: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``row["value"]`` is a cell, blank where the file has no such column.

    A cell's ``source.column`` counts cells from 1, as a spreadsheet does.
    """

    path: str
    line: int
    _cells: Sequence[str]
    _places: Mapping[str, int]

    def __getitem__(self, name: str) -> Scalar:
        place = self._places[name]
        text = self._cells[place] if place >= 0 else ""
        return Scalar(text, Source(self.path, self.line, max(place, 0) + 1))

    def texts(self) -> dict[str, str]:
        """The texts of all columns."""
        return {name: self._cells[place] if place >= 0 else "" for name, place in self._places.items()}


def read_table(
    path: str,
    content: bytes,
    columns: Sequence[str | Column],
    diagnostics: Diagnostics,
    *,
    sheet: str = "",
    max_rows: int = MAX_ROWS,
    fill_down: Sequence[str] = (),
) -> Iterator[Row]:
    """The rows of a CSV file or a workbook with these columns, in any order, one after another.

    Faults go to ``diagnostics``: rows that don't fit are left out, and after ``MAX_FAULTS`` of them (the
    reader's and those that the caller adds between two rows) reading stops.  Blank rows are passed over.
    A workbook has one sheet, or ``sheet`` names the one to read.  A blank cell of the columns ``fill_down``
    says the same as the one above it, until a column before it in this list says something new; there cells
    may be merged downwards.  How many cells were filled is told by a warning.
    """
    wanted = [Column(column) if isinstance(column, str) else column for column in columns]
    lines: Iterable[Line]
    filling = _Filling(fill_down)
    if is_workbook(content):
        lines = workbook_lines(path, content, diagnostics, sheet, filling.columns)
    else:
        lines = csv_lines(path, content, diagnostics)
    yield from _rows(path, lines, wanted, diagnostics, max_rows, filling)
    filling.tell(path, diagnostics)


def sheet_rows(
    path: str, lines: Iterable[Line], columns: Sequence[Column], diagnostics: Diagnostics
) -> Iterator[Row]:
    """The rows of one sheet of an ``OpenWorkbook``, as ``read_table`` reads them.

    Its formulas are told already, so that a text may begin like one.
    """
    yield from _rows(path, lines, columns, diagnostics, MAX_ROWS, _Filling(()), texts=True)


class _Filling:
    """Fills blank cells of some columns with what stands above them."""

    def __init__(self, names: Sequence[str]) -> None:
        self.columns: set[int] = set()
        """The numbers of the columns, as soon as the header is read."""
        self._names = names
        self._places: list[tuple[str, int]] = []
        self._above: dict[int, str] = {}
        self._filled: dict[str, tuple[int, int]] = {}

    def begin(self, places: Mapping[str, int]) -> None:
        """Take the places of all columns."""
        self._places = [(name, places[name]) for name in self._names if places[name] >= 0]
        self.columns.update(place + 1 for _, place in self._places)

    def fill(self, line: int, cells: Sequence[str]) -> Sequence[str]:
        """The cells of a row, those filled that say the same as above."""
        if not self._places:
            return cells
        made = list(cells)
        same = True
        for name, place in self._places:
            if place >= len(made):
                break
            if made[place]:
                same = same and made[place] == self._above.get(place)
            elif same and self._above.get(place):
                made[place] = self._above[place]
                first, count = self._filled.get(name, (line, 0))
                self._filled[name] = (first, count + 1)
            self._above[place] = made[place]
        return made

    def tell(self, path: str, diagnostics: Diagnostics) -> None:
        """Say how many cells were filled."""
        for name, place in self._places:
            if name in self._filled:
                line, count = self._filled[name]
                diagnostics.add("TABLE-FILLED-DOWN", Source(path, line, place + 1), count=count)


def _rows(  # noqa: PLR0917 - one reader, read by read_table alone
    path: str,
    lines: Iterable[Line],
    columns: Sequence[Column],
    diagnostics: Diagnostics,
    max_rows: int,
    filling: _Filling,
    texts: bool = False,
) -> Iterator[Row]:
    places: dict[str, int] = {}
    width = count = 0
    before = len(diagnostics.found)
    spaced: set[int] = set()
    for line, raw in lines:
        cells = _stripped(path, line, raw, diagnostics, spaced)
        if not any(cells):
            continue
        if not places:
            width = _width(cells)
            places = _header(path, line, cells[:width], columns, diagnostics)
            if not places:
                return
            filling.begin(places)
            continue
        if count >= max_rows:
            diagnostics.add("TABLE-TOO-LONG", Source(path, line, 1), limit=max_rows)
            return
        count += 1
        cells = filling.fill(line, cells)
        if _fits(path, line, cells, width, diagnostics, texts):
            yield Row(path, line, cells, places)
        if len(diagnostics.found) - before > MAX_FAULTS:
            diagnostics.add("TABLE-MANY-FAULTS", Source(path, line, 1), limit=MAX_FAULTS)
            return
    if not places and not diagnostics.has_errors():
        diagnostics.add("FILE-EMPTY", Source(path, 1, 1))


def _stripped(
    path: str, line: int, raw: Sequence[str], diagnostics: Diagnostics, spaced: set[int]
) -> Sequence[str]:
    """The cells without spaces around them; said once for a column, since it means nothing."""
    cells = [cell.strip() for cell in raw]
    if cells != list(raw):
        for number, (cell, bare) in enumerate(zip(raw, cells, strict=True), start=1):
            if bare and len(bare) < len(cell) and number not in spaced:
                spaced.add(number)
                diagnostics.add("TABLE-CELL-SPACES", Source(path, line, number))
    return cells


def _width(cells: Sequence[str]) -> int:
    """The number of columns: blank ones behind the last are none."""
    return max(number for number, cell in enumerate(cells, start=1) if cell)


def _header(
    path: str, line: int, header: Sequence[str], columns: Sequence[Column], diagnostics: Diagnostics
) -> dict[str, int]:
    """Where each column stands, −1 for one that is left out; empty after a fault."""
    names = {_name(name): column.name for column in columns for name in (column.name, *column.aliases)}
    places: dict[str, int] = {}
    usable = True
    if len(header) > MAX_COLUMNS:
        diagnostics.add("TABLE-TOO-WIDE", Source(path, line, MAX_COLUMNS + 1), limit=MAX_COLUMNS)
        return {}
    if len(header) == 1 and len(columns) > 1 and _DELIMITERS.search(header[0]):
        diagnostics.add("TABLE-DELIMITER", Source(path, line, 1))
        return {}
    for number, cell in enumerate(header):
        source = Source(path, line, number + 1)
        name = names.get(_name(cell))
        if name is None:
            known = "、".join(column.name for column in columns)
            diagnostics.add("TABLE-UNKNOWN-COLUMN", source, column=cell[:40], columns=known)
        elif name in places:
            diagnostics.add("TABLE-DUPLICATE-COLUMN", source, column=name)
        else:
            places[name] = number
            continue
        usable = False
    for column in columns:
        if column.name not in places:
            places[column.name] = -1
            if column.required:
                diagnostics.add("TABLE-MISSING-COLUMN", Source(path, line, 1), column=column.name)
                usable = False
    return places if usable else {}


def _name(text: str) -> str:
    """What of a column's name counts: not its width, case or spaces."""
    return "".join(narrow(text).lower().split())


def _fits(  # noqa: PLR0917 - a part of _rows
    path: str, line: int, cells: Sequence[str], width: int, diagnostics: Diagnostics, texts: bool
) -> bool:
    """Whether a row is as wide as the header and holds plain texts only; ``texts``: they are no formulas."""
    if len(cells) < width or any(cells[width:]):
        found = max(_width(cells), min(len(cells), width))
        source = Source(path, line, min(found, width) + 1)
        diagnostics.add("TABLE-ROW-LENGTH", source, expected=width, found=found)
        return False
    plain = True
    for number, cell in enumerate(cells, start=1):
        if not cell or (cell[0] not in _SIGNS and len(cell) <= MAX_CELL and not FORBIDDEN.search(cell)):
            continue
        source = Source(path, line, number)
        if not texts and _FORMULA.match(cell):
            diagnostics.add("TABLE-FORMULA", source, text=cell[:40])
        elif len(cell) > MAX_CELL:
            diagnostics.add("TABLE-CELL-LONG", source, limit=MAX_CELL)
        elif (match := FORBIDDEN.search(cell)) is not None:
            diagnostics.add("FILE-CONTROL-CHARACTER", source, character=f"U+{ord(match[0]):04X}")
        else:
            continue
        plain = False
    return plain
