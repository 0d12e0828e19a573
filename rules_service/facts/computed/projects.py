"""Facts of the project as a whole: sums of its funding, open points of its evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["funding_total", "open_adjustments", "yearly_total"]

Amounts = tuple[tuple[int | None], ...]


@computes("project.yearly_total", "yearly_plan")
def yearly_total(_context: FactContext, plan: Amounts | None) -> int | Absent:
    """The sum of the yearly plan; missing if one year has no amount."""
    return _total(plan, "yearly_plan")


@computes("project.funding_total", "funding_sources")
def funding_total(_context: FactContext, sources: Amounts | None) -> int | Absent:
    """The sum of all sources of funds; missing if one has no amount."""
    return _total(sources, "funding_sources")


@computes("project.ex_ante.open_adjustments", "ex_ante.adjustments")
def open_adjustments(
    _context: FactContext, adjustments: tuple[tuple[bool | None], ...] | None
) -> int | Absent:
    """How many adjustments are not closed; one of unknown state leaves the number unknown."""
    if adjustments is None:
        return because("ex_ante.adjustments")
    for position, (closed,) in enumerate(adjustments):
        if closed is None:
            return Absent(MissingReason.NOT_SENT, "project.ex_ante.adjustments", f"[{position}].closed")
    return sum(not closed for (closed,) in adjustments)


def _total(entries: Amounts | None, name: str) -> int | Absent:
    if entries is None:
        return because(name)
    total = 0
    for position, (amount,) in enumerate(entries):
        if amount is None:
            return Absent(MissingReason.NOT_SENT, f"project.{name}", f"[{position}].amount_fen")
        total += amount
    return total
