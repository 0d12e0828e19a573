"""Strict reading of CSV tables: exact columns, whole rows; cells keep their text and their place."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TypeAlias

from rules_service.model.decoding import decode
from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.nodes import Scalar

__all__ = ["MAX_ROWS", "Row", "read_csv"]

MAX_ROWS = 50_000

# A cell's ``source.column`` counts cells from 1, as a spreadsheet does.
Row: TypeAlias = dict[str, Scalar]


def read_csv(path: str, content: bytes, columns: Sequence[str], diagnostics: Diagnostics) -> list[Row]:
    """The rows of a CSV file that has exactly these columns, in any order.

    Faults go to ``diagnostics``; rows of the wrong length are left out.
    """
    text = decode(path, content, diagnostics)
    if text is None:
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = next(reader, None)
        if header is None:
            diagnostics.add("FILE-EMPTY", Source(path, 1, 1))
            return []
        if not _header(path, header, columns, diagnostics):
            return []
        line = reader.line_num + 1
        for cells in reader:
            if len(rows) >= MAX_ROWS:
                diagnostics.add("TABLE-TOO-LONG", Source(path, line, 1), limit=MAX_ROWS)
                break
            row = _row(path, line, header, cells, diagnostics)
            if row is not None:
                rows.append(row)
            line = reader.line_num + 1
    except csv.Error as error:
        diagnostics.add("TABLE-SYNTAX", Source(path, max(reader.line_num, 1), 1), problem=str(error))
    return rows


def _header(path: str, header: list[str], columns: Sequence[str], diagnostics: Diagnostics) -> bool:
    usable = True
    for number, name in enumerate(header, start=1):
        source = Source(path, 1, number)
        if name not in columns:
            diagnostics.add("TABLE-UNKNOWN-COLUMN", source, column=name, columns="、".join(columns))
            usable = False
        elif header.index(name) != number - 1:
            diagnostics.add("TABLE-DUPLICATE-COLUMN", source, column=name)
            usable = False
    for name in columns:
        if name not in header:
            diagnostics.add("TABLE-MISSING-COLUMN", Source(path, 1, 1), column=name)
            usable = False
    return usable


def _row(path: str, line: int, header: list[str], cells: list[str], diagnostics: Diagnostics) -> Row | None:
    if len(cells) != len(header):
        source = Source(path, line, min(len(cells), len(header)) + 1)
        diagnostics.add("TABLE-ROW-LENGTH", source, expected=len(header), found=len(cells))
        return None
    row: Row = {}
    for number, (name, cell) in enumerate(zip(header, cells, strict=True), start=1):
        source = Source(path, line, number)
        if cell != cell.strip():
            diagnostics.add("TABLE-CELL-SPACES", source, column=name)
        row[name] = Scalar(cell.strip(), source)
    return row
