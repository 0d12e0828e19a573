"""Facts of cost items and of their agreement with the indicators they are linked to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.values.numbers import SCALE
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["is_detail", "multiplier_product"]

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
    product = SCALE
    for position, (_name, value) in enumerate(multipliers):
        if value is None:
            return Absent(MissingReason.NOT_SENT, "item.multipliers", f"[{position}].value")
        product, rest = divmod(product * value, SCALE)
        if rest:
            return Absent(MissingReason.UNPARSEABLE, "item.multipliers", f"[{position}].value")
    return product
