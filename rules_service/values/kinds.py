"""Kinds of values: what a fact, a parameter or an expression is, with its static scale and form.

A kind says how its Python value is to be read (docs/architecture.md §1):

- *fixed*: an ``int`` counting units of ``10**-scale`` of the base's unit (money: 分; rate and points:
  1 = 100 %); ``money`` has scale 0, a unit price (``price``) is money of scale 10;
- *ratio*: a pair ``(numerator, denominator)`` with a positive denominator, true as it stands.

In the catalogue a kind is written ``money``, ``price``, ``rate``, ``ratio<rate>`` (a rate that arrives as
a pair), ``list<text>``, ``list<indicator>`` (a list of subjects), ``record`` (only ``has()``); that of a
parameter may be ``table<rate>`` (values from days of the year on).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from rules_service.values.numbers import DECIMALS

__all__ = [
    "BOOLEAN",
    "CODE",
    "COLLECTIVE",
    "COUNT",
    "DATE",
    "MONEY",
    "NUMBER",
    "POINTS",
    "PRICE",
    "PRICE_SCALE",
    "QUANTITY",
    "RATE",
    "RECORD",
    "SCORE",
    "TABLE_ELEMENTS",
    "TEXT",
    "Base",
    "Kind",
    "KindSyntaxError",
    "add_kinds",
    "comparable",
    "divide_kinds",
    "list_of",
    "multiply_kinds",
    "subject_list",
    "subtract_kinds",
    "unify",
]

PRICE_SCALE = 10  # a unit price counts 10⁻¹² yuan, which is 10⁻¹⁰ 分


class KindSyntaxError(ValueError):
    """A text that names no kind."""


class Base(StrEnum):
    """The base kinds of semantics.md, Numbers, and the two that only the engine uses."""

    MONEY = "money"
    RATE = "rate"
    POINTS = "points"
    QUANTITY = "quantity"
    COUNT = "count"
    SCORE = "score"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    CODE = "code"
    BOOLEAN = "boolean"
    RECORD = "record"  # only has() may be asked
    SUBJECT = "subject"  # an element of a list of subjects
    LIST = "list"
    TABLE = "table"  # values from days of the year on; read with at_point()


COLLECTIVE = frozenset({Base.LIST, Base.RECORD, Base.SUBJECT, Base.TABLE})
"""What is no single value: it can neither be compared nor chosen."""
_SCALES = {
    Base.RATE: DECIMALS,
    Base.POINTS: DECIMALS,
    Base.QUANTITY: DECIMALS,
    Base.SCORE: DECIMALS,
}
_WORDS = frozenset(base.value for base in Base)
_NUMERIC = frozenset({Base.MONEY, Base.RATE, Base.POINTS, Base.QUANTITY, Base.COUNT, Base.SCORE, Base.NUMBER})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind: base, scale of a fixed value, form, and what a list holds.

    ``scale`` counts decimal places and is 0 for ratios; ``plain`` marks a quotient of two like things
    (3 of 4 indicators), a rate that may also be compared with a plain number; ``element`` is the kind
    of a list's elements or of a table's values; ``subject`` names the subject of a list's elements or of
    an element.
    """

    base: Base
    scale: int = 0
    ratio: bool = False
    plain: bool = False
    element: Kind | None = None
    subject: str | None = None

    @staticmethod
    def parse(text: str) -> Kind:
        """Read a kind as the catalogue and parameter files write it; ``KindSyntaxError`` otherwise."""
        if text in _NAMED:
            return _NAMED[text]
        if text.startswith("list<") and text.endswith(">"):
            inner = text[5:-1]
            if inner in _SCALARS or inner in _NAMED or inner.startswith("ratio<"):
                return list_of(Kind.parse(inner))
            if inner.isidentifier() and inner not in _WORDS:
                return subject_list(inner)
            raise KindSyntaxError(text)
        if text.startswith("ratio<") and text.endswith(">"):
            kind = Kind.parse(text[6:-1])
            if not kind.numeric or kind.ratio or kind.base is Base.COUNT:
                raise KindSyntaxError(text)
            return kind.as_ratio()
        if text.startswith("table<") and text.endswith(">"):
            if text[6:-1] not in TABLE_ELEMENTS:
                raise KindSyntaxError(text)
            return Kind(Base.TABLE, element=_SCALARS[text[6:-1]])
        if text in _SCALARS:
            return _SCALARS[text]
        raise KindSyntaxError(text)

    @property
    def numeric(self) -> bool:
        """True for money, rate, points, quantity, count, score and number."""
        return self.base in _NUMERIC

    @property
    def is_list(self) -> bool:
        """True for lists of values and of subjects."""
        return self.base is Base.LIST

    def as_ratio(self) -> Kind:
        """The same base in the form of a pair."""
        return replace(self, scale=0, ratio=True)

    def __str__(self) -> str:
        if self.base is Base.LIST:
            inner = self.element
            return f"list<{self.subject or inner}>"
        if self.base is Base.TABLE:
            return f"table<{self.element}>"
        if self.base is Base.SUBJECT and self.subject:
            return self.subject
        if self.ratio:
            return f"ratio<{self.base.value}>"
        if self.base is Base.MONEY and self.scale == PRICE_SCALE:
            return "price"
        return self.base.value


