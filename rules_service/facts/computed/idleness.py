"""Facts of money that does not move: months without spending, idle allocations, a late start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.values.dates import full_months
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["idle_fen", "idle_months", "idle_since", "months_without_spending", "start_delay_months"]

DatedAmounts = tuple[tuple[int | None, int | None], ...]


@computes(
    "report.months_without_spending",
    *("spent_fen", "as_of", "fiscal_year_start", "original_budget_fen", "budget_changes"),
    *("project:duration_start", "project:has:duration_start"),
)
def months_without_spending(  # noqa: PLR0917 - one argument an input
    _context: FactContext,
    spent: int | None,
    day: int | None,
    first: int | None,
    original: int | None,
    changes: DatedAmounts | None,
    start: int | None,
    has_start: bool | None,
) -> int | Absent:
    """Full months of the year in which nothing was spent; 0 where something was.

    They begin with the year, with the project, or with the day on which it first had a budget.
    """
    if spent is None:
        return because("spent_fen")
    if spent:
        return 0
    for spec, known in (("as_of", day), ("fiscal_year_start", first), ("original_budget_fen", original)):
        if known is None:
            return because(spec)
    if start is None and has_start is not False:
        return because("project:duration_start")
    assert day is not None
    assert first is not None
    assert original is not None
    begun = max(first, start or first)
    if original <= 0:
        funded = _first_funded(original, changes)
        if isinstance(funded, Absent):
            return funded
        if funded is None:
            return 0
        begun = max(begun, funded)
    return full_months(begun, day + 1)


def _first_funded(original: int, changes: DatedAmounts | None) -> int | Absent | None:
    """The day from which there is a budget, ``None`` if there never is."""
    dated = _dated(changes, "budget_changes", ("effective_date", "delta_fen"))
    if isinstance(dated, Absent):
        return dated
    for day, delta in dated:
        original += delta
        if original > 0:
            return day
    return None


@computes("report.idle_since", "allocations", "spent_fen", "as_of")
def idle_since(
    _context: FactContext, allocations: DatedAmounts | None, spent: int | None, day: int | None
) -> int | Absent:
    """The day of the oldest allocation that is not all spent, if what came first is spent first."""
    found = _idle(allocations, spent, day)
    if isinstance(found, Absent):
        return found
    return found[0] if found[0] is not None else Absent(MissingReason.EMPTY_LIST, "report.allocations")


@computes("report.idle_months", "allocations", "spent_fen", "as_of")
def idle_months(
    _context: FactContext, allocations: DatedAmounts | None, spent: int | None, day: int | None
) -> int | Absent:
    """Full months for which the oldest unspent allocation has lain there; 0 where all is spent."""
    found = _idle(allocations, spent, day)
    if isinstance(found, Absent) or day is None:
        return found if isinstance(found, Absent) else because("as_of")
    return 0 if found[0] is None else full_months(found[0], day)


@computes("report.idle_fen", "allocations", "spent_fen", "as_of")
def idle_fen(
    _context: FactContext, allocations: DatedAmounts | None, spent: int | None, day: int | None
) -> int | Absent:
    """What was allocated by the as-of date and is not spent; 0 where all is."""
    found = _idle(allocations, spent, day)
    return found if isinstance(found, Absent) else found[1]


def _idle(
    allocations: DatedAmounts | None, spent: int | None, day: int | None
) -> tuple[int | None, int] | Absent:
    """Day of the oldest allocation not all spent, and all that is not; funds taken back count as spent."""
    dated = _dated(allocations, "allocations", ("date", "amount_fen"))
    if isinstance(dated, Absent):
        return dated
    if spent is None or day is None:
        return because("spent_fen" if spent is None else "as_of")
    arrived = [(at, amount) for at, amount in dated if at <= day]
    left = max(spent, 0) - sum(amount for _, amount in arrived if amount < 0)
    since, idle = None, 0
    for at, amount in arrived:
        if amount <= 0:
            continue
        used = min(left, amount)
        left -= used
        idle += amount - used
        if used < amount and since is None:
            since = at
    return since, idle


@computes("report.start_delay_months", "planned_start", "actual_start", "has:actual_start", "as_of")
def start_delay_months(
    _context: FactContext, planned: int | None, actual: int | None, has_actual: bool | None, day: int | None
) -> int | Absent:
    """Full months from the planned to the actual start; to the as-of date while it has not begun."""
    if planned is None:
        return because("planned_start")
    if has_actual is False:
        actual = day
    if actual is None:
        return because("as_of" if has_actual is False else "actual_start")
    return full_months(planned, actual)


def _dated(
    entries: DatedAmounts | None, name: str, fields: tuple[str, str]
) -> list[tuple[int, int]] | Absent:
    """Days and amounts in order; one without a day or an amount leaves all of them unknown."""
    if entries is None:
        return because(name)
    found = []
    for position, (day, amount) in enumerate(entries):
        if day is None or amount is None:
            field = fields[0] if day is None else fields[1]
            return Absent(MissingReason.NOT_SENT, f"report.{name}", f"[{position}].{field}")
        found.append((day, amount))
    return sorted(found)
