"""Imports an edited workbook as a draft: the changed files, what was edited, and every fault at its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from rules_service.authoring.edit_files import EditError
from rules_service.authoring.exchange_base import base_files
from rules_service.authoring.exchange_content import Content, Draft
from rules_service.authoring.exchange_edits import Edit, Form
from rules_service.authoring.exchange_export import EDGES, FORMAT, LISTS
from rules_service.authoring.exchange_merge import CONFLICTS, Merge
from rules_service.authoring.exchange_model import KINDS_OF_CONTENT, Part, told
from rules_service.authoring.exchange_parts import parts_of
from rules_service.authoring.faults import CATALOGUE
from rules_service.compile.bundle import lint
from rules_service.model.diagnostics import Diagnostic, Diagnostics, Source
from rules_service.model.ruleset import parse_ruleset
from rules_service.model.table_xlsx import OpenWorkbook, opened_workbook
from rules_service.model.tables import Column, sheet_rows
from rules_service.model.validation import CATALOGUE as READER

__all__ = ["Imported", "Traced", "check", "import_workbook"]


@dataclass(frozen=True, slots=True)
class Traced:
    """A fault of the draft, and the row of the workbook that it comes from, if one does."""

    fault: Diagnostic
    sheet: str = ""
    line: int = 0


@dataclass(slots=True)
class Imported:
    """What a workbook leads to.

    ``faults`` are those of the workbook; their file is a sheet's name, line and column those of its cell.
    ``files`` is the whole draft, the ruleset as it was if there are faults.
    """

    files: Mapping[str, bytes]
    changed: tuple[str, ...] = ()
    edits: list[Edit] = field(default_factory=list)
    faults: list[Diagnostic] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Whether the workbook has faults, so that nothing of it was taken."""
        return any(fault.is_error for fault in self.faults)

    @property
    def conflicts(self) -> list[Diagnostic]:
        """The faults that say that others changed the same."""
        return [fault for fault in self.faults if fault.code in CONFLICTS]


@dataclass(frozen=True, slots=True)
class _Guide:
    """What the first sheet says: the hash of the base, the layers, and the sheets by part."""

    base: str
    layers: frozenset[str]
    sheets: Mapping[str, str]


def import_workbook(name: str, content: bytes, files: Mapping[str, bytes], today: str) -> Imported:
    """Read an edited workbook against the files of the ruleset as it is now.

    ``today`` (``2026-07-01``) tells which values are in force. Author input never raises.
    """
    found = Diagnostics(READER)
    imported = Imported(files)
    with opened_workbook(name, content, found) as book:
        if book is not None:
            try:
                imported.merges, changed = _merged(name, book, files, found)
                edits = (edit for merge in imported.merges for edit in merge.edits)
                imported.edits = [_dated(edit, today) for edit in edits]
                if not found.has_errors():
                    imported.files = {**files, **changed}
                    imported.changed = tuple(sorted(changed))
            except EditError as error:
                found.extend([CATALOGUE.diagnostic(error.code, Source(name, 1, 1), **error.values)])
    imported.faults = found.in_order()
    return imported


def check(imported: Imported) -> list[Traced]:
    """What is wrong with the draft, with the rows of the workbook that it comes from.

    Warnings are those of the files that changed.
    """
    source, faults = parse_ruleset(imported.files)
    faults = faults if source is None else lint(source)
    changed = set(imported.changed)
    places = _places(imported)
    return [_traced(fault, places) for fault in faults if fault.file in changed or fault.is_error]


