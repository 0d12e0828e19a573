"""Edits of CSV files of a ruleset: records not concerned keep every byte."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rules_service.authoring.edit_files import EditError
from rules_service.model.decoding import decode_table
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.table_limits import MAX_BYTES
from rules_service.model.validation import CATALOGUE

__all__ = ["CsvTable"]

_BOM: Final = b"\xef\xbb\xbf"
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_END: Final = re.compile(r"(?:\r\n|\r|\n)?\Z")


@dataclass(slots=True)
class _Record:
    """A record as it stands in the file (``raw``, its line end with it), and its cells."""

    raw: str
    cells: list[str]
    line: int


class CsvTable:
    """A CSV file: its ``header``, and its records by number from 0, blank lines left out.

    UTF-8 with or without byte order mark and GBK are read, and written again as they were. Raises
    ``EditError`` for a file that cannot be read.
    """

    def __init__(self, path: str, content: bytes) -> None:
        self.path = path
        found = Diagnostics(CATALOGUE)
        if decode_table(path, content, found, MAX_BYTES) is None:
            problem = found.in_order()[0]
            raise EditError("EDIT-UNREADABLE", file=path, line=problem.line, problem=problem.zh)
        self._bom = content.startswith(_BOM)
        self._encoding = "gb18030" if found.found else "utf-8"
        self._all = _records(path, content.removeprefix(_BOM).decode(self._encoding))
        filled = [record for record in self._all if any(cell.strip() for cell in record.cells)]
        if not filled:
            raise EditError("EDIT-UNREADABLE", file=path, line=1, problem="—")
        self._head, self._records = filled[0], filled[1:]
        self.header = tuple(cell.strip() for cell in self._head.cells if cell.strip())

    def rows(self) -> list[dict[str, str]]:
        """The cells of each record by the name of the column."""
        return [
            {name: cell.strip() for name, cell in zip(self.header, record.cells, strict=False)}
            for record in self._records
        ]

    def line(self, number: int) -> int:
        """The first line of a record, from 1."""
        return self._records[number].line

    def changed(
        self,
        cells: Mapping[int, Mapping[str, str]],
        removed: Iterable[int] = (),
        added: Sequence[tuple[int, Mapping[str, str]]] = (),
    ) -> bytes:
        """The file with some cells of some records changed, records left out, and others added.

        A new one comes with the number of the record that it stands behind, −1 for the header. A column that
        the header lacks is added behind the last one, in every record. What comes out is read again and
        compared.
        """
        rows = self.rows()
        gone = set(removed)
        named = [*cells.values(), *(row for _, row in added)]
        new = [
            name for name in dict.fromkeys(name for row in named for name in row) if name not in self.header
        ]
        header = (*self.header, *new)
        raws = {id(record): record.raw for record in self._all}
        if new:
            for record in self._all:
                raws[id(record)] = self._wider(record, new if record is self._head else [""] * len(new))
        end = _line_end(self._head.raw) or "\n"
        wanted = []
        for number, record in enumerate([self._head, *self._records], start=-1):
            raw = raws[id(record)]
            if number in gone:
                raw = ""
            elif number >= 0:
                row = rows[number] | dict(cells.get(number, {}))
                raw = _written(header, row) + _line_end(record.raw) if number in cells else raw
                wanted.append({name: row.get(name, "") for name in header})
            for new_row in (new_row for after, new_row in added if after == number):
                raw += _gap(raw, end) + _written(header, new_row) + end
                wanted.append({name: new_row.get(name, "") for name in header})
            raws[id(record)] = raw
        text = "".join(raws[id(record)] for record in self._all)
        content = (_BOM if self._bom else b"") + text.encode(self._encoding)
        if CsvTable(self.path, content).rows() != wanted:
            raise EditError("EDIT-DIFFERS", file=self.path)
        return content

    def _wider(self, record: _Record, cells: Sequence[str]) -> str:
        if not record.cells:
            return record.raw
        end = _line_end(record.raw)
        return record.raw.removesuffix(end) + "".join(f",{cell}" for cell in cells) + end


def _gap(raw: str, end: str) -> str:
    """The line end that a record at the end of a file may lack."""
    return end if raw and not _line_end(raw) else ""


def _line_end(raw: str) -> str:
    end = _END.search(raw)
    return end[0] if end is not None else ""


def _records(path: str, text: str) -> list[_Record]:
    lines = [match[0] for match in _LINE.finditer(text) if match[0]]
    reader = csv.reader((_END.sub("\n", line, count=1) for line in lines), strict=True)
    found: list[_Record] = []
    before = 0
    try:
        for cells in reader:
            found.append(_Record("".join(lines[before : reader.line_num]), cells, before + 1))
            before = reader.line_num
    except csv.Error as error:
        raise EditError("EDIT-UNREADABLE", file=path, line=before + 1, problem=str(error)) from None
    return found


def _written(header: Sequence[str], row: Mapping[str, str]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerow([row.get(name, "") for name in header])
    return stream.getvalue().removesuffix("\r\n")