MONEY = Kind(Base.MONEY)
PRICE = Kind(Base.MONEY, PRICE_SCALE)
RATE = Kind(Base.RATE, DECIMALS)
POINTS = Kind(Base.POINTS, DECIMALS)
QUANTITY = Kind(Base.QUANTITY, DECIMALS)
COUNT = Kind(Base.COUNT)
SCORE = Kind(Base.SCORE, DECIMALS)
NUMBER = Kind(Base.NUMBER)
DATE = Kind(Base.DATE)
TEXT = Kind(Base.TEXT)
CODE = Kind(Base.CODE)
BOOLEAN = Kind(Base.BOOLEAN)
RECORD = Kind(Base.RECORD)

_SCALARS = {
    base.value: Kind(base, _SCALES.get(base, 0))
    for base in Base
    if base not in {Base.SUBJECT, Base.LIST, Base.TABLE}
}
TABLE_ELEMENTS = frozenset({"money", "rate", "points", "quantity", "score"})
"""What a table of days may hold."""


_NAMED = {"price": PRICE}


def list_of(element: Kind) -> Kind:
    """The kind of a list of plain values."""
    return Kind(Base.LIST, element=element)


def subject_list(subject: str) -> Kind:
    """The kind of a list of subjects, such as the indicators of a goal."""
    return Kind(Base.LIST, element=Kind(Base.SUBJECT, subject=subject), subject=subject)


_B = Base
# A plain number takes the kind of a count, quantity or score beside it; never of money, rate, points.
_ADAPTS = frozenset({_B.COUNT, _B.QUANTITY, _B.SCORE})

_SUM: dict[tuple[Base, Base], Base] = {
    **{(base, base): base for base in (_B.MONEY, _B.POINTS, _B.QUANTITY, _B.COUNT, _B.SCORE, _B.NUMBER)},
    **{(base, _B.NUMBER): base for base in _ADAPTS},
    **{(_B.NUMBER, base): base for base in _ADAPTS},
    (_B.RATE, _B.POINTS): _B.RATE,
    (_B.POINTS, _B.RATE): _B.RATE,
    (_B.DATE, _B.COUNT): _B.DATE,
    (_B.COUNT, _B.DATE): _B.DATE,
    (_B.DATE, _B.NUMBER): _B.DATE,
    (_B.NUMBER, _B.DATE): _B.DATE,
}
_DIFFERENCE: dict[tuple[Base, Base], Base] = {
    **{pair: base for pair, base in _SUM.items() if pair[1] is not _B.DATE and pair != (_B.POINTS, _B.RATE)},
    (_B.RATE, _B.RATE): _B.POINTS,
    (_B.DATE, _B.DATE): _B.COUNT,
}
# What may be scaled by a rate, a plain number, a count or a quantity, and stays what it is.
_PRODUCT: dict[tuple[Base, Base], Base] = {
    (_B.MONEY, _B.NUMBER): _B.MONEY,
    (_B.MONEY, _B.COUNT): _B.MONEY,
    (_B.MONEY, _B.QUANTITY): _B.MONEY,
    (_B.MONEY, _B.RATE): _B.MONEY,
    (_B.RATE, _B.RATE): _B.RATE,
    (_B.RATE, _B.NUMBER): _B.RATE,
    (_B.RATE, _B.COUNT): _B.RATE,
    (_B.POINTS, _B.RATE): _B.POINTS,
    (_B.POINTS, _B.NUMBER): _B.POINTS,
    (_B.POINTS, _B.COUNT): _B.POINTS,
    (_B.QUANTITY, _B.QUANTITY): _B.QUANTITY,
    (_B.QUANTITY, _B.RATE): _B.QUANTITY,
    (_B.QUANTITY, _B.NUMBER): _B.QUANTITY,
    (_B.QUANTITY, _B.COUNT): _B.QUANTITY,
    (_B.SCORE, _B.RATE): _B.SCORE,
    (_B.SCORE, _B.NUMBER): _B.SCORE,
    (_B.SCORE, _B.COUNT): _B.SCORE,
    (_B.COUNT, _B.COUNT): _B.COUNT,
    (_B.COUNT, _B.NUMBER): _B.NUMBER,
    (_B.NUMBER, _B.NUMBER): _B.NUMBER,
}
_QUOTIENT: dict[tuple[Base, Base], Base] = {
    **{(base, base): _B.RATE for base in _NUMERIC if base is not _B.NUMBER},
    (_B.MONEY, _B.NUMBER): _B.MONEY,
    (_B.MONEY, _B.COUNT): _B.MONEY,
    (_B.MONEY, _B.QUANTITY): _B.MONEY,
    (_B.MONEY, _B.RATE): _B.MONEY,
    (_B.RATE, _B.NUMBER): _B.RATE,
    (_B.RATE, _B.COUNT): _B.RATE,
    (_B.POINTS, _B.NUMBER): _B.POINTS,
    (_B.POINTS, _B.RATE): _B.POINTS,
    (_B.POINTS, _B.COUNT): _B.POINTS,
    (_B.QUANTITY, _B.NUMBER): _B.QUANTITY,
    (_B.QUANTITY, _B.COUNT): _B.QUANTITY,
    (_B.QUANTITY, _B.RATE): _B.QUANTITY,
    (_B.SCORE, _B.NUMBER): _B.SCORE,
    (_B.SCORE, _B.COUNT): _B.SCORE,
    (_B.SCORE, _B.RATE): _B.SCORE,
    (_B.COUNT, _B.NUMBER): _B.NUMBER,
    (_B.NUMBER, _B.COUNT): _B.NUMBER,
    (_B.NUMBER, _B.NUMBER): _B.NUMBER,
}


