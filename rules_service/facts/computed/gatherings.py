"""Facts of cost items against limits on days and persons, and on prices that fall with the days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.conversion import Multipliers, multiplier
from rules_service.facts.computed.pricing import found_by
from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.facts.standard_matching import Standard
from rules_service.facts.standards import NO_STANDARD, Aspect, Search
from rules_service.values.numbers import SCALE
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["days", "tiers"]

_DAY, _PERSON = "天", "人"
_SESSION = "会期"
_STATED_DAYS = ("quantity", "quantity_unit", "has:quantity_unit", "multipliers")


@computes("item.days", *_STATED_DAYS)
def days(
    context: FactContext,
    quantity: int | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> int | Absent:
    """How many days the line says, as a multiplier (天, 会期) or as its quantity, × 10¹²."""
    return _stated(context, _DAY, quantity, unit, has_unit, multipliers)


@computes("item.days_stated", *_STATED_DAYS)
def days_stated(
    context: FactContext,
    quantity: int | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> bool | Absent:
    """Whether the line says its days; missing only where it may, but cannot be read."""
    if multipliers is None:
        return because("multipliers")
    return isinstance(_stated(context, _DAY, quantity, unit, has_unit, multipliers), int)


@computes("item.days_are_session", "multipliers")
def days_are_session(_context: FactContext, multipliers: Multipliers | None) -> bool | Absent:
    """Whether the days are said to be those of the session (会期), without arriving and leaving."""
    if multipliers is None:
        return because("multipliers")
    return any(name == _SESSION for name, _ in multipliers)


@computes("item.persons", "days", *_STATED_DAYS)
def persons(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    stated_days: int | None,
    quantity: int | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> int | Absent:
    """How many persons the line says: its quantity, a multiplier, or person-days over days, × 10¹²."""
    found = _stated(context, _PERSON, quantity, unit, has_unit, multipliers)
    if isinstance(found, int) or not stated_days or quantity is None or unit is None:
        return found
    if context.units.code(unit) == context.units.code("人天"):
        return -(-quantity * SCALE // stated_days)  # a part of a person is above every whole number
    return found


@computes("item.persons_stated", "persons", "multipliers")
def persons_stated(
    _context: FactContext, found: int | None, multipliers: Multipliers | None
) -> bool | Absent:
    """Whether the line says its persons; missing only where it may, but cannot be read."""
    return because("multipliers") if multipliers is None else found is not None


def _stated(  # noqa: PLR0917 - one argument a field
    context: FactContext,
    wanted: str,
    quantity: int | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> int | Absent:
    if multipliers is None:
        return because("multipliers")
    found = multiplier(context, multipliers, wanted)
    if found is not None:
        return found
    if unit is None:
        return because("quantity_unit") if has_unit is None else Absent(MissingReason.NOT_SENT)
    if context.units.code(unit) != wanted:
        return Absent(MissingReason.NOT_SENT)
    return because("quantity") if quantity is None else quantity


@computes("item.days_limit_id", "standard")
def days_limit_id(context: FactContext, search: Search | None) -> str | Absent:
    """The binding standard that limits the days, blank without one."""
    found = found_by(context, search, Aspect.DAYS)
    return found if isinstance(found, Absent) else found.standard_id


@computes("item.days_limit", "standard")
def days_limit(context: FactContext, search: Search | None) -> int | Absent:
    """How many days it allows, × 10¹²; missing without one."""
    return _value(found_by(context, search, Aspect.DAYS))


@computes("item.headcount_limit_id", "standard")
def headcount_limit_id(context: FactContext, search: Search | None) -> str | Absent:
    """The binding standard that limits the persons, blank without one."""
    found = found_by(context, search, Aspect.HEADCOUNT)
    return found if isinstance(found, Absent) else found.standard_id


@computes("item.headcount_limit", "standard")
def headcount_limit(context: FactContext, search: Search | None) -> int | Absent:
    """How many persons it allows, × 10¹²; missing without one."""
    return _value(found_by(context, search, Aspect.HEADCOUNT))


def _value(found: Standard | Absent) -> int | Absent:
    if isinstance(found, Absent):
        return found
    return Absent(MissingReason.NOT_SENT, "item.item_code") if found.row.value is None else found.row.value


@computes("item.tiers", "standard")
def tiers(context: FactContext, search: Search | None) -> tuple[Standard, ...] | Absent:
    """The factors on what lies above certain numbers of days, from the lowest up."""
    if search is None:
        return because("standard")
    found = context.standards.tiers(search)
    if isinstance(found, Absent):
        return found
    return tuple(each for each in found if context.units.code(each.row.tier_unit) == _DAY)


@computes("item.in_tier", "tiers", "cap", "days_stated", "days")
def in_tier(
    _context: FactContext,
    found: tuple[Standard, ...] | None,
    price_cap: Standard | None,
    stated: bool | None,
    stated_days: int | None,
) -> bool | Absent:
    """Whether the line says more days than those for which the full hard limit holds."""
    if not found:
        return because("tiers") if found is None else False
    if price_cap is NO_STANDARD or stated is False:
        return False
    if price_cap is None:
        return because("cap")
    if stated_days is None:
        return because("days")
    return stated_days > (found[0].row.tier_above or 0)


@computes("item.weighted_days", "tiers", "days")
def weighted_days(
    _context: FactContext, found: tuple[Standard, ...] | None, stated_days: int | None
) -> int | Absent:
    """The days, those above each number by its factor, × 10¹²: 40 days with 70 % above 30 are 37."""
    if found is None:
        return because("tiers")
    if stated_days is None:
        return because("days")
    total, end = 0, stated_days
    for each in reversed(found):
        above, factor = each.row.tier_above or 0, each.row.value or 0
        if end > above:
            part, rest = divmod((end - above) * factor, SCALE)
            if rest:
                return Absent(MissingReason.UNPARSEABLE, "item.multipliers")
            total += part
            end = above
    return total + end


@computes("item.tier_id", "tiers")
def tier_id(_context: FactContext, found: tuple[Standard, ...] | None) -> str | Absent:
    """The standards of the factors, blank without any."""
    return because("tiers") if found is None else "、".join(each.standard_id for each in found)


@computes("item.tier_is_hard", "tiers")
def tier_is_hard(_context: FactContext, found: tuple[Standard, ...] | None) -> bool | Absent:
    """Whether all factors are established well enough to be hard."""
    return because("tiers") if found is None else all(each.is_hard for each in found)
