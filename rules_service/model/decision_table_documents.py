"""Documents of decision tables: inputs, output, hit policy and basis; rows in it, or in a file beside it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, PlainValidator, model_validator

from rules_service.model.check_documents import BasisDocument, ExpressionText
from rules_service.model.decision_cells import CELL_KINDS, OUTPUT_KINDS
from rules_service.model.fields import Bilingual, Code, Day, Document, Identifier, Located, Text, fault
from rules_service.model.nodes import MARK, Marks, Scalar, without_mark
from rules_service.model.parameter_documents import ORDERED_KINDS

__all__ = [
    "MAX_INPUTS",
    "MAX_TABLE_ROWS",
    "NOTE",
    "ColumnDocument",
    "InlineRow",
    "InputDocument",
    "OutputDocument",
    "TableDocument",
]

MAX_INPUTS = 12
MAX_TABLE_ROWS = 500
"""Rows of one table: each becomes code; long lists of prices are standards."""
NOTE = "note"
"""The column of remarks, which every table may have."""
_RESERVED = frozenset({NOTE, "备注"})
_SUMMED = frozenset({"money", "rate", "points", "quantity", "count", "score"})

Hit = Annotated[Literal["unique", "first", "collect"], BeforeValidator(str)]
Aggregate = Annotated[Literal["sum", "min", "max", "list"], BeforeValidator(str)]


def _kind_in(allowed: frozenset[str]) -> AfterValidator:
    def check(kind: str) -> str:
        if kind not in allowed:
            raise fault("DT-KIND", text=kind[:40], allowed="、".join(sorted(allowed)))
        return kind

    return AfterValidator(check)


def _name(name: str) -> str:
    if not name.isidentifier() or name in _RESERVED:
        raise fault("DT-NAME", name=name[:40])
    return name


Name = Annotated[Identifier, AfterValidator(_name)]


class ColumnDocument(Document):
    """A column: its name in files and expressions, and what people call it."""

    name: Name
    title: Bilingual


class InputDocument(ColumnDocument):
    """One input: what it is called, its kind, and the expression whose value it is.

    ``range`` limits the values that there are, as a cell does; ``allowed`` are all words of a code.
    """

    kind: Annotated[Text, _kind_in(CELL_KINDS)]
    value: ExpressionText
    range: Located | None = None
    allowed: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> InputDocument:
        if self.range is not None and self.kind not in ORDERED_KINDS:
            raise fault("DT-RANGE-KIND", kind=self.kind)
        if self.allowed and self.kind not in {"code", "text"}:
            raise fault("DT-ALLOWED-KIND", kind=self.kind)
        return self


class OutputDocument(ColumnDocument):
    """What the table says: its column, and the kind of its values."""

    kind: Annotated[Text, _kind_in(OUTPUT_KINDS)]
    unit: Text | None = None


class InlineRow(Document):
    """A row written in the document: its cells by the names of the columns."""

    cells: dict[str, InstanceOf[Scalar]]


def _row(value: object) -> InlineRow:
    if not isinstance(value, dict):
        raise fault("DOC-NOT-MAPPING")
    marks = value.get(MARK)
    cells = without_mark(value)
    if not isinstance(marks, Marks) or not all(isinstance(cell, Scalar) for cell in cells.values()):
        raise fault("DOC-NOT-TEXT")
    return InlineRow.model_construct(mark=marks, cells=cells)


class TableDocument(Document):
    """A decision table as its author wrote it (``docs/architecture.md`` §5).

    ``hit``: ``unique`` (no two rows hold of anything), ``first`` (the first that holds counts), ``collect``
    (all that hold, added up as ``aggregate`` says). ``otherwise`` is what it says where no row holds.
    """

    table: Name
    title: Bilingual
    subject: Identifier = "project"
    inputs: Annotated[tuple[InputDocument, ...], Field(min_length=1, max_length=MAX_INPUTS)]
    output: OutputDocument
    hit: Hit
    aggregate: Aggregate | None = None
    otherwise: Located | None = None
    file: Text | None = None
    rows: tuple[Annotated[InlineRow, PlainValidator(_row)], ...] = ()
    note: Bilingual | None = None
    basis: Annotated[tuple[BasisDocument, ...], Field(min_length=1)]
    owner: Text | None = None
    effective_from: Day | None = None
    effective_to: Day | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns: the inputs, and the output."""
        return tuple(one.name for one in self.all_columns)

    @property
    def all_columns(self) -> tuple[ColumnDocument, ...]:
        """Its columns: the inputs, and the output."""
        return (*self.inputs, self.output)

    @model_validator(mode="after")
    def _consistent(self) -> TableDocument:
        names = [*self.columns, *(title for one in self.all_columns for title in _titles(one))]
        if len(set(self.columns)) < len(self.columns) or len(set(names)) < len(names):
            raise fault("DT-NAME-TWICE")
        if (self.file is None) == (not self.rows):
            raise fault("DT-ROWS-PLACE")
        if self.file is not None and ("/" in self.file or "\\" in self.file):
            raise fault("DT-FILE-NAME", name=self.file[:60])
        if (self.hit == "collect") != (self.aggregate is not None):
            raise fault("DT-AGGREGATE")
        if self.hit == "collect" and self.otherwise is not None:
            raise fault("DT-COLLECT-OTHERWISE")
        summed = self.aggregate in {"sum", "min", "max"}
        if summed and self.output.kind not in (_SUMMED if self.aggregate == "sum" else _SUMMED | {"date"}):
            raise fault("DT-AGGREGATE-KIND", kind=self.output.kind)
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise fault("DOC-DATES-REVERSED")
        return self


def _titles(column: ColumnDocument) -> set[str]:
    """The other names of a column, apart from its own."""
    return {column.title.zh.text, column.title.en.text} - {column.name}
