"""Documents of parameters: dated values with operator, source and proof."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, PlainValidator, model_validator

from rules_service.model.check_documents import ProofMark
from rules_service.model.fields import (
    Bilingual,
    Code,
    Document,
    Entries,
    Flag,
    Identifier,
    Text,
    fault,
    words,
)
from rules_service.model.nodes import MARK, Marks, Scalar, without_mark
from rules_service.values.kinds import TABLE_ELEMENTS
from rules_service.values.outcomes import Proof, ValueSource

__all__ = [
    "ORDERED_KINDS",
    "Between",
    "DatedValues",
    "Operator",
    "ParameterDocument",
    "ParameterKind",
    "RawValue",
    "Stricter",
    "ValueDocument",
]

ORDERED_KINDS = frozenset({"money", "rate", "points", "quantity", "count", "score", "date"})
_KINDS = ORDERED_KINDS | {"text", "code", "boolean"}
_COLLECTION = re.compile(rf"(list)<(code|text)>|(table)<({'|'.join(sorted(TABLE_ELEMENTS))})>")


class Operator(StrEnum):
    """How ``meets(x, param.p)`` compares x with the value."""

    GT = "GT"
    GE = "GE"
    LT = "LT"
    LE = "LE"
    EQ = "EQ"
    IN = "IN"


class Stricter(StrEnum):
    """The direction in which a locked parameter may still move."""

    UP = "up"
    DOWN = "down"
    SUPERSET = "superset"
    SUBSET = "subset"


class Between(StrEnum):
    """What a table says of the days between two of its own."""

    HOLD = "hold"
    INTERPOLATE = "interpolate"


class ParameterKind(NamedTuple):
    """A kind, and for lists and tables the kind of the elements."""

    kind: str
    element: str | None

    def __str__(self) -> str:
        return f"{self.kind}<{self.element}>" if self.element else self.kind


def _kind(value: object) -> ParameterKind:
    text = value.text if isinstance(value, Scalar) else ""
    match = _COLLECTION.fullmatch(text)
    if match is not None:
        return ParameterKind(match[1] or match[3], match[2] or match[4])
    if text not in _KINDS:
        raise fault("PARAM-KIND", text=text[:40])
    return ParameterKind(text, None)


class RawValue(NamedTuple):
    """A value as written: one text (``form`` is blank), the texts of a ``list``, or those of a ``table``.

    ``keys`` are the days of a table, in the order of its items.
    """

    items: tuple[Scalar, ...]
    form: str = ""
    keys: tuple[Scalar, ...] = ()


def _raw(value: object) -> RawValue:
    form, keys, written = "", [], [value]
    if isinstance(value, list):
        form, written = "list", value
    elif isinstance(value, dict):
        marks = value.get(MARK)
        entries = without_mark(value)
        keys = [Scalar(key, marks.key(key)) for key in entries] if isinstance(marks, Marks) else []
        form, written = "table", list(entries.values())
    items = tuple(item for item in written if isinstance(item, Scalar))
    if len(items) != len(written):
        raise fault("PARAM-VALUE-SHAPE")
    return RawValue(items, form, tuple(keys))


OperatorWord = Annotated[Operator, BeforeValidator(words(Operator))]


class ValueDocument(Document):
    """A value from a date on, with what differs from the parameter's own metadata.

    ``between`` belongs to tables: what holds between two of their days.
    """

    value: Annotated[RawValue, PlainValidator(_raw)]
    operator: OperatorWord | None = None
    between: Annotated[Between, BeforeValidator(words(Between))] | None = None
    document: Text | None = None
    article: Text | None = None
    proof: ProofMark | None = None
    note: Bilingual | None = None


def _value_document(value: object) -> object:
    return value if isinstance(value, dict) else {"value": value}


DatedValues = Entries[Annotated[ValueDocument, BeforeValidator(_value_document)]]


class ParameterDocument(Document):
    """One parameter as its author wrote it (``docs/architecture.md`` §5).

    ``vocabulary`` or ``allowed`` say which words a parameter of codes may hold, here and in overlays;
    ``labels`` what people call them.
    """

    id: Identifier
    title: Bilingual
    kind: Annotated[ParameterKind, BeforeValidator(_kind)]
    operator: OperatorWord | None = None
    stricter: Annotated[Stricter, BeforeValidator(words(Stricter))] | None = None
    unit: Text | None = None
    vocabulary: Identifier | None = None
    allowed: tuple[Code, ...] = ()
    labels: Entries[Bilingual] = ()
    source: Annotated[ValueSource, BeforeValidator(words(ValueSource))]
    proof: ProofMark | None = None
    values: DatedValues = ()
    document: Text | None = None
    article: Text | None = None
    note: Bilingual | None = None
    owner: Text | None = None
    locked: Flag = False

    @model_validator(mode="after")
    def _consistent(self) -> ParameterDocument:
        _check_source(self)
        is_list = self.kind.kind == "list"
        if self.stricter is not None:
            directions = {Stricter.SUPERSET, Stricter.SUBSET} if is_list else {Stricter.UP, Stricter.DOWN}
            if self.stricter not in directions or not (is_list or self.kind.kind in ORDERED_KINDS):
                raise fault("PARAM-STRICTER", kind=self.kind, stricter=self.stricter)
        if (self.operator is Operator.IN) != is_list and self.operator is not None:
            raise fault("PARAM-OPERATOR", kind=self.kind, operator=self.operator)
        if (self.vocabulary is not None or self.allowed) and "code" not in self.kind:
            raise fault("PARAM-WORDS-KIND", kind=self.kind)
        if self.vocabulary is not None and self.allowed:
            raise fault("PARAM-WORDS-TWICE")
        return self


def _check_source(parameter: ParameterDocument) -> None:
    """Sourced names its document, engineering has a value of mark P, empty has neither value nor proof."""
    if parameter.source is ValueSource.EMPTY:
        if parameter.values or parameter.proof is not None:
            raise fault("PARAM-EMPTY-HAS-VALUE")
        return
    if not parameter.values:
        raise fault("PARAM-NO-VALUE", source=parameter.source)
    if parameter.source is ValueSource.ENGINEERING:
        if parameter.proof not in {None, Proof.ENGINEERING}:
            raise fault("PARAM-ENGINEERING-PROOF", proof=parameter.proof)
        return
    if parameter.proof in {None, Proof.ENGINEERING}:
        raise fault("PARAM-SOURCED-PROOF")
    if parameter.document is None and any(entry.value.document is None for entry in parameter.values):
        raise fault("PARAM-SOURCED-DOCUMENT")
