"""Facts of a monitoring report: the budget in force at the as-of date, spending, schedule, allocation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.values.dates import day_schedule, month_schedule, project_schedule
from rules_service.values.dates import fiscal_year_start as first_of_year
from rules_service.values.numbers import Ratio, ratio
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = [
    "allocated_fen",
    "allocation_rate",
    "as_of",
    "budget_asof",
    "evaluated_on",
    "fiscal_year_start",
    "planned_spend_rate",
    "schedule_rate",
    "spend_rate",
]

DatedAmounts = tuple[tuple[int | None, int | None], ...]


@computes("report.as_of", "@as_of")
def as_of(_context: FactContext, day: int | None) -> int | Absent:
    """The report's as-of date, else the one of the request's context."""
    return day if day is not None else because("@as_of")


@computes("report.budget_asof", "original_budget_fen", "budget_changes", "carry_in_fen", "as_of")
def budget_asof(
    context: FactContext,
    original: int | None,
    changes: DatedAmounts | None,
    carry_in: int | None,
    day: int | None,
) -> int | Absent:
    """Original budget plus the changes in force by the as-of date, plus what was carried in if so set.

    A change without a date or an amount leaves the budget unknown.
    """
    if original is None:
        return because("original_budget_fen")
    total = original
    changed = _sum_by(changes, day, "budget_changes", ("effective_date", "delta_fen"))
    if isinstance(changed, Absent):
        return changed
    total += changed
    if context.include_carry_in:
        if carry_in is None:
            return because("carry_in_fen")
        total += carry_in
    return total


@computes("report.spend_rate", "spent_fen", "budget_asof")
def spend_rate(_context: FactContext, spent: int | None, budget: int | None) -> Ratio | Absent:
    """Cumulative spending over the budget in force; DIV_ZERO for a budget of 0."""
    return _rate(spent, "spent_fen", budget)


@computes(
    "report.schedule_rate",
    *("@as_of", "project:fiscal_year", "project:duration_start", "project:has:duration_start"),
    *("project:duration_end", "project:has:duration_end"),
)
def schedule_rate(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    day: int | None,
    year: int | None,
    start: int | None,
    has_start: bool | None,
    end: int | None,
    has_end: bool | None,
) -> Ratio | Absent:
    """Elapsed share of the fiscal year in months or days, or of the project's own months in it."""
    if day is None:
        return because("@as_of")
    if year is None:
        return because("project:fiscal_year")
    if not 1 <= year <= 9999:
        return Absent(MissingReason.UNPARSEABLE, "project:fiscal_year")
    if context.schedule_mode == "PROJECT_MONTHS":
        for name, known, held in (("duration_start", start, has_start), ("duration_end", end, has_end)):
            if known is None and held is not False:
                return because(f"project:{name}")
        return project_schedule(day, year, start, end)
    return day_schedule(day, year) if context.schedule_mode == "DAY" else month_schedule(day, year)


@computes("report.planned_spend_rate", "spend_plan", "as_of", "budget_asof")
def planned_spend_rate(
    _context: FactContext, plan: DatedAmounts | None, day: int | None, budget: int | None
) -> Ratio | Absent:
    """What the unit itself planned to have spent by the as-of date, over the budget in force.

    The last point of the plan counts until the next; before the first nothing is planned. A plan without
    points plans nothing and says nothing: NOT_SENT.
    """
    if plan is None:
        return because("spend_plan")
    if not plan:
        return Absent(MissingReason.NOT_SENT, "report.spend_plan")
    planned, latest = 0, 0
    for position, (at, amount) in enumerate(plan):
        if at is None or amount is None:
            field = "as_of" if at is None else "amount_fen"
            return Absent(MissingReason.NOT_SENT, "report.spend_plan", f"[{position}].{field}")
        if day is None:
            return because("as_of")
        if latest <= at <= day:
            planned, latest = amount, at
    return _rate(planned, "spend_plan", budget)


@computes("report.evaluated_on", "@evaluated_on")
def evaluated_on(_context: FactContext, day: int | None) -> int | Absent:
    """The day of the answer, which decides what is overdue."""
    return because("@evaluated_on") if day is None else day


@computes("report.fiscal_year_start", "project:fiscal_year")
def fiscal_year_start(_context: FactContext, year: int | None) -> int | Absent:
    """1 January of the fiscal year."""
    if year is None:
        return because("project:fiscal_year")
    if not 1 <= year <= 9999:
        return Absent(MissingReason.UNPARSEABLE, "project:fiscal_year")
    return first_of_year(year)


@computes("report.allocated_fen", "allocations", "as_of")
def allocated_fen(_context: FactContext, allocations: DatedAmounts | None, day: int | None) -> int | Absent:
    """What was allocated by the as-of date; one allocation without date or amount leaves it unknown."""
    return _sum_by(allocations, day, "allocations", ("date", "amount_fen"))


@computes("report.allocation_rate", "allocated_fen", "budget_asof")
def allocation_rate(_context: FactContext, allocated: int | None, budget: int | None) -> Ratio | Absent:
    """Allocated funds over the budget in force."""
    return _rate(allocated, "allocated_fen", budget)


def _rate(part: int | None, name: str, budget: int | None) -> Ratio | Absent:
    if part is None:
        return because(name)
    if budget is None:
        return because("budget_asof")
    return ratio(part, budget) or Absent(MissingReason.DIV_ZERO)


def _sum_by(
    entries: DatedAmounts | None, day: int | None, name: str, fields: tuple[str, str]
) -> int | Absent:
    """The sum of the amounts dated on or before ``day``."""
    if entries is None:
        return because(name)
    total = 0
    for position, entry in enumerate(entries):
        for value, field in zip(entry, fields, strict=True):
            if value is None:
                return Absent(MissingReason.NOT_SENT, f"report.{name}", f"[{position}].{field}")
        date, amount = entry
        if day is None:
            return because("as_of")
        assert date is not None
        assert amount is not None
        if date <= day:
            total += amount
    return total
