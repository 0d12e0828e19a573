"""What people read of a decision table: its rows with the values of their parameters."""

from __future__ import annotations

from collections.abc import Mapping

from rules_service.compile.decision_tables import ROW, BuiltTable
from rules_service.compile.reading import PARAMETER
from rules_service.compile.texts import words
from rules_service.compile.view import ParameterValue, TableDoc, Words
from rules_service.language.typed import table_let
from rules_service.language.words import table
from rules_service.model.decision_cells import ANY
from rules_service.model.decision_table_documents import TableDocument
from rules_service.model.decision_table_rows import TableRow

__all__ = ["row_words", "table_doc"]

_SAYS = " → "


def table_doc(built: BuiltTable, values: Mapping[str, ParameterValue]) -> TableDoc:
    """A table as a view has it."""
    layered, document = built.layered, built.layered.document
    rows = [*layered.source.rows, *([layered.source.otherwise] if layered.source.otherwise else [])]
    return TableDoc(
        id=document.table,
        title=words(document.title),
        layer=layered.layer,
        hit=document.aggregate or document.hit,
        said=table_let(document.table),
        row=table_let(document.table, ROW),
        rows={row.number: row_words(document, row, values) for row in rows},
    )


def row_words(document: TableDocument, row: TableRow, values: Mapping[str, ParameterValue]) -> Words:
    """A row in Chinese and English: what it demands, and what it says."""
    return Words(_row(document, row, values, "zh"), _row(document, row, values, "en"))


def _row(document: TableDocument, row: TableRow, values: Mapping[str, ParameterValue], language: str) -> str:
    cells = table()["cells"]
    demands = [
        cells["demand"][language].format(one.title.text(language), _shown(cell.text, values, language))
        for one, cell in zip(document.inputs, row.written, strict=False)
        if cell.text.strip() != ANY
    ]
    unit = document.output.unit if row.output.parameter is None else None
    said = f"{_shown(row.written[-1].text, values, language)}{unit or ''}"
    return f"{cells['between'][language].join(demands)}{_SAYS if demands else ''}{said}"


def _shown(text: str, values: Mapping[str, ParameterValue], language: str) -> str:
    """A cell with its parameters by title and value."""

    def told(name: str) -> str:
        value = values.get(name)
        if value is None:
            return f"param.{name}"
        held = value.text if not value.is_empty else "–"
        title = value.title.text(language)
        return f"{title}（{held}）" if language == "zh" else f"{title} ({held})"

    return PARAMETER.sub(lambda match: told(match[1]), text)
