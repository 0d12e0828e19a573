"""Exports the parts of a ruleset that policy staff edit as one workbook."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from rules_service.authoring.edit_files import EditError
from rules_service.authoring.exchange_base import base_lines
from rules_service.authoring.exchange_content import Content
from rules_service.authoring.exchange_kinds import CellError
from rules_service.authoring.exchange_model import Column, Part, Record, Role, told
from rules_service.authoring.exchange_parts import files_of, own_file, parts_of
from rules_service.authoring.exchange_writer import Cell, Head, Look, SheetWriter, WorkbookWriter
from rules_service.compile.archive import content_hash
from rules_service.model.table_limits import MAX_BYTES, MAX_CELL
from rules_service.model.tables import MAX_ROWS

__all__ = ["EDGES", "FORMAT", "LISTS", "export_workbook", "heads_of", "titles_of"]

FORMAT: Final = "budget-rules-exchange 1"
LISTS: Final = "选项"
"""The sheet with the words of drop-downs."""
EDGES: Final = (Column("row"), Column("action"), Column("fault"))
"""The columns that every sheet has: one in front of its own, two behind."""
_LONGEST_TITLE: Final = 31
_WIDE: Final = frozenset({"zh", "en", "note_zh", "note_en", "notes", "note", "document", "when", "source"})


def export_workbook(
    files: Mapping[str, bytes], what: Collection[str], folders: tuple[str, ...] = ()
) -> bytes:
    """The workbook of some kinds of content and layers (all if ``folders`` is empty).

    Raises ``EditError`` for a file that cannot be read or shown.
    """
    content = Content(files, folders)
    parts = parts_of(content, what)
    rows = {part: part.records(content) for part in parts}
    _check(record for records in rows.values() for record in records)
    titles = titles_of(parts)
    book = WorkbookWriter(LISTS)
    base = files_of(content, rows)
    _guide(book, content, [(part, titles[part.name], rows[part]) for part in parts], base)
    for part in parts:
        sheet = book.sheet(titles[part.name], heads_of(part, content, base))
        for number, record in enumerate(rows[part], start=1):
            sheet.row(_cells(part, content, record, number))
        sheet.finish()
    _base(book, base)
    made = book.finish()
    if len(made) > MAX_BYTES or any(len(records) > MAX_ROWS for records in rows.values()):
        raise EditError("EXPORT-LARGE", limit=MAX_BYTES)
    return made


def titles_of(parts: Iterable[Part]) -> dict[str, str]:
    """What the sheets are called, each name once."""
    taken = {told("sheet.guide"), told("sheet.base"), LISTS}
    made = {}
    for part in parts:
        title, number = part.title[:_LONGEST_TITLE], 1
        while title in taken:
            number += 1
            title = f"{part.title[: _LONGEST_TITLE - 4]} {number}"
        taken.add(title)
        made[part.name] = title
    return made


def heads_of(part: Part, content: Content, base: Mapping[str, bytes]) -> list[Head]:
    """The first row of a sheet."""
    first, action, _ = EDGES
    return [
        Head(first.head, f"{told('note.row')}\n{part.about}\n{_state(base)}", 7, locked=True),
        *(_head(part, content, column) for column in part.columns),
        Head(action.head, _note(action), 12, choices=(told("action.remove"),) if part.may_remove else ()),
    ]


def _state(base: Mapping[str, bytes]) -> str:
    return f"{told('guide.base')} {content_hash(base)[:12]}"


def _head(part: Part, content: Content, column: Column) -> Head:
    try:
        kind = part.kind(content, column, ("",) * len(part.keys))
    except CellError:
        kind = column.kind
    locked = column.role is Role.INFO or (column.role is Role.KEY and not part.may_add)
    width = 44 if column.name in _WIDE else 16
    return Head(column.head, _note(column), width, locked, kind.choices if not locked else ())


def _note(column: Column) -> str:
    try:
        return told(f"note.{column.name}")
    except KeyError:
        return ""


def _cells(part: Part, content: Content, record: Record, number: int) -> Iterator[Cell]:
    yield Cell(str(number), Look.LOCKED)
    for column in part.columns:
        kind = part.kind(content, column, record.key)
        value = record.cells.get(column.name, "")
        look = Look.OPEN if column.role is Role.EDIT else Look.LOCKED
        noted = column.name == part.noted
        yield Cell(
            kind.show(value) if value not in ("", []) else "",
            look,
            record.note if noted else "",
            kind.choices if noted else (),
        )


def _check(records: Iterable[Record]) -> None:
    """Raise ``EditError`` for a text that no cell can hold, before anything is written."""
    for record in records:
        for text in map(str, record.cells.values()):
            if len(text) > MAX_CELL:
                raise EditError("EXPORT-LONG", file=record.file, line=record.line, limit=MAX_CELL)
            if ILLEGAL_CHARACTERS_RE.search(text):
                raise EditError("EXPORT-CHARACTER", file=record.file, line=record.line)


def _guide(
    book: WorkbookWriter,
    content: Content,
    sheets: Iterable[tuple[Part, str, Sequence[Record]]],
    base: Mapping[str, bytes],
) -> None:
    """The first sheet: how to edit, what this was exported from, and which sheet is what."""
    sheet = book.sheet(told("sheet.guide"), [])
    sheet.widths(28, 44, 60, 8, 60, 20)
    _line(sheet, told("guide.title"))
    for line in told("guide.how").split("\n"):
        _line(sheet, line)
    _line(sheet)
    head = content.plain("ruleset.yaml")
    assert isinstance(head, dict)
    _line(sheet, told("guide.format"), FORMAT)
    _line(sheet, told("guide.ruleset"), str(head.get("id", "")))
    _line(sheet, told("guide.version"), str(head.get("version", "")))
    _line(sheet, told("guide.hash"), content_hash(content.files))
    _line(sheet, told("guide.base"), content_hash(base))
    _line(sheet, told("guide.layers"), "、".join(layer.name for layer in content.layers))
    _line(sheet)
    _line(
        sheet, *(told(f"guide.{name}") for name in ("sheet", "part", "about", "rows", "files", "file_hash"))
    )
    for part, title, records in sheets:
        named = sorted({record.file for record in records} | set(own_file(part)))
        digest = hashlib.sha256(b"".join(base[path] for path in named)).hexdigest()
        folders = "、".join(dict.fromkeys(path.rpartition("/")[0] for path in named))
        shown = named[0] if len(named) == 1 else folders[:200]
        _line(sheet, title, part.name, part.about, str(len(records)), shown, digest[:16])
    sheet.finish()


def _line(sheet: SheetWriter, *texts: str) -> None:
    sheet.row(Cell(text, Look.LOCKED) for text in texts)


def _base(book: WorkbookWriter, base: Mapping[str, bytes]) -> None:
    sheet = book.sheet(told("sheet.base"), [])
    _line(sheet, told("guide.base_note"))
    for line in base_lines(base):
        _line(sheet, line)
    sheet.finish()
