"""Faults of decision tables: given twice for one day, read by nobody, and what is wrong with their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from rules_service.compile.decision_tables import BuiltTable
from rules_service.compile.reading import tables_read
from rules_service.compile.table_analysis import Fault, analyse
from rules_service.compile.table_axes import Boxes, boxes_of
from rules_service.compile.table_space import TooComplexError
from rules_service.compile.view import ParameterValue
from rules_service.model.decision_table_documents import TableDocument
from rules_service.model.decision_table_rows import TableSource
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.ruleset import LayerSource
from rules_service.values.dates import date_text

__all__ = ["TableLint", "check_tables"]


def check_tables(layers: Sequence[LayerSource], found: Diagnostics) -> None:
    """Of one name a layer has one table at a time, and some check reads it."""
    read = frozenset().union(*tables_read(layers).values())
    for layer in layers:
        documents = [source.document for source in layer.tables]
        for one, two in combinations(documents, 2):
            if one.table == two.table and _overlap(one, two):
                place = one.mark.value("table")
                other = {"file": place.file, "line": place.line}
                found.add("DT-TWICE", two.mark.value("table"), id=one.table, **other)
        for document in documents:
            if document.table not in read:
                found.add("DT-UNUSED", document.mark.value("table"), id=document.table)


def _overlap(one: TableDocument, two: TableDocument) -> bool:
    """Whether both are in force on some day."""
    starts = [day for day in (one.effective_from, two.effective_from) if day is not None]
    ends = [day for day in (one.effective_to, two.effective_to) if day is not None]
    return not starts or not ends or max(starts) <= min(ends)


class TableLint:
    """Looks at the rows of decision tables, once for all places and days on which they mean the same.

    ``empty`` are the parameters that are to have no value; others only lack one before their first day.
    """

    def __init__(self, empty: frozenset[str]) -> None:
        self._empty = empty
        self._seen: set[tuple[object, ...]] = set()

    def rows(
        self, table: BuiltTable, values: Mapping[str, ParameterValue], at: tuple[str, int], found: Diagnostics
    ) -> None:
        """Faults of the rows of a typed table under the values of its parameters.

        ``at`` are the region and the day of these values.
        """
        if not table.lets:
            return
        names = sorted(table.layered.source.parameters)
        held = {name: values[name].value for name in names if name in values}
        key = (id(table), tuple((name, str(value)) for name, value in held.items()))
        if key in self._seen:
            return
        self._seen.add(key)
        boxes = boxes_of(table, held)
        document = table.layered.document
        told = {"id": document.table, "where_zh": "", "where_en": ""}
        if names:
            said = f"{at[0]} {date_text(at[1])}"
            told |= {"where_zh": f"（{said}）", "where_en": f" ({said})"}
        empty = sorted(self._empty.intersection(boxes.empty))
        if empty:
            found.add("DT-PARAM-EMPTY", document.mark.source, parameters="、".join(empty), **told)
        try:
            for fault in analyse(table.layered.source, boxes):
                _tell(table.layered.source, boxes, fault, told, found)
        except TooComplexError:
            found.add("DT-TOO-COMPLEX", document.mark.source, **told)


def _tell(
    source: TableSource, boxes: Boxes, fault: Fault, told: Mapping[str, str], found: Diagnostics
) -> None:
    place = source.document.mark.source
    if fault.row:
        place = source.rows[fault.row - 1].source
    elif fault.code == "DT-OTHERWISE-UNUSED" and source.otherwise is not None:
        place = source.otherwise.source
    values: dict[str, object] = {**told, "row": fault.row, "other": fault.other}
    if fault.other:
        values["line"] = source.rows[fault.other - 1].source.line
    if fault.case is not None:
        values |= {"case_zh": boxes.shown(fault.case, "zh"), "case_en": boxes.shown(fault.case, "en")}
    found.add(fault.code, place, **values)
