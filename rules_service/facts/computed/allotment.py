"""Facts of cost items against how many things may be held, and how long they must serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.pricing import found_by, named
from rules_service.facts.computed.registry import carried, computes
from rules_service.facts.missing import Absent, because
from rules_service.facts.standard_matching import Standard
from rules_service.facts.standards import Aspect, Search
from rules_service.values.dates import add_months
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["allotment", "service_standard"]

_HEADS = ("project:headcount_approved", "project:headcount_actual", "project:office_count")
_APPROVED, _ACTUAL, _OFFICES = _HEADS


@computes("item.allotment", "standard")
def allotment(context: FactContext, search: Search | None) -> Standard | Absent:
    """The standard that says how many may be held, ``NO_STANDARD`` without a binding one."""
    return found_by(context, search, Aspect.QUANTITY)


named("item.allotment", "allotment")


# What the document says of the number, blank without one.
carried("item.allotment_text", "allotment", lambda found: found.row.qty_rule)


@computes("item.more_in_special_cases", "allotment")
def more_in_special_cases(_context: FactContext, found: Standard | None) -> bool | Absent:
    """Whether the document allows more in special cases, without saying how many."""
    if found is None:
        return because("allotment")
    return found.row.quantity is not None and found.row.quantity.is_open


@computes("item.counted_quantity", "allotment", "quantity", "quantity_unit", "has:quantity_unit")
def counted_quantity(
    context: FactContext,
    found: Standard | None,
    quantity: int | None,
    unit: str | None,
    has_unit: bool | None,
) -> int | Absent:
    """The quantity in the things that the standard counts; a bare number is taken to be of them."""
    if found is None:
        return because("allotment")
    if quantity is None:
        return because("quantity")
    if unit is None:
        return quantity if has_unit is False else because("quantity_unit")
    if context.units.is_priced_by(unit, found.unit):
        return quantity
    return Absent(MissingReason.UNIT_MISMATCH, "item.quantity_unit")


@computes("item.allotted", "allotment", *_HEADS)
def allotted(
    _context: FactContext,
    found: Standard | None,
    approved: int | None,
    actual: int | None,
    offices: int | None,
) -> int | Absent:
    """How many may be held, × 10¹²; missing without a binding standard, or without the number of heads."""
    heads = _heads(found, approved, actual, offices)
    if isinstance(heads, Absent):
        return heads
    assert found is not None
    assert found.row.quantity is not None
    return found.row.quantity.limit(heads)


@computes("item.allotted_specially", "allotment", *_HEADS)
def allotted_specially(
    _context: FactContext,
    found: Standard | None,
    approved: int | None,
    actual: int | None,
    offices: int | None,
) -> int | Absent:
    """How many may be held in special cases, × 10¹²; as many as otherwise where nothing is said of them."""
    heads = _heads(found, approved, actual, offices)
    if isinstance(heads, Absent):
        return heads
    assert found is not None
    assert found.row.quantity is not None
    return found.row.quantity.special(heads)


def _heads(
    found: Standard | None, approved: int | None, actual: int | None, offices: int | None
) -> int | Absent:
    """How many heads the standard counts."""
    if found is None:
        return because("allotment")
    if found.row.quantity is None:
        return Absent(MissingReason.NOT_SENT, "item.item_code")
    counted = {
        "编制": ((approved, _APPROVED),),
        "实有": ((actual, _ACTUAL),),
        "编制内实有": ((approved, _APPROVED), (actual, _ACTUAL)),
        "处室": ((offices, _OFFICES),),
    }[found.row.quantity.per]
    numbers: list[int] = []
    for number, name in counted:
        if number is None:
            return because(name)
        numbers.append(number)
    return max(min(numbers), 0)


@computes("item.service_standard", "standard")
def service_standard(context: FactContext, search: Search | None) -> Standard | Absent:
    """The standard that says how long a thing must serve, ``NO_STANDARD`` without a binding one."""
    return found_by(context, search, Aspect.SERVICE)


named("item.service", "service_standard")


@computes("item.service_years", "service_standard")
def service_years(_context: FactContext, found: Standard | None) -> int | Absent:
    """How many years a thing must serve; missing without a binding standard."""
    if found is None:
        return because("service_standard")
    years = found.row.min_service_years
    return Absent(MissingReason.NOT_SENT, "item.item_code") if years is None else years


@computes("item.replaceable_from", "service_standard", "service_years", "replacement.in_service_date")
def replaceable_from(
    _context: FactContext, found: Standard | None, years: int | None, start: int | None
) -> int | Absent:
    """The first day on which the old thing may be replaced.

    N years after a day is the same day of the year, or the month's last (29 February): reaching N years is
    that day, exceeding them the day after.
    """
    if found is None or years is None:
        return because("service_years")
    if start is None:
        return because("replacement.in_service_date")
    reached = add_months(start, 12 * years)
    return reached + 1 if found.row.service_operator == "GT" else reached
