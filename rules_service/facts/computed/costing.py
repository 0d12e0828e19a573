"""Facts of cost items and of their agreement with the indicators they are linked to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rules_service.facts.computed.links import LinkedItem, Links
from rules_service.facts.computed.registry import computes
from rules_service.facts.measures import costing_unit, scaled, unit_factor
from rules_service.facts.missing import Absent, because
from rules_service.facts.quantity import Quantity
from rules_service.values.numbers import SCALE
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = [
    "costed_each_equal",
    "costed_items",
    "costed_quantity",
    "is_detail",
    "linked_items",
    "multiplier_product",
]

Multipliers = tuple[tuple[str | None, int | None], ...]


@computes("item.is_detail", "filled:is_total")
def is_detail(_context: FactContext, is_total: bool | None) -> bool | Absent:
    """Not a total row; not filled in means a detail row."""
    return because("is_total") if is_total is None else not is_total


@computes("item.multiplier_product", "multipliers")
def multiplier_product(_context: FactContext, multipliers: Multipliers | None) -> int | Absent:
    """The product of all multipliers, 1 without any; UNPARSEABLE where it has more than 12 decimals."""
    if multipliers is None:
        return because("multipliers")
    product: int = SCALE
    for position, (_name, value) in enumerate(multipliers):
        if value is None:
            return Absent(MissingReason.NOT_SENT, "item.multipliers", f"[{position}].value")
        product, rest = divmod(product * value, SCALE)
        if rest:
            return Absent(MissingReason.UNPARSEABLE, "item.multipliers", f"[{position}].value")
    return product


@computes("indicator.costed_items", "@links", "indicator_id", unlinked=0)
def costed_items(_context: FactContext, links: Links | None, identifier: str | None) -> int | Absent:
    """How many detail items are linked to the indicator."""
    found = linked_items(links, identifier)
    return found if isinstance(found, Absent) else len(found)


@computes(
    "indicator.costed_quantity",
    *("@links", "indicator_id", "parsed:target_raw", "target_value", "raw:unit_raw", "raw:unit_code"),
    unlinked=0,
)
def costed_quantity(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    links: Links | None,
    identifier: str | None,
    read: Quantity | None,
    filed: int | None,
    unit_raw: str | None,
    unit_code: str | None,
) -> int | Absent:
    """The sum of the linked items' quantities in the indicator's unit, 0 without any."""
    total = 0
    quantities = _quantities(context, links, identifier, costing_unit(read, filed, unit_raw, unit_code))
    if isinstance(quantities, Absent):
        return quantities
    for quantity in quantities:
        if isinstance(quantity, Absent):
            return quantity
        total += quantity
    return total


@computes(
    "indicator.costed_each_equal",
    *("@links", "indicator_id", "parsed:target_raw", "target_value", "raw:unit_raw", "raw:unit_code"),
    "value",
    unlinked=True,
)
def costed_each_equal(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    links: Links | None,
    identifier: str | None,
    read: Quantity | None,
    filed: int | None,
    unit_raw: str | None,
    unit_code: str | None,
    value: int | None,
) -> bool | Absent:
    """Whether every linked item has the indicator's value as its quantity; one that surely hasn't decides."""
    quantities = _quantities(context, links, identifier, costing_unit(read, filed, unit_raw, unit_code))
    if isinstance(quantities, Absent):
        return quantities
    if not quantities:
        return True
    if value is None:
        return because("value")
    if any(not isinstance(quantity, Absent) and quantity != value for quantity in quantities):
        return False
    return next((quantity for quantity in quantities if isinstance(quantity, Absent)), True)


def linked_items(links: Links | None, identifier: str | None) -> Sequence[LinkedItem] | Absent:
    """The detail items linked to an indicator, or why they are not known."""
    if links is None:
        return because("@links")
    if links.blocked is not None:
        return links.blocked
    if links.none:
        return ()
    return because("indicator_id") if identifier is None else links.by_indicator.get(identifier, ())


def _quantities(
    context: FactContext, links: Links | None, identifier: str | None, unit: str
) -> list[int | Absent] | Absent:
    found = linked_items(links, identifier)
    if isinstance(found, Absent):
        return found
    if not found:
        return []
    assert links is not None
    assert identifier is not None
    quantities = links.quantities.get((identifier, unit))
    if quantities is None:
        quantities = [_quantity(context, links, item, unit) for item in found]
        links.quantities[identifier, unit] = quantities
    return quantities


def _quantity(context: FactContext, links: Links, item: LinkedItem, unit: str) -> int | Absent:
    """An item's quantity in the indicator's unit; a bare number is taken to be in that unit."""
    number = item.quantity
    if number is not None and links.holds_quantity and links.holds_unit and item.unit == unit:
        return number
    where = (item.place,)
    if number is None or not links.holds_quantity:
        return Absent(of="item.quantity", indices=where)
    if not links.holds_unit:
        return Absent(of="item.quantity_unit", indices=where)
    if item.unit and not unit:
        return Absent(MissingReason.UNIT_MISMATCH, "item.quantity_unit", indices=where)
    units = (item.unit, unit)
    if units not in links.factors:
        links.factors[units] = unit_factor(context, *units)
    converted = scaled(number, links.factors[units])
    if converted is None:
        return Absent(MissingReason.UNIT_MISMATCH, "item.quantity_unit", indices=where)
    return converted
