"""Facts of cost items against expenditure standards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.facts.standards import PricedItem, Standard
from rules_service.values.numbers import SCALE, Ratio
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = [
    "price_in_standard_unit",
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


@computes("item.standard_found", *_CHOICE)
def standard_found(context: FactContext, *choice: *Choice) -> bool | Absent:
    """Whether a standard applies; not to an item without a code."""
    found = _find(context, choice)
    return found if isinstance(found, Absent) else found is not None


@computes("item.standard_id", *_CHOICE)
def standard_id(context: FactContext, *choice: *Choice) -> str | Absent:
    """The identifier of the standard, blank where there is none."""
    found = _find(context, choice)
    return found if isinstance(found, Absent) else found.standard_id if found is not None else ""


@computes("item.standard_limit", *_CHOICE)
def standard_limit(context: FactContext, *choice: *Choice) -> int | Absent:
    """The limit in yuan × 10¹² for the standard's unit; missing where there is no standard."""
    found = _found(context, choice)
    return found if isinstance(found, Absent) else found.limit


@computes("item.standard_is_hard", *_CHOICE)
def standard_is_hard(context: FactContext, *choice: *Choice) -> bool | Absent:
    """Whether the limit is a cap that must be kept.

    False where there is no standard, and where none of those that could be chosen is a hard cap.
    """
    found = _find(context, choice)
    if not isinstance(found, Absent):
        return found is not None and found.is_hard
    wanted = _wanted(choice)
    return found if isinstance(wanted, Absent) or context.standards.may_bind(*wanted) else False


@computes("item.standard_convertible", *_CHOICE, "price_unit", "has:price_unit", "multipliers")
def standard_convertible(context: FactContext, *inputs: Any) -> bool | Absent:
    """Whether a price in the item's unit can be compared with the standard's; missing without a standard."""
    unit, has_unit, multipliers = inputs[len(_CHOICE) :]
    found = _found(context, inputs[: len(_CHOICE)])
    if isinstance(found, Absent):
        return found
    price = _NOT_CONVERTIBLE if has_unit is False else _convert(context, found, SCALE, unit, multipliers)
    if isinstance(price, Absent):
        return False if price is _NOT_CONVERTIBLE else price
    return True


@computes("item.price_in_standard_unit", *_CHOICE, *_PRICE)
def price_in_standard_unit(context: FactContext, *inputs: Any) -> int | Absent:
    """The unit price in the standard's unit, in yuan × 10¹²; UNIT_MISMATCH where it can't be converted.

    What twelve decimals can't hold (a price per year as one per month) is the next higher such number:
    it is above a limit exactly when the unrounded price is.
    """
    price, unit, has_unit, multipliers = inputs[len(_CHOICE) :]
    found = _found(context, inputs[: len(_CHOICE)])
    if isinstance(found, Absent):
        return found
    if price is None:
        return because("unit_price_yuan")
    return _NOT_CONVERTIBLE if has_unit is False else _convert(context, found, price, unit, multipliers)


def _find(context: FactContext, choice: Choice) -> Standard | Absent | None:
    code, has_code = choice[:2]
    if code is None and has_code is False:
        return None
    wanted = _wanted(choice)
    return wanted if isinstance(wanted, Absent) else context.standards.find(*wanted)


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


def _found(context: FactContext, choice: Choice) -> Standard | Absent:
    found = _find(context, choice)
    return _NO_STANDARD if found is None else found


def _convert(
    context: FactContext, standard: Standard, price: int, unit: str | None, multipliers: Multipliers | None
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
    converted = context.units.convert_price((price, 1), unit, standard.unit, named)
    return _NOT_CONVERTIBLE if converted is None else -(-converted[0] // converted[1])
