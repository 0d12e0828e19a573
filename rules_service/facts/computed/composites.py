"""Facts of cost items that are parts of a composite standard (住宿费, 伙食费 of a 综合定额)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.conversion import Multipliers, converted, units_paid
from rules_service.facts.computed.pricing import found_by
from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.facts.standard_matching import Standard
from rules_service.facts.standards import NO_STANDARD, Aspect, Search
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["part"]

_NO_PART = Absent(MissingReason.NOT_SENT, "item.item_code")


@computes("item.part", "standard")
def part(context: FactContext, search: Search | None) -> Standard | Absent:
    """The part of a composite that the item is, ``NO_STANDARD`` if it is none of a binding one."""
    return found_by(context, search, Aspect.PART)


@computes("item.is_part", "part")
def is_part(_context: FactContext, found: Standard | None) -> bool | Absent:
    """Whether the item is a part of a binding composite."""
    return because("part") if found is None else found is not NO_STANDARD


@computes("item.whole_id", "part")
def whole_id(_context: FactContext, found: Standard | None) -> str | Absent:
    """The identifier of the composite, blank without one."""
    if found is None:
        return because("part")
    return found.whole.standard_id if found.whole is not None else ""


@computes("item.whole_limit", "part")
def whole_limit(_context: FactContext, found: Standard | None) -> int | Absent:
    """The limit of the composite in yuan × 10¹² for its unit; missing without one."""
    if found is None:
        return because("part")
    return found.whole.limit if found.whole is not None else _NO_PART


@computes("item.part_price", "part", "unit_price_yuan", "price_unit", "has:price_unit", "multipliers")
def part_price(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    found: Standard | None,
    price: int | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> int | Absent:
    """The unit price of a part in the composite's unit, in yuan × 10¹²."""
    if found is None:
        return because("part")
    if found.whole is None:
        return _NO_PART
    return converted(context, found.whole.unit, price, unit, has_unit, multipliers)


@computes("item.part_units", "part", "quantity", "price_unit", "has:price_unit", "multipliers")
def part_units(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    found: Standard | None,
    quantity: int | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> int | Absent:
    """For how many of the composite's units (人天) a part is paid, × 10¹²."""
    if found is None:
        return because("part")
    if found.whole is None:
        return _NO_PART
    return units_paid(context, found.whole.unit, quantity, unit, has_unit, multipliers)


@computes("item.begins_group", "@seen", "is_detail", "is_part", "whole_id", "group_id")
def begins_group(
    _context: FactContext,
    seen: dict[tuple[str, ...], int],
    detail: bool | None,
    of_composite: bool | None,
    whole: str | None,
    group: str | None,
) -> bool | Absent:
    """Whether the item is the first part of its composite in its group; one without a group stands alone."""
    if detail is False or of_composite is False:
        return False
    for known, name in (
        (detail, "is_detail"),
        (of_composite, "is_part"),
        (whole, "whole_id"),
        (group, "group_id"),
    ):
        if known is None:
            return because(name)
    if not group:
        return True
    assert whole is not None
    seen[group, whole] = times = seen.get((group, whole), 0) + 1
    return times == 1
