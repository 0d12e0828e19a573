"""The few functions that generated code may call."""

from __future__ import annotations

from rules_service.values.calendar import WorkCalendar
from rules_service.values.dates import add_months
from rules_service.values.numbers import ratio_add, ratio_compare, ratio_div, ratio_mul, ratio_sub
from rules_service.values.tables import at_point, point_reached

__all__ = ["GLOBALS", "in_calendar", "months_after", "working_days_after"]


def months_after(day: int, months: int) -> int | None:
    """The same day ``months`` later, clipped to the month's end; ``None`` outside the years 1 to 9999."""
    try:
        return add_months(day, months)
    except (ValueError, OverflowError):
        return None


def working_days_after(calendar: WorkCalendar, day: int, count: int) -> int | None:
    """The last of ``count`` working days after a day; ``None`` for numbers that no deadline has."""
    return calendar.after(day, count)


def in_calendar(calendar: WorkCalendar, day: int) -> bool:
    """Whether the holidays of a day's year are known."""
    return calendar.covers(day)


GLOBALS: dict[str, object] = {
    "__builtins__": {},
    "abs": abs,
    "at_point": at_point,
    "bool": bool,
    "enumerate": enumerate,
    "in_calendar": in_calendar,
    "len": len,
    "months_after": months_after,
    "point_reached": point_reached,
    "ratio_add": ratio_add,
    "ratio_compare": ratio_compare,
    "ratio_div": ratio_div,
    "ratio_mul": ratio_mul,
    "ratio_sub": ratio_sub,
    "working_days_after": working_days_after,
}
