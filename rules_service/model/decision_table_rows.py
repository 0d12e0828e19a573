"""Rows of decision tables, from the document itself or from the CSV or XLSX file beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from rules_service.model.decision_cells import ANY, Cell, Operand, read_cell, read_output
from rules_service.model.decision_table_documents import MAX_TABLE_ROWS, NOTE, InlineRow, TableDocument
from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.nodes import Scalar
from rules_service.model.tables import Column, read_table

__all__ = ["OTHERWISE", "TableRow", "TableSource", "read_rows", "table_columns"]

OTHERWISE = 0
"""The number of the row that holds where no other does."""


class TableRow(NamedTuple):
    """One row: its number from 1, its cells in the order of the inputs, what it says, and a remark."""

    number: int
    cells: tuple[Cell, ...]
    output: Operand
    written: tuple[Scalar, ...]
    """The cells as written, that of the output last."""
    source: Source
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class TableSource:
    """A table that was read; ``ranges`` are the values that there are of each input, if that is limited."""

    document: TableDocument
    rows: tuple[TableRow, ...]
    otherwise: TableRow | None
    ranges: tuple[Cell | None, ...]

    @property
    def parameters(self) -> frozenset[str]:
        """The parameters that cells read; those of expressions are found in ``expressions``."""
        cells = [cell for row in self.rows for cell in row.cells]
        return frozenset(name for cell in cells for name in cell.parameters)

    @property
    def expressions(self) -> tuple[Scalar, ...]:
        """Everything of the table that is an expression: the inputs, and outputs that name parameters."""
        rows = (*self.rows, *((self.otherwise,) if self.otherwise is not None else ()))
        outputs = (row.written[-1] for row in rows if row.output.parameter is not None)
        return (*(one.value for one in self.document.inputs), *outputs)


def table_columns(document: TableDocument) -> list[Column]:
    """The columns of a table's file by name, and by their titles in Chinese and English."""
    named = [Column(one.name, (one.title.zh.text, one.title.en.text)) for one in document.all_columns]
    return [*named, Column(NOTE, ("备注", "remark"), required=False)]


def read_rows(
    path: str, document: TableDocument, files: Mapping[str, bytes], found: Diagnostics
) -> TableSource:
    """The rows of the table of a document at ``path``; faulty ones are left out after a diagnostic."""
    rows: list[TableRow] = []
    for written, source, note in _written(path, document, files, found):
        if len(rows) == MAX_TABLE_ROWS:
            found.add("DT-TOO-LONG", source, limit=MAX_TABLE_ROWS)
            break
        row = _row(document, len(rows) + 1, written, source, note, found)
        if row is not None:
            rows.append(row)
    if not rows and not found.has_errors():
        found.add("DT-NO-ROWS", document.mark.source)
    ranges = tuple(
        read_cell(one.range, one.kind, found) if one.range is not None else None for one in document.inputs
    )
    for one, cell in zip(document.inputs, ranges, strict=True):
        if one.range is not None and cell is not None and (cell.parameters or cell.form in {"any", "none"}):
            found.add("DT-RANGE", one.range.source, text=one.range.text[:40])
    return TableSource(document, tuple(rows), _otherwise(document, found), ranges)


def _written(
    path: str, document: TableDocument, files: Mapping[str, bytes], found: Diagnostics
) -> Iterator[tuple[tuple[Scalar, ...], Source, str]]:
    """The cells of each row, its place and its remark."""
    if document.file is None:
        yield from (_inline(row, document) for row in document.rows if _has_columns(row, document, found))
        return
    beside = f"{path.rpartition('/')[0]}/{document.file}"
    if beside not in files:
        found.add("DT-FILE-MISSING", document.mark.value("file"), name=document.file)
        return
    for read in read_table(beside, files[beside], table_columns(document), found):
        cells = tuple(read[name] for name in document.columns)
        yield cells, Source(beside, read.line, 1), read[NOTE].text


def _has_columns(row: InlineRow, document: TableDocument, found: Diagnostics) -> bool:
    known = {*document.columns, NOTE}
    for name in row.cells:
        if name not in known:
            columns = "、".join(document.columns)
            found.add("DT-COLUMN-UNKNOWN", row.mark.key(name), name=name[:40], columns=columns)
    missing = [name for name in document.columns if name not in row.cells]
    if missing:
        found.add("DT-COLUMN-MISSING", row.mark.source, names="、".join(missing))
    return not missing and set(row.cells) <= known


def _inline(row: InlineRow, document: TableDocument) -> tuple[tuple[Scalar, ...], Source, str]:
    note = row.cells.get(NOTE)
    cells = tuple(row.cells[name] for name in document.columns)
    return cells, row.mark.source, note.text if note is not None else ""


def _row(  # noqa: PLR0917 - the parts of a row
    document: TableDocument,
    number: int,
    written: tuple[Scalar, ...],
    source: Source,
    note: str,
    found: Diagnostics,
) -> TableRow | None:
    cells = [read_cell(cell, one.kind, found) for cell, one in zip(written, document.inputs, strict=False)]
    output = read_output(written[-1], document.output.kind, found)
    known = tuple(cell for cell in cells if cell is not None)
    if output is None or len(known) < len(cells):
        return None
    return TableRow(number, known, output, written, source, note)


def _otherwise(document: TableDocument, found: Diagnostics) -> TableRow | None:
    written = document.otherwise
    if written is None:
        return None
    output = read_output(written, document.output.kind, found)
    if output is None:
        return None
    anything = tuple(Scalar(ANY, written.source) for _ in document.inputs)
    cells = tuple(Cell("any") for _ in document.inputs)
    return TableRow(OTHERWISE, cells, output, (*anything, written), written.source, "")
