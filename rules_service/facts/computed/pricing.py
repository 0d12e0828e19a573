"""Facts of cost items against the price standards that apply to them: caps and references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.conversion import NOT_CONVERTIBLE, Multipliers, converted
from rules_service.facts.computed.registry import carried, computes
from rules_service.facts.missing import Absent, because
from rules_service.facts.standard_matching import PricedItem, Standard
from rules_service.facts.standards import (
    AMBIGUOUS,
    NO_STANDARD,
    STALE,
    Aspect,
    Search,
    Wanted,
    any_of,
    hard,
    reference,
)
from rules_service.values.dates import fiscal_year_start
from rules_service.values.numbers import SCALE
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["cap", "found_by", "guide", "named", "standard"]

_PRICE = ("unit_price_yuan", "price_unit", "has:price_unit", "multipliers")
_UNPRICED = Absent(MissingReason.NOT_SENT, "item.item_code")


@computes(
    "item.standard",
    *("item_code", "has:item_code", "name", "spec", "place_code", "personnel_grade", "meeting_class"),
    *("season", "@rule_date", "project:fiscal_year"),
)
def standard(  # noqa: PLR0917 - one argument an input
    _context: FactContext,
    code: str | None,
    has_code: bool | None,
    name: str | None,
    spec: str | None,
    place: str | None,
    grade: str | None,
    meeting_class: str | None,
    season: str | None,
    day: int | None,
    year: int | None,
) -> Search | Absent:
    """What the item's standards are looked for by."""
    if code is None:
        return Search(None) if has_code is False else because("item_code")
    if day is None:
        return because("@rule_date")
    if name is None:
        return because("name")
    item = PricedItem(code, name, spec or "", place, grade, meeting_class, season)
    return Search(item, day, fiscal_year_start(year) if year is not None and 1 <= year <= 9999 else None)


def found_by(
    context: FactContext, search: Search | None, aspect: Aspect, wanted: Wanted = hard
) -> Standard | Absent:
    """The standard of an aspect, of those wanted; ``NO_STANDARD`` where there is none."""
    if search is None:
        return because("standard")
    found = context.standards.find(aspect, search, wanted)
    return NO_STANDARD if found is None else found


def named(prefix: str, of: str) -> None:
    """Register whether there is a standard that the fact ``of`` gives, and its identifier (blank without)."""
    carried(f"{prefix}_found", of, lambda found: found is not NO_STANDARD)
    carried(f"{prefix}_id", of, lambda found: found.standard_id)


@computes("item.standard_found", "standard")
def standard_found(context: FactContext, search: Search | None) -> bool | Absent:
    """Whether some price standard applies, hard or not, or the item is a part of a composite."""
    found = [found_by(context, search, Aspect.PRICE, wanted) for wanted in (hard, reference)]
    found.append(found_by(context, search, Aspect.PART, any_of))
    if any(isinstance(one, Standard) and one is not NO_STANDARD for one in found):
        return True
    return next((one for one in found if isinstance(one, Absent)), False)


@computes("item.standard_state", "standard")
def standard_state(context: FactContext, search: Search | None) -> str | Absent:
    """AMBIGUOUS or STALE where a standard of some aspect is; else FOUND or NONE."""
    hard_aspects = (Aspect.PRICE, Aspect.PART, Aspect.QUANTITY, Aspect.SERVICE)
    found = [found_by(context, search, aspect) for aspect in hard_aspects]
    found.append(found_by(context, search, Aspect.PRICE, reference))
    for one, state in ((AMBIGUOUS, "AMBIGUOUS"), (STALE, "STALE")):
        if any(each is one for each in found):
            return state
    if any(isinstance(one, Standard) and one is not NO_STANDARD for one in found):
        return "FOUND"
    return next((one for one in found if isinstance(one, Absent)), "NONE")


@computes("item.cap", "standard")
def cap(context: FactContext, search: Search | None) -> Standard | Absent:
    """The hard limit of the price, ``NO_STANDARD`` without one."""
    return found_by(context, search, Aspect.PRICE)


named("item.cap", "cap")


@computes("item.cap_limit", "cap")
def cap_limit(_context: FactContext, found: Standard | None) -> int | Absent:
    """The hard limit in yuan × 10¹² for its unit; missing without one."""
    known = _known(found, "cap")
    return known if isinstance(known, Absent) else known.limit


@computes("item.cap_convertible", "cap", "price_unit", "has:price_unit", "multipliers")
def cap_convertible(
    context: FactContext,
    found: Standard | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> bool | Absent:
    """Whether a price in the item's unit can be compared with the hard limit; missing without one."""
    known = _known(found, "cap")
    if isinstance(known, Absent):
        return known
    price = converted(context, known.unit, SCALE, unit, has_unit, multipliers)
    if isinstance(price, Absent):
        return False if price is NOT_CONVERTIBLE else price
    return True


@computes("item.price_in_cap_unit", "cap", *_PRICE)
def price_in_cap_unit(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    found: Standard | None,
    price: int | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> int | Absent:
    """The unit price in the hard limit's unit, in yuan × 10¹²."""
    known = _known(found, "cap")
    if isinstance(known, Absent):
        return known
    return converted(context, known.unit, price, unit, has_unit, multipliers)


@computes("item.guide", "standard", "cap")
def guide(context: FactContext, search: Search | None, found_cap: Standard | None) -> Standard | Absent:
    """The reference for the price, ``NO_STANDARD`` without one.

    A reference that is no more specific than the hard limit says nothing beside it: a place that has a
    limit of its own does not ask what others allow.
    """
    if found_cap is None:
        return because("cap")
    found = found_by(context, search, Aspect.PRICE, reference)
    if isinstance(found, Absent) or found is NO_STANDARD or found_cap is NO_STANDARD:
        return found
    assert search is not None
    assert search.item is not None
    table = context.standards
    return found if table.rank(found, search.item) > table.rank(found_cap, search.item) else NO_STANDARD


named("item.guide", "guide")


# A reference that is sample data, from memory, says so.
carried("item.guide_is_sample", "guide", lambda found: found is not NO_STANDARD and found.row.is_sample)


@computes("item.guide_limit", "guide")
def guide_limit(_context: FactContext, found: Standard | None) -> int | Absent:
    """The reference in yuan × 10¹² for its unit; missing without one."""
    known = _known(found, "guide")
    return known if isinstance(known, Absent) else known.limit


@computes("item.price_in_guide_unit", "guide", *_PRICE)
def price_in_guide_unit(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    found: Standard | None,
    price: int | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> int | Absent:
    """The unit price in the reference's unit, in yuan × 10¹²."""
    known = _known(found, "guide")
    if isinstance(known, Absent):
        return known
    return converted(context, known.unit, price, unit, has_unit, multipliers)


def _known(found: Standard | None, name: str) -> Standard | Absent:
    """The standard itself, or why there is none to compare with."""
    if found is None:
        return because(name)
    return _UNPRICED if found is NO_STANDARD else found
