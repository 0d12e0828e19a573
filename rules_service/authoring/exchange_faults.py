"""A copy of an edited workbook in which every faulty cell is coloured and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rules_service.authoring.exchange_export import EDGES, LISTS, heads_of
from rules_service.authoring.exchange_import import Imported
from rules_service.authoring.exchange_merge import CONFLICTS, Merge
from rules_service.authoring.exchange_model import Role, told
from rules_service.authoring.exchange_writer import Cell, Head, Look, WorkbookWriter
from rules_service.model.diagnostics import Diagnostic, Diagnostics
from rules_service.model.table_limits import MAX_CELL
from rules_service.model.table_xlsx import OpenWorkbook, opened_workbook
from rules_service.model.validation import CATALOGUE

__all__ = ["fault_copy"]

_FAULT: Final = EDGES[-1].head

_Faults = Mapping[tuple[str, int], Mapping[int, Sequence[Diagnostic]]]
"""By sheet and line, the faults of its cells by column."""


def fault_copy(name: str, content: bytes, imported: Imported) -> bytes | None:
    """The workbook again, each row where it stood; ``None`` if no sheet of it could be read.

    Formulas come out as blank cells, whose note tells what stood there.
    """
    with opened_workbook(name, content, Diagnostics(CATALOGUE)) as book:
        if book is None or not imported.merges:
            return None
        faults = _by_cell(imported.faults)
        merges = {merge.title: merge for merge in imported.merges}
        made = WorkbookWriter(LISTS)
        for title in book.titles:
            if title in merges:
                _sheet(made, book, merges[title], faults)
            elif title != LISTS:
                _as_it_is(made, book, title)
        return made.finish()


def _by_cell(faults: Sequence[Diagnostic]) -> _Faults:
    found: dict[tuple[str, int], dict[int, list[Diagnostic]]] = {}
    for fault in faults:
        if fault.is_error:
            found.setdefault((fault.file, fault.line), {}).setdefault(fault.column, []).append(fault)
    return found


def _as_it_is(made: WorkbookWriter, book: OpenWorkbook, title: str) -> None:
    look = Look.LOCKED if title in {told("sheet.guide"), told("sheet.base")} else Look.OPEN
    sheet = made.sheet(title, [])
    for number, texts in book.lines(title, title, Diagnostics(CATALOGUE)):
        sheet.gap(number)
        sheet.row(Cell(text, look) for text in texts)
    sheet.finish()


def _sheet(made: WorkbookWriter, book: OpenWorkbook, merge: Merge, faults: _Faults) -> None:
    """A sheet with its rows as they are, and a column that says what is wrong with each."""
    heads = {head.text: head for head in heads_of(merge.part, merge.base, merge.base.files)}
    locked = {column.head for column in merge.part.columns if column.role is not Role.EDIT} | {EDGES[0].head}
    rows = book.lines(merge.title, merge.title, Diagnostics(CATALOGUE))
    number, first = next(rows, (1, ()))
    names = [text.strip() for text in first]
    width = next((place for place, text in enumerate(names) if text == _FAULT), len(names))
    names = names[:width]
    sheet = made.sheet(merge.title, [])
    sheet.prepare([*(heads.get(text, Head(text)) for text in names), Head(_FAULT, "", 60, locked=True)])
    sheet.gap(number)
    sheet.row(_cells(names, faults.get((merge.title, number), {}), [Look.HEAD] * width, heads))
    for line, texts in rows:
        sheet.gap(line)
        is_old = bool(texts and texts[0].strip())
        looks = [Look.LOCKED if is_old and text in locked else Look.OPEN for text in names]
        sheet.row(_cells(texts, faults.get((merge.title, line), {}), looks))
    sheet.finish()


def _cells(
    texts: Sequence[str],
    faults: Mapping[int, Sequence[Diagnostic]],
    looks: Sequence[str],
    heads: Mapping[str, Head] | None = None,
) -> Iterator[Cell]:
    """The cells of a row; what is wrong is said beside each, and together behind the last."""
    for number, look in enumerate(looks, start=1):
        text = texts[number - 1] if number <= len(texts) else ""
        own = faults.get(number, ())
        note = "\n".join(f"{fault.zh}{fault.cure_zh}" for fault in own)
        if not own and heads is not None and text in heads:
            note = heads[text].note
        worst = Look.CONFLICT if own and all(fault.code in CONFLICTS for fault in own) else Look.FAULT
        yield Cell(text, worst if own else look, note)
    if heads is not None and not faults:
        yield Cell(_FAULT, Look.HEAD)
        return
    told_all = "\n".join(f"{fault.zh}{fault.cure_zh}" for own in faults.values() for fault in own)
    yield Cell(told_all[:MAX_CELL], Look.FAULT if told_all else Look.OPEN)
