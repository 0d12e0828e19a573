"""One sheet of the workbook, the files it came from and the files of now: merged three ways, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from rules_service.authoring.edit_files import EditError
from rules_service.authoring.exchange_content import Content, Draft
from rules_service.authoring.exchange_edits import Edit, Form
from rules_service.authoring.exchange_kinds import CellError, Kind
from rules_service.authoring.exchange_model import Column, Part, Record, Role, told
from rules_service.authoring.faults import CATALOGUE
from rules_service.authoring.yaml_words import Plain
from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.table_limits import MAX_FAULTS
from rules_service.model.tables import Row

__all__ = ["CONFLICTS", "Merge"]

CONFLICTS = frozenset({"ROW-CONFLICT", "ROW-GONE", "ROW-CHANGED", "ROW-THERE"})
"""The diagnostics that say that somebody else changed the same."""
_UNREAD = ("TABLE-", "FILE-", "ROW-NUMBER", "ROW-TWICE")
"""How the codes begin after which a row that is not seen need not be gone."""


@dataclass(slots=True)
class Merge:
    """Reads the rows of one sheet; edits go to ``draft`` and ``edits``, faults to ``found``.

    ``base`` are the files that the workbook was exported from, ``draft`` holds those of now. ``lines`` tells
    the sheet's line of each record that was edited or added.
    """

    part: Part
    title: str
    base: Content
    draft: Draft
    found: Diagnostics
    edits: list[Edit] = field(default_factory=list)
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    _base: list[Record] = field(default_factory=list)
    _now: dict[tuple[str, ...], Record] = field(default_factory=dict)
    _seen: dict[int, int] = field(default_factory=dict)
    _above: Record | None = None

    def __post_init__(self) -> None:
        self._base = self.part.records(self.base)
        self._now = {record.key: record for record in self.part.records(self.draft.content)}

    def read(self, rows: Iterable[Row]) -> None:
        """Read all rows; those that the reader of tables found fault with are not among them."""
        before = len(self.found.found)
        mark = before
        for row in rows:
            number = row["row"]
            record = self._record(row) if number.text else None
            if any(item.is_error and item.line == row.line for item in self.found.found[mark:]):
                pass  # what the rest of such a row says is not certain
            elif record is None:
                self._new(row)
            elif row["action"].text:
                self._action(row, record)
            else:
                self._old(row, record)
            self._above = self._now.get(record.key) if record is not None else self._above
            mark = len(self.found.found)
        if not any(item.code.startswith(_UNREAD) and item.is_error for item in self.found.found[before:]):
            self._vanished()

    def _fault(self, code: str, source: Source, /, **values: object) -> None:
        self.found.extend([CATALOGUE.diagnostic(code, source, **values)])

    def _record(self, row: Row) -> Record | None:
        """The record that a row was exported from."""
        cell = row["row"]
        number = int(cell.text) if cell.text.isascii() and cell.text.isdigit() and len(cell.text) < 9 else 0
        if not 0 < number <= len(self._base):
            self._fault("ROW-NUMBER", cell.source, text=cell.text[:20])
            return None
        if number in self._seen:
            self._fault("ROW-TWICE", cell.source, number=number, line=self._seen[number])
            return None
        self._seen[number] = row.line
        return self._base[number - 1]

    def _vanished(self) -> None:
        numbered = enumerate(self._base, start=1)
        gone = [(number, record) for number, record in numbered if number not in self._seen]
        for number, record in gone[:MAX_FAULTS]:
            place = Source(self.title, 1, 1)
            self._fault("ROW-VANISHED", place, number=number, key=_told(record.key))

    def _action(self, row: Row, record: Record) -> None:
        cell = row["action"]
        if cell.text != told("action.remove"):
            self._fault("ROW-ACTION", cell.source, text=cell.text[:20], allowed=told("action.remove"))
        elif not self.part.may_remove:
            self._fault("ROW-NO-REMOVING", cell.source, sheet=self.title)
        else:
            now = self._now.get(record.key)
            open_ = [column.name for column in self.part.columns if column.role is Role.EDIT]
            if now is not None and any(now.cells.get(name) != record.cells.get(name) for name in open_):
                self._fault("ROW-CHANGED", cell.source, key=_told(record.key))
            elif now is not None:
                self.part.remove(self.draft, now)
                self._edit(Form.REMOVED, row, record.key)

    def _old(self, row: Row, record: Record) -> None:
        """A row that was exported: what of it is other now."""
        changes: dict[str, tuple[Column, Kind, Plain]] = {}
        for column in self.part.columns:
            change = self._changed(row, record, column)
            if change is not None:
                changes[column.name] = (column, *change)
        if not changes:
            return
        now = self._now.get(record.key)
        if now is None:
            self._fault("ROW-GONE", row["row"].source, key=_told(record.key))
            return
        taken: dict[str, Plain] = {}
        for name, (column, kind, value) in changes.items():
            base, theirs = record.cells.get(name, ""), now.cells.get(name, "")
            if _same(kind, theirs, value):
                continue
            if not _same(kind, theirs, base):
                shown = {
                    "base": _shown(kind, base),
                    "theirs": _shown(kind, theirs),
                    "yours": _shown(kind, value),
                }
                self._fault("ROW-CONFLICT", row[name].source, column=column.head, **shown)
                continue
            taken[name] = value
            said = {"old": _shown(kind, base), "new": _shown(kind, value)}
            self._edit(Form.SET, row, record.key, column=column.head, **said)
        if taken:
            self.lines[self._key({**now.cells, **taken})] = row.line
            self._do(row, lambda: self.part.put(self.draft, now, taken))

    def _changed(self, row: Row, record: Record, column: Column) -> tuple[Kind, Plain] | None:
        """The kind and new value of a cell that says something else than it did."""
        cell, base = row[column.name], record.cells.get(column.name, "")
        try:
            kind = self.part.kind(self.base, column, record.key)
            if _plain(cell.text) == _plain(_shown(kind, base)):
                return None
            value = kind.read(cell.text) if cell.text else ""
        except CellError as error:
            if column.role is Role.EDIT:
                self._fault(error.code, cell.source, column=column.head, **error.values)
            else:
                self._fault("CELL-LOCKED", cell.source, column=column.head)
            return None
        if _same(kind, value, base):
            return None
        if column.role is not Role.EDIT:
            self._fault("CELL-LOCKED", cell.source, column=column.head)
            return None
        if value == "" and column.needed:
            self._fault("CELL-BLANK", cell.source, column=column.head)
            return None
        return kind, value

    def _new(self, row: Row) -> None:
        """A row without a number: one more record."""
        if row["action"].text:
            self._fault("ROW-ACTION-NEW", row["action"].source)
            return
        if not self.part.may_add:
            self._fault("ROW-NO-ADDING", row["row"].source, sheet=self.title)
            return
        cells = self._cells(row)
        if cells is None:
            return
        key = self._key(cells)
        there = self._now.get(key)
        if key in self.lines:
            self._fault("ROW-NEW-TWICE", row["row"].source, key=_told(key), line=self.lines[key])
        elif there is None:
            above = self._above
            filled = [
                column for column in self.part.columns if column.role is Role.EDIT and row[column.name].text
            ]
            told_cells = "；".join(f"{column.head}：{row[column.name].text}" for column in filled)
            self._edit(Form.ADDED, row, key, new=told_cells[:400])
            self._do(row, lambda: self.part.add(self.draft, cells, above))
        elif any(record.key == key for record in self._base):
            self._fault("ROW-EXISTS", row["row"].source, key=_told(key))
        elif any(there.cells.get(name) != value for name, value in cells.items()):
            self._fault("ROW-THERE", row["row"].source, key=_told(key))

    def _cells(self, row: Row) -> dict[str, Plain] | None:
        """The filled cells of a new row, ``None`` after a fault."""
        before = len(self.found.found)
        made: dict[str, Plain] = {}
        ordered = sorted(self.part.columns, key=lambda column: column.role is not Role.KEY)
        for column in ordered:
            cell = row[column.name]
            if column.role is Role.INFO:
                continue  # copied from the row above, or not: it says nothing
            if not cell.text:
                if column.like and column.like in made:
                    made[column.name] = made[column.like]
                elif column.needed:
                    self._fault("CELL-BLANK", cell.source, column=column.head)
                continue
            try:
                made[column.name] = self.part.kind(self.draft.content, column, self._key(made)).read(
                    cell.text
                )
            except CellError as error:
                self._fault(error.code, cell.source, column=column.head, **error.values)
        return made if len(self.found.found) == before else None

    def _key(self, cells: Mapping[str, Plain]) -> tuple[str, ...]:
        """The key of a record with these cells."""
        return tuple(str(cells.get(name, "")) for name in self.part.keys)

    def _do(self, row: Row, act: Callable[[], None]) -> None:
        try:
            act()
        except CellError as error:
            self._fault(error.code, row["row"].source, column="", **error.values)
        except EditError as error:
            self._fault(error.code, row["row"].source, **error.values)

    def _edit(
        self, form: Form, row: Row, key: tuple[str, ...], *, column: str = "", old: str = "", new: str = ""
    ) -> None:
        self.lines[key] = row.line
        self.edits.append(Edit(form, self.title, row.line, self.part.name, key, column, old, new))


def _same(kind: Kind, one: Plain, other: Plain) -> bool:
    if one in ("", []) or other in ("", []):
        return (one in ("", [])) == (other in ("", []))
    return kind.same(one, other)


def _shown(kind: Kind, value: Plain) -> str:
    return kind.show(value) if value not in ("", []) else ""


def _plain(text: str) -> str:
    """What of a cell's text counts: not the spaces around it, nor how its lines end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _told(key: Iterable[str]) -> str:
    return "，".join(filter(None, key))
