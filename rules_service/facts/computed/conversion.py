"""Prices of cost items in the unit of a standard, and how many of its units a line pays for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.missing import Absent, because
from rules_service.values.numbers import SCALE, Ratio
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["NOT_CONVERTIBLE", "Multipliers", "converted", "multiplier", "units_paid"]

Multipliers = tuple[tuple[str | None, int | None], ...]

NOT_CONVERTIBLE = Absent(MissingReason.UNIT_MISMATCH, "item.price_unit")


def converted(  # noqa: PLR0917 - one argument a field
    context: FactContext,
    target: str,
    price: int | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> int | Absent:
    """A unit price (yuan × 10¹²) as one per ``target``; ``NOT_CONVERTIBLE`` where it can't be.

    What twelve decimals can't hold (a price per year as one per month) is the next higher such number:
    it is above a limit exactly when the unrounded price is.
    """
    if price is None:
        return because("unit_price_yuan")
    if has_unit is False:
        return NOT_CONVERTIBLE
    factor = _factor(context, target, unit, multipliers)
    return factor if isinstance(factor, Absent) else -(-price * factor[0] // factor[1])


def units_paid(  # noqa: PLR0917 - one argument a field
    context: FactContext,
    target: str,
    quantity: int | None,
    unit: str | None,
    has_unit: bool | None,
    multipliers: Multipliers | None,
) -> int | Absent:
    """How many of the units below the line of ``target`` (人天 of 元/人天) a line pays for, × 10¹².

    Its amount is quantity × price × multipliers, so that is the amount over the price per such unit.
    """
    if quantity is None:
        return because("quantity")
    if has_unit is False:
        return NOT_CONVERTIBLE
    factor = _factor(context, target, unit, multipliers)
    if isinstance(factor, Absent):
        return factor
    assert unit is not None
    assert multipliers is not None
    money = context.units.money_factor(unit, target)
    above, below = quantity * money[0] * factor[1], money[1] * factor[0]
    for _, value in multipliers:
        assert value is not None
        above, below = above * value, below * SCALE
    units, rest = divmod(above, below) if below else (0, 1)
    return NOT_CONVERTIBLE if rest else units


def multiplier(context: FactContext, multipliers: Multipliers, unit: str) -> int | None:
    """The multiplier of a line that counts ``unit`` (天), × 10¹²; ``None`` if it has none, or several."""
    found = [
        value
        for name, value in multipliers
        if name is not None and context.units.code(name) == unit and value is not None
    ]
    return found[0] if len(found) == 1 else None


def _factor(
    context: FactContext, target: str, unit: str | None, multipliers: Multipliers | None
) -> Ratio | Absent:
    """What a price of a line is multiplied by to be one per ``target``."""
    if unit is None:
        return because("price_unit")
    if multipliers is None:
        return because("multipliers")
    counted: list[tuple[str, Ratio]] = []
    for position, (name, value) in enumerate(multipliers):
        if value is None:
            return Absent(MissingReason.NOT_SENT, "item.multipliers", f"[{position}].value")
        if name is None:
            return Absent(MissingReason.NOT_SENT, "item.multipliers", f"[{position}].name")
        counted.append((name, (value, SCALE)))
    factor = context.units.convert_price((1, 1), unit, target, counted)
    return NOT_CONVERTIBLE if factor is None else factor
