"""Facts of the project as a whole: its duration, sums of its funding, open points of its evaluation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.values.dates import fiscal_year_start
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = [
    "duration_fiscal_years",
    "duration_known",
    "exemption_documented",
    "fiscal_year_start_of",
    "funding_total",
    "lacks_satisfaction_reason",
    "open_adjustments",
    "plans_several_years",
    "renewal_given",
    "yearly_total",
]

Amounts = tuple[tuple[int | None, ...], ...]


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


@computes("project.plans_several_years", "yearly_plan")
def plans_several_years(_context: FactContext, plan: Amounts | None) -> bool:
    """Whether a plan was sent that spends in more than one year; what was not sent plans nothing."""
    return len({year for amount, year in plan or () if amount and year}) > 1


@computes("project.duration_known", "duration_start", "duration_end")
def duration_known(_context: FactContext, start: int | None, end: int | None) -> bool:
    """Whether first and last day of the project were sent."""
    return start is not None and end is not None


@computes("project.duration_fiscal_years", "duration_start", "duration_end")
def duration_fiscal_years(_context: FactContext, start: int | None, end: int | None) -> int | Absent:
    """How many fiscal years the project touches, from its first to its last day."""
    if start is None or end is None:
        return because("duration_start" if start is None else "duration_end")
    return max(0, date.fromordinal(end).year - date.fromordinal(start).year + 1)


@computes("project.lacks_satisfaction_reason", "no_satisfaction_reason")
def lacks_satisfaction_reason(context: FactContext, text: str | None) -> bool | Absent:
    """Whether no reason for having no satisfaction indicator is given; a placeholder gives none."""
    return because("no_satisfaction_reason") if text is None else context.is_placeholder(text)


@computes("project.fiscal_year_start", "fiscal_year")
def fiscal_year_start_of(_context: FactContext, year: int | None) -> int | Absent:
    """The first day of the fiscal year."""
    if year is None:
        return because("fiscal_year")
    return fiscal_year_start(year) if 1 <= year <= 9999 else Absent(MissingReason.UNPARSEABLE, "fiscal_year")


@computes("project.renewal_given", "renewal_doc_no")
def renewal_given(context: FactContext, number: str | None) -> bool | Absent:
    """Whether a document of renewal is named: 无 and the like are none."""
    return because("renewal_doc_no") if number is None else not context.is_placeholder(number)


@computes("project.exempt.documented", "exempt.approval_no", "exempt.approver")
def exemption_documented(context: FactContext, number: str | None, approver: str | None) -> bool | Absent:
    """Whether both number and approver of an exemption are named: 无 and the like are none."""
    if any(text is not None and context.is_placeholder(text) for text in (number, approver)):
        return False
    if number is None:
        return because("exempt.approval_no")
    return because("exempt.approver") if approver is None else True


def _total(entries: Amounts | None, name: str) -> int | Absent:
    if entries is None:
        return because(name)
    total = 0
    for position, (amount, *_) in enumerate(entries):
        if amount is None:
            return Absent(MissingReason.NOT_SENT, f"project.{name}", f"[{position}].amount_fen")
        total += amount
    return total
