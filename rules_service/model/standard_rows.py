"""Rows of expenditure standards as published: strict reading of ``standards/*.csv``."""

from __future__ import annotations

from dataclasses import dataclass

from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.literals import LiteralError, parse_literal
from rules_service.model.nodes import Scalar
from rules_service.model.tables import Row, read_table
from rules_service.values.outcomes import Proof

__all__ = ["COLUMNS", "LIMIT_KINDS", "StandardRow", "read_standards"]

COLUMNS = (
    *("standard_id", "item", "category", "limit_kind", "value", "unit", "applies_to", "place", "grade"),
    *("season", "scope", "min_service_years", "qty_rule", "effective_from", "effective_to"),
    *("document", "article", "source", "verified", "notes"),
)
LIMIT_KINDS = frozenset({"CAP", "FLOOR", "FACTOR", "DAYS", "HEADCOUNT"})
_PROOFS = {
    "verified in source": Proof.VERIFIED,
    "verified in secondary source": Proof.SECONDARY,
    "from memory, unverified": Proof.MEMORY,
}
_REQUIRED = ("standard_id", "item", "category", "document")


@dataclass(frozen=True, slots=True)
class StandardRow:
    """One row; ``value`` is fixed × 10¹² in ``unit``; empty texts are "not stated", days are day numbers."""

    standard_id: str
    item: str
    category: str
    limit_kind: str
    value: int | None
    unit: str
    applies_to: str
    places: tuple[str, ...]
    grade: str
    season: str
    scope: str
    min_service_years: int | None
    qty_rule: str
    effective_from: int | None
    effective_to: int | None
    document: str
    article: str
    address: str
    proof: Proof
    notes: str
    source: Source

    @property
    def may_be_hard(self) -> bool:
        """Whether the row may be a hard rule: verified, with an address and an amount, of general scope."""
        return (
            self.proof in {Proof.VERIFIED, Proof.SECONDARY}
            and self.address.startswith("http")
            and self.value is not None
            and self.scope == "general"
        )

    @property
    def is_sample(self) -> bool:
        """Whether it comes from memory, and so is sample data."""
        return self.proof is Proof.MEMORY

    @property
    def key(self) -> tuple[object, ...]:
        """What two rows must differ in, unless their dates do."""
        thing = (self.item, self.category, self.limit_kind, self.unit, self.applies_to)
        return (*thing, frozenset(self.places), self.grade, self.season, self.scope)

    def in_force(self, day: int) -> bool:
        """Whether it can be chosen for a day; an undated row never can."""
        started = self.effective_from is not None and self.effective_from <= day
        return started and (self.effective_to is None or day <= self.effective_to)


def read_standards(path: str, content: bytes, diagnostics: Diagnostics) -> list[StandardRow]:
    """The rows of a standards table; faulty rows are left out and reported."""
    rows = (_row(row, diagnostics) for row in read_table(path, content, COLUMNS, diagnostics))
    return [row for row in rows if row is not None]


def _row(row: Row, diagnostics: Diagnostics) -> StandardRow | None:
    before = len(diagnostics.found)
    for column in _REQUIRED:
        if not row[column].text:
            diagnostics.add("STANDARD-BLANK", row[column].source, column=column)
    _one_of(row["limit_kind"], sorted(LIMIT_KINDS), diagnostics)
    _one_of(row["scope"], ["general", "project"], diagnostics)
    _one_of(row["verified"], sorted(_PROOFS), diagnostics)
    start, end = _day(row["effective_from"], diagnostics), _day(row["effective_to"], diagnostics)
    if start is not None and end is not None and end < start:
        diagnostics.add("DOC-DATES-REVERSED", row["effective_to"].source)
    value = _value("quantity", row["value"], diagnostics)
    years = _value("count", row["min_service_years"], diagnostics)
    if len(diagnostics.found) > before:
        return None
    return StandardRow(
        standard_id=row["standard_id"].text,
        item=row["item"].text,
        category=row["category"].text,
        limit_kind=row["limit_kind"].text,
        value=value,
        unit=row["unit"].text,
        applies_to=row["applies_to"].text,
        places=tuple(place for place in row["place"].text.split("、") if place),
        grade=row["grade"].text,
        season=row["season"].text,
        scope=row["scope"].text,
        min_service_years=years,
        qty_rule=row["qty_rule"].text,
        effective_from=start,
        effective_to=end,
        document=row["document"].text,
        article=row["article"].text,
        address=row["source"].text,
        proof=_PROOFS[row["verified"].text],
        notes=row["notes"].text,
        source=row["standard_id"].source,
    )


def _one_of(cell: Scalar, allowed: list[str], diagnostics: Diagnostics) -> None:
    if cell.text not in allowed:
        diagnostics.add("DOC-NOT-ONE-OF", cell.source, text=cell.text, allowed="、".join(allowed))


def _value(kind: str, cell: Scalar, diagnostics: Diagnostics) -> int | None:
    if not cell.text:
        return None
    try:
        return int(parse_literal(kind, cell.text))
    except LiteralError as error:
        diagnostics.add("VALUE-TEXT", cell.source, text=cell.text[:40], kind=kind, expected=error.expected)
        return None


def _day(cell: Scalar, diagnostics: Diagnostics) -> int | None:
    return _value("date", cell, diagnostics)
