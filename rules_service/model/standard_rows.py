"""Rows of expenditure standards as published: strict reading of the tables in ``standards/``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.quantity_rules import QuantityRule, QuantityRuleError, read_quantity_rule
from rules_service.model.table_cells import day_cell, number_cell, word_cell
from rules_service.model.tables import Column, Row, read_table
from rules_service.values.outcomes import Proof

__all__ = ["COLUMNS", "LIMIT_KINDS", "PRICE_KINDS", "StandardRow", "read_standards"]

COLUMNS: Final = (
    Column("standard_id", ("标准编号",)),
    Column("item", ("事项", "标准名称")),
    Column("category", ("类别",)),
    Column("limit_kind", ("标准种类",)),
    Column("value", ("标准值",)),
    Column("value_to", ("上端值",), required=False),
    Column("unit", ("计价单位",)),
    Column("applies_to", ("适用对象",)),
    Column("place", ("地点",)),
    Column("grade", ("级别",)),
    Column("season", ("季节",)),
    Column("spec", ("规格",), required=False),
    Column("scope", ("范围",)),
    Column("binding", ("约束力",), required=False),
    Column("part_of", ("所属综合定额",), required=False),
    Column("min_service_years", ("最低使用年限",)),
    Column("service_operator", ("年限比较方式",), required=False),
    Column("qty_rule", ("数量规定",)),
    Column("qty_per", ("数量按",), required=False),
    Column("qty_max", ("每人数量",), required=False),
    Column("qty_rounding", ("数量取整",), required=False),
    Column("exception", ("特殊情形",), required=False),
    Column("tier_unit", ("分段单位",), required=False),
    Column("tier_above", ("分段起点",), required=False),
    Column("effective_from", ("起用日期",)),
    Column("effective_to", ("停用日期",)),
    Column("document", ("文件",)),
    Column("article", ("条款",)),
    Column("source", ("来源",)),
    Column("verified", ("核实情况",)),
    Column("notes", ("备注",)),
)
"""The columns of a table of standards; those that are not required may be left out of a file."""

PRICE_KINDS: Final = frozenset({"CAP", "RANGE", "FIXED"})
"""Kinds whose value a price must not exceed: a ceiling, the upper end of a range, a fixed price."""
LIMIT_KINDS: Final = PRICE_KINDS | {
    *("FLOOR", "UNIT_COST", "FACTOR", "DAYS", "HEADCOUNT", "YEARS", "QUANTITY"),
}
_PROOFS: Final = {
    "verified in source": Proof.VERIFIED,
    "verified in secondary source": Proof.SECONDARY,
    "from memory, unverified": Proof.MEMORY,
}
_EXCEPT: Final = re.compile(r"全国[(（]除([^()（）]+)[)）]")
_QUANTITY: Final = ("qty_per", "qty_max", "qty_rounding", "exception")
_FILLED: Final = ("standard_id", "item", "category", "document")


@dataclass(frozen=True, slots=True)
class StandardRow:
    """One row.  ``value`` is fixed × 10¹² in ``unit``, ``value_to`` the upper end of a range.

    Empty texts are "not stated", days are day numbers.  ``part_of`` names the composite that the row is a
    part of.  ``places`` are those it is for, or ``except_places`` those alone that it is not for.
    ``tier_above``: a factor counts for what lies above so many (× 10¹²) of ``tier_unit``.
    """

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
    value_to: int | None = None
    spec: str = ""
    binding: str = ""
    part_of: str = ""
    service_operator: str = "GE"
    quantity: QuantityRule | None = None
    tier_unit: str = ""
    tier_above: int | None = None
    except_places: tuple[str, ...] = ()

    @property
    def may_be_hard(self) -> bool:
        """Whether the row may be a hard rule: verified, with an address and a content, of general scope."""
        return (
            self.proof in {Proof.VERIFIED, Proof.SECONDARY}
            and self.address.startswith("http")
            and (self.value is not None or self.quantity is not None or self.min_service_years is not None)
            and self.scope == "general"
            and self.binding != "SOFT"
        )

    @property
    def is_sample(self) -> bool:
        """Whether it comes from memory, and so is sample data."""
        return self.proof is Proof.MEMORY

    @property
    def is_of_category(self) -> bool:
        """Whether it holds for everything in its category, whatever the item is called."""
        general = self.limit_kind in {"YEARS", "QUANTITY"} and self.item == self.category
        return general or self.limit_kind in {"DAYS", "HEADCOUNT", "FACTOR"}

    @property
    def limit(self) -> int | None:
        """What a price must not exceed: the value, or the upper end of a range."""
        return self.value if self.value_to is None else self.value_to

    def in_force(self, day: int) -> bool:
        """Whether it can be chosen for a day; an undated row never can."""
        started = self.effective_from is not None and self.effective_from <= day
        return started and (self.effective_to is None or day <= self.effective_to)

    def is_over(self, day: int) -> bool:
        """Whether it was in force before a day, and is no more."""
        end = self.effective_to
        return self.effective_from is not None and end is not None and end < day


def read_standards(path: str, content: bytes, diagnostics: Diagnostics) -> list[StandardRow]:
    """The rows of a table of standards; faulty rows are left out and reported."""
    rows = (_row(row, diagnostics) for row in read_table(path, content, COLUMNS, diagnostics))
    return [row for row in rows if row is not None]


def _row(row: Row, diagnostics: Diagnostics) -> StandardRow | None:
    before = len(diagnostics.found)
    texts = row.texts()
    for column in _FILLED:
        if not texts[column]:
            diagnostics.add("STANDARD-BLANK", row[column].source, column=column)

    def number(kind: str, column: str) -> int | None:
        return number_cell(kind, row[column], diagnostics) if texts[column] else None

    proof = word_cell(row["verified"], _PROOFS, diagnostics)
    start, end = (day_cell(row[name], diagnostics) for name in ("effective_from", "effective_to"))
    if start is not None and end is not None and end < start:
        diagnostics.add("DOC-DATES-REVERSED", row["effective_to"].source)
    places, except_places = _places(texts["place"])
    made = StandardRow(
        standard_id=texts["standard_id"],
        item=texts["item"],
        category=texts["category"],
        limit_kind=word_cell(row["limit_kind"], LIMIT_KINDS, diagnostics),
        value=number("quantity", "value"),
        unit=texts["unit"],
        applies_to=texts["applies_to"],
        places=places,
        grade=texts["grade"],
        season=texts["season"],
        scope=word_cell(row["scope"], ("general", "project"), diagnostics),
        min_service_years=number("count", "min_service_years"),
        qty_rule=texts["qty_rule"],
        effective_from=start,
        effective_to=end,
        document=texts["document"],
        article=texts["article"],
        address=texts["source"],
        proof=_PROOFS.get(proof, Proof.MEMORY),
        notes=texts["notes"],
        source=row["standard_id"].source,
        value_to=number("quantity", "value_to"),
        spec=texts["spec"],
        binding=word_cell(row["binding"], ("", "HARD", "SOFT"), diagnostics),
        part_of=texts["part_of"],
        service_operator=word_cell(row["service_operator"], ("", "GE", "GT"), diagnostics) or "GE",
        quantity=_quantity(row, diagnostics) if any(map(texts.get, _QUANTITY)) else None,
        tier_unit=texts["tier_unit"],
        tier_above=number("quantity", "tier_above"),
        except_places=except_places,
    )
    if len(diagnostics.found) == before:
        for column, code, is_wrong in _FITTING:
            if is_wrong(made):
                diagnostics.add(code, row[column].source)
    return made if len(diagnostics.found) == before else None


def _places(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The places that a row is for, and those that it is not for: 全国(除西藏、青海、新疆)."""
    match = _EXCEPT.fullmatch(text)
    names = tuple(place.strip() for place in (match[1] if match else text).split("、") if place.strip())
    return ((), names) if match else (names, ())