def _merged(
    name: str, book: OpenWorkbook, files: Mapping[str, bytes], found: Diagnostics
) -> tuple[list[Merge], dict[str, bytes]]:
    """Each sheet merged, and the files that changed; raises ``EditError``."""
    guide = _guide(book, found)
    base = base_files(_base(book, found), guide.base)
    if base is None:
        raise EditError("BOOK-BASE", sheet=told("sheet.base"))
    whole = Content(base)
    was = Content(base, tuple(layer.folder for layer in whole.every_layer if layer.name in guide.layers))
    draft = Draft(Content(files))
    parts = {part.name: part for part in parts_of(was, KINDS_OF_CONTENT)}
    merges = []
    for part_name, title in guide.sheets.items():
        if part_name not in parts:
            raise EditError("BOOK-BASE", sheet=told("sheet.base"))
        if title not in book.titles:
            found.extend([CATALOGUE.diagnostic("BOOK-SHEET-GONE", Source(name, 1, 1), sheet=title)])
            continue
        merge = Merge(parts[part_name], title, was, draft, found)
        merge.read(sheet_rows(title, book.lines(title, title, found), _columns(merge.part), found))
        merges.append(merge)
    known = {*guide.sheets.values(), told("sheet.guide"), told("sheet.base"), LISTS}
    extra = [title for title in book.titles if title not in known]
    found.extend(CATALOGUE.diagnostic("BOOK-SHEET-EXTRA", Source(name, 1, 1), sheet=title) for title in extra)
    return merges, {} if found.has_errors() else draft.changed()


def _guide(book: OpenWorkbook, found: Diagnostics) -> _Guide:
    title = told("sheet.guide")
    if title not in book.titles:
        raise EditError("BOOK-NOT-OURS", sheet=title, missing=told("guide.format"))
    said: dict[str, str] = {}
    sheets: dict[str, str] = {}
    head = False
    for _, cells in book.lines(title, title, found):
        first, second = (cell.strip() for cell in (*cells, "", "")[:2])
        if head and first and second:
            sheets[second] = first
        elif first:
            said.setdefault(first, second)
        head = head or (first, second) == (told("guide.sheet"), told("guide.part"))
    for name in ("format", "base", "layers", "sheet"):
        if told(f"guide.{name}") not in said:
            raise EditError("BOOK-NOT-OURS", sheet=title, missing=told(f"guide.{name}"))
    if said[told("guide.format")] != FORMAT:
        raise EditError("BOOK-FORMAT", found=said[told("guide.format")][:40], expected=FORMAT)
    return _Guide(said[told("guide.base")], frozenset(said[told("guide.layers")].split("、")), sheets)


def _base(book: OpenWorkbook, found: Diagnostics) -> Iterator[str]:
    """The lines of the base, below the line that says what it is."""
    title = told("sheet.base")
    lines = book.lines(title, title, found) if title in book.titles else iter(())
    next(lines, None)
    return (cells[0] for _, cells in lines)


def _columns(part: Part) -> list[Column]:
    """The columns of a sheet by what stands above them."""
    first, *behind = EDGES
    return [
        Column(column.name, (column.head,), column is not EDGES[-1])
        for column in (first, *part.columns, *behind)
    ]


def _dated(edit: Edit, today: str) -> Edit:
    """The edit, marked if it changes a value that is in force."""
    changes = edit.part == "values" and edit.form is not Form.ADDED and edit.key[2] <= today
    return replace(edit, in_force=True) if changes and edit.column != told("column.note_zh") else edit


def _places(imported: Imported) -> dict[str, list[tuple[int, str, int]]]:
    """By file, the first line of each edited record, its sheet, and its line there, in order."""
    content = Content(imported.files)
    found: dict[str, list[tuple[int, str, int]]] = {}
    for merge in imported.merges:
        if merge.edits:
            for record in merge.part.records(content):
                line = merge.lines.get(record.key, 0)
                found.setdefault(record.file, []).append((record.line, merge.title, line))
    return {path: sorted(places) for path, places in found.items()}


def _traced(fault: Diagnostic, places: Mapping[str, list[tuple[int, str, int]]]) -> Traced:
    above = [place for place in places.get(fault.file, ()) if place[0] <= fault.line]
    if not above or not above[-1][2]:
        return Traced(fault)
    _, sheet, line = above[-1]
    return Traced(fault, sheet, line)
