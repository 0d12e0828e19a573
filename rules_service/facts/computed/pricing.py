"""Facts of cost items against expenditure standards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.facts.standards import NO_STANDARD, PricedItem, Standard
from rules_service.values.numbers import SCALE, Ratio
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = [
    "price_in_standard_unit",
    "standard",
    "standard_convertible",
    "standard_found",
    "standard_id",
    "standard_is_hard",
    "standard_limit",
]

Multipliers = tuple[tuple[str | None, int | None], ...]

_CHOICE = (
    "item_code",
    "has:item_code",
    "name",
    "spec",
    "place_code",
    "personnel_grade",
    "meeting_class",
    "season",
    "@rule_date",
)
_PRICE = ("unit_price_yuan", "price_unit", "has:price_unit", "multipliers")
_NO_STANDARD = Absent(MissingReason.NOT_SENT, "item.item_code")
_NOT_CONVERTIBLE = Absent(MissingReason.UNIT_MISMATCH, "item.price_unit")

Choice = tuple[
    str | None,
    bool | None,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    int | None,
]


@computes("item.standard", *_CHOICE)
def standard(context: FactContext, *choice: *Choice) -> Standard | Absent:
    """The standard that applies, ``NO_STANDARD`` where there is none; none to an item without a code."""
    code, has_code = choice[:2]
    if code is None and has_code is False:
        return NO_STANDARD
    wanted = _wanted(choice)
    if isinstance(wanted, Absent):
        return wanted
    found = context.standards.find(*wanted)
    return NO_STANDARD if found is None else found


@computes("item.standard_found", "standard")
def standard_found(_context: FactContext, found: Standard | None) -> bool | Absent:
    """Whether a standard applies."""
    return because("standard") if found is None else found is not NO_STANDARD


@computes("item.standard_id", "standard")
def standard_id(_context: FactContext, found: Standard | None) -> str | Absent:
    """The identifier of the standard, blank where there is none."""
    return because("standard") if found is None else found.standard_id


@computes("item.standard_limit", "standard")
def standard_limit(_context: FactContext, found: Standard | None) -> int | Absent:
    """The limit in yuan × 10¹² for the standard's unit; missing where there is no standard."""
    known = _known(found)
    return known if isinstance(known, Absent) else known.limit


@computes("item.standard_is_hard", "standard", *_CHOICE)
def standard_is_hard(context: FactContext, found: Standard | None, *choice: *Choice) -> bool | Absent:
    """Whether the limit is a cap that must be kept.

    False where there is no standard, and where none of those that could be chosen is a hard cap.
    """
    if found is not None:
        return found.is_hard
    wanted = _wanted(choice)
    if isinstance(wanted, Absent) or context.standards.may_bind(*wanted):
        return because("standard")
    return False


@computes("item.standard_convertible", "standard", "price_unit", "has:price_unit", "multipliers")
def standard_convertible(
    context: FactContext,
    found: Standard | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> bool | Absent:
    """Whether a price in the item's unit can be compared with the standard's; missing without a standard."""
    known = _known(found)
    if isinstance(known, Absent):
        return known
    price = _NOT_CONVERTIBLE if has_unit is False else _convert(context, known, SCALE, unit, multipliers)
    if isinstance(price, Absent):
        return False if price is _NOT_CONVERTIBLE else price
    return True


@computes("item.price_in_standard_unit", "standard", *_PRICE)
def price_in_standard_unit(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    found: Standard | None,
    price: int | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> int | Absent:
    """The unit price in the standard's unit, in yuan × 10¹²; UNIT_MISMATCH where it can't be converted.

    What twelve decimals can't hold (a price per year as one per month) is the next higher such number:
    it is above a limit exactly when the unrounded price is.
    """
    known = _known(found)
    if isinstance(known, Absent):
        return known
    if price is None:
        return because("unit_price_yuan")
    return _NOT_CONVERTIBLE if has_unit is False else _convert(context, known, price, unit, multipliers)


def _known(found: Standard | None) -> Standard | Absent:
    """The standard itself, or why there is none to compare with."""
    if found is None:
        return because("standard")
    return _NO_STANDARD if found is NO_STANDARD else found


def _wanted(choice: Choice) -> tuple[PricedItem, int] | Absent:
    """What a standard is looked for by, and on which day."""
    code, _, name, spec, place, grade, meeting_class, season, day = choice
    if code is None:
        return because("item_code")
    if day is None:
        return because("@rule_date")
    if name is None:
        return because("name")
    return PricedItem(code, name, spec or "", place, grade, meeting_class, season), day


def _convert(
    context: FactContext, known: Standard, price: int, unit: str | None, multipliers: Multipliers | None
) -> int | Absent:
    if unit is None:
        return because("price_unit")
    if multipliers is None:
        return because("multipliers")
    named: list[tuple[str, Ratio]] = []
    for position, (name, value) in enumerate(multipliers):
        if value is None:
            return Absent(MissingReason.NOT_SENT, "item.multipliers", f"[{position}].value")
        if name is None:
            return Absent(MissingReason.NOT_SENT, "item.multipliers", f"[{position}].name")
        named.append((name, (value, SCALE)))
    converted = context.units.convert_price((price, 1), unit, known.unit, named)
    return _NOT_CONVERTIBLE if converted is None else -(-converted[0] // converted[1])