def _quantity(row: Row, diagnostics: Diagnostics) -> QuantityRule | None:
    try:
        return read_quantity_rule(*(row[name].text for name in _QUANTITY))
    except QuantityRuleError as error:
        cell = row[error.column]
        diagnostics.add(
            "VALUE-TEXT", cell.source, text=cell.text[:40], kind=error.column, expected=error.expected
        )
        return None


_NEED_VALUE: Final = LIMIT_KINDS - {"CAP", "YEARS", "QUANTITY"}
# What does not fit together in a row: the column to look at, the fault, and how to tell.
_FITTING: Final[tuple[tuple[str, str, Callable[[StandardRow], bool]], ...]] = (
    (
        "value",
        "STANDARD-VALUE",
        lambda row: (row.value or 0) < 0 or (row.value is None and row.limit_kind in _NEED_VALUE),
    ),
    (
        "value_to",
        "STANDARD-RANGE",
        lambda row: (
            (row.limit_kind == "RANGE") is (row.value_to is None)
            or (row.value is not None and row.value_to is not None and row.value_to < row.value)
        ),
    ),
    (
        "min_service_years",
        "STANDARD-YEARS",
        lambda row: (
            not 0 <= (row.min_service_years or 0) <= 100
            or (row.limit_kind == "YEARS" and row.min_service_years is None)
        ),
    ),
    ("qty_max", "STANDARD-QUANTITY", lambda row: row.limit_kind == "QUANTITY" and row.quantity is None),
    ("part_of", "STANDARD-PART-KIND", lambda row: bool(row.part_of) and row.limit_kind != "CAP"),
    (
        "tier_above",
        "STANDARD-TIER",
        lambda row: (
            bool(row.tier_unit) is (row.tier_above is None)
            or (row.tier_above is not None and (row.limit_kind != "FACTOR" or row.tier_above < 0))
        ),
    ),
    ("binding", "STANDARD-BINDING", lambda row: row.binding == "HARD" and not row.may_be_hard),
)
