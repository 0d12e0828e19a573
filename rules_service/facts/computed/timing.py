"""Facts of when: what an indicator's value says about time, and the days that a goal may speak of."""

from __future__ import annotations

from datetime import MAXYEAR
from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.measures import unit_text
from rules_service.facts.missing import Absent, because
from rules_service.facts.quantity import Quantity, resolve_date
from rules_service.facts.quantity_dates import QuantityDate
from rules_service.facts.text import normalise
from rules_service.values.dates import fiscal_year_end, fiscal_year_start
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["timing", "timing_end", "timing_start", "window_end", "window_start"]

Days = tuple[int, int]
_NO_TIME = Absent(MissingReason.NOT_SENT, "indicator.target_raw")
_NO_YEAR = because("project:fiscal_year")
_OF_DIMENSION = {"时间": "PERIOD", "日期": "PERIOD", "比率": "RATE"}
_WHOLE_YEAR = ((1, 1), (12, 31))
_DEADLINES = ("month", "part")


@computes("goal.window_start", "fiscal_year", "project:fiscal_year", "project:duration_start")
def window_start(
    _context: FactContext, year: int | None, budget_year: int | None, start: int | None
) -> int | Absent:
    """The first day that an annual goal may speak of: the project's first day, else that of the year."""
    if start is not None:
        return start
    found = year if year is not None else budget_year
    return fiscal_year_start(found) if found is not None and 1 <= found <= MAXYEAR else _NO_YEAR


@computes("goal.window_end", "fiscal_year", "project:fiscal_year", "project:duration_end")
def window_end(
    _context: FactContext, year: int | None, budget_year: int | None, end: int | None
) -> int | Absent:
    """The last day that an annual goal may speak of: of its year, or the project's if that is earlier."""
    found = year if year is not None else budget_year
    if found is None or not 1 <= found <= MAXYEAR:
        return _NO_YEAR
    last = fiscal_year_end(found)
    return last if end is None else min(last, end)


@computes(
    "indicator.timing",
    "parsed:target_raw",
    "raw:target_raw",
    "raw:unit_raw",
    "raw:unit_code",
    "has:target_value",
    "has:due_date",
)
def timing(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    read: Quantity | None,
    text: str | None,
    unit_raw: str | None,
    unit_code: str | None,
    filed: bool | None,
    has_due: bool | None,
) -> str | Absent:
    """DATE, YEAR, PERIOD, RATE, UNCLEAR (a number that may be any of them) or NONE.

    A due date filed beside the value is a date.  A number is a period or a rate by its unit, as filed or as
    printed; without a unit, or in an unknown one, it is unclear, and so is what can't be read.
    """
    if has_due:
        return "DATE"
    if read is None or text is None:
        return because("raw:target_raw")
    if read.status == "unparseable":
        return "UNCLEAR"
    dates = [part.date for part in read.all if part.date is not None]
    if dates:
        return "YEAR" if len(dates) == 1 and _is_year(dates[0]) else "DATE"
    unit = unit_text(unit_raw, unit_code)
    numbers = [part.unit for part in read.all if part.value is not None]
    found = {_by_unit(context, unit or printed) for printed in numbers or [""] if numbers or filed}
    for word in ("PERIOD", "RATE"):
        if word in found:
            return word
    if any(word in normalise(text) for word in context.timing_words):
        return "PERIOD"
    return "UNCLEAR" if "UNCLEAR" in found else "NONE"


@computes(
    "indicator.timing_start", "parsed:target_raw", "due_date", "goal:fiscal_year", "project:fiscal_year"
)
def timing_start(
    _context: FactContext, read: Quantity | None, due: int | None, year: int | None, budget_year: int | None
) -> int | Absent:
    """The first day that the value speaks of; a month or quarter alone is a deadline, its last day."""
    days = _days(read, due, year, budget_year)
    return days if isinstance(days, Absent) else days[0]


@computes("indicator.timing_end", "parsed:target_raw", "due_date", "goal:fiscal_year", "project:fiscal_year")
def timing_end(
    _context: FactContext, read: Quantity | None, due: int | None, year: int | None, budget_year: int | None
) -> int | Absent:
    """The last day that the value speaks of."""
    days = _days(read, due, year, budget_year)
    return days if isinstance(days, Absent) else days[1]


def _by_unit(context: FactContext, unit: str) -> str:
    if not unit:
        return "UNCLEAR"
    known = context.units.lookup(unit)
    return "UNCLEAR" if known is None else _OF_DIMENSION.get(known.dimension, "NONE")


def _days(read: Quantity | None, due: int | None, year: int | None, budget_year: int | None) -> Days | Absent:
    """First and last day of all dates in the text, or of the due date that was filed."""
    if due is not None:
        return (due, due)
    if read is None:
        return because("raw:target_raw")
    dates = [part for part in read.all if part.date is not None]
    if not dates:
        return _NO_TIME
    found = [resolve_date(part, year if year is not None else budget_year) for part in dates]
    known = [_deadline(part, days) for part, days in zip(dates, found, strict=True) if days is not None]
    if len(known) < len(dates):
        return (
            _NO_YEAR
            if year is None and budget_year is None
            else Absent(MissingReason.UNPARSEABLE, "indicator.target_raw")
        )
    return (min(first for first, _ in known), max(last for _, last in known))


def _deadline(part: Quantity, days: Days) -> Days:
    """A month or quarter is a deadline, its last day; what is printed as from … to … has both its ends."""
    return (days[1], days[1]) if part.date is not None and part.date.kind in _DEADLINES else days


def _is_year(found: QuantityDate) -> bool:
    """Whether no more is said than the year: 2023年, 全年."""
    return found.start[0] == found.end[0] and (found.start[1:], found.end[1:]) == _WHOLE_YEAR
