"""How an indicator's target is reached, and how far a value is from it: exact, without rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.measures import is_date, reading_of
from rules_service.facts.missing import Absent, because
from rules_service.facts.quantity import Quantity
from rules_service.values.numbers import SCALE, Ratio, ratio

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["NUMERIC", "distance", "reached_by", "reached_share"]

Grades = tuple[tuple[str, str, int | None], ...]

NUMERIC = frozenset({"POSITIVE", "NEGATIVE", "EQUAL", "RANGE"})
"""The ways in which a number reaches a target."""

_BY_SIGN = {"GE": "POSITIVE", "GT": "POSITIVE", "LE": "NEGATIVE", "LT": "NEGATIVE", "EQ": "EQUAL"}


@computes(
    "indicator.reached_by",
    *("kind", "parsed:target_raw", "has:target_value", "operator", "has:target_upper", "polarity"),
    "qualitative_grades",
)
def reached_by(  # noqa: PLR0917 - one argument an input
    _context: FactContext,
    kind: str | None,
    read: Quantity | None,
    has_number: bool | None,
    operator: str | None,
    has_upper: bool | None,
    direction: str | None,
    grades: Grades | None,
) -> str | Absent:
    """By more (POSITIVE), by less (NEGATIVE), exactly (EQUAL), within a RANGE, by a DATE, a GRADE, or NONE.

    The direction decides; where it is not known, the sign of the target itself says how it is reached.
    NONE: words that no grade measures.
    """
    if kind != "QUALITATIVE" and not has_number:
        if read is None:
            return because("raw:target_raw")
        if is_date(read):
            return "DATE"
    if kind == "QUALITATIVE" or (
        kind is None and not has_number and read is not None and reading_of(read) == "NONE"
    ):
        if grades is None:
            return because("qualitative_grades")
        return "GRADE" if grades else "NONE"
    if operator == "RANGE" or has_upper or (read is not None and read.upper is not None):
        return "RANGE"
    if direction in NUMERIC:
        return direction
    sign = operator if operator not in {None, "NONE"} else read.operator if read is not None else ""
    found = _BY_SIGN.get(sign or "") or ("EQUAL" if direction == "NEUTRAL" else None)
    return found or because("polarity")


def reached_share(way: str, value: int, low: int, high: int, *, growing: bool) -> Ratio | None:
    """The share of a target that a value reaches, over 1 where it passes it; ``None`` for a target of 0.

    ``low`` and ``high`` are the target, which differ for a RANGE only.  ``growing``: the value still grows
    towards a target to be met exactly, so that falling short is a part of it and not a miss.
    """
    if way == "POSITIVE":
        if low > 0:
            return (value, low)
        return None if low == 0 else (int(value >= low), 1)
    if way == "NEGATIVE":
        return (1, 1) if value <= high else (max(high, 0), value) if value > 0 else (0, 1)
    if low <= value <= high:
        return (1, 1)
    return (value, low) if growing and 0 <= value < low else (0, 1)


def distance(way: str, value: Ratio, low: Ratio, high: Ratio) -> Ratio | None:
    """How far a value lies from what is wanted, over that: above 0 is better, ``None`` from 0."""
    if way == "NEGATIVE":
        return _over(high, value, high)
    if way == "POSITIVE":
        return _over(value, low, low)
    if value[0] * low[1] < low[0] * value[1]:
        return _over(value, low, low)
    if value[0] * high[1] > high[0] * value[1]:
        return _over(high, value, high)
    return (0, 1)


def exact(value: int) -> Ratio:
    """A fixed number as a ratio."""
    return (value, SCALE)


def _over(left: Ratio, right: Ratio, base: Ratio) -> Ratio | None:
    """(left − right) ÷ |base|; what is exactly as wanted is no distance away, even from 0."""
    difference = left[0] * right[1] - right[0] * left[1]
    if not difference:
        return (0, 1)
    return ratio(difference * base[1], left[1] * right[1] * abs(base[0]))
