"""Facts of what one unit of an output costs by the linked cost items, beside the standard of unit cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rules_service.facts.computed.costing import linked_items
from rules_service.facts.computed.links import Links
from rules_service.facts.computed.pricing import found_by
from rules_service.facts.computed.registry import carried, computes
from rules_service.facts.measures import costing_unit
from rules_service.facts.missing import Absent, because
from rules_service.facts.quantity import Quantity
from rules_service.facts.standard_matching import Standard
from rules_service.facts.standards import NO_STANDARD, Aspect, Search, any_of
from rules_service.values.numbers import SCALE, Ratio, reduced
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = [
    "costed_amount",
    "unit_cost_benchmark",
    "unit_cost_deviation",
    "unit_cost_standard",
]

_NONE = Absent(MissingReason.NOT_SENT, "indicator.target_raw")
_FEN = 100


@computes("indicator.costed_amount", "@links", "indicator_id", unlinked=0)
def costed_amount(_context: FactContext, links: Links | None, identifier: str | None) -> int | Absent:
    """The sum of the linked items' amounts."""
    found = linked_items(links, identifier)
    if isinstance(found, Absent):
        return found
    total = 0
    for item in found:
        if item.amount is None:
            return Absent(of="item.amount_fen", indices=(item.place,))
        total += item.amount
    return total


@computes("indicator.unit_cost_standard", "@links", "indicator_id")
def unit_cost_standard(
    context: FactContext, links: Links | None, identifier: str | None
) -> Standard | Absent:
    """The one standard of unit cost among those of the linked items, ``NO_STANDARD`` where there is none.

    Linked items with different standards leave it uncertain which is meant.
    """
    items = linked_items(links, identifier)
    if isinstance(items, Absent):
        return items
    assert links is not None
    chosen = NO_STANDARD
    open_: Absent | None = None
    for item in items:
        where = (item.place,)
        search = links.read("item.standard", item.place)
        found = (
            found_by(context, search, Aspect.UNIT_COST, any_of)
            if isinstance(search, Search)
            else Absent(of="item.standard", indices=where)
        )
        if isinstance(found, Absent):
            blamed = found.of if found.of.startswith("item.") else f"item.{found.of}"
            open_ = open_ or replace(found, of=blamed, indices=where)
        elif found is not NO_STANDARD and chosen is not NO_STANDARD and found is not chosen:
            return Absent(MissingReason.STANDARD_UNCERTAIN, "item.item_code", indices=where)
        elif found is not NO_STANDARD:
            chosen = found
    return chosen if open_ is None else open_


carried("indicator.unit_cost_found", "unit_cost_standard", lambda found: found is not NO_STANDARD)
carried("indicator.unit_cost_unit", "unit_cost_standard", lambda found: found.unit)
carried("indicator.unit_cost_standard_id", "unit_cost_standard", lambda found: found.standard_id)


@computes("indicator.unit_cost_benchmark", "unit_cost_standard")
def unit_cost_benchmark(_context: FactContext, found: Standard | None) -> int | Absent:
    """The standard, × 10¹² of its unit."""
    known = _known(found)
    return known if isinstance(known, Absent) else known.limit


@computes(
    "indicator.unit_cost_deviation",
    *("unit_cost_standard", "costed_amount", "value"),
    *("parsed:target_raw", "target_value", "raw:unit_raw", "raw:unit_code"),
)
def unit_cost_deviation(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    found: Standard | None,
    amount: int | None,
    value: int | None,
    read: Quantity | None,
    filed: int | None,
    unit_raw: str | None,
    unit_code: str | None,
) -> Ratio | Absent:
    """How far the cost of one unit lies above the standard, as a share of it; DIV_ZERO for a value of 0."""
    known = _known(found)
    if isinstance(known, Absent):
        return known
    for name, number in (("costed_amount", amount), ("value", value)):
        if number is None:
            return because(name)
    assert amount is not None
    assert value is not None
    unit = costing_unit(read, filed, unit_raw, unit_code)
    if value <= 0 or not known.limit:
        return Absent(MissingReason.DIV_ZERO, "indicator.target_raw")
    cost = context.units.convert_price((amount * SCALE, _FEN * value), f"元/{unit}", known.unit)
    if cost is None:
        return Absent(MissingReason.UNIT_MISMATCH, "indicator.unit_raw")
    standard = cost[1] * known.limit
    return reduced((cost[0] * SCALE - standard, standard))


def _known(found: Standard | None) -> Standard | Absent:
    if found is None:
        return because("unit_cost_standard")
    return _NONE if found is NO_STANDARD else found