def _sum(left: Kind, right: Kind, base: Base) -> Kind:
    """The kind of a sum: the finer scale, a pair if either is one."""
    if left.ratio or right.ratio:
        return Kind(base, ratio=True)
    return Kind(base, max(left.scale, right.scale))


def _plain_offset(left: Kind, right: Kind) -> Kind | None:
    """A quotient of like things and a plain number: ``a / b - 1`` stays such a quotient."""
    pair = {left.base, right.base}
    if pair == {Base.RATE, Base.NUMBER} and (left.plain or right.plain):
        return _with_plain(_sum(left, right, Base.RATE))
    return None


def _with_plain(kind: Kind) -> Kind:
    return replace(kind, plain=True)


def add_kinds(left: Kind, right: Kind) -> Kind | None:
    """The kind of ``left + right``; ``None`` if they cannot be added."""
    base = _SUM.get((left.base, right.base))
    if base is Base.DATE:
        return _date_shift(left, right)
    return _sum(left, right, base) if base else _plain_offset(left, right)


def subtract_kinds(left: Kind, right: Kind) -> Kind | None:
    """The kind of ``left - right``; ``None`` if they cannot be subtracted."""
    base = _DIFFERENCE.get((left.base, right.base))
    if base is Base.DATE:
        return _date_shift(left, right)
    if base is Base.COUNT and left.base is Base.DATE:
        return COUNT
    return _sum(left, right, base) if base else _plain_offset(left, right)


def _date_shift(left: Kind, right: Kind) -> Kind | None:
    """A date moved by whole days; a fraction of a day is refused."""
    days = right if left.base is Base.DATE else left
    return DATE if days.scale == 0 and not days.ratio else None


def multiply_kinds(left: Kind, right: Kind) -> Kind | None:
    """The kind of ``left * right``; ``None`` if they cannot be multiplied."""
    base = _PRODUCT.get((left.base, right.base)) or _PRODUCT.get((right.base, left.base))
    if base is None:
        return None
    plain = base is Base.RATE and all(kind.plain or kind.base is not Base.RATE for kind in (left, right))
    if left.ratio or right.ratio:
        return Kind(base, ratio=True, plain=plain)
    return Kind(base, left.scale + right.scale, plain=plain)


def divide_kinds(left: Kind, right: Kind) -> Kind | None:
    """The kind of ``left / right``, always a pair; ``None`` if they cannot be divided."""
    base = _QUOTIENT.get((left.base, right.base))
    if base is None:
        return None
    like = left.base is right.base and left.base in {Base.COUNT, Base.QUANTITY, Base.SCORE, Base.RATE}
    keeps = left.base is Base.RATE and left.plain
    return Kind(base, ratio=True, plain=base is Base.RATE and (like or keeps))


def unify(left: Kind, right: Kind) -> Kind | None:
    """The kind that holds both, for ``? :``, lists and comparisons; ``None`` if there is none."""
    if left == right:
        return left
    if left.is_list and right.is_list:
        inner = unify(left.element, right.element) if left.element and right.element else None
        return list_of(inner) if inner and inner.base is not Base.SUBJECT else None
    if {left.base, right.base} == {Base.CODE, Base.TEXT}:
        return None
    if left.base is right.base:
        if not left.numeric:
            return left if left.subject == right.subject else None
        kind = _sum(left, right, left.base)
        return replace(kind, plain=left.plain and right.plain)
    pair = {left.base, right.base}
    if Base.NUMBER in pair:
        other = right if left.base is Base.NUMBER else left
        if other.base in _ADAPTS:
            return _sum(left, right, other.base)
        if other.base is Base.RATE and other.plain:
            return _with_plain(_sum(left, right, Base.RATE))
    return None


def comparable(left: Kind, right: Kind) -> bool:
    """True if the two may stand on the sides of ``==`` (for ``<`` they must be numbers or dates too)."""
    kind = unify(left, right)
    return kind is not None and kind.base not in COLLECTIVE
